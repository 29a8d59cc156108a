package paneltest

import (
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/gen/clientapi"
	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

// The versions of the Panel that can be played.
const (
	version07  = "0.7"
	version111 = "1.11"
	version112 = "1.12"
)

// coreConfig is what a Panel is made of.
type coreConfig struct {
	URL     string // without a slash at its end
	Version string // one of the constants
	State   *state

	// Intercept sees a request before the Panel does. It returns the writer for
	// the answer, and whether there is to be no other answer.
	Intercept func(w http.ResponseWriter, r *http.Request, operation string) (http.ResponseWriter, bool)

	// The requests that an account may make to each API in a window; 0 stands
	// for what the version is shipped with.
	ClientLimit, ApplicationLimit int
	Window                        time.Duration
	Unlimited                     bool // takes all limits off
}

// core is the Panel itself: what it holds, and the rules by which requests read
// and change it. The packages client and application serve its operations.
type core struct {
	url       string
	version   string
	address   *url.URL
	router    *laravel.Router
	intercept func(w http.ResponseWriter, r *http.Request, operation string) (http.ResponseWriter, bool)

	mu     sync.Mutex // guards what follows
	state  *state
	limits *limiter
	closed bool
}

// newCore returns a Panel without operations.
func newCore(cfg coreConfig) (*core, error) {
	address, err := url.Parse(cfg.URL)
	if err != nil {
		return nil, err
	}
	p := &core{
		url: cfg.URL, version: cfg.Version, address: address, intercept: cfg.Intercept,
		state: cfg.State, limits: newLimiter(cfg),
	}
	if cfg.Unlimited {
		p.state.settings.backupLimit = 0
	}
	operations := make(map[string]string) // by their patterns
	for _, o := range clientapi.Operations() {
		operations[o.Method+" "+o.Path] = o.ID
	}
	for _, o := range applicationapi.Operations() {
		operations[o.Method+" "+o.Path] = o.ID
	}
	p.router = laravel.NewRouter(func(pattern string) (string, bool) {
		id := operations[pattern]
		return id, id == "" || p.serves(id)
	})
	return p, nil
}

// serves reports whether the version has an operation.
func (p *core) serves(operation string) bool {
	if p.legacy() {
		return operationsOf07[operation]
	}
	return !operationsOnlyOf07[operation]
}

// missing answers a request whose path has no number where it must have one: it
// names nothing.
func (p *core) missing(w http.ResponseWriter, r *http.Request, _ error) {
	p.do(w, r, func(*call) (*laravel.Answer, error) { return nil, laravel.ErrNotFound })
}

// operations lists the operations that the version has.
func (p *core) operations() []string { return p.router.Operations() }

// update reads or changes what the Panel holds, while no request does.
func (p *core) update(do func(*state) error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return do(p.state)
}

// boot creates the servers that run, or that have backups, on their nodes.
// Others are created when they are asked for, so that ten thousand cost little.
func (p *core) boot() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.state.servers.all() {
		if s.running || len(s.backups) > 0 || s.status == statusRestoring {
			p.machine(s)
		}
	}
}

// close ends what the Panel does by itself.
func (p *core) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, s := range p.state.schedules.all() {
		s.stop()
	}
}

func (p *core) legacy() bool { return p.version == version07 }

// setRateLimits changes how many requests an account may make to each API in a
// window, from now on.
func (p *core) setRateLimits(client, application int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.limits.client, p.limits.application, p.limits.off = client, application, false
}

// revokeTokens makes Wings refuse all tokens that were issued for sockets.
func (p *core) revokeTokens() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.state.servers.all() {
		p.revoke(s.owner, s)
		for _, sub := range s.subusers {
			p.revoke(sub.user, s)
		}
		for _, u := range p.state.users.where(func(u *user) bool { return u.admin }) {
			p.revoke(u, s)
		}
	}
}

// findServer finds a server by its identifier or its UUID, nil for none.
func (p *core) findServer(id string) *server {
	if p.legacy() && len(id) != shortID {
		return nil
	}
	return p.state.serversByUUID[id]
}

// suspend suspends a server, or lifts its suspension.
func (p *core) suspend(s *server, suspended bool) error {
	switch {
	case (s.status == statusSuspended) == suspended:
		return nil
	case s.transferring:
		return laravel.Refuse(http.StatusConflict, "ConflictHttpException",
			"Cannot toggle suspension status on a server that is currently being transferred.")
	case !s.node.up():
		return errNodeDown
	}
	s.status = ""
	if suspended {
		s.status = statusSuspended
	}
	p.machine(s).SetSuspended(suspended)
	return nil
}
