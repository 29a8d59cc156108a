package asyncapi_test

import (
	"context"
	"encoding/json"
	"go/ast"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/console"
	"github.com/ptero-go/ptero/internal/asyncapi"
	"github.com/ptero-go/ptero/internal/calls"
	"github.com/ptero-go/ptero/paneltest"
)

// relay stands between a console and Wings, and holds what passes against the
// document.
type relay struct {
	console.Source
	t      *testing.T
	server *httptest.Server

	mu   sync.Mutex
	to   string         // the address of Wings
	sent map[string]int // messages of the console, by event
}

func newRelay(t *testing.T, source console.Source) *relay {
	t.Helper()
	r := &relay{Source: source, t: t, sent: make(map[string]int)}
	r.server = httptest.NewServer(r)
	t.Cleanup(r.server.Close)
	return r
}

// Credentials implements [console.Source].
func (r *relay) Credentials(ctx context.Context) (*client.WebsocketCredentials, error) {
	credentials, err := r.Source.Credentials(ctx)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.to = credentials.Socket
	relayed := *credentials
	relayed.Socket = "ws" + strings.TrimPrefix(r.server.URL, "http")
	return &relayed, nil
}

// ServeHTTP implements [http.Handler].
func (r *relay) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	to := r.to
	r.mu.Unlock()
	ctx, cancel := context.WithCancel(req.Context())
	defer cancel()
	wings, _, err := websocket.Dial(ctx, to, &websocket.DialOptions{ //nolint:bodyclose // the library closes it
		HTTPClient: r.HTTPClient(), HTTPHeader: http.Header{"Origin": req.Header["Origin"]},
	})
	if err != nil {
		r.t.Errorf("the relay cannot reach Wings: %v", err)
		return
	}
	defer wings.CloseNow()
	conn, err := websocket.Accept(w, req, &websocket.AcceptOptions{InsecureSkipVerify: true}) // of the Origin, which Wings checks
	if err != nil {
		return
	}
	defer conn.CloseNow()
	wings.SetReadLimit(1 << 20)
	go func() {
		defer cancel()
		r.pass(ctx, asyncapi.FromWings, wings, conn)
	}()
	r.pass(ctx, asyncapi.ToWings, conn, wings)
}

func (r *relay) pass(ctx context.Context, direction asyncapi.Direction, from, to *websocket.Conn) {
	for {
		kind, message, err := from.Read(ctx)
		if err != nil {
			return
		}
		if err := contract(r.t).Check(direction, message); err != nil {
			r.t.Errorf("%s: %v", message, err)
		}
		if direction == asyncapi.ToWings {
			r.count(message)
		}
		if to.Write(ctx, kind, message) != nil {
			return
		}
	}
}

func (r *relay) count(message []byte) {
	var m struct{ Event string }
	if err := json.Unmarshal(message, &m); err != nil {
		r.t.Errorf("%s: %v", message, err)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent[m.Event]++
}

// counts returns how often each event was sent.
func (r *relay) counts() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.sent)
}

// What a console sends in a session with every kind of request is what the
// document describes, and all that it describes is sent.
func TestConsoleIsDescribed(t *testing.T) {
	t.Parallel()
	panel, err := paneltest.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(panel.Close)
	c, err := client.New(panel.URL, panel.UserKey)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // only ever reached by a failure
	defer cancel()
	server, err := panel.Server("lobby")
	if err != nil {
		t.Fatal(err)
	}
	r := newRelay(t, c.Servers.Console(server.UUID))
	con, err := console.Dial(ctx, r, console.WithLog())
	if err != nil {
		t.Fatal(err)
	}
	defer con.Close()
	if _, err := con.RequestStats(ctx); err != nil {
		t.Error(err)
	}
	if _, err := con.Run(ctx, `say "hello" \ <b> ä`, func(o console.Output) bool { return strings.Contains(o.Text(), "hello") }); err != nil {
		t.Error(err)
	}
	if _, err := con.RequestLogs(ctx); err != nil {
		t.Error(err)
	}
	renewals, err := con.Subscribe(console.KeepAll(), console.StateChange{})
	if err != nil {
		t.Fatal(err)
	}
	panel.ExpireTokens()
	for event, err := range renewals.Events(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		if change, ok := event.(console.StateChange); ok && change.From == console.StateRenewing && change.To == console.StateLive {
			break
		}
	}
	for _, act := range []func(context.Context, console.Source, ...console.Option) error{console.Restart, console.Stop, console.Start} {
		if err := act(ctx, r); err != nil {
			t.Error(err)
		}
	}
	if err := con.Signal(ctx, client.PowerSignalKill); err != nil {
		t.Error(err)
	}
	if err := con.WaitPower(ctx, client.PowerStateOffline); err != nil {
		t.Error(err)
	}
	counts := r.counts()
	for event, message := range contract(t).Messages() {
		if message.Direction == asyncapi.ToWings && counts[event] == 0 {
			t.Errorf("the console sent no %q: %v", event, counts)
		}
	}
	if counts["auth"] < 2 {
		t.Errorf("the token was not renewed: %v", counts)
	}
}

// What the document says that package console has for a message exists.
func TestMessagesHaveTheirNamesInGo(t *testing.T) {
	t.Parallel()
	files, err := calls.Parse("../../console")
	if err != nil {
		t.Fatal(err)
	}
	known := make(map[string]bool)
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.TypeSpec:
				known[n.Name.Name] = true
			case *ast.FuncDecl:
				known[calls.Receiver(n)+"."+n.Name.Name] = true
			}
			return true
		})
	}
	for event, message := range contract(t).Messages() {
		if message.Go != "" && !known[message.Go] {
			t.Errorf("%s: package console has no %s", event, message.Go)
		}
		if (message.Go == "") != (event == "auth") { // which the console sends on its own
			t.Errorf("%s: package console has %q for it", event, message.Go)
		}
	}
}
