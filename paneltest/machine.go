package paneltest

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

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

// machine is one server on a node.
type machine struct {
	daemon *daemon
	uuid   string
	spec   protocol.ServerConfig
	store  *fileStore

	// acting is held while something happens to the machine, so that all
	// sockets hear of it in one order. It is taken before mu and, with a client
	// that is slow to read, held for long.
	acting   turn
	throttle consoleThrottle

	mu         sync.Mutex // guards what follows
	status     string
	game       *game // nil while it does not run
	booked     bool  // by a power action
	suspended  bool
	installing bool
	restoring  bool
	gone       bool // deleted
	crashed    time.Time
	sample     protocol.Stats // the last one
	listeners  []*socket      // is replaced, never changed
	backups    map[string]storedBackup
}

// turn is a mutex to be held while time passes. Under testing/synctest none
// would pass while somebody waits for a sync.Mutex.
type turn chan struct{}

func (t turn) Lock()   { t <- struct{}{} }
func (t turn) Unlock() { <-t }

func newMachine(d *daemon, uuid string, spec protocol.ServerConfig) *machine {
	spec.Game = withDefaults(spec.Game)
	return &machine{
		daemon: d, uuid: uuid, spec: spec, acting: make(turn, 1), status: protocol.StateOffline,
		store: newFileStore(storeConfig{
			Folder: d.folder(uuid), Limit: spec.Disk, Denied: spec.Denied,
			Spawn: d.spawn, Context: d.ctx, Transport: d.cfg.Transport,
		}),
	}
}

// Files implements [protocol.Server].
func (m *machine) Files() protocol.Files { return m.store }

// State returns offline, starting, running or stopping.
func (m *machine) State() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.status
}

func (m *machine) isSuspended() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.suspended
}

func (m *machine) isGone() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.gone
}

// listen makes a socket hear of what happens from now on. Its first message is
// the state and, if that is offline, a sample.
func (m *machine) listen(s *socket) {
	m.acting.Lock()
	defer m.acting.Unlock()
	m.mu.Lock()
	m.listeners = append(slices.Clip(m.listeners), s)
	status, installing := m.status, m.installing
	m.mu.Unlock()
	s.send(eventStatus, status)
	if status == protocol.StateOffline && !installing {
		s.send(eventStats, encodeAnswer(m.Stats()))
	}
}

// unlisten is the inverse of listen.
func (m *machine) unlisten(s *socket) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.listeners = slices.DeleteFunc(slices.Clone(m.listeners), func(other *socket) bool { return other == s })
}

// slowClient is how long an event waits for the clients that do not read.
const slowClient = 10 * time.Millisecond

// publish sends an event to all who listen. The caller holds acting.
func (m *machine) publish(event string, args ...string) {
	m.mu.Lock()
	listeners := m.listeners
	m.mu.Unlock()
	encode := sync.OnceValue(func() []byte { return socketMessage{event, args}.encode() })
	var slow []*socket
	frames := make(map[*socket]outgoing)
	for _, s := range listeners {
		frame := s.gate(event, encode)
		if frame == nil {
			continue
		}
		item := outgoing{frame: frame, event: true}
		if !s.box.offer(item) {
			slow = append(slow, s)
			frames[s] = item
		}
	}
	if slow == nil {
		return
	}
	// A client that does not read is never given up, but holds up all others.
	timeout := time.NewTimer(slowClient)
	defer timeout.Stop()
	for _, s := range slow {
		for !s.box.offer(frames[s]) {
			select {
			case <-s.box.room:
				continue
			case <-s.ended:
			case <-timeout.C:
				timeout.Reset(0) // for the others, whose time is over too
				s.box.replace(frames[s])
			}
			break
		}
	}
}

// tell is publish for those who do not hold acting.
func (m *machine) tell(event string, args ...string) {
	m.acting.Lock()
	defer m.acting.Unlock()
	m.publish(event, args...)
}

// setState tells all of a new state. The caller holds acting.
func (m *machine) setState(status string) {
	m.mu.Lock()
	changed := m.status != status
	m.status = status
	if status == protocol.StateOffline {
		m.sample = protocol.Stats{MemoryLimitBytes: m.sample.MemoryLimitBytes}
	}
	m.mu.Unlock()
	if changed {
		m.publish(eventStatus, status)
	}
	if status == protocol.StateOffline {
		m.publish(eventStats, encodeEvent(m.Stats()))
	}
}

// daemonLine prints a line of Wings' own. The caller holds acting.
func (m *machine) daemonLine(text string) {
	m.publish(eventOutput, "\x1b[33m\x1b[1m[Pterodactyl Daemon]:\x1b[39m "+text+"\x1b[0m")
}

// SetSuspended stops the game. Since 1.12 sockets end too.
func (m *machine) SetSuspended(suspended bool) {
	m.mu.Lock()
	m.suspended = suspended
	m.mu.Unlock()
	if !suspended {
		return
	}
	if m.daemon.cfg.Limits {
		for _, s := range m.daemon.socketsOf(m) {
			s.drop()
		}
	}
	m.daemon.spawn(func() { m.halt() })
}

// destroy ends the machine and what belongs to it.
func (m *machine) destroy() {
	m.acting.Lock()
	m.mu.Lock()
	m.gone = true
	g := m.game
	m.mu.Unlock()
	for _, s := range m.daemon.socketsOf(m) {
		if m.daemon.cfg.Limits {
			s.answer(eventDeleted, "null")
			s.box.add(outgoing{drop: true})
		} else {
			s.box.add(outgoing{close: closeDeleted, reason: closeDeletedReason})
		}
	}
	m.acting.Unlock()
	if g != nil {
		g.kill()
	}
	discard(m.daemon.folder(m.uuid))
	discard(m.daemon.folder(backupFolder, m.uuid))
}

// wait lets time pass. It returns false if the context ends before.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
