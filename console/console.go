package console

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/ptero-go/ptero/client"
)

// Console is the console of one server. It is safe for concurrent use. Make one
// with [Dial] and close it when it is no longer needed.
type Console struct {
	source Source
	cfg    *config
	ctx    context.Context //nolint:containedctx // what it does ends with it
	cancel context.CancelFunc
	ready  chan struct{}  // closed when it is live for the first time
	done   chan struct{}  // closed when it has ended
	all    sync.WaitGroup // its goroutines

	mu        sync.Mutex // guards the rest
	core      *core
	readers   []sink
	ownEvents *Subscription // what Events reads, nil before it is asked for
	sockets   []*socket     // open and being opened
	logs      lane
	timer     *time.Timer
	alarm     time.Time // when timer fires, zero if it does not
}

// Dial opens the console of a server and returns when the daemon has taken the
// token and shown that it is for this server. The context bounds the dialing
// alone: the console lives until [Console.Close]. Connecting takes [DialLimit] at
// most, once the Panel has given credentials.
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
	c := newConsole(source, cfg)
	c.own()
	c.begin()
	select {
	case <-c.ready:
		return c, nil
	case <-c.done:
		c.all.Wait()
		return nil, c.Err()
	case <-ctx.Done():
		problem := "the console did not open in time" + c.hindrance()
		_ = c.Close()
		return nil, &Error{Op: "dial", Problem: problem, cause: context.Cause(ctx)}
	}
}

func newConsole(source Source, cfg *config) *Console {
	c := &Console{
		source: source, cfg: cfg, core: newCore(cfg.settings, rand.Float64),
		ready: make(chan struct{}), done: make(chan struct{}),
	}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c
}

func (c *Console) begin() { c.input(c.core.start) }

// own returns what Events reads. The first call makes it.
func (c *Console) own() *Subscription {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ownEvents == nil {
		c.ownEvents = newSubscription(c, c.cfg.policy, ^eventSet(0))
		c.attachLocked(c.ownEvents)
	}
	return c.ownEvents
}

// Events hands out the events since Dial, one by one, and waits for more. See
// [Subscription.Events] for how it ends, and [WithPolicy] for what is kept until
// it is read.
func (c *Console) Events(ctx context.Context) iter.Seq2[Event, error] { return c.own().Events(ctx) }

// Channel returns the events of Events as a channel, see [Subscription.Channel].
func (c *Console) Channel() <-chan Event { return c.own().Channel() }

// Close ends the console and returns when nothing of it is left, at once even if
// the daemon does not answer. It always returns nil.
func (c *Console) Close() error { return c.shut(nil) }

func (c *Console) shut(cause error) error {
	c.input(func(now time.Time) { c.core.close(now, cause) })
	c.all.Wait()
	c.mu.Lock()
	own := c.ownEvents
	c.mu.Unlock()
	if own != nil {
		own.discard()
	}
	return nil
}

// Done is closed when the console has ended.
func (c *Console) Done() <-chan struct{} { return c.done }

// Err returns why the console ended: an error that matches [ErrClosed] after
// Close, another one if it gave up, nil while it lives.
func (c *Console) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.core.end
}

// Connection returns the state of the connection.
func (c *Console) Connection() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.core.state
}

// Power returns the power state of the server as last heard, empty before that.
func (c *Console) Power() client.PowerState {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.core.power
}

// hindrance says what keeps the console from being live, for errors of requests
// that waited in vain. It is empty if nothing does.
func (c *Console) hindrance() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	state := c.core.state
	switch problem, cause := c.core.token.problem, c.core.cause; {
	case state == StateLive:
		return ""
	case problem != "":
		return fmt.Sprintf(" (%s: %s)", state, problem)
	case cause != nil:
		return fmt.Sprintf(" (%s: %v)", state, cause)
	}
	return fmt.Sprintf(" (%s)", state)
}

// String names the state of the connection. It holds no token.
func (c *Console) String() string { return fmt.Sprintf("console (%s)", c.Connection()) }

// GoString is String, so that %#v prints no token either.
func (c *Console) GoString() string { return c.String() }

// attach adds a reader, or ends it at once if the console has ended.
func (c *Console) attach(s sink) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.attachLocked(s)
}

// attachLocked is attach for who holds c.mu.
func (c *Console) attachLocked(s sink) {
	switch {
	case c.core.end == nil:
		c.readers = append(c.readers, s)
	case errors.Is(c.core.end, ErrClosed):
		s.end(errEnded)
	default:
		s.end(c.core.end)
	}
}

func (c *Console) detach(s sink) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.readers = slices.DeleteFunc(slices.Clone(c.readers), func(other sink) bool { return other == s })
}
