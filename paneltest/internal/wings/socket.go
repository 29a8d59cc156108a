package wings

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
	"github.com/ptero-go/ptero/paneltest/internal/random"
)

// socket is one WebSocket of a server. The goroutine of its request reads from
// it, another one writes to it.
type socket struct {
	daemon  *Daemon
	server  *Server
	conn    *websocket.Conn
	box     *outbox
	limits  *messageLimits // nil for none
	chance  chance         // belongs to the goroutine that reads
	helpers sync.WaitGroup

	mu    sync.Mutex // guards what follows
	raw   net.Conn   // nil before the handshake
	token *accessToken

	end   sync.Once
	ended chan struct{}
}

// socketMessage is a message of either direction.
type socketMessage struct {
	Event string   `json:"event"`
	Args  []string `json:"args,omitempty"`
}

// encode returns the frame of a message, as Wings' encoder writes it.
func (m socketMessage) encode() []byte {
	data, err := json.Marshal(m)
	if err != nil {
		panic(err) // strings always marshal
	}
	return append(data, '\n')
}

// serveSocket answers /api/servers/{uuid}/ws.
func (d *Daemon) serveSocket(w http.ResponseWriter, r *http.Request, uuid string) {
	srv := d.server(uuid)
	if srv == nil {
		d.cfg.Remote.ServerWanted(uuid)
		srv = d.server(uuid)
	}
	deleted := srv == nil && d.wasRemoved(uuid)
	if srv == nil && !deleted {
		answerError(w, &protocol.Error{Status: http.StatusNotFound, Message: "The requested resource does not exist on this instance."})
		return
	}
	s := &socket{daemon: d, server: srv, box: newOutbox(), ended: make(chan struct{})}
	if d.cfg.Version.limits() {
		s.limits = newMessageLimits()
	}
	if err := d.admit(s); err != nil {
		answerError(w, err)
		return
	}
	defer d.leave(s)
	if !d.allowsOrigin(r.Header.Get("Origin")) {
		http.Error(w, "Forbidden", http.StatusForbidden)
		// Wings answers twice: its upgrader does, and then its handler of errors.
		body, err := json.Marshal(map[string]string{"error": protocol.ErrUnexpected.Message, "request_id": random.UUID()})
		if err == nil {
			_, _ = w.Write(body) // the client may be gone
		}
		return
	}
	if !s.accept(w, r) {
		return
	}
	switch {
	case deleted || srv.isGone():
		_ = s.conn.Close(closeDeleted, closeDeletedReason) // the client may be gone
	case d.cfg.Version.limits() && srv.isSuspended():
		_ = s.conn.Close(closeSuspended, closeSuspendedReason) // the client may be gone
	default:
		s.helpers.Go(s.write)
		s.read()
	}
}

// What Wings closes a socket with.
const (
	closeDeleted         = websocket.StatusGoingAway
	closeDeletedReason   = "server deleted"
	closeSuspended       = websocket.StatusCode(4409) // since 1.12
	closeSuspendedReason = "server is suspended"
)

// admit counts a socket in.
func (d *Daemon) admit(s *socket) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed || d.isDown {
		panic(http.ErrAbortHandler) // as in ServeHTTP
	}
	if d.cfg.Version.limits() && s.server != nil {
		sockets := 0
		for other := range d.open {
			if other.server == s.server {
				sockets++
			}
		}
		if sockets >= maxSockets {
			return &protocol.Error{Status: http.StatusBadRequest, Message: "Too many open websocket connections."}
		}
	}
	d.open[s] = struct{}{}
	d.opened++
	s.chance = newChance(d.cfg.Seed, d.opened)
	d.tasks.Add(1)
	return nil
}

// leave is the inverse of admit, after the socket's end.
func (d *Daemon) leave(s *socket) {
	s.drop()
	s.helpers.Wait() // for an `auth` may still make it listen
	if s.server != nil {
		s.server.unlisten(s)
	}
	if s.conn != nil {
		_ = s.conn.CloseNow() // it is closed, but does not know
	}
	d.mu.Lock()
	delete(d.open, s)
	d.mu.Unlock()
	d.tasks.Done()
}

func (d *Daemon) allowsOrigin(origin string) bool {
	return origin == d.cfg.PanelURL && origin != "" ||
		slices.Contains(d.cfg.AllowOrigins, "*") || slices.Contains(d.cfg.AllowOrigins, origin)
}

// hijackWatch is a response writer that keeps the connection which is taken
// over from it: the WebSocket library has no way to close it at once.
type hijackWatch struct {
	http.ResponseWriter
	conn net.Conn
}

// Hijack implements [http.Hijacker].
func (w *hijackWatch) Hijack() (conn net.Conn, rw *bufio.ReadWriter, err error) {
	conn, rw, err = http.NewResponseController(w.ResponseWriter).Hijack()
	w.conn = conn
	return conn, rw, err
}

// accept does the handshake.
func (s *socket) accept(w http.ResponseWriter, r *http.Request) bool {
	watch := &hijackWatch{ResponseWriter: w}
	options := &websocket.AcceptOptions{InsecureSkipVerify: true} // the origin is checked
	if s.limits != nil {
		options.CompressionMode = websocket.CompressionNoContextTakeover
	}
	conn, err := websocket.Accept(watch, r, options)
	if err != nil {
		return false // and answered
	}
	conn.SetReadLimit(-1) // the reader has its own
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn, s.raw = conn, watch.conn
	select {
	case <-s.ended:
		_ = s.raw.Close() // which is the aim
		return false
	default:
		return true
	}
}

// drop ends the connection without a close frame.
func (s *socket) drop() {
	s.end.Do(func() { close(s.ended) })
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.raw != nil {
		_ = s.raw.Close() // may be closed already
	}
}

// write sends what is in the outbox, until the socket ends.
func (s *socket) write() {
	defer s.drop()
	for {
		select {
		case <-s.box.filled:
		case <-s.ended:
			return
		}
		for _, item := range s.box.take() {
			switch {
			case item.close != 0:
				_ = s.conn.Close(item.close, item.reason) // the client may be gone
				return
			case item.drop:
				return
			}
			// There is no time limit: Wings never gives a slow client up.
			if s.conn.Write(context.Background(), websocket.MessageText, item.frame) != nil {
				return
			}
		}
	}
}

// read handles messages until the socket ends.
func (s *socket) read() {
	for {
		s.box.waitForRoom(s.ended)
		kind, reader, err := s.conn.Reader(context.Background())
		if err != nil {
			return
		}
		if s.limits != nil {
			reader = io.LimitReader(reader, maxMessageSize+1)
		}
		data, err := io.ReadAll(reader)
		if err != nil {
			return
		}
		if s.limits != nil {
			if len(data) > maxMessageSize {
				_ = s.conn.Close(websocket.StatusMessageTooBig, "") // the client may be gone
				return
			}
			if !s.pass(s.limits.allowAny()) || kind != websocket.MessageText {
				continue
			}
		}
		var message socketMessage
		if json.Unmarshal(data, &message) != nil {
			continue // and the client is told nothing
		}
		s.dispatch(message)
	}
}

// dispatch handles a message in a goroutine of its own, as Wings does.
func (s *socket) dispatch(message socketMessage) {
	allowed, tell := true, ""
	if s.limits != nil {
		allowed, tell = s.limits.allowEvent(message.Event)
	}
	luck := s.chance.fork()
	s.helpers.Go(func() {
		bound := commandTime
		if message.Event == "auth" || message.Event == "send stats" {
			bound = messageTime
		}
		// What has come is handled, even if the socket ends meanwhile.
		if wait(s.daemon.ctx, luck.upTo(bound)) && s.pass(allowed, tell) {
			s.handle(message, luck)
		}
	})
}

// pass takes the verdict of a limit.
func (s *socket) pass(allowed bool, tell string) bool {
	if tell != "" {
		s.answer("throttled", tell)
	}
	return allowed
}

// currentToken returns the token of the last good `auth`, nil before.
func (s *socket) currentToken() *accessToken {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token
}

// answer sends a message whatever the token is worth.
func (s *socket) answer(event string, args ...string) {
	s.box.add(outgoing{frame: socketMessage{event, args}.encode()})
}

// send sends a message that the token must allow.
func (s *socket) send(event string, args ...string) {
	if frame := s.gate(event, func() []byte { return socketMessage{event, args}.encode() }); frame != nil {
		s.box.add(outgoing{frame: frame})
	}
}

// gate returns the frame to send for an event: the event's own, an error if the
// token is no good, or nil if the token does not grant it.
func (s *socket) gate(event string, frame func() []byte) []byte {
	token := s.currentToken()
	if err := s.daemon.check(token, s.server.uuid); err != nil {
		return socketMessage{eventTokenError, []string{err.Error()}}.encode()
	}
	if grant := eventGrants[event]; grant != "" && !token.may(grant) {
		return nil
	}
	return frame()
}

// tokenCheck is how often Wings looks at the tokens of sockets, and expiringIn
// what is left of those that it warns of.
const (
	tokenCheck = 30 * time.Second
	expiringIn = 60 // seconds
)

// watchToken warns of a token that is about to expire.
func (s *socket) watchToken() {
	ticker := time.NewTicker(tokenCheck)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-s.ended:
			return
		}
		switch left := s.currentToken().Expires.Unix() - time.Now().Unix(); {
		case left <= 0:
			// Here Wings sends "token expired", which never arrives: the gate
			// puts this in its place.
			s.answer(eventTokenError, errTokenExpired.Error())
		case left <= expiringIn:
			s.send(eventTokenExpiring)
		}
	}
}

// fail answers a message that failed. Only some may know why.
func (s *socket) fail(err error) {
	event, text := eventDaemonError, "an unexpected error was encountered while handling this request"
	var tokenErr tokenError
	if errors.As(err, &tokenErr) {
		event = eventTokenError
	}
	token := s.currentToken()
	if event == eventTokenError || errors.Is(err, errPowerBusy) || token != nil && token.may(protocol.PermitErrors) {
		text = err.Error()
	}
	s.answer(event, "Error Event ["+random.UUID()+"]: "+text)
}

// handle answers one message.
func (s *socket) handle(message socketMessage, luck chance) {
	text := strings.Join(message.Args, "")
	if message.Event == "auth" {
		s.authenticate(text)
		return
	}
	token := s.currentToken()
	if err := s.daemon.check(token, s.server.uuid); err != nil {
		s.answer(eventTokenError, err.Error())
		return
	}
	switch message.Event {
	case "set state":
		grant := map[string]string{"start": protocol.PermitStart, "stop": protocol.PermitStop, "restart": protocol.PermitRestart, "kill": protocol.PermitStop}[text]
		if grant != "" && !token.may(grant) {
			return // in silence
		}
		if err := s.server.Power(text); err != nil {
			s.fail(err)
		}
	case "send command":
		if token.may(protocol.PermitCommand) {
			_ = s.server.Command(text) // fails in silence
		}
	case "send logs":
		s.sendLogs(luck)
	case "send stats":
		s.send(eventStats, s.server.encodeAnswer(s.server.Stats()))
	}
}

// authenticate answers `auth`. The first good one makes the socket hear of what
// happens; a bad one leaves the token that is in force.
func (s *socket) authenticate(raw string) {
	token, err := s.daemon.parseSocketToken(raw)
	if err != nil {
		s.fail(err)
		return
	}
	s.mu.Lock()
	first := s.token == nil
	s.token = token
	s.mu.Unlock()
	s.answer(eventAuthSuccess)
	if first {
		s.server.listen(s)
		s.helpers.Go(s.watchToken)
	}
}
