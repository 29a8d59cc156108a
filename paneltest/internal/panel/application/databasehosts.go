package application

import (
	"net/http"
	"strconv"
	"time"

	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// The operations of Pelican on database hosts.

// ApplicationListDatabaseHosts implements the operation.
func (a API) ApplicationListDatabaseHosts(w http.ResponseWriter, r *http.Request, _ applicationapi.ApplicationListDatabaseHostsParams) {
	a.onAll(w, r, rightDatabaseHosts, func(c *call) (*laravel.Answer, error) {
		hosts, err := laravel.FilterBy(c.Input, c.State.DatabaseHosts.All(),
			laravel.Partial("name", func(h *model.DatabaseHost) string { return h.Name }),
			laravel.Partial("host", func(h *model.DatabaseHost) string { return h.Host }),
		)
		if err != nil {
			return nil, err
		}
		included := c.Input.Includes()
		return panel.Paginated(c.Call, hosts, shortPages, func(h *model.DatabaseHost) laravel.Object { return c.showDatabaseHost(h, included) })
	})
}

// ApplicationGetDatabaseHost implements the operation.
func (a API) ApplicationGetDatabaseHost(w http.ResponseWriter, r *http.Request, databaseHostID int) {
	on(a, w, r, rightDatabaseHosts, byID(databaseHostsOf, databaseHostID), func(c *call, h *model.DatabaseHost) (*laravel.Answer, error) {
		return laravel.OK(c.showDatabaseHost(h, c.Input.Includes())), nil
	})
}

// databaseHostFields are what a database host is made of.
var databaseHostFields = []laravel.Field{
	{Name: "name", Rules: "required|string|max:255"},
	{Name: "host", Rules: "required|string"},
	{Name: "port", Rules: "required|numeric|between:1,65535"},
	{Name: "username", Rules: "required|string|max:255"},
	{Name: "password", Rules: "nullable|string"},
	{Name: "node_ids", Rules: "nullable|array"},
	{Name: "node_ids.*", Rules: "required|integer"},
}

// readDatabaseHost changes a host to what a request says. The Panel logs in there.
func (c *call) readDatabaseHost(h *model.DatabaseHost) error {
	if err := c.Input.Validate(databaseHostFields...); err != nil {
		return err
	}
	read := *h
	read.Name, read.Host, read.Port, read.Username = c.Input.Text("name"), c.Input.Text("host"), c.Input.Integer("port"), c.Input.Text("username")
	if password := c.Input.Text("password"); password != "" {
		read.Password = password
	}
	if c.Input.Has("node_ids") {
		read.Nodes = nil
		for _, id := range c.Input.Integers("node_ids") {
			if n := c.State.Nodes.Get(id); n != nil {
				read.Nodes = append(read.Nodes, n)
			}
		}
	}
	if !c.lets(&read) {
		return laravel.Crashed("PDOException")
	}
	read.Updated = time.Now()
	*h = read
	return nil
}

// lets reports whether a database server lets the Panel in. On an address that it
// knows already there is one port and one username, elsewhere any will do.
func (c *call) lets(h *model.DatabaseHost) bool {
	known := c.State.DatabaseHosts.First(func(other *model.DatabaseHost) bool { return other.ID != h.ID && other.Host == h.Host })
	return known == nil || known.Port == h.Port && known.Username == h.Username
}

// ApplicationCreateDatabaseHost implements the operation.
func (a API) ApplicationCreateDatabaseHost(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightDatabaseHosts, func(c *call) (*laravel.Answer, error) {
		h := &model.DatabaseHost{Created: time.Now()}
		if err := c.readDatabaseHost(h); err != nil {
			return nil, err
		}
		h.ID = c.State.DatabaseHosts.Next()
		c.State.DatabaseHosts.Add(h.ID, h)
		return c.created(c.showDatabaseHost(h, c.Input.Includes()), "database-hosts/"+strconv.Itoa(h.ID))
	})
}

// ApplicationUpdateDatabaseHost implements the operation.
func (a API) ApplicationUpdateDatabaseHost(w http.ResponseWriter, r *http.Request, databaseHostID int) {
	on(a, w, r, rightDatabaseHosts, byID(databaseHostsOf, databaseHostID), func(c *call, h *model.DatabaseHost) (*laravel.Answer, error) {
		if err := c.readDatabaseHost(h); err != nil {
			return nil, err
		}
		return laravel.OK(c.showDatabaseHost(h, c.Input.Includes())), nil
	})
}

// ApplicationDeleteDatabaseHost implements the operation, which fails while there
// are databases on the host.
func (a API) ApplicationDeleteDatabaseHost(w http.ResponseWriter, r *http.Request, databaseHostID int) {
	on(a, w, r, rightDatabaseHosts, byID(databaseHostsOf, databaseHostID), func(c *call, h *model.DatabaseHost) (*laravel.Answer, error) {
		if c.State.Databases.First(func(d *model.Database) bool { return d.Host == h }) != nil {
			return nil, laravel.Crashed("QueryException")
		}
		c.State.DatabaseHosts.Remove(h.ID)
		return laravel.NoContent, nil
	})
}
