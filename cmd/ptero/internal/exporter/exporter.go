package exporter

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/console"
)

// Options changes what an exporter does.
type Options struct {
	// Client reads servers and backups, and opens consoles.
	Client *client.Client

	// Admin reads nodes. It may be nil.
	Admin *application.Client

	// List chooses the servers, by default those that the key's account owns or
	// may use.
	List client.ServerListOptions

	// Keep reports whether a server is wanted. Nil wants all.
	Keep func(*client.Server) bool

	// Status is what stands in the way of a server's console, "ready" for nothing.
	Status func(*client.Server) string

	// Refresh is how often servers and nodes are listed, and Backups how often the
	// backups of each server are; 0 leaves them out.
	Refresh, Backups time.Duration

	// Version is that of the program.
	Version string

	Log *slog.Logger
}

// Exporter keeps the metrics. Its handler answers from memory, so a scrape is
// fast whatever the Panel does.
type Exporter struct {
	options Options
	group   *console.Group
	calls   *Calls

	mu      sync.Mutex // guards what follows
	servers map[string]*server
	order   []string // of the list
	nodes   []*application.Node
	up      bool
	errors  map[string]int
}

// server is what is known of a server.
type server struct {
	*client.Server
	status    string
	state     client.PowerState // "" if it is not known now
	stats     *console.Stats    // nil if it is not known now
	connected bool
	lost      int // connections
	crashes   int
	backups   []*client.Backup // nil if they are not known
}

// New returns an exporter, which does nothing until [Exporter.Run]. calls must
// see the requests of the options' clients.
func New(options Options, calls *Calls) *Exporter {
	return &Exporter{options: options, calls: calls, servers: make(map[string]*server), errors: map[string]int{"servers": 0, "backups": 0, "nodes": 0}}
}

// Run keeps the metrics until ctx ends.
func (e *Exporter) Run(ctx context.Context) error {
	group, err := console.NewGroup(ctx)
	if err != nil {
		return err
	}
	defer group.Close()
	e.group = group
	events, err := group.Subscribe(console.DropOldest(1<<16), console.Stats{}, console.Status{}, console.StateChange{}, console.Crash{})
	if err != nil {
		return err
	}
	defer events.Close()
	var running sync.WaitGroup
	defer running.Wait()
	running.Go(func() { e.every(ctx, e.options.Refresh, e.refresh) })
	if e.options.Backups > 0 {
		running.Go(func() { e.readBackups(ctx) })
	}
	for event, err := range events.Events(ctx) {
		if err != nil {
			break
		}
		e.take(event)
	}
	return ctx.Err()
}

// every calls f at once and then again and again.
func (e *Exporter) every(ctx context.Context, pause time.Duration, f func(context.Context)) {
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	for {
		f(ctx)
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// take records an event of a console. What is not known to be true any more, since
// the connection is gone, is forgotten rather than repeated.
func (e *Exporter) take(event console.GroupEvent) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.servers[event.Server]
	if s == nil {
		return
	}
	switch x := event.Event.(type) {
	case console.Stats:
		s.stats, s.state = &x, x.State
	case console.Status:
		s.state = x.State
		if x.State == client.PowerStateOffline && s.stats != nil {
			s.stats = &console.Stats{State: x.State, DiskBytes: s.stats.DiskBytes}
		}
	case console.Crash:
		s.crashes++
	case console.StateChange:
		live := x.To == console.StateLive || x.To == console.StateRenewing
		if s.connected && !live {
			s.lost++
			s.stats, s.state = nil, ""
		}
		s.connected = live
	}
}

// refresh lists servers and nodes.
func (e *Exporter) refresh(ctx context.Context) {
	var found []*client.Server
	for s, err := range e.options.Client.Servers.All(ctx, e.options.List) {
		if err != nil {
			e.failed(ctx, "servers", err)
			return
		}
		if e.options.Keep == nil || e.options.Keep(s) {
			found = append(found, s)
		}
	}
	e.setServers(found)
	if e.options.Admin == nil {
		return
	}
	var nodes []*application.Node
	for n, err := range e.options.Admin.Nodes.All(ctx, application.NodeListOptions{}) {
		if errors.Is(err, client.ErrForbidden) {
			e.options.Log.Info("the key may not read nodes, so there are no metrics of them")
			e.options.Admin = nil
			return
		}
		if err != nil {
			e.failed(ctx, "nodes", err)
			return
		}
		nodes = append(nodes, n)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.nodes = nodes
}

func (e *Exporter) failed(ctx context.Context, what string, err error) {
	if ctx.Err() != nil {
		return
	}
	e.options.Log.Warn("cannot read "+what, "error", err)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.errors[what]++
	if what == "servers" {
		e.up = false
	}
}

// setServers keeps what is known of servers that are still there, and opens the
// consoles of those that have one.
func (e *Exporter) setServers(found []*client.Server) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.up = true
	servers := make(map[string]*server, len(found))
	e.order = e.order[:0]
	for _, fresh := range found {
		s := e.servers[fresh.UUID]
		if s == nil {
			s = &server{}
		}
		s.Server, s.status = fresh, e.options.Status(fresh)
		servers[fresh.UUID] = s
		e.order = append(e.order, fresh.UUID)
		if s.status == "ready" && e.group.Console(fresh.UUID) == nil {
			if err := e.group.Add(fresh.UUID, e.options.Client.Servers.Console(fresh.UUID)); err != nil {
				e.options.Log.Warn("cannot open a console", "server", fresh.Identifier, "error", err)
			}
		}
	}
	for uuid := range e.servers {
		if servers[uuid] == nil {
			e.group.Remove(uuid)
		}
	}
	e.servers = servers
}

// readBackups reads the backups of one server after the other, evenly spread
// over the time between two readings.
func (e *Exporter) readBackups(ctx context.Context) {
	const first = time.Second // the list of servers comes before
	timer := time.NewTimer(first)
	defer timer.Stop()
	read := make(map[string]time.Time)
	for {
		select {
		case <-timer.C:
		case <-ctx.Done():
			return
		}
		uuid, count := e.oldest(read)
		if uuid == "" {
			timer.Reset(first)
			continue
		}
		_, again := read[uuid]
		read[uuid] = time.Now()
		e.readBackupsOf(ctx, uuid)
		pause := e.options.Backups / time.Duration(max(1, count))
		if !again {
			pause = min(pause, first) // the first round is faster
		}
		timer.Reset(pause)
	}
}

// oldest returns the server whose backups were read longest ago, and how many
// servers there are.
func (e *Exporter) oldest(read map[string]time.Time) (uuid string, count int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, candidate := range e.order {
		if e.servers[candidate].status != "ready" {
			continue
		}
		count++
		if uuid == "" || read[candidate].Before(read[uuid]) {
			uuid = candidate
		}
	}
	for known := range read {
		if e.servers[known] == nil {
			delete(read, known)
		}
	}
	return uuid, count
}

func (e *Exporter) readBackupsOf(ctx context.Context, uuid string) {
	backups := []*client.Backup{}
	for b, err := range e.options.Client.Backups.All(ctx, uuid, client.BackupListOptions{}) {
		if errors.Is(err, client.ErrForbidden) || errors.Is(err, client.ErrNotFound) {
			return // not for this account
		}
		if err != nil {
			e.failed(ctx, "backups", err)
			return
		}
		backups = append(backups, b)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if s := e.servers[uuid]; s != nil {
		s.backups = backups
	}
}

// Calls counts the requests of clients, and keeps what the answers say about the
// rate limits.
type Calls struct {
	mu     sync.Mutex
	counts map[[2]string]int // by API and status
	limits map[string][2]int // limit and remaining, by API
}

// Middleware is to be given to the clients.
func (c *Calls) Middleware(next client.Sender) client.Sender {
	return func(req *http.Request, call client.Call) (*http.Response, error) {
		resp, err := next(req, call)
		status := "none"
		if err == nil {
			status = strconv.Itoa(resp.StatusCode)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.counts == nil {
			c.counts, c.limits = make(map[[2]string]int), make(map[string][2]int)
		}
		c.counts[[2]string{call.API, status}]++
		// Some operations have limits of their own, which are not the account's.
		if err == nil && (call.Operation == "clientListServers" || call.Operation == "applicationListNodes") {
			limit, err1 := strconv.Atoi(resp.Header.Get("X-RateLimit-Limit"))
			left, err2 := strconv.Atoi(resp.Header.Get("X-RateLimit-Remaining"))
			if err1 == nil && err2 == nil {
				c.limits[call.API] = [2]int{limit, left}
			}
		}
		return resp, err
	}
}
