package redislimit

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ptero-go/ptero/client"
)

const (
	// While requests are in flight their answers may make room at any time, in
	// any process: the first of those who wait here looks again this often.
	shortestPause = 5 * time.Millisecond
	longestPause  = 80 * time.Millisecond
)

// errAway says that Redis is unavailable.
var errAway = errors.New("redis is away")

// Wait implements [client.Limiter].
func (l *Limiter) Wait(ctx context.Context, call client.Call) (done func(client.Answer), err error) {
	if call.API == "wings" { // goes to a node by a signed URL: not counted for the user
		return l.local.Wait(ctx, call)
	}
	done, err = l.waitShared(ctx, call)
	if errors.Is(err, errAway) {
		return l.local.Wait(ctx, call)
	}
	return done, err
}

// waitShared waits for a turn in the shared count, or until Redis is away.
func (l *Limiter) waitShared(ctx context.Context, call client.Call) (func(client.Answer), error) {
	gate := l.gate(call)
	if err := gate.enter(ctx); err != nil {
		return nil, err
	}
	defer gate.leave()
	for pause := shortestPause; ; pause = min(2*pause, longestPause) {
		if !l.inReach(call) {
			return nil, errAway
		}
		id := rand.Text()
		t, err := l.takeInTime(ctx, call, id)
		switch {
		case err != nil && ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case err != nil:
			l.outage.begin(err)
			return nil, errAway
		case t.granted:
			return func(answer client.Answer) { l.done(call, id, t, answer) }, nil
		}
		if t.wait > 0 {
			gate.opens(time.Now().Add(t.wait))
			pause = shortestPause
		}
		if err := noRoom(ctx, t.wait); err != nil {
			return nil, err
		}
		if err := sleep(ctx, max(t.wait, pause)); err != nil {
			return nil, err
		}
	}
}

// takeInTime is take, bounded. A turn that comes too late is given back.
func (l *Limiter) takeInTime(ctx context.Context, call client.Call, id string) (turn, error) {
	return within(ctx, l.timeout,
		func(ctx context.Context) (turn, error) { return l.take(ctx, call, id) },
		func(t turn) {
			if t.granted {
				l.done(call, id, t, client.Answer{Limit: -1, Remaining: -1})
			}
		})
}

// done passes on an answer. If that fails, the request is considered counted
// after a while.
func (l *Limiter) done(call client.Call, id string, t turn, answer client.Answer) {
	if !l.inReach(call) {
		return
	}
	_, err := within(context.Background(), l.timeout,
		func(ctx context.Context) (struct{}, error) { return struct{}{}, l.give(ctx, call, id, t, answer) },
		func(struct{}) {})
	if err != nil {
		l.outage.begin(err)
	}
}

// gateKey is what one request at a time asks Redis about, so that the others
// keep their order and a crowd that waits costs Redis no more than one does.
type gateKey struct{ api, operation string }

// gate lets one request at a time ask. Those who wait before it know for how long
// the one within has to wait at least.
type gate struct {
	turn chan struct{} // full while somebody is within

	mu      sync.Mutex
	waiting int           // how many want to enter, or are within
	until   time.Time     // before which nobody is let pass; zero if unknown
	changed chan struct{} // closed when until changes
}

func (l *Limiter) gate(call client.Call) *gate {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := gateKey{call.API, call.Operation}
	g := l.gates[key]
	if g == nil {
		g = &gate{turn: make(chan struct{}, 1), changed: make(chan struct{})}
		l.gates[key] = g
	}
	return g
}

// enter returns when nobody else is within, or at once if that would be too late
// for the deadline of ctx.
func (g *gate) enter(ctx context.Context) (err error) {
	g.count(1)
	defer func() {
		if err != nil {
			g.count(-1)
		}
	}()
	for {
		g.mu.Lock()
		until, changed := g.until, g.changed
		g.mu.Unlock()
		if err := noRoom(ctx, time.Until(until)); err != nil {
			return err
		}
		select {
		case g.turn <- struct{}{}:
			return nil
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// leave admits the next one, which has to ask for itself.
func (g *gate) leave() {
	g.opens(time.Time{})
	g.count(-1)
	<-g.turn
}

func (g *gate) count(more int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting += more
}

// waiting returns how many requests of an operation wait.
func (l *Limiter) waiting(api, operation string) int {
	l.mu.Lock()
	g := l.gates[gateKey{api, operation}]
	l.mu.Unlock()
	if g == nil {
		return 0
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.waiting
}

// opens records when Redis will grant a turn at the earliest; the zero time
// means that it is unknown.
func (g *gate) opens(until time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.until.Equal(until) {
		return
	}
	g.until = until
	close(g.changed)
	g.changed = make(chan struct{})
}

// noRoom returns an error if a wait goes beyond the deadline of ctx.
func noRoom(ctx context.Context, wait time.Duration) error {
	if deadline, bounded := ctx.Deadline(); bounded && wait > 0 && time.Until(deadline) < wait {
		return noRoomError(wait)
	}
	return nil
}

// within runs f, but returns when its time is up or ctx ends, since a Redis
// client by default minds only timeouts of its own. What f returns after that
// goes to late.
func within[T any](ctx context.Context, d time.Duration, f func(context.Context) (T, error), late func(T)) (T, error) {
	type reply struct {
		value T
		err   error
	}
	replies, left := make(chan reply), make(chan struct{})
	bound, cancel := context.WithTimeout(context.WithoutCancel(ctx), d)
	go func() {
		defer cancel()
		value, err := f(bound)
		select {
		case replies <- reply{value, err}:
		case <-left:
			if err == nil {
				late(value)
			}
		}
	}()
	var none T
	select {
	case r := <-replies:
		return r.value, r.err
	case <-ctx.Done():
		close(left)
		return none, context.Cause(ctx)
	case <-bound.Done():
		close(left)
		return none, fmt.Errorf("no answer from Redis within %s", d)
	}
}

// sleep waits, and returns an error if ctx ends first.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// noRoomError says that the rate limit leaves no room before a deadline. It
// matches client.ErrRateLimited and context.DeadlineExceeded, as that of
// client.LocalLimiter does.
type noRoomError time.Duration

func (e noRoomError) Error() string {
	wait := max(time.Second, time.Duration(e).Round(time.Second))
	return fmt.Sprintf("the Panel's rate limit, shared by Redis, is used up for another %s, beyond the deadline", wait)
}

func (e noRoomError) Is(target error) bool {
	return target == client.ErrRateLimited || target == context.DeadlineExceeded
}
