package site_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/cmd/panelsim/site"
)

// serve returns the site, before a handler that answers with 418.
func serve() http.Handler {
	try := func() site.Try {
		return site.Try{Node: "http://node.example:8081", ClientKey: "ptlc_key", Examples: map[string]any{"ClientServer": "1a2b3c4d"}}
	}
	return site.Handler(try, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
}

func get(t *testing.T, method, path, encoding string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	req.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	serve().ServeHTTP(w, req)
	return w
}

func body(t *testing.T, from io.Reader) []byte {
	t.Helper()
	content, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestSiteIsServed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		method, path string
		status       int
		contentType  string
		contains     string
	}{
		{http.MethodGet, "/docs/", 200, "text/html; charset=utf-8", "API, documented"},
		{http.MethodGet, "/docs/index.html", 200, "text/html; charset=utf-8", "API, documented"},
		{http.MethodGet, "/docs/guides/console-for-days.html", 200, "text/html; charset=utf-8", `href="../index.html"`},
		{http.MethodGet, "/docs/site.css", 200, "text/css; charset=utf-8", "--accent"},
		{http.MethodGet, "/docs/scalar.js", 200, "text/javascript; charset=utf-8", "createApiReference"},
		{http.MethodGet, "/docs/icon.svg", 200, "image/svg+xml", "<svg"},
		{http.MethodGet, "/docs/asyncapi.yaml", 200, "text/plain; charset=utf-8", "asyncapi: 3.0.0"},
		{http.MethodGet, "/docs/licenses.txt", 200, "text/plain; charset=utf-8", "@scalar/api-reference"},
		{http.MethodGet, "/docs/try.json", 200, "application/json", `"clientKey":"ptlc_key"`},
		{http.MethodGet, "/docs/nothing.html", 404, "text/html; charset=utf-8", "Not found"},
		{http.MethodGet, "/docs/../site.go", 404, "text/html; charset=utf-8", "Not found"},
		{http.MethodHead, "/docs/", 200, "text/html; charset=utf-8", ""},
		{http.MethodPost, "/docs/", 405, "text/plain; charset=utf-8", "only be read"},
		{http.MethodGet, "/docs", 301, "text/html; charset=utf-8", `"/docs/"`},
		{http.MethodGet, "/documents", 418, "", ""},
		{http.MethodGet, "/api/client", 418, "", ""},
	} {
		for _, encoding := range []string{"", "gzip, deflate, br"} {
			resp := get(t, test.method, test.path, encoding)
			content := body(t, resp.Body)
			if resp.Header().Get("Content-Encoding") == "gzip" && test.method != http.MethodHead {
				if encoding == "" {
					t.Errorf("%s is compressed, which was not asked for", test.path)
				}
				unpacked, err := gzip.NewReader(bytes.NewReader(content))
				if err != nil {
					t.Fatal(err)
				}
				content = body(t, unpacked)
			}
			if resp.Code != test.status || resp.Header().Get("Content-Type") != test.contentType || !bytes.Contains(content, []byte(test.contains)) {
				t.Errorf("%s %s: %d, %q, %d bytes; want %d, %q, with %q", test.method, test.path, resp.Code, resp.Header().Get("Content-Type"), len(content),
					test.status, test.contentType, test.contains)
			}
			if test.method == http.MethodHead && len(content) > 0 {
				t.Errorf("HEAD %s has a body", test.path)
			}
		}
	}
}

func TestSiteUsesItselfAlone(t *testing.T) {
	t.Parallel()
	policy := get(t, http.MethodGet, "/docs/reference.html", "").Header().Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none';", "script-src 'self';", "connect-src 'self' http://node.example:8081;", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, part) {
			t.Errorf("the policy %q has no %s", policy, part)
		}
	}
}

// The contracts inside are those of the repository; .ci/run holds all of the site
// against a fresh one.
func TestContractsAreCurrent(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"ptero.openapi.json", "pelican.openapi.json"} {
		current, err := os.ReadFile("../../../api/" + name)
		if err != nil {
			t.Fatal(err)
		}
		var a, b any
		if err := json.Unmarshal(current, &a); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(body(t, get(t, http.MethodGet, "/docs/"+name, "").Body), &b); err != nil {
			t.Fatal(err)
		}
		want, errWant := json.Marshal(a)
		got, errGot := json.Marshal(b)
		if errWant != nil || errGot != nil || !bytes.Equal(want, got) {
			t.Errorf("the site has another %s: run make site (%v, %v)", name, errWant, errGot)
		}
	}
}
