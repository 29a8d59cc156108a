package rest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

// A request to an endpoint that nobody knows gets what every other call gets.
func TestRequest(t *testing.T) {
	t.Parallel()
	var came []string
	c := panel(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		came = append(came, strings.TrimSpace(r.Method+" "+r.URL.RequestURI()+" "+r.Header.Get("Content-Type")+" "+string(body)))
		if r.Header.Get("Authorization") != "Bearer "+testKey || r.Header.Get("Accept") != "application/json" {
			t.Errorf("headers %v", r.Header)
		}
		_, _ = io.WriteString(w, `{"data":{"votes":7}}`)
	})
	var got struct {
		Data struct{ Votes int }
	}
	if err := c.Request(t.Context(), "GET", "/api/client/extensions/votes?server=a%20b&x=1", nil, &got); err != nil || got.Data.Votes != 7 {
		t.Errorf("%+v, %v", got, err)
	}
	var raw json.RawMessage
	if err := c.Request(t.Context(), "POST", "/api/client/extensions/votes", map[string]int{"n": 1}, &raw); err != nil || string(raw) != `{"data":{"votes":7}}` {
		t.Errorf("%s, %v", raw, err)
	}
	if err := c.Request(t.Context(), "DELETE", "/api/client/extensions/votes/a%2Fb", nil, nil); err != nil {
		t.Error(err)
	}
	want := []string{
		"GET /api/client/extensions/votes?server=a%20b&x=1", `POST /api/client/extensions/votes application/json {"n":1}`,
		"DELETE /api/client/extensions/votes/a%2Fb",
	}
	if strings.Join(came, "\n") != strings.Join(want, "\n") {
		t.Errorf("came %q", came)
	}
}

func TestRequestRefuses(t *testing.T) {
	t.Parallel()
	c := panel(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s %s was sent", r.Method, r.URL) })
	var answer map[string]any
	for name, tt := range map[string]struct {
		method, path string
		body, answer any
		argument     string
	}{
		"no method":       {"", "/api/client/x", nil, nil, "method"},
		"odd method":      {"GET X", "/api/client/x", nil, nil, "method"},
		"no path":         {"GET", "", nil, nil, "path"},
		"elsewhere":       {"GET", "https://evil.example.org/api/client/x", nil, nil, "path"},
		"another host":    {"GET", "//evil.example.org/api/client/x", nil, nil, "path"},
		"not the API":     {"GET", "/auth/login", nil, nil, "path"},
		"relative":        {"GET", "api/client/x", nil, nil, "path"},
		"above":           {"GET", "/api/../auth/login", nil, nil, "path"},
		"above, escaped":  {"GET", "/api/client/%2e%2e/x", nil, nil, "path"},
		"here":            {"GET", "/api/client/./x", nil, nil, "path"},
		"empty segment":   {"DELETE", "/api/application/servers/5/databases/", nil, nil, "path"},
		"two slashes":     {"DELETE", "/api/application//servers/5", nil, nil, "path"},
		"fragment":        {"GET", "/api/client/x#y", nil, nil, "path"},
		"empty fragment":  {"GET", "/api/client/x#", nil, nil, "path"},
		"line break":      {"GET", "/api/client/x%0Ay", nil, nil, "path"},
		"bad escape":      {"GET", "/api/client/%zz", nil, nil, "path"},
		"no pointer":      {"GET", "/api/client/x", nil, answer, "answer"},
		"nil pointer":     {"GET", "/api/client/x", nil, (*int)(nil), "answer"},
		"body of no JSON": {"POST", "/api/client/x", make(chan int), nil, "body"},
		"no UTF-8":        {"POST", "/api/client/x", map[string]string{"a": "\xff"}, nil, "a"},
	} {
		err := c.Request(t.Context(), tt.method, tt.path, tt.body, tt.answer)
		var e *ArgumentError
		if !errors.As(err, &e) || e.Argument != tt.argument || e.Operation != "do" {
			t.Errorf("%s: err = %v, want an *ArgumentError about %s", name, err, tt.argument)
		}
	}
}

// The errors name what was asked for; hooks get to know nothing of it that would
// make many different labels.
func TestErrorsOfRequests(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		target any
		want   string
	}{
		"refused":  {answer(403, "application/json", `{"errors":[{"code":"E","detail":"No."}]}`), nil, "GET /api/client/x/5: 403 Forbidden: No [E]"},
		"page":     {answer(200, "text/html", "<title>Login</title>"), nil, `GET /api/client/x/5: 200 OK: the answer is an HTML page titled "Login"`},
		"no JSON":  {answer(200, "application/json", "{"), new(any), "GET /api/client/x/5: 200 OK: the answer is not valid JSON"},
		"mistyped": {answer(200, "application/json", `{"name":[]}`), new(thing), "does not fit at name: a JSON array stands where a string belongs"},
		"nothing":  {answer(204, "", ""), new(thing), "the body of the answer is empty"},
	} {
		var call Call
		c := panel(t, tt.answer, withoutRetries(), with(func(cfg *Config) {
			cfg.Middleware = []Middleware{func(next Sender) Sender {
				return func(req *http.Request, c Call) (*http.Response, error) {
					call = c
					return next(req, c)
				}
			}}
		}))
		err := c.Request(t.Context(), "GET", "/api/client/x/5?secret=hush", nil, tt.target)
		if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), "/panel", ""), tt.want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: err = %v, want %q", name, err, tt.want)
		}
		if want := (Call{API: "client", Operation: "do", Method: "GET", Path: "/api/client/*", Attempt: 1}); call != want {
			t.Errorf("%s: call = %+v", name, call)
		}
		if e := asError(t, err); e.Operation != "do" || e.Method != "GET" || !strings.HasSuffix(e.Path, "/api/client/x/5") {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

// What may arrive twice is known of a GET, and of what the document says so.
func TestRequestsSentAgain(t *testing.T) {
	t.Parallel()
	for endpoint, want := range map[string]int{
		"GET /api/client/x":                       2,
		"DELETE /api/client/x":                    1,
		"PUT /api/client/x":                       1,
		"POST /api/client/x":                      1,
		"POST /api/client/servers/abc/command":    1,
		"POST /api/client/servers/abc/folder":     2, // one of the document's
		"PUT /api/client/servers/abc/image":       2,
		"PATCH /api/application/extensions/thing": 1,
	} {
		synctest.Test(t, func(t *testing.T) {
			transport := &script{steps: []func(*http.Request) (*http.Response, error){broken(errReset), status(204)}}
			c := newCore(t, "https://panel.example.org", withTransport(transport))
			method, path, _ := strings.Cut(endpoint, " ")
			err := c.Request(t.Context(), method, path, map[string]string{"a": "b"}, nil)
			if len(transport.sent) != want || (err == nil) != (want == 2) {
				t.Errorf("%s: sent %d times, %v; want %d", endpoint, len(transport.sent), err, want)
			}
		})
	}
	// A refusal is waited out for all.
	synctest.Test(t, func(t *testing.T) {
		transport := &script{steps: []func(*http.Request) (*http.Response, error){status(429, "Retry-After", "1"), status(204)}}
		c := newCore(t, "https://panel.example.org", withTransport(transport))
		if err := c.Request(t.Context(), "POST", "/api/client/x", nil, nil); err != nil || len(transport.sent) != 2 {
			t.Errorf("%v, sent %d times", err, len(transport.sent))
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := newCore(t, "https://panel.example.org").Request(ctx, "GET", "/api/client/x", nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
}
