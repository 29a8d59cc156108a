package client

import (
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ptero-go/ptero/gen/clientapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// FilesService manages the files of a server. A file or folder is named by its
// full path from the root of the server's files, such as "/plugins/chat.jar".
// Methods that take a single file to read or write, or a directory, also accept
// paths without the leading slash; the others require it.
//
// Name the server by its complete UUID: with the short identifier the Panel
// trims spaces from the ends of file names, so such names are refused then.
type FilesService service

// archiveTimeout is how long packing and unpacking may take: the Panel waits 15
// minutes for the node.
const archiveTimeout = 16 * time.Minute

// List returns what a folder holds, in no particular order. An empty directory
// means the root. A folder that does not exist gives [ErrDaemon] with status
// 500.
//
// Endpoint: GET /api/client/servers/{server}/files/list
func (s *FilesService) List(ctx context.Context, server, directory string) ([]*File, error) {
	return rest.List[File](s.api.ClientListFiles(ctx, server,
		&clientapi.ClientListFilesParams{Directory: rest.Optional(directory)},
		rest.ID("server", server), names(server, "directory", directory)))
}

// Read returns the content of a small file, at most 4 MiB unless the Panel is
// configured otherwise. A larger file gives an error with code
// "FileSizeTooLargeException"; use [FilesService.Download] for it. A missing
// file gives [ErrDaemon] with status 500, or [ErrNotFound] with Wings before
// 1.11.9.
//
// Pelican turns the content into UTF-8, which changes any file that is none:
// [FilesService.Download] gets its bytes.
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

// Write stores content as a file, byte for byte, replacing an existing file;
// missing directories are created. A nil content makes an empty file. Memory use
// does not grow with the content: a content of unknown length (one that is
// neither an [io.Seeker] nor of a type such as [bytes.Buffer]) is copied into a
// temporary file first, because the node needs the length.
//
// Write returns when ctx ends, even if a Read of content blocks. That Read may
// then still be running, on a goroutine that ends when it returns; nothing else
// of content is used after Write has returned.
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

// Rename changes the path of a file or folder, which moves it if the new path is
// in another folder; missing folders are created. A target that exists gives an
// error with status 400. The Panel silently ignores a source that does not
// exist.
//
// Endpoint: PUT /api/client/servers/{server}/files/rename
func (s *FilesService) Rename(ctx context.Context, server, from, to string) error {
	root, names := splitPaths([]string{from, to})
	req := clientapi.RenameFilesRequest{Root: root, Files: []clientapi.FileRename{{From: names[0], To: names[1]}}}
	return rest.None(s.api.ClientRenameFiles(ctx, server, req,
		rest.ID("server", server), named("from", from), named("to", to),
		namesInJSON(server, "from", root, names[0]), namesInJSON(server, "to", names[1])))
}

// Copy copies a regular file within its folder, to "name copy.ext", then "name
// copy 1.ext".
//
// Endpoint: POST /api/client/servers/{server}/files/copy
func (s *FilesService) Copy(ctx context.Context, server, file string) error {
	return rest.None(s.api.ClientCopyFile(ctx, server, clientapi.CopyFileRequest{Location: file},
		rest.ID("server", server), rest.NotEmpty("file", file), namesInJSON(server, "file", file)))
}

// Delete deletes files and folders, including all that the folders hold. Paths
// that do not exist are ignored. The root cannot be deleted.
//
// Endpoint: POST /api/client/servers/{server}/files/delete
func (s *FilesService) Delete(ctx context.Context, server string, paths ...string) error {
	root, names := splitPaths(paths)
	return rest.None(s.api.ClientDeleteFiles(ctx, server, clientapi.DeleteFilesRequest{Root: root, Files: names},
		rest.ID("server", server), somePaths(server, paths)))
}

// Compress packs files and folders into a .tar.gz and returns it. The archive is
// created in the deepest folder that contains all of them: for a single file,
// beside it. The node names it archive-2006-01-02T150405Z.tar.gz by its own
// clock, so two calls within one second overwrite each other's archive. The call
// returns when the archive is complete, which may take minutes. Paths that do
// not exist are ignored. The archive holds files and links; folders without any
// are lost.
//
// Endpoint: POST /api/client/servers/{server}/files/compress
func (s *FilesService) Compress(ctx context.Context, server string, paths ...string) (*FileEntry, error) {
	return s.compress(ctx, server, clientapi.CompressFilesRequest{}, paths, rest.Refuse("", ""))
}

// CompressAs is Compress with a name for the archive and its format, one of zip,
// tgz, tar.gz, txz, tar.xz, tbz2 and tar.bz2: "world" and "zip" give world.zip. An
// empty one leaves it to the node. Pelican only.
func (s *FilesService) CompressAs(ctx context.Context, server, name, format string, paths ...string) (*FileEntry, error) {
	served := rest.Refuse("", "")
	if s.core.Flavor() != Pelican {
		served = s.core.Unsupported("", "Files.Compress packs a .tar.gz under a name that the node chooses.")
	}
	return s.compress(ctx, server, clientapi.CompressFilesRequest{Name: name, Extension: format}, paths, served)
}

func (s *FilesService) compress(ctx context.Context, server string, req clientapi.CompressFilesRequest, paths []string, served rest.Editor) (*FileEntry, error) {
	root, names := splitPaths(paths)
	req.Root, req.Files = &root, names
	file, err := rest.Item[File](s.api.ClientCompressFiles(ctx, server, req,
		rest.ID("server", server), somePaths(server, paths), namesInJSON(server, "name", req.Name), served, rest.Timeout(archiveTimeout)))
	if err != nil {
		return nil, err
	}
	return &FileEntry{Path: path.Join(root, file.Name), File: file}, nil
}

// Decompress unpacks an archive into the folder that contains it, replacing
// existing files. The call returns when all is unpacked, which may take minutes.
// The formats are zip, tar (also with gz, xz, bz2), rar, 7z and others. A
// missing archive gives [ErrDaemon] with status 500.
//
// Endpoint: POST /api/client/servers/{server}/files/decompress
func (s *FilesService) Decompress(ctx context.Context, server, archive string) error {
	root, name := splitPath(archive)
	return rest.None(s.api.ClientDecompressFile(ctx, server, clientapi.DecompressFileRequest{Root: &root, File: name},
		rest.ID("server", server), onePath(server, "archive", archive), rest.Timeout(archiveTimeout)))
}

// CreateFolder creates a folder and its parents. It is not an error if the
// folder exists.
//
// Endpoint: POST /api/client/servers/{server}/files/create-folder
func (s *FilesService) CreateFolder(ctx context.Context, server, folder string) error {
	root, name := splitPath(folder)
	return rest.None(s.api.ClientCreateFolder(ctx, server, clientapi.CreateFolderRequest{Root: &root, Name: name},
		rest.ID("server", server), onePath(server, "folder", folder)))
}

// Chmod sets the permission bits of files and folders, such as 0o644; other bits
// of the mode are ignored. It does not change what a folder holds. Paths that do
// not exist are ignored.
//
// Endpoint: POST /api/client/servers/{server}/files/chmod
func (s *FilesService) Chmod(ctx context.Context, server string, mode os.FileMode, paths ...string) error {
	root, names := splitPaths(paths)
	req := clientapi.ChmodFilesRequest{Root: root, Files: make([]clientapi.FileMode, len(names))}
	for i, name := range names {
		req.Files[i] = clientapi.FileMode{File: name, Mode: fmt.Sprintf("%03o", mode.Perm())}
	}
	return rest.None(s.api.ClientChmodFiles(ctx, server, req,
		rest.ID("server", server), somePaths(server, paths)))
}

// Pull makes the node download a file. Unless the request asks for the
// foreground, the call returns at once, and there is no way to learn how the
// download ends. A server may pull 10 times in 5 minutes, and 3 files at a time;
// the node must allow it.
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

// fullPath returns a cleaned path from the root of the server's files. Like the
// node, it does not let a path lead above the root.
func fullPath(name string) string { return path.Join("/", name) }

// splitPath returns the folder that a path is in, and its name there.
func splitPath(name string) (folder, base string) {
	folder, base = path.Split(fullPath(name))
	return path.Clean(folder), base
}

// splitPaths returns the deepest folder that contains all paths, and their names
// relative to it: the Panel takes files of one folder in a call.
func splitPaths(paths []string) (folder string, names []string) {
	names = make([]string, len(paths))
	for i, name := range paths {
		parent, _ := splitPath(name)
		if i == 0 {
			folder = parent
		}
		for folder != "/" && folder != parent && !strings.HasPrefix(parent, folder+"/") {
			folder = path.Dir(folder)
		}
	}
	for i, name := range paths {
		names[i] = strings.TrimPrefix(strings.TrimPrefix(fullPath(name), folder), "/")
	}
	return folder, names
}

// named refuses anything but the full path of a file or folder.
func named(argument, name string) rest.Editor {
	switch {
	case name == "":
		return rest.Refuse(argument, "is empty")
	case !strings.HasPrefix(name, "/"): // it may be meant to lie in some folder
		return rest.Refuse(argument, fmt.Sprintf("is %q, but a full path begins with a slash", name))
	case fullPath(name) == "/":
		return rest.Refuse(argument, fmt.Sprintf("is %q, the root of the server's files", name))
	}
	return rest.Refuse(argument, "")
}

// onePath checks a path, and the two texts that it becomes in the body of the
// request.
func onePath(server, argument, name string) rest.Editor {
	folder, base := splitPath(name)
	return rest.Checks(named(argument, name), namesInJSON(server, argument, folder, base))
}

// somePaths is onePath for any number of paths.
func somePaths(server string, paths []string) rest.Editor {
	folder, bases := splitPaths(paths)
	checks := []rest.Editor{atLeastOne("paths", len(paths))}
	for _, name := range paths {
		checks = append(checks, named("paths", name))
	}
	return rest.Checks(append(checks, namesInJSON(server, "paths", folder), namesInJSON(server, "paths", bases...))...)
}

func atLeastOne(argument string, n int) rest.Editor {
	if n == 0 {
		return rest.Refuse(argument, "names no file")
	}
	return rest.Refuse(argument, "")
}

// uuidLength is the length of a UUID in text.
const uuidLength = 36

// names refuses texts that the Panel would change: NUL bytes end a path, and
// with a short identifier of the server, spaces are trimmed from the ends.
func names(server, argument string, texts ...string) rest.Editor {
	for _, text := range texts {
		switch {
		case strings.ContainsRune(text, 0):
			return rest.Refuse(argument, "holds a NUL byte")
		case len(server) != uuidLength && strings.TrimSpace(text) != text:
			return rest.Refuse(argument, fmt.Sprintf("holds %q, whose spaces at the ends survive only with the server's whole UUID", text))
		}
	}
	return rest.Refuse(argument, "")
}

// namesInJSON is names for texts in JSON, where a name that is not valid UTF-8
// would become that of another file.
func namesInJSON(server, argument string, texts ...string) rest.Editor {
	for _, text := range texts {
		if !utf8.ValidString(text) {
			return rest.Refuse(argument, fmt.Sprintf("holds %q, which is not valid UTF-8", text))
		}
	}
	return names(server, argument, texts...)
}
