package paneltest

import (
	"net/http"

	"github.com/ptero-go/ptero/internal/panelapi/applicationserver"
)

// applicationAPI serves the Application API.
type applicationAPI struct{ p *Panel }

var _ applicationserver.ServerInterface = applicationAPI{}

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

// has tells that the key of a request may read, or write, something. Client keys
// of administrators may do all.
func (c *call) has(right string, write bool) bool {
	if c.key.kind == clientKey || c.key.rights == nil {
		return true
	}
	granted := c.key.rights[right]
	return granted == "write" || granted == "read" && !write
}

// on runs the handler of an operation about something, if the key may. The
// thing itself is looked for before that: find returns nil if it is not there.
func on[T any](a applicationAPI, w http.ResponseWriter, r *http.Request, right string, find func(*state) *T, handle func(*call, *T) (*answer, error)) {
	a.p.do(w, r, func(c *call) (*answer, error) {
		var found *T
		if find != nil {
			if found = find(c.p.state); found == nil {
				return nil, errNotFound
			}
		}
		if !c.has(right, r.Method != http.MethodGet && r.Method != http.MethodHead) {
			return nil, errUnauthorized
		}
		return handle(c, found)
	})
}

// onAll is on for operations that are about no single thing.
func (a applicationAPI) onAll(w http.ResponseWriter, r *http.Request, right string, handle func(*call) (*answer, error)) {
	on(a, w, r, right, nil, func(c *call, _ *struct{}) (*answer, error) { return handle(c) })
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
func (c *call) created(document object, path string) (*answer, error) {
	document["meta"] = object{"resource": c.p.URL + "/api/application/" + path}
	return &answer{status: http.StatusCreated, body: document}, nil
}

// relation is something that may be included.
type relation struct {
	right string
	show  func(relations) any
}

// relate adds the relations to an item that are asked for. What the key may not
// read is null.
func (c *call) relate(document object, included relations, known map[string]relation) object {
	related := make(object)
	for name, deeper := range included {
		r, exists := known[name]
		switch {
		case !exists:
		case r.right != "" && !c.has(r.right, false):
			related[name] = nullResource
		default:
			related[name] = r.show(deeper)
		}
	}
	if len(related) > 0 {
		document["attributes"].(object)["relationships"] = related //nolint:forcetypeassert // all items have them
	}
	return document
}

// shown makes a relation of one thing.
func shown[T any](right string, row *T, show func(*T, relations) object) relation {
	return relation{right, func(deeper relations) any {
		if row == nil {
			return nullResource
		}
		return show(row, deeper)
	}}
}

// listedAs makes a relation of several things, which are looked for when they are
// asked for.
func listedAs[T any](right string, rows func() []*T, show func(*T, relations) object) relation {
	return relation{right, func(deeper relations) any {
		return each(rows(), func(row *T) object { return show(row, deeper) })
	}}
}

// applicationPages is how the lists of the Application API are cut.
var applicationPages = paging{size: 50, strict: true}
