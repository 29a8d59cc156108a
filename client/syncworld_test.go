package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/paneltest"
)

// syncWorld is a Panel in memory, for a test in a bubble, with two clients: one
// that is tested, whose calls are watched, and one to look with.
type syncWorld struct {
	t      *testing.T
	panel  *paneltest.Panel
	server string
	files  *client.FilesService // of the tested client
	look   *client.FilesService

	mu    sync.Mutex
	calls []string // operations of the tested client
	fault func(n int, operation string, send func() (*http.Response, error)) (*http.Response, error)
}

func newSyncWorld(t *testing.T, opts ...paneltest.Option) *syncWorld {
	t.Helper()
	panel, err := paneltest.New(append([]paneltest.Option{paneltest.InMemory()}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(panel.Close)
	w := &syncWorld{t: t, panel: panel}
	w.files = w.newClient(panel.UserKey, client.WithMiddleware(w.watch)).Files
	viewer := w.newClient(panel.UserKey, client.WithLimiter(nil))
	w.look = viewer.Files
	for server, err := range viewer.Servers.All(t.Context(), client.ServerListOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		if server.Name == "lobby" {
			w.server = server.UUID
		}
	}
	if err := w.look.Delete(t.Context(), w.server, "/logs", "/server.properties"); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *syncWorld) newClient(key string, opts ...client.Option) *client.Client {
	w.t.Helper()
	c, err := client.New(w.panel.URL, key, append(opts, client.WithHTTPClient(w.panel.HTTPClient()))...)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// watch is a middleware that counts the calls and lets faults happen.
func (w *syncWorld) watch(next client.Sender) client.Sender {
	return func(req *http.Request, call client.Call) (*http.Response, error) {
		w.mu.Lock()
		w.calls = append(w.calls, call.Operation)
		n, fault := len(w.calls), w.fault
		w.mu.Unlock()
		send := func() (*http.Response, error) { return next(req, call) }
		if fault == nil {
			return send()
		}
		return fault(n, call.Operation, send)
	}
}

// forget starts the count of calls anew and ends all faults.
func (w *syncWorld) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls, w.fault = nil, nil
}

func (w *syncWorld) called() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.calls)
}

// contents is what a folder holds, by path. The names of empty folders end in a
// slash.
type contents map[string]string

// put makes a local folder hold nothing else.
func (c contents) put(t *testing.T, dir string) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range c {
		putFile(t, filepath.Join(dir, filepath.FromSlash(name)), content, strings.HasSuffix(name, "/"))
	}
}

func putFile(t *testing.T, name, content string, isDir bool) {
	t.Helper()
	parent := filepath.Dir(name)
	if isDir {
		parent = name
	}
	if err := os.MkdirAll(parent, 0o700); err != nil {
		t.Fatal(err)
	}
	if isDir {
		return
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	// The clock of a bubble is not that of the disk.
	if err := os.Chtimes(name, time.Now(), time.Now()); err != nil {
		t.Fatal(err)
	}
}

// here reads a local folder.
func here(t *testing.T, dir string) contents {
	t.Helper()
	found := make(contents)
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		delete(found, path.Dir(name)+"/")
		if d.IsDir() {
			found[name+"/"] = ""
			return nil
		}
		content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		found[name] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// there reads a folder of the server.
func (w *syncWorld) there(directory string) contents {
	w.t.Helper()
	found := make(contents)
	for entry, err := range w.look.Walk(context.Background(), w.server, directory) {
		if err != nil {
			w.t.Fatal(err)
		}
		name := strings.TrimPrefix(strings.TrimPrefix(entry.Path, directory), "/")
		delete(found, path.Dir(name)+"/")
		if !entry.IsFile {
			found[name+"/"] = ""
			continue
		}
		from, err := w.look.Download(context.Background(), w.server, entry.Path)
		if err != nil {
			w.t.Fatal(err)
		}
		content, err := io.ReadAll(from)
		if err = errors.Join(err, from.Close()); err != nil {
			w.t.Fatal(err)
		}
		found[name] = string(content)
	}
	return found
}

// fill makes a folder of the server hold something, besides what it holds.
func (w *syncWorld) fill(directory string, c contents) {
	w.t.Helper()
	for name, content := range c {
		full := path.Join(directory, name)
		if strings.HasSuffix(name, "/") {
			if err := w.look.CreateFolder(context.Background(), w.server, full); err != nil {
				w.t.Fatal(err)
			}
		} else if err := w.look.Write(context.Background(), w.server, full, strings.NewReader(content)); err != nil {
			w.t.Fatal(err)
		}
	}
}

// fillByArchive is fill for many files.
func (w *syncWorld) fillByArchive(directory string, c contents) {
	w.t.Helper()
	dir := w.t.TempDir()
	c.put(w.t, dir)
	if _, err := w.look.SyncFolder(context.Background(), w.server, client.SyncUp, dir, directory, client.SyncOptions{}); err != nil {
		w.t.Fatal(err)
	}
}

func (c contents) sum() (bytes int64, files int) {
	for name, content := range c {
		if !strings.HasSuffix(name, "/") {
			bytes, files = bytes+int64(len(content)), files+1
		}
	}
	return bytes, files
}

// same fails the test unless two folders hold the same.
func same(t *testing.T, what string, got, want contents) {
	t.Helper()
	for name, content := range want {
		if have, ok := got[name]; !ok || have != content {
			t.Errorf("%s: %s holds %.30q, exists %t; want %.30q", what, name, have, ok, content)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: %s should not be there", what, name)
		}
	}
}

// isTemporary reports whether a file is one that a sync has to clear away.
func isTemporary(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(base, ".ptero-sync-") || strings.HasPrefix(base, "archive-") && strings.HasSuffix(base, ".tar.gz")
}

// clean fails the test if a sync has left something of its own anywhere.
func (w *syncWorld) clean(what, dir string) {
	w.t.Helper()
	for entry, err := range w.look.Walk(context.Background(), w.server, "/") {
		if err != nil {
			w.t.Fatal(err)
		}
		if isTemporary(entry.Path) {
			w.t.Errorf("%s: %s is left on the server", what, entry.Path)
		}
	}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, _ fs.DirEntry, err error) error {
		if isTemporary(name) {
			w.t.Errorf("%s: %s is left here", what, name)
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// namesForTrees are hard to carry.
var namesForTrees = []string{
	"a", "b.txt", "B.txt", "a b", " lead", "trail ", "ü", "名前", "50%", "%41", ".hidden", "-rf", "a&b=c", "it's", `say "hi"`, "[x]*?", "a+b", "#1", "~", "...", "a;b", "x.tar.gz",
}

// randomTree returns folders and files, with some that are empty.
func randomTree(random *rand.Rand, folders int) contents {
	c := make(contents)
	paths := []string{""}
	for range folders {
		folder := path.Join(paths[random.IntN(len(paths))], namesForTrees[random.IntN(len(namesForTrees))])
		if _, isFile := c[folder]; isFile {
			continue
		}
		if !slices.Contains(paths, folder) {
			paths = append(paths, folder)
			delete(c, path.Dir(folder)+"/")
			c[folder+"/"] = ""
		}
		for range random.IntN(4) {
			name := path.Join(folder, namesForTrees[random.IntN(len(namesForTrees))])
			if slices.Contains(paths, name) {
				continue
			}
			delete(c, folder+"/")
			c[name] = randomContent(random)
		}
	}
	return c
}

func randomContent(random *rand.Rand) string {
	size := 0
	switch random.IntN(6) {
	case 0:
	case 1:
		size = 1
	case 2:
		size = random.IntN(100_000)
	default:
		size = random.IntN(2000)
	}
	content := make([]byte, size)
	for i := range content {
		content[i] = byte(random.Uint32())
	}
	return string(content)
}

// changed returns a tree in which much is other than before.
func changed(random *rand.Rand, c contents) contents {
	other := randomTree(random, 5)
	for name, content := range c {
		switch random.IntN(6) {
		case 0: // gone
		case 1:
			if !strings.HasSuffix(name, "/") {
				content = randomContent(random)
			}
			fallthrough
		default:
			if fits(other, name) {
				other[name] = content
			}
		}
	}
	return other
}

// fits reports whether a tree can hold a name besides what it holds.
func fits(c contents, name string) bool {
	plain := strings.TrimSuffix(name, "/")
	for existing := range c {
		old := strings.TrimSuffix(existing, "/")
		if old == plain || strings.HasPrefix(old, plain+"/") || strings.HasPrefix(plain, old+"/") {
			return false
		}
	}
	return true
}

func ok[T any](t *testing.T, value T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// manyFiles returns a flat folder, or one with folders.
func manyFiles(n, size, perFolder int) contents {
	c := make(contents)
	for i := range n {
		c[fmt.Sprintf("r%d/chunk-%04d.dat", i/perFolder, i)] = strings.Repeat(fmt.Sprintf("%08d", i), size/8)
	}
	return c
}
