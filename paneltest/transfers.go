package paneltest

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// transfers are the operations of signed URLs by their paths. Wings serves them.
var transfers = map[string]string{
	protocol.DownloadFile: "wingsDownloadFile", protocol.DownloadBackup: "wingsDownloadBackup", protocol.UploadFile: "wingsUploadFiles",
}

var transferOperations = []string{"wingsDownloadFile", "wingsDownloadBackup", "wingsUploadFiles"}

func isTransfer(operation string) bool { return slices.Contains(transferOperations, operation) }

// faulty lets faults strike the transfers of a Wings.
func (p *Panel) faulty(wings http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if operation := transfers[r.URL.Path]; operation != "" {
			var done bool
			if w, done = p.faults.strike(w, r, operation); done {
				return
			}
		}
		wings.ServeHTTP(w, r)
		if cut, is := w.(*cutWriter); is {
			_, _ = cut.Write(nil) // Wings writes nothing where it has nothing to say
		}
	})
}

// filesOf returns the full paths of the files and folders that a request is
// about.
func filesOf(r *http.Request) []string {
	query := r.URL.Query()
	switch {
	case r.URL.Path == protocol.UploadFile:
		return uploaded(r, query.Get("directory"))
	case transfers[r.URL.Path] != "":
		return claimed(query.Get("token"))
	}
	var files []string
	add := func(root, name string) {
		if name != "" {
			files = append(files, path.Join("/", root, name))
		}
	}
	add("", query.Get("file"))
	add("", query.Get("directory"))
	var body struct {
		Root, File, Location, Name, Directory, Filename string
		Files                                           []json.RawMessage
	}
	if head := peek(r); strings.Contains(r.URL.Path, "/files/") && json.Unmarshal(head, &body) == nil {
		add(body.Root, body.File)
		add(body.Root, body.Name)
		add("", body.Location)
		add(body.Directory, body.Filename)
		for _, entry := range body.Files {
			var name string
			var pair struct{ File, From, To string }
			if json.Unmarshal(entry, &name) == nil {
				add(body.Root, name)
			} else if json.Unmarshal(entry, &pair) == nil {
				add(body.Root, pair.File)
				add(body.Root, pair.From)
				add(body.Root, pair.To)
			}
		}
	}
	return files
}

// maxPeek is how much of a body is looked at to find the names in it.
const maxPeek = 64 << 10

// peek returns the beginning of the body of a request, which stays readable.
func peek(r *http.Request) []byte {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	buffered := bufio.NewReaderSize(r.Body, maxPeek)
	head, _ := buffered.Peek(maxPeek) // of a short body it is all
	r.Body = struct {
		io.Reader
		io.Closer
	}{buffered, r.Body}
	return head
}

// uploaded returns what the form of an upload begins with: the files further on
// are not known before it is read.
func uploaded(r *http.Request, directory string) []string {
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil
	}
	var files []string
	form := multipart.NewReader(bytes.NewReader(peek(r)), params["boundary"])
	for {
		part, err := form.NextPart()
		if err != nil {
			return files
		}
		if part.FormName() == "files" {
			files = append(files, path.Join("/", directory, part.FileName()))
		}
	}
}

// claimed returns the file that the token of a signed URL is for. Wings checks
// the token.
func claimed(token string) []string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil
	}
	var claims struct {
		FilePath string `json:"file_path"`
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(payload, &claims) != nil || claims.FilePath == "" {
		return nil
	}
	return []string{path.Join("/", claims.FilePath)}
}
