package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ptero-go/ptero/client"
)

const (
	testServer = "3d2f6345-9c07-4517-8040-3ba7db4c7bc2"
	testKey    = "ptlc_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
)

// node is a Panel and a node's daemon on two hosts.
type node struct {
	*client.Client
	daemon http.HandlerFunc // answers requests to signed URLs

	mu    sync.Mutex
	signs int        // signed URLs handed out
	asked []string   // queries of the requests for them
	files []uploaded // what arrived
}

type uploaded struct {
	directory, name, content string
	length                   int64
}

func newNode(t *testing.T, opts ...client.Option) *node {
	t.Helper()
	n := &node{}
	daemon := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, values := range r.Header {
			if strings.Contains(strings.Join(values, ""), testKey) {
				t.Errorf("the key went to the node in %s", name)
			}
		}
		if r.URL.Query().Get("token") == "" {
			t.Errorf("no token in %s", r.URL)
		}
		n.daemon(w, r)
	}))
	t.Cleanup(daemon.Close)
	panel := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.signs++
		n.asked = append(n.asked, r.URL.RawQuery)
		path := "/download/file"
		if strings.HasSuffix(r.URL.Path, "/upload") {
			path = "/upload/file"
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"object":"signed_url","attributes":{"url":"%s%s?token=secret.%d"}}`, daemon.URL, path, n.signs)
	}))
	t.Cleanup(panel.Close)
	var err error
	if n.Client, err = client.New(panel.URL, testKey, opts...); err != nil {
		t.Fatal(err)
	}
	n.daemon = n.store
	return n
}

// store takes an upload as Wings does.
func (n *node) store(w http.ResponseWriter, r *http.Request) {
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if r.Method != http.MethodPost || err != nil {
		http.Error(w, `{"error":"Failed to get multipart form data from request."}`, http.StatusBadRequest)
		return
	}
	parts := multipart.NewReader(r.Body, params["boundary"])
	var files []uploaded
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return // broken off
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return
		}
		if part.FormName() == "files" {
			files = append(files, uploaded{r.URL.Query().Get("directory"), part.FileName(), string(content), r.ContentLength})
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.files = append(n.files, files...)
}

// refuse answers the first requests as given, the rest are stored.
func (n *node) refuse(answers ...http.HandlerFunc) {
	var mu sync.Mutex
	n.daemon = func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		var answer http.HandlerFunc = n.store
		if len(answers) > 0 {
			answer, answers = answers[0], answers[1:]
		}
		mu.Unlock()
		answer(w, r)
	}
}

func answerWith(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func serveFile(content string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Disposition", `attachment; filename="b.txt"`)
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		_, _ = io.WriteString(w, content)
	}
}

// cutOff promises more than it sends.
func cutOff(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", "100")
	_, _ = io.WriteString(w, "half")
}

func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

const usedUp = `{"error":"The requested resource was not found on this server."}`

func TestDownload(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	n.daemon = serveFile("line one\nline two")
	d, err := n.Files.Download(t.Context(), testServer, "/dir/50%.txt")
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(d)
	if err != nil || string(content) != "line one\nline two" || d.Size != 17 || d.Name != "b.txt" {
		t.Errorf("%q, %v, size %d, name %q", content, err, d.Size, d.Name)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	// The Panel decodes the name twice.
	if n.asked[0] != "file=%2Fdir%2F50%2525.txt" {
		t.Errorf("asked for %s", n.asked[0])
	}
}

func TestDownloadFailures(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		daemon http.HandlerFunc
		kind   error
		want   string
	}{
		"used up":       {answerWith(404, "application/json", usedUp), client.ErrNotFound, "wingsDownloadFile: 404 Not Found: The requested resource was not found"},
		"bad token":     {answerWith(500, "application/json", `{"error":"An unexpected error","request_id":"ab-1"}`), client.ErrServer, "wingsDownloadFile: 500"},
		"proxy page":    {answerWith(502, "text/html", "<title>Bad gateway</title>"), client.ErrServer, `titled "Bad gateway"`},
		"page with 200": {answerWith(200, "text/html", "<title>Login</title>"), client.ErrBadAnswer, `titled "Login"`},
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/login?token=secret", http.StatusFound)
		}, client.ErrRedirect, "/login"},
		"truncated": {cutOff, client.ErrBadAnswer, "broke off after 4 bytes"},
		"hung up":   {hangUp, io.EOF, "wingsDownloadFile: no answer"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNode(t)
			n.daemon = tt.daemon
			path := filepath.Join(t.TempDir(), "saved")
			err := n.Files.DownloadFile(t.Context(), testServer, "a.txt", path, client.SaveOptions{})
			if !errors.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("err = %v, want %v with %q", err, tt.kind, tt.want)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("err = %v holds the token", err)
			}
			if left, _ := os.ReadDir(filepath.Dir(path)); len(left) > 0 {
				t.Errorf("%s was left behind", left[0].Name())
			}
		})
	}
}

func TestDownloadFile(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	n.daemon = serveFile(strings.Repeat("x", 100_000))
	path := filepath.Join(t.TempDir(), "saved.txt")
	save := func(opts client.SaveOptions) error {
		return n.Files.DownloadFile(t.Context(), testServer, "a.txt", path, opts)
	}
	var last, size int64
	if err := save(client.SaveOptions{Progress: func(done, of int64) { last, size = done, of }}); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(path); err != nil || len(content) != 100_000 || last != 100_000 || size != 100_000 {
		t.Errorf("saved %d bytes, %v; progress %d of %d", len(content), err, last, size)
	}
	n.daemon = serveFile("other")
	if err := save(client.SaveOptions{}); !errors.Is(err, os.ErrExist) {
		t.Errorf("err = %v, want os.ErrExist", err)
	}
	if content, _ := os.ReadFile(path); len(content) != 100_000 {
		t.Error("the file was touched")
	}
	if err := save(client.SaveOptions{Overwrite: true}); err != nil {
		t.Error(err)
	}
	if content, _ := os.ReadFile(path); string(content) != "other" {
		t.Errorf("the file holds %.20q", content)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("%d files, want 1", len(left))
	}
	if err := n.Files.DownloadFile(t.Context(), testServer, "a.txt", filepath.Join(path, "below", "a file"), client.SaveOptions{}); err == nil {
		t.Error("saved below a file")
	}
}

// A stream that stands still is an error; one that moves may take any time.
func TestDownloadStandsStill(t *testing.T) {
	t.Parallel()
	n := newNode(t, client.WithTimeout(50*time.Millisecond))
	n.daemon = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = io.WriteString(w, "half")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	d, err := n.Files.Download(t.Context(), testServer, "a.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	content, err := io.ReadAll(d)
	if string(content) != "half" || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "nothing arrived for 50ms") {
		t.Errorf("%q, %v; want a timeout", content, err)
	}
}

func TestUpload(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	path := filepath.Join(t.TempDir(), "local.txt")
	if err := os.WriteFile(path, []byte("from disk"), 0o600); err != nil {
		t.Fatal(err)
	}
	local, err := client.LocalFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var progress int64
	local.Progress = func(done int64) { progress = done }
	err = n.Files.Upload(t.Context(), testServer, "/a dir&x=y",
		local, client.FileBytes(`we"ird ü.json`, []byte(`{"a":1}`)), client.FileReader("empty", strings.NewReader(""), 0))
	if err != nil {
		t.Fatal(err)
	}
	want := []uploaded{{name: "local.txt", content: "from disk"}, {name: `we"ird ü.json`, content: `{"a":1}`}, {name: "empty"}}
	if len(n.files) != len(want) {
		t.Fatalf("%d files arrived: %+v", len(n.files), n.files)
	}
	for i, got := range n.files {
		if got.name != want[i].name || got.content != want[i].content || got.directory != "/a dir&x=y" || got.length <= 0 {
			t.Errorf("arrived %+v, want %+v with a length", got, want[i])
		}
	}
	if progress != 9 {
		t.Errorf("progress = %d, want 9", progress)
	}
}

func TestUploadOfUnknownLength(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	if err := n.Files.Upload(t.Context(), testServer, "", client.FileReader("a", io.LimitReader(strings.NewReader("abcdef"), 3), -1)); err != nil {
		t.Fatal(err)
	}
	if got := n.files[0]; got.content != "abc" || got.length != -1 || got.directory != "/" {
		t.Errorf("arrived %+v", got)
	}
}

func TestUploadIsRepeatedOnce(t *testing.T) {
	t.Parallel()
	expired := answerWith(500, "application/json", `{"error":"An unexpected error was encountered while processing this request","request_id":"x"}`)
	used := answerWith(404, "application/json", usedUp)
	tooLarge := answerWith(400, "application/json", `{"error":"File big is larger than the maximum file upload size of 100 MB."}`)
	bytes := func() client.UploadFile { return client.FileBytes("a", []byte("content")) }
	reader := func() client.UploadFile { return client.FileReader("a", strings.NewReader("content"), 7) }
	tests := map[string]struct {
		answers []http.HandlerFunc
		file    func() client.UploadFile
		signs   int
		want    string // in the error, "" for success
	}{
		"expired":            {[]http.HandlerFunc{expired}, bytes, 2, ""},
		"used up":            {[]http.HandlerFunc{used}, bytes, 2, ""},
		"connection broken":  {[]http.HandlerFunc{hangUp}, bytes, 2, ""},
		"expired twice":      {[]http.HandlerFunc{expired, expired}, bytes, 2, "wingsUploadFiles: 500"},
		"refused":            {[]http.HandlerFunc{tooLarge}, bytes, 1, "wingsUploadFiles: 400 Bad Request: File big is larger than"},
		"cannot be repeated": {[]http.HandlerFunc{expired}, reader, 1, "wingsUploadFiles: 500"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNode(t)
			n.refuse(tt.answers...)
			err := n.Files.Upload(t.Context(), testServer, "/", tt.file())
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("err = %v, want %q", err, tt.want)
			}
			if n.signs != tt.signs || (err == nil) != (len(n.files) == 1) {
				t.Errorf("%d signed URLs for %d files, want %d", n.signs, len(n.files), tt.signs)
			}
		})
	}
}

func TestUploadOfWrongContents(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is on fire")
	for name, file := range map[string]client.UploadFile{
		"too short":   client.FileReader("a", strings.NewReader("abc"), 5),
		"too long":    client.FileReader("a", strings.NewReader("abcdefgh"), 5),
		"unreadable":  client.FileReader("a", io.MultiReader(strings.NewReader("abc"), errReader{broken}), 5),
		"unopenable":  {Name: "a", Size: 5, Open: func() (io.ReadCloser, error) { return nil, broken }},
		"no fix size": client.FileReader("a", io.MultiReader(strings.NewReader("abc"), errReader{broken}), -1),
	} {
		n := newNode(t)
		err := n.Files.Upload(t.Context(), testServer, "/", file)
		if err == nil || len(n.files) > 0 {
			t.Errorf("%s: err = %v, %d files arrived", name, err, len(n.files))
		}
		if !strings.HasPrefix(name, "too") && !errors.Is(err, broken) {
			t.Errorf("%s: err = %v, want the cause in it", name, err)
		}
	}
	if _, err := client.LocalFile(t.TempDir()); err == nil {
		t.Error("a folder was taken for a file")
	}
	if _, err := client.LocalFile(filepath.Join(t.TempDir(), "missing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("err = %v, want os.ErrNotExist", err)
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

// written serves files/write and keeps what arrives.
type written struct {
	contentType, query string
	bodies             []string
	length             int64
}

func (w *written) client(t *testing.T, statuses ...int) *client.Client {
	t.Helper()
	panel := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		w.contentType, w.query, w.length = r.Header.Get("Content-Type"), r.URL.RawQuery, r.ContentLength
		w.bodies = append(w.bodies, string(body))
		status := http.StatusNoContent
		if len(statuses) > 0 {
			status, statuses = statuses[0], statuses[1:]
			rw.Header().Set("Retry-After", "0")
		}
		rw.WriteHeader(status)
	}))
	t.Cleanup(panel.Close)
	c, err := client.New(panel.URL, testKey)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWrite(t *testing.T) {
	t.Parallel()
	const document = "{\"a\": 1,\r\n \"b\":\"\\u00fc\"}\n"
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteString("skipped" + document); err != nil {
		t.Fatal(err)
	}
	if _, err := file.Seek(7, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	pipe, toPipe, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()
	go func() {
		_, _ = toPipe.WriteString(document)
		_ = toPipe.Close()
	}()
	for name, content := range map[string]io.Reader{
		"strings.Reader": strings.NewReader(document),
		"bytes.Buffer":   bytes.NewBufferString(document),
		"file":           file,
		"pipe":           pipe,
		"any reader":     io.MultiReader(strings.NewReader(document[:5]), strings.NewReader(document[5:])),
	} {
		var w written
		// Refused once: each content can be sent again.
		if err := w.client(t, http.StatusTooManyRequests).Files.Write(t.Context(), testServer, "/a b/c.json", content); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if len(w.bodies) != 2 || w.bodies[0] != document || w.bodies[1] != document || w.length != int64(len(document)) {
			t.Errorf("%s: sent %q with length %d", name, w.bodies, w.length)
		}
		if w.contentType != "text/plain" || w.query != "file=%2Fa+b%2Fc.json" {
			t.Errorf("%s: Content-Type %q, query %q", name, w.contentType, w.query)
		}
	}
	for name, content := range map[string]io.Reader{"nil": nil, "empty": strings.NewReader(""), "empty reader": io.MultiReader()} {
		var w written
		if err := w.client(t).Files.Write(t.Context(), testServer, "a", content); err != nil || len(w.bodies) != 1 || w.bodies[0] != "" || w.length != 0 {
			t.Errorf("%s: %v, sent %q with length %d", name, err, w.bodies, w.length)
		}
	}
	broken := errors.New("broken")
	var w written
	if err := w.client(t).Files.Write(t.Context(), testServer, "a", errReader{broken}); !errors.Is(err, broken) || len(w.bodies) > 0 {
		t.Errorf("err = %v, sent %q", err, w.bodies)
	}
}

func TestFileNamesAreChecked(t *testing.T) {
	t.Parallel()
	panel := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s was sent", r.Method, r.URL)
	}))
	t.Cleanup(panel.Close)
	c, err := client.New(panel.URL, testKey)
	if err != nil {
		t.Fatal(err)
	}
	ctx, f := t.Context(), c.Files
	second := func(_ any, err error) error { return err }
	for name, err := range map[string]error{
		"no file":              second(f.Read(ctx, testServer, "")),
		"NUL":                  second(f.Read(ctx, testServer, "a\x00b")),
		"read, short id":       second(f.Read(ctx, "3d2f6345", "a ")),
		"no files":             f.Delete(ctx, testServer),
		"empty name":           f.Delete(ctx, testServer, "/a", ""),
		"no server":            f.Delete(ctx, "", "/a"),
		"rename to nothing":    f.Rename(ctx, testServer, "/a", ""),
		"rename nothing":       f.Rename(ctx, testServer, "", "/a"),
		"delete in a folder":   f.Delete(ctx, testServer, "/plugins", "a.jar"),
		"delete the root":      f.Delete(ctx, testServer, "/a", "/a/.."),
		"rename to the root":   f.Rename(ctx, testServer, "/a", "/"),
		"space, short id":      f.Delete(ctx, "3d2f6345", "/ a/b", "/c"),
		"not UTF-8":            f.Delete(ctx, testServer, "/a\xff"),
		"chmod nothing":        f.Chmod(ctx, testServer, 0o644),
		"decompress the root":  f.Decompress(ctx, testServer, "/."),
		"stat of the root":     second(f.Stat(ctx, testServer, "/")),
		"compress nothing":     second(f.Compress(ctx, testServer)),
		"folder without name":  f.CreateFolder(ctx, testServer, ""),
		"pull from nowhere":    f.Pull(ctx, testServer, client.PullFileRequest{}),
		"upload nothing":       f.Upload(ctx, testServer, "/"),
		"upload with path":     f.Upload(ctx, testServer, "/", client.FileBytes("../a", nil)),
		"upload with newline":  f.Upload(ctx, testServer, "/", client.FileBytes("a\nb", nil)),
		"upload without name":  f.Upload(ctx, testServer, "/", client.FileBytes("", nil)),
		"upload dots":          f.Upload(ctx, testServer, "/", client.FileBytes("..", nil)),
		"write without a file": f.Write(ctx, testServer, "", nil),
		"download nothing":     second(f.Download(ctx, testServer, "")),
	} {
		if !errors.Is(err, client.ErrArgument) {
			t.Errorf("%s: err = %v, want ErrArgument", name, err)
		}
	}
}
