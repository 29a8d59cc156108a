package soak

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/console"
	"github.com/ptero-go/ptero/paneltest"
)

const (
	workers  = 64
	consoles = 50
	spares   = 4  // further servers, which are started and stopped
	faulty   = 20 // one request in so many meets a fault
)

// world is an embedded Panel with all who use it.
type world struct {
	t      *testing.T
	panel  *paneltest.Panel
	client *client.Client
	admin  *application.Client
	ledger *ledger
	watch  *watcher
	faults []paneltest.Fault
	dice   dice

	servers []string // identifiers; the last ones are the spares
	ids     []int

	requests, struck atomic.Int64
	calls, failed    atomic.Int64
	mu               sync.Mutex
	troubles         map[string]int // what is wrong, and how often it was
	failures         map[string]int // the errors of calls, in short
}

// dice is safe for concurrent use.
type dice struct {
	mu   sync.Mutex
	rand *rand.Rand
}

func (d *dice) roll(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rand.IntN(n)
}

// newWorld starts a Panel with running servers whose games tell the ledger of
// each command.
func newWorld(t *testing.T, seed uint64, patience time.Duration, faults []paneltest.Fault, opts ...paneltest.Option) *world {
	t.Helper()
	w := &world{
		t: t, ledger: newLedger(), faults: faults, troubles: make(map[string]int), failures: make(map[string]int),
		dice: dice{rand: rand.New(rand.NewPCG(seed, 0))},
	}
	content := paneltest.DefaultSeed()
	content.Nests[0].Eggs[1].Game.Answer = w.ledger.arrive
	content.Nodes[0].Allocations = make([]paneltest.SeedAllocation, consoles+spares)
	content.Servers = make([]paneltest.SeedServer, consoles+spares)
	for i := range content.Servers {
		content.Nodes[0].Allocations[i] = paneltest.SeedAllocation{IP: "127.0.0.1", Port: 20000 + i}
		content.Servers[i] = paneltest.SeedServer{
			Name: "server-" + strconv.Itoa(i+1), Owner: 2, Egg: 2, Running: true, BackupLimit: 3, Memory: 512, Disk: 1024,
			Allocations: []int{i + 1},
		}
	}
	panel, err := paneltest.New(append(opts, paneltest.WithSeed(content))...)
	if err != nil {
		t.Fatal(err)
	}
	w.panel = panel
	w.connect(patience)
	return w
}

// connect makes the clients, which share their transport with nobody else.
func (w *world) connect(patience time.Duration) {
	opts := []client.Option{
		client.WithHTTPClient(w.panel.HTTPClient()), client.WithTimeout(patience), client.WithMiddleware(w.strike),
	}
	var err error
	if w.client, err = client.New(w.panel.URL, w.panel.UserKey, opts...); err != nil {
		w.t.Fatal(err)
	}
	if w.admin, err = application.New(w.panel.URL, w.panel.ApplicationKey, opts...); err != nil {
		w.t.Fatal(err)
	}
	for server, err := range w.admin.Servers.All(w.t.Context(), application.ServerListOptions{}) {
		if err != nil {
			continue // a fault has struck already; it is looked at again below
		}
		w.servers = append(w.servers, server.Identifier)
		w.ids = append(w.ids, server.ID)
	}
	if len(w.servers) != consoles+spares {
		w.servers, w.ids = nil, nil
		w.connect(patience)
		return
	}
	w.watch = newWatcher(w.ledger, w.servers[:consoles])
}

// strike lets a fault loose on one request in so many.
func (w *world) strike(next client.Sender) client.Sender {
	return func(req *http.Request, call client.Call) (*http.Response, error) {
		w.requests.Add(1)
		if w.dice.roll(faulty) != 0 {
			return next(req, call)
		}
		w.struck.Add(1)
		if call.API != "wings" {
			if err := w.panel.Fail("", 1, w.faults[w.dice.roll(len(w.faults))]); err != nil {
				w.trouble("fault", err)
			}
			return next(req, call)
		}
		if w.dice.roll(2) == 0 {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
		}
		resp, err := next(req, call)
		if err == nil {
			resp.Body = &cutBody{resp.Body}
		}
		return resp, err
	}
}

// cutBody breaks off.
type cutBody struct{ io.ReadCloser }

func (b *cutBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p[:max(1, len(p)/4)])
	if err == nil {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// trouble notes what is wrong.
func (w *world) trouble(what string, about any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.troubles[fmt.Sprintf("%s: %v", what, about)]++
}

// check looks at the outcome of a call, and reports whether it is a success.
func (w *world) check(what string, err error) bool {
	w.calls.Add(1)
	if err == nil {
		return true
	}
	w.failed.Add(1)
	w.count(err)
	if !typed(err) {
		w.trouble(what+" gives an error of no type", fmt.Sprintf("%T %v", err, err))
	}
	for _, key := range []string{w.panel.UserKey, w.panel.ApplicationKey, "token="} {
		if strings.Contains(err.Error(), key) {
			w.trouble(what+" gives an error with a secret", err)
		}
	}
	return false
}

// count keeps statistics of errors, without what differs from call to call.
func (w *world) count(err error) {
	short := "of another kind"
	var e *client.Error
	switch {
	case errors.Is(err, client.ErrArgument):
		short = "argument"
	case errors.As(err, &e) && e.StatusCode != 0:
		short = strconv.Itoa(e.StatusCode)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		short = "out of time"
	case errors.As(err, &e) && errors.Unwrap(e) != nil:
		short = errors.Unwrap(e).Error()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failures[port.ReplaceAllString(short, ":…")]++
}

var port = regexp.MustCompile(`:\d+`)

// typed reports whether an error is one that callers can look into.
func typed(err error) bool {
	var ofClient *client.Error
	var ofArgument *client.ArgumentError
	var ofConsole *console.Error
	return errors.As(err, &ofClient) || errors.As(err, &ofArgument) || errors.As(err, &ofConsole)
}

// chaos does something to sockets, tokens or the node, again and again.
func (w *world) chaos(ctx context.Context, every time.Duration, random *rand.Rand) {
	cut := w.panel.DropSockets
	acts := []func(){cut, cut, w.panel.RestartWings, w.panel.ExpireTokens, w.panel.RevokeTokens, func() { w.halt(ctx, every/10) }}
	for pause(ctx, time.Duration(random.ExpFloat64()*float64(every))) {
		acts[random.IntN(len(acts))]()
	}
}

// halt makes the node unreachable for a while.
func (w *world) halt(ctx context.Context, length time.Duration) {
	const node = 1
	err := w.panel.StopNode(node)
	pause(ctx, length)
	if err := errors.Join(err, w.panel.StartNode(node)); err != nil {
		w.trouble("the node", err)
	}
}

// pause waits, and reports whether ctx lives on.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
