// Package page is the front page of panelsim, for people with a browser:
// accounts and keys to copy, the servers with their last lines, the last
// requests and, where faults may be caused, buttons for them.
//
// What the page shows is a [State], which is also served as JSON:
//
//	GET /panelsim/state    the whole State
//	GET /panelsim/events   the same as it changes, as server-sent events
//
// Each event is named after a member of State ("panel", "accounts", "nodes",
// "servers", "requests", "pending") and carries that member. All six come when
// the stream begins, then those that changed, at most five times a second.
//
// The buttons send the requests of paneltest's control method, POST /control/…,
// which the page leaves to the Panel.
package page

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"io/fs"
	"net/http"
	"strings"
	"time"
)

// World is what the page shows.
//
// Its methods are called by several goroutines at once.
type World interface {
	// State returns what there is now. The page may change what it gets.
	State() State

	// Changes returns a channel that receives a value after State changed.
	// Several changes may be one value, which waits if nobody receives it yet.
	// Nothing comes once the context has ended.
	Changes(ctx context.Context) <-chan struct{}
}

// How much the page shows. A World may leave out what is beyond it.
const (
	MaxServers  = 60
	MaxLines    = 40  // of each server
	MaxRequests = 100 // the last ones
)

// State is all that the page shows.
type State struct {
	Panel    Panel     `json:"panel"`
	Accounts []Account `json:"accounts"`
	Nodes    []Node    `json:"nodes"`
	Servers  []Server  `json:"servers"`

	// Requests are those to the Panel, the latest last.
	Requests []Request `json:"requests"`

	// Pending are the faults that wait for requests, the next one first.
	Pending []Pending `json:"pending"`
}

// Panel says what is running.
type Panel struct {
	URL     string `json:"url"`     // without a slash at its end
	Version string `json:"version"` // such as 1.12.3, or pelican

	// Control reports whether the page may cause faults.
	Control bool `json:"control"`

	// Operations are the operationIds that a fault may be meant for.
	Operations []string `json:"operations"`

	// Servers counts the servers; the page shows at most [MaxServers].
	Servers int `json:"servers"`
}

// Account is a person's account, with its keys.
type Account struct {
	Username string `json:"username"`
	Email    string `json:"email"`
	Password string `json:"password"`
	Admin    bool   `json:"admin"`
	Keys     []Key  `json:"keys"`
}

// Key is an API key.
type Key struct {
	Name string `json:"name"` // what panelsim calls it: user, application
	Kind string `json:"kind"` // client or application
	Key  string `json:"key"`
}

// Node is a machine with a Wings.
type Node struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
	URL  string `json:"url"`
	Up   bool   `json:"up"` // whether its Wings answers
}

// Server is a game server.
type Server struct {
	Identifier string `json:"identifier"` // the first eight characters of its UUID
	Name       string `json:"name"`
	Owner      string `json:"owner"` // a username
	Node       string `json:"node"`  // a node's name

	// Power is offline, starting, running or stopping.
	Power string `json:"power"`

	// Status is what keeps the server from being used, such as installing or
	// suspended, empty for nothing.
	Status string `json:"status"`

	// Lines are the last ones of the console, the latest last, with their
	// colors as ANSI sequences. Printed counts all lines so far.
	Lines   []string `json:"lines"`
	Printed int      `json:"printed"`
}

// Request is a request that the Panel was asked.
type Request struct {
	Number    int       `json:"number"` // counted from 1
	Time      time.Time `json:"time"`
	Method    string    `json:"method"`
	Path      string    `json:"path"`      // with the query
	Operation string    `json:"operation"` // empty for none
	Key       string    `json:"key"`       // the name of a [Key], empty for none

	// Status is that of the answer, 0 if the connection ended without one.
	Status int `json:"status"`

	// Milliseconds is how long the answer took.
	Milliseconds float64 `json:"ms"`

	// Fault is what struck the request, by its name, empty for nothing.
	Fault string `json:"fault"`
}

// Pending is a fault that waits for requests.
type Pending struct {
	Operation string   `json:"operation"` // empty for any
	Times     int      `json:"times"`
	Faults    []string `json:"faults"`
}

const prefix = "/panelsim/"

//go:embed assets
var assets embed.FS

// Handler serves the page at /panelsim/, and at / to browsers, and what it needs
// below /panelsim/. It leaves every other request to next, as it came.
func Handler(world World, next http.Handler) http.Handler {
	files, err := fs.Sub(assets, "assets")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	servePage := func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, "page.html") }
	own := http.NewServeMux()
	own.HandleFunc("GET "+prefix+"{$}", servePage)
	own.Handle("GET "+prefix, http.StripPrefix(prefix, http.FileServerFS(files)))
	own.HandleFunc("GET "+prefix+"state", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(shown(world)) // the browser may be gone
	})
	own.HandleFunc("GET "+prefix+"events", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		control := http.NewResponseController(w)
		stream(r.Context(), world, func(message []byte) error {
			if _, err := w.Write(message); err != nil {
				return err
			}
			return control.Flush()
		})
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/" && r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html"):
			secure(w.Header())
			servePage(w, r)
		case strings.HasPrefix(r.URL.Path, prefix):
			secure(w.Header())
			own.ServeHTTP(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// secure lets the page use nothing but itself: what it shows comes from clients.
func secure(header http.Header) {
	header.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "+
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", "no-cache")
}

// shown returns what of a World the page shows, with empty lists for missing
// ones.
func shown(world World) State {
	state := world.State()
	state.Panel.Servers = max(state.Panel.Servers, len(state.Servers))
	state.Panel.Operations = list(state.Panel.Operations)
	state.Accounts, state.Nodes, state.Pending = list(state.Accounts), list(state.Nodes), list(state.Pending)
	state.Servers = list(state.Servers[:min(len(state.Servers), MaxServers)])
	for i := range state.Servers {
		state.Servers[i].Lines = list(last(state.Servers[i].Lines, MaxLines))
	}
	state.Requests = list(last(state.Requests, MaxRequests))
	return state
}

func list[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}

func last[T any](all []T, n int) []T { return all[max(0, len(all)-n):] }

const (
	// pace is the least time between two batches of events.
	pace = 200 * time.Millisecond

	// heartbeat is how often something is sent even if nothing changes, so
	// that a dead connection is noticed.
	heartbeat = 15 * time.Second
)

// stream sends the state as server-sent events, until the context or the
// connection ends.
func stream(ctx context.Context, world World, send func(message []byte) error) {
	sent := make(map[string][]byte)
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	changes := world.Changes(ctx)
	if send([]byte("retry: 1000\n\n")) != nil {
		return
	}
	for {
		if message := news(shown(world), sent); len(message) > 0 && send(message) != nil {
			return
		}
		select {
		case <-time.After(pace):
		case <-ctx.Done():
			return
		}
		for waiting := true; waiting; {
			select {
			case _, open := <-changes:
				if !open {
					return
				}
				waiting = false
			case <-beat.C:
				if send([]byte(": nothing new\n\n")) != nil {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

// news returns events for the members of a state that are not as they were sent.
func news(state State, sent map[string][]byte) []byte {
	var message bytes.Buffer
	for _, member := range []struct {
		name  string
		value any
	}{
		{"panel", state.Panel},
		{"accounts", state.Accounts},
		{"nodes", state.Nodes},
		{"servers", state.Servers},
		{"requests", state.Requests},
		{"pending", state.Pending},
	} {
		data, err := json.Marshal(member.value)
		if err != nil || bytes.Equal(data, sent[member.name]) {
			continue // plain values can always be marshalled
		}
		sent[member.name] = data
		message.WriteString("event: " + member.name + "\ndata: ")
		message.Write(data) // without line breaks
		message.WriteString("\n\n")
	}
	return message.Bytes()
}
