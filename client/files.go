package client

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ptero-go/ptero/gen/clientapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// FilesService are the files of a server. Paths begin at the root of the
// server's files, with or without a slash. Give the server by its whole UUID:
// with the short identifier the Panel takes blanks off the ends of names, so
// such names are refused then.
type FilesService service

// archiveTimeout is what packing and unpacking may take: the Panel waits 15
// minutes for the node.
const archiveTimeout = 16 * time.Minute

// List gets what a directory holds, in no certain order. An empty directory
// means the root. A directory that does not exist gives [ErrDaemon] with status
// 500.
//
// Endpoint: GET /api/client/servers/{server}/files/list
func (s *FilesService) List(ctx context.Context, server, directory string) ([]*File, error) {
	return rest.List[File](s.api.ClientListFiles(ctx, server,
		&clientapi.ClientListFilesParams{Directory: rest.Optional(directory)},
		rest.ID("server", server), names(server, "directory", directory)))
}

// Read gets the content of a small file, at most 4 MiB unless the panel is set
// up otherwise; a larger one gives an error with code
// "FileSizeTooLargeException", use [FilesService.Download] for it. A missing file
// gives [ErrDaemon] with status 500, or [ErrNotFound] with Wings before 1.11.9.
//
// Endpoint: GET /api/client/servers/{server}/files/contents
func (s *FilesService) Read(ctx context.Context, server, file string) ([]byte, error) {
	text, err := rest.Text(s.api.ClientGetFileContents(ctx, server,
		&clientapi.ClientGetFileContentsParams{File: file},
		rest.ID("server", server), rest.NotEmpty("file", file), names(server, "file", file)))
	if err != nil {
		return nil, err
	}
	return []byte(text), nil
}

// Write stores content as a file, byte for byte, in place of what it held; a
// file that does not exist is created, its directories too. A nil content makes
// an empty file. The memory that this takes does not grow with the content: a
// content of unknown length (one that is neither an [io.Seeker] nor of a type such
// as [bytes.Buffer]) is put into a temporary file first, because the node needs
// the length.
//
// Write returns when ctx ends, even if a Read of content blocks. That Read may
// then still be going on, in a goroutine that ends with it; nothing else of
// content is used after Write has returned.
//
// Endpoint: POST /api/client/servers/{server}/files/write
func (s *FilesService) Write(ctx context.Context, server, file string, content io.Reader) error {
	body := measuredBody{content: content}
	defer body.close()
	// Not JSON, whatever the file is: the Panel would parse it.
	return rest.None(s.api.ClientWriteFileWithBody(ctx, server,
		&clientapi.ClientWriteFileParams{File: file}, "text/plain", nil,
		rest.ID("server", server), rest.NotEmpty("file", file), names(server, "file", file), body.edit))
}

// Rename renames or moves files within the directory root. A target that exists
// gives an error with status 400. A source that is missing is passed over in
// silence.
//
// Endpoint: PUT /api/client/servers/{server}/files/rename
func (s *FilesService) Rename(ctx context.Context, server, root string, files ...FileRename) error {
	checks := []rest.Editor{rest.ID("server", server), namesInJSON(server, "root", root), atLeastOne("files", len(files))}
	for _, file := range files {
		checks = append(checks, rest.NotEmpty("files.From", file.From), rest.NotEmpty("files.To", file.To),
			namesInJSON(server, "files", file.From, file.To))
	}
	return rest.None(s.api.ClientRenameFiles(ctx, server, RenameFilesRequest{Root: orRoot(root), Files: files},
		rest.Checks(checks...)))
}

// Copy makes a copy of a regular file in its directory: "name copy.ext", then
// "name copy 1.ext".
//
// Endpoint: POST /api/client/servers/{server}/files/copy
func (s *FilesService) Copy(ctx context.Context, server, file string) error {
	return rest.None(s.api.ClientCopyFile(ctx, server, CopyFileRequest{Location: file},
		rest.ID("server", server), rest.NotEmpty("file", file), namesInJSON(server, "file", file)))
}

// Delete deletes files and directories of the directory root. Missing ones are
// passed over in silence.
//
// Endpoint: POST /api/client/servers/{server}/files/delete
func (s *FilesService) Delete(ctx context.Context, server, root string, files ...string) error {
	return rest.None(s.api.ClientDeleteFiles(ctx, server, DeleteFilesRequest{Root: orRoot(root), Files: files},
		several(server, root, files)))
}

// Compress packs files and directories of the directory root into a .tar.gz
// there and returns it. It answers when the archive is done. A missing name is
// passed over in silence. Two calls within one second overwrite each other's
// archive.
//
// Endpoint: POST /api/client/servers/{server}/files/compress
func (s *FilesService) Compress(ctx context.Context, server, root string, files ...string) (*File, error) {
	root = orRoot(root)
	return rest.Item[File](s.api.ClientCompressFiles(ctx, server, CompressFilesRequest{Root: &root, Files: files},
		several(server, root, files), rest.Timeout(archiveTimeout)))
}

// Decompress unpacks an archive of the directory root there. It answers when
// all is unpacked. The formats are zip, tar (also gz, xz, bz2), rar, 7z and
// others.
//
// Endpoint: POST /api/client/servers/{server}/files/decompress
func (s *FilesService) Decompress(ctx context.Context, server, root, file string) error {
	root = orRoot(root)
	return rest.None(s.api.ClientDecompressFile(ctx, server, DecompressFileRequest{Root: &root, File: file},
		several(server, root, []string{file}), rest.Timeout(archiveTimeout)))
}

// CreateFolder makes a directory in the directory root. One that exists is no
// error.
//
// Endpoint: POST /api/client/servers/{server}/files/create-folder
func (s *FilesService) CreateFolder(ctx context.Context, server, root, name string) error {
	root = orRoot(root)
	return rest.None(s.api.ClientCreateFolder(ctx, server, CreateFolderRequest{Root: &root, Name: name},
		several(server, root, []string{name})))
}

// Chmod sets the permission bits of a file in the directory root, such as
// 0o644. A missing file is passed over in silence.
//
// Endpoint: POST /api/client/servers/{server}/files/chmod
func (s *FilesService) Chmod(ctx context.Context, server, root, file string, mode os.FileMode) error {
	bits := fmt.Sprintf("%03o", mode.Perm())
	return rest.None(s.api.ClientChmodFiles(ctx, server,
		ChmodFilesRequest{Root: orRoot(root), Files: []FileMode{{File: file, Mode: bits}}},
		several(server, root, []string{file})))
}

// Pull has the node download a file. Unless the request asks for the
// foreground, the call returns at once and how the download ends cannot be
// learned. A server may pull 10 times in 5 minutes, and 3 files at a time; the
// node must allow it.
//
// Endpoint: POST /api/client/servers/{server}/files/pull
func (s *FilesService) Pull(ctx context.Context, server string, req PullFileRequest) error {
	return rest.None(s.api.ClientPullFile(ctx, server, req, rest.ID("server", server), rest.NotEmpty("URL", req.URL)))
}

// orRoot returns the directory, or the root for none.
func orRoot(directory string) string {
	if directory == "" {
		return "/"
	}
	return directory
}

// several checks the files of a call about some of a directory.
func several(server, root string, files []string) rest.Editor {
	checks := []rest.Editor{
		rest.ID("server", server), namesInJSON(server, "root", root), atLeastOne("files", len(files)),
		namesInJSON(server, "files", files...),
	}
	for _, file := range files {
		checks = append(checks, rest.NotEmpty("files", file))
	}
	return rest.Checks(checks...)
}

func atLeastOne(argument string, n int) rest.Editor {
	if n == 0 {
		return rest.Refuse(argument, "names no file")
	}
	return rest.Refuse(argument, "")
}

// uuidLength is the length of a UUID in text.
const uuidLength = 36

// names refuses paths that the Panel would change: NUL bytes end a path, and
// with a short identifier of the server blanks are taken off its ends.
func names(server, argument string, paths ...string) rest.Editor {
	for _, path := range paths {
		switch {
		case strings.ContainsRune(path, 0):
			return rest.Refuse(argument, "holds a NUL byte")
		case len(server) != uuidLength && strings.TrimSpace(path) != path:
			return rest.Refuse(argument, fmt.Sprintf("is %q, whose blanks at the ends survive only with the server's whole UUID", path))
		}
	}
	return rest.Refuse(argument, "")
}

// namesInJSON is names for those that JSON carries, which would turn what is no
// UTF-8 into the name of another file.
func namesInJSON(server, argument string, paths ...string) rest.Editor {
	for _, path := range paths {
		if !utf8.ValidString(path) {
			return rest.Refuse(argument, fmt.Sprintf("is %q, which is not valid UTF-8", path))
		}
	}
	return names(server, argument, paths...)
}
