package client

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/ptero-go/ptero/internal/rest"
)

// Option changes how a client works. [New] and the New of package application
// take any number of them; the later wins over the earlier.
type Option func(*rest.Config) error

// WithHTTPClient sends the requests with hc, for a proxy, a private
// certificate authority or a transport of your own. The client works on a
// copy: hc is never changed, its cookie jar and redirect policy are not used.
// A Timeout of hc also covers the bodies of downloads, so it is best left 0.
func WithHTTPClient(hc *http.Client) Option {
	return func(cfg *rest.Config) error {
		if hc == nil {
			return errors.New("WithHTTPClient: the http.Client is nil")
		}
		cfg.HTTPClient = hc
		return nil
	}
}

// WithUserAgent puts the name and version of your program in front of the
// SDK's own in the User-Agent header, as in "mybot/1.2 ptero-go/0.1.0".
func WithUserAgent(product string) Option {
	return func(cfg *rest.Config) error {
		if !rest.IsHeaderValue(product) {
			return fmt.Errorf("WithUserAgent(%q): must be printable ASCII and not empty", product)
		}
		cfg.UserAgent = product + " " + rest.UserAgent
		return nil
	}
}

// WithRetries sets how often a request is sent again at most; 0 turns
// retrying off. The default is 4.
func WithRetries(n int) Option {
	return func(cfg *rest.Config) error {
		if n < 0 {
			return fmt.Errorf("WithRetries(%d): must not be negative", n)
		}
		cfg.Retries = n
		return nil
	}
}

// WithRetryBudget sets how long one call may spend waiting between its
// attempts, all waits together. A wait that would pass the budget, or the
// deadline of the call's context, is not begun: the call returns the error at
// once. The default is 2 minutes; the Panel's window for rate limits is one.
func WithRetryBudget(d time.Duration) Option {
	return func(cfg *rest.Config) error {
		if d < 0 {
			return fmt.Errorf("WithRetryBudget(%s): must not be negative", d)
		}
		cfg.RetryBudget = d
		return nil
	}
}

// WithTimeout bounds each attempt, from dialling to the end of the answer. It
// does not cover the bodies of downloads, nor the waits between attempts. 0
// means no bound. The default is 1 minute: the Panel itself waits up to 20
// seconds for a node.
func WithTimeout(d time.Duration) Option {
	return func(cfg *rest.Config) error {
		if d < 0 {
			return fmt.Errorf("WithTimeout(%s): must not be negative", d)
		}
		cfg.Timeout = d
		return nil
	}
}
