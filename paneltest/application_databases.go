package paneltest

import (
	"net/http"
	"strconv"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/random"
)

// ApplicationListServerDatabases implements the operation.
func (a applicationAPI) ApplicationListServerDatabases(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightDatabases, byID(serversOf, serverID), func(c *applicationCall, s *server) (*laravel.Answer, error) {
		included := c.in.Includes()
		return laravel.OK(laravel.ListOf(s.databases, func(d *database) laravel.Object { return c.showAppDatabase(d, included) })), nil
	})
}

// ApplicationCreateServerDatabase implements the operation.
func (a applicationAPI) ApplicationCreateServerDatabase(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightDatabases, byID(serversOf, serverID), func(c *applicationCall, s *server) (*laravel.Answer, error) {
		host := func(value any) *databaseHost {
			id, _ := laravel.IntegerOf(value)
			return c.state.databaseHosts.get(id)
		}
		if err := c.in.Validate(
			laravel.Field{Name: "database", Rules: "required|alpha_dash|min:1|max:48", Label: "Database Name"},
			laravel.Field{Name: "remote", Rules: "required|string|regex:/^[0-9%.]{1,15}$/", Label: "Remote Connection String"},
			laravel.Field{
				Name: "host", Rules: "required|integer|exists", Label: "Database Host Server ID",
				Checks: map[string]func(any) bool{"exists": func(value any) bool { return host(value) != nil }},
			},
		); err != nil {
			return nil, err
		}
		name := c.in.Text("database")
		if s.hasDatabase(name) {
			return nil, errDuplicateDatabase
		}
		chosen, _ := c.in.Get("host")
		d := c.state.addDatabase(c.state.databases.next(), s, host(chosen), name, c.in.Text("remote"), time.Now())
		document := c.showAppDatabase(d, c.in.Includes())
		document["attributes"].(laravel.Object)["max_connections"] = nil //nolint:forcetypeassert // all items have them
		return c.created(document, "servers/"+strconv.Itoa(s.id)+"/databases/"+strconv.Itoa(d.id))
	})
}

// onDatabase is on for a database. The Panel does not look at the server in the
// path.
func (a applicationAPI) onDatabase(w http.ResponseWriter, r *http.Request, serverID, databaseID int, handle func(*applicationCall, *database) (*laravel.Answer, error)) {
	find := func(s *state) *database {
		if s.servers.get(serverID) == nil {
			return nil
		}
		return databasesOf(s).get(databaseID)
	}
	on(a, w, r, rightDatabases, find, handle)
}

// ApplicationGetServerDatabase implements the operation.
func (a applicationAPI) ApplicationGetServerDatabase(w http.ResponseWriter, r *http.Request, serverID, databaseID int) {
	a.onDatabase(w, r, serverID, databaseID, func(c *applicationCall, d *database) (*laravel.Answer, error) {
		return laravel.OK(c.showAppDatabase(d, c.in.Includes())), nil
	})
}

// ApplicationResetServerDatabasePassword implements the operation.
func (a applicationAPI) ApplicationResetServerDatabasePassword(w http.ResponseWriter, r *http.Request, serverID, databaseID int) {
	a.onDatabase(w, r, serverID, databaseID, func(_ *applicationCall, d *database) (*laravel.Answer, error) {
		d.password, d.updated = random.Text(24), time.Now()
		return laravel.NoContent, nil
	})
}

// ApplicationDeleteServerDatabase implements the operation.
func (a applicationAPI) ApplicationDeleteServerDatabase(w http.ResponseWriter, r *http.Request, serverID, databaseID int) {
	a.onDatabase(w, r, serverID, databaseID, func(c *applicationCall, d *database) (*laravel.Answer, error) {
		c.state.removeDatabase(d)
		return laravel.NoContent, nil
	})
}
