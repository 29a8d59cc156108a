package wings

import (
	"net/http"
	"strings"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// ServeHTTP implements [http.Handler] with those paths of Wings that clients
// use: /api/servers/{uuid}/ws, /download/file, /download/backup, /upload/file.
func (d *Daemon) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if d.down() {
		panic(http.ErrAbortHandler) // which closes the connection
	}
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, "/api/servers/") && strings.HasSuffix(path, "/ws"):
		d.serveSocket(w, r, strings.TrimSuffix(strings.TrimPrefix(path, "/api/servers/"), "/ws"))
	case path == protocol.DownloadFile && r.Method == http.MethodGet:
		d.serveDownload(w, r, openFile)
	case path == protocol.DownloadBackup && r.Method == http.MethodGet:
		d.serveDownload(w, r, openBackup)
	case path == protocol.UploadFile && r.Method == http.MethodPost:
		d.serveUpload(w, r)
	case path == protocol.DownloadFile || path == protocol.DownloadBackup || path == protocol.UploadFile:
		// What no public route serves needs the node's own key.
		w.Header().Set("WWW-Authenticate", "Bearer")
		answerError(w, &protocol.Error{Status: http.StatusUnauthorized, Message: "The required authorization heads were not present in the request."})
	default:
		http.NotFound(w, r)
	}
}
