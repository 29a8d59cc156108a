package rest

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Version is the version of the SDK.
const Version = "0.1.0"

// UserAgent identifies the SDK to the Panel, with the newest version of the
// Panel that its contract was tested against.
const UserAgent = "ptero-go/" + Version + " (Panel " + Contract + ")"

// Config is what the options of a client set. See the options of package
// client for the meaning of the fields.
type Config struct {
	HTTPClient  *http.Client // nil means one of our own
	UserAgent   string
	Retries     int
	RetryBudget time.Duration
	Timeout     time.Duration
	ReadAhead   int
	Limiter     Limiter // nil means none
	Logger      *slog.Logger
	Middleware  []Middleware // the first is the outermost
	Flavor      Flavor       // "" means that the key tells
}

// DefaultConfig returns the configuration without options.
func DefaultConfig() Config {
	return Config{
		UserAgent:   UserAgent,
		Retries:     4,
		RetryBudget: 2 * time.Minute,
		Timeout:     time.Minute,
		ReadAhead:   1,
		Limiter:     NewLocalLimiter(),
		Logger:      slog.New(slog.DiscardHandler),
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
	if problem := hostProblem(u); problem != "" {
		return nil, fmt.Errorf("the Panel's URL %q %s", panelURL, problem)
	}
	path := strings.TrimRight(u.Path, "/")
	if strings.HasSuffix(path, "/api") || strings.HasSuffix(path, "/api/client") || strings.HasSuffix(path, "/api/application") {
		return nil, fmt.Errorf("the Panel's URL %q must end before /api", panelURL)
	}
	if problem := basePathProblem(u, path); problem != "" {
		return nil, fmt.Errorf("the Panel's URL %q %s", panelURL, problem)
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: path + "/"}, nil
}

// hostProblem returns what is wrong with the port of an address.
func hostProblem(u *url.URL) string {
	port := u.Port()
	if port == "" {
		if strings.HasSuffix(u.Host, ":") {
			return "has a colon, but no port after it"
		}
		return ""
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return "has no port from 1 to 65535"
	}
	return ""
}

// basePathProblem returns what would make requests lead elsewhere than the path
// of an address says.
func basePathProblem(u *url.URL, path string) string {
	if strings.Contains(strings.ToLower(u.RawPath), "%2f") {
		return "must not hold an escaped slash in its path"
	}
	segments := strings.Split(path, "/")
	for _, segment := range segments[1:] {
		switch {
		case segment == "":
			return "must not hold two slashes in a row in its path"
		case pathProblem(segment) != "":
			return fmt.Sprintf("must not hold %q in its path", segment)
		}
	}
	return ""
}

// checkKey refuses texts that cannot be a key. Its errors never contain the key.
func checkKey(key string) error {
	switch {
	case key == "":
		return errors.New("the API key is empty")
	case !IsHeaderValue(key) || strings.Contains(key, " "):
		return errors.New("the API key holds a space, a line break or another character that no key has")
	}
	return nil
}

// IsHeaderValue reports whether s is printable ASCII and not empty.
func IsHeaderValue(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return s != ""
}
