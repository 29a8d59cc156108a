package paneltest

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/network"
	"github.com/ptero-go/ptero/paneltest/internal/panel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/application"
	"github.com/ptero-go/ptero/paneltest/internal/panel/client"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// Panel is a running Panel with the Wings of its nodes. It is stateful: what is
// created can be read, changed, listed and deleted, under the rules and with the
// wording of a real Panel. Servers run sample games.
//
// A Panel is safe for concurrent use. Its methods cause the faults and events
// that clients have to cope with, see [Panel.Fail].
type Panel struct {
	// URL is the address of the Panel, without a slash at its end.
	URL string

	// AdminKey, UserKey and SubuserKey are client keys (ptlc_) of the first
	// administrator, of the first account that is none, and of the first
	// other one that is a subuser of a server. ApplicationKey is an
	// application key (ptla_) with all rights. Each is empty if the seed has
	// no such account.
	AdminKey, UserKey, SubuserKey, ApplicationKey string

	cfg     *config
	core    *panel.Panel
	network *network.Network
	host    *network.Host
	client  *http.Client
	control http.Handler

	changes  changes
	faults   faults
	requests requestLog
	consoles consoles

	mu     sync.Mutex           // guards what follows
	nodes  map[int]*runningNode // by the ids of the nodes
	closed bool
}

// New starts a Panel that listens on this machine, and the Wings of its nodes.
// The caller closes it.
func New(opts ...Option) (*Panel, error) {
	cfg := &config{version: panel.Version1123}
	for _, opt := range opts {
		if err := opt(cfg); err != nil {
			return nil, err
		}
	}
	if cfg.seed == nil {
		seed := DefaultSeed()
		cfg.seed = &seed
	}
	p := &Panel{cfg: cfg, network: &network.Network{InMemory: cfg.inMemory}, nodes: make(map[int]*runningNode)}
	p.faults.changes, p.requests.changes = &p.changes, &p.changes
	p.consoles = consoles{changes: &p.changes, byServer: make(map[string]*consoleLog)}
	p.client = &http.Client{
		Transport:     &http.Transport{DialContext: p.network.Dial, ForceAttemptHTTP2: false},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if cfg.control {
		p.control = p.controlHandler()
	}
	if err := p.start(); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// start opens the Panel and its nodes. Nobody is served before the seed is
// planted.
func (p *Panel) start() error {
	address, err := p.cfg.listenAddress()
	if err != nil {
		return err
	}
	if p.host, err = p.network.Listen(address); err != nil {
		return err
	}
	if p.URL, err = p.cfg.announced(p.host.Address); err != nil {
		return err
	}
	state, err := plant(*p.cfg.seed, p.cfg.version.Traits())
	if err != nil {
		return err
	}
	p.chooseKeys(state)
	if p.core, err = panel.New(panel.Config{
		URL: p.URL, Version: p.cfg.version, State: state, Transport: p.client.Transport, Intercept: p.faults.strike,
		ClientLimit: p.cfg.client, ApplicationLimit: p.cfg.application, Window: p.cfg.window, Unlimited: p.cfg.unlimited,
	}); err != nil {
		return err
	}
	client.Serve(p.core)
	application.Serve(p.core)
	for _, n := range state.Nodes.All() {
		if !n.Down {
			if err := p.startNode(n); err != nil {
				return err
			}
		}
	}
	p.core.Boot()
	var handler http.Handler = p
	if p.cfg.wrap != nil {
		handler = p.cfg.wrap(p)
	}
	p.host.Serve(handler)
	return nil
}

// ServeHTTP implements [http.Handler].
func (p *Panel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if p.control != nil && strings.HasPrefix(r.URL.Path, controlPath) {
		p.control.ServeHTTP(w, r)
		return
	}
	noted := p.requests.begin(w, r)
	defer noted.end()
	p.core.ServeHTTP(noted, r)
}

// Close ends the Panel and its nodes: all connections, all games, and whatever
// runs in the background. Closing it again does nothing.
func (p *Panel) Close() {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return
	}
	p.closed = true
	nodes := slices.Collect(maps.Values(p.nodes))
	p.mu.Unlock()
	if p.core != nil {
		p.core.Close()
	}
	p.client.CloseIdleConnections()
	for _, n := range nodes {
		n.Daemon.Close()
	}
	for _, n := range nodes {
		n.host.Close()
	}
	if p.host != nil {
		p.host.Close()
	}
}

// HTTPClient returns a client that reaches the Panel and its nodes, also with
// [InMemory]. It follows no redirects.
func (p *Panel) HTTPClient() *http.Client { return p.client }

// TOTP returns the code that an authenticator app shows for a secret at a time.
func TOTP(secret string, at time.Time) (string, error) { return model.TOTP(secret, at) }
