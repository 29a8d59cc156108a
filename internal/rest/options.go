package rest

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Version is the version of the SDK, sent in the User-Agent header.
const Version = "0.1.0"

// Defaults of the options, also named in their comments.
const (
	defaultRetries     = 4
	defaultRetryBudget = 2 * time.Minute
	defaultTimeout     = time.Minute
)

// Option changes how a client works. A client takes any number of them; the
// later wins over the earlier.
type Option func(*config) error

type config struct {
	httpClient  *http.Client
	userAgent   string
	retries     int
	retryBudget time.Duration
	timeout     time.Duration
}

func newConfig(opts []Option) (*config, error) {
	cfg := &config{
		userAgent:   "ptero-go/" + Version,
		retries:     defaultRetries,
		retryBudget: defaultRetryBudget,
		timeout:     defaultTimeout,
	}
	for _, opt := range opts {
		if opt == nil {
			return nil, errors.New("a nil Option")
		}
		if err := opt(cfg); err != nil {
			return nil, err
		}
	}
	return cfg, nil
}

// WithHTTPClient sends the requests with hc, for a proxy, a private
// certificate authority or a transport of your own. The client works on a
// copy: hc is never changed, its cookie jar and redirect policy are not used.
// A Timeout of hc also covers the bodies of downloads, so it is best left 0.
func WithHTTPClient(hc *http.Client) Option {
	return func(cfg *config) error {
		if hc == nil {
			return errors.New("WithHTTPClient: the http.Client is nil")
		}
		cfg.httpClient = hc
		return nil
	}
}

// WithUserAgent puts the name and version of your program in front of the
// SDK's own in the User-Agent header, as in "mybot/1.2 ptero-go/0.1.0".
func WithUserAgent(product string) Option {
	return func(cfg *config) error {
		if !isHeaderValue(product) {
			return fmt.Errorf("WithUserAgent(%q): must be printable ASCII and not empty", product)
		}
		cfg.userAgent = product + " ptero-go/" + Version
		return nil
	}
}

// WithRetries sets how often a request is sent again at most; 0 turns
// retrying off. The default is 4.
func WithRetries(n int) Option {
	return func(cfg *config) error {
		if n < 0 {
			return fmt.Errorf("WithRetries(%d): must not be negative", n)
		}
		cfg.retries = n
		return nil
	}
}

// WithRetryBudget sets how long one call may spend waiting between its
// attempts, all waits together. A wait that would pass the budget, or the
// deadline of the call's context, is not begun: the call returns the error at
// once. The default is 2 minutes; the Panel's window for rate limits is one.
func WithRetryBudget(d time.Duration) Option {
	return func(cfg *config) error {
		if d < 0 {
			return fmt.Errorf("WithRetryBudget(%s): must not be negative", d)
		}
		cfg.retryBudget = d
		return nil
	}
}

// WithTimeout bounds each attempt, from dialling to the end of the answer. It
// does not cover the bodies of downloads, nor the waits between attempts. 0
// means no bound. The default is 1 minute: the Panel itself waits up to 20
// seconds for a node.
func WithTimeout(d time.Duration) Option {
	return func(cfg *config) error {
		if d < 0 {
			return fmt.Errorf("WithTimeout(%s): must not be negative", d)
		}
		cfg.timeout = d
		return nil
	}
}

// parsePanelURL checks the address of a Panel and returns it with a slash at
// the end, ready to resolve paths against. Its errors do not repeat the
// address where that may hold a password.
func parsePanelURL(panelURL string) (*url.URL, error) {
	u, err := url.Parse(panelURL)
	switch {
	case panelURL == "":
		return nil, errors.New("the Panel's URL is empty")
	case err != nil:
		return nil, errors.New("the Panel's URL cannot be parsed; it looks like https://panel.example.org")
	case u.User != nil:
		return nil, errors.New("the Panel's URL must not hold a user name or password")
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "", u.Hostname() == "":
		return nil, fmt.Errorf("the Panel's URL %q must begin with https:// or http:// and a host", panelURL)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("the Panel's URL must not hold a query or fragment")
	}
	path := strings.TrimRight(u.Path, "/")
	if strings.HasSuffix(path, "/api") || strings.HasSuffix(path, "/api/client") || strings.HasSuffix(path, "/api/application") {
		return nil, fmt.Errorf("the Panel's URL %q must end before /api", panelURL)
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: path + "/"}, nil
}

// checkKey refuses what cannot be a key. Its errors never repeat the key.
func checkKey(key string) error {
	switch {
	case key == "":
		return errors.New("the API key is empty")
	case !isHeaderValue(key) || strings.Contains(key, " "):
		return errors.New("the API key holds a space, a line break or another character that no key has")
	}
	return nil
}

// isHeaderValue tells whether s is printable ASCII and not empty.
func isHeaderValue(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return s != ""
}
