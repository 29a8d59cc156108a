package page_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/cmd/panelsim/page"
)

// get asks a server, and returns the body of a good answer.
func get(t *testing.T, server *httptest.Server, path string, header http.Header) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if header != nil {
		req.Header = header
	}
	resp, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestStateAsJSON(t *testing.T) {
	t.Parallel()
	world, server := newSampleWorld(t, true)
	var state page.State
	text := get(t, server, "/panelsim/state", nil)
	if err := json.Unmarshal([]byte(text), &state); err != nil || len(state.Servers) != 4 || state.Panel.Servers != 4 ||
		state.Accounts[1].Keys[1].Key != sampleAppKey {
		t.Errorf("%s, %v", text, err)
	}
	world.change(func(s *page.State) { *s = page.State{} })
	want := `{"panel":{"url":"","version":"","control":false,"operations":[],"servers":0},"accounts":[],"nodes":[],"servers":[],"requests":[],"pending":[]}`
	if text := get(t, server, "/panelsim/state", nil); strings.TrimSpace(text) != want {
		t.Errorf("nothing is %s, want %s", text, want)
	}
}

func TestStateIsBounded(t *testing.T) {
	t.Parallel()
	world, server := newSampleWorld(t, true)
	world.change(func(s *page.State) {
		for i := range 1000 {
			s.Servers = append(s.Servers, page.Server{Name: "many"})
			s.Servers[0].Lines = append(s.Servers[0].Lines, strings.Repeat("x", i))
			s.Requests = append(s.Requests, page.Request{Number: i + 1})
		}
	})
	var state page.State
	if err := json.Unmarshal([]byte(get(t, server, "/panelsim/state", nil)), &state); err != nil {
		t.Fatal(err)
	}
	if len(state.Servers) != page.MaxServers || state.Panel.Servers != 1004 || state.Servers[0].Name != "lobby" {
		t.Errorf("%d of %d servers, the first is %s", len(state.Servers), state.Panel.Servers, state.Servers[0].Name)
	}
	if lines := state.Servers[0].Lines; len(lines) != page.MaxLines || len(lines[page.MaxLines-1]) != 999 {
		t.Errorf("%d lines", len(lines))
	}
	if len(state.Requests) != page.MaxRequests || state.Requests[page.MaxRequests-1].Number != 1000 {
		t.Errorf("%d requests", len(state.Requests))
	}
}

// What is not the page's goes to the Panel, byte for byte.
func TestOthersAreLeftToThePanel(t *testing.T) {
	t.Parallel()
	browser := http.Header{"Accept": {"text/html,application/xhtml+xml,*/*;q=0.8"}}
	handler := page.Handler(&sampleWorld{}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "panel "+r.Method+" "+r.URL.RequestURI())
	}))
	for _, test := range []struct {
		method, target string
		header         http.Header
		status         int
		want           string // the beginning
	}{
		{"GET", "/", browser, 200, "<!doctype html>"},
		{"GET", "/panelsim/", nil, 200, "<!doctype html>"},
		{"GET", "/panelsim/page.js", nil, 200, "// What the page shows"},
		{"GET", "/panelsim/page.css", nil, 200, ":root"},
		{"GET", "/panelsim/icon.svg", nil, 200, "<svg"},
		{"GET", "/panelsim/page.go", nil, 404, "404"},
		{"POST", "/panelsim/state", nil, 405, "Method Not Allowed"},
		{"GET", "/", nil, 200, "panel GET /"},
		{"GET", "/", http.Header{"Accept": {"application/json"}}, 200, "panel GET /"},
		{"POST", "/", browser, 200, "panel POST /"},
		{"GET", "/auth/login", browser, 200, "panel GET /auth/login"},
		{"GET", "/panelsim", browser, 200, "panel GET /panelsim"},
		{"GET", "/api/client//servers/../x?a=%2F", browser, 200, "panel GET /api/client//servers/../x?a=%2F"},
	} {
		r := httptest.NewRequest(test.method, test.target, nil)
		r.Header = test.header
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != test.status || !strings.HasPrefix(w.Body.String(), test.want) {
			t.Errorf("%s %s: %d %.60q, want %d %q", test.method, test.target, w.Code, w.Body, test.status, test.want)
		}
		isPanels := strings.HasPrefix(test.want, "panel")
		if policy := w.Header().Get("Content-Security-Policy"); strings.Contains(policy, "default-src 'none'") == isPanels {
			t.Errorf("%s %s: the policy is %q", test.method, test.target, policy)
		}
	}
}
