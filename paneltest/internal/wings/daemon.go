package wings

import (
	"context"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// Config is what a daemon is made of. Its zero value works, without a Panel.
type Config struct {
	// PanelURL is what the header Origin of a WebSocket must equal, byte for
	// byte. AllowOrigins adds to it, "*" stands for any.
	PanelURL     string
	AllowOrigins []string

	// TokenID and Token are those of the node. Token signs the JWTs.
	TokenID, Token string

	Version     Version
	Seed        uint64 // of what a real Wings leaves to chance: the same one gives the same
	UploadLimit int64  // bytes of one file, 100 MiB by default
	History     int    // lines that `send logs` sends at most, 150 by default
	FilesDir    string // "" keeps files in memory, else a server's are in FilesDir/uuid

	// Remote is the Panel. Without it nobody hears of what happens.
	Remote protocol.Remote

	// Observer hears of what happens. It may be nil.
	Observer Observer

	// Transport carries the pulls of remote files. The default is that of
	// net/http, without connections that stay open.
	Transport http.RoundTripper
}

// Daemon is the Wings of one node: the WebSockets of its servers and the signed
// URLs, which it serves as an [http.Handler]. It implements [protocol.Daemon].
type Daemon struct {
	cfg   Config
	ctx   context.Context //nolint:containedctx // the life of the daemon, which ends what runs in the background
	end   context.CancelFunc
	tasks sync.WaitGroup // all goroutines, sockets included

	mu      sync.Mutex // guards what follows
	closed  bool
	isDown  bool
	servers map[string]*Server
	removed map[string]time.Time // servers that are being deleted
	open    map[*socket]struct{}
	opened  uint64 // sockets so far

	tokens tokenRegister
}

var (
	_ protocol.Daemon = (*Daemon)(nil)
	_ protocol.Server = (*Server)(nil)
)

// New returns a daemon without servers. Close it when it is done with.
func New(cfg Config) *Daemon {
	if cfg.UploadLimit == 0 {
		cfg.UploadLimit = 100 << 20
	}
	if cfg.History == 0 {
		cfg.History = 150
	}
	if cfg.Remote == nil {
		cfg.Remote = noRemote{}
	}
	if cfg.Observer == nil {
		cfg.Observer = nobody{}
	}
	ctx, end := context.WithCancel(context.Background())
	return &Daemon{
		cfg: cfg, ctx: ctx, end: end,
		servers: make(map[string]*Server),
		removed: make(map[string]time.Time),
		open:    make(map[*socket]struct{}),
	}
}

// spawn runs a function in the background, if the daemon is not closed. The
// function ends when the daemon's context does.
func (d *Daemon) spawn(f func()) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return false
	}
	d.tasks.Go(f)
	return true
}

// Close ends all sockets and servers, and waits for their goroutines.
func (d *Daemon) Close() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.end()
	d.DropSockets()
	d.tasks.Wait()
}

// Create implements [protocol.Daemon].
func (d *Daemon) Create(uuid string, config protocol.ServerConfig) protocol.Server {
	return d.create(uuid, config)
}

// Server implements [protocol.Daemon].
func (d *Daemon) Server(uuid string) protocol.Server {
	if srv := d.server(uuid); srv != nil {
		return srv
	}
	return nil
}

// create returns the server with the given uuid. It makes it if there is none.
func (d *Daemon) create(uuid string, spec protocol.ServerConfig) *Server {
	d.mu.Lock()
	srv, exists := d.servers[uuid]
	if !exists {
		srv = newServer(d, uuid, spec)
		d.servers[uuid] = srv
		delete(d.removed, uuid)
	}
	d.mu.Unlock()
	if !exists && spec.Running {
		srv.resume()
	}
	return srv
}

// server returns the server with the given uuid, nil if there is none.
func (d *Daemon) server(uuid string) *Server {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.servers[uuid]
}

// deletionTime is how long Wings still knows a server that is being deleted. A
// socket that is opened meanwhile is closed at once.
const deletionTime = 10 * time.Millisecond

// Delete deletes a server with all it has.
func (d *Daemon) Delete(uuid string) { d.remove(uuid, false) }

// Leave deletes a server that has moved to another node. It tells so in the way
// of Wings 1.11, whatever its version.
func (d *Daemon) Leave(uuid string) { d.remove(uuid, true) }

func (d *Daemon) remove(uuid string, moved bool) {
	d.mu.Lock()
	srv := d.servers[uuid]
	if srv == nil {
		d.mu.Unlock()
		return
	}
	delete(d.servers, uuid)
	d.removed[uuid] = time.Now()
	d.mu.Unlock()
	srv.destroy(moved)
	d.cfg.Observer.Deleted(uuid)
}

// wasRemoved reports whether a server was deleted a moment ago.
func (d *Daemon) wasRemoved(uuid string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	at, removed := d.removed[uuid]
	if removed && time.Since(at) >= deletionTime {
		delete(d.removed, uuid)
		return false
	}
	return removed
}

// Revoke refuses the tokens with an id that were issued so far. Their times are
// in whole seconds, so those that are issued in what is left of this second are
// refused too. Since 1.12 the sockets that use them end.
func (d *Daemon) Revoke(jti string) {
	d.tokens.deny(jti)
	if !d.cfg.Version.limits() {
		return
	}
	for _, s := range d.sockets() {
		if token := s.currentToken(); token != nil && token.ID == jti {
			s.drop()
		}
	}
}

// Restart does what a restart of Wings does to its clients: sockets end without
// a close frame, and tokens of before, or of this second, are refused. The
// servers run on.
func (d *Daemon) Restart() {
	d.tokens.restart()
	d.DropSockets()
}

// SetDown makes requests fail as if nobody listened, and ends all sockets.
func (d *Daemon) SetDown(down bool) {
	d.mu.Lock()
	d.isDown = down
	d.mu.Unlock()
	if down {
		d.DropSockets()
	}
}

// down reports whether requests fail.
func (d *Daemon) down() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.isDown || d.closed
}

// ExpireTokens makes the tokens that sockets use now count as expired.
func (d *Daemon) ExpireTokens() {
	for _, s := range d.sockets() {
		if token := s.currentToken(); token != nil {
			d.tokens.expire(token.raw)
		}
	}
}

// DropSockets ends all connections without a close frame.
func (d *Daemon) DropSockets() {
	for _, s := range d.sockets() {
		s.drop()
	}
}

// sockets returns the open ones.
func (d *Daemon) sockets() []*socket {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Collect(maps.Keys(d.open))
}

// socketsOf returns the open ones of a server.
func (d *Daemon) socketsOf(srv *Server) []*socket {
	return slices.DeleteFunc(d.sockets(), func(s *socket) bool { return s.server != srv })
}

// folder returns the folder of a server's files or backups, "" in memory.
func (d *Daemon) folder(elements ...string) string {
	if d.cfg.FilesDir == "" {
		return ""
	}
	return filepath.Join(append([]string{d.cfg.FilesDir}, elements...)...)
}

// discard removes a folder that [Daemon.folder] named, or a file in it. There is
// nobody to tell of an error.
func discard(folder string) {
	if folder != "" {
		_ = os.RemoveAll(folder)
	}
}
