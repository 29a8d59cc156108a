package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/console"
)

// sendSignal sends a power signal.
func sendSignal(ctx context.Context, c *client.Client, s *client.Server, signal client.PowerSignal) error {
	return c.Servers.Signal(ctx, s.UUID, signal)
}

// signalAndWait sends a power signal and returns when it has had its effect. It
// watches the console, as the Panel's word may be 20 seconds old.
func (a *app) signalAndWait(ctx context.Context, c *client.Client, s *client.Server, signal client.PowerSignal) (string, error) {
	begun, source := time.Now(), a.console(c, s)
	state := client.PowerStateRunning
	var err error
	switch signal {
	case client.PowerSignalStart:
		err = console.Start(ctx, source)
	case client.PowerSignalRestart:
		err = console.Restart(ctx, source)
	case client.PowerSignalStop:
		state = client.PowerStateOffline
		err = console.Stop(ctx, source)
	default:
		state = client.PowerStateOffline
		err = killAndWait(ctx, source)
	}
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "", &failure{err: fmt.Errorf("not %s in time", state), hint: "It may still come, as the signal may have been sent. See: ptero servers show " + quote(s.Name) + "\n--timeout says how long to wait."}
	case err != nil:
		return "", powerFailure(err)
	}
	return fmt.Sprintf("%s after %s", state, time.Since(begun).Round(100*time.Millisecond)), nil
}

func killAndWait(ctx context.Context, source console.Source) error {
	con, err := console.Dial(ctx, source)
	if err != nil {
		return err
	}
	defer con.Close()
	if err := con.Signal(ctx, client.PowerSignalKill); err != nil {
		return err
	}
	return con.WaitPower(ctx, client.PowerStateOffline)
}

// powerFailure adds what the server printed before it failed.
func powerFailure(err error) error {
	var failed *console.PowerError
	if !errors.As(err, &failed) || len(failed.Output) == 0 {
		return err
	}
	const shown = 10
	var lines []string
	for _, line := range failed.Output[max(0, len(failed.Output)-shown):] {
		lines = append(lines, "  "+line.Text())
	}
	return &failure{err: err, hint: "It printed:\n" + strings.Join(lines, "\n")}
}

// tryConsole opens the console of a server and closes it again. The advice says
// what to do about the error.
func tryConsole(ctx context.Context, c *client.Client, s *client.Server) (advice string, err error) {
	con, err := console.Dial(ctx, c.Servers.Console(s.UUID))
	if err == nil {
		_ = con.Close()
		return "", nil
	}
	return consoleAdvice(err), err
}

// consoleAdvice says what to do about a console that does not open.
func consoleAdvice(err error) string {
	switch {
	case errors.Is(err, console.ErrOrigin):
		return "Wings knows the Panel by another address: compare the setting remote in its config.yml with the address that you use here."
	case errors.Is(err, console.ErrPermission) && strings.Contains(err.Error(), "connect"):
		return "If the account has the permission websocket.connect, the Panel is too old for its Wings: Wings 1.12.2 and later need Panel 1.12.3."
	case errors.Is(err, console.ErrToken):
		return "Wings does not accept what the Panel signs: the token in the config.yml of the node must be that of the Panel, and the clocks must agree."
	case errors.Is(err, console.ErrOffline):
		return "Start it with: ptero start"
	case errors.Is(err, console.ErrStarting):
		return "Wait until it runs, e.g. with: ptero start --wait"
	case errors.Is(err, console.ErrTooManySockets):
		return "Close consoles of this server in other programs and browsers."
	}
	return ""
}
