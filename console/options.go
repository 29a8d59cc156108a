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

// Source gives a console what it needs to know about one server of a Panel.
// [client.ServersService.Console] returns one.
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

// Option configures a console. Later options override earlier ones.
type Option func(*config) error

type config struct {
	settings
	http   *http.Client
	origin string
	policy Policy
	logger *slog.Logger
	gates  *gates // shared by the consoles of a group, may be nil
}

func newConfig(opts []Option) (*config, error) {
	cfg := &config{
		settings: settings{keepAlive: KeepAlive, patience: Patience, least: MinBackoff, most: MaxBackoff},
		policy:   DropOldest(BufferEvents),
		logger:   slog.New(slog.DiscardHandler),
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

// WithLog begins with the daemon's log of the server, usually the last [LogLines]
// lines. Without it the events begin with what the server prints after the console
// has connected.
func WithLog() Option {
	return func(cfg *config) error {
		cfg.withLog = true
		return nil
	}
}

// WithPolicy sets what [Console.Events] keeps for a slow reader. The default is
// DropOldest(BufferEvents).
func WithPolicy(policy Policy) Option {
	return func(cfg *config) error {
		cfg.policy = policy
		return policy.check()
	}
}

// WithKeepAlive sets after how long a silence the daemon is asked whether it is
// there, and how long it may take to answer, before the console connects anew.
// The defaults are [KeepAlive] and [Patience]. A running server is never silent
// for long, so there [RunningSilence] counts if it is less.
func WithKeepAlive(interval, patience time.Duration) Option {
	return func(cfg *config) error {
		if interval <= 0 || patience <= 0 {
			return fmt.Errorf("WithKeepAlive(%v, %v): both must be positive", interval, patience)
		}
		cfg.keepAlive, cfg.patience = interval, patience
		return nil
	}
}

// WithBackoff sets how long to wait before an attempt to connect again: at first,
// and at most. In between it is up to a tenth of the time since the connection
// failed, and half of it is up to chance. The defaults are [MinBackoff] and
// [MaxBackoff].
func WithBackoff(least, most time.Duration) Option {
	return func(cfg *config) error {
		if least <= 0 || most < least {
			return fmt.Errorf("WithBackoff(%v, %v): the first must be positive, the second not below it", least, most)
		}
		cfg.least, cfg.most = least, most
		return nil
	}
}

// WithSuspensionOutlasted makes the console wait until a suspension of its server
// ends, instead of ending with [ErrSuspended]. It asks the Panel at most twice a
// minute.
func WithSuspensionOutlasted() Option {
	return func(cfg *config) error {
		cfg.outlastSuspension = true
		return nil
	}
}

// WithPatientCommands makes commands wait while the server is starting, until it
// prints something or is running, instead of failing with [ErrStarting].
func WithPatientCommands() Option {
	return func(cfg *config) error {
		cfg.outlastStart = true
		return nil
	}
}

// WithLogger logs each change of the connection's state to l: lost connections as
// warnings, the rest at debug level. Tokens are never logged.
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
	base := http.DefaultTransport
	if cfg.http != nil && cfg.http.Transport != nil {
		base = cfg.http.Transport
	}
	own.Transport = tapped{base}
	cfg.http = own
	return nil
}
