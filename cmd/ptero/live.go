package main

import (
	"context"
	"fmt"
	"time"

	"github.com/ptero-go/ptero/client"
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
