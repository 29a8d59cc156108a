package client

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/ptero-go/ptero/internal/rest"
)

// Option changes how a client works. [New] and the New of package application
// take any number of options; later ones override earlier ones.
type Option func(*rest.Config) error

// WithHTTPClient sends the requests with hc, to use a proxy, a private
// certificate authority or another transport. The client works on a copy: hc is
// never changed, and its cookie jar and redirect policy are not used. Its
// Timeout applies where it is shorter than that of [WithTimeout], but does not
// cut off uploads, downloads and slow operations such as packing an archive.
func WithHTTPClient(hc *http.Client) Option {
	return func(cfg *rest.Config) error {
		if hc == nil {
			return errors.New("WithHTTPClient: the http.Client is nil")
		}
		cfg.HTTPClient = hc
		return nil
	}
}

// WithUserAgent puts the name and version of a program in front of the SDK's own
// in the User-Agent header, as in "mybot/1.2 ptero-go/0.1.0".
func WithUserAgent(product string) Option {
	return func(cfg *rest.Config) error {
		if !rest.IsHeaderValue(product) {
			return fmt.Errorf("WithUserAgent(%q): must be printable ASCII and not empty", product)
		}
		cfg.UserAgent = product + " " + rest.UserAgent
		return nil
	}
}

// WithRetries sets how many times a request is sent again at most; 0 turns
// retries off. The default is 4, of which at most 2 are for failures other than
// a 429.
func WithRetries(n int) Option {
	return func(cfg *rest.Config) error {
		cfg.Retries = n
		return notNegative("WithRetries", n)
	}
}

// WithRetryBudget sets the total time that one call may spend waiting between
// its attempts. A wait that would exceed the budget, or the deadline of the
// call's context, is not started: the call returns the error at once. The
// default is 2 minutes; the Panel's rate limit window is one minute.
func WithRetryBudget(d time.Duration) Option {
	return func(cfg *rest.Config) error {
		cfg.RetryBudget = d
		return notNegative("WithRetryBudget", d)
	}
}

// WithTimeout bounds each attempt, from dialing to the end of the answer, but
// not the waits between attempts. An upload or download fails when no data moves
// for this long. 0 means no bound. The default is 1 minute, as the Panel itself
// waits up to 20 seconds for a node. Packing and unpacking archives has at least
// 16 minutes.
func WithTimeout(d time.Duration) Option {
	return func(cfg *rest.Config) error {
		cfg.Timeout = d
		return notNegative("WithTimeout", d)
	}
}

// WithReadAhead sets how many pages of a list All may fetch while the caller
// uses the items of one. The default is 1; with 0, each page is fetched when it
// is needed.
func WithReadAhead(pages int) Option {
	return func(cfg *rest.Config) error {
		cfg.ReadAhead = pages
		return notNegative("WithReadAhead", pages)
	}
}

// WithLimiter paces the requests with l instead of a limiter of the client's
// own. The Panel counts the requests of each user and API, so clients with keys
// of the same user should share a limiter. Nil turns pacing off: the Panel then
// refuses requests, which are sent again.
func WithLimiter(l Limiter) Option {
	return func(cfg *rest.Config) error {
		if local, ok := l.(*LocalLimiter); ok && local == nil {
			return errors.New("WithLimiter: the LocalLimiter is nil; an untyped nil turns limiting off")
		}
		cfg.Limiter = l
		return nil
	}
}

// WithLogger logs each attempt to l: at level debug its operation, method, path
// template, attempt, duration and status, and at level warn that a request will
// be sent again. No key, address or body is ever logged.
func WithLogger(l *slog.Logger) Option {
	return func(cfg *rest.Config) error {
		if l == nil {
			return errors.New("WithLogger: the Logger is nil")
		}
		cfg.Logger = l
		return nil
	}
}

// WithFlavor says which kind of Panel it is, where the key does not: the keys of
// Pelican begin with pacc_ or papp_, and any other key stands for Pterodactyl.
func WithFlavor(flavor Flavor) Option {
	return func(cfg *rest.Config) error {
		if flavor != Pterodactyl && flavor != Pelican {
			return fmt.Errorf("WithFlavor(%q): must be client.Pterodactyl or client.Pelican", string(flavor))
		}
		cfg.Flavor = flavor
		return nil
	}
}

// WithMiddleware wraps each attempt, to trace or measure it. The first
// middleware is the outermost; that of an earlier option is outside of that of a
// later one. The waits for the limiter and between attempts happen outside of
// the middleware.
func WithMiddleware(middleware ...Middleware) Option {
	return func(cfg *rest.Config) error {
		for _, m := range middleware {
			if m == nil {
				return errors.New("WithMiddleware: a Middleware is nil")
			}
		}
		cfg.Middleware = slices.Concat(cfg.Middleware, middleware)
		return nil
	}
}

func notNegative[T int | time.Duration](option string, v T) error {
	if v < 0 {
		return fmt.Errorf("%s(%v): must not be negative", option, v)
	}
	return nil
}

// Limiter paces requests so that the Panel does not have to refuse them. Its one
// method,
//
//	Wait(ctx context.Context, call Call) (done func(Answer), err error)
//
// returns when a request may be sent; done must then be called once with the
// answer. [NewLimiter] returns a limiter for one process; another implementation
// can share the quota of one user among several processes.
type Limiter = rest.Limiter

// NewLimiter returns a limiter to share among the clients of one process.
func NewLimiter() *LocalLimiter { return rest.NewLocalLimiter() }

// Sender sends a request that belongs to a [Call].
type Sender = rest.Sender

// Middleware wraps a [Sender].
type Middleware = rest.Middleware
