package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptero-go/ptero/client"
)

// faults are things that a Panel, or what stands before it, may do to a request.
var faults = map[string]http.HandlerFunc{
	"HTML 502":          answerWith(502, "text/html", "<html><title>502 Bad Gateway</title></html>"),
	"truncated JSON":    answerWith(200, "application/json", `{"object":"list","data":[{"object":"server","attr`),
	"empty 200":         answerWith(200, "application/json", ""),
	"login page":        func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/auth/login", http.StatusFound) },
	"login page as 200": answerWith(200, "text/html; charset=UTF-8", "<!DOCTYPE html><title>Login</title>"),
	"list for object":   answerWith(200, "application/json", `[]`),
	"list for content":  answerWith(200, "application/json", `{"object":"server","attributes":[],"data":{}}`),
	"null":              answerWith(200, "application/json", `null`),
	"number":            answerWith(200, "application/json", `7`),
	"PHP warning":       answerWith(200, "application/json", "<br />\n<b>Warning</b>: x in y\n{}"),
	"binary":            answerWith(200, "text/html", "\x00\xff\xfe"),
	"reset mid-body":    resetMidBody,
	"reset at once":     hangUp,
	"shorter than said": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, `{"object":`)
	},
	"errors of no form": answerWith(500, "application/json", `{"errors":{"a":["b"]}}`),
	"errors of null":    answerWith(422, "application/json", `{"errors":[null]}`),
	"text 503":          answerWith(503, "text/plain", "no available server"),
	"1xx and 599":       answerWith(599, "", ""),
	"204 for all":       answerWith(204, "", ""),
}

// resetMidBody sends a part of an answer and resets the connection.
func resetMidBody(w http.ResponseWriter, _ *http.Request) {
	conn, buffer, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_, _ = buffer.WriteString("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"object\":\"ser")
	_ = buffer.Flush()
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// Each kind of wrapper gives an error of its type for each fault, or success
// where the answer is one; what must not be sent twice is sent once.
func TestFaults(t *testing.T) {
	t.Parallel()
	discard := func(_ any, err error) error { return err }
	kinds := map[string]func(context.Context, *client.Client) error{
		"item": func(ctx context.Context, c *client.Client) error { return discard(c.Servers.Get(ctx, testServer)) },
		"page": func(ctx context.Context, c *client.Client) error {
			return discard(c.Servers.List(ctx, client.ServerListOptions{}))
		},
		"list": func(ctx context.Context, c *client.Client) error { return discard(c.Files.List(ctx, testServer, "/")) },
		"data": func(ctx context.Context, c *client.Client) error {
			return discard(c.Servers.Websocket(ctx, testServer))
		},
		"text": func(ctx context.Context, c *client.Client) error { return discard(c.Files.Read(ctx, testServer, "a")) },
		"download": func(ctx context.Context, c *client.Client) error {
			return discard(c.Files.Download(ctx, testServer, "a"))
		},
		"upload": func(ctx context.Context, c *client.Client) error {
			return c.Files.Upload(ctx, testServer, "/", client.FileBytes("a", []byte("b")))
		},
		"command": func(ctx context.Context, c *client.Client) error { return c.Servers.Command(ctx, testServer, "x") },
		"power": func(ctx context.Context, c *client.Client) error {
			return c.Servers.Signal(ctx, testServer, client.PowerSignalKill)
		},
		"create": func(ctx context.Context, c *client.Client) error {
			return discard(c.Backups.Create(ctx, testServer, client.CreateBackupRequest{}))
		},
		"all": func(ctx context.Context, c *client.Client) error {
			for _, err := range c.Servers.All(ctx, client.ServerListOptions{}) {
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
	// Where an answer with this fault is a success all the same.
	successes := map[string]string{
		"data":    "list for content",
		"text":    "empty 200, truncated JSON, list for object, list for content, null, number, PHP warning",
		"command": "empty 200, 204 for all, list for object, null",
		"power":   "empty 200, 204 for all, list for object, null",
	}
	for kind, call := range kinds {
		for fault, answer := range faults {
			t.Run(kind+" "+fault, func(t *testing.T) {
				t.Parallel()
				var sent atomic.Int32
				panel := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					sent.Add(1)
					answer(w, r)
				}))
				t.Cleanup(panel.Close)
				// A repetition would only cost time, but for those that must not be repeated.
				once := kind == "command" || kind == "power" || kind == "create"
				retries := 0
				if once {
					retries = 3
				}
				c, err := client.New(panel.URL, testKey, client.WithRetries(retries))
				if err != nil {
					t.Fatal(err)
				}
				err = call(t.Context(), c)
				if success := strings.Contains(", "+successes[kind]+", ", ", "+fault+", "); success != (err == nil) {
					t.Fatalf("err = %v", err)
				}
				var e *client.Error
				if err != nil && (!errors.As(err, &e) || e.Operation == "" || strings.Contains(err.Error(), testKey)) {
					t.Errorf("err = %v (%T)", err, err)
				}
				if once && sent.Load() != 1 {
					t.Errorf("sent %d times", sent.Load())
				}
			})
		}
	}
}

func TestWrongContentTypeOfGoodJSON(t *testing.T) {
	t.Parallel()
	panel := httptest.NewServer(answerWith(200, "text/plain", `{"object":"user","attributes":{"id":7}}`))
	t.Cleanup(panel.Close)
	c, err := client.New(panel.URL, testKey)
	if err != nil {
		t.Fatal(err)
	}
	if account, err := c.Account.Get(t.Context()); err != nil || account.ID != 7 {
		t.Errorf("account = %+v, %v", account, err)
	}
}

func TestSlowBodyWithDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := offline(t, func(req *http.Request) (*http.Response, error) {
			resp, err := reply(req, nil, "")
			resp.ContentLength = -1
			resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"object":`), untilDone{req.Context()}))
			return resp, err
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := c.Account.Get(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "broke off after 10 bytes") {
			t.Errorf("err = %v", err)
		}
	})
}

// untilDone is a body that stands still until the request is over.
type untilDone struct{ ctx context.Context }

func (b untilDone) Read([]byte) (int, error) {
	<-b.ctx.Done()
	return 0, b.ctx.Err()
}

// Many goroutines at once, over real sockets, against a small window: each
// command arrives once, none is lost.
func TestStorm(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var ends time.Time
	count, refused := 0, 0
	arrived := make(map[string]int)
	panel := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		if now := time.Now(); now.After(ends) {
			ends, count = now.Add(time.Second), 0
		}
		count++
		w.Header().Set("X-RateLimit-Limit", "40")
		w.Header().Set("X-RateLimit-Remaining", strconv.Itoa(max(0, 40-count)))
		if count > 40 {
			refused++
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		arrived[string(body)]++
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(panel.Close)
	c, err := client.New(panel.URL, testKey)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			if err := c.Servers.Command(t.Context(), testServer, fmt.Sprint("command ", i)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for command, times := range arrived {
		if times != 1 {
			t.Errorf("%s arrived %d times", command, times)
		}
	}
	if len(arrived) != 100 || refused > 3 {
		t.Errorf("%d commands arrived, %d requests were refused", len(arrived), refused)
	}
}
