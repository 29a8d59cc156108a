package paneltest

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
func (m *machine) print(lines ...string) {
	m.mu.Lock()
	g := m.game
	up := g != nil && g.isUp
	m.mu.Unlock()
	if up {
		g.print(lines...)
	}
}

// print prints lines.
func (g *game) print(lines ...string) {
	for _, text := range lines {
		for line := range strings.SplitSeq(text, "\n") {
			g.machine.acting.Lock()
			g.output(line)
			g.machine.acting.Unlock()
		}
	}
}

// output sends a line to all, and looks at it as Wings does. The caller holds
// the machine's acting.
func (g *game) output(line string) {
	m := g.machine
	g.remember(line)
	for _, piece := range cutLine(line) { // none of an empty line
		allowed, strike := m.throttle.allow()
		if strike {
			m.daemonLine("Server is outputting console data too quickly -- throttling...")
		}
		if allowed {
			m.publish(eventOutput, piece)
		}
	}
	if isDone(m.spec.Game, line) && m.State() == protocol.StateStarting {
		m.setState(protocol.StateRunning)
	}
}

// remember adds a line to the history.
func (g *game) remember(line string) {
	limit := g.machine.daemon.cfg.History
	g.machine.mu.Lock()
	defer g.machine.mu.Unlock()
	g.history = append(g.history, line)
	if len(g.history) > 2*limit {
		g.history = slices.Clone(g.history[len(g.history)-limit:])
	}
}

// sendLogs sends the history of the run to a socket, up to the first line that
// is too long.
func (m *machine) sendLogs(s *socket) {
	m.acting.Lock()
	defer m.acting.Unlock()
	m.mu.Lock()
	var lines []string
	if m.game != nil && m.game.isUp {
		lines = slices.Clone(m.game.history[max(0, len(m.game.history)-m.daemon.cfg.History):])
	}
	m.mu.Unlock()
	for _, line := range lines {
		if len(line) > maxLine {
			return
		}
		s.send(eventOutput, line)
	}
}

// Command types a line into the game's terminal. Several lines are several
// commands.
func (m *machine) Command(text string) error {
	m.mu.Lock()
	g := m.game
	up := g != nil && g.isUp
	m.mu.Unlock()
	if !up {
		return errMachineOffline
	}
	g.enter(text)
	return nil
}

// enter types text into the terminal, which echoes it, and lets the game answer.
func (g *game) enter(text string) {
	m, spec := g.machine, g.machine.spec.Game
	lines := strings.Split(text, "\n")
	m.acting.Lock()
	if state := m.State(); text == spec.Stop && (state == protocol.StateStarting || state == protocol.StateRunning) {
		m.setState(protocol.StateStopping) // else its end would be a crash
	}
	for i, line := range lines {
		lines[i] = line[:min(len(line), maxTyped)]
		g.output(lines[i])
	}
	m.acting.Unlock()
	for _, line := range lines {
		g.print(spec.Answer(line)...)
		if line == spec.Stop {
			signal(g.stop)
		}
	}
}
