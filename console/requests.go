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

// request queues a message and waits until it is sent.
func (c *Console) request(ctx context.Context, out *outgoing) error {
	if err := ctx.Err(); err != nil {
		return &Error{Op: out.event, Problem: "it was not sent", cause: err}
	}
	out.done = make(chan error, 1)
	c.input(func(now time.Time) { c.core.request(now, out) })
	select {
	case err := <-out.done:
		return err
	case <-ctx.Done():
	}
	withdrawn := false
	c.input(func(now time.Time) { withdrawn = c.core.withdraw(now, out) })
	if !withdrawn {
		return <-out.done // it is being sent
	}
	return &Error{Op: out.event, Problem: "it was not sent, as its turn did not come in time" + c.hindrance(), cause: ctx.Err()}
}

func newCommand(command string) *outgoing {
	return &outgoing{kind: kindCommand, event: "send command", args: []string{command}, permission: client.PermissionControlConsole}
}

// SendCommand types a line into the server's console. It returns when the line
// is sent, in the order of the calls; the daemon acknowledges nothing. What the
// line causes comes as events, see also [Console.Run]. Commands beyond the limits
// wait, and so they do while the console is not connected.
//
// Wings carries out commands that reach it together in any order, so they are sent
// [CommandSpacing] apart. That keeps their order unless something on the way, such
// as a proxy, holds the first up until the second is there.
//
// The line goes to a terminal. A line break, which would make two commands of it,
// any other control character but a tab, and more than [CommandBytes], after which
// the terminal would cut it, give a [*client.ArgumentError]. For several lines
// there is [Console.SendCommands]. The
// daemon drops commands in silence where the server is offline, where it is
// starting and has printed nothing, and where the account lacks the permission;
// such a command is not sent and gives [ErrOffline], [ErrStarting] (see
// [WithPatientCommands]) or [ErrPermission]. While the daemon does not take the
// token, until it is renewed, commands give [ErrToken]; earlier ones that it may
// have dropped are told by [CommandsLost]. The error is [ErrMayHaveArrived] if the
// connection failed meanwhile. Any other error means that the command was not
// sent.
func (c *Console) SendCommand(ctx context.Context, command string) error {
	if err := checkCommand(command); err != nil {
		return err
	}
	return c.request(ctx, newCommand(command))
}

// SendCommands splits a text at its line breaks and sends each line as a command,
// one after the other; blank lines are left out. All lines are checked before
// the first is sent. The error says how many were sent.
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
	problem := rest.CommandProblem(command)
	if strings.ContainsAny(command, "\r\n") {
		problem += "; SendCommands splits a text"
	}
	if problem == "" {
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

// RequestStats asks for the daemon's last sample and returns the next one to
// come. Readers of the events get it, too. A running server sends samples
// unasked, about one a second.
func (c *Console) RequestStats(ctx context.Context) (Stats, error) {
	var found Stats
	err := c.await(ctx, func() error { return c.request(ctx, &outgoing{kind: kindStats, event: "send stats"}) },
		func(e Event) bool {
			stats, ok := e.(Stats)
			found = stats
			return ok
		}, Stats{})
	return found, err
}

// RequestLogs returns the daemon's log of the server as it is now: the last
// [LogLines] lines at most, blank ones included, without those of the daemon
// itself. It is empty while the server is offline. The log ends early at a line
// longer than 65,536 bytes. It is read on a socket of its own; the events of the
// console stay as they are.
func (c *Console) RequestLogs(ctx context.Context) ([]Output, error) {
	out := &outgoing{kind: kindLogs, event: "send logs"}
	if err := c.request(ctx, out); err != nil {
		return nil, err
	}
	return out.log, nil
}

// await runs begin and then looks at the events of some types until one is found.
func (c *Console) await(ctx context.Context, begin func() error, found func(Event) bool, wanted ...Event) error {
	s, err := c.Subscribe(KeepAll(), wanted...)
	if err != nil {
		return err
	}
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
	return &Error{Op: "events", Problem: "the console ended", cause: c.Err()}
}

// ErrIncomplete is the error of [Console.Run] if lines of the answer may be missing.
var ErrIncomplete = errors.New("lines of the answer may be missing")

// Run sends a command and collects the lines that follow, until the one for
// which until returns true, which is the last. Until nil stands for [RunQuiet]
// without a line, or [RunLimit] after the command if the server never is silent
// for so long. The line in which the terminal repeats the command is left out;
// lines that the server prints for other reasons are not told apart.
//
// The lines so far are returned with every error: those of
// [Console.SendCommand], that of ctx, and [ErrIncomplete] where a [Gap] fell
// among the lines.
func (c *Console) Run(ctx context.Context, command string, until func(Output) bool) ([]Output, error) {
	if err := checkCommand(command); err != nil {
		return nil, err
	}
	s := newSubscription(c, KeepAll(), 1<<eventOutput|1<<eventGap)
	defer s.Close()
	out := newCommand(command)
	out.sink, out.after = s, true
	if err := c.request(ctx, out); err != nil {
		return nil, err
	}
	// The silence begins anew with each line.
	silence, limit := time.NewTimer(RunQuiet), time.NewTimer(RunLimit)
	defer silence.Stop()
	defer limit.Stop()
	if until != nil {
		silence.Stop()
		limit.Stop()
	}
	var lines []Output
	echoed := false
	for {
		select {
		case <-ctx.Done():
			return lines, ctx.Err()
		case <-silence.C:
			return lines, nil
		case <-limit.C:
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
				if until == nil {
					silence.Reset(RunQuiet)
				}
				if !echoed && e.Line == command {
					echoed = true
					continue
				}
				lines = append(lines, e)
				if until != nil && until(e) {
					return lines, nil
				}
			}
		}
	}
}
