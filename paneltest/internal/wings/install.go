package wings

// Install runs the install script, in the time that the game takes to boot. The
// Panel hears of its end before the sockets do, and never if the daemon closes.
func (srv *Server) Install() {
	srv.mu.Lock()
	busy := srv.installing
	srv.installing = true
	srv.mu.Unlock()
	if busy {
		return
	}
	srv.daemon.spawn(func() {
		srv.halt()
		srv.tell(eventInstallStarted, "")
		length := srv.spec.Game.BootTime
		if !wait(srv.daemon.ctx, length/2) {
			return
		}
		srv.tell(eventDaemonMessage, "Starting installation process, this could take a few minutes...")
		srv.tell(eventInstallOutput, "Installing the game")
		if !wait(srv.daemon.ctx, length-length/2) {
			return
		}
		srv.tell(eventInstallOutput, "The game is installed")
		srv.mu.Lock()
		srv.installing = false
		srv.mu.Unlock()
		srv.daemon.cfg.Remote.InstallFinished(srv.uuid, true)
		srv.tell(eventInstallCompleted, "")
	})
}
