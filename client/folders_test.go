package client_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/client"
)

// tree is a Panel and node with files: by path, folders end in a slash.
type tree struct {
	t       *testing.T
	url     string
	files   map[string]string
	uploads int
}

func newTree(t *testing.T, files map[string]string) (*tree, *client.Client) {
	t.Helper()
	tr := &tree{t: t, files: files}
	server := httptest.NewServer(tr)
	t.Cleanup(server.Close)
	tr.url = server.URL
	c, err := client.New(server.URL, testKey)
	if err != nil {
		t.Fatal(err)
	}
	return tr, c
}

func (tr *tree) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	signed := func(path string) {
		fmt.Fprintf(w, `{"object":"signed_url","attributes":{"url":"%s%s"}}`, tr.url, path)
	}
	switch path.Base(r.URL.Path) {
	case "list":
		tr.list(w, query.Get("directory"))
	case "download":
		signed("/signed/file?token=x&path=" + strings.ReplaceAll(query.Get("file"), " ", "%20"))
	case "upload":
		signed("/signed/put?token=x")
	case "create-folder":
		var req client.CreateFolderRequest
		if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
			tr.t.Error(err)
		}
		tr.files[path.Join(*req.Root, req.Name)+"/"] = ""
		w.WriteHeader(http.StatusNoContent)
	case "file":
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = io.WriteString(w, tr.files[query.Get("path")])
	case "put":
		tr.uploads++
		form, err := r.MultipartReader()
		if err != nil {
			tr.t.Error(err)
			return
		}
		for part, err := form.NextPart(); err == nil; part, err = form.NextPart() {
			content, _ := io.ReadAll(part)
			tr.files[path.Join(query.Get("directory"), part.FileName())] = string(content)
		}
	}
}

// list shows a folder. A name after a colon is shown in place of the real one.
func (tr *tree) list(w http.ResponseWriter, directory string) {
	var items []string
	seen := make(map[string]bool)
	for _, file := range slices.Sorted(maps.Keys(tr.files)) {
		within, ok := strings.CutPrefix(file, strings.TrimSuffix(directory, "/")+"/")
		if !ok || within == "" {
			continue
		}
		name, _, isFolder := strings.Cut(within, "/")
		if seen[name] {
			continue
		}
		seen[name] = true
		if _, other, renamed := strings.Cut(name, ":"); renamed {
			name = strings.ReplaceAll(other, "|", "/")
		}
		item, _ := json.Marshal(map[string]any{"object": "file_object", "attributes": map[string]any{
			"name": name, "mode": "", "size": 0, "is_file": !isFolder, "is_symlink": false, "mimetype": "",
			"created_at": "2026-11-21T22:44:15+00:00", "modified_at": "2026-11-21T22:44:15+00:00",
		}})
		items = append(items, string(item))
	}
	fmt.Fprintf(w, `{"object":"list","data":[%s]}`, strings.Join(items, ","))
}

func TestFolders(t *testing.T) {
	t.Parallel()
	local := t.TempDir()
	want := map[string]string{
		"a.txt": "A", "b c.json": `{"b":1}`, "sub/c.txt": "C", "sub/deep/d.txt": strings.Repeat("d", 5000), "empty/": "",
	}
	for name, content := range want {
		file := filepath.Join(local, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "/") {
			if err := os.MkdirAll(file, 0o700); err != nil {
				t.Fatal(err)
			}
		} else if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("a.txt", filepath.Join(local, "link.txt")); err != nil {
		t.Fatal(err)
	}
	want["link.txt"] = "A"

	tr, c := newTree(t, map[string]string{"/other.txt": "stays", "/world/a.txt": "old"})
	var up client.FolderProgress
	err := c.Files.UploadFolder(t.Context(), testServer, local, "world", client.FolderOptions{Progress: func(p client.FolderProgress) { up = p }})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range want {
		if got, ok := tr.files["/world/"+name]; !ok || got != content {
			t.Errorf("%s holds %.20q, want %.20q", name, got, content)
		}
	}
	if up.Files != 5 || up.Bytes != 5000+2+7+1 || tr.uploads != 3 || tr.files["/other.txt"] != "stays" {
		t.Errorf("progress = %+v in %d uploads", up, tr.uploads)
	}

	back := filepath.Join(t.TempDir(), "new", "folder")
	var down client.FolderProgress
	err = c.Files.DownloadFolder(t.Context(), testServer, "/world", back, client.FolderOptions{Progress: func(p client.FolderProgress) { down = p }})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range want {
		info, err := os.Stat(filepath.Join(back, filepath.FromSlash(name)))
		if err != nil || info.IsDir() != strings.HasSuffix(name, "/") {
			t.Errorf("%s: %v, %v", name, info, err)
			continue
		}
		if got, _ := os.ReadFile(filepath.Join(back, filepath.FromSlash(name))); string(got) != content {
			t.Errorf("%s holds %.20q, want %.20q", name, got, content)
		}
	}
	if down.Files != 5 || down.Bytes != up.Bytes {
		t.Errorf("progress = %+v", down)
	}
	// Nothing here is replaced unasked.
	if err := c.Files.DownloadFolder(t.Context(), testServer, "/world", back, client.FolderOptions{}); !errors.Is(err, os.ErrExist) {
		t.Errorf("err = %v, want os.ErrExist", err)
	}
	if err := c.Files.DownloadFolder(t.Context(), testServer, "/world", back, client.FolderOptions{Overwrite: true}); err != nil {
		t.Error(err)
	}
}

func TestManyFilesGoInBatches(t *testing.T) {
	t.Parallel()
	local := t.TempDir()
	for i := range 120 {
		if err := os.WriteFile(filepath.Join(local, fmt.Sprintf("%d.txt", i)), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tr, c := newTree(t, make(map[string]string))
	if err := c.Files.UploadFolder(t.Context(), testServer, local, "/", client.FolderOptions{}); err != nil {
		t.Fatal(err)
	}
	if len(tr.files) != 120 || tr.uploads != 3 {
		t.Errorf("%d files in %d uploads, want 120 in 3", len(tr.files), tr.uploads)
	}
}

// Whatever a node calls its files, nothing is written outside of the folder.
func TestDownloadFolderStaysInside(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"..", ".", "|etc|passwd", "..|evil", "a|b", "..|..|evil", ""} {
		outer := t.TempDir()
		inner := filepath.Join(outer, "inner")
		_, c := newTree(t, map[string]string{"/x:" + name: "evil"})
		err := c.Files.DownloadFolder(t.Context(), testServer, "/", inner, client.FolderOptions{Overwrite: true})
		if err == nil || !strings.Contains(err.Error(), "which is no file name") {
			t.Errorf("%q: err = %v", name, err)
		}
		if left, _ := os.ReadDir(inner); len(left) > 0 {
			t.Errorf("%q: %s was written", name, left[0].Name())
		}
		if left, _ := os.ReadDir(outer); len(left) != 1 {
			t.Errorf("%q: something was written outside", name)
		}
	}
	// Nor through a link that stands there already.
	outer := t.TempDir()
	inner := filepath.Join(outer, "inner")
	if err := errors.Join(os.Mkdir(inner, 0o700), os.Mkdir(filepath.Join(outer, "secret"), 0o700),
		os.Symlink("../secret", filepath.Join(inner, "sub"))); err != nil {
		t.Fatal(err)
	}
	_, c := newTree(t, map[string]string{"/sub/a.txt": "evil"})
	if err := c.Files.DownloadFolder(t.Context(), testServer, "/", inner, client.FolderOptions{Overwrite: true}); err == nil {
		t.Error("the link was followed")
	}
	if left, _ := os.ReadDir(filepath.Join(outer, "secret")); len(left) > 0 {
		t.Error("something was written through the link")
	}
}

// A folder that contains itself, by a link on the node, comes to an end.
func TestDownloadFolderOfALoop(t *testing.T) {
	t.Parallel()
	panel := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"object":"list","data":[{"object":"file_object","attributes":{"name":"loop","is_file":false,`+
			`"created_at":"2026-11-21T22:44:15+00:00","modified_at":"2026-11-21T22:44:15+00:00"}}]}`)
	}))
	t.Cleanup(panel.Close)
	c, err := client.New(panel.URL, testKey)
	if err != nil {
		t.Fatal(err)
	}
	err = c.Files.DownloadFolder(t.Context(), testServer, "/", t.TempDir(), client.FolderOptions{})
	if err == nil || !strings.Contains(err.Error(), "a link may lead back") {
		t.Errorf("err = %v", err)
	}
}

func TestUploadFolderRefusesWhatIsNoFile(t *testing.T) {
	t.Parallel()
	local := t.TempDir()
	if err := os.Symlink(".", filepath.Join(local, "loop")); err != nil {
		t.Fatal(err)
	}
	tr, c := newTree(t, make(map[string]string))
	if err := c.Files.UploadFolder(t.Context(), testServer, local, "/", client.FolderOptions{}); err == nil || tr.uploads > 0 {
		t.Errorf("err = %v after %d uploads", err, tr.uploads)
	}
}
