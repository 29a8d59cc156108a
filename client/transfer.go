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
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/ptero-go/ptero/gen/clientapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// Download is the content of a file or backup on its way. It must be closed. A
// content that breaks off ends in an [*Error], never in a plain io.EOF.
type Download struct {
	io.ReadCloser

	// Name is the file name that the node gives, "" if it gives none that is
	// fit to be one here: it holds no slash.
	Name string

	// Size is the length of the content in bytes, -1 if it is not known.
	Size int64
}

// Download gets the content of a file of any size, from the node by a signed URL.
// A missing file gives an error with status 404 or 500.
//
// Endpoint: GET /api/client/servers/{server}/files/download
// Endpoint: GET {wings}/download/file
func (s *FilesService) Download(ctx context.Context, server, file string) (*Download, error) {
	signed, err := rest.Item[SignedURL](s.api.ClientGetFileDownload(ctx, server,
		// The Panel decodes the name once more than usual.
		&clientapi.ClientGetFileDownloadParams{File: strings.ReplaceAll(file, "%", "%25")},
		rest.ID("server", server), rest.NotEmpty("file", file), names(server, "file", file)))
	if err != nil {
		return nil, err
	}
	return download(s.core.Transfer(ctx, rest.DownloadFile, signed.URL, nil))
}

// DownloadFile gets a file of the server into a file here. It is written beside
// its place under another name first, so that there is never half a file.
func (s *FilesService) DownloadFile(ctx context.Context, server, file, localPath string, opts SaveOptions) error {
	from, err := s.Download(ctx, server, file)
	if err != nil {
		return err
	}
	return from.saveFile(localPath, opts)
}

// Download gets the content of a backup, a .tar.gz, from the node or the store
// that holds it, by a signed URL.
//
// Endpoint: GET /api/client/servers/{server}/backups/{backup}/download
// Endpoint: GET {wings}/download/backup
func (s *BackupsService) Download(ctx context.Context, server, backup string) (*Download, error) {
	signed, err := rest.Item[SignedURL](s.api.ClientGetBackupDownload(ctx, server, backup,
		rest.ID("server", server), rest.ID("backup", backup)))
	if err != nil {
		return nil, err
	}
	return download(s.core.Transfer(ctx, rest.DownloadBackup, signed.URL, nil))
}

// DownloadFile gets a backup into a file here. It is written beside its place
// under another name first, so that there is never half a file.
func (s *BackupsService) DownloadFile(ctx context.Context, server, backup, localPath string, opts SaveOptions) error {
	from, err := s.Download(ctx, server, backup)
	if err != nil {
		return err
	}
	return from.saveFile(localPath, opts)
}

// download makes a Download of an answer to a signed URL.
func download(resp *http.Response, err error) (*Download, error) {
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

// plainName returns the last element of a path, or "" if that is no name to give
// to a file.
func plainName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	if name == "." || !filepath.IsLocal(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return ""
	}
	return name
}

// SaveOptions tells how to save a download.
type SaveOptions struct {
	// Overwrite replaces a file that exists. Without it, such a file is left
	// alone and gives an error matching [os.ErrExist].
	Overwrite bool

	// Progress is called now and then with the number of bytes so far and the
	// size, which is -1 if it is not known. It may be nil.
	Progress func(done, size int64)
}

// saveFile writes the download into a file and closes it.
func (d *Download) saveFile(localPath string, opts SaveOptions) error {
	folder, err := os.OpenRoot(filepath.Dir(localPath))
	if err != nil {
		_ = d.Close()
		return err
	}
	defer func() { _ = folder.Close() }()
	return d.save(folder, filepath.Base(localPath), opts)
}

// save writes the download into a file of a folder and closes it.
func (d *Download) save(folder *os.Root, name string, opts SaveOptions) error {
	defer func() { _ = d.Close() }()
	if _, err := folder.Lstat(name); err == nil && !opts.Overwrite {
		return errExists(folder, name)
	}
	part, err := createPart(folder, name)
	if err != nil {
		return err
	}
	partName := path.Join(path.Dir(name), filepath.Base(part.Name()))
	defer func() {
		_ = part.Close()
		_ = folder.Remove(partName) // unless it was renamed
	}()
	progress := func(done int64) {
		if opts.Progress != nil {
			opts.Progress(done, d.Size)
		}
	}
	written, err := io.Copy(part, &progressReader{d, progress, 0})
	if err != nil {
		return err
	}
	if d.Size >= 0 && written != d.Size {
		return fmt.Errorf("save %s: got %d bytes of %d", name, written, d.Size)
	}
	if err := part.Close(); err != nil {
		return err
	}
	if !opts.Overwrite {
		switch err := folder.Link(partName, name); { // fails if there is a file by now
		case err == nil:
			return nil
		case errors.Is(err, os.ErrExist):
			return errExists(folder, name)
		}
		// A file system without links.
	}
	return folder.Rename(partName, name)
}

func errExists(folder *os.Root, name string) error {
	return &os.PathError{Op: "save", Path: filepath.Join(folder.Name(), name), Err: os.ErrExist}
}

// createPart makes the file that a download is written to, beside its place so
// that it can be renamed, and with the permissions of any new file.
func createPart(folder *os.Root, name string) (*os.File, error) {
	base := path.Base(name)
	base = strings.ToValidUTF8(base[:min(len(base), longestPart)], "")
	for i := 0; ; i++ {
		part := path.Join(path.Dir(name), fmt.Sprintf(".%s.%d.part", base, i))
		file, err := folder.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if err == nil || !errors.Is(err, os.ErrExist) || i == 10000 {
			return file, err
		}
	}
}

// longestPart is how much of a file's name stands in that of its part, so that a
// part can have a name wherever the file can.
const longestPart = 100

// progressReader tells how far it has been read.
type progressReader struct {
	io.Reader
	progress func(done int64)
	done     int64
}

func (r *progressReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if n > 0 {
		r.done += int64(n)
		r.progress(r.done)
	}
	return n, err
}

// UploadFile is a file to upload. [LocalFile], [FileBytes] and [FileReader] make
// one.
type UploadFile struct {
	// Name is the name on the server, without a path.
	Name string

	// Size is the length in bytes, -1 if it is not known.
	Size int64

	// Open opens the content. It is called again if the upload is repeated.
	Open func() (io.ReadCloser, error)

	// Progress is called now and then with the number of bytes read so far. It
	// may be nil.
	Progress func(done int64)

	once bool // Open works once
}

// LocalFile returns the file at localPath, to upload under its own name. It is
// opened when its turn comes.
func LocalFile(localPath string) (UploadFile, error) {
	info, err := os.Stat(localPath)
	if err != nil {
		return UploadFile{}, err
	}
	if !info.Mode().IsRegular() {
		return UploadFile{}, &os.PathError{Op: "upload", Path: localPath, Err: errors.New("is no regular file")}
	}
	return UploadFile{
		Name: filepath.Base(localPath),
		Size: info.Size(),
		Open: func() (io.ReadCloser, error) { return os.Open(localPath) }, //nolint:gosec // the caller names it
	}, nil
}

// FileBytes returns a file that holds content.
func FileBytes(name string, content []byte) UploadFile {
	return UploadFile{
		Name: name,
		Size: int64(len(content)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
	}
}

// FileReader returns a file that holds what is read from content, size bytes or
// -1 if that is not known. It can be read once, so the upload is not repeated.
func FileReader(name string, content io.Reader, size int64) UploadFile {
	return UploadFile{
		Name: name,
		Size: size,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(content), nil },
		once: true,
	}
}

// Upload stores files in a directory of the server, replacing files of the same
// names; a missing directory is made. The contents stream to the node by a signed
// URL, in one request. A file larger than the node's limit, 100 MiB unless set
// up otherwise, gives an error with status 400, after it was sent.
//
// A signed URL works once. Where it had expired on arrival, or the connection
// broke, the upload is repeated once with a new one, unless a content came from
// [FileReader].
//
// Endpoint: GET /api/client/servers/{server}/files/upload
// Endpoint: POST {wings}/upload/file
func (s *FilesService) Upload(ctx context.Context, server, directory string, files ...UploadFile) error {
	check := []rest.Editor{rest.ID("server", server), names(server, "directory", directory), atLeastOne("files", len(files))}
	for _, file := range files {
		check = append(check, uploadName(server, file.Name))
	}
	err := s.uploadOnce(ctx, server, directory, files, check)
	if mayRepeat(err, files) {
		err = s.uploadOnce(ctx, server, directory, files, check)
	}
	return err
}

// mayRepeat tells that an upload failed in a way that another URL may cure: Wings
// knows the URL as used (404), its token is no longer good (500), or the
// connection broke.
func mayRepeat(err error, files []UploadFile) bool {
	var e *Error
	if !errors.As(err, &e) || e.Operation != rest.UploadFiles.ID ||
		slices.ContainsFunc(files, func(f UploadFile) bool { return f.once }) {
		return false
	}
	switch e.StatusCode {
	case http.StatusNotFound, http.StatusInternalServerError:
		return true
	case 0:
		return !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
	}
	return false
}

// uploadName refuses a name that the node would cut or could not read, or that
// leads elsewhere.
func uploadName(server, name string) rest.Editor {
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, `/\`) || strings.ContainsFunc(name, isControl) {
		return rest.Refuse("files", fmt.Sprintf("has a file called %q, which is no file name", name))
	}
	return names(server, "files", name)
}

// isControl tells what the head of a part of a form cannot hold.
func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// uploadOnce asks for a signed URL and uses it.
func (s *FilesService) uploadOnce(ctx context.Context, server, directory string, files []UploadFile, checks []rest.Editor) error {
	signed, err := rest.Item[SignedURL](s.api.ClientGetFileUpload(ctx, server, rest.Checks(checks...)))
	if err != nil {
		return err
	}
	target, err := rest.AddQuery(signed.URL, "directory", orRoot(directory))
	if err != nil {
		return err
	}
	form, err := newForm(files)
	if err != nil {
		return err
	}
	return rest.None(s.core.Transfer(ctx, rest.UploadFiles, target, &rest.Upload{
		Body: form, ContentType: form.contentType, Length: form.length,
	}))
}

// form is a multipart body whose files are opened when their turn comes. The
// transport closes it, maybe while it is being read.
type form struct {
	contentType string
	length      int64 // -1 if unknown

	mu      sync.Mutex
	parts   []func() (io.ReadCloser, error) // still to open
	current io.ReadCloser                   // nil before the first part
	closed  bool
}

// newForm lays out the body.
func newForm(files []UploadFile) (*form, error) {
	var markup bytes.Buffer
	writer := multipart.NewWriter(&markup)
	f := &form{contentType: writer.FormDataContentType()}
	text := func() {
		content := bytes.Clone(markup.Bytes())
		markup.Reset()
		f.add(int64(len(content)), func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil })
	}
	for _, file := range files {
		if _, err := writer.CreateFormFile("files", file.Name); err != nil {
			return nil, err
		}
		text()
		f.add(file.Size, file.content)
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	text()
	return f, nil
}

func (f *form) add(size int64, open func() (io.ReadCloser, error)) {
	f.parts = append(f.parts, open)
	if size < 0 || f.length < 0 {
		f.length = -1
		return
	}
	f.length += size
}

// content opens the file and holds it against its size.
func (u *UploadFile) content() (io.ReadCloser, error) {
	content, err := u.Open()
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
	}{&sizedReader{progressReader{content, progress, 0}, u.Name, u.Size}, content}, nil
}

// sizedReader ends in an error unless the content is as long as was said.
type sizedReader struct {
	progressReader
	name string
	size int64 // -1 for any
}

func (r *sizedReader) Read(p []byte) (int, error) {
	n, err := r.progressReader.Read(p)
	if r.size >= 0 && (r.done > r.size || errors.Is(err, io.EOF) && r.done < r.size) {
		return n, fmt.Errorf("%s has not the %d bytes that it was said to have", r.name, r.size)
	}
	return n, err
}

// Read implements [io.Reader].
func (f *form) Read(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for !f.closed {
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
			_ = f.current.Close()
			f.current, err = nil, nil
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
	return 0, os.ErrClosed
}

// Close implements [io.Closer].
func (f *form) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	if f.current == nil {
		return nil
	}
	return f.current.Close()
}
