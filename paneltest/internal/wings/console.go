package wings

import (
	"slices"
	"strings"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// What Wings does to lines.
const (
	maxLine     = 64 << 10 // longer ones are cut
	lostAtCut   = 4096     // bytes at most, at each cut
	maxTyped    = 4095     // bytes of a command, in the terminal of the game
	maxThrottle = 2000     // lines in a period of the throttle
	throttleFor = 100 * time.Millisecond
)

// cutLine returns the pieces that Wings makes of a line.
func cutLine(line string) []string {
	pieces := make([]string, 0, 1)
	for len(line) > maxLine {
		pieces = append(pieces, line[:maxLine])
		line = line[maxLine:]
		line = line[min(lostAtCut, len(line)):]
	}
	if line != "" {
		pieces = append(pieces, line)
	}
	return pieces
}

// consoleThrottle lets some lines through in each period.
type consoleThrottle struct {
	period time.Time
	lines  int
	struck bool
}

// allow counts a line. If it is the first one that is dropped, strike is true.
func (t *consoleThrottle) allow() (allowed, strike bool) {
	if now := time.Now(); now.Sub(t.period) > throttleFor {
		t.period, t.lines = now, 0
	}
	if t.lines < maxThrottle {
		t.lines++
		t.struck = false
		return true, false
	}
	strike = !t.struck
	t.struck = true
	return false, strike
}

// print prints lines as if the game did. Nothing happens while it does not run.
func (srv *Server) print(lines ...string) {
	srv.mu.Lock()
	g := srv.game
	up := g != nil && g.isUp
	srv.mu.Unlock()
	if up {
		g.print(lines...)
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

// sendLogs sends the history of the run to a socket, up to the first line that
// is too long.
func (srv *Server) sendLogs(s *socket) {
	srv.acting.Lock()
	defer srv.acting.Unlock()
	srv.mu.Lock()
	var lines []string
	if srv.game != nil && srv.game.isUp {
		lines = slices.Clone(srv.game.history[max(0, len(srv.game.history)-srv.daemon.cfg.History):])
	}
	srv.mu.Unlock()
	for _, line := range lines {
		if len(line) > maxLine {
			return
		}
		s.send(eventOutput, line)
	}
}

// Command types a line into the game's terminal. Several lines are several
// commands.
func (srv *Server) Command(text string) error {
	srv.mu.Lock()
	g := srv.game
	up := g != nil && g.isUp
	srv.mu.Unlock()
	if !up {
		return errOffline
	}
	g.enter(text)
	return nil
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
