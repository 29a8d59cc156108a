package console

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ptero-go/ptero/client"
)

const (
	// commandLimit is the length, in bytes, at which the server's terminal cuts a
	// command in silence.
	commandLimit = 4095

	// messageLimit is the length, in bytes, at which Wings 1.12 closes the socket.
	messageLimit = 4096
)

// message is a request that waits to be sent.
type message struct {
	kind       kind
	event      string
	args       []string
	permission client.Permission // without which the daemon drops it in silence
	done       chan error        // gets the outcome, has room for it
}

// nextMessage returns the next message of a kind, or nil. Take takes it from the
// queue: from then on its outcome is known soon.
func (c *Console) nextMessage(k kind, take bool) *message {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.outbox[k]) == 0 {
		return nil
	}
	m := c.outbox[k][0]
	if take {
		c.outbox[k] = slices.Delete(c.outbox[k], 0, 1)
	}
	return m
}

// request queues a message and waits until it is sent.
func (c *Console) request(ctx context.Context, m *message) error {
	m.done = make(chan error, 1)
	c.mu.Lock()
	if c.err != nil {
		defer c.mu.Unlock()
		return &Error{Op: m.event, Problem: "it was not sent", cause: c.err}
	}
	c.outbox[m.kind] = append(c.outbox[m.kind], m)
	c.mu.Unlock()
	c.notify()
	select {
	case err := <-m.done:
		return err
	case <-ctx.Done():
	}
	c.mu.Lock()
	i := slices.Index(c.outbox[m.kind], m)
	if i >= 0 {
		c.outbox[m.kind] = slices.Delete(c.outbox[m.kind], i, i+1)
	}
	c.mu.Unlock()
	if i < 0 {
		return <-m.done // it is being sent
	}
	return &Error{Op: m.event, Problem: "it was not sent, as its turn did not come in time", cause: ctx.Err()}
}

// SendCommand types a line into the server's console. It returns when the line
// is sent, in the order of the calls; what the line causes comes as events, see
// also [Console.Run]. Commands beyond the limits wait, and so they do while the
// console is not connected.
//
// A command with a line break, which would be two, and one longer than 4,095
// bytes, which the server's terminal would cut, are refused with a
// [*client.ArgumentError]; [Console.SendCommands] is for several lines. The
// daemon drops commands in silence where the server is offline or the account
// lacks the permission; such a command is not sent and gives an error matching
// [ErrOffline] or [ErrPermission]. [ErrMayHaveArrived] matches if the connection
// failed meanwhile. Any other error means that the command was not sent.
func (c *Console) SendCommand(ctx context.Context, command string) error {
	if err := checkCommand(command); err != nil {
		return err
	}
	return c.request(ctx, &message{
		kind: kindCommand, event: "send command", args: []string{command}, permission: client.PermissionControlConsole,
	})
}

// SendCommands splits a text at its line breaks and sends each line as a command,
// one after the other; blank lines are left out. All lines are checked before
// the first is sent. The error tells how many were sent.
func (c *Console) SendCommands(ctx context.Context, text string) error {
	var commands []string
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, "\r\n"); line == "" {
			continue
		}
		if err := checkCommand(line); err != nil {
			return err
		}
		commands = append(commands, line)
	}
	for i, command := range commands {
		if err := c.SendCommand(ctx, command); err != nil {
			return fmt.Errorf("after %d of %d commands: %w", i, len(commands), err)
		}
	}
	return nil
}

func checkCommand(command string) error {
	problem := ""
	switch {
	case command == "":
		problem = "is empty"
	case strings.ContainsAny(command, "\r\n"):
		problem = "holds a line break, which makes two commands of it; SendCommands splits a text"
	case !utf8.ValidString(command):
		problem = "is not valid UTF-8"
	case len(command) > commandLimit:
		problem = fmt.Sprintf("has %d bytes, but the server's terminal cuts it after %d", len(command), commandLimit)
	default:
		text, err := encode("send command", []string{command})
		if err != nil {
			return err
		}
		if len(text) > messageLimit {
			problem = fmt.Sprintf("makes a message of %d bytes, but Wings takes %d", len(text), messageLimit)
		}
	}
	if problem != "" {
		return &client.ArgumentError{Operation: "send command", Argument: "command", Problem: problem}
	}
	return nil
}

// SetState sends a power signal. It returns when the signal is sent; that it
// works shows in [Status], that it does not in [DaemonError]. An account that
// lacks the permission gets an error matching [ErrPermission]. As with
// [Console.SendCommand], a signal is never sent twice.
func (c *Console) SetState(ctx context.Context, signal client.PowerSignal) error {
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
	return c.request(ctx, &message{kind: kindPower, event: "set state", args: []string{string(signal)}, permission: permission})
}

// RequestStats asks for the daemon's last sample and returns the next one to
// come. Readers of the events get it, too. A running server sends samples
// unasked, about one a second.
func (c *Console) RequestStats(ctx context.Context) (Stats, error) {
	var found Stats
	err := c.await(ctx, func() error { return c.request(ctx, &message{kind: kindStats, event: "send stats"}) },
		func(e Event) bool {
			stats, ok := e.(Stats)
			found = stats
			return ok
		})
	return found, err
}

// WaitState returns when the server is in a power state, at once if it is. With
// it a console feeds the waiters of package client, see [client.WaitOptions].
func (c *Console) WaitState(ctx context.Context, state client.PowerState) error {
	if !state.Valid() {
		return &client.ArgumentError{
			Operation: "status", Argument: "state", Problem: fmt.Sprintf("is %q, which the daemon does not know", string(state)),
		}
	}
	there := false
	return c.await(ctx, func() error {
		there = c.Power() == state
		return nil
	}, func(e Event) bool {
		status, ok := e.(Status)
		return there || ok && status.State == state
	})
}

// await runs begin and then looks at the events until one is found.
func (c *Console) await(ctx context.Context, begin func() error, found func(Event) bool) error {
	s := newSubscription(c, KeepAll())
	c.attach(s)
	defer s.Close()
	if err := begin(); err != nil {
		return err
	}
	if found(nil) {
		return nil
	}
	for e, err := range s.Events(ctx) {
		if err != nil {
			return err
		}
		if found(e) {
			return nil
		}
	}
	return &Error{Op: "events", Kind: ErrClosed}
}

// quiet is how long the output of a command has ended, for Run without an end.
const quiet = 500 * time.Millisecond

// ErrIncomplete tells that lines of an answer may be missing.
var ErrIncomplete = errors.New("lines of the answer may be missing")

// Run sends a command and collects the lines that follow, until the one for
// which until returns true, which is the last. Until nil stands for half a
// second without a line. The line in which the terminal repeats the command is
// left out; lines that the server prints for other reasons are not told apart.
//
// The lines so far are returned with every error: those of
// [Console.SendCommand], that of ctx, and one matching [ErrIncomplete] where a
// [Gap] fell among the lines.
func (c *Console) Run(ctx context.Context, command string, until func(Output) bool) ([]Output, error) {
	s := newSubscription(c, KeepAll())
	c.attach(s)
	defer s.Close()
	if err := c.SendCommand(ctx, command); err != nil {
		return nil, err
	}
	// The silence begins anew with each line.
	silence := time.NewTimer(quiet)
	defer silence.Stop()
	if until != nil {
		silence.Stop()
	}
	var lines []Output
	echoed := false
	for {
		select {
		case <-ctx.Done():
			return lines, ctx.Err()
		case <-silence.C:
			return lines, nil
		case e, open := <-s.Channel():
			switch e := e.(type) {
			case nil:
				if !open {
					return lines, &Error{Op: "events", Problem: "the console ended", cause: c.Err()}
				}
			case Gap:
				return lines, fmt.Errorf("console: %w: %s", ErrIncomplete, e.Reason)
			case Output:
				if !echoed && e.Line == command {
					echoed = true
					continue
				}
				lines = append(lines, e)
				if until == nil {
					silence.Reset(quiet)
				} else if until(e) {
					return lines, nil
				}
			}
		}
	}
}
