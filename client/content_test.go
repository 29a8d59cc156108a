package client_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ptero-go/ptero/client"
)

// careless is a seekable content without any lock: the race detector notices who
// uses it while it is still being read.
type careless struct {
	content []byte
	offset  int
	fail    error // at the end of the content, nil for io.EOF
}

func (c *careless) Read(p []byte) (int, error) {
	if c.offset == len(c.content) {
		if c.fail != nil {
			return 0, c.fail
		}
		return 0, io.EOF
	}
	n := copy(p, c.content[c.offset:])
	c.offset += n
	return n, nil
}

func (c *careless) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
		c.offset = int(offset)
	case io.SeekEnd:
		return int64(len(c.content)) + offset, nil
	}
	return int64(c.offset), nil
}

// A content that is sent again is rewound only when nobody reads it any more, and
// the caller may use it again after the call.
func TestWriteAgainWhileTheOldWriteReads(t *testing.T) {
	t.Parallel()
	for _, version := range []int{1, 2} {
		content := &careless{content: bytes.Repeat([]byte("0123456789abcdef"), 1<<18)}
		var attempts atomic.Int32
		c := transferServer(t, version, func(w http.ResponseWriter, r *http.Request) {
			if attempts.Add(1) < 3 { // refused before it was read
				if version == 1 {
					w.Header().Set("Connection", "close")
				}
				w.Header().Set("Retry-After", "0")
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			arrived, err := io.ReadAll(r.Body)
			if err != nil || !bytes.Equal(arrived, content.content) {
				t.Errorf("HTTP/%d: %d bytes arrived, %v", version, len(arrived), err)
			}
		})
		if err := c.Files.Write(t.Context(), testServer, "a", content); err != nil || attempts.Load() != 3 {
			t.Errorf("HTTP/%d: %v after %d attempts", version, err, attempts.Load())
		}
		content.offset = 0
	}
}

// After a call that ended early the content is the caller's again.
func TestContentIsLetGo(t *testing.T) {
	t.Parallel()
	for _, version := range []int{1, 2} {
		slice := bytes.Repeat([]byte("x"), 4<<20)
		content := &careless{content: bytes.Repeat([]byte("x"), 4<<20)}
		c := transferServer(t, version, func(w http.ResponseWriter, _ *http.Request) {
			if version == 1 {
				w.Header().Set("Connection", "close")
			}
			w.WriteHeader(http.StatusForbidden)
		})
		for name, err := range map[string]error{
			"upload of bytes":  c.Files.Upload(t.Context(), testServer, "/", client.FileBytes("a", slice)),
			"write of bytes":   c.Files.Write(t.Context(), testServer, "a", bytes.NewReader(slice)),
			"write of buffer":  c.Files.Write(t.Context(), testServer, "a", bytes.NewBuffer(slice)),
			"write of seeker":  c.Files.Write(t.Context(), testServer, "a", content),
			"upload of reader": c.Files.Upload(t.Context(), testServer, "/", client.FileReader("a", content, -1)),
		} {
			if !errors.Is(err, client.ErrForbidden) {
				t.Errorf("HTTP/%d, %s: err = %v", version, name, err)
			}
		}
		clear(slice)
		content.offset, content.content = 0, nil
	}
}

// A content that cannot be read is no failure of the network: nothing is sent
// again.
func TestUnreadableContentIsSentOnce(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is on fire")
	file := func(size int64) client.UploadFile {
		return client.UploadFile{Name: "a", Size: size, Open: func() (io.ReadCloser, error) {
			return io.NopCloser(&careless{content: make([]byte, 1<<20), fail: broken}), nil
		}}
	}
	calls := map[string]func(*client.Client) error{
		"upload": func(c *client.Client) error {
			return c.Files.Upload(t.Context(), testServer, "/", file(2<<20))
		},
		"upload of unknown length": func(c *client.Client) error {
			return c.Files.Upload(t.Context(), testServer, "/", file(-1))
		},
		"write": func(c *client.Client) error {
			return c.Files.Write(t.Context(), testServer, "a", failing{&careless{content: make([]byte, 2<<20)}, broken})
		},
	}
	for name, call := range calls {
		for _, version := range []int{1, 2} {
			var requests atomic.Int32
			c := transferServer(t, version, func(_ http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				_, _ = io.Copy(io.Discard, r.Body)
			})
			err := call(c)
			var e *client.Error
			if !errors.Is(err, broken) || !errors.As(err, &e) || !strings.Contains(err.Error(), "the content to send could not be read: ") {
				t.Errorf("HTTP/%d, %s: err = %v", version, name, err)
			}
			if requests.Load() > 1 || e != nil && e.Attempts != 1 {
				t.Errorf("HTTP/%d, %s: %d requests, %+v", version, name, requests.Load(), e)
			}
		}
	}
}

// failing can be measured, but not read to its end.
type failing struct {
	*careless
	err error
}

func (f failing) Read(p []byte) (int, error) {
	if f.offset > len(f.content)/2 {
		return 0, f.err
	}
	return f.careless.Read(p)
}

// What has no content is refused before anything is sent.
func TestUploadWithoutContent(t *testing.T) {
	t.Parallel()
	c := newClient(t, serve(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s was sent", r.URL) }))
	file := client.FileBytes("a", nil)
	for name, files := range map[string][]client.UploadFile{
		"nil Open":       {{Name: "a", Size: 1}},
		"zero":           {{}},
		"nil reader":     {client.FileReader("a", nil, -1)},
		"after a good":   {file, {Name: "b"}},
		"the same twice": {file, client.FileBytes("b", nil), file},
	} {
		if err := c.Files.Upload(t.Context(), testServer, "/", files...); !errors.Is(err, client.ErrArgument) {
			t.Errorf("%s: err = %v, want ErrArgument", name, err)
		}
	}
	n := newNode(t)
	nothing := client.UploadFile{Name: "a", Size: -1, Open: func() (io.ReadCloser, error) { return nil, nil }} //nolint:nilnil // is what is tested
	if err := n.Files.Upload(t.Context(), testServer, "/", nothing); err == nil || len(n.files) > 0 {
		t.Errorf("an Open that returns nothing: err = %v, %d files", err, len(n.files))
	}
	for name, content := range map[string]io.Reader{
		"nil file": (*os.File)(nil), "nil buffer": (*bytes.Buffer)(nil), "nil reader": (*strings.Reader)(nil),
	} {
		if err := c.Files.Write(t.Context(), testServer, "a", content); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// What was read for a first upload is missing in a second one.
func TestFileReaderWorksOnce(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	file := client.FileReader("a", strings.NewReader("content"), -1)
	if err := n.Files.Upload(t.Context(), testServer, "/", file); err != nil {
		t.Fatal(err)
	}
	if err := n.Files.Upload(t.Context(), testServer, "/", file); err == nil || len(n.files) != 1 {
		t.Errorf("err = %v, %d files arrived, want 1", err, len(n.files))
	}
}

// A file of /proc says that it is empty.
func TestWriteOfAFileThatHidesItsSize(t *testing.T) {
	t.Parallel()
	var w written
	if file, err := os.Open("/proc/version"); err == nil { // elsewhere than on Linux there is none
		defer file.Close()
		want, _ := os.ReadFile("/proc/version")
		if err := w.client(t).Files.Write(t.Context(), testServer, "a", file); err != nil || w.bodies[0] != string(want) {
			t.Errorf("%v, sent %q, want %q", err, w.bodies, want)
		}
	}
	hidden := seeker{strings.NewReader("content"), 0}
	w = written{}
	if err := w.client(t).Files.Write(t.Context(), testServer, "a", hidden); err != nil || w.bodies[0] != "content" {
		t.Errorf("%v, sent %q", err, w.bodies)
	}
	// A content that stands at or beyond its end is empty.
	for _, at := range []int64{3, 5} {
		content := strings.NewReader("abc")
		if _, err := content.Seek(at, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		var w written
		if err := w.client(t).Files.Write(t.Context(), testServer, "a", content); err != nil || w.bodies[0] != "" || w.length != 0 {
			t.Errorf("from %d: %v, sent %q of length %d", at, err, w.bodies, w.length)
		}
	}
}
