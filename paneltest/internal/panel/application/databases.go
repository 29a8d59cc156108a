package application

import (
	"net/http"
	"strconv"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
	"github.com/ptero-go/ptero/paneltest/internal/random"
)

// ApplicationListServerDatabases implements the operation.
func (a API) ApplicationListServerDatabases(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightDatabases, byID(serversOf, serverID), func(c *call, s *model.Server) (*laravel.Answer, error) {
		included := c.Input.Includes()
		return laravel.OK(laravel.ListOf(s.Databases, func(d *model.Database) laravel.Object { return c.showAppDatabase(d, included) })), nil
	})
}

// ApplicationCreateServerDatabase implements the operation.
func (a API) ApplicationCreateServerDatabase(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightDatabases, byID(serversOf, serverID), func(c *call, s *model.Server) (*laravel.Answer, error) {
		host := func(value any) *model.DatabaseHost {
			id, _ := laravel.IntegerOf(value)
			return c.State.DatabaseHosts.Get(id)
		}
		if err := c.Input.Validate(
			laravel.Field{Name: "database", Rules: "required|alpha_dash|min:1|max:48", Label: "Database Name"},
			laravel.Field{Name: "remote", Rules: "required|string|regex:/^[0-9%.]{1,15}$/", Label: "Remote Connection String"},
			laravel.Field{
				Name: "host", Rules: "required|integer|exists", Label: "Database Host Server ID",
				Checks: map[string]func(any) bool{"exists": func(value any) bool { return host(value) != nil }},
			},
		); err != nil {
			return nil, err
		}
		name := c.Input.Text("database")
		if s.HasDatabase(name) {
			return nil, panel.ErrDuplicateDatabase
		}
		chosen, _ := c.Input.Get("host")
		d := c.State.AddDatabase(c.State.Databases.Next(), s, host(chosen), name, c.Input.Text("remote"), time.Now())
		document := c.showAppDatabase(d, c.Input.Includes())
		document["attributes"].(laravel.Object)["max_connections"] = nil //nolint:forcetypeassert // all items have them
		return c.created(document, "servers/"+strconv.Itoa(s.ID)+"/databases/"+strconv.Itoa(d.ID))
	})
}

// onDatabase is on for a database. But for Pelican the Panel does not look at the
// server in the path.
func (a API) onDatabase(w http.ResponseWriter, r *http.Request, serverID, databaseID int, handle func(*call, *model.Database) (*laravel.Answer, error)) {
	find := func(s *model.State) *model.Database {
		if s.Servers.Get(serverID) == nil {
			return nil
		}
		found := databasesOf(s).Get(databaseID)
		if found != nil && found.Server.ID != serverID && a.Traits.RawPaths {
			return nil
		}
		return found
	}
	on(a, w, r, rightDatabases, find, handle)
}

// ApplicationGetServerDatabase implements the operation.
func (a API) ApplicationGetServerDatabase(w http.ResponseWriter, r *http.Request, serverID, databaseID int) {
	a.onDatabase(w, r, serverID, databaseID, func(c *call, d *model.Database) (*laravel.Answer, error) {
		return laravel.OK(c.showAppDatabase(d, c.Input.Includes())), nil
	})
}

// ApplicationResetServerDatabasePassword implements the operation.
func (a API) ApplicationResetServerDatabasePassword(w http.ResponseWriter, r *http.Request, serverID, databaseID int) {
	a.onDatabase(w, r, serverID, databaseID, func(_ *call, d *model.Database) (*laravel.Answer, error) {
		d.Password, d.Updated = random.Text(24), time.Now()
		return laravel.NoContent, nil
	})
}

// ApplicationDeleteServerDatabase implements the operation.
func (a API) ApplicationDeleteServerDatabase(w http.ResponseWriter, r *http.Request, serverID, databaseID int) {
	a.onDatabase(w, r, serverID, databaseID, func(c *call, d *model.Database) (*laravel.Answer, error) {
		c.State.RemoveDatabase(d)
		return laravel.NoContent, nil
	})
}
