package paneltest

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// addDatabase makes a database of a server.
func (s *state) addDatabase(id int, srv *server, host *databaseHost, name, remote string, created time.Time) *database {
	d := &database{
		id: id, server: srv, host: host, name: databaseName(srv, name), remote: remote,
		username: "u" + strconv.Itoa(srv.id) + "_" + randomText(10), password: randomText(24), created: created, updated: created,
	}
	s.databases.add(id, d)
	srv.databases = append(srv.databases, d)
	return d
}

func (s *state) removeDatabase(d *database) {
	s.databases.remove(d.id)
	d.server.databases = slices.DeleteFunc(d.server.databases, func(other *database) bool { return other == d })
}

// maxDatabaseName is the longest name of a database, prefix included.
const maxDatabaseName = 48

// databaseName is what a database is really called.
func databaseName(s *server, name string) string {
	name = "s" + strconv.Itoa(s.id) + "_" + name
	return name[:min(len(name), maxDatabaseName)]
}

// errDuplicateDatabase is for a name that the server has already.
var errDuplicateDatabase = refuse(http.StatusBadRequest, "DuplicateDatabaseNameException", "A database with that name already exists for this server.")

func (s *server) hasDatabase(name string) bool {
	name = databaseName(s, name)
	return slices.ContainsFunc(s.databases, func(d *database) bool { return d.name == name })
}

// ClientListDatabases implements the operation.
func (a clientAPI) ClientListDatabases(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "database.read", func(c *serverCall) (*answer, error) {
		_, withPassword := c.in.includes()["password"]
		return ok(each(c.server.databases, func(d *database) object { return c.showDatabase(d, withPassword) })), nil
	})
}

// ClientCreateDatabase implements the operation.
func (a clientAPI) ClientCreateDatabase(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "database.create", func(c *serverCall) (*answer, error) {
		if err := c.in.validate(
			field{name: "database", rules: "required|alpha_dash|min:3|max:48"},
			field{name: "remote", rules: `required|string|regex:/^[\w\-\/.%:]+$/`},
		); err != nil {
			return nil, err
		}
		if limit := c.server.databaseLimit; limit != nil && len(c.server.databases) >= *limit {
			return nil, refuse(http.StatusBadRequest, "TooManyDatabasesException",
				"Operation aborted: creating a new database would put this server over the defined limit.")
		}
		hosts := c.p.state.databaseHosts.where(func(h *databaseHost) bool { return h.node == nil || h.node == c.server.node })
		if len(hosts) == 0 {
			return nil, refuse(http.StatusBadRequest, "NoSuitableDatabaseHostException",
				"No database host was found that meets the requirements for this server.")
		}
		name := c.in.text("database")
		if c.server.hasDatabase(name) {
			return nil, errDuplicateDatabase
		}
		d := c.p.state.addDatabase(c.p.state.databases.next(), c.server, hosts[0], name, c.in.text("remote"), time.Now())
		c.note("server:database.create", with("name", d.name))
		document := c.showDatabase(d, true)
		document["attributes"].(object)["max_connections"] = nil //nolint:forcetypeassert // made just here
		return ok(document), nil
	})
}

// onDatabase is onServer for an operation on a database, which is named by its
// hash id or its number.
func (a clientAPI) onDatabase(w http.ResponseWriter, r *http.Request, id, key, permission string, handle func(*serverCall, *database) (*answer, error)) {
	a.onServer(w, r, id, permission, func(c *serverCall) (*answer, error) {
		for _, d := range c.server.databases {
			if hashID(d.id) == key || strconv.Itoa(d.id) == key {
				return handle(c, d)
			}
		}
		return nil, errNotFound
	})
}

// ClientRotateDatabasePassword implements the operation.
func (a clientAPI) ClientRotateDatabasePassword(w http.ResponseWriter, r *http.Request, id, databaseID string) {
	a.onDatabase(w, r, id, databaseID, "database.update", func(c *serverCall, d *database) (*answer, error) {
		d.password, d.updated = randomText(24), time.Now()
		c.note("server:database.rotate-password", with("name", d.name))
		return ok(c.showDatabase(d, true)), nil
	})
}

// ClientDeleteDatabase implements the operation.
func (a clientAPI) ClientDeleteDatabase(w http.ResponseWriter, r *http.Request, id, databaseID string) {
	a.onDatabase(w, r, id, databaseID, "database.delete", func(c *serverCall, d *database) (*answer, error) {
		c.p.state.removeDatabase(d)
		c.note("server:database.delete", with("name", d.name))
		return none, nil
	})
}
