package wings

import (
	"slices"
	"strconv"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
	"github.com/ptero-go/ptero/paneltest/internal/wings/files"
)

// killTime is how long a kill takes, and killRest how long it rules out other
// actions after the server is offline.
const (
	killTime = 50 * time.Millisecond
	killRest = 45 * time.Millisecond
)

// Power does start, stop, restart or kill in the background. Only one of them
// is under way at a time, but for kill, which goes ahead of all.
func (srv *Server) Power(signal string) error {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	switch {
	case srv.restoring:
		return errServerRestoring
	case srv.installing:
		return errServerInstalling
	case signal == "kill":
		if g := srv.game; g != nil {
			books := !srv.booked
			srv.booked = true
			srv.daemon.spawn(func() {
				srv.terminate(g)
				if books && wait(srv.daemon.ctx, killRest) {
					srv.mu.Lock()
					srv.booked = false
					srv.mu.Unlock()
				}
			})
		}
		return nil
	case srv.booked:
		return errPowerBusy
	}
	var action func()
	switch signal {
	case "start":
		switch {
		case srv.status != protocol.StateOffline:
			return errServerRunning
		case srv.suspended:
			return errServerSuspended
		case !srv.store.HasRoom(0):
			return files.ErrDiskFull
		}
		action = srv.start
	case "stop":
		action = srv.halt
	case "restart":
		action = func() {
			srv.halt()
			if !srv.isSuspended() {
				srv.start()
			}
		}
	default:
		return errUnknownPower
	}
	srv.booked = true
	srv.daemon.spawn(func() {
		action()
		srv.mu.Lock()
		srv.booked = false
		srv.mu.Unlock()
	})
	return nil
}

// start starts the game. It returns when its process runs, which is before it
// is ready.
func (srv *Server) start() {
	g := newGame(srv)
	srv.acting.Lock()
	srv.mu.Lock()
	if srv.gone || srv.game != nil {
		srv.mu.Unlock()
		srv.acting.Unlock()
		return
	}
	srv.game = g
	srv.mu.Unlock()
	pelican := srv.daemon.cfg.Version.isPelican()
	if srv.spec.Disk > 0 {
		check := "Checking"
		if pelican {
			check = "checking"
		}
		srv.daemonLine(check + " server disk space usage, this could take a few seconds...")
	}
	srv.daemonLine("Updating process configuration files...")
	srv.daemonLine("Ensuring file permissions are set correctly, this could take a few seconds...")
	srv.setState(protocol.StateStarting)
	// In this order they arrive nearly always: Wings publishes each in a
	// goroutine of its own. That of Pelican takes longer to pull.
	pulling := []string{"Finished pulling Docker container image", "Pulling Docker container image, this could take a few minutes to complete..."}
	if pelican {
		slices.Reverse(pulling)
	}
	for _, line := range pulling {
		srv.daemonLine(line)
	}
	srv.acting.Unlock()
	if !srv.daemon.spawn(g.run) {
		return
	}
	select {
	case <-g.up:
	case <-g.ended:
	}
}

// halt stops the game, and waits for its end.
func (srv *Server) halt() {
	srv.mu.Lock()
	g := srv.game
	srv.mu.Unlock()
	if g == nil {
		return
	}
	select {
	case <-g.up:
	case <-g.ended:
		return
	}
	if srv.State() != protocol.StateStopping {
		g.enter(srv.spec.Game.Stop)
	}
	<-g.ended
}

// terminate ends the game at once.
func (srv *Server) terminate(g *game) {
	srv.acting.Lock()
	srv.mu.Lock()
	ours, up := srv.game == g, g.isUp
	srv.mu.Unlock()
	if ours {
		srv.setState(protocol.StateStopping)
	}
	srv.acting.Unlock()
	if up {
		wait(g.ctx, killTime)
	}
	g.kill()
}

// crash makes the game exit by itself.
func (srv *Server) crash() { srv.exit(1) }

// exit makes the game exit by itself, with a code.
func (srv *Server) exit(code int) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if srv.game == nil {
		return
	}
	select {
	case srv.game.quit <- code:
	default: // it exits already
	}
}

// crashPause is how long a restart by Wings itself rules out another one, and
// crashRest how long the server is offline before it.
const (
	crashPause = 60 * time.Second
	crashRest  = 84 * time.Millisecond
)

// handleCrash starts the game again, unless that was done just now.
func (srv *Server) handleCrash(code int) {
	srv.acting.Lock()
	srv.daemonLine("---------- Detected server process in a crashed state! ----------")
	srv.daemonLine("Exit code: " + strconv.Itoa(code))
	srv.daemonLine("Out of memory: false")
	srv.mu.Lock()
	now := time.Now()
	again := now.Sub(srv.crashed) < crashPause
	if !again {
		srv.crashed = now
	}
	srv.mu.Unlock()
	if again {
		srv.daemonLine("Aborting automatic restart, last crash occurred less than 60 seconds ago.")
	}
	srv.acting.Unlock()
	if !again && wait(srv.daemon.ctx, crashRest) {
		_ = srv.Power("start") // which may be refused, as that of anybody
	}
}

// Crash makes the game of a server exit by itself.
func (d *Daemon) Crash(uuid string) {
	if srv := d.server(uuid); srv != nil {
		srv.crash()
	}
}
