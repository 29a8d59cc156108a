package page_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ptero-go/ptero/cmd/panelsim/page"
	"github.com/ptero-go/ptero/gen/clientapi"
	"github.com/ptero-go/ptero/internal/rest"
	"github.com/ptero-go/ptero/paneltest"
)

// sampleWorld is a World whose servers are made up, before a Panel that really
// answers and fails.
type sampleWorld struct {
	mu      sync.Mutex
	state   page.State
	changes []chan struct{}
}

const (
	sampleUserKey  = "ptlc_Jf2kQ8vRz1mB4xTn7wYc5sGh9dLpAe3uKi6oVbXq0Wt"
	sampleAdminKey = "ptlc_Zr4nH7bM1yWs9kQe3vXf6tJa8cGp2uLd5oRiBh0mTxV"
	sampleAppKey   = "ptla_Dq6tV1hXz8mC3nKw5yRb9fJs2aLg7pEu4oTiGk0vBxM"
)

// newSampleWorld returns a World and a server that shows it.
func newSampleWorld(t *testing.T, control bool) (*sampleWorld, *httptest.Server) {
	t.Helper()
	seed := paneltest.DefaultSeed()
	seed.Users[0].Keys[0].Key, seed.Users[0].Keys[1].Key = sampleAdminKey, sampleAppKey
	seed.Users[1].Keys = []paneltest.SeedKey{{Key: sampleUserKey}}
	options := []paneltest.Option{paneltest.WithSeed(seed)}
	if control {
		options = append(options, paneltest.WithControl())
	}
	panel, err := paneltest.New(options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(panel.Close)
	world := &sampleWorld{state: sampleState(control)}
	address, err := url.Parse(panel.URL)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(page.Handler(world, world.watch(httputil.NewSingleHostReverseProxy(address))))
	t.Cleanup(func() {
		server.CloseClientConnections() // a page may still listen
		server.Close()
	})
	return world, server
}

func sampleState(control bool) page.State {
	var operations []string
	for _, operation := range clientapi.Operations() {
		operations = append(operations, operation.ID)
	}
	server := func(id, name, owner, node, power, status string, lines ...string) page.Server {
		return page.Server{Identifier: id, Name: name, Owner: owner, Node: node, Power: power, Status: status, Lines: lines, Printed: len(lines)}
	}
	daemon := "\x1b[33m\x1b[1m[Pterodactyl Daemon]:\x1b[39m "
	return page.State{
		Panel: page.Panel{URL: "http://127.0.0.1:8080", Version: "1.12.3", Control: control, Operations: operations},
		Accounts: []page.Account{
			{Username: "user", Email: "user@example.org", Password: "password", Keys: []page.Key{{Name: "user", Kind: "client", Key: sampleUserKey}}},
			{Username: "admin", Email: "admin@example.org", Password: "password", Admin: true, Keys: []page.Key{
				{Name: "admin", Kind: "client", Key: sampleAdminKey}, {Name: "application", Kind: "application", Key: sampleAppKey},
			}},
		},
		Nodes: []page.Node{
			{ID: 1, Name: "node-1", URL: "http://127.0.0.1:8081", Up: true},
			{ID: 2, Name: "node-2", URL: "http://127.0.0.1:8082", Up: true},
		},
		Servers: []page.Server{
			server("1a2b3c4d", "lobby", "user", "node-1", "running", "",
				daemon+"Server marked as running...\x1b[0m", "Starting the server", "Preparing the world", "Done (0.4s)! For help, type \"help\"",
				"> list", "There are 0 of a max of 20 players online:", "\x1b[31m[warn]\x1b[0m Can't keep up! <b>1200 ms</b> behind"),
			server("5e6f7a8b", "survival", "user", "node-1", "offline", "", daemon+"Server marked as offline...\x1b[0m"),
			server("9c0d1e2f", "proxy", "admin", "node-2", "starting", "", "booting"),
			server("3a4b5c6d", "creative", "user", "node-1", "offline", "suspended"),
		},
	}
}

// change changes the state.
func (w *sampleWorld) change(edit func(*page.State)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	edit(&w.state)
	for _, c := range w.changes {
		select {
		case c <- struct{}{}:
		default: // one is waiting
		}
	}
}

// print adds a line to the console of a server.
func (w *sampleWorld) print(server int, line string) {
	w.change(func(s *page.State) {
		s.Servers[server].Lines = append(s.Servers[server].Lines, line)
		s.Servers[server].Printed++
	})
}

// State implements [page.World].
func (w *sampleWorld) State() page.State {
	w.mu.Lock()
	defer w.mu.Unlock()
	state := w.state
	state.Servers = slices.Clone(state.Servers)
	state.Requests = slices.Clone(state.Requests)
	state.Pending = slices.Clone(state.Pending)
	return state
}

// Changes implements [page.World].
func (w *sampleWorld) Changes(context.Context) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := make(chan struct{}, 1)
	w.changes = append(w.changes, c)
	return c
}

// watch notes what the Panel is asked, and which faults it is told of.
func (w *sampleWorld) watch(panel http.Handler) http.Handler {
	routes := rest.NewRoutes(clientapi.Operations())
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if name, isControl := strings.CutPrefix(r.URL.Path, "/control/"); isControl {
			w.control(name, rw, r, panel)
			return
		}
		begin := time.Now()
		noted := &statusWriter{ResponseWriter: rw}
		panel.ServeHTTP(noted, r)
		request := page.Request{
			Time: begin, Method: r.Method, Path: r.URL.RequestURI(), Status: noted.status,
			Milliseconds: float64(time.Since(begin).Microseconds()) / 1000,
		}
		if operation := routes.Find(r.Method, r.URL.Path); operation != nil {
			request.Operation = operation.ID
		}
		for name, key := range map[string]string{"user": sampleUserKey, "admin": sampleAdminKey, "application": sampleAppKey} {
			if r.Header.Get("Authorization") == "Bearer "+key {
				request.Key = name
			}
		}
		w.change(func(s *page.State) {
			for i, fault := range s.Pending {
				if fault.Operation == "" || fault.Operation == request.Operation {
					request.Fault = strings.Join(fault.Faults, ", ")
					if s.Pending[i].Times--; s.Pending[i].Times == 0 {
						s.Pending = slices.Delete(slices.Clone(s.Pending), i, i+1)
					}
					break
				}
			}
			request.Number = len(s.Requests) + 1
			s.Requests = append(s.Requests, request)
		})
	})
}

// control passes a request of the control method on, and notes what it does.
func (w *sampleWorld) control(name string, rw http.ResponseWriter, r *http.Request, panel http.Handler) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	var order struct {
		page.Pending
		Server string
		Lines  []string
		Node   int
	}
	_ = json.Unmarshal(body, &order) // some have no body
	if order.Server != "" {
		w.change(func(s *page.State) {
			i := slices.IndexFunc(s.Servers, func(s page.Server) bool { return s.Identifier == order.Server })
			switch server := &s.Servers[i]; name {
			case "suspend":
				server.Status, server.Power = "suspended", "offline"
			case "unsuspend":
				server.Status = ""
			case "crash":
				server.Power = "offline"
			case "print":
				server.Lines = append(slices.Clone(server.Lines), order.Lines...)
				server.Printed += len(order.Lines)
			}
		})
		rw.WriteHeader(http.StatusNoContent)
		return
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	noted := &statusWriter{ResponseWriter: rw}
	panel.ServeHTTP(noted, r)
	if noted.status != http.StatusNoContent {
		return
	}
	w.change(func(s *page.State) {
		switch name {
		case "fail":
			s.Pending = append(s.Pending, order.Pending)
		case "stop-node", "start-node":
			s.Nodes = slices.Clone(s.Nodes)
			s.Nodes[order.Node-1].Up = name == "start-node"
		}
	})
}

// statusWriter notes the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements [http.ResponseWriter].
func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}
