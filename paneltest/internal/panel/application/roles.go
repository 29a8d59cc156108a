package application

import (
	"cmp"
	"net/http"
	"strconv"
	"time"

	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// The operations of Pelican on roles.

func (c *call) showRole(r *model.Role, included laravel.Relations) laravel.Object {
	return c.relate(laravel.Item("role", laravel.Object{
		"id": r.ID, "name": r.Name, "created_at": laravel.Stamp(r.Created), "updated_at": laravel.Stamp(r.Updated),
	}), included, map[string]relation{
		"permissions": {rightRoles, func(laravel.Relations) any { return laravel.ListOf(r.Permissions, showRolePermission) }},
	})
}

func showRolePermission(p model.RolePermission) laravel.Object {
	return laravel.Item("permissions", laravel.Object{
		"name": p.Name, "created_at": laravel.Stamp(p.Created), "updated_at": laravel.Stamp(p.Created),
	})
}

var roleFields = []laravel.Field{{Name: "name", Rules: "required|string|between:1,255"}}

// ApplicationListRoles implements the operation.
func (a API) ApplicationListRoles(w http.ResponseWriter, r *http.Request, _ applicationapi.ApplicationListRolesParams) {
	a.onAll(w, r, rightRoles, func(c *call) (*laravel.Answer, error) {
		roles, err := laravel.FilterBy(c.Input, c.State.Roles.All(), laravel.Partial("name", func(r *model.Role) string { return r.Name }))
		if err != nil {
			return nil, err
		}
		if roles, err = laravel.SortBy(c.Input, roles,
			laravel.SortOn("id", func(a, b *model.Role) int { return a.ID - b.ID }),
			laravel.SortOn("name", func(a, b *model.Role) int { return cmp.Compare(a.Name, b.Name) }),
		); err != nil {
			return nil, err
		}
		included := c.Input.Includes()
		return panel.Paginated(c.Call, roles, shortPages, func(r *model.Role) laravel.Object { return c.showRole(r, included) })
	})
}

// ApplicationGetRole implements the operation.
func (a API) ApplicationGetRole(w http.ResponseWriter, r *http.Request, roleID int) {
	on(a, w, r, rightRoles, byID(rolesOf, roleID), func(c *call, role *model.Role) (*laravel.Answer, error) {
		return laravel.OK(c.showRole(role, c.Input.Includes())), nil
	})
}

// ApplicationCreateRole implements the operation.
func (a API) ApplicationCreateRole(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightRoles, func(c *call) (*laravel.Answer, error) {
		if err := c.Input.Validate(roleFields...); err != nil {
			return nil, err
		}
		now := time.Now()
		role := &model.Role{ID: c.State.Roles.Next(), Name: c.Input.Text("name"), OfAPI: true, Created: now, Updated: now}
		c.State.Roles.Add(role.ID, role)
		return c.created(c.showRole(role, nil), "roles/"+strconv.Itoa(role.ID))
	})
}

// ApplicationUpdateRole implements the operation.
func (a API) ApplicationUpdateRole(w http.ResponseWriter, r *http.Request, roleID int) {
	on(a, w, r, rightRoles, byID(rolesOf, roleID), func(c *call, role *model.Role) (*laravel.Answer, error) {
		if err := c.Input.Validate(roleFields...); err != nil {
			return nil, err
		}
		role.Name, role.Updated = c.Input.Text("name"), time.Now()
		return laravel.OK(c.showRole(role, c.Input.Includes())), nil
	})
}

// ApplicationDeleteRole implements the operation, which fails for roles that were
// made through the API.
func (a API) ApplicationDeleteRole(w http.ResponseWriter, r *http.Request, roleID int) {
	on(a, w, r, rightRoles, byID(rolesOf, roleID), func(c *call, role *model.Role) (*laravel.Answer, error) {
		switch {
		case role.Name == model.RootRole:
			return nil, laravel.Crashed("PanelException")
		case role.OfAPI:
			return nil, laravel.Crashed("Error")
		}
		c.State.RemoveRole(role)
		return laravel.NoContent, nil
	})
}

// onRoles changes the roles of an account. That of administrators is passed over.
func (a API) onRoles(w http.ResponseWriter, r *http.Request, userID int, change func(*model.User, *model.Role)) {
	on(a, w, r, rightUsers, byID(usersOf, userID), func(c *call, u *model.User) (*laravel.Answer, error) {
		if err := c.Input.Validate(laravel.Field{Name: "roles", Rules: "required|array"}, laravel.Field{Name: "roles.*", Rules: "integer"}); err != nil {
			return nil, err
		}
		for _, id := range c.Input.Integers("roles") {
			if role := c.State.Roles.Get(id); role != nil && role.Name != model.RootRole {
				change(u, role)
			}
		}
		return laravel.OK(c.showUser(u, c.Input.Includes())), nil
	})
}

// ApplicationAssignUserRoles implements the operation.
func (a API) ApplicationAssignUserRoles(w http.ResponseWriter, r *http.Request, userID int) {
	a.onRoles(w, r, userID, (*model.User).GiveRole)
}

// ApplicationRemoveUserRoles implements the operation.
func (a API) ApplicationRemoveUserRoles(w http.ResponseWriter, r *http.Request, userID int) {
	a.onRoles(w, r, userID, (*model.User).TakeRole)
}
