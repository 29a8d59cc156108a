package console

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/ptero-go/ptero/client"
)

const (
	// readLimit is the longest message taken, in bytes. The longest line, all of
	// it escaped, has 384 KiB.
	readLimit = 8 << 20

	// writeLimit is how long a message may take to be written.
	writeLimit = 10 * time.Second

	// answerLimit is how long the daemon may take to answer a token.
	answerLimit = 10 * time.Second

	// politeness is how long the daemon may take to answer a close frame.
	politeness = 250 * time.Millisecond
)

// link is one socket and what the keeper knows of it.
type link struct {
	c      *Console
	conn   *websocket.Conn
	raw    net.Conn       // below conn, or nil
	all    sync.WaitGroup // the goroutines of the link
	pace   *pacer
	opened time.Time
	lived  time.Time // when it became live, zero before

	announce func() // is called then
	token    tokenKeeper
	ping     pinger

	// Guarded by c.mu.
	inbox  []Event // for the keeper
	broken error   // why nothing more is read
	frames int     // how many came

	silence chan struct{} // closed when nothing more is read
}

// dial opens a socket. Raw is the connection below it, or nil if the transport
// does not tell.
func (cfg *config) dial(ctx context.Context, socket string) (conn *websocket.Conn, raw net.Conn, err error) {
	ctx, cancel := context.WithTimeout(ctx, cfg.connectLimit)
	defer cancel()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) { raw = info.Conn },
	})
	conn, resp, err := websocket.Dial(ctx, socket, &websocket.DialOptions{ //nolint:bodyclose // websocket does
		HTTPClient: cfg.http,
		HTTPHeader: http.Header{"Origin": {cfg.origin}, "User-Agent": {"ptero-go/" + client.Version}},
	})
	if err != nil {
		return nil, nil, refusedDial(resp, cfg.origin, err)
	}
	conn.SetReadLimit(readLimit)
	if secure, ok := raw.(*tls.Conn); ok {
		raw = secure.NetConn() // closes without a word
	}
	return conn, raw, nil
}

// connect opens the socket of a link and begins to read it.
func (c *Console) connect() (*link, error) {
	conn, raw, err := c.cfg.dial(c.ctx, c.creds.socket)
	if err != nil {
		return nil, err
	}
	l := &link{c: c, conn: conn, raw: raw, pace: newPacer(), opened: time.Now(), silence: make(chan struct{})}
	l.token = tokenKeeper{link: l, phase: tokenSending, wait: backoff{least: 2200 * time.Millisecond, most: time.Minute}}
	l.ping.at = l.opened.Add(c.cfg.keepAlive)
	c.mu.Lock()
	c.lines.reading = nil // one of an earlier link is worth nothing without its end
	if c.lines.first || isClosed(c.ready) {
		c.lines.reading = &reading{}
	}
	c.mu.Unlock()
	l.all.Go(l.read)
	return l, nil
}

// close ends the socket and waits for its goroutines.
func (l *link) close(politely bool) {
	if l.token.giveUp != nil {
		l.token.giveUp()
	}
	if politely && l.raw != nil {
		closed := make(chan struct{})
		go func() {
			_ = l.conn.Close(websocket.StatusNormalClosure, "")
			close(closed)
		}()
		timer := time.NewTimer(politeness)
		select {
		case <-closed:
		case <-timer.C:
		}
		timer.Stop()
		_ = l.raw.Close() // ends the close handshake, too
		<-closed
	}
	if l.raw != nil {
		_ = l.raw.Close() // conn waits for a stuck write otherwise
	}
	_ = l.conn.CloseNow()
	l.all.Wait()
}

// read is the goroutine that reads.
func (l *link) read() {
	defer close(l.silence)
	var decoder decoder
	var message []byte
	for {
		typ, r, err := l.conn.Reader(context.Background())
		if err == nil {
			message, err = readInto(message, r)
		}
		if err != nil {
			l.c.mu.Lock()
			l.broken = err
			l.c.mu.Unlock()
			l.c.notify()
			return
		}
		if typ == websocket.MessageText {
			l.c.receive(l, decoder.decode(message))
		} else {
			l.c.receive(l, Unknown{Raw: string(message)})
		}
		message = keepSmall(message)
	}
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

// serve does what there is to do until the socket fails. It calls opened when
// the socket is live.
func (l *link) serve(opened func()) error {
	l.announce = opened
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-l.c.ctx.Done():
			return l.c.ctx.Err()
		case <-l.c.wake:
		case <-timer.C:
		}
		next, err := l.work(time.Now())
		if errors.Is(err, errNotWritten) {
			return l.lastWord(err)
		}
		if err != nil {
			return err
		}
		timer.Reset(time.Until(next))
	}
}

// lastWord returns why a socket takes no more messages: the daemon may have said
// so before it closed.
func (l *link) lastWord(err error) error {
	timer := time.NewTimer(politeness)
	defer timer.Stop()
	select {
	case <-timer.C:
		return err
	case <-l.silence:
		return l.listen(time.Now())
	}
}

func (l *link) isLive() bool { return !l.lived.IsZero() }

// takes tells whether the daemon takes messages, as far as is known.
func (l *link) takes() bool { return l.isLive() && !l.token.barred }

// work does all that is due, and returns when something is next.
func (l *link) work(now time.Time) (next time.Time, err error) {
	if err := l.listen(now); err != nil {
		return now, err
	}
	next = now.Add(time.Hour)
	for _, job := range []func(time.Time) (time.Time, error){l.deadline, l.token.work, l.readLog, l.flush, l.keepAlive} {
		at, err := job(now)
		if err != nil {
			return now, err
		}
		if !at.IsZero() && at.Before(next) {
			next = at
		}
	}
	return next, nil
}

// listen handles what was read for the keeper, and returns why no more can be
// read.
func (l *link) listen(now time.Time) error {
	l.c.mu.Lock()
	inbox, broken := l.inbox, l.broken
	l.inbox = nil
	l.c.mu.Unlock()
	for _, event := range inbox {
		if err := l.handle(event, now); err != nil {
			return err
		}
	}
	if broken != nil {
		return brokenSocket(broken)
	}
	return nil
}

// handle does what an event of the daemon calls for.
func (l *link) handle(event Event, now time.Time) error {
	switch e := event.(type) {
	case authSuccess:
		l.token.succeed()
	case Status: // follows the first auth success, if the token is for this server
		if !l.isLive() && l.token.phase == tokenInForce {
			l.goLive(now)
		}
	case JWTError:
		return l.token.refuse(e.Text, now)
	case DaemonError:
		if !l.isLive() { // nothing but the token was sent
			return l.token.reject(e.Text, now)
		}
	case TokenExpiring, TokenExpired:
		l.token.renew(now)
	case Deleted:
		return &Error{Op: "socket", Kind: ErrDeleted}
	case Throttled:
		l.throttled(e.Limit)
	}
	return nil
}

// goLive notes that the token is proved, and tells of it.
func (l *link) goLive(now time.Time) {
	l.lived = now
	l.announce()
	l.c.enter(StateChange{To: StateLive})
	if !isClosed(l.c.ready) {
		close(l.c.ready)
	}
}

// throttled makes up for what the daemon may have dropped of our own.
func (l *link) throttled(limit string) {
	l.c.mu.Lock()
	defer l.c.mu.Unlock()
	if r := l.c.lines.reading; r != nil && r.sent == 0 && (limit == "send logs" || limit == "global") {
		r.askedAt = time.Time{}
	}
}

// deadline bounds the time to become live.
func (l *link) deadline(now time.Time) (time.Time, error) {
	if l.isLive() {
		return time.Time{}, nil
	}
	at := l.opened.Add(l.c.cfg.connectLimit)
	if !now.Before(at) {
		return at, &Error{Op: "auth", Kind: ErrSilent, Problem: "the daemon did not take the token in time: " + l.token.doubt()}
	}
	return at, nil
}

// readLog asks for the daemon's log where lines may have been missed, and hands
// out what is new in it.
func (l *link) readLog(now time.Time) (time.Time, error) {
	c := l.c
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.lines.reading
	if r == nil || !l.takes() {
		return time.Time{}, nil
	}
	if c.power == client.PowerStateOffline {
		c.conclude(GapOffline)
		return time.Time{}, nil
	}
	if r.askedAt.IsZero() {
		if at := l.pace.at(kindLogs, now); at.After(now) {
			return at, nil
		}
		r.ask()
		c.mu.Unlock()
		err := l.write(kindLogs, "send logs")
		if err == nil {
			err = l.write(kindStats, "send stats") // for the uptime, which tells of a new start
		}
		c.mu.Lock()
		return now, err // look again at once
	}
	at := c.lines.until()
	if !now.Before(at) {
		reason := GapReason("")
		if r.sent == 0 {
			reason = GapNoLog
		}
		c.conclude(reason)
		return time.Time{}, nil
	}
	return at, nil
}

// flush sends the messages that wait, as far as the pace allows.
func (l *link) flush(now time.Time) (next time.Time, err error) {
	if !l.takes() {
		return time.Time{}, nil
	}
	for k := range kinds {
		for {
			at := l.pace.at(k, now)
			m := l.c.nextMessage(k, !at.After(now))
			if m == nil {
				break
			}
			if at.After(now) {
				if next.IsZero() || at.Before(next) {
					next = at
				}
				break
			}
			if err := l.deliver(m); err != nil {
				return next, err
			}
		}
	}
	return next, nil
}

// deliver sends a message of a caller, unless it is known to be in vain. An error
// is one of the socket.
func (l *link) deliver(m *message) error {
	if problem := l.vain(m); problem != nil {
		m.done <- problem
		return nil //nolint:nilerr // the socket is fine
	}
	err := l.write(m.kind, m.event, m.args...)
	if err != nil {
		m.done <- &Error{Op: m.event, Kind: ErrMayHaveArrived, cause: err}
		return err
	}
	m.done <- nil
	return nil
}

// vain tells why a message would be dropped by the daemon in silence, or nil.
func (l *link) vain(m *message) error {
	if m.permission != "" && !l.c.creds.allow(m.permission) {
		return &Error{Op: m.event, Kind: ErrPermission, Problem: "the account lacks " + string(m.permission) + " on this server"}
	}
	if m.kind == kindCommand && l.c.Power() == client.PowerStateOffline {
		return &Error{Op: m.event, Kind: ErrOffline, Problem: "start it first"}
	}
	return nil
}

// write writes a message.
func (l *link) write(k kind, event string, args ...string) error {
	err := send(l.c.ctx, l.conn, event, args...)
	l.pace.take(k, time.Now())
	if err != nil {
		return fmt.Errorf("console: %w: %w", errNotWritten, err)
	}
	return nil
}

// errNotWritten marks the error of a message that could not be written.
var errNotWritten = errors.New("the connection to the daemon takes no more messages")

// send writes a message, which closes the socket if that takes too long.
func send(ctx context.Context, conn *websocket.Conn, event string, args ...string) error {
	text, err := encode(event, args)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, writeLimit)
	defer cancel()
	return conn.Write(ctx, websocket.MessageText, text)
}

// encode is shorter than json.Marshal, which escapes what need not be: the length
// of messages is limited.
func encode(event string, args []string) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(struct {
		Event string   `json:"event"`
		Args  []string `json:"args"`
	}{event, args})
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// pinger looks after a silent daemon. Wings itself never pings.
type pinger struct {
	at     time.Time // of the next look
	frames int       // that had come by the last look
	asked  bool      // a ping is under way

	answered, failed bool // guarded by Console.mu
}

// keepAlive asks a silent daemon whether it is there.
func (l *link) keepAlive(now time.Time) (time.Time, error) {
	c, p := l.c, &l.ping
	c.mu.Lock()
	frames, answered, failed := l.frames, p.answered, p.failed
	p.answered, p.failed = false, false
	c.mu.Unlock()
	if p.asked {
		if failed && frames == p.frames {
			return now, &Error{Op: "socket", Kind: ErrSilent, Problem: "no answer to a ping in " + c.cfg.patience.String()}
		}
		p.asked = !answered && !failed
	}
	if p.asked {
		return time.Time{}, nil // its end is notified
	}
	if now.Before(p.at) {
		return p.at, nil
	}
	p.at = now.Add(c.cfg.keepAlive)
	if frames == p.frames {
		p.asked = true
		l.all.Go(l.sendPing)
	}
	p.frames = frames
	return p.at, nil
}

func (l *link) sendPing() {
	ctx, cancel := context.WithTimeout(l.c.ctx, l.c.cfg.patience)
	defer cancel()
	err := l.conn.Ping(ctx)
	l.c.mu.Lock()
	l.ping.answered, l.ping.failed = err == nil, err != nil
	l.c.mu.Unlock()
	l.c.notify()
}
