package client

// FilesService are the files of a server.
type FilesService service
