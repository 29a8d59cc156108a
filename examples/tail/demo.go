package main

import (
	"context"
	"fmt"
	"time"

	"github.com/ptero-go/ptero/paneltest"
)

// target is a server of a Panel.
type target struct{ url, key, server string }

// The server of the demo, and what it lives with.
const (
	demoServer  = "1a7c00d1-0000-4000-8000-000000000000"
	linesPerSec = 4
	cutEvery    = 5 * time.Second
)

// startDemo starts a Panel with a talkative server, whose network fails now and
// then. It ends with ctx.
func startDemo(ctx context.Context) (target, error) {
	seed := paneltest.DefaultSeed()
	seed.Servers[0].UUID = demoServer
	seed.Nests[0].Eggs[0].Game.Rate = linesPerSec
	seed.Nests[0].Eggs[0].Game.Line = func(n int) string { return fmt.Sprintf("\x1b[32mplayer%d\x1b[0m joined", n) }
	panel, err := paneltest.New(paneltest.WithSeed(seed))
	if err != nil {
		return target{}, err
	}
	go func() {
		defer panel.Close()
		cut := time.NewTicker(cutEvery)
		defer cut.Stop()
		for {
			select {
			case <-cut.C:
				panel.DropSockets()
			case <-ctx.Done():
				return
			}
		}
	}()
	return target{panel.URL, panel.UserKey, demoServer}, nil
}
