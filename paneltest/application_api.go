package paneltest

import (
	"net/http"

	"github.com/ptero-go/ptero/internal/panelapi/applicationserver"
	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

// applicationAPI serves the Application API.
type applicationAPI struct{ *core }

var _ applicationserver.ServerInterface = applicationAPI{}

// serveApplication makes a Panel serve the Application API.
func serveApplication(p *core) {
	api := applicationAPI{p}
	applicationserver.HandlerWithOptions(api, applicationserver.StdHTTPServerOptions{BaseRouter: p.router, ErrorHandlerFunc: p.missing})
	// Whatever stands behind the number of a server, DELETE deletes it.
	p.router.HandleFunc("DELETE /api/application/servers/{server}/{anything}", api.deleteServerBySlip)
}

// What the rights of an application key are about.
const (
	rightUsers         = "users"
	rightNodes         = "nodes"
	rightAllocations   = "allocations"
	rightLocations     = "locations"
	rightNests         = "nests"
	rightEggs          = "eggs"
	rightServers       = "servers"
	rightDatabases     = "databases"
	rightDatabaseHosts = "database_hosts"
)

// applicationCall is a request to the Application API.
type applicationCall struct{ *call }

// do runs the handler of an operation, and answers.
func (a applicationAPI) do(w http.ResponseWriter, r *http.Request, handle func(*applicationCall) (*laravel.Answer, error)) {
	a.core.do(w, r, func(c *call) (*laravel.Answer, error) { return handle(&applicationCall{c}) })
}

// has tells that the key of a request may read, or write, something. Client keys
// of administrators may do all.
func (c *applicationCall) has(right string, write bool) bool {
	if c.key.kind == clientKey || c.key.rights == nil {
		return true
	}
	granted := c.key.rights[right]
	return granted == "write" || granted == "read" && !write
}

// on runs the handler of an operation about something, if the key may. The
// thing itself is looked for before that: find returns nil if it is not there.
func on[T any](a applicationAPI, w http.ResponseWriter, r *http.Request, right string, find func(*state) *T, handle func(*applicationCall, *T) (*laravel.Answer, error)) {
	a.do(w, r, func(c *applicationCall) (*laravel.Answer, error) {
		var found *T
		if find != nil {
			if found = find(c.state); found == nil {
				return nil, laravel.ErrNotFound
			}
		}
		if !c.has(right, r.Method != http.MethodGet && r.Method != http.MethodHead) {
			return nil, laravel.ErrUnauthorized
		}
		return handle(c, found)
	})
}

// onAll is on for operations that are about no single thing.
func (a applicationAPI) onAll(w http.ResponseWriter, r *http.Request, right string, handle func(*applicationCall) (*laravel.Answer, error)) {
	on(a, w, r, right, nil, func(c *applicationCall, _ *struct{}) (*laravel.Answer, error) { return handle(c) })
}

// byID finds a row of a table.
func byID[T any](of func(*state) *table[T], id int) func(*state) *T {
	return func(s *state) *T { return of(s).get(id) }
}

func usersOf(s *state) *table[user]             { return &s.users }
func nodesOf(s *state) *table[node]             { return &s.nodes }
func locationsOf(s *state) *table[location]     { return &s.locations }
func nestsOf(s *state) *table[nest]             { return &s.nests }
func serversOf(s *state) *table[server]         { return &s.servers }
func databasesOf(s *state) *table[database]     { return &s.databases }
func allocationsOf(s *state) *table[allocation] { return &s.allocations }

// created is the answer to a request that made something.
func (c *applicationCall) created(document laravel.Object, path string) (*laravel.Answer, error) {
	document["meta"] = laravel.Object{"resource": c.url + "/api/application/" + path}
	return &laravel.Answer{Status: http.StatusCreated, Body: document}, nil
}

// relation is something that may be included.
type relation struct {
	right string
	show  func(laravel.Relations) any
}

// relate adds the relations to an item that are asked for. What the key may not
// read is null.
func (c *applicationCall) relate(document laravel.Object, included laravel.Relations, known map[string]relation) laravel.Object {
	related := make(laravel.Object)
	for name, deeper := range included {
		r, exists := known[name]
		switch {
		case !exists:
		case r.right != "" && !c.has(r.right, false):
			related[name] = laravel.NullResource
		default:
			related[name] = r.show(deeper)
		}
	}
	if len(related) > 0 {
		document["attributes"].(laravel.Object)["relationships"] = related //nolint:forcetypeassert // all items have them
	}
	return document
}

// shown makes a relation of one thing.
func shown[T any](right string, row *T, show func(*T, laravel.Relations) laravel.Object) relation {
	return relation{right, func(deeper laravel.Relations) any {
		if row == nil {
			return laravel.NullResource
		}
		return show(row, deeper)
	}}
}

// listedAs makes a relation of several things, which are looked for when they are
// asked for.
func listedAs[T any](right string, rows func() []*T, show func(*T, laravel.Relations) laravel.Object) relation {
	return relation{right, func(deeper laravel.Relations) any {
		return laravel.ListOf(rows(), func(row *T) laravel.Object { return show(row, deeper) })
	}}
}

// applicationPages is how the lists of the Application API are cut.
var applicationPages = laravel.Paging{Size: 50, Strict: true}
