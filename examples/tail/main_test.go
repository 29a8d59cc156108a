package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/console"
	"github.com/ptero-go/ptero/paneltest"
)

const bootLine = `Done (0.4s)! For help, type "help"`

// tailing is a tail at work, whose output is read line by line.
type tailing struct {
	t     *testing.T
	panel *paneltest.Panel
	lines *bufio.Scanner
	ended chan error
}

// inBubble tails a server that prints only what it is told, in simulated time, on
// both kinds of Panel.
func inBubble(t *testing.T, test func(*tailing)) {
	t.Helper()
	for _, version := range []string{"1.12", "pelican"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			inBubbleOf(t, version, test)
		})
	}
}

func inBubbleOf(t *testing.T, version string, test func(*tailing)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		seed := paneltest.DefaultSeed()
		seed.Servers[0].UUID = demoServer
		seed.Nests[0].Eggs[0].Game.Boot = []string{bootLine}
		panel, err := paneltest.New(paneltest.WithSeed(seed), paneltest.InMemory(), paneltest.WithVersion(version))
		if err != nil {
			t.Fatal(err)
		}
		defer panel.Close()
		tail := start(t, panel, target{panel.URL, panel.UserKey, demoServer})
		tail.expect(bootLine)
		test(tail)
	})
}

// start tails a server until the test ends.
func start(t *testing.T, panel *paneltest.Panel, at target) *tailing {
	t.Helper()
	var opts []client.Option
	if panel != nil {
		opts = append(opts, client.WithHTTPClient(panel.HTTPClient()))
	}
	c, err := client.New(at.url, at.key, opts...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	running := &tailing{t, panel, bufio.NewScanner(r), make(chan error, 1)}
	go func() {
		running.ended <- tail(ctx, w, c, at.server)
		w.Close()
	}()
	t.Cleanup(func() {
		cancel()
		r.Close() // so that nothing waits for a reader
		<-running.ended
	})
	return running
}

// print makes the server print lines.
func (r *tailing) print(lines ...string) {
	r.t.Helper()
	if err := r.panel.Print(demoServer, lines...); err != nil {
		r.t.Fatal(err)
	}
}

// expect reads the next lines.
func (r *tailing) expect(want ...string) {
	r.t.Helper()
	for _, line := range want {
		if !r.lines.Scan() {
			r.t.Fatalf("the output ended before %q: %v", line, <-r.ended)
		}
		if got := r.lines.Text(); got != line {
			r.t.Fatalf("the next line is %q, want %q", got, line)
		}
	}
}

func TestTailOutlivesFailures(t *testing.T) {
	t.Parallel()
	inBubble(t, func(tail *tailing) {
		for _, failure := range []struct {
			name string
			fail func()
		}{
			{"the network fails", tail.panel.DropSockets},
			{"Wings is restarted", tail.panel.RestartWings},
			{"the tokens are revoked", tail.panel.RevokeTokens},
			{"the tokens expire", tail.panel.ExpireTokens},
			{"the network fails again", tail.panel.DropSockets},
		} {
			tail.print("\x1b[33mbefore " + failure.name + "\x1b[0m")
			failure.fail()
			tail.print("meanwhile", "\x1b[1mand more\x1b[0m")
			tail.expect("before "+failure.name, "meanwhile", "and more")
			tail.print("after")
			tail.expect("after")
		}
	})
}

func TestTailTellsOfGaps(t *testing.T) {
	t.Parallel()
	inBubble(t, func(tail *tailing) {
		// The daemon's log holds 150 lines, so that 200 unseen ones are too many.
		if err := tail.panel.StopNode(1); err != nil {
			tail.t.Fatal(err)
		}
		for n := range 200 {
			tail.print(fmt.Sprintf("line %d", n))
		}
		if err := tail.panel.StartNode(1); err != nil {
			tail.t.Fatal(err)
		}
		tail.expect("-- lines may be missing: the daemon's log does not reach back to the last line")
		for n := 50; n < 200; n++ {
			tail.expect(fmt.Sprintf("line %d", n))
		}
	})
}

func TestTailEndsWithItsServer(t *testing.T) {
	t.Parallel()
	inBubble(t, func(tail *tailing) {
		admin, err := application.New(tail.panel.URL, tail.panel.ApplicationKey, client.WithHTTPClient(tail.panel.HTTPClient()))
		if err != nil {
			tail.t.Fatal(err)
		}
		if err := admin.Servers.Delete(tail.t.Context(), 1); err != nil {
			tail.t.Fatal(err)
		}
		for tail.lines.Scan() {
			tail.t.Log(tail.lines.Text())
		}
		err = <-tail.ended
		if tail.ended <- err; !errors.Is(err, console.ErrDeleted) {
			tail.t.Errorf("it ended with %v", err)
		}
	})
}

// The demo runs in real time, over real sockets.
func TestDemo(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	at, err := startDemo(ctx)
	if err != nil {
		t.Fatal(err)
	}
	tail := start(t, nil, at)
	for tail.lines.Scan() {
		if line := tail.lines.Text(); strings.HasPrefix(line, "player") {
			return
		}
	}
	t.Errorf("no player joined: %v", <-tail.ended)
}
