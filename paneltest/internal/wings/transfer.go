package wings

import (
	"io"
	"mime/multipart"
	"net/http"
	"strconv"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
	"github.com/ptero-go/ptero/paneltest/internal/wings/files"
)

// What Wings says of signed URLs.
var (
	errTransferNotFound = &protocol.Error{Status: http.StatusNotFound, Message: "The requested resource was not found on this server."}
	errUploadForm       = &protocol.Error{Status: http.StatusBadRequest, Message: "Failed to get multipart form data from request."}
	errUploadEmpty      = &protocol.Error{Status: http.StatusBadRequest, Message: "No files were found on the request body."}
)

// redeem returns the server that a signed URL is for, and its token. The URL is
// used up, whatever comes of it.
func (d *Daemon) redeem(r *http.Request) (*Server, *accessToken, error) {
	token, err := d.parse(r.URL.Query().Get("token"))
	if err != nil {
		return nil, nil, protocol.ErrUnexpected
	}
	srv := d.server(token.Server)
	if srv == nil || !d.inScope(token, protocol.Scopes[r.URL.Path]) || token.UniqueID == "" || !d.tokens.use(token.UniqueID) {
		return nil, nil, errTransferNotFound
	}
	return srv, token, nil
}

// download is what a signed URL serves.
type download struct {
	files.File
	name string
	size int64
}

func openFile(srv *Server, token *accessToken) (*download, error) {
	f, info, err := srv.store.Open(token.FilePath)
	switch {
	case err != nil:
		return nil, err
	case f == nil:
		return nil, errTransferNotFound // it is a folder
	}
	return &download{f, info.Name(), info.Size()}, nil
}

func openBackup(srv *Server, token *accessToken) (*download, error) {
	srv.mu.Lock()
	backup, ok := srv.backups[token.BackupUUID]
	srv.mu.Unlock()
	if !ok {
		return nil, errTransferNotFound
	}
	f, size, err := backup.open()
	if err != nil {
		return nil, err
	}
	return &download{f, token.BackupUUID + ".tar.gz", size}, nil
}

// serveDownload sends a file, always as a whole.
func (d *Daemon) serveDownload(w http.ResponseWriter, r *http.Request, open func(*Server, *accessToken) (*download, error)) {
	srv, token, err := d.redeem(r)
	if err != nil {
		answerError(w, err)
		return
	}
	file, err := open(srv, token)
	if err != nil {
		answerError(w, err)
		return
	}
	defer func() { _ = file.Close() }()
	w.Header().Set("Content-Length", strconv.FormatInt(file.size, 10))
	w.Header().Set("Content-Disposition", "attachment; filename="+strconv.Quote(file.name))
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = io.CopyN(w, file, file.size) // the client may be gone
}

// formMemory is how much of an upload is kept in memory before it is complete.
const formMemory = 1 << 20

// serveUpload takes files in. They are looked at when all of them are there.
func (d *Daemon) serveUpload(w http.ResponseWriter, r *http.Request) {
	srv, _, err := d.redeem(r)
	if err != nil {
		answerError(w, err)
		return
	}
	form, err := readForm(r)
	if err != nil {
		answerError(w, errUploadForm)
		return
	}
	defer func() { _ = form.RemoveAll() }() // of temporary files
	headers := form.File["files"]
	if len(headers) == 0 {
		answerError(w, errUploadEmpty)
		return
	}
	for _, header := range headers {
		if header.Size > d.cfg.UploadLimit {
			answerError(w, &protocol.Error{Status: http.StatusBadRequest, Message: "File " + header.Filename +
				" is larger than the maximum file upload size of " + strconv.FormatInt(d.cfg.UploadLimit>>20, 10) + " MB."})
			return
		}
	}
	for _, header := range headers {
		if err := srv.store.Upload(r.URL.Query().Get("directory"), header); err != nil {
			answerError(w, err)
			return
		}
	}
}

// readForm reads a whole form, which goes to temporary files if it is large.
func readForm(r *http.Request) (*multipart.Form, error) {
	reader, err := r.MultipartReader()
	if err != nil {
		return nil, err
	}
	return reader.ReadForm(formMemory)
}
