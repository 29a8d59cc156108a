package client_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/client"
)

// A path at which nothing can be saved is refused before anything is sent.
func TestDownloadFileLooksAtItsPathFirst(t *testing.T) {
	t.Parallel()
	c := newClient(t, serve(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s was sent", r.URL) }))
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(os.DevNull, filepath.Join(dir, "null")); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		path      string
		overwrite bool
		want      error // nil for any
	}{
		"nothing":            {"", false, client.ErrArgument},
		"a folder's name":    {filepath.Join(dir, "new") + "/", false, client.ErrArgument},
		"a folder, slash":    {filepath.Join(dir, "folder") + "/", true, client.ErrArgument},
		"a folder":           {filepath.Join(dir, "folder"), false, nil},
		"a folder, replaced": {filepath.Join(dir, "folder"), true, nil},
		"here":               {".", true, nil},
		"above":              {"..", true, nil},
		"the root":           {"/", true, client.ErrArgument},
		"a file":             {filepath.Join(dir, "file"), false, os.ErrExist},
		"in no folder":       {filepath.Join(dir, "missing", "a"), true, os.ErrNotExist},
		"below a file":       {filepath.Join(dir, "file", "a"), true, nil},
		"a device":           {filepath.Join(dir, "null"), true, nil},
	} {
		for kind, err := range map[string]error{
			"file":   c.Files.DownloadFile(t.Context(), testServer, "a", tt.path, client.SaveOptions{Overwrite: tt.overwrite}),
			"backup": c.Backups.DownloadFile(t.Context(), testServer, "b", tt.path, client.SaveOptions{Overwrite: tt.overwrite}),
		} {
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("%s, %s: err = %v, want %v", name, kind, err, tt.want)
			}
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 3 {
		t.Errorf("%d entries, %v", len(entries), err)
	}
}

// What is not the whole file as it is on the node is never saved as one.
func TestDownloadOfWhatIsNotTheFile(t *testing.T) {
	t.Parallel()
	content := "content"
	answer := func(status int, headers ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if got := r.Header.Get("Accept-Encoding"); got != "identity" {
				t.Errorf("Accept-Encoding = %q, want identity", got)
			}
			w.Header().Set("Content-Type", "application/octet-stream")
			for i := 0; i < len(headers); i += 2 {
				w.Header().Set(headers[i], headers[i+1])
			}
			w.WriteHeader(status)
			if status != http.StatusNoContent {
				_, _ = io.WriteString(w, content)
			}
		}
	}
	tests := map[string]struct {
		answer http.HandlerFunc
		want   string // in the error, "" for success
	}{
		"200":        {answer(200, "Content-Length", strconv.Itoa(len(content))), ""},
		"identity":   {answer(200, "Content-Encoding", "identity"), ""},
		"206":        {answer(206, "Content-Range", "bytes 0-6/100"), "206 Partial Content: the content should come with status 200"},
		"204":        {answer(204), "204 No Content: the content should come with status 200"},
		"203":        {answer(203), "203 Non-Authoritative Information: the content should come with status 200"},
		"brotli":     {answer(200, "Content-Encoding", "br"), `encoded as "br"`},
		"gzip":       {answer(200, "Content-Encoding", "gzip"), `encoded as "gzip"`},
		"no end":     {noEnd, "ends with its connection"},
		"empty file": {answer(200, "Content-Length", "0"), ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNode(t)
			n.daemon = tt.answer
			path := filepath.Join(t.TempDir(), "saved")
			err := n.Files.DownloadFile(t.Context(), testServer, "a", path, client.SaveOptions{})
			if tt.want == "" {
				if _, statErr := os.Stat(path); err != nil || statErr != nil {
					t.Errorf("%v, %v", err, statErr)
				}
				return
			}
			if !errors.Is(err, client.ErrBadAnswer) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("err = %v, want %q", err, tt.want)
			}
			if left, _ := os.ReadDir(filepath.Dir(path)); len(left) > 0 {
				t.Errorf("%s was left behind", left[0].Name())
			}
		})
	}
}

// noEnd answers as HTTP/1.0 did: the end of the connection is that of the file.
func noEnd(w http.ResponseWriter, _ *http.Request) {
	conn, buffer, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_, _ = buffer.WriteString("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nConnection: close\r\n\r\nhalf")
	_ = buffer.Flush()
	_ = conn.Close()
}

// So it is with a small file.
func TestReadOfWhatIsNotTheFile(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"206":    answerWith(206, "text/plain", "cont"),
		"204":    answerWith(204, "text/plain", ""),
		"brotli": func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Encoding", "br") },
	} {
		c := newClient(t, serve(t, answer))
		if content, err := c.Files.Read(t.Context(), testServer, "a"); !errors.Is(err, client.ErrBadAnswer) {
			t.Errorf("%s: %q, %v; want ErrBadAnswer", name, content, err)
		}
	}
}

// A download whose connection failed is begun again with another URL; one whose
// answer came is not.
func TestDownloadIsRepeatedOnce(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answers []http.HandlerFunc
		signs   int
		ok      bool
	}{
		"hung up":       {[]http.HandlerFunc{hangUp}, 2, true},
		"hung up twice": {[]http.HandlerFunc{hangUp, hangUp}, 2, false},
		"refused":       {[]http.HandlerFunc{answerWith(404, "application/json", usedUp)}, 1, false},
		"well":          {nil, 1, true},
	} {
		n := newNode(t)
		answers := tt.answers
		n.daemon = func(w http.ResponseWriter, r *http.Request) {
			answer := serveFile("content")
			if len(answers) > 0 {
				answer, answers = answers[0], answers[1:]
			}
			answer(w, r)
		}
		path := filepath.Join(t.TempDir(), "saved")
		err := n.Files.DownloadFile(t.Context(), testServer, "a", path, client.SaveOptions{})
		if (err == nil) != tt.ok || n.signs != tt.signs {
			t.Errorf("%s: %v with %d signed URLs, want %d", name, err, n.signs, tt.signs)
		}
	}
	// So is one whose node refuses connections.
	n := newNode(t)
	gone := httptest.NewServer(nil)
	gone.Close()
	signs := 0
	c := newClient(t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
		signs++
		_, _ = io.WriteString(w, `{"object":"signed_url","attributes":{"url":"`+gone.URL+`/download/file?token=x"}}`)
	}))
	_, err := c.Files.Download(t.Context(), testServer, "a")
	var refused *net.OpError
	if !errors.As(err, &refused) || signs != 2 || len(n.files) > 0 {
		t.Errorf("err = %v with %d signed URLs", err, signs)
	}
}
