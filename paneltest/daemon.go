package paneltest

import (
	"context"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// daemonConfig is what a daemon is made of. Its zero value works, without a
// Panel.
type daemonConfig struct {
	// PanelURL is what the header Origin of a WebSocket must equal, byte for
	// byte. AllowOrigins adds to it, "*" stands for any.
	PanelURL     string
	AllowOrigins []string

	// TokenID and Token are those of the node. Token signs the JWTs.
	TokenID, Token string

	Limits      bool   // those of Wings 1.12: sockets, sizes and rates of messages
	UploadLimit int64  // bytes of one file, 100 MiB by default
	History     int    // lines that `send logs` sends at most, 150 by default
	FilesDir    string // "" keeps files in memory, else a machine's are in FilesDir/uuid

	// Remote is the Panel. Without it nobody hears of what happens.
	Remote protocol.Remote

	// Transport carries the pulls of remote files. The default is that of
	// net/http, without connections that stay open.
	Transport http.RoundTripper
}

// daemon is the Wings of one node: the WebSockets of its servers and the signed
// URLs, which it serves as an [http.Handler]. It implements [protocol.Daemon].
//
// Wings answers each message of a socket in a goroutine of its own, so its
// order is left to chance. The daemon answers them in their order.
type daemon struct {
	cfg   daemonConfig
	ctx   context.Context //nolint:containedctx // the life of the daemon, which ends what runs in the background
	end   context.CancelFunc
	tasks sync.WaitGroup // all goroutines, sockets included

	mu       sync.Mutex // guards what follows
	closed   bool
	isDown   bool
	machines map[string]*machine
	removed  map[string]time.Time // machines that are being deleted
	open     map[*socket]struct{}

	tokens tokenRegister
}

var (
	_ protocol.Daemon = (*daemon)(nil)
	_ protocol.Server = (*machine)(nil)
)

// newDaemon returns a daemon without machines. Close it when it is done with.
func newDaemon(cfg daemonConfig) *daemon {
	if cfg.UploadLimit == 0 {
		cfg.UploadLimit = 100 << 20
	}
	if cfg.History == 0 {
		cfg.History = 150
	}
	if cfg.Remote == nil {
		cfg.Remote = noRemote{}
	}
	ctx, end := context.WithCancel(context.Background())
	return &daemon{
		cfg: cfg, ctx: ctx, end: end,
		machines: make(map[string]*machine),
		removed:  make(map[string]time.Time),
		open:     make(map[*socket]struct{}),
	}
}

// spawn runs a function in the background, if the daemon is not closed. The
// function ends when the daemon's context does.
func (d *daemon) spawn(f func()) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return false
	}
	d.tasks.Go(f)
	return true
}

// Close ends all sockets and machines, and waits for their goroutines.
func (d *daemon) Close() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.end()
	d.DropSockets()
	d.tasks.Wait()
}

// Create implements [protocol.Daemon].
func (d *daemon) Create(uuid string, config protocol.ServerConfig) protocol.Server {
	return d.create(uuid, config)
}

// Server implements [protocol.Daemon].
func (d *daemon) Server(uuid string) protocol.Server {
	if m := d.machine(uuid); m != nil {
		return m
	}
	return nil
}

// Crash makes the game of a server exit by itself.
func (d *daemon) Crash(uuid string) {
	if m := d.machine(uuid); m != nil {
		m.crash()
	}
}

// Print makes the game of a server print lines. It may have to wait for clients
// of the console that are slow to read.
func (d *daemon) Print(uuid string, lines ...string) {
	if m := d.machine(uuid); m != nil {
		m.print(lines...)
	}
}

// create returns the machine with the given uuid. It makes it if there is none.
func (d *daemon) create(uuid string, spec protocol.ServerConfig) *machine {
	d.mu.Lock()
	m, exists := d.machines[uuid]
	if !exists {
		m = newMachine(d, uuid, spec)
		d.machines[uuid] = m
		delete(d.removed, uuid)
	}
	d.mu.Unlock()
	if !exists && spec.Running {
		m.resume()
	}
	return m
}

// machine returns the machine with the given uuid, nil if there is none.
func (d *daemon) machine(uuid string) *machine {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.machines[uuid]
}

// deletionTime is how long Wings still knows a server that is being deleted. A
// socket that is opened meanwhile is closed at once.
const deletionTime = 10 * time.Millisecond

// Delete deletes a machine with all it has.
func (d *daemon) Delete(uuid string) {
	d.mu.Lock()
	m := d.machines[uuid]
	if m == nil {
		d.mu.Unlock()
		return
	}
	delete(d.machines, uuid)
	d.removed[uuid] = time.Now()
	d.mu.Unlock()
	m.destroy()
}

// wasRemoved tells that a machine was deleted just now.
func (d *daemon) wasRemoved(uuid string) bool {
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
// refused too.
func (d *daemon) Revoke(jti string) { d.tokens.deny(jti) }

// Restart does what a restart of Wings does to its clients: sockets end without
// a close frame, and tokens of before, or of this second, are refused. The
// machines run on.
func (d *daemon) Restart() {
	d.tokens.restart()
	d.DropSockets()
}

// SetDown makes requests fail as if nobody listened, and ends all sockets.
func (d *daemon) SetDown(down bool) {
	d.mu.Lock()
	d.isDown = down
	d.mu.Unlock()
	if down {
		d.DropSockets()
	}
}

// down tells whether requests fail.
func (d *daemon) down() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.isDown || d.closed
}

// ExpireTokens makes the tokens that sockets use now count as expired.
func (d *daemon) ExpireTokens() {
	for _, s := range d.sockets() {
		if token := s.currentToken(); token != nil {
			d.tokens.expire(token.raw)
		}
	}
}

// DropSockets ends all connections without a close frame.
func (d *daemon) DropSockets() {
	for _, s := range d.sockets() {
		s.drop()
	}
}

// sockets returns the open ones.
func (d *daemon) sockets() []*socket {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Collect(maps.Keys(d.open))
}

// socketsOf returns the open ones of a machine.
func (d *daemon) socketsOf(m *machine) []*socket {
	return slices.DeleteFunc(d.sockets(), func(s *socket) bool { return s.machine != m })
}

// ServeHTTP implements [http.Handler] with those paths of Wings that clients
// use: /api/servers/{uuid}/ws, /download/file, /download/backup, /upload/file.
func (d *daemon) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if d.down() {
		panic(http.ErrAbortHandler) // which closes the connection
	}
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, "/api/servers/") && strings.HasSuffix(path, "/ws"):
		d.serveSocket(w, r, strings.TrimSuffix(strings.TrimPrefix(path, "/api/servers/"), "/ws"))
	case path == protocol.DownloadFile && r.Method == http.MethodGet:
		d.serveDownload(w, r, openFile)
	case path == protocol.DownloadBackup && r.Method == http.MethodGet:
		d.serveDownload(w, r, openBackup)
	case path == protocol.UploadFile && r.Method == http.MethodPost:
		d.serveUpload(w, r)
	case path == protocol.DownloadFile || path == protocol.DownloadBackup || path == protocol.UploadFile:
		// What no public route serves needs the node's own key.
		w.Header().Set("WWW-Authenticate", "Bearer")
		answerError(w, &protocol.Error{Status: http.StatusUnauthorized, Message: "The required authorization heads were not present in the request."})
	default:
		http.NotFound(w, r)
	}
}

// folder returns the folder of a machine's files or backups, "" in memory.
func (d *daemon) folder(elements ...string) string {
	if d.cfg.FilesDir == "" {
		return ""
	}
	return filepath.Join(append([]string{d.cfg.FilesDir}, elements...)...)
}

// discard removes a folder that [daemon.folder] named, or a file in it. There is
// nobody to tell of an error.
func discard(folder string) {
	if folder != "" {
		_ = os.RemoveAll(folder)
	}
}
