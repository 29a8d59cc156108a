package paneltest

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/gen/clientapi"
	"github.com/ptero-go/ptero/internal/panelapi/applicationserver"
	"github.com/ptero-go/ptero/internal/panelapi/clientserver"
)

// Panel is a running Panel with the Wings of its nodes. It keeps what it is
// told: what is created can be read, changed, listed and deleted, by the rules
// and in the words of a real Panel. Servers run pretend games.
//
// A Panel is safe for concurrent use. Its methods cause what clients have to
// live with: see [Panel.Fail] and those after it.
type Panel struct {
	// URL is the address of the Panel, without a slash at its end.
	URL string

	// AdminKey, UserKey and SubuserKey are client keys (ptlc_) of the first
	// administrator, of the first account that is none, and of the first
	// other one that is a subuser of a server. ApplicationKey is an
	// application key (ptla_) with all rights. Each is empty if the seed has
	// no such account.
	AdminKey, UserKey, SubuserKey, ApplicationKey string

	address *url.URL
	version string
	cfg     *config
	network *network
	host    *host
	client  *http.Client
	router  *router
	control http.Handler
	faults  faults

	mu     sync.Mutex // guards what follows
	state  *state
	limits *limiter
	closed bool
}

// New starts a Panel that listens on this machine, and the Wings of its nodes.
// Close it when it is done with.
func New(opts ...Option) (*Panel, error) {
	cfg := &config{version: version111}
	for _, opt := range opts {
		if err := opt(cfg); err != nil {
			return nil, err
		}
	}
	if cfg.seed == nil {
		seed := DefaultSeed()
		cfg.seed = &seed
	}
	p := &Panel{
		version: cfg.version, cfg: cfg, network: &network{inMemory: cfg.inMemory},
		state: newState(), limits: cfg.limiter(),
	}
	p.router = p.newRouter()
	p.client = &http.Client{
		Transport:     &http.Transport{DialContext: p.network.dial, ForceAttemptHTTP2: false},
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

// limiter returns the limits that the version is shipped with, or those that
// were asked for.
func (cfg *config) limiter() *limiter {
	l := newLimiter(720, 240, time.Minute)
	if cfg.version == version07 {
		l.client, l.application = 60, 120
	}
	if cfg.client > 0 {
		l.client, l.application, l.window = cfg.client, cfg.application, cfg.window
	}
	l.off = cfg.unlimited
	return l
}

// newRouter connects the operations with their handlers.
func (p *Panel) newRouter() *router {
	operations := make(map[string]string)
	for _, o := range clientapi.Operations() {
		operations[o.Method+" "+o.Path] = o.ID
	}
	for _, o := range applicationapi.Operations() {
		operations[o.Method+" "+o.Path] = o.ID
	}
	rt := newRouter(func(pattern string) (string, bool) {
		id := operations[pattern]
		return id, id == "" || p.serves(id)
	})
	missing := func(w http.ResponseWriter, r *http.Request, _ error) {
		// A number in the path that is none names nothing.
		p.do(w, r, func(*call) (*answer, error) { return nil, errNotFound })
	}
	application := applicationAPI{p}
	clientserver.HandlerWithOptions(clientAPI{p}, clientserver.StdHTTPServerOptions{BaseRouter: rt, ErrorHandlerFunc: missing})
	applicationserver.HandlerWithOptions(application, applicationserver.StdHTTPServerOptions{BaseRouter: rt, ErrorHandlerFunc: missing})
	// Whatever stands behind the number of a server, DELETE deletes it.
	rt.HandleFunc("DELETE /api/application/servers/{server}/{anything}", application.deleteServerBySlip)
	return rt
}

// serves tells whether the version has an operation.
func (p *Panel) serves(operation string) bool {
	if p.legacy() {
		return operationsOf07[operation]
	}
	return !operationsOnlyOf07[operation]
}

// The addresses of what is in memory. The names are never looked up.
const (
	memoryPanel = "panel.test:80"
	memoryWings = ".node.test:8080"
)

// start opens the Panel, then plants the seed, which opens the nodes.
func (p *Panel) start() error {
	address := p.cfg.address
	switch {
	case p.cfg.inMemory:
		address = memoryPanel
	case address == "":
		address = "127.0.0.1:0"
	}
	// Nobody is served before the seed is planted.
	p.mu.Lock()
	defer p.mu.Unlock()
	var handler http.Handler = p
	if p.cfg.wrap != nil {
		handler = p.cfg.wrap(p)
	}
	host, err := p.network.serve(address, handler)
	if err != nil {
		return err
	}
	p.host = host
	p.address = &url.URL{Scheme: "http", Host: strings.TrimSuffix(host.address, ":80")}
	p.URL = p.address.String()
	return p.plant(*p.cfg.seed)
}

// Close ends the Panel and its nodes: all connections, all games, and whatever
// runs in the background. It may be called again.
func (p *Panel) Close() {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return
	}
	p.closed = true
	var hosts []*host
	var daemons []*daemon
	for _, n := range p.state.nodes.all() {
		if n.daemon != nil {
			daemons = append(daemons, n.daemon)
		}
		if n.host != nil {
			hosts = append(hosts, n.host)
		}
	}
	for _, s := range p.state.schedules.all() {
		s.stop()
	}
	p.mu.Unlock()
	p.client.CloseIdleConnections()
	for _, d := range daemons {
		d.close()
	}
	if p.host != nil {
		hosts = append(hosts, p.host)
	}
	for _, h := range hosts {
		h.close()
	}
}

// HTTPClient returns a client that reaches the Panel and its nodes, also with
// [InMemory]. It follows no redirects.
func (p *Panel) HTTPClient() *http.Client { return p.client }

func (p *Panel) legacy() bool { return p.version == version07 }

// startNode starts Wings on a node, and gives the node its address.
func (p *Panel) startNode(n *node) error {
	n.daemon = newDaemon(daemonConfig{
		PanelURL: p.URL, AllowOrigins: p.cfg.allowOrigins, TokenID: n.tokenID, Token: n.token,
		Limits: p.version == version112, UploadLimit: int64(n.uploadSize) << 20, FilesDir: p.cfg.filesDir,
		Transport: p.client.Transport,
	})
	address := "127.0.0.1:0"
	if p.cfg.inMemory {
		address = "n" + strconv.Itoa(n.id) + memoryWings
	}
	host, err := p.network.serve(address, &nodeHandler{p, n, n.daemon})
	if err != nil {
		return err
	}
	n.host = host
	name, port, err := net.SplitHostPort(host.address)
	if err != nil {
		return err
	}
	n.scheme, n.fqdn = "http", name
	n.listen, err = strconv.Atoi(port)
	return err
}

// nodeHandler is the Wings of a node. It makes machines when they are first
// asked for.
type nodeHandler struct {
	p      *Panel
	node   *node
	daemon *daemon
}

// ServeHTTP implements [http.Handler].
func (h *nodeHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if id, isSocket := strings.CutPrefix(r.URL.Path, "/api/servers/"); isSocket {
		h.p.mu.Lock()
		if s := h.p.state.serversByUUID[strings.TrimSuffix(id, "/ws")]; s != nil && s.node == h.node {
			h.p.machine(s)
		}
		h.p.mu.Unlock()
	}
	h.daemon.ServeHTTP(w, r)
}

// errClosed is for methods of a Panel that is closed.
var errClosed = errors.New("paneltest: the Panel is closed")

// newKey returns an API key: 16 characters that name it, prefix included, and
// 32 that are secret.
func newKey(prefix string) string {
	return prefix + randomText(keyNameLength-len(prefix)) + randomText(32)
}

const keyNameLength = 16
