package application

import (
	"errors"
	"net/http"

	"github.com/ptero-go/ptero/internal/panelapi/applicationserver"
	"github.com/ptero-go/ptero/internal/panelapi/pelicanapplicationserver"
	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// API serves the Application API.
type API struct{ *panel.Panel }

var (
	_ applicationserver.ServerInterface        = API{}
	_ pelicanapplicationserver.ServerInterface = API{}
)

// Serve makes a Panel serve the Application API.
func Serve(p *panel.Panel) {
	api := API{p}
	applicationserver.HandlerWithOptions(api, applicationserver.StdHTTPServerOptions{BaseRouter: p.Router, ErrorHandlerFunc: p.Missing})
	if p.Version == panel.Pelican {
		pelicanapplicationserver.HandlerWithOptions(api, pelicanapplicationserver.StdHTTPServerOptions{BaseRouter: p.Router, ErrorHandlerFunc: api.badParam})
	}
	// Whatever stands behind the number of a server, DELETE deletes it.
	p.Router.HandleFunc("DELETE /api/application/servers/{server}/{anything}", api.deleteServerBySlip)
}

// badParam answers a request with a parameter that is no number. In the query it
// makes the Panel fail.
func (a API) badParam(w http.ResponseWriter, r *http.Request, err error) {
	var bad *pelicanapplicationserver.InvalidParamFormatError
	if errors.As(err, &bad) && bad.ParamName == "per_page" {
		a.Do(w, r, func(*panel.Call) (*laravel.Answer, error) { return nil, laravel.Crashed("TypeError") })
		return
	}
	a.Missing(w, r, err)
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

	rightRoles   = "roles" // of Pelican, as what follows
	rightMounts  = "mounts"
	rightPlugins = "plugins"
)

// call is a request to the Application API.
type call struct{ *panel.Call }

// do runs the handler of an operation, and answers.
func (a API) do(w http.ResponseWriter, r *http.Request, handle func(*call) (*laravel.Answer, error)) {
	a.Do(w, r, func(c *panel.Call) (*laravel.Answer, error) { return handle(&call{c}) })
}

// has reports whether the key of a request may read, or write, something. Client keys
// of administrators may do all.
func (c *call) has(right string, write bool) bool {
	if c.Key.Kind == model.ClientKey {
		return c.User.Admin
	}
	if c.Key.Rights == nil {
		return true
	}
	granted := c.Key.Rights[right]
	return granted == "write" || granted == "read" && !write
}

// on runs the handler of an operation about something, if the key may. The
// thing itself is looked for before that: find returns nil if it is not there.
func on[T any](a API, w http.ResponseWriter, r *http.Request, right string, find func(*model.State) *T, handle func(*call, *T) (*laravel.Answer, error)) {
	onTo(a, w, r, right, r.Method != http.MethodGet && r.Method != http.MethodHead, find, handle)
}

// onTo is on with the right to read, or to write, whatever the method.
func onTo[T any](a API, w http.ResponseWriter, r *http.Request, right string, write bool, find func(*model.State) *T, handle func(*call, *T) (*laravel.Answer, error)) {
	a.do(w, r, func(c *call) (*laravel.Answer, error) {
		var found *T
		if find != nil {
			if found = find(c.State); found == nil {
				if r.PathValue("external_id") != "" { // which is no key of a row
					return nil, laravel.ErrNotFound
				}
				return nil, panel.ErrUnbound
			}
		}
		if !c.has(right, write) {
			return nil, laravel.ErrUnauthorized
		}
		return handle(c, found)
	})
}

// onAll is on for operations that are about no single thing.
func (a API) onAll(w http.ResponseWriter, r *http.Request, right string, handle func(*call) (*laravel.Answer, error)) {
	on(a, w, r, right, nil, func(c *call, _ *struct{}) (*laravel.Answer, error) { return handle(c) })
}

// byID finds a row of a table.
func byID[T any](of func(*model.State) *model.Table[T], id int) func(*model.State) *T {
	return func(s *model.State) *T { return of(s).Get(id) }
}

func usersOf(s *model.State) *model.Table[model.User]             { return &s.Users }
func nodesOf(s *model.State) *model.Table[model.Node]             { return &s.Nodes }
func locationsOf(s *model.State) *model.Table[model.Location]     { return &s.Locations }
func nestsOf(s *model.State) *model.Table[model.Nest]             { return &s.Nests }
func serversOf(s *model.State) *model.Table[model.Server]         { return &s.Servers }
func databasesOf(s *model.State) *model.Table[model.Database]     { return &s.Databases }
func allocationsOf(s *model.State) *model.Table[model.Allocation] { return &s.Allocations }
func eggsOf(s *model.State) *model.Table[model.Egg]               { return &s.Eggs }
func rolesOf(s *model.State) *model.Table[model.Role]             { return &s.Roles }
func mountsOf(s *model.State) *model.Table[model.Mount]           { return &s.Mounts }
func databaseHostsOf(s *model.State) *model.Table[model.DatabaseHost] {
	return &s.DatabaseHosts
}

// created is the answer to a request that made something.
func (c *call) created(document laravel.Object, path string) (*laravel.Answer, error) {
	document["meta"] = laravel.Object{"resource": c.URL + "/api/application/" + path}
	return &laravel.Answer{Status: http.StatusCreated, Body: document}, nil
}

// relation is something that may be included.
type relation struct {
	right string
	show  func(laravel.Relations) any
}

// relate adds the relations to an item that are asked for. What the key may not
// read is null.
func (c *call) relate(document laravel.Object, included laravel.Relations, known map[string]relation) laravel.Object {
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

// shortPages is how some lists of Pelican are cut.
var shortPages = laravel.Paging{Size: 10, Strict: true}
