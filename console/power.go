package console

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/internal/rest"
)

// Signal sends a power signal and returns when it is sent. A [Status] shows that it
// worked, a [DaemonError] that it failed; [Start], [Stop] and [Restart] wait for
// that. An account without the permission gets [ErrPermission]. As with
// [Console.SendCommand], a signal is never sent twice.
func (c *Console) Signal(ctx context.Context, signal client.PowerSignal) error {
	permissions := map[client.PowerSignal]client.Permission{
		client.PowerSignalStart:   client.PermissionControlStart,
		client.PowerSignalStop:    client.PermissionControlStop,
		client.PowerSignalKill:    client.PermissionControlStop,
		client.PowerSignalRestart: client.PermissionControlRestart,
	}
	permission, known := permissions[signal]
	if !known {
		return &client.ArgumentError{
			Operation: "set state", Argument: "signal", Problem: fmt.Sprintf("is %q, which the daemon does not know", string(signal)),
		}
	}
	return c.request(ctx, &outgoing{kind: kindPower, event: "set state", args: []string{string(signal)}, permission: permission})
}

// WaitPower waits until the server is in the given power state and returns at once
// if it already is. It lets a console drive the waiters of package client, see
// [client.WaitOptions].
func (c *Console) WaitPower(ctx context.Context, power client.PowerState) error {
	if !power.Valid() {
		return &client.ArgumentError{
			Operation: "status", Argument: "power", Problem: fmt.Sprintf("is %q, which the daemon does not know", string(power)),
		}
	}
	there := false
	return c.await(ctx, func() error {
		if err := c.Err(); err != nil {
			return &Error{Op: "status", Problem: "the console has ended", cause: err}
		}
		there = c.Power() == power
		return nil
	}, func(e Event) bool {
		status, ok := e.(Status)
		return there || ok && status.State == power
	}, Status{})
}

// PowerError is the error of [Start], [Stop] and [Restart] if the server did not
// reach the power state. It matches [ErrPower].
type PowerError struct {
	// Signal is the signal that was sent.
	Signal client.PowerSignal

	// State is the last known power state.
	State client.PowerState

	// Problem describes what happened.
	Problem string

	// Output holds the lines printed since then, the last [LogLines] at most.
	Output []Output

	cause error
}

// Error implements error.
func (e *PowerError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "console: %s: %s", e.Signal, rest.Printable(e.Problem))
	if n := len(e.Output); n > 0 {
		fmt.Fprintf(&b, "; the server's last line is %q", e.Output[n-1].Text())
	}
	if e.cause != nil {
		b.WriteString(": " + e.cause.Error())
	}
	return b.String()
}

// Unwrap returns the cause, such as the end of the context.
func (e *PowerError) Unwrap() error { return e.cause }

// Is matches ErrPower.
func (e *PowerError) Is(target error) bool { return target == ErrPower }

// Start starts a server and returns when it is running, at once if it is. The
// error is a [*PowerError] if it did not come up: if it went offline again, if the
// daemon refused, or if ctx ended first. The state is that of the daemon; the
// Panel's may be 20 seconds old.
func Start(ctx context.Context, source Source, opts ...Option) error {
	return power(ctx, source, client.PowerSignalStart, opts)
}

// Stop stops a server and returns when it is offline, at once if it is. A server
// that does not stop by itself is not killed: send [client.PowerSignalKill] for
// that.
func Stop(ctx context.Context, source Source, opts ...Option) error {
	return power(ctx, source, client.PowerSignalStop, opts)
}

// Restart restarts a server and returns when it is running anew. One that is
// offline is started.
func Restart(ctx context.Context, source Source, opts ...Option) error {
	return power(ctx, source, client.PowerSignalRestart, opts)
}

// power sends a signal on a console of its own, and watches what it does.
func power(ctx context.Context, source Source, signal client.PowerSignal, opts []Option) error {
	c, err := Dial(ctx, source, opts...)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	w := &powerWatch{signal: signal, state: c.Power()}
	if w.reached(w.state) {
		return nil
	}
	s, err := c.Subscribe(KeepAll(), Output{}, Status{}, Stats{}, DaemonError{}, Crash{}, CommandsLost{})
	if err != nil {
		return err
	}
	defer s.Close()
	if !w.underWay() {
		if err := c.Signal(ctx, signal); err != nil {
			return err
		}
		w.sent = time.Now()
	}
	for e, err := range s.Events(ctx) {
		if err != nil {
			return w.fail("it did not get there in time", err)
		}
		if w.busy(e) {
			// Refused, so it was not carried out.
			if !pause(ctx, busyPause) {
				return w.fail("it did not get there in time", context.Cause(ctx))
			}
			if err := c.Signal(ctx, signal); err != nil {
				return err
			}
			continue
		}
		if done, err := w.see(e); done {
			return err
		}
	}
	return w.fail("the console ended", c.Err())
}

// The daemon is done with a signal a moment after it tells the state that the
// signal led to, and refuses others until then.
const (
	busyPause    = 300 * time.Millisecond
	busyPatience = 10 * time.Second
)

// pause waits for d. It reports whether ctx allowed it.
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

// powerWatch follows what a server does after a signal.
type powerWatch struct {
	signal client.PowerSignal
	state  client.PowerState
	sent   time.Time // zero if no signal was needed
	moved  bool      // the server left the state in which it was
	output []Output
}

// reached reports whether the signal has done its work in a state.
func (w *powerWatch) reached(state client.PowerState) bool {
	switch w.signal {
	case client.PowerSignalStart:
		return state == client.PowerStateRunning
	case client.PowerSignalRestart:
		return state == client.PowerStateRunning && w.moved
	case client.PowerSignalStop, client.PowerSignalKill:
	}
	return state == client.PowerStateOffline
}

// underWay reports whether the server is getting there already: the daemon refuses
// a signal then.
func (w *powerWatch) underWay() bool {
	return w.signal == client.PowerSignalStart && w.state == client.PowerStateStarting ||
		w.signal == client.PowerSignalStop && w.state == client.PowerStateStopping
}

// busy reports whether the daemon refused the signal as another is being carried
// out, which passes.
func (w *powerWatch) busy(e Event) bool {
	refusal, ok := e.(DaemonError)
	return ok && !w.sent.IsZero() && time.Since(w.sent) < busyPatience &&
		strings.Contains(refusal.Text, "another power action is currently being processed")
}

// see takes an event. It reports whether the end has come.
func (w *powerWatch) see(e Event) (done bool, err error) {
	switch e := e.(type) {
	case Output:
		if w.output = append(w.output, e); len(w.output) > LogLines {
			w.output = w.output[1:]
		}
	case Status:
		before := w.state
		w.state = e.State
		w.moved = w.moved || e.State != before || e.State == client.PowerStateStarting
		switch {
		case w.reached(e.State):
			return true, nil
		case e.State != client.PowerStateOffline || before == client.PowerStateOffline:
		case w.signal == client.PowerSignalStart, w.signal == client.PowerSignalRestart && before == client.PowerStateStarting:
			return true, w.fail("the server went offline", nil)
		}
	case Stats:
		// The states in between may have been missed.
		if !w.moved && e.State == client.PowerStateRunning && e.Uptime > 0 && e.Uptime < time.Since(w.sent)-runSlack {
			w.moved = true
			if w.reached(e.State) {
				return true, nil
			}
		}
	case DaemonError:
		if w.sent.IsZero() {
			return false, nil // nothing was asked of it
		}
		return true, w.fail("the daemon refused: "+e.Text, nil)
	case Crash:
		if w.signal != client.PowerSignalStop && !e.Restarts {
			return true, w.fail(fmt.Sprintf("the server crashed with exit code %d", e.ExitCode), nil)
		}
	case CommandsLost:
		return true, w.fail("the signal may have been lost", errors.Join(ErrMayHaveArrived, e.Err))
	}
	return false, nil
}

func (w *powerWatch) fail(problem string, cause error) error {
	return &PowerError{Signal: w.signal, State: w.state, Problem: problem, Output: w.output, cause: cause}
}
