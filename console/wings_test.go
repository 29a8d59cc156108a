package console_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/console"
)

const (
	origin = "http://panel.test/panel"
	socket = "ws://node.test:8080/api/servers/0d0afdd1-8d5b-4b63-a4d1-bb7a9da1ba7e/ws"
)

// network is an in-memory one, as real sockets do not go with a bubble's clock.
type network struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newNetwork() *network {
	return &network{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (n *network) Accept() (net.Conn, error) {
	select {
	case c := <-n.conns:
		return c, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

func (n *network) Close() error   { n.once.Do(func() { close(n.closed) }); return nil }
func (n *network) Addr() net.Addr { return &net.TCPAddr{} }

func (n *network) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case n.conns <- there:
		return here, nil
	case <-n.closed:
		return nil, errors.New("connection refused")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// wings is a daemon that follows scripts: the first socket gets the first one, and
// so on; the last one is for all further sockets.
type wings struct {
	t       *testing.T
	net     *network
	server  *http.Server
	client  *http.Client
	scripts []func(*peer)
	asked   chan struct{} // for scripts: the log was asked for

	mu      sync.Mutex
	opened  int
	peers   []*peer
	refuse  func(w http.ResponseWriter, r *http.Request) bool // instead of a socket
	tokens  []string                                          // that came in auth
	fetches int
	fetch   func(ctx context.Context, n int) (*client.WebsocketCredentials, error) // n counts from 1
}

// newWings starts a daemon. It ends with the test.
func newWings(t *testing.T, scripts ...func(*peer)) *wings {
	t.Helper()
	w := &wings{t: t, net: newNetwork(), scripts: scripts, asked: make(chan struct{})}
	w.client = &http.Client{Transport: &http.Transport{DialContext: w.net.dial}}
	w.server = &http.Server{Handler: http.HandlerFunc(w.serve), ReadHeaderTimeout: time.Minute}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = w.server.Serve(w.net)
	}()
	t.Cleanup(func() {
		_ = w.server.Close()
		w.mu.Lock()
		peers := slices.Clone(w.peers)
		w.mu.Unlock()
		for _, p := range peers {
			_ = p.conn.CloseNow()
			<-p.done
		}
		<-served
		w.client.CloseIdleConnections()
	})
	return w
}

func (w *wings) serve(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	refuse := w.refuse
	w.mu.Unlock()
	if refuse != nil && refuse(rw, r) {
		return
	}
	if got := r.Header.Get("Origin"); got != origin {
		http.Error(rw, "Forbidden", http.StatusForbidden)
		fmt.Fprint(rw, `{"error":"An unexpected error was encountered while processing this request","request_id":"eeaaf738"}`)
		return
	}
	conn, err := websocket.Accept(rw, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		w.t.Error(err)
		return
	}
	conn.SetReadLimit(4096)
	p := &peer{wings: w, conn: conn, done: make(chan struct{})}
	w.mu.Lock()
	script := w.scripts[min(w.opened, len(w.scripts)-1)]
	w.opened++
	w.peers = append(w.peers, p)
	w.mu.Unlock()
	defer close(p.done)
	defer func() { _ = conn.CloseNow() }()
	script(p)
}

// Credentials, Origin and HTTPClient make it a console.Source.
func (w *wings) Credentials(ctx context.Context) (*client.WebsocketCredentials, error) {
	w.mu.Lock()
	w.fetches++
	n, fetch := w.fetches, w.fetch
	w.mu.Unlock()
	if fetch != nil {
		if creds, err := fetch(ctx, n); creds != nil || err != nil {
			return creds, err
		}
	}
	return &client.WebsocketCredentials{Socket: socket, Token: newToken(n, "*")}, nil
}

func (w *wings) Origin() string           { return origin }
func (w *wings) HTTPClient() *http.Client { return w.client }

func (w *wings) count() (fetches, sockets int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.fetches, w.opened
}

// newToken makes a JWT like the Panel's, with a clock that is a day late.
func newToken(n int, permissions ...string) string {
	now := time.Now().Add(-24 * time.Hour).Unix()
	payload, err := json.Marshal(map[string]any{
		"iat": now, "nbf": now - 300, "exp": now + 600, "permissions": permissions, "unique_id": n,
	})
	if err != nil {
		panic(err)
	}
	return "e30." + base64.RawURLEncoding.EncodeToString(payload) + ".SIGNATURE"
}

// peer is the daemon's end of a socket.
type peer struct {
	*wings
	conn *websocket.Conn
	done chan struct{}
}

// read returns the next message, or "" when the socket has ended.
func (p *peer) read() (event, arg string) {
	_, text, err := p.conn.Read(context.Background())
	if err != nil {
		return "", ""
	}
	var message struct {
		Event string
		Args  []string
	}
	if err := json.Unmarshal(text, &message); err != nil {
		p.t.Errorf("%q: %v", text, err)
	}
	return message.Event, strings.Join(message.Args, "")
}

// send writes a message as Wings does; it fails in silence when the socket has
// ended.
func (p *peer) send(event string, args ...string) {
	text, err := json.Marshal(struct {
		Event string   `json:"event"`
		Args  []string `json:"args,omitempty"`
	}{event, args})
	if err != nil {
		p.t.Error(err)
	}
	p.raw(string(text) + "\n")
}

func (p *peer) raw(text string) {
	_ = p.conn.Write(context.Background(), websocket.MessageText, []byte(text))
}

func (p *peer) print(lines ...string) {
	for _, line := range lines {
		p.send("console output", line)
	}
}

// token waits for auth and notes the token.
func (p *peer) token() string {
	event, token := p.read()
	for event == "send stats" { // asked for when the console went live
		event, token = p.read()
	}
	if event != "auth" && event != "" {
		p.t.Errorf("%q came, want auth", event)
	}
	p.mu.Lock()
	p.tokens = append(p.tokens, token)
	p.mu.Unlock()
	return token
}

// admit takes the first token.
func (p *peer) admit(state string) {
	p.token()
	p.send("auth success")
	p.send("status", state)
}

// idle answers what a client asks for until the socket ends: renewals and the
// log.
func (p *peer) idle(log ...string) {
	for {
		switch event, token := p.read(); event {
		case "":
			return
		case "auth":
			p.mu.Lock()
			p.tokens = append(p.tokens, token)
			p.mu.Unlock()
			p.send("auth success")
		case "send logs":
			p.print(log...)
		}
	}
}

// running is the script of a daemon that works.
func running(p *peer) {
	p.admit("running")
	p.idle()
}

// dial opens a console that must open.
func (w *wings) dial(opts ...console.Option) *console.Console {
	w.t.Helper()
	c, err := console.Dial(w.t.Context(), w, opts...)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = c.Close() })
	return c
}

// longest is how long a test waits for what must come, of simulated time.
const longest = 3 * time.Hour

// next returns the next event that is none of the console's states.
func next(t *testing.T, c *console.Console) console.Event {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), longest)
	defer cancel()
	for e, err := range c.Events(ctx) {
		if err != nil {
			t.Fatalf("the events ended: %v", err)
		}
		if _, is := e.(console.StateChange); !is {
			return e
		}
	}
	t.Fatal("the events ended")
	return nil
}

// until passes over the events up to a change to a state, which it returns.
func until(t *testing.T, c *console.Console, to console.State) console.StateChange {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), longest)
	defer cancel()
	for e, err := range c.Events(ctx) {
		if err != nil {
			t.Fatalf("the events ended before %q: %v", to, err)
		}
		if change, is := e.(console.StateChange); is && change.To == to {
			return change
		}
	}
	t.Fatalf("the events ended before %q", to)
	return console.StateChange{}
}

// timeless is an event without the time at which it came.
func timeless(e console.Event) console.Event {
	if o, is := e.(console.Output); is {
		o.Time = time.Time{}
		return o
	}
	return e
}

// texts are the lines of a log or an answer.
func texts(lines []console.Output) []string {
	texts := make([]string, len(lines))
	for i, line := range lines {
		texts[i] = line.Line
	}
	return texts
}
