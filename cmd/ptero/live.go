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

// powerAndWait sends a signal and returns when it has had its effect.
func powerAndWait(ctx context.Context, c *client.Client, s *client.Server, signal client.PowerSignal) (string, error) {
	begun := time.Now()
	if err := c.Servers.Power(ctx, s.UUID, signal); err != nil {
		return "", err
	}
	state := client.PowerStateRunning
	if signal == client.PowerSignalStop || signal == client.PowerSignalKill {
		state = client.PowerStateOffline
	}
	if err := c.Servers.WaitState(ctx, s.UUID, state, client.WaitOptions{}); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s after %s", state, time.Since(begun).Round(100*time.Millisecond)), nil
}

// tryConsole opens the console of a server and closes it again. The advice says
// what to do about the error.
func tryConsole(ctx context.Context, c *client.Client, s *client.Server) (problem error, advice string) {
	con, err := console.Dial(ctx, c.Servers.Console(s.UUID))
	if err == nil {
		_ = con.Close()
		return nil, ""
	}
	switch {
	case errors.Is(err, console.ErrOrigin):
		advice = "Wings knows the Panel by another address: compare the setting remote in its config.yml with the address that you use here."
	case errors.Is(err, console.ErrPermission) && strings.Contains(err.Error(), "connect"):
		advice = "The account has the permission, so the Panel is likely too old for its Wings: Wings 1.12.2 and later need Panel 1.12.3."
	case errors.Is(err, console.ErrToken):
		advice = "Wings does not accept what the Panel signs: the token in the config.yml of the node must be that of the Panel, and the clocks must agree."
	}
	return err, advice
}
