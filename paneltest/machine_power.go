package paneltest

import (
	"strconv"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// killTime is how long a kill takes.
const killTime = 50 * time.Millisecond

// Power does start, stop, restart or kill in the background. Only one of them
// is under way at a time, but for kill, which goes ahead of all.
func (m *machine) Power(signal string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.restoring:
		return errServerRestoring
	case m.installing:
		return errServerInstalling
	case signal == "kill":
		if g := m.game; g != nil {
			m.daemon.spawn(func() { m.terminate(g) })
		}
		return nil
	case m.booked:
		return errPowerBusy
	}
	var action func()
	switch signal {
	case "start":
		switch {
		case m.status != protocol.StateOffline:
			return errServerRunning
		case m.suspended:
			return errServerSuspended
		case !m.store.hasRoom(0):
			return errDiskFull
		}
		action = m.start
	case "stop":
		action = m.halt
	case "restart":
		action = func() {
			m.halt()
			if !m.isSuspended() {
				m.start()
			}
		}
	default:
		return errUnknownPower
	}
	m.booked = true
	m.daemon.spawn(func() {
		action()
		m.mu.Lock()
		m.booked = false
		m.mu.Unlock()
	})
	return nil
}

// start starts the game. It returns when its process runs, which is before it
// is ready.
func (m *machine) start() {
	g := newGame(m)
	m.acting.Lock()
	m.mu.Lock()
	if m.gone || m.game != nil {
		m.mu.Unlock()
		m.acting.Unlock()
		return
	}
	m.game = g
	m.mu.Unlock()
	if m.spec.Disk > 0 {
		m.daemonLine("Checking server disk space usage, this could take a few seconds...")
	}
	m.daemonLine("Updating process configuration files...")
	m.daemonLine("Ensuring file permissions are set correctly, this could take a few seconds...")
	m.setState(protocol.StateStarting)
	// In this order they arrive nearly always: Wings publishes each in a
	// goroutine of its own.
	m.daemonLine("Finished pulling Docker container image")
	m.daemonLine("Pulling Docker container image, this could take a few minutes to complete...")
	m.acting.Unlock()
	if !m.daemon.spawn(g.run) {
		return
	}
	select {
	case <-g.up:
	case <-g.ended:
	}
}

// ranBefore is how long a game has been running that is resumed.
const ranBefore = time.Hour

// resume makes the machine one whose game has been started before.
func (m *machine) resume() {
	g := newGame(m)
	g.comeUp()
	m.mu.Lock()
	m.game, m.status = g, protocol.StateRunning
	g.since = g.since.Add(-ranBefore)
	g.samples = 2
	m.sample = pretendUsage(m.spec, 1, ranBefore)
	m.mu.Unlock()
	for _, line := range g.script() {
		g.remember(line)
	}
	m.daemon.spawn(func() { g.end(g.play(nil)) })
}

// halt stops the game, and waits for its end.
func (m *machine) halt() {
	m.mu.Lock()
	g := m.game
	m.mu.Unlock()
	if g == nil {
		return
	}
	select {
	case <-g.up:
	case <-g.ended:
		return
	}
	if m.State() != protocol.StateStopping {
		g.enter(m.spec.Game.Stop)
	}
	<-g.ended
}

// terminate ends the game at once.
func (m *machine) terminate(g *game) {
	m.acting.Lock()
	m.mu.Lock()
	ours, up := m.game == g, g.isUp
	m.mu.Unlock()
	if ours {
		m.setState(protocol.StateStopping)
	}
	m.acting.Unlock()
	if up {
		wait(g.ctx, killTime)
	}
	g.kill()
}

// crash makes the game exit by itself.
func (m *machine) crash() { m.exit(1) }

// exit makes the game exit by itself, with a code.
func (m *machine) exit(code int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.game == nil {
		return
	}
	select {
	case m.game.quit <- code:
	default: // it exits already
	}
}

// crashPause is how long a restart by Wings itself rules out another one.
const crashPause = 60 * time.Second

// handleCrash starts the game again, unless that was done just now.
func (m *machine) handleCrash(code int) {
	m.acting.Lock()
	m.daemonLine("---------- Detected server process in a crashed state! ----------")
	m.daemonLine("Exit code: " + strconv.Itoa(code))
	m.daemonLine("Out of memory: false")
	m.mu.Lock()
	now := time.Now()
	again := now.Sub(m.crashed) < crashPause
	if !again {
		m.crashed = now
	}
	m.mu.Unlock()
	if again {
		m.daemonLine("Aborting automatic restart, last crash occurred less than 60 seconds ago.")
	}
	m.acting.Unlock()
	if !again {
		_ = m.Power("start") // which may be refused, as that of anybody
	}
}
