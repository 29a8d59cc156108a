package application

import (
	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

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
