package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ptero-go/ptero/client"
)

// blocking is a content whose Read blocks, after some bytes, until it is released.
type blocking struct {
	first    io.Reader
	reading  chan struct{} // closed when a Read blocks
	released chan struct{}
	once     sync.Once
	reads    atomic.Int32
}

func newBlocking(t *testing.T, first string) *blocking {
	t.Helper()
	b := &blocking{first: strings.NewReader(first), reading: make(chan struct{}), released: make(chan struct{})}
	t.Cleanup(b.release)
	return b
}

func (b *blocking) release() {
	select {
	case <-b.released:
	default:
		close(b.released)
	}
}

func (b *blocking) Read(p []byte) (int, error) {
	b.reads.Add(1)
	if n, _ := b.first.Read(p); n > 0 {
		return n, nil
	}
	b.once.Do(func() { close(b.reading) })
	<-b.released
	return copy(p, "late"), nil
}

// returns fails the test if a call does not return, instead of hanging.
func returns(t *testing.T, call func() error) error {
	t.Helper()
	returned := make(chan error, 1)
	go func() { returned <- call() }()
	select {
	case err := <-returned:
		return err
	case <-time.After(20 * time.Second):
		t.Fatal("the call did not return")
		return nil
	}
}

// transferServer is a Panel and a node that speaks HTTP/1 or 2.
func transferServer(t *testing.T, version int, handler http.HandlerFunc) *client.Client {
	t.Helper()
	var server *httptest.Server
	server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != version {
			t.Errorf("%s came by HTTP/%d", r.URL.Path, r.ProtoMajor)
		}
		if strings.HasSuffix(r.URL.Path, "/files/upload") || strings.HasSuffix(r.URL.Path, "/files/download") {
			fmt.Fprintf(w, `{"object":"signed_url","attributes":{"url":"%s/node?token=x"}}`, server.URL)
			return
		}
		handler(w, r)
	}))
	server.EnableHTTP2 = version == 2
	server.StartTLS()
	t.Cleanup(server.Close)
	return newClient(t, server.URL, client.WithHTTPClient(server.Client()))
}

// readAll is a node that reads all that it gets.
func readAll(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }

// A call ends with its context, whatever the caller's reader does.
func TestCallsEndWhileAReadBlocks(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	calls := map[string]func(context.Context, *client.Client, io.Reader) error{
		"upload of known length": func(ctx context.Context, c *client.Client, content io.Reader) error {
			return c.Files.Upload(ctx, testServer, "/", client.FileReader("a", content, 1<<20))
		},
		"upload of unknown length": func(ctx context.Context, c *client.Client, content io.Reader) error {
			return c.Files.Upload(ctx, testServer, "/", client.FileReader("a", content, -1))
		},
		"upload by Open": func(ctx context.Context, c *client.Client, content io.Reader) error {
			file := client.UploadFile{Name: "a", Size: -1, Open: func() (io.ReadCloser, error) { return lockedCloser(content), nil }}
			return c.Files.Upload(ctx, testServer, "/", file)
		},
		"write": func(ctx context.Context, c *client.Client, content io.Reader) error {
			return c.Files.Write(ctx, testServer, "a", content)
		},
		"write of a seeker": func(ctx context.Context, c *client.Client, content io.Reader) error {
			return c.Files.Write(ctx, testServer, "a", seeker{content, 1 << 20})
		},
	}
	for name, call := range calls {
		for _, version := range []int{1, 2} {
			t.Run(fmt.Sprint(name, ", HTTP/", version), func(t *testing.T) {
				t.Parallel()
				c := transferServer(t, version, readAll)
				content := newBlocking(t, "first bytes")
				ctx, cancel := context.WithCancelCause(ctx)
				why := errors.New("no time left")
				go func() {
					<-content.reading
					cancel(why)
				}()
				err := returns(t, func() error { return call(ctx, c, content) })
				if !errors.Is(err, why) && !errors.Is(err, context.Canceled) {
					t.Errorf("err = %v, want the end of the context", err)
				}
				content.release() // so that the goroutine ends, which TestMain waits for
			})
		}
	}
}

// lockedCloser has a Close that waits for a Read, as many have.
func lockedCloser(r io.Reader) io.ReadCloser { return &locked{Reader: r} }

type locked struct {
	io.Reader
	mu sync.Mutex
}

func (l *locked) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Reader.Read(p)
}

func (l *locked) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return nil
}

// seeker says that it has a size, whatever it reads.
type seeker struct {
	io.Reader
	size int64
}

func (s seeker) Seek(offset int64, whence int) (int64, error) {
	if inner, ok := s.Reader.(io.Seeker); ok && whence == io.SeekStart {
		return inner.Seek(offset, whence)
	}
	if whence == io.SeekEnd {
		return s.size, nil
	}
	return 0, nil
}

// A server that answers before it has read all ends the call too, though the
// content would block for ever.
func TestEarlyAnswerWhileAReadBlocks(t *testing.T) {
	t.Parallel()
	for _, version := range []int{1, 2} {
		content := newBlocking(t, "first bytes")
		c := transferServer(t, version, func(w http.ResponseWriter, _ *http.Request) {
			<-content.reading
			if version == 1 {
				w.Header().Set("Connection", "close") // else net/http's server reads on before it answers
			}
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		})
		err := returns(t, func() error {
			return c.Files.Upload(t.Context(), testServer, "/", client.FileReader("a", content, -1))
		})
		var e *client.Error
		if !errors.As(err, &e) || e.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("HTTP/%d: err = %v, want status 413", version, err)
		}
		content.release()
	}
}

// A content is not touched where an argument is wrong or the context has ended.
func TestWriteLooksAtItsArgumentsFirst(t *testing.T) {
	t.Parallel()
	c := newClient(t, "http://127.0.0.1:9") // nothing is sent
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, tt := range map[string]struct {
		ctx  context.Context
		file string
		want error
	}{
		"no file":       {t.Context(), "", client.ErrArgument},
		"ended context": {ended, "a", context.Canceled},
	} {
		content := newBlocking(t, "")
		err := returns(t, func() error { return c.Files.Write(tt.ctx, testServer, tt.file, content) })
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: err = %v, want %v", name, err, tt.want)
		}
		if errors.Is(tt.want, client.ErrArgument) && content.reads.Load() > 0 {
			t.Errorf("%s: the content was read", name)
		}
	}
}

// The copy that measures a content is gone when the context ends meanwhile.
func TestNoCopyIsLeft(t *testing.T) { // not parallel: it sets the folder for temporary files
	t.Setenv("TMPDIR", t.TempDir())
	c := newClient(t, "http://127.0.0.1:9")
	content := newBlocking(t, "first bytes")
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-content.reading
		cancel()
	}()
	if err := returns(t, func() error { return c.Files.Write(ctx, testServer, "a", content) }); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
	content.release()
	for range 1000 {
		if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "*")); len(left) == 0 {
			return
		}
		time.Sleep(time.Millisecond) // until the goroutine has removed it
	}
	t.Error("a copy of the content is left")
}

// A callback that blocks holds up no download beyond its context.
func TestDownloadEndsWhileProgressBlocks(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	n.daemon = serveFile(strings.Repeat("x", 1<<20))
	ctx, cancel := context.WithCancel(t.Context())
	release := make(chan struct{})
	defer close(release)
	path := filepath.Join(t.TempDir(), "saved")
	err := returns(t, func() error {
		return n.Files.DownloadFile(ctx, testServer, "a", path, client.SaveOptions{Progress: func(int64, int64) {
			cancel()
			<-release
		}})
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("half a file: %v", err)
	}
}

// stuck is a reader that returns nothing for ever.
type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func TestReadersWithoutProgress(t *testing.T) {
	t.Parallel()
	panel := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		fmt.Fprintf(w, `{"object":"signed_url","attributes":{"url":"http://%s/up?token=t"}}`, r.Host)
	}))
	defer panel.Close()
	c, err := client.New(panel.URL, testKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func() error{
		"Write":  func() error { return c.Files.Write(t.Context(), testServer, "/x", stuck{}) },
		"Upload": func() error { return c.Files.Upload(t.Context(), testServer, "/", client.FileReader("x", stuck{}, 3)) },
	} {
		if err := returns(t, call); !errors.Is(err, io.ErrNoProgress) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
