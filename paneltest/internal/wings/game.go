package wings

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// game is one run of a server's game, from its start to its end.
type game struct {
	server *Server
	ctx    context.Context //nolint:containedctx // the life of its process
	kill   context.CancelFunc
	up     chan struct{} // is closed when its process runs
	ended  chan struct{} // is closed when it has ended
	quit   chan int      // makes it exit by itself
	stop   chan struct{} // makes it exit when it is asked to

	// The server's mu guards what follows.
	isUp    bool
	since   time.Time
	samples int
	history []string // what `send logs` sends
}

func newGame(srv *Server) *game {
	g := &game{
		server: srv, up: make(chan struct{}), ended: make(chan struct{}),
		quit: make(chan int, 1), stop: make(chan struct{}, 1),
	}
	g.ctx, g.kill = context.WithCancel(srv.daemon.ctx)
	return g
}

// killed is what a game returns that did not exit by itself.
const killed = -1

// run is the process.
func (g *game) run() {
	if !wait(g.ctx, g.server.spec.Game.BootTime/2) {
		g.end(killed)
		return
	}
	g.comeUp()
	g.sampleUsage()
	g.end(g.play(g.script()))
}

// script is what a game prints when it starts.
func (g *game) script() []string {
	spec := g.server.spec.Game
	if slices.ContainsFunc(spec.Boot, func(line string) bool { return isDone(spec, line) }) {
		return spec.Boot
	}
	return append(slices.Clip(spec.Boot), spec.Done)
}

// isDone reports whether a line says that the game is ready.
func isDone(g protocol.Game, line string) bool { return strings.Contains(line, g.Done) }

// comeUp marks the process as one that runs.
func (g *game) comeUp() {
	g.server.mu.Lock()
	g.isUp, g.since = true, time.Now()
	g.server.mu.Unlock()
	close(g.up)
}

// finestTick is the shortest time between lines. Faster games print several at
// once.
const finestTick = 5 * time.Millisecond

// play is what a process does. It prints the lines of its start, and then
// others at the game's rate. It returns its exit code.
func (g *game) play(script []string) int {
	spec := g.server.spec.Game
	var pause time.Duration
	if len(script) > 1 {
		pause = (spec.BootTime - spec.BootTime/2) / time.Duration(len(script)-1)
	}
	step := time.NewTimer(0)
	defer step.Stop()
	usage := time.NewTicker(time.Second)
	defer usage.Stop()
	var (
		lines <-chan time.Time
		exit  <-chan time.Time
		n     int     // lines printed
		due   float64 // and lines that should be
		each  float64 // that come due with a tick
	)
	for {
		select {
		case <-step.C:
			if len(script) > 0 {
				g.print(script[0])
				script = script[1:]
			}
			if len(script) > 0 {
				step.Reset(pause)
			} else if spec.Rate > 0 {
				tick := max(time.Duration(float64(time.Second)/spec.Rate), finestTick)
				each = spec.Rate * tick.Seconds()
				ticker := time.NewTicker(tick)
				defer ticker.Stop()
				lines = ticker.C
			}
		case <-lines:
			for due += each; n < int(math.Round(due)); {
				n++
				g.print(spec.Line(n))
			}
		case <-usage.C:
			g.sampleUsage()
		case <-g.stop:
			if exit == nil {
				timer := time.NewTimer(spec.StopTime)
				defer timer.Stop()
				exit = timer.C
			}
		case <-exit:
			return 0
		case code := <-g.quit:
			return code
		case <-g.ctx.Done():
			return killed
		}
	}
}

// print prints lines.
func (g *game) print(lines ...string) {
	for _, text := range lines {
		for line := range strings.SplitSeq(text, "\n") {
			g.server.acting.Lock()
			g.output(line)
			g.server.acting.Unlock()
		}
	}
}

// output sends a line to all, and looks at it as Wings does. The caller holds
// the server's acting.
func (g *game) output(line string) {
	srv := g.server
	g.remember(line)
	for _, piece := range cutLine(line) { // none of an empty line
		allowed, strike := srv.throttle.allow()
		if strike {
			srv.daemonLine("Server is outputting console data too quickly -- throttling...")
		}
		if allowed {
			srv.publish(eventOutput, piece)
		}
	}
	srv.matchFeatures(line)
	if isDone(srv.spec.Game, line) && srv.State() == protocol.StateStarting {
		srv.setState(protocol.StateRunning)
	}
}

// remember adds a line to the history.
func (g *game) remember(line string) {
	limit := g.server.daemon.cfg.History
	g.server.mu.Lock()
	defer g.server.mu.Unlock()
	g.history = append(g.history, line)
	if len(g.history) > 2*limit {
		g.history = slices.Clone(g.history[len(g.history)-limit:])
	}
}

// enter types text into the terminal, which echoes it, and lets the game answer.
func (g *game) enter(text string) {
	srv, spec := g.server, g.server.spec.Game
	lines := strings.Split(text, "\n")
	srv.acting.Lock()
	if state := srv.State(); text == spec.Stop && (state == protocol.StateStarting || state == protocol.StateRunning) {
		srv.setState(protocol.StateStopping) // else its end would be a crash
	}
	for i, line := range lines {
		lines[i] = line[:min(len(line), maxTyped)]
		srv.daemon.cfg.Observer.Typed(srv.uuid, lines[i])
		g.output(lines[i])
	}
	srv.acting.Unlock()
	for _, line := range lines {
		g.print(spec.Answer(line)...)
		if line == spec.Stop {
			signal(g.stop)
		}
	}
}

// end tells all that the process has ended, and of a crash if it is one.
func (g *game) end(code int) {
	srv := g.server
	srv.acting.Lock()
	srv.mu.Lock()
	crashed := (srv.status == protocol.StateStarting || srv.status == protocol.StateRunning) && !srv.gone && srv.daemon.ctx.Err() == nil
	srv.game = nil
	srv.mu.Unlock()
	srv.setState(protocol.StateOffline)
	srv.acting.Unlock()
	g.kill()
	close(g.ended)
	if crashed {
		srv.handleCrash(code)
	}
}

// sampleUsage measures what the process uses, and tells all.
func (g *game) sampleUsage() {
	srv := g.server
	srv.acting.Lock()
	defer srv.acting.Unlock()
	srv.mu.Lock()
	srv.sample = sampleUsage(srv.spec, g.samples, time.Since(g.since))
	g.samples++
	listened := len(srv.listeners) > 0
	srv.mu.Unlock()
	if listened {
		srv.publish(eventStats, srv.encodeEvent(srv.Stats()))
	}
}

// ranBefore is how long a game has been running that is resumed.
const ranBefore = time.Hour

// resume makes the server one whose game has been started before.
func (srv *Server) resume() {
	g := newGame(srv)
	g.comeUp()
	srv.mu.Lock()
	srv.game, srv.status = g, protocol.StateRunning
	g.since = g.since.Add(-ranBefore)
	g.samples = 2
	srv.sample = sampleUsage(srv.spec, 1, ranBefore)
	srv.mu.Unlock()
	for _, line := range g.script() {
		g.remember(line)
		srv.daemon.cfg.Observer.Printed(srv.uuid, line)
	}
	srv.daemon.spawn(func() { g.end(g.play(nil)) })
}

// withDefaults fills in what is not given.
func withDefaults(g protocol.Game) protocol.Game {
	if g.Boot == nil {
		g.Boot = []string{"Starting the game"}
	}
	if g.Done == "" {
		g.Done = "The game is ready"
	}
	if g.Stop == "" {
		g.Stop = "stop"
	}
	if g.Line == nil {
		g.Line = func(n int) string { return "tick " + strconv.Itoa(n) }
	}
	if g.Answer == nil {
		g.Answer = func(command string) []string {
			if command == g.Stop {
				return []string{"Stopping the game"}
			}
			return []string{"> " + command}
		}
	}
	return g
}
