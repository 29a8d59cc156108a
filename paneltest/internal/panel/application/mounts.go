package application

import (
	"net/http"
	"slices"
	"strings"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
	"github.com/ptero-go/ptero/paneltest/internal/random"
)

// The operations of Pelican on mounts.

func showMount(m *model.Mount) laravel.Object {
	return laravel.Item("mount", laravel.Object{
		"id": m.ID, "uuid": m.UUID, "name": m.Name, "description": m.Description, "source": m.Source, "target": m.Target,
		"read_only": m.ReadOnly, "user_mountable": m.UserMounting,
	})
}

// ApplicationListMounts implements the operation.
func (a API) ApplicationListMounts(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightMounts, func(c *call) (*laravel.Answer, error) {
		mounts, err := laravel.FilterBy(c.Input, c.State.Mounts.All(),
			laravel.Partial("uuid", func(m *model.Mount) string { return m.UUID }), laravel.Partial("name", func(m *model.Mount) string { return m.Name }),
		)
		if err != nil {
			return nil, err
		}
		return panel.Paginated(c.Call, mounts, applicationPages, showMount)
	})
}

// ApplicationGetMount implements the operation.
func (a API) ApplicationGetMount(w http.ResponseWriter, r *http.Request, mountID int) {
	on(a, w, r, rightMounts, byID(mountsOf, mountID), func(_ *call, m *model.Mount) (*laravel.Answer, error) {
		return laravel.OK(showMount(m)), nil
	})
}

// mountFields are what a mount is made of.
var mountFields = []laravel.Field{
	{Name: "name", Rules: "required|string|min:2|max:64"},
	{Name: "description", Rules: "nullable|string"},
	{Name: "source", Rules: "required|string"},
	{Name: "target", Rules: "required|string"},
	{Name: "read_only", Rules: "sometimes|boolean"},
	{Name: "user_mountable", Rules: "sometimes|boolean"},
}

// readMount changes a mount to what a request says.
func (c *call) readMount(m *model.Mount) {
	m.Name, m.Source, m.Target = c.Input.Text("name"), c.Input.Text("source"), c.Input.Text("target")
	if c.Input.Has("description") {
		m.Description = c.Input.Optional("description")
	}
	if c.Input.Has("read_only") {
		m.ReadOnly = c.Input.Boolean("read_only")
	}
	if c.Input.Has("user_mountable") {
		m.UserMounting = c.Input.Boolean("user_mountable")
	}
}

// ApplicationCreateMount implements the operation, which fails each time: before
// the mount is stored if something is missing, else after that.
func (a API) ApplicationCreateMount(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightMounts, func(c *call) (*laravel.Answer, error) {
		name := c.Input.Text("name")
		taken := c.State.Mounts.First(func(m *model.Mount) bool { return strings.EqualFold(m.Name, name) }) != nil
		if c.Input.Validate(mountFields...) == nil && !taken {
			m := &model.Mount{ID: c.State.Mounts.Next(), UUID: random.UUID()}
			c.readMount(m)
			c.State.Mounts.Add(m.ID, m)
		}
		return nil, laravel.Crashed("QueryException")
	})
}

// ApplicationUpdateMount implements the operation.
func (a API) ApplicationUpdateMount(w http.ResponseWriter, r *http.Request, mountID int) {
	on(a, w, r, rightMounts, byID(mountsOf, mountID), func(c *call, m *model.Mount) (*laravel.Answer, error) {
		if err := c.Input.Validate(mountFields...); err != nil {
			return nil, err
		}
		c.readMount(m)
		return laravel.OK(showMount(m)), nil
	})
}

// ApplicationDeleteMount implements the operation.
func (a API) ApplicationDeleteMount(w http.ResponseWriter, r *http.Request, mountID int) {
	on(a, w, r, rightMounts, byID(mountsOf, mountID), func(c *call, m *model.Mount) (*laravel.Answer, error) {
		if len(m.Servers) > 0 {
			return nil, laravel.Refuse(http.StatusBadRequest, "HasActiveServersException",
				"A mount must have no servers attached to it in order to be deleted.")
		}
		c.State.Mounts.Remove(m.ID)
		return laravel.NoContent, nil
	})
}

// attach adds things of one kind, which a request names by their ids, to a mount.
func attach[T any](a API, w http.ResponseWriter, r *http.Request, mountID int, field string, of func(*model.State) *model.Table[T], to func(*model.Mount) *[]*T) {
	on(a, w, r, rightMounts, byID(mountsOf, mountID), func(c *call, m *model.Mount) (*laravel.Answer, error) {
		known := func(value any) bool {
			return !slices.ContainsFunc(laravel.EntriesOf(value), func(entry any) bool {
				id, _ := laravel.IntegerOf(entry)
				return of(c.State).Get(id) == nil
			})
		}
		if err := c.Input.Validate(laravel.Field{Name: field, Rules: "required|array|exists", Checks: map[string]func(any) bool{"exists": known}}); err != nil {
			return nil, err
		}
		var added []*T
		for _, id := range c.Input.Integers(field) {
			row := of(c.State).Get(id)
			if slices.Contains(*to(m), row) || slices.Contains(added, row) {
				return nil, laravel.Crashed("UniqueConstraintViolationException")
			}
			added = append(added, row)
		}
		*to(m) = append(*to(m), added...)
		return laravel.OK(showMount(m)), nil
	})
}

// detach takes something from a mount, which may not have it.
func detach[T any](a API, w http.ResponseWriter, r *http.Request, mountID, id int, of func(*model.State) *model.Table[T], from func(*model.Mount) *[]*T) {
	on(a, w, r, rightMounts, byID(mountsOf, mountID), func(c *call, m *model.Mount) (*laravel.Answer, error) {
		row := of(c.State).Get(id)
		*from(m) = slices.DeleteFunc(*from(m), func(other *T) bool { return other == row })
		return laravel.NoContent, nil
	})
}

// attached lists what a mount has of one kind.
func attached[T any](a API, w http.ResponseWriter, r *http.Request, mountID int, of func(*model.Mount) *[]*T, show func(*call, *model.Mount, *T) laravel.Object) {
	on(a, w, r, rightMounts, byID(mountsOf, mountID), func(c *call, m *model.Mount) (*laravel.Answer, error) {
		return laravel.OK(laravel.ListOf(*of(m), func(row *T) laravel.Object { return show(c, m, row) })), nil
	})
}

func eggsOfMount(m *model.Mount) *[]*model.Egg       { return &m.Eggs }
func nodesOfMount(m *model.Mount) *[]*model.Node     { return &m.Nodes }
func serversOfMount(m *model.Mount) *[]*model.Server { return &m.Servers }

// ApplicationListMountEggs implements the operation.
func (a API) ApplicationListMountEggs(w http.ResponseWriter, r *http.Request, mountID int) {
	attached(a, w, r, mountID, eggsOfMount, func(c *call, _ *model.Mount, e *model.Egg) laravel.Object { return c.showEgg(e, nil) })
}

// ApplicationListMountNodes implements the operation, which also shows the row
// between the two.
func (a API) ApplicationListMountNodes(w http.ResponseWriter, r *http.Request, mountID int) {
	attached(a, w, r, mountID, nodesOfMount, func(c *call, m *model.Mount, n *model.Node) laravel.Object {
		document := c.showNode(n, nil)
		document["attributes"].(laravel.Object)["pivot"] = laravel.Object{ //nolint:forcetypeassert // all items have them
			"mountable_type": "node", "mount_id": m.ID, "mountable_id": n.ID,
		}
		return document
	})
}

// ApplicationListMountServers implements the operation.
func (a API) ApplicationListMountServers(w http.ResponseWriter, r *http.Request, mountID int) {
	attached(a, w, r, mountID, serversOfMount, func(c *call, _ *model.Mount, s *model.Server) laravel.Object { return c.showAppServer(s, nil) })
}

// ApplicationAddMountEggs implements the operation.
func (a API) ApplicationAddMountEggs(w http.ResponseWriter, r *http.Request, mountID int) {
	attach(a, w, r, mountID, "eggs", eggsOf, eggsOfMount)
}

// ApplicationAddMountNodes implements the operation.
func (a API) ApplicationAddMountNodes(w http.ResponseWriter, r *http.Request, mountID int) {
	attach(a, w, r, mountID, "nodes", nodesOf, nodesOfMount)
}

// ApplicationAddMountServers implements the operation.
func (a API) ApplicationAddMountServers(w http.ResponseWriter, r *http.Request, mountID int) {
	attach(a, w, r, mountID, "servers", serversOf, serversOfMount)
}

// ApplicationRemoveMountEgg implements the operation.
func (a API) ApplicationRemoveMountEgg(w http.ResponseWriter, r *http.Request, mountID, eggID int) {
	detach(a, w, r, mountID, eggID, eggsOf, eggsOfMount)
}

// ApplicationRemoveMountNode implements the operation.
func (a API) ApplicationRemoveMountNode(w http.ResponseWriter, r *http.Request, mountID, nodeID int) {
	detach(a, w, r, mountID, nodeID, nodesOf, nodesOfMount)
}

// ApplicationRemoveMountServer implements the operation.
func (a API) ApplicationRemoveMountServer(w http.ResponseWriter, r *http.Request, mountID, serverID int) {
	detach(a, w, r, mountID, serverID, serversOf, serversOfMount)
}
