package paneltest

import (
	"net/http"
	"strconv"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/random"
)

// ClientListDatabases implements the operation.
func (a clientAPI) ClientListDatabases(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "database.read", func(c *serverCall) (*laravel.Answer, error) {
		_, withPassword := c.in.Includes()["password"]
		return laravel.OK(laravel.ListOf(c.server.databases, func(d *database) laravel.Object { return c.showDatabase(d, withPassword) })), nil
	})
}

// ClientCreateDatabase implements the operation.
func (a clientAPI) ClientCreateDatabase(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "database.create", func(c *serverCall) (*laravel.Answer, error) {
		if err := c.in.Validate(
			laravel.Field{Name: "database", Rules: "required|alpha_dash|min:3|max:48"},
			laravel.Field{Name: "remote", Rules: `required|string|regex:/^[\w\-\/.%:]+$/`},
		); err != nil {
			return nil, err
		}
		if limit := c.server.databaseLimit; limit != nil && len(c.server.databases) >= *limit {
			return nil, laravel.Refuse(http.StatusBadRequest, "TooManyDatabasesException",
				"Operation aborted: creating a new database would put this server over the defined limit.")
		}
		hosts := c.state.databaseHosts.where(func(h *databaseHost) bool { return h.node == nil || h.node == c.server.node })
		if len(hosts) == 0 {
			return nil, laravel.Refuse(http.StatusBadRequest, "NoSuitableDatabaseHostException",
				"No database host was found that meets the requirements for this server.")
		}
		name := c.in.Text("database")
		if c.server.hasDatabase(name) {
			return nil, errDuplicateDatabase
		}
		d := c.state.addDatabase(c.state.databases.next(), c.server, hosts[0], name, c.in.Text("remote"), time.Now())
		c.note("server:database.create", with("name", d.name))
		document := c.showDatabase(d, true)
		document["attributes"].(laravel.Object)["max_connections"] = nil //nolint:forcetypeassert // made just here
		return laravel.OK(document), nil
	})
}

// onDatabase is onServer for an operation on a database, which is named by its
// hash id or its number.
func (a clientAPI) onDatabase(w http.ResponseWriter, r *http.Request, id, key, permission string, handle func(*serverCall, *database) (*laravel.Answer, error)) {
	a.onServer(w, r, id, permission, func(c *serverCall) (*laravel.Answer, error) {
		for _, d := range c.server.databases {
			if laravel.HashID(d.id) == key || strconv.Itoa(d.id) == key {
				return handle(c, d)
			}
		}
		return nil, laravel.ErrNotFound
	})
}

// ClientRotateDatabasePassword implements the operation.
func (a clientAPI) ClientRotateDatabasePassword(w http.ResponseWriter, r *http.Request, id, databaseID string) {
	a.onDatabase(w, r, id, databaseID, "database.update", func(c *serverCall, d *database) (*laravel.Answer, error) {
		d.password, d.updated = random.Text(24), time.Now()
		c.note("server:database.rotate-password", with("name", d.name))
		return laravel.OK(c.showDatabase(d, true)), nil
	})
}

// ClientDeleteDatabase implements the operation.
func (a clientAPI) ClientDeleteDatabase(w http.ResponseWriter, r *http.Request, id, databaseID string) {
	a.onDatabase(w, r, id, databaseID, "database.delete", func(c *serverCall, d *database) (*laravel.Answer, error) {
		c.state.removeDatabase(d)
		c.note("server:database.delete", with("name", d.name))
		return laravel.NoContent, nil
	})
}
