package wings

import (
	"slices"
	"time"
)

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

// log returns the last lines of the run, none while the game does not run.
func (srv *Server) log() []string {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if srv.game == nil || !srv.game.isUp {
		return nil
	}
	return slices.Clone(srv.game.history[max(0, len(srv.game.history)-srv.daemon.cfg.History):])
}

// sendLogs sends the log, up to the first line that is too long. What is printed
// from now on is sent meanwhile: before the log, and among its lines.
func (s *socket) sendLogs(luck chance) {
	lines := s.server.log()
	if !s.pause(luck.upTo(logTime)) {
		return
	}
	left := luck.lines()
	for _, line := range lines {
		if len(line) > maxLine {
			return
		}
		if left == 0 {
			if !s.pause(luck.upTo(logPause)) {
				return
			}
			left = luck.lines()
		}
		left--
		s.send(eventOutput, line)
	}
}

// pause lets time pass. It returns false if the socket ends before.
func (s *socket) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.ended:
		return false
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

// Print makes the game of a server print lines. It may have to wait for clients
// of the console that are slow to read.
func (d *Daemon) Print(uuid string, lines ...string) {
	if srv := d.server(uuid); srv != nil {
		srv.print(lines...)
	}
}
