package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/client"
)

// roundTrip is a transport.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// offline returns a client whose requests are answered in the process.
func offline(t *testing.T, transport roundTrip) *client.Client {
	t.Helper()
	c, err := client.New("https://panel.example.org", testKey, client.WithHTTPClient(&http.Client{Transport: transport}),
		client.WithRetries(0), client.WithLimiter(nil), client.WithTimeout(0))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func reply(req *http.Request, header http.Header, body string) (*http.Response, error) {
	if header == nil {
		header = http.Header{"Content-Type": {"application/json"}}
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: header, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: req,
	}, nil
}

const signedURL = `{"object":"signed_url","attributes":{"url":"https://node.example.org/file?token=hush"}}`

var oddNames = []string{
	"a.txt", "", ".", "..", "../a", "/etc/passwd", `..\a`, "a/b", "a\x00b", "a\nb", "a\r\nContent-Type: text/html", "a\"; filename=\"b", "é 漢 😀",
	"e\u0301", "\u202egpj.exe", "a\xff", " a ", "a\t", "%2e%2e%2f", "%00", "a;b=c", "=?utf-8?q?a?=", "CON", "C:a", "~", "-rf", "*", "|", "a&b=c#d?e+f",
	strings.Repeat("a", 255), "a\x7f", "\ufeffa", "a.", "{}", "con.txt:stream",
}

// A file is uploaded under exactly its name, as one part of the form, or not at
// all.
func FuzzUploadName(f *testing.F) {
	for _, name := range oddNames {
		f.Add(name, []byte("content"))
	}
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		sent := 0
		c := offline(t, func(req *http.Request) (*http.Response, error) {
			sent++
			if req.Method == http.MethodGet {
				return reply(req, nil, signedURL)
			}
			_, params, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(req.Body)
			if err != nil || int64(len(body)) != req.ContentLength {
				t.Fatalf("%d bytes of %d, %v", len(body), req.ContentLength, err)
			}
			parts := multipart.NewReader(bytes.NewReader(body), params["boundary"])
			part, err := parts.NextRawPart()
			if err != nil {
				t.Fatalf("%q: %v", name, err)
			}
			got, err := io.ReadAll(part)
			if err != nil || part.FormName() != "files" || part.FileName() != name || !bytes.Equal(got, content) {
				t.Errorf("%q of %q came as %q of %q in %q (%v)", content, name, got, part.FileName(), part.FormName(), err)
			}
			if len(part.Header) != 2 || part.Header.Get("Content-Type") != "application/octet-stream" {
				t.Errorf("%q makes a part with the headers %q", name, part.Header)
			}
			if _, err := parts.NextRawPart(); !errors.Is(err, io.EOF) {
				t.Errorf("%q: another part follows (%v)", name, err)
			}
			return reply(req, nil, "")
		})
		err := c.Files.Upload(t.Context(), testServer, "/", client.FileBytes(name, content))
		if refused := errors.Is(err, client.ErrArgument); refused && sent > 0 || !refused && (err != nil || sent != 2) {
			t.Errorf("%q: sent %d, %v", name, sent, err)
		}
	})
}

// A path of a file arrives as it is, or nothing is sent.
func FuzzFilePath(f *testing.F) {
	for _, name := range oddNames {
		f.Add(name)
		f.Add("/plugins/" + name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		for operation, call := range map[string]func(context.Context, *client.FilesService) error{
			"list":  func(ctx context.Context, s *client.FilesService) error { return second(s.List(ctx, testServer, name)) },
			"read":  func(ctx context.Context, s *client.FilesService) error { return second(s.Read(ctx, testServer, name)) },
			"write": func(ctx context.Context, s *client.FilesService) error { return s.Write(ctx, testServer, name, nil) },
			"download": func(ctx context.Context, s *client.FilesService) error {
				return second(s.Download(ctx, testServer, name))
			},
			"copy": func(ctx context.Context, s *client.FilesService) error { return s.Copy(ctx, testServer, name) },
			"delete": func(ctx context.Context, s *client.FilesService) error {
				return s.Delete(ctx, testServer, name, "/"+name)
			},
			"rename": func(ctx context.Context, s *client.FilesService) error {
				return s.Rename(ctx, testServer, name, name)
			},
			"compress": func(ctx context.Context, s *client.FilesService) error {
				return second(s.Compress(ctx, testServer, name, name))
			},
			"decompress": func(ctx context.Context, s *client.FilesService) error {
				return s.Decompress(ctx, testServer, name)
			},
			"create folder": func(ctx context.Context, s *client.FilesService) error {
				return s.CreateFolder(ctx, testServer, name)
			},
			"chmod": func(ctx context.Context, s *client.FilesService) error {
				return s.Chmod(ctx, testServer, 0o644, name, name)
			},
		} {
			sent := 0
			c := offline(t, func(req *http.Request) (*http.Response, error) {
				sent++
				if req.URL.Host != "panel.example.org" || !strings.HasPrefix(req.URL.Path, "/api/client/servers/"+testServer+"/files/") {
					t.Errorf("%s of %q leads to %s", operation, name, req.URL)
				}
				checkNames(t, operation, name, req)
				return nil, errors.New("enough")
			})
			err := call(t.Context(), c.Files)
			if refused := errors.Is(err, client.ErrArgument); err == nil || refused == (sent == 1) {
				t.Errorf("%s of %q: sent %d, %v", operation, name, sent, err)
			}
		}
	})
}

// checkNames expects a name in each place where a request has one.
func checkNames(t *testing.T, operation, name string, req *http.Request) {
	t.Helper()
	if req.Method == http.MethodGet || strings.HasSuffix(req.URL.Path, "/write") {
		want, query := name, req.URL.Query()
		if operation == "download" {
			want = strings.ReplaceAll(want, "%", "%25") // the Panel decodes it twice
		}
		if got := query.Get("file") + query.Get("directory"); got != want && (operation != "list" || name != "" || got != "/") || len(query) > 1 {
			t.Errorf("%s of %q asks for %q", operation, name, req.URL.RawQuery)
		}
		return
	}
	body := make(map[string]any)
	if err := json.NewDecoder(req.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	root, _ := body["root"].(string)
	delete(body, "root")
	found := 0
	var look func(key string, v any)
	look = func(key string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, v := range v {
				look(k, v)
			}
		case []any:
			for _, v := range v {
				look(key, v)
			}
		case string:
			if key == "mode" {
				return
			}
			found++
			if path.Join("/", root, v) != path.Join("/", name) || operation != "copy" && (!fs.ValidPath(v) || v == ".") {
				t.Errorf("%s of %q sends %q and %q for %s", operation, name, root, v, key)
			}
		}
	}
	look("", body)
	if found == 0 {
		t.Errorf("%s of %q names nothing", operation, name)
	}
}

// The name that a node gives a download is a plain one or none, fit to be joined
// to a folder here.
func FuzzDownloadName(f *testing.F) {
	for _, name := range oddNames {
		f.Add(`attachment; filename="` + name + `"`)
		f.Add("attachment; filename*=UTF-8''" + strings.ReplaceAll(name, "/", "%2f"))
	}
	f.Add(`attachment; filename="world.zip"`)
	f.Add("")
	f.Fuzz(func(t *testing.T, header string) {
		c := offline(t, func(req *http.Request) (*http.Response, error) {
			if req.URL.Host == "panel.example.org" {
				return reply(req, nil, signedURL)
			}
			return reply(req, http.Header{"Content-Disposition": {header}}, "content")
		})
		d, err := c.Files.Download(t.Context(), testServer, "/a")
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		if name := d.Name; name != "" && (name != filepath.Base(name) || !filepath.IsLocal(name) || name == "." || strings.ContainsAny(name, "/\\\x00\n\r")) {
			t.Errorf("%q gives the name %q", header, name)
		}
	})
}

// Whatever a node calls its files, a download of their folder writes nothing
// outside of its target.
func FuzzFolderNames(f *testing.F) {
	for _, name := range oddNames {
		f.Add(name, "b.txt", true)
		f.Add("plugins", name, true)
		f.Add(name, name, false)
	}
	f.Fuzz(func(t *testing.T, folder, file string, again bool) {
		folder, file = strings.ToValidUTF8(folder, "?"), strings.ToValidUTF8(file, "?") // as JSON has it
		outer := t.TempDir()
		entry := func(name string, isFile bool) string {
			text, err := json.Marshal(name)
			if err != nil {
				t.Fatal(err)
			}
			const at = `"created_at":"2026-11-21T22:44:15+00:00","modified_at":"2026-11-21T22:44:15+00:00"`
			return fmt.Sprintf(`{"object":"file_object","attributes":{"name":%s,"is_file":%t,%s}}`, text, isFile, at)
		}
		listed := 0
		c := offline(t, func(req *http.Request) (*http.Response, error) {
			switch {
			case strings.HasSuffix(req.URL.Path, "/files/list"):
				if listed++; listed == 1 || again && listed == 2 {
					return reply(req, nil, `{"object":"list","data":[`+entry(folder, false)+`]}`)
				}
				return reply(req, nil, `{"object":"list","data":[`+entry(file, true)+`]}`)
			case req.URL.Host == "panel.example.org":
				return reply(req, nil, signedURL)
			}
			return reply(req, http.Header{"Content-Disposition": {`attachment; filename="../../evil"`}}, "evil")
		})
		inner := filepath.Join(outer, "inner")
		_, err := c.Files.SyncFolder(t.Context(), testServer, client.SyncDown, inner, "/", client.SyncOptions{Delete: true})
		left, readErr := os.ReadDir(outer)
		if readErr != nil || len(left) != 1 || left[0].Name() != "inner" || !left[0].IsDir() {
			t.Errorf("%q, %q: %v is in the folder above (%v)", folder, file, left, err)
		}
		if err == nil && !strings.HasPrefix(folder, ".ptero-sync-") && !strings.HasPrefix(file, ".ptero-sync-") {
			path := []string{inner, folder, file}
			if again {
				path = []string{inner, folder, folder, file}
			}
			if content, err := os.ReadFile(filepath.Join(path...)); err != nil || string(content) != "evil" {
				t.Errorf("%q, %q: %q, %v", folder, file, content, err)
			}
		}
	})
}
