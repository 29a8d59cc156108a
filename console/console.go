package console

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ptero-go/ptero/client"
)

// Console is the console of one server. It is safe for concurrent use. Make one
// with [Dial] and close it when it is no longer needed.
type Console struct {
	source Source
	cfg    *config
	ctx    context.Context //nolint:containedctx // bounds the life of the console
	cancel context.CancelFunc
	wake   chan struct{} // there is something to do for the keeper
	ready  chan struct{} // closed when it is live for the first time
	done   chan struct{} // closed when it has ended

	owning    sync.Once
	ownEvents *Subscription

	fetches bucket // paces the asking for credentials; used by the keeper alone

	mu      sync.Mutex   // guards the rest
	creds   *credentials // changed by the keeper alone, which reads them without mu
	state   State
	err     error             // why it ended
	power   client.PowerState // as last heard, "" if not yet
	readers []sink
	outbox  [kinds][]*message
	lines   lines
}

// Dial opens the console of a server and returns when the daemon has taken the
// token and shown that it is for this server. The console lives until ctx ends;
// to bound the dialing alone, call Close after a time. Connecting takes 30
// seconds at most, once the Panel has given credentials.
//
// The errors are those of the source, such as [client.ErrNotFound] and
// [client.ErrConflict] (the server is being installed, restored or is
// suspended), and an [*Error] for all that concerns the daemon.
func Dial(ctx context.Context, source Source, opts ...Option) (*Console, error) {
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	if err := cfg.prepare(source); err != nil {
		return nil, err
	}
	c := newConsole(ctx, source, cfg)
	c.own()
	go c.keep(false)
	select {
	case <-c.ready:
		return c, nil
	case <-c.done:
		return nil, c.Err()
	}
}

func newConsole(ctx context.Context, source Source, cfg *config) *Console {
	c := &Console{
		source:  source,
		cfg:     cfg,
		wake:    make(chan struct{}, 1),
		ready:   make(chan struct{}),
		done:    make(chan struct{}),
		fetches: bucket{burst: 3, every: 30 * time.Second}, // Panel 1.12: 5 a minute
		state:   StateClosed,
		lines:   lines{first: cfg.log},
	}
	c.ctx, c.cancel = context.WithCancel(ctx)
	return c
}

// own returns what Events reads. The first call makes it.
func (c *Console) own() *Subscription {
	c.owning.Do(func() {
		c.ownEvents = newSubscription(c, c.cfg.policy)
		c.attach(c.ownEvents)
	})
	return c.ownEvents
}

// Events hands out the events since Dial, one by one, and waits for more. See
// [Subscription.Events] for how it ends, and [WithPolicy] for what is kept until
// it is read.
func (c *Console) Events(ctx context.Context) iter.Seq2[Event, error] { return c.own().Events(ctx) }

// Channel is Events by a channel, see [Subscription.Channel].
func (c *Console) Channel() <-chan Event { return c.own().Channel() }

// Close ends the console and returns when nothing of it is left, at once even if
// the daemon does not answer. It always returns nil.
func (c *Console) Close() error {
	c.cancel()
	<-c.done
	c.own().discard()
	return nil
}

// Done is closed when the console has ended.
func (c *Console) Done() <-chan struct{} { return c.done }

// Err tells why the console ended: an error matching [ErrClosed] after Close or
// the end of the context, another one if it gave up, nil while it lives.
func (c *Console) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// State tells where the console stands.
func (c *Console) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

// Power is the power state of the server as last heard, empty before that.
func (c *Console) Power() client.PowerState {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.power
}

// String names the state. It holds no token.
func (c *Console) String() string { return fmt.Sprintf("console (%s)", c.State()) }

// GoString is String, so that %#v prints no token either.
func (c *Console) GoString() string { return c.String() }

// keep connects again and again. It is the goroutine that writes.
func (c *Console) keep(persistent bool) {
	var err error
	wait := c.cfg.backoff
	for {
		var alive time.Duration
		alive, err = c.session()
		if c.ctx.Err() != nil {
			err = &Error{Op: "socket", Kind: ErrClosed, cause: context.Cause(c.ctx)}
		}
		everLive := isClosed(c.ready)
		if isFinal(err) || !everLive && !persistent {
			break
		}
		if alive > time.Minute {
			wait.reset()
		}
		delay := max(wait.next(), retryAfter(err))
		c.enter(StateChange{To: StateWaiting, Err: err, Delay: delay})
		if !sleep(c.ctx, delay) {
			err = &Error{Op: "socket", Kind: ErrClosed, cause: context.Cause(c.ctx)}
			break
		}
	}
	c.finish(err)
}

// retryAfter is how long the Panel asks to wait.
func retryAfter(err error) time.Duration {
	var e *client.Error
	if errors.As(err, &e) {
		return e.RetryAfter
	}
	return 0
}

// session connects once, for as long as the connection lives, and returns how
// long it was live and why it ended.
func (c *Console) session() (alive time.Duration, err error) {
	leave, err := c.turn()
	if err != nil {
		return 0, err
	}
	defer leave()
	now := time.Now()
	if !c.creds.usable(now) {
		c.enter(StateChange{To: StateFetching})
		if !sleep(c.ctx, c.fetches.at(now).Sub(now)) {
			return 0, c.ctx.Err()
		}
		c.fetches.take(time.Now())
		creds, err := c.fetch(c.ctx)
		if err != nil {
			return 0, err
		}
		c.keepCredentials(creds)
	}
	c.enter(StateChange{To: StateDialing})
	l, err := c.connect()
	if err != nil {
		c.creds.refused = true
		return 0, err
	}
	c.enter(StateChange{To: StateAuthenticating})
	err = l.serve(leave)
	l.close(c.ctx.Err() != nil)
	c.mu.Lock()
	c.lines.interrupt(c.power)
	c.mu.Unlock()
	if l.lived.IsZero() {
		c.creds.refused = true
		return 0, err
	}
	return time.Since(l.lived), err
}

// turn waits until the group allows another connection to be made.
func (c *Console) turn() (leave func(), err error) {
	if c.cfg.slots == nil {
		return func() {}, nil
	}
	select {
	case c.cfg.slots <- struct{}{}:
		return sync.OnceFunc(func() { <-c.cfg.slots }), nil
	case <-c.ctx.Done():
		return nil, c.ctx.Err()
	}
}

// fetch asks the Panel for credentials.
func (c *Console) fetch(ctx context.Context) (*credentials, error) {
	asked := time.Now()
	answer, err := c.source.Credentials(ctx)
	if err == nil && answer == nil {
		err = errors.New("the Source gave neither credentials nor an error")
	}
	if err != nil {
		return nil, refusedCredentials(err)
	}
	return newCredentials(answer, asked)
}

func (c *Console) keepCredentials(creds *credentials) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.creds = creds
}

// finish is the end of the console, whatever the reason.
func (c *Console) finish(err error) {
	c.cancel()
	closed := errors.Is(err, ErrClosed)
	change := StateChange{To: StateClosed, Err: err}
	if closed && errors.Is(context.Cause(c.ctx), context.Canceled) {
		change.Err = nil
	}
	c.mu.Lock()
	if c.lines.reading != nil {
		c.conclude(GapNoLog)
	}
	c.err = err
	c.mu.Unlock()
	c.enter(change)

	c.mu.Lock()
	defer c.mu.Unlock()
	for _, queue := range c.outbox {
		for _, m := range queue {
			m.done <- &Error{Op: m.event, Problem: "it was not sent", cause: err}
		}
	}
	c.outbox = [kinds][]*message{}
	end := err
	if closed {
		end = errEnded
	}
	for _, reader := range c.readers {
		reader.end(end)
	}
	c.readers = nil
	close(c.done)
}

// enter changes the state and tells of it. The logger, which may be slow, is told
// without the lock that the reading goroutine needs.
func (c *Console) enter(change StateChange) {
	c.mu.Lock()
	change.From = c.state
	if change.From == change.To {
		c.mu.Unlock()
		return
	}
	c.state = change.To
	c.publish(change)
	c.mu.Unlock()
	level := slog.LevelDebug
	if change.Err != nil {
		level = slog.LevelWarn
	}
	c.cfg.logger.Log(context.WithoutCancel(c.ctx), level, "console", "from", string(change.From), "to", string(change.To),
		"delay", change.Delay, "error", change.Err)
}

// attach adds a reader, or ends it at once if the console has ended.
func (c *Console) attach(s sink) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.err == nil:
		c.readers = append(c.readers, s)
	case errors.Is(c.err, ErrClosed):
		s.end(errEnded)
	default:
		s.end(c.err)
	}
}

func (c *Console) detach(s sink) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.readers = slices.DeleteFunc(slices.Clone(c.readers), func(other sink) bool { return other == s })
}

// publish hands an event to the readers. c.mu is held.
func (c *Console) publish(e Event) {
	for _, reader := range c.readers {
		reader.put(e)
	}
}

// notify makes the keeper look for work.
func (c *Console) notify() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// receive takes an event from the socket. It must not wait: it is called by the
// goroutine that reads.
func (c *Console) receive(l *link, e Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l.frames++
	switch e := e.(type) {
	case Output:
		if c.lines.reading != nil && inLog(e.Line) {
			c.lines.reading.add(e.Line)
			return
		}
		c.print(e)
		return
	case Status:
		if e.State == client.PowerStateStarting && c.power != e.State {
			c.lines.begin()
		}
		c.power = e.State
	case Stats:
		c.lines.sample(e.Uptime)
	case JWTError:
		if _, answersAuth := refusalOf(e.Text); !answersAuth && isClosed(c.ready) {
			c.lines.withheld = true
		}
	case authSuccess:
		if c.lines.withheld { // what comes next may come after lost lines
			c.readAgain()
		}
	}
	switch e.(type) {
	case authSuccess, Status, JWTError, DaemonError, TokenExpiring, TokenExpired, Deleted, Throttled:
		l.inbox = append(l.inbox, e)
		c.notify()
	}
	if _, internal := e.(authSuccess); !internal {
		c.publish(e)
	}
}

// print hands out a line. c.mu is held.
func (c *Console) print(o Output) {
	daemons := !inLog(o.Line)
	if !daemons {
		c.lines.shown.add(o.Line)
	}
	c.publish(o)
	if len(o.Line) >= longLine {
		c.publish(Gap{GapLongLine})
	}
	if daemons && strings.Contains(o.Line, "too quickly -- throttling") {
		c.publish(Gap{GapThrottled})
	}
}

// readAgain makes the log be asked for, after events were withheld. What a
// reading under way has got so far is kept. c.mu is held.
func (c *Console) readAgain() {
	r := c.lines.reading
	if r != nil && !r.askedAt.IsZero() && r.sent > 0 {
		c.conclude("")
		r = nil
	}
	if r == nil {
		r = &reading{}
	}
	r.askedAt = time.Time{}
	c.lines.interrupt(c.power)
	c.lines.reading = r
}

// conclude ends the reading of the log and hands out what is new. A reason tells
// that the log did not come. c.mu is held.
func (c *Console) conclude(reason GapReason) {
	fresh, found := c.lines.conclude(c.power, reason)
	if found != "" {
		c.publish(Gap{found})
	}
	for _, line := range fresh {
		c.print(Output{line})
	}
}

func isClosed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}

// sleep waits for d and tells whether ctx lets it.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
