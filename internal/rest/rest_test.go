package rest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

const testKey = "ptlc_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"

var testRoutes = RoutesOf([]Operation{
	{ID: "listServers", Method: "GET", Path: "/api/client", Repeatable: true},
	{ID: "getServer", Method: "GET", Path: "/api/client/servers/{server}", Repeatable: true},
	{ID: "getFiles", Method: "GET", Path: "/api/client/servers/{server}/files", Repeatable: true},
	{ID: "sendCommand", Method: "POST", Path: "/api/client/servers/{server}/command", Repeatable: false},
	{ID: "createFolder", Method: "POST", Path: "/api/client/servers/{server}/folder", Repeatable: true},
	{ID: "updateImage", Method: "PUT", Path: "/api/client/servers/{server}/image", Repeatable: true},
	{ID: "updatePassword", Method: "PUT", Path: "/api/client/account/password", Repeatable: false},
	{ID: "deleteDatabase", Method: "DELETE", Path: "/api/client/servers/{server}/databases/{database}", Repeatable: true},
	{ID: "getUser", Method: "GET", Path: "/api/application/users/{user}", Repeatable: true},
	{ID: "getUserByExternalID", Method: "GET", Path: "/api/application/users/external/{external_id}", Repeatable: true},
	{ID: "getNode", Method: "GET", Path: "/api/application/nodes/{node}", Repeatable: true},
	{ID: "listDeployable", Method: "GET", Path: "/api/application/nodes/deployable", Repeatable: true},
	{ID: "deleteServer", Method: "DELETE", Path: "/api/application/servers/{server}", Repeatable: true},
	{ID: "forceDeleteServer", Method: "DELETE", Path: "/api/application/servers/{server}/force", Repeatable: true},
	{ID: "getDatabase", Method: "GET", Path: "/api/application/servers/{server}/databases/{database}", Repeatable: true},
})

// thing is what the tests decode.
type thing struct {
	Name string `json:"name"`
}

type option = func(*Config) error

func with(set func(*Config)) option {
	return func(cfg *Config) error {
		set(cfg)
		return nil
	}
}

func withoutRetries() option { return with(func(cfg *Config) { cfg.Retries = 0 }) }

func withTransport(t http.RoundTripper) option {
	return with(func(cfg *Config) { cfg.HTTPClient = &http.Client{Transport: t} })
}

// panel is a core for a handler served below a path, as some panels are.
func panel(t *testing.T, handler http.HandlerFunc, opts ...option) *Core {
	t.Helper()
	server := httptest.NewServer(http.StripPrefix("/panel", handler))
	t.Cleanup(server.Close)
	return newCore(t, server.URL+"/panel/", opts...)
}

func newCore(t *testing.T, url string, opts ...option) *Core {
	t.Helper()
	core, err := New(testRoutes, url, testKey, opts)
	if err != nil {
		t.Fatal(err)
	}
	return core
}

// do sends a request as a generated client does.
func do(ctx context.Context, c *Core, method, path string, body io.Reader, editors ...Editor) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.Server()+path, body)
	if err != nil {
		return nil, err
	}
	for _, edit := range append([]Editor{c.Edit}, editors...) {
		if err := edit(ctx, req); err != nil {
			return nil, err
		}
	}
	return c.Do(req)
}

// answer serves one answer.
func answer(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func asError(t *testing.T, err error) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("err = %v (%T), want an *Error", err, err)
	}
	return e
}

func TestEditSetsHeaders(t *testing.T) {
	t.Parallel()
	c := panel(t, func(w http.ResponseWriter, r *http.Request) {
		want := map[string]string{
			"Authorization": "Bearer " + testKey,
			"Accept":        "application/json",
			"User-Agent":    "ptero-go/" + Version + " (Panel " + Contract + ")",
			"Cookie":        "",
		}
		for name, value := range want {
			if got := r.Header.Get(name); got != value {
				t.Errorf("%s = %q, want %q", name, got, value)
			}
		}
		if r.URL.Path != "/api/client/servers/1a2b3c4d" {
			t.Errorf("path = %s", r.URL.Path)
		}
		w.WriteHeader(http.StatusNoContent)
	})
	if err := None(do(t.Context(), c, "GET", "api/client/servers/1a2b3c4d", nil)); err != nil {
		t.Error(err)
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the redirect was followed, with Authorization %q", r.Header.Get("Authorization"))
	}))
	t.Cleanup(elsewhere.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		c := panel(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+"/login?token=secret", status)
		})
		err := None(do(t.Context(), c, "GET", "api/client", nil))
		e := asError(t, err)
		if !errors.Is(err, ErrRedirect) || e.StatusCode != status {
			t.Errorf("err = %v, want a redirect with %d", err, status)
		}
		if !strings.Contains(err.Error(), elsewhere.URL+"/login") || strings.Contains(err.Error(), "secret") {
			t.Errorf("err = %v, want the place without its query", err)
		}
	}
}

func TestCallersHTTPClientIsUntouched(t *testing.T) {
	t.Parallel()
	jar := &countingJar{}
	theirs := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
	before := *theirs
	c := panel(t, func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "pterodactyl_session", Value: "x"})
		http.Redirect(w, r, "/auth/login", http.StatusFound)
	}, with(func(cfg *Config) { cfg.HTTPClient = theirs }))
	if err := None(do(t.Context(), c, "GET", "api/client", nil)); !errors.Is(err, ErrRedirect) {
		t.Errorf("err = %v, want a redirect", err)
	}
	if theirs.Jar != before.Jar || theirs.Transport != before.Transport || theirs.Timeout != before.Timeout {
		t.Error("the caller's http.Client was changed")
	}
	if jar.uses != 0 {
		t.Error("the cookie jar was used")
	}
}

type countingJar struct {
	http.CookieJar
	uses int
}

func (j *countingJar) SetCookies(*url.URL, []*http.Cookie)    { j.uses++ }
func (j *countingJar) Cookies(*url.URL) (none []*http.Cookie) { j.uses++; return nil }

func TestIdentifiersAreRefused(t *testing.T) {
	t.Parallel()
	c := panel(t, func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s was sent", r.Method, r.URL)
	})
	for _, id := range []string{"", ".", "..", "a/b", `a\b`, "/", "a\nb", "a\x7fb"} {
		// The generated client escapes the identifier and resolves the path.
		path := strings.ReplaceAll(id, "/", "%2F")
		path = strings.NewReplacer("\n", "%0A", "\x7f", "%7F", `\`, "%5C").Replace(path)
		err := None(do(t.Context(), c, "GET", "api/client/servers/"+path, nil, ID("server", id)))
		var e *ArgumentError
		if !errors.As(err, &e) || e.Argument != "server" || !errors.Is(err, ErrArgument) {
			t.Errorf("id %q: err = %v, want an *ArgumentError about server", id, err)
		}
	}
	for _, id := range []int{0, -1} {
		if err := None(do(t.Context(), c, "GET", "api/application/nodes/1", nil, ID("node", id))); !errors.Is(err, ErrArgument) {
			t.Errorf("id %d: err = %v, want ErrArgument", id, err)
		}
	}
}

// Without the check of the identifier, the core still knows every path there
// is, and sends nothing to another.
func TestUnknownPathsAreRefused(t *testing.T) {
	t.Parallel()
	c := panel(t, func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s was sent", r.Method, r.URL)
	})
	for _, path := range []string{
		"api/application/servers/5/databases", // DELETE with an empty database id: deletes the server
		"api/application/servers/5/databases/",
		"api/application/servers", "auth/login", "",
	} {
		if err := None(do(t.Context(), c, "DELETE", path, nil)); !errors.Is(err, ErrArgument) {
			t.Errorf("%s: err = %v, want ErrArgument", path, err)
		}
	}
}

func TestOtherHostsAreRefused(t *testing.T) {
	t.Parallel()
	c := newCore(t, "https://panel.example.org")
	req, _ := http.NewRequestWithContext(t.Context(), "GET", "https://evil.example.org/api/client", nil)
	if err := c.Edit(t.Context(), req); err == nil || req.Header.Get("Authorization") != "" {
		t.Errorf("err = %v, Authorization = %q; want a refusal", err, req.Header.Get("Authorization"))
	}
}

func TestNewChecksURLAndKey(t *testing.T) {
	t.Parallel()
	urls := map[string]string{ // "" means refused
		"https://panel.example.org":       "https://panel.example.org/",
		"https://panel.example.org/":      "https://panel.example.org/",
		"http://[::1]:8080/sub/path//":    "http://[::1]:8080/sub/path/",
		"https://panel.example.org/a b":   "https://panel.example.org/a%20b/",
		"":                                "",
		"panel.example.org":               "",
		"ftp://panel.example.org":         "",
		"https://":                        "",
		"https://:443":                    "",
		"https://u:hunter2@example.org":   "",
		"https://panel.example.org?x=y":   "",
		"https://panel.example.org#top":   "",
		"https://panel.example.org/api":   "",
		"https://example.org/api/client/": "",
		"https://example.org:port":        "",
		"https://exa mple.org/\x7f":       "",

		"https://example.org/a/./b":   "",
		"https://example.org/.":       "",
		"https://example.org/..":      "",
		"https://example.org/a/../b":  "",
		"https://example.org/%2e%2e/": "",
		"https://example.org/a%2Fb":   "",
		"https://example.org//a":      "",
		"https://example.org/a//b":    "",
		`https://example.org/a\b`:     "",
		"https://example.org/a%0Ab":   "",
		"https://example.org:":        "",
		"https://example.org:/panel":  "",
		"https://[::1]:":              "",
		"https://example.org:0":       "",
		"https://example.org:65536":   "",
		"HTTPS://Panel.example.org":   "https://Panel.example.org/",
		"https://example.org:65535/ü": "https://example.org:65535/%C3%BC/",
		"https://example.org/...":     "https://example.org/.../",
	}
	for in, want := range urls {
		c, err := New[option](testRoutes, in, testKey, nil)
		switch {
		case want == "" && err == nil:
			t.Errorf("New(%q) took it, want a refusal", in)
		case want == "" && strings.Contains(err.Error(), "hunter2"):
			t.Errorf("New(%q): the error holds the password: %v", in, err)
		case want != "" && (err != nil || c.Server() != want):
			t.Errorf("New(%q) = %v, %v; want %s", in, c, err, want)
		}
	}
	for _, key := range []string{"", "ptlc_ab\nX-Evil: 1", "ptlc_ab cd", "ptlc_é", " ptlc_ab"} {
		if _, err := New[option](testRoutes, "https://panel.example.org", key, nil); err == nil {
			t.Errorf("the key %q was taken", key)
		} else if key != "" && strings.Contains(err.Error(), key) {
			t.Errorf("the error repeats the key: %v", err)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	for endpoint, want := range map[string]string{
		"GET api/client":                           "listServers",
		"GET api/client/servers/abc":               "getServer",
		"GET api/client/servers/":                  "getServer", // for the error's sake
		"GET api/application/nodes/deployable":     "listDeployable",
		"GET api/application/nodes/7":              "getNode",
		"GET api/application/users/external/x%2Fy": "getUserByExternalID",
		"DELETE api/application/servers/5":         "deleteServer",
		"DELETE api/application/servers/5/force":   "forceDeleteServer",
		"DELETE api/application/servers/5/x":       "",
		"POST api/client":                          "",
		"GET api/client/servers/abc/def":           "",
	} {
		method, path, _ := strings.Cut(endpoint, " ")
		got := ""
		if operation := testRoutes.Find(method, path); operation != nil {
			got = operation.ID
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", endpoint, got, want)
		}
	}
}
