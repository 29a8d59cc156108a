package application_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/internal/recorded"
)

// object is a JSON object.
type object = map[string]any

// panel is a Panel that answers as a test says, and remembers what it was asked.
type panel struct {
	mu       sync.Mutex
	requests []string // METHOD path?query
	bodies   map[string][]byte
}

// serve returns a client of a Panel that answers by the handlers, which have
// patterns of [http.ServeMux].
func serve(t *testing.T, handlers map[string]http.HandlerFunc) (*application.Client, *panel) {
	t.Helper()
	return serveFor(t, "ptla_x", handlers)
}

// serveFor is serve with a key, whose beginning says of which kind the Panel is.
func serveFor(t *testing.T, key string, handlers map[string]http.HandlerFunc) (*application.Client, *panel) {
	t.Helper()
	p := &panel{bodies: make(map[string][]byte)}
	mux := http.NewServeMux()
	for pattern, handler := range handlers {
		mux.HandleFunc(pattern, handler)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		p.mu.Lock()
		p.requests = append(p.requests, r.Method+" "+r.URL.RequestURI())
		p.bodies[r.Method] = body
		p.mu.Unlock()
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	c, err := application.New(server.URL, key)
	if err != nil {
		t.Fatal(err)
	}
	return c, p
}

// count tells how often a request was made.
func (p *panel) count(request string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, made := range p.requests {
		if made == request {
			n++
		}
	}
	return n
}

// asked returns the requests in their order.
func (p *panel) asked() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.requests)
}

// sent returns the body of the last request with a method.
func (p *panel) sent(method string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return string(p.bodies[method])
}

// answer sends JSON.
func answer(t *testing.T, body any) http.HandlerFunc {
	t.Helper()
	document, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(document)
	}
}

// replay answers with a recording.
func replay(t *testing.T, name string) http.HandlerFunc {
	t.Helper()
	response := recording(t, name).Response
	return func(w http.ResponseWriter, _ *http.Request) {
		for header, value := range response.Headers {
			w.Header().Set(header, value)
		}
		w.WriteHeader(response.Status)
		_, _ = w.Write(response.Body.Bytes())
	}
}

func recording(t *testing.T, name string) *recorded.Recording {
	t.Helper()
	all, err := recorded.Load()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(r *recorded.Recording) bool { return r.Name == name })
	if i < 0 {
		t.Fatalf("there is no recording %s", name)
	}
	return all[i]
}

// recordedBody returns the body of a recorded answer.
func recordedBody(t *testing.T, name string) object {
	t.Helper()
	var body object
	if err := json.Unmarshal(recording(t, name).Response.Body, &body); err != nil {
		t.Fatal(err)
	}
	return body
}

// in walks down objects and lists.
func in(t *testing.T, value any, path ...any) object {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			value = value.(object)[step]
		case int:
			value = value.([]any)[step]
		}
	}
	found, ok := value.(object)
	if !ok {
		t.Fatalf("there is no object at %v", path)
	}
	return found
}
