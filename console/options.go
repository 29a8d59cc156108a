package console

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/ptero-go/ptero/client"
)

// Source is what a console needs to know of a Panel and one server of it.
// [client.ServersService.Console] makes one.
type Source interface {
	// Credentials fetches the address of the server's socket and a new token.
	// It must return when ctx ends.
	Credentials(ctx context.Context) (*client.WebsocketCredentials, error)

	// Origin is the Panel's address as the node's daemon knows it: scheme, host
	// and path, without a slash at the end.
	Origin() string

	// HTTPClient opens the socket; only its Transport is used. Nil stands for
	// the default.
	HTTPClient() *http.Client
}

// Option changes how a console works. The later wins over the earlier.
type Option func(*config) error

type config struct {
	http         *http.Client
	origin       string
	log          bool
	policy       Policy
	logger       *slog.Logger
	keepAlive    time.Duration
	patience     time.Duration
	backoff      backoff
	connectLimit time.Duration
	slots        chan struct{} // shared by the consoles of a group, may be nil
}

func newConfig(opts []Option) (*config, error) {
	cfg := &config{
		policy:       DropOldest(4096),
		logger:       slog.New(slog.DiscardHandler),
		keepAlive:    20 * time.Second,
		patience:     10 * time.Second,
		backoff:      backoff{least: 500 * time.Millisecond, most: time.Minute},
		connectLimit: 30 * time.Second,
	}
	for _, opt := range opts {
		if opt == nil {
			return nil, errors.New("console: an Option is nil")
		}
		if err := opt(cfg); err != nil {
			return nil, fmt.Errorf("console: %w", err)
		}
	}
	return cfg, nil
}

// WithHTTPClient opens the socket with hc, for a proxy or a private certificate
// authority, instead of the one that the [Source] brings. Only its Transport is
// used.
func WithHTTPClient(hc *http.Client) Option {
	return func(cfg *config) error {
		if hc == nil {
			return errors.New("WithHTTPClient: the http.Client is nil")
		}
		cfg.http = hc
		return nil
	}
}

// WithOrigin sends another Origin header than the Panel's address, for a daemon
// that knows the Panel by another one.
func WithOrigin(origin string) Option {
	return func(cfg *config) error {
		if u, err := url.Parse(origin); err != nil || u.Scheme == "" || u.Host == "" {
			return fmt.Errorf("WithOrigin(%q): must be an address such as https://panel.example.org", origin)
		}
		cfg.origin = origin
		return nil
	}
}

// WithLog begins with the daemon's log of the server, the last 150 lines at most.
// Without it the events begin with what the server prints after the connection.
// A line that the server prints just then may come twice.
func WithLog() Option {
	return func(cfg *config) error {
		cfg.log = true
		return nil
	}
}

// WithPolicy sets what [Console.Events] keeps for a slow reader. The default is
// DropOldest(4096).
func WithPolicy(policy Policy) Option {
	return func(cfg *config) error {
		cfg.policy = policy
		return policy.check()
	}
}

// WithKeepAlive sets after how long a silence the daemon is asked whether it is
// there, and how long it may take to answer, before the console connects anew.
// The defaults are 20 and 10 seconds: a dead connection is noticed within 50
// seconds, an idle one costs a ping in 20.
func WithKeepAlive(interval, patience time.Duration) Option {
	return func(cfg *config) error {
		if interval <= 0 || patience <= 0 {
			return fmt.Errorf("WithKeepAlive(%v, %v): both must be positive", interval, patience)
		}
		cfg.keepAlive, cfg.patience = interval, patience
		return nil
	}
}

// WithBackoff sets how long to wait before a second try to connect, and at most;
// the time doubles in between. Half of it is up to chance. The defaults are half
// a second and a minute.
func WithBackoff(least, most time.Duration) Option {
	return func(cfg *config) error {
		if least <= 0 || most < least {
			return fmt.Errorf("WithBackoff(%v, %v): the first must be positive, the second not below it", least, most)
		}
		cfg.backoff = backoff{least: least, most: most}
		return nil
	}
}

// WithLogger tells l of each change of state: reconnections as warnings, the
// rest for debugging. No token is ever logged.
func WithLogger(l *slog.Logger) Option {
	return func(cfg *config) error {
		if l == nil {
			return errors.New("WithLogger: the logger is nil")
		}
		cfg.logger = l
		return nil
	}
}

// prepare fills in what the source knows.
func (cfg *config) prepare(source Source) error {
	if source == nil {
		return errors.New("console: the Source is nil")
	}
	if cfg.origin == "" {
		cfg.origin = source.Origin()
	}
	if cfg.http == nil {
		cfg.http = source.HTTPClient()
	}
	own := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if cfg.http != nil {
		own.Transport = cfg.http.Transport
	}
	cfg.http = own
	return nil
}
