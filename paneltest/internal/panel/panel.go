// Package panel is the Panel: it takes requests in the order of a real one's
// checks, runs what happens by itself, and talks to the Wings of nodes by
// [protocol.Daemon]. The packages client and application in it serve the
// operations, package model is what it holds.
package panel

import (
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/gen/clientapi"
	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// Config is what a Panel is made of.
type Config struct {
	URL     string // without a slash at its end
	Version Version
	State   *model.State

	// Transport is what the Panel fetches files by.
	Transport http.RoundTripper

	// Intercept sees a request before the Panel does. It returns the writer for
	// the answer, and whether there is to be no other answer.
	Intercept func(w http.ResponseWriter, r *http.Request, operation string) (http.ResponseWriter, bool)

	// The requests that an account may make to each API in a window; 0 stands
	// for what the version is shipped with.
	ClientLimit, ApplicationLimit int
	Window                        time.Duration
	Unlimited                     bool // takes all limits off
}

// Panel is the Panel itself: what it holds, and the rules by which requests read
// and change it. The packages client and application serve its operations.
type Panel struct {
	URL     string // without a slash at its end
	Version Version
	Traits  Traits          // of the version
	Router  *laravel.Router // of all operations

	Transport http.RoundTripper // to fetch files by

	address   *url.URL
	intercept func(w http.ResponseWriter, r *http.Request, operation string) (http.ResponseWriter, bool)

	mu     sync.Mutex   // guards what follows
	State  *model.State // handlers hold the lock
	limits *limiter
	closed bool
}

// New returns a Panel without operations.
func New(cfg Config) (*Panel, error) {
	address, err := url.Parse(cfg.URL)
	if err != nil {
		return nil, err
	}
	p := &Panel{
		URL: cfg.URL, Version: cfg.Version, Traits: cfg.Version.Traits(), Transport: cfg.Transport, address: address, intercept: cfg.Intercept,
		State: cfg.State, limits: newLimiter(cfg),
	}
	if cfg.Unlimited {
		p.State.Settings.BackupLimit = 0
	}
	p.Router = laravel.NewRouter(func(pattern string) (string, bool) {
		id := operations()[pattern]
		return id, id == "" || p.serves(id)
	})
	return p, nil
}

// operations has the operations of both APIs by their patterns.
var operations = sync.OnceValue(func() map[string]string {
	ids := make(map[string]string)
	for _, o := range clientapi.Operations() {
		ids[o.Method+" "+o.Path] = o.ID
	}
	for _, o := range applicationapi.Operations() {
		ids[o.Method+" "+o.Path] = o.ID
	}
	return ids
})

// serves reports whether the version has an operation.
func (p *Panel) serves(operation string) bool {
	switch p.Version {
	case Version07:
		return operationsOf07[operation]
	case Pelican:
		return !operationsOnlyOf07[operation] && !operationsNotOfPelican[operation]
	}
	return !operationsOnlyOf07[operation]
}

// Missing answers a request whose path has no number where it must have one: it
// names nothing.
func (p *Panel) Missing(w http.ResponseWriter, r *http.Request, _ error) {
	p.Do(w, r, func(*Call) (*laravel.Answer, error) { return nil, ErrUnbound })
}

// Operations lists the operations that the version has.
func (p *Panel) Operations() []string { return p.Router.Operations() }

// Update reads or changes what the Panel holds, while no request does.
func (p *Panel) Update(do func(*model.State) error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return do(p.State)
}

// Boot creates the servers that run, or that have backups, on their nodes.
// Others are created when they are asked for, so that ten thousand cost little.
func (p *Panel) Boot() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.State.Servers.All() {
		if s.Running || len(s.Backups) > 0 || s.Status == model.StatusRestoring {
			p.OnNode(s)
		}
	}
}

// Close ends what the Panel does by itself.
func (p *Panel) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, s := range p.State.Schedules.All() {
		s.Stop()
	}
	for _, s := range p.State.Servers.All() {
		if s.Transfer != nil {
			s.Transfer.Stop()
		}
	}
}

// Legacy reports whether it is Panel 0.7 that is played.
func (p *Panel) Legacy() bool { return p.Version == Version07 }

// SetRateLimits changes how many requests an account may make to each API in a
// window, from now on.
func (p *Panel) SetRateLimits(client, application int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.limits.client, p.limits.application, p.limits.off = client, application, false
}

// RevokeTokens makes Wings refuse all tokens that were issued for sockets.
func (p *Panel) RevokeTokens() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.State.Servers.All() {
		p.Revoke(s.Owner, s)
		for _, sub := range s.Subusers {
			p.Revoke(sub.User, s)
		}
		for _, u := range p.State.Users.Where(func(u *model.User) bool { return u.Admin }) {
			p.Revoke(u, s)
		}
	}
}

// FindServer finds a server by its identifier or its UUID, nil for none. Since
// 1.12.3 there are long identifiers too.
func (p *Panel) FindServer(id string) *model.Server {
	switch {
	case p.Legacy() && len(id) != model.ShortID:
		return nil
	case p.HasLongIdentifiers():
		id = model.UUIDOf(id)
	}
	return p.State.ServersByUUID[id]
}

// HasLongIdentifiers reports whether servers and accounts have identifiers such
// as serv_57rte2rv5nfmrfyi224pa3ghpy.
func (p *Panel) HasLongIdentifiers() bool { return p.Version == Version1123 }

// Suspend suspends a server, or lifts its suspension.
func (p *Panel) Suspend(s *model.Server, suspended bool) error {
	switch {
	case (s.Status == model.StatusSuspended) == suspended:
		return nil
	case s.Transferring:
		return laravel.Refuse(http.StatusConflict, "ConflictHttpException",
			"Cannot toggle suspension status on a server that is currently being transferred.")
	case !s.Node.Up() && !p.Traits.BareFailures:
		return p.NodeDown()
	}
	s.Status = ""
	if suspended {
		s.Status = model.StatusSuspended
	}
	if !s.Node.Up() {
		return p.NodeDown()
	}
	p.OnNode(s).SetSuspended(suspended)
	return nil
}
