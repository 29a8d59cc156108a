package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/paneltest"
)

// answered is an answer that did not come from the Panel or the node.
func answered(operation string, status int) *http.Response {
	body := fmt.Sprintf(`{"errors":[{"code":"HttpException","status":"%d","detail":"no"}]}`, status)
	if strings.HasPrefix(operation, "wings") {
		body = `{"error":"no"}`
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}, "Retry-After": {"1"}},
		Body: io.NopCloser(strings.NewReader(body)),
	}
}

// drop does a request and loses its answer.
func drop(send func() (*http.Response, error)) error {
	resp, err := send()
	if err == nil {
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
	return errors.New("connection reset")
}

// half cuts a body.
func half(resp *http.Response, err error) (*http.Response, error) {
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body[:len(body)/2]), brokenReader{}))
	return resp, err
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// faultsOfCalls are what can happen to one call.
var faultsOfCalls = map[string]func(cancel func(), operation string, send func() (*http.Response, error)) (*http.Response, error){
	"cancelled before": func(cancel func(), _ string, send func() (*http.Response, error)) (*http.Response, error) {
		cancel()
		return send()
	},
	"cancelled after": func(cancel func(), _ string, send func() (*http.Response, error)) (*http.Response, error) {
		resp, err := send()
		cancel()
		return resp, err
	},
	"cancelled and lost": func(cancel func(), _ string, send func() (*http.Response, error)) (*http.Response, error) {
		err := drop(send)
		cancel()
		return nil, err
	},
	"not sent": func(func(), string, func() (*http.Response, error)) (*http.Response, error) {
		return nil, errors.New("connection refused")
	},
	"lost": func(_ func(), _ string, send func() (*http.Response, error)) (*http.Response, error) {
		return nil, drop(send)
	},
	"cut": func(_ func(), _ string, send func() (*http.Response, error)) (*http.Response, error) {
		return half(send())
	},
	"400": func(_ func(), operation string, _ func() (*http.Response, error)) (*http.Response, error) {
		return answered(operation, 400), nil
	},
	"403": func(_ func(), operation string, _ func() (*http.Response, error)) (*http.Response, error) {
		return answered(operation, 403), nil
	},
	"429": func(_ func(), operation string, _ func() (*http.Response, error)) (*http.Response, error) {
		return answered(operation, 429), nil
	},
	"500": func(_ func(), operation string, _ func() (*http.Response, error)) (*http.Response, error) {
		return answered(operation, 500), nil
	},
	"504 of a proxy, and done": func(_ func(), operation string, send func() (*http.Response, error)) (*http.Response, error) {
		_ = drop(send)
		return answered(operation, 504), nil
	},
}

// Whatever happens to any single call, nothing of the sync is left behind, no file
// is half there, and another run makes the folders the same.
func TestSyncSurvivesAFaultInEachCall(t *testing.T) {
	t.Parallel()
	for fault, strike := range faultsOfCalls {
		if testing.Short() && fault != "lost" && fault != "cancelled and lost" {
			continue
		}
		for _, direction := range []client.SyncDirection{client.SyncUp, client.SyncDown} {
			for _, archived := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, %v, archived %t", fault, direction, archived), func(t *testing.T) {
					t.Parallel()
					for call := 1; ; call++ {
						var calls int
						synctest.Test(t, func(t *testing.T) {
							s := newStrike(t, direction, archived)
							calls = s.at(call, strike)
						})
						if call > calls || t.Failed() {
							if call < 6 {
								t.Errorf("there are %d calls only", calls)
							}
							return
						}
					}
				})
			}
		}
	}
}

// strike is a sync of two folders, of which one is changed to the other.
type strike struct {
	*syncWorld
	direction     client.SyncDirection
	sync          syncFunc
	opts          client.SyncOptions
	local         string
	before, after contents // of the folder that changes
}

func newStrike(t *testing.T, direction client.SyncDirection, archived bool) *strike {
	t.Helper()
	w := newSyncWorld(t, paneltest.WithoutRateLimits())
	random := rand.New(rand.NewPCG(7, 7))
	s := &strike{
		syncWorld: w, direction: direction, sync: w.files.SyncFolder, local: t.TempDir(),
		opts: client.SyncOptions{Delete: true, NoArchive: !archived, Concurrency: 2},
		before: contents{
			"same.txt": "same", "changed.txt": "old", "sub/old.txt": "gone", "gone/b/": "", "kind": "file", "dir/file": "x",
		},
		after: contents{
			"same.txt": "same", "changed.txt": "new content", "sub/new.txt": randomContent(random), "kind/ü 50%.dat": "",
			"dir": "now a file", "empty/": "",
		},
	}
	if archived {
		s.sync = w.files.SyncByArchive
	}
	local, remote := s.before, s.after
	if direction == client.SyncUp {
		local, remote = remote, local
	}
	// Where the source is older than the other side nothing would be sent up.
	w.fill("/world", remote)
	time.Sleep(time.Minute)
	local.put(t, s.local)
	return s
}

// target reads the folder that changes.
func (s *strike) target() contents {
	if s.direction == client.SyncUp {
		return s.there("/world")
	}
	return here(s.t, s.local)
}

// at lets a fault happen to a call. It returns how many calls there were.
func (s *strike) at(call int, strike func(cancel func(), operation string, send func() (*http.Response, error)) (*http.Response, error)) int {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	struck := ""
	s.fault = func(n int, operation string, send func() (*http.Response, error)) (*http.Response, error) {
		if n != call {
			return send()
		}
		struck = operation
		return strike(cancel, operation, send)
	}
	begun := time.Now()
	result, err := s.sync(ctx, s.server, s.direction, s.local, "/world", s.opts)
	what := fmt.Sprintf("call %d, %s", call, struck)
	if took := time.Since(begun); took > time.Minute {
		s.t.Errorf("%s: it took %v", what, took)
	}
	got := s.target()
	if err == nil {
		same(s.t, fmt.Sprintf("%s, no error, %+v", what, result), got, s.after)
	} else if strings.Contains(err.Error(), "\n") {
		s.t.Errorf("%s: the error has several lines: %q", what, err)
	}
	for name, content := range got {
		if content != s.before[name] && content != s.after[name] {
			s.t.Errorf("%s: %s is half there: %.30q", what, name, content)
		}
	}
	s.clean(what, s.local)
	calls := len(s.called())

	s.forget()
	if result, err := s.sync(s.t.Context(), s.server, s.direction, s.local, "/world", s.opts); err != nil {
		s.t.Errorf("%s, again: %+v, %v", what, result, err)
	}
	same(s.t, what+", again", s.target(), s.after)
	s.clean(what+", again", s.local)
	return calls
}
