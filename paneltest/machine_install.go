package paneltest

// Install runs the install script, in the time that the game takes to boot. The
// Panel hears of its end before the sockets do, and never if the daemon closes.
func (m *machine) Install() {
	m.mu.Lock()
	busy := m.installing
	m.installing = true
	m.mu.Unlock()
	if busy {
		return
	}
	m.daemon.spawn(func() {
		m.halt()
		m.tell(eventInstallStarted, "")
		length := m.spec.Game.BootTime
		if !wait(m.daemon.ctx, length/2) {
			return
		}
		m.tell(eventDaemonMessage, "Starting installation process, this could take a few minutes...")
		m.tell(eventInstallOutput, "Installing the game")
		if !wait(m.daemon.ctx, length-length/2) {
			return
		}
		m.tell(eventInstallOutput, "The game is installed")
		m.mu.Lock()
		m.installing = false
		m.mu.Unlock()
		m.daemon.cfg.Remote.InstallFinished(m.uuid, true)
		m.tell(eventInstallCompleted, "")
	})
}
