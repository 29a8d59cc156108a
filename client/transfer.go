package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	"github.com/ptero-go/ptero/gen/clientapi"
	"github.com/ptero-go/ptero/internal/foldersync"
	"github.com/ptero-go/ptero/internal/rest"
)

// Download is the content of a file or backup that is being downloaded. It must
// be closed. A content that is cut short ends in an [*Error], never in a plain
// io.EOF.
type Download struct {
	io.ReadCloser

	// Name is the file name that the node gives, or "" if that is missing or not
	// usable here. It contains no slash.
	Name string

	// Size is the length of the content in bytes, -1 if it is not known.
	Size int64
}

// Download opens a file of any size, which comes from the node by a signed URL.
// A missing file gives an error with status 404 or 500.
//
// Endpoint: GET /api/client/servers/{server}/files/download
// Endpoint: GET {wings}/download/file
func (s *FilesService) Download(ctx context.Context, server, file string) (*Download, error) {
	return download(ctx, s.core, rest.DownloadFile, func() (*clientapi.SignedURL, error) {
		return rest.Item[clientapi.SignedURL](s.api.ClientGetFileDownload(ctx, server,
			// The Panel decodes the name once more than usual.
			&clientapi.ClientGetFileDownloadParams{File: strings.ReplaceAll(file, "%", "%25")},
			rest.ID("server", server), rest.NotEmpty("file", file), names(server, "file", file)))
	})
}

// DownloadFile downloads a file of the server into the file localPath. It is
// written under a temporary name beside it, synced to the disk and then renamed,
// so there is never half a file under that name. A localPath that names a folder
// is refused.
func (s *FilesService) DownloadFile(ctx context.Context, server, file, localPath string, opts SaveOptions) error {
	return saveFile(ctx, localPath, opts, func() (*Download, error) { return s.Download(ctx, server, file) })
}

// Download opens a backup, a .tar.gz, which comes from the node or the store
// that holds it by a signed URL.
//
// Endpoint: GET /api/client/servers/{server}/backups/{backup}/download
// Endpoint: GET {wings}/download/backup
func (s *BackupsService) Download(ctx context.Context, server, backup string) (*Download, error) {
	return download(ctx, s.core, rest.DownloadBackup, func() (*clientapi.SignedURL, error) {
		return rest.Item[clientapi.SignedURL](s.api.ClientGetBackupDownload(ctx, server, backup,
			rest.ID("server", server), rest.ID("backup", backup)))
	})
}

// DownloadFile downloads a backup into the file localPath, as
// [FilesService.DownloadFile] does.
func (s *BackupsService) DownloadFile(ctx context.Context, server, backup, localPath string, opts SaveOptions) error {
	return saveFile(ctx, localPath, opts, func() (*Download, error) { return s.Download(ctx, server, backup) })
}

// download uses a signed URL, and another one if the connection failed.
func download(ctx context.Context, core *rest.Core, operation *rest.Operation, sign func() (*clientapi.SignedURL, error)) (*Download, error) {
	for again := true; ; again = false {
		signed, err := sign()
		if err != nil {
			return nil, err
		}
		d, err := newDownload(core.Transfer(ctx, operation, signed.URL, nil))
		if !again || !rest.Interrupted(ctx, err) {
			return d, err
		}
	}
}

// newDownload returns the Download of an answer to a signed URL.
func newDownload(resp *http.Response, err error) (*Download, error) {
	body, size, err := rest.Stream(resp, err)
	if err != nil {
		return nil, err
	}
	d := &Download{ReadCloser: body, Size: size}
	if _, params, err := mime.ParseMediaType(resp.Header.Get("Content-Disposition")); err == nil {
		d.Name = plainName(params["filename"])
	}
	return d, nil
}

// plainName returns the last element of a path, or "" if that is not usable as a
// file name.
func plainName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	if name == "." || !filepath.IsLocal(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return ""
	}
	return name
}

// SaveOptions sets how to save a download.
type SaveOptions struct {
	// Overwrite replaces an existing file. Without it, an existing file stays as
	// it is and gives an error that matches [os.ErrExist].
	Overwrite bool

	// Progress is called from time to time with the number of bytes so far and
	// the size, which is -1 if it is unknown. It may be nil.
	Progress func(done, size int64)
}

// saveFile downloads into a file. It checks what it can before anything is sent.
func saveFile(ctx context.Context, localPath string, opts SaveOptions, get func() (*Download, error)) error {
	if localPath == "" || os.IsPathSeparator(localPath[len(localPath)-1]) {
		return &ArgumentError{Argument: "localPath", Problem: fmt.Sprintf("is %q, but must name a file", localPath)}
	}
	folder, err := os.OpenRoot(filepath.Dir(localPath))
	if err != nil {
		return err
	}
	name := filepath.Base(localPath)
	if info, err := os.Stat(localPath); err == nil && !info.Mode().IsRegular() {
		_ = folder.Close()
		return &os.PathError{Op: "save", Path: localPath, Err: errors.New("exists and is not a regular file")}
	}
	if _, err := folder.Lstat(name); err == nil && !opts.Overwrite {
		_ = folder.Close()
		return &os.PathError{Op: "save", Path: localPath, Err: os.ErrExist}
	}
	from, err := get()
	if err != nil {
		_ = folder.Close()
		return err
	}
	save := func() (struct{}, error) {
		defer func() { _ = folder.Close() }()
		return struct{}{}, from.save(folder, name, opts)
	}
	// Reads of the download end with ctx, but a Progress or a disk may block.
	_, err = rest.Within(ctx, blockedTime, save, func(struct{}, error) {})
	return err
}

// blockedTime is how long after the end of its context a download still waits for
// a callback or a disk.
const blockedTime = time.Second

// save writes the download into a file of a folder and closes it.
func (d *Download) save(folder *os.Root, name string, opts SaveOptions) error {
	defer func() { _ = d.Close() }()
	content := &foldersync.CountingReader{Reader: d, Count: func(done int64) {
		if opts.Progress != nil {
			opts.Progress(done, d.Size)
		}
	}}
	if err := foldersync.Place(folder, name, content, foldersync.Placing{Size: d.Size, Overwrite: opts.Overwrite}); err != nil {
		return err
	}
	foldersync.SyncNames(folder, ".")
	return nil
}

// UploadFile is a file to upload. [LocalFile], [FileBytes] and [FileReader]
// return one.
type UploadFile struct {
	// Name is the name on the server, without a path.
	Name string

	// Size is the length in bytes, -1 if it is not known.
	Size int64

	// Open opens the content, which is closed after it has been read. It is
	// called again if the upload is repeated. It must not be nil.
	Open func() (io.ReadCloser, error)

	// Progress is called from time to time, on another goroutine, with the
	// number of bytes read so far. It may be nil.
	Progress func(done int64)

	once   bool // Open works once
	memory bool // the content is in memory
}

// LocalFile returns the file at localPath, to upload under its own name. It is
// opened when it is sent.
func LocalFile(localPath string) (UploadFile, error) {
	info, err := os.Stat(localPath)
	if err != nil {
		return UploadFile{}, err
	}
	if !info.Mode().IsRegular() {
		return UploadFile{}, &os.PathError{Op: "upload", Path: localPath, Err: errors.New("is not a regular file")}
	}
	return UploadFile{
		Name: filepath.Base(localPath),
		Size: info.Size(),
		Open: func() (io.ReadCloser, error) { return os.Open(localPath) }, //nolint:gosec // the caller names it
	}, nil
}

// FileBytes returns a file with the given content.
func FileBytes(name string, content []byte) UploadFile {
	return UploadFile{
		Name: name,
		Size: int64(len(content)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },

		memory: true,
	}
}

// FileReader returns a file whose content is read from content: size bytes, or
// -1 if that is unknown. It can be uploaded once, and such an upload is not
// repeated. The content is not closed.
func FileReader(name string, content io.Reader, size int64) UploadFile {
	file := UploadFile{Name: name, Size: size, once: true}
	if content == nil {
		return file // which Upload refuses
	}
	var used atomic.Bool
	file.Open = func() (io.ReadCloser, error) {
		if used.Swap(true) {
			return nil, errors.New("its content has been read already")
		}
		return io.NopCloser(content), nil
	}
	return file
}

// Upload stores files in a directory of the server, replacing files of the same
// names; a missing directory is created. The contents are streamed to the node
// by a signed URL, in one request. A file larger than the node's limit, 100 MiB
// unless configured otherwise, gives an error with status 400 after it was sent.
//
// A signed URL works once. If it had expired on arrival, or the connection
// broke, the upload is repeated once with a new URL, unless a content came from
// [FileReader].
//
// Upload returns when ctx ends, even if a Read of a content blocks. That Read,
// or the Open or Progress that blocks, may then still be running, on a goroutine
// that ends when it returns; nothing else of the files is used after Upload has
// returned.
//
// Endpoint: GET /api/client/servers/{server}/files/upload
// Endpoint: POST {wings}/upload/file
func (s *FilesService) Upload(ctx context.Context, server, directory string, files ...UploadFile) error {
	check := []rest.Editor{rest.ID("server", server), names(server, "directory", directory), atLeastOne("files", len(files))}
	seen := make(map[string]bool)
	for _, file := range files {
		check = append(check, uploadName(server, file.Name))
		switch {
		case seen[file.Name]:
			check = append(check, rest.Refuse("files", fmt.Sprintf("has two files called %q, of which one would replace the other", file.Name)))
		case file.Open == nil:
			check = append(check, rest.Refuse("files", fmt.Sprintf("has no content for %q: its Open is nil", file.Name)))
		}
		seen[file.Name] = true
	}
	content, err := formOf(files)
	if err != nil {
		return err
	}
	err = s.uploadOnce(ctx, server, directory, content, check)
	if !content.Once && mayRepeat(ctx, err) {
		err = s.uploadOnce(ctx, server, directory, content, check)
	}
	return err
}

// mayRepeat reports whether an upload failed in a way that another URL may fix:
// Wings says that the URL has been used (404), its token is no longer valid
// (500), or the connection broke.
func mayRepeat(ctx context.Context, err error) bool {
	var e *Error
	if !errors.As(err, &e) || e.Operation != rest.UploadFiles.ID {
		return false
	}
	return e.StatusCode == http.StatusNotFound || e.StatusCode == http.StatusInternalServerError || rest.Interrupted(ctx, err)
}

// uploadName refuses a name that the node would cut or could not read, or that
// leads elsewhere.
func uploadName(server, name string) rest.Editor {
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, `/\`) || strings.ContainsFunc(name, isControl) {
		return rest.Refuse("files", fmt.Sprintf("has a file called %q, which is not a file name", name))
	}
	return names(server, "files", name)
}

// isControl reports whether the header of a part of a form cannot hold a
// character.
func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// uploadOnce asks for a signed URL and uses it.
func (s *FilesService) uploadOnce(ctx context.Context, server, directory string, content *rest.Content, checks []rest.Editor) error {
	signed, err := rest.Item[clientapi.SignedURL](s.api.ClientGetFileUpload(ctx, server, rest.Checks(checks...)))
	if err != nil {
		return err
	}
	target, err := rest.AddQuery(signed.URL, "directory", orRoot(directory))
	if err != nil {
		return err
	}
	return rest.None(s.core.Transfer(ctx, rest.UploadFiles, target, content))
}

// form is a multipart body whose files are opened when they are sent.
type form struct {
	parts   []func() (io.ReadCloser, error) // still to open
	current io.ReadCloser                   // nil before the first part
}

// formOf returns the files as the content of a form.
func formOf(files []UploadFile) (*rest.Content, error) {
	var markup bytes.Buffer
	writer := multipart.NewWriter(&markup)
	var parts []func() (io.ReadCloser, error)
	content := &rest.Content{Type: writer.FormDataContentType(), InMemory: true}
	add := func(size int64, open func() (io.ReadCloser, error)) {
		parts = append(parts, open)
		if size < 0 || content.Length < 0 {
			content.Length = -1
			return
		}
		content.Length += size
	}
	text := func() {
		text := bytes.Clone(markup.Bytes())
		markup.Reset()
		add(int64(len(text)), func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil })
	}
	for _, file := range files {
		if _, err := writer.CreateFormFile("files", file.Name); err != nil {
			return nil, err
		}
		text()
		add(file.Size, file.content)
		content.Once = content.Once || file.once
		content.InMemory = content.InMemory && file.memory && file.Progress == nil
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	text()
	content.Open = func() (io.ReadCloser, error) { return &form{parts: parts}, nil }
	return content, nil
}

// content opens the file and checks its size.
func (u *UploadFile) content() (io.ReadCloser, error) {
	content, err := u.Open()
	if err == nil && content == nil {
		err = errors.New("there is neither a content nor an error")
	}
	if err != nil {
		return nil, fmt.Errorf("open %s to upload it: %w", u.Name, err)
	}
	progress := u.Progress
	if progress == nil {
		progress = func(int64) {}
	}
	return struct {
		io.Reader
		io.Closer
	}{&sizedReader{foldersync.CountingReader{Reader: content, Count: progress}, u.Name, u.Size}, content}, nil
}

// sizedReader ends in an error unless the content has the given size.
type sizedReader struct {
	foldersync.CountingReader
	name string
	size int64 // -1 for any
}

func (r *sizedReader) Read(p []byte) (int, error) {
	n, err := r.CountingReader.Read(p)
	if r.size >= 0 && (r.Done > r.size || errors.Is(err, io.EOF) && r.Done < r.size) {
		return n, fmt.Errorf("%s does not have the announced size of %d bytes", r.name, r.size)
	}
	return n, err
}

// Read implements [io.Reader].
func (f *form) Read(p []byte) (int, error) {
	for {
		if f.current == nil {
			if len(f.parts) == 0 {
				return 0, io.EOF
			}
			next, err := f.parts[0]()
			if err != nil {
				return 0, err
			}
			f.current, f.parts = next, f.parts[1:]
		}
		n, err := f.current.Read(p)
		if errors.Is(err, io.EOF) {
			_ = f.current.Close() // has been read
			f.current, err = nil, nil
		}
		if n != 0 || err != nil {
			return n, err
		}
	}
}

// Close implements [io.Closer].
func (f *form) Close() error {
	if f.current == nil {
		return nil
	}
	return f.current.Close()
}
