package console

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"github.com/ptero-go/ptero/client"
)

// socket is one that is open or being opened.
type socket struct {
	id     int
	cancel context.CancelFunc // ends the opening
	conn   *websocket.Conn    // nil while it is being opened
	raw    net.Conn           // below conn, or nil
	tap    *tap
	writes lane
}

// lane runs jobs one after the other, in a goroutine that lives only as long as
// there are any.
type lane struct {
	jobs []func() // guarded by the mutex of the console
	busy bool
}

// run queues a job. c.mu is held.
func (c *Console) run(l *lane, job func()) {
	l.jobs = append(l.jobs, job)
	if l.busy {
		return
	}
	l.busy = true
	c.all.Go(func() {
		c.mu.Lock()
		for len(l.jobs) > 0 {
			job := l.jobs[0]
			l.jobs = l.jobs[1:]
			c.mu.Unlock()
			job()
			c.mu.Lock()
		}
		l.jobs, l.busy = nil, false
		c.mu.Unlock()
	})
}

// input gives something to the core, and does what it calls for.
func (c *Console) input(give func(now time.Time)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	give(time.Now())
	c.carryOut()
}

// carryOut does what the core wants. Nothing in it waits. c.mu is held.
func (c *Console) carryOut() {
	core := c.core
	if len(core.events) > 0 {
		for _, reader := range c.readers {
			reader.put(core.events)
		}
		clear(core.events)
		core.events = keepFew(core.events)
	}
	if len(core.actions) > 0 {
		actions := core.actions
		core.actions = nil // there are rarely any
		for _, a := range actions {
			c.carry(a)
		}
	}
	if wake := core.wake; !wake.IsZero() && (c.alarm.IsZero() || wake.Before(c.alarm)) {
		c.alarm = wake
		if d := time.Until(wake); c.timer == nil {
			c.timer = time.AfterFunc(d, c.ring)
		} else {
			c.timer.Reset(d)
		}
	}
}

// keepFew empties a slice and keeps its memory, unless that is much.
func keepFew[T any](s []T) []T {
	if cap(s) > 64 {
		return nil
	}
	return s[:0]
}

// ring is the alarm.
func (c *Console) ring() {
	c.input(func(now time.Time) {
		c.alarm = time.Time{}
		c.core.tick(now)
	})
}

func (c *Console) carry(a action) {
	switch a.do {
	case doFetch:
		c.all.Go(func() { c.fetch(a.limit) })
	case doDial:
		ctx, cancel := context.WithCancel(context.Background()) // what is being opened is dropped at the end
		s := &socket{id: a.id, cancel: cancel}
		c.sockets = append(c.sockets, s)
		c.all.Go(func() { c.open(ctx, s, a.url) })
	case doDrop:
		if s := c.socket(a.id); s != nil {
			c.forget(s)
			s.cancel()
			if s.conn != nil {
				c.all.Go(func() { s.close(a.polite) })
			}
		}
	case doSend:
		s := c.socket(a.id)
		if s == nil {
			if a.out != nil {
				a.out.finish(&Error{Op: a.event, Problem: "it was not sent", cause: net.ErrClosed})
			}
			return
		}
		if a.out != nil && a.out.sink != nil {
			c.readers = append(c.readers, a.out.sink)
		}
		c.run(&s.writes, func() {
			err := send(s.conn, a.event, a.args)
			if a.out != nil || err != nil {
				c.input(func(now time.Time) { c.core.written(now, a.id, a.out, err) })
			}
		})
	case doPing:
		if s := c.socket(a.id); s != nil {
			c.all.Go(func() {
				ctx, cancel := context.WithTimeout(c.ctx, max(c.cfg.patience, logAnswer))
				defer cancel()
				err := s.conn.Ping(ctx)
				c.input(func(now time.Time) { c.core.pong(now, a.id, a.tag, err) })
			})
		}
	case doAnswer:
		a.out.finish(a.err)
	case doReady:
		close(c.ready)
	case doEnd:
		c.conclude(a.err)
	case doLog:
		c.run(&c.logs, func() { c.log(a) })
	}
}

// socket returns one that is wanted, or nil.
func (c *Console) socket(id int) *socket {
	for _, s := range c.sockets {
		if s.id == id {
			return s
		}
	}
	return nil
}

func (c *Console) forget(s *socket) {
	c.sockets = slices.DeleteFunc(c.sockets, func(other *socket) bool { return other == s })
}

// log tells the logger, which may be slow.
func (c *Console) log(a action) {
	if a.change.To == "" {
		c.cfg.logger.Warn("console: the token could not be renewed", "error", a.err)
		return
	}
	level := slog.LevelDebug
	if a.change.Err != nil && !a.retrying {
		level = slog.LevelWarn
	}
	c.cfg.logger.Log(context.Background(), level, "console", "from", string(a.change.From), "to", string(a.change.To),
		"delay", a.change.Delay, "error", a.change.Err)
}

// conclude ends what is left at the end.
func (c *Console) conclude(err error) {
	c.cancel()
	if c.timer != nil {
		c.timer.Stop()
	}
	if errors.Is(err, ErrClosed) {
		err = errEnded
	}
	for _, reader := range c.readers {
		reader.end(err)
	}
	c.readers = nil
	close(c.done)
}

// fetch asks the Panel for credentials, which may take so long.
func (c *Console) fetch(patience time.Duration) {
	leave, err := c.cfg.gates.enter(c.ctx, "panel "+c.cfg.origin)
	asked := time.Now()
	var creds *client.WebsocketCredentials
	if err == nil {
		ctx, cancel := context.WithTimeout(c.ctx, patience)
		creds, err = c.source.Credentials(ctx)
		cancel()
		leave()
	}
	c.input(func(now time.Time) { c.core.fetched(now, creds, asked, err) })
}

// open opens a socket and begins to read it.
func (c *Console) open(ctx context.Context, s *socket, address string) {
	var (
		conn *websocket.Conn
		raw  net.Conn
		own  *tap
	)
	leave, err := c.cfg.gates.enter(ctx, nodeOf(address))
	if err == nil {
		c.input(func(now time.Time) { c.core.dialBegins(now, s.id) })
		conn, raw, own, err = c.cfg.dial(ctx, address)
		leave()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.carryOut()
	s.conn, s.raw, s.tap = conn, raw, own
	switch {
	case c.socket(s.id) != s: // nobody wants it any more
		if err == nil {
			c.all.Go(func() { s.close(false) })
		}
	case err != nil:
		c.forget(s)
		s.cancel()
		c.core.failed(time.Now(), s.id, err)
	default:
		s.cancel() // it was for the opening
		c.all.Go(func() { c.listen(s) })
		c.core.opened(time.Now(), s.id)
	}
}

// nodeOf names the node of a socket's address.
func nodeOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return "node " + u.Host
}

// listen reads a socket. It hands over what one read of the connection brought,
// before the next.
func (c *Console) listen(s *socket) {
	var (
		decoder decoder
		message []byte
		events  []Event
	)
	handOver := func() {
		if len(events) == 0 {
			return
		}
		c.input(func(now time.Time) { c.core.frames(now, s.id, events) })
		clear(events)
		events = events[:0]
	}
	s.tap.before = handOver
	for {
		typ, r, err := s.conn.Reader(context.Background())
		if err == nil {
			message, err = readInto(message, r)
		}
		if err != nil {
			handOver()
			c.input(func(now time.Time) { c.core.broken(now, s.id, brokenSocket(err)) })
			return
		}
		decoder.now = s.tap.at
		if typ == websocket.MessageText {
			events = append(events, decoder.decode(message))
		} else {
			events = append(events, Unknown{Raw: string(message)})
		}
		if len(events) == cap(events) && len(events) >= 64 {
			handOver()
		}
		message = keepSmall(message)
	}
}

// close ends a socket at once, or with a close frame that the daemon has a moment
// to answer.
func (s *socket) close(politely bool) {
	s.tap.over.Store(true)
	if politely && s.raw != nil {
		closed := make(chan struct{})
		go func() {
			_ = s.conn.Close(websocket.StatusNormalClosure, "")
			close(closed)
		}()
		timer := time.NewTimer(politeness)
		select {
		case <-closed:
		case <-timer.C:
		}
		timer.Stop()
		_ = s.raw.Close() // ends the close handshake, too
		<-closed
	}
	if s.raw != nil {
		_ = s.raw.Close() // conn waits for a stuck write otherwise
	}
	_ = s.conn.CloseNow()
}

// tap stands between a socket and its connection, to tell when the latter is read.
type tap struct {
	io.ReadWriteCloser
	before func()
	at     time.Time   // when the last read ended
	over   atomic.Bool // the socket is being closed, by a goroutine that reads as well
}

func (t *tap) Read(p []byte) (int, error) {
	if t.over.Load() {
		return t.ReadWriteCloser.Read(p)
	}
	if t.before != nil {
		t.before()
	}
	n, err := t.ReadWriteCloser.Read(p)
	if !t.over.Load() {
		t.at = time.Now()
	}
	return n, err
}

// tapped is a transport that leaves a tap in each connection it upgrades.
type tapped struct{ http.RoundTripper }

type tapKey struct{}

func (t tapped) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.RoundTripper.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		return resp, err
	}
	own, _ := req.Context().Value(tapKey{}).(*tap)
	if stream, ok := resp.Body.(io.ReadWriteCloser); ok && own != nil {
		own.ReadWriteCloser = stream
		resp.Body = own
	}
	return resp, nil
}

// dial opens a socket. Raw is the connection below it, or nil if the transport
// does not tell.
func (cfg *config) dial(ctx context.Context, socket string) (conn *websocket.Conn, raw net.Conn, own *tap, err error) {
	own = &tap{at: time.Now()}
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, tapKey{}, own), connectLimit)
	defer cancel()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) { raw = info.Conn },
	})
	conn, resp, err := websocket.Dial(ctx, socket, &websocket.DialOptions{ //nolint:bodyclose // websocket does
		HTTPClient: cfg.http,
		HTTPHeader: http.Header{"Origin": {cfg.origin}, "User-Agent": {"ptero-go/" + client.Version}},
	})
	if err != nil {
		return nil, nil, nil, refusedDial(resp, cfg.origin, err)
	}
	conn.SetReadLimit(readLimit)
	if secure, ok := raw.(*tls.Conn); ok {
		raw = secure.NetConn() // closes without a word
	}
	return conn, raw, own, nil
}

// keepSmall lets go of a buffer that one huge message made, rather than keep it
// for the life of the console.
func keepSmall(b []byte) []byte {
	if cap(b) > 64<<10 {
		return nil
	}
	return b[:0]
}

// readInto reads all of a message into memory that is used again.
func readInto(b []byte, r io.Reader) ([]byte, error) {
	b = b[:0]
	for {
		if len(b) == cap(b) {
			b = append(b, make([]byte, max(512, len(b)))...)[:len(b)]
		}
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if errors.Is(err, io.EOF) {
			return b, nil
		}
		if err != nil {
			return b, err
		}
	}
}

// send writes a message, which closes the socket if that takes too long.
func send(conn *websocket.Conn, event string, args []string) error {
	text, err := encode(event, args)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), writeLimit)
	defer cancel()
	return conn.Write(ctx, websocket.MessageText, text)
}

// gates let a few through at a time: by node and by Panel, so that the consoles
// of one that does not answer are in nobody else's way. The zero value lets
// everybody through.
type gates struct {
	width int
	mu    sync.Mutex
	open  map[string]chan struct{}
}

func newGates(width int) *gates { return &gates{width: width, open: make(map[string]chan struct{})} }

// enter waits for a turn. It may be nil.
func (g *gates) enter(ctx context.Context, name string) (leave func(), err error) {
	if g == nil {
		return func() {}, nil
	}
	g.mu.Lock()
	gate := g.open[name]
	if gate == nil {
		gate = make(chan struct{}, g.width)
		g.open[name] = gate
	}
	g.mu.Unlock()
	select {
	case gate <- struct{}{}:
		return func() { <-gate }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
