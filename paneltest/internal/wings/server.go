package wings

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
	"github.com/ptero-go/ptero/paneltest/internal/wings/files"
)

// Server is one server on a node.
type Server struct {
	daemon *Daemon
	uuid   string
	spec   protocol.ServerConfig
	store  *files.Store

	// acting is held while something happens to the server, so that all
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

func newServer(d *Daemon, uuid string, spec protocol.ServerConfig) *Server {
	spec.Game = withDefaults(spec.Game)
	return &Server{
		daemon: d, uuid: uuid, spec: spec, acting: make(turn, 1), status: protocol.StateOffline,
		store: files.New(files.Config{
			Folder: d.folder(uuid), Limit: spec.Disk, Denied: spec.Denied, OrderOf111: !d.cfg.Version.limits(), PelicanTypes: d.cfg.Version.isPelican(),
			Spawn: d.spawn, Context: d.ctx, Transport: d.cfg.Transport,
		}),
	}
}

// Files implements [protocol.Server].
func (srv *Server) Files() protocol.Files { return srv.store }

// State returns offline, starting, running or stopping.
func (srv *Server) State() string {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	return srv.status
}

func (srv *Server) isSuspended() bool {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	return srv.suspended
}

func (srv *Server) isGone() bool {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	return srv.gone
}

// listen makes a socket hear of what happens from now on. Its first message is
// the state and, if that is offline, a sample.
func (srv *Server) listen(s *socket) {
	srv.acting.Lock()
	defer srv.acting.Unlock()
	srv.mu.Lock()
	srv.listeners = append(slices.Clip(srv.listeners), s)
	status, installing := srv.status, srv.installing
	srv.mu.Unlock()
	s.send(eventStatus, status)
	if status == protocol.StateOffline && !installing {
		s.send(eventStats, srv.encodeAnswer(srv.Stats()))
	}
}

// unlisten is the inverse of listen.
func (srv *Server) unlisten(s *socket) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	srv.listeners = slices.DeleteFunc(slices.Clone(srv.listeners), func(other *socket) bool { return other == s })
}

// slowClient is how long an event waits for the clients that do not read.
const slowClient = 10 * time.Millisecond

// publish sends an event to all who listen. The caller holds acting.
func (srv *Server) publish(event string, args ...string) {
	switch event {
	case eventOutput:
		srv.daemon.cfg.Observer.Printed(srv.uuid, args[0])
	case eventStatus:
		srv.daemon.cfg.Observer.Changed(srv.uuid)
	}
	srv.mu.Lock()
	listeners := srv.listeners
	srv.mu.Unlock()
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
func (srv *Server) tell(event string, args ...string) {
	srv.acting.Lock()
	defer srv.acting.Unlock()
	srv.publish(event, args...)
}

// setState tells all of a new state. The caller holds acting.
func (srv *Server) setState(status string) {
	srv.mu.Lock()
	changed := srv.status != status
	srv.status = status
	if status == protocol.StateOffline {
		srv.sample = protocol.Stats{MemoryLimitBytes: srv.sample.MemoryLimitBytes}
	}
	srv.mu.Unlock()
	if changed {
		srv.publish(eventStatus, status)
	}
	if status == protocol.StateOffline {
		srv.publish(eventStats, srv.encodeEvent(srv.Stats()))
	}
}

// daemonLine prints a line of Wings' own. The caller holds acting.
func (srv *Server) daemonLine(text string) {
	name := "Pterodactyl Daemon"
	if srv.daemon.cfg.Version.isPelican() {
		name = "pelican Daemon"
	}
	srv.publish(eventOutput, "\x1b[33m\x1b[1m["+name+"]:\x1b[39m "+text+"\x1b[0m")
}

// SetSuspended stops the game. Since 1.12 sockets end too.
func (srv *Server) SetSuspended(suspended bool) {
	srv.mu.Lock()
	srv.suspended = suspended
	srv.mu.Unlock()
	if !suspended {
		return
	}
	if srv.daemon.cfg.Version.limits() {
		for _, s := range srv.daemon.socketsOf(srv) {
			s.drop()
		}
	}
	srv.daemon.spawn(func() { srv.halt() })
}

// destroy ends the server and what belongs to it. It may have moved.
func (srv *Server) destroy(moved bool) {
	srv.acting.Lock()
	srv.mu.Lock()
	srv.gone = true
	g := srv.game
	srv.mu.Unlock()
	for _, s := range srv.daemon.socketsOf(srv) {
		if srv.daemon.cfg.Version.limits() && !moved {
			s.answer(eventDeleted, "null")
			s.box.add(outgoing{drop: true})
		} else {
			s.box.add(outgoing{close: closeDeleted, reason: closeDeletedReason})
		}
	}
	srv.acting.Unlock()
	if g != nil {
		g.kill()
	}
	discard(srv.daemon.folder(srv.uuid))
	discard(srv.daemon.folder(backupFolder, srv.uuid))
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
