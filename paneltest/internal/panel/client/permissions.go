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
	a.do(w, r, func(*call) (*laravel.Answer, error) {
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

// isPermission reports whether there is such a permission.
func isPermission(text string) bool {
	group, key, _ := strings.Cut(text, ".")
	for _, g := range permissionGroups {
		if g.name == group {
			return slices.Contains(g.keys, key)
		}
	}
	return false
}
