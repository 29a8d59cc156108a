package wings

import (
	"slices"
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

// Print makes the game of a server print lines. It may have to wait for clients
// of the console that are slow to read.
func (d *Daemon) Print(uuid string, lines ...string) {
	if srv := d.server(uuid); srv != nil {
		srv.print(lines...)
	}
}
