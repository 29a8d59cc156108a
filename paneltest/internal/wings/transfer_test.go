package wings

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

var unexpectedAnswer = regexp.MustCompile(`^{"error":"An unexpected error was encountered while processing this request","request_id":"[0-9a-f-]{36}"}$`)

// wantAnswer fails unless an answer has the status and the body, "500" standing
// for the error that explains nothing.
func wantAnswer(t *testing.T, answer *testAnswer, status int, want string) {
	t.Helper()
	if answer.status != status || answer.body != want && (want != "500" || !unexpectedAnswer.MatchString(answer.body)) {
		t.Errorf("%d %s, want %d %s", answer.status, answer.body, status, want)
	}
}

const notFound = `{"error":"The requested resource was not found on this server."}`

func TestDownload(t *testing.T) {
	forEachStore(t, protocol.ServerConfig{}, func(d *testDaemon, files protocol.Files) {
		t := d.t
		must(t, files.Write(`/dir/a "b".txt`, []byte("hello")))
		get := func(target string) *testAnswer { return d.request("GET", target, nil, nil) }
		file := func(name string) string {
			return signedURL(protocol.DownloadFile, testServer, map[string]any{"file_path": name})
		}

		target := file(`/dir/a "b".txt`)
		if resp := d.request("HEAD", target, nil, nil); resp.status != 401 {
			t.Error(resp.status)
		}
		resp := d.request("GET", target, http.Header{"Range": {"bytes=1-2"}}, nil) // which uses it up, HEAD did not
		wantAnswer(t, resp, 200, "hello")
		if h := resp.header; h.Get("Content-Length") != "5" || h.Get("Content-Disposition") != `attachment; filename="a \"b\".txt"` || h.Get("Content-Type") != "application/octet-stream" || h.Get("Accept-Ranges") != "" {
			t.Errorf("%v", h)
		}
		wantAnswer(t, get(target), 404, notFound)
		time.Sleep(59 * time.Minute) // and it has expired by then
		wantAnswer(t, get(target), 500, "500")

		target = file("/missing")
		wantAnswer(t, get(target), 500, "500")
		wantAnswer(t, get(target), 404, notFound)
		wantAnswer(t, get(file("/dir")), 404, notFound)
		wantAnswer(t, get(protocol.DownloadFile), 500, "500")
		wantAnswer(t, get(protocol.DownloadFile+"?token=a.b.c"), 500, "500")
		wantAnswer(t, get(signedURL(protocol.DownloadFile, "unknown", map[string]any{"file_path": "x"})), 404, notFound)
		wantAnswer(t, get(file("/../../etc/passwd")), 500, "500")
		target = file(`/dir/a "b".txt`)
		time.Sleep(testURLLife - time.Second)
		wantAnswer(t, get(target), 200, "hello")
		if resp := d.request("POST", file("/missing"), nil, nil); resp.status != 401 {
			t.Error(resp.status)
		}
		if resp := get("/elsewhere"); resp.status != 404 {
			t.Error(resp.status)
		}
	})
}

func TestDownloadBackup(t *testing.T) {
	forEachStore(t, protocol.ServerConfig{}, func(d *testDaemon, files protocol.Files) {
		t := d.t
		must(t, files.Write("/a.txt", []byte("hello")))
		srv := d.server(testServer)
		srv.Backup("b1", nil)
		result := <-d.remote.backups
		target := func(uuid string) string {
			return signedURL(protocol.DownloadBackup, testServer, map[string]any{"backup_uuid": uuid})
		}
		resp := d.request("GET", target("b1"), nil, nil)
		if size := strconv.FormatInt(result.Size, 10); int64(len(resp.body)) != result.Size || resp.header.Get("Content-Length") != size || resp.header.Get("Content-Disposition") != `attachment; filename="b1.tar.gz"` {
			t.Errorf("%d bytes, %v", len(resp.body), resp.header)
		}
		must(t, files.Write("/copy.tar.gz", []byte(resp.body)))
		must(t, files.Delete("/", []string{"a.txt"}))
		must(t, files.Decompress("/", "copy.tar.gz"))
		if got := content(t, files, "/a.txt"); got != "hello" {
			t.Error(got)
		}
		wantAnswer(t, d.request("GET", target("b2"), nil, nil), 404, notFound)
		srv.DeleteBackup("b1")
		wantAnswer(t, d.request("GET", target("b1"), nil, nil), 404, notFound)
	})
}

// form returns an upload, of pairs of names and contents.
func form(t *testing.T, field string, pairs ...string) (header http.Header, body io.Reader) {
	t.Helper()
	var buffer bytes.Buffer
	w := multipart.NewWriter(&buffer)
	for i := 0; i < len(pairs); i += 2 {
		part, err := w.CreateFormFile(field, pairs[i])
		must(t, err)
		io.WriteString(part, pairs[i+1])
	}
	must(t, w.Close())
	return http.Header{"Content-Type": {w.FormDataContentType()}}, &buffer
}

func TestUpload(t *testing.T) {
	forEachStore(t, protocol.ServerConfig{Disk: 8 << 20, Denied: []string{"*.key"}}, func(d *testDaemon, files protocol.Files) {
		t := d.t
		d.cfg.UploadLimit = 2 << 20
		target := func(folder string) string {
			return signedURL(protocol.UploadFile, testServer, nil) + "&" + url.Values{"directory": {folder}}.Encode()
		}
		post := func(target string, header http.Header, body io.Reader) *testAnswer {
			return d.request("POST", target, header, body)
		}

		header, body := form(t, "files", "a.txt", "one", "../../up/b.txt", "two", "", "")
		wantAnswer(t, post(target("/new/dir"), header, body), 200, "")
		if got := names(t, files, "/new/dir") + content(t, files, "/new/dir/b.txt"); got != "b.txt, a.txttwo" {
			t.Error(got)
		}
		header, body = form(t, "files", "a.txt", "again")
		wantAnswer(t, post(target("/new/dir"), header, io.MultiReader(body)), 200, "") // of unknown length
		if got := content(t, files, "/new/dir/a.txt"); got != "again" {
			t.Error(got)
		}

		bad := target("/")
		header, body = form(t, "file", "a.txt", "one")
		wantAnswer(t, post(bad, header, body), 400, `{"error":"No files were found on the request body."}`)
		header, body = form(t, "files", "a.txt", "one")
		wantAnswer(t, post(bad, header, body), 404, notFound) // it is used up
		wantAnswer(t, post(target("/"), http.Header{"Content-Type": {"text/plain"}}, strings.NewReader("one")), 400, `{"error":"Failed to get multipart form data from request."}`)
		header, body = form(t, "files", "a.txt", strings.Repeat("x", 1000))
		wantAnswer(t, post(target("/"), header, io.LimitReader(body, 500)), 400, `{"error":"Failed to get multipart form data from request."}`)

		limit := strings.Repeat("x", 2<<20)
		header, body = form(t, "files", "small", "s", "big", limit+"x")
		wantAnswer(t, post(target("/"), header, body), 400, `{"error":"File big is larger than the maximum file upload size of 2 MB."}`)
		if got := names(t, files, "/"); got != "new" {
			t.Error(got)
		}
		header, body = form(t, "files", "1", limit, "2", limit, "3", limit, "4", limit)
		wantAnswer(t, post(target("/"), header, body), 400, `{"error":"There is not enough disk space available to perform that action."}`)
		if got := names(t, files, "/"); got != "3, 2, 1, new" {
			t.Error(got)
		}
		header, body = form(t, "files", "my.key", "x")
		wantAnswer(t, post(target("/"), header, body), 403, `{"error":"This file cannot be modified: present in egg denylist."}`)
		header, body = form(t, "files", "a", "x")
		wantAnswer(t, post(protocol.UploadFile+"?token=x", header, body), 500, "500")
		if resp := d.request("GET", target("/"), nil, nil); resp.status != 401 {
			t.Error(resp.status)
		}
	})
}

func TestTransfersAfterRestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		srv := d.create(testServer, protocol.ServerConfig{})
		must(t, srv.Files().Write("/a", []byte("x")))
		target := signedURL(protocol.DownloadFile, testServer, map[string]any{"file_path": "a"})
		wantAnswer(t, d.request("GET", target, nil, nil), 200, "x")
		d.Restart() // forgets what was used up
		wantAnswer(t, d.request("GET", target, nil, nil), 200, "x")
	})
}

func TestBackupsInAFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	remote := newTestRemote()
	d := New(Config{FilesDir: dir, Remote: remote})
	defer d.Close()
	srv := d.create(testServer, protocol.ServerConfig{})
	srv.Backup("b1", nil)
	result := <-remote.backups
	file := filepath.Join(dir, backupFolder, testServer, "b1.tar.gz")
	if info, err := os.Stat(file); err != nil || info.Size() != result.Size || result.Size > 40 {
		t.Errorf("%v, %v, want %d bytes", info, err, result.Size)
	}
	srv.DeleteBackup("b1")
	if _, err := os.Stat(file); err == nil {
		t.Error("the file is left")
	}
}

func TestDeleteRemovesTheFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := New(Config{FilesDir: dir})
	defer d.Close()
	must(t, d.create(testServer, protocol.ServerConfig{}).Files().Write("/new.txt", []byte("new")))
	if data, err := os.ReadFile(filepath.Join(dir, testServer, "new.txt")); err != nil || string(data) != "new" {
		t.Errorf("%s, %v", data, err)
	}
	d.Delete(testServer)
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
}
