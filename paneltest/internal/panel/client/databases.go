package client

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
	"github.com/ptero-go/ptero/paneltest/internal/random"
)

// ClientListDatabases implements the operation.
func (a API) ClientListDatabases(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "database.read", func(c *serverCall) (*laravel.Answer, error) {
		_, withPassword := c.Input.Includes()["password"]
		return laravel.OK(laravel.ListOf(c.server.Databases, func(d *model.Database) laravel.Object { return c.showDatabase(d, withPassword) })), nil
	})
}

// ClientCreateDatabase implements the operation.
func (a API) ClientCreateDatabase(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "database.create", func(c *serverCall) (*laravel.Answer, error) {
		if err := c.Input.Validate(
			laravel.Field{Name: "database", Rules: "required|alpha_dash|min:3|max:48"},
			laravel.Field{Name: "remote", Rules: `required|string|regex:/^[\w\-\/.%:]+$/`},
		); err != nil {
			return nil, err
		}
		if limit := c.server.DatabaseLimit; limit != nil && len(c.server.Databases) >= *limit {
			return nil, laravel.Refuse(http.StatusBadRequest, "TooManyDatabasesException",
				"Operation aborted: creating a new database would put this server over the defined limit.")
		}
		hosts := c.State.DatabaseHosts.Where(func(h *model.DatabaseHost) bool { return len(h.Nodes) == 0 || slices.Contains(h.Nodes, c.server.Node) })
		if len(hosts) == 0 {
			return nil, laravel.Refuse(http.StatusBadRequest, "NoSuitableDatabaseHostException",
				"No database host was found that meets the requirements for this server.")
		}
		name := c.Input.Text("database")
		if c.server.HasDatabase(name) {
			return nil, panel.ErrDuplicateDatabase
		}
		if c.Traits.BareFailures {
			return nil, laravel.Crashed("TypeError") // each time
		}
		d := c.State.AddDatabase(c.State.Databases.Next(), c.server, hosts[0], name, c.Input.Text("remote"), time.Now())
		c.note("server:database.create", model.With("name", d.Name))
		document := c.showDatabase(d, true)
		document["attributes"].(laravel.Object)["max_connections"] = nil //nolint:forcetypeassert // made just here
		return laravel.OK(document), nil
	})
}

// onDatabase is onServer for an operation on a database, which is named by its
// hash id or its number.
func (a API) onDatabase(w http.ResponseWriter, r *http.Request, id, key, permission string, handle func(*serverCall, *model.Database) (*laravel.Answer, error)) {
	a.onServer(w, r, id, permission, func(c *serverCall) (*laravel.Answer, error) {
		isNamed := func(d *model.Database) bool {
			return strconv.Itoa(d.ID) == key || !c.Traits.ClientShapes && laravel.HashID(d.ID) == key
		}
		if i := slices.IndexFunc(c.server.Databases, isNamed); i >= 0 {
			return handle(c, c.server.Databases[i])
		}
		return nil, c.NotFound(c.State.Databases.First(isNamed) != nil)
	})
}

// ClientRotateDatabasePassword implements the operation.
func (a API) ClientRotateDatabasePassword(w http.ResponseWriter, r *http.Request, id, databaseID string) {
	a.onDatabase(w, r, id, databaseID, "database.update", func(c *serverCall, d *model.Database) (*laravel.Answer, error) {
		d.Password, d.Updated = random.Text(24), time.Now()
		c.note("server:database.rotate-password", model.With("name", d.Name))
		return laravel.OK(c.showDatabase(d, true)), nil
	})
}

// ClientDeleteDatabase implements the operation.
func (a API) ClientDeleteDatabase(w http.ResponseWriter, r *http.Request, id, databaseID string) {
	a.onDatabase(w, r, id, databaseID, "database.delete", func(c *serverCall, d *model.Database) (*laravel.Answer, error) {
		c.State.RemoveDatabase(d)
		c.note("server:database.delete", model.With("name", d.Name))
		return laravel.NoContent, nil
	})
}
