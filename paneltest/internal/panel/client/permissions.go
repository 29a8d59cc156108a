package client

import (
	"net/http"
	"slices"
	"strings"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// reaches reports whether an account has any part in a server.
func (c *call) reaches(s *model.Server) bool {
	return c.User.Admin || s.Owner == c.User || s.Subuser(c.User) != nil
}

// may reports whether an account has a permission on a server.
func (c *call) may(s *model.Server, permission string) bool {
	if c.User.Admin || s.Owner == c.User {
		return true
	}
	sub := s.Subuser(c.User)
	return sub != nil && slices.Contains(sub.Permissions, permission)
}

// permissionsOn lists what an account may do with a server.
func (c *call) permissionsOn(s *model.Server) []string {
	switch {
	case c.User.Admin:
		return []string{protocol.PermitAll, protocol.PermitErrors, protocol.PermitInstall, protocol.PermitTransfer}
	case s.Owner == c.User:
		return []string{protocol.PermitAll}
	}
	if sub := s.Subuser(c.User); sub != nil {
		return sub.Permissions
	}
	return []string{}
}

// ClientGetSystemPermissions implements the operation.
func (a API) ClientGetSystemPermissions(w http.ResponseWriter, r *http.Request) {
	a.do(w, r, func(c *call) (*laravel.Answer, error) {
		if c.Traits.FlatPermissions {
			return laravel.OK(laravel.Item("system_permissions", laravel.Object{"permissions": flatPermissions})), nil
		}
		groups := make(laravel.Object)
		for _, group := range permissionGroups {
			keys := make(laravel.Object)
			for _, key := range group.keys {
				keys[key] = "Allows " + key + " in the group " + group.name + "."
			}
			groups[group.name] = laravel.Object{"description": "Permissions of the group " + group.name + ".", "keys": keys}
		}
		return laravel.OK(laravel.Item("system_permissions", laravel.Object{"permissions": groups})), nil
	})
}

// permissionGroups are all permissions that a subuser may have.
var permissionGroups = []struct {
	name string
	keys []string
}{
	{"websocket", []string{"connect"}},
	{"control", []string{"console", "start", "stop", "restart"}},
	{"user", []string{"create", "read", "update", "delete"}},
	{"file", []string{"create", "read", "read-content", "update", "delete", "archive", "sftp"}},
	{"backup", []string{"create", "read", "delete", "download", "restore"}},
	{"allocation", []string{"read", "create", "update", "delete"}},
	{"startup", []string{"read", "update", "docker-image"}},
	{"database", []string{"create", "read", "update", "delete", "view_password"}},
	{"schedule", []string{"create", "read", "update", "delete"}},
	{"settings", []string{"rename", "reinstall"}},
	{"activity", []string{"read"}},
}

// flatPermissions are those of Pelican, in its order.
var flatPermissions = strings.Fields(`
	websocket.connect
	control.console control.start control.stop control.restart
	file.read file.read-content file.create file.update file.delete file.archive file.sftp
	backup.read backup.create backup.delete backup.download backup.restore
	schedule.read schedule.create schedule.update schedule.delete
	user.read user.create user.update user.delete
	database.read database.create database.update database.delete database.view-password
	allocation.read allocation.create allocation.update allocation.delete
	activity.read
	mount.read mount.update
	startup.read startup.update startup.docker-image
	settings.rename settings.description settings.reinstall settings.change-icon
`)

// viewPassword is the permission to see the passwords of databases.
func (c *call) viewPassword() string {
	if c.Traits.FlatPermissions {
		return "database.view-password"
	}
	return "database.view_password"
}

// isPermission reports whether there is such a permission.
func (c *call) isPermission(text string) bool {
	if c.Traits.FlatPermissions {
		return slices.Contains(flatPermissions, text)
	}
	group, key, _ := strings.Cut(text, ".")
	for _, g := range permissionGroups {
		if g.name == group {
			return slices.Contains(g.keys, key)
		}
	}
	return false
}
