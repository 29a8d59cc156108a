package paneltest

import (
	"net/http"
	"strconv"
	"time"
)

// ApplicationListServerDatabases implements the operation.
func (a applicationAPI) ApplicationListServerDatabases(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightDatabases, byID(serversOf, serverID), func(c *call, s *server) (*answer, error) {
		included := c.in.includes()
		return ok(each(s.databases, func(d *database) object { return c.showAppDatabase(d, included) })), nil
	})
}

// ApplicationCreateServerDatabase implements the operation.
func (a applicationAPI) ApplicationCreateServerDatabase(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightDatabases, byID(serversOf, serverID), func(c *call, s *server) (*answer, error) {
		host := func(value any) *databaseHost {
			id, _ := integerOf(value)
			return c.p.state.databaseHosts.get(id)
		}
		if err := c.in.validate(
			field{name: "database", rules: "required|alpha_dash|min:1|max:48", label: "Database Name"},
			field{name: "remote", rules: "required|string|regex:/^[0-9%.]{1,15}$/", label: "Remote Connection String"},
			field{
				name: "host", rules: "required|integer|exists", label: "Database Host Server ID",
				checks: map[string]func(any) bool{"exists": func(value any) bool { return host(value) != nil }},
			},
		); err != nil {
			return nil, err
		}
		name := c.in.text("database")
		if s.hasDatabase(name) {
			return nil, errDuplicateDatabase
		}
		chosen, _ := c.in.get("host")
		d := c.p.state.addDatabase(c.p.state.databases.next(), s, host(chosen), name, c.in.text("remote"), time.Now())
		document := c.showAppDatabase(d, c.in.includes())
		document["attributes"].(object)["max_connections"] = nil //nolint:forcetypeassert // all items have them
		return c.created(document, "servers/"+strconv.Itoa(s.id)+"/databases/"+strconv.Itoa(d.id))
	})
}

// onDatabase is on for a database. The Panel does not look at the server in the
// path.
func (a applicationAPI) onDatabase(w http.ResponseWriter, r *http.Request, serverID, databaseID int, handle func(*call, *database) (*answer, error)) {
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
	a.onDatabase(w, r, serverID, databaseID, func(c *call, d *database) (*answer, error) {
		return ok(c.showAppDatabase(d, c.in.includes())), nil
	})
}

// ApplicationResetServerDatabasePassword implements the operation.
func (a applicationAPI) ApplicationResetServerDatabasePassword(w http.ResponseWriter, r *http.Request, serverID, databaseID int) {
	a.onDatabase(w, r, serverID, databaseID, func(_ *call, d *database) (*answer, error) {
		d.password, d.updated = randomText(24), time.Now()
		return none, nil
	})
}

// ApplicationDeleteServerDatabase implements the operation.
func (a applicationAPI) ApplicationDeleteServerDatabase(w http.ResponseWriter, r *http.Request, serverID, databaseID int) {
	a.onDatabase(w, r, serverID, databaseID, func(c *call, d *database) (*answer, error) {
		c.p.state.removeDatabase(d)
		return none, nil
	})
}
