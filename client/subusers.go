package client

import (
	"context"
	"slices"

	"github.com/ptero-go/ptero/gen/clientapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// SubusersService manages the people who may use a server without owning it. A
// subuser is named by the UUID of the account.
//
// Nobody can change or remove themselves, or grant a permission that they do not
// have: that gives [ErrForbidden].
type SubusersService service

// List returns all subusers of a server. The owner is not among them.
//
// Endpoint: GET /api/client/servers/{server}/users
func (s *SubusersService) List(ctx context.Context, server string) ([]*Subuser, error) {
	return rest.List[Subuser](s.api.ClientListSubusers(ctx, server, rest.ID("server", server)))
}

// Get returns one subuser.
//
// Endpoint: GET /api/client/servers/{server}/users/{user}
func (s *SubusersService) Get(ctx context.Context, server, user string) (*Subuser, error) {
	return s.get(ctx, server, user)
}

func (s *SubusersService) get(ctx context.Context, server, user string, checks ...rest.Editor) (*Subuser, error) {
	return rest.Item[Subuser](s.api.ClientGetSubuser(ctx, server, user,
		rest.ID("server", server), rest.ID("user", user), rest.Checks(checks...)))
}

// Create makes a person a subuser of a server. If the e-mail address has no
// account, the Panel creates one; it sends a message to the address. It adds
// [PermissionWebsocketConnect] to the permissions and silently drops unknown
// ones, so check those of the subuser that is returned. A person who already is
// a subuser gives an error with code "ServerSubuserExistsException", the owner
// one with "UserIsServerOwnerException". Panel 1.12 allows ten of these calls in
// 15 minutes.
//
// [PermissionDatabaseViewPassword] is sent under the name that it has in this kind
// of Panel; the subuser comes back with that name.
//
// Endpoint: POST /api/client/servers/{server}/users
func (s *SubusersService) Create(ctx context.Context, server, email string, permissions ...Permission) (*Subuser, error) {
	return rest.Item[Subuser](s.api.ClientCreateSubuser(ctx, server,
		clientapi.CreateSubuserRequest{Email: email, Permissions: s.named(permissions)},
		rest.ID("server", server), rest.NotEmpty("email", email), permissionChecks(permissions)))
}

// Grant gives a subuser permissions in addition to the existing ones. It reads
// these and stores all with [SubusersService.SetPermissions], unless none is
// new.
func (s *SubusersService) Grant(ctx context.Context, server, user string, permissions ...Permission) (*Subuser, error) {
	permissions = s.named(permissions)
	return s.change(ctx, server, user, permissions, func(had []Permission) []Permission {
		return distinct(slices.Concat(had, permissions))
	})
}

// Revoke takes permissions away from a subuser, who keeps the others. It reads
// the permissions and stores the rest with [SubusersService.SetPermissions],
// unless the person had none of those to revoke. [PermissionWebsocketConnect]
// cannot be revoked, as the Panel gives it to every subuser; see
// [SubusersService.Delete].
func (s *SubusersService) Revoke(ctx context.Context, server, user string, permissions ...Permission) (*Subuser, error) {
	problem := ""
	permissions = s.named(permissions)
	if slices.Contains(permissions, PermissionWebsocketConnect) {
		problem = "holds websocket.connect, which every subuser has; Delete takes the server away"
	}
	return s.change(ctx, server, user, permissions, func(had []Permission) []Permission {
		kept := slices.DeleteFunc(distinct(had), func(p Permission) bool { return slices.Contains(permissions, p) })
		if len(kept) == 0 {
			kept = []Permission{PermissionWebsocketConnect}
		}
		return kept
	}, rest.Refuse("permissions", problem))
}

// change replaces the permissions of a subuser. Concurrent changes by others are
// overwritten.
func (s *SubusersService) change(ctx context.Context, server, user string, permissions []Permission,
	change func(had []Permission) []Permission, checks ...rest.Editor,
) (*Subuser, error) {
	found, err := s.get(ctx, server, user, append(checks, permissionChecks(permissions))...)
	if err != nil {
		return nil, err
	}
	want := change(found.Permissions)
	if slices.Equal(want, found.Permissions) {
		return found, nil
	}
	return s.SetPermissions(ctx, server, user, want...)
}

// SetPermissions gives a subuser these permissions in place of those that the
// person has: those that are not named are taken away. [SubusersService.Grant] and
// [SubusersService.Revoke] keep the others. The Panel treats them as for Create,
// and ends the tokens for the console that the person holds.
//
// Endpoint: POST /api/client/servers/{server}/users/{user}
func (s *SubusersService) SetPermissions(ctx context.Context, server, user string, permissions ...Permission) (*Subuser, error) {
	return rest.Item[Subuser](s.api.ClientUpdateSubuser(ctx, server, user,
		clientapi.UpdateSubuserRequest{Permissions: s.named(permissions)},
		rest.ID("server", server), rest.ID("user", user), permissionChecks(permissions)))
}

// Delete takes the server away from a subuser and ends the tokens for the
// console that the person holds. The account stays.
//
// Endpoint: DELETE /api/client/servers/{server}/users/{user}
func (s *SubusersService) Delete(ctx context.Context, server, user string) error {
	return rest.None(s.api.ClientDeleteSubuser(ctx, server, user, rest.ID("server", server), rest.ID("user", user)))
}

// Permissions describes all permissions that the Panel knows, by the first part
// of their names: "control" holds [PermissionControlConsole] under "console".
//
// Endpoint: GET /api/client/permissions
func (s *SubusersService) Permissions(ctx context.Context) (map[string]PermissionGroup, error) {
	system, err := rest.Item[clientapi.SystemPermissions](s.api.ClientGetSystemPermissions(ctx))
	if err != nil {
		return nil, err
	}
	return system.Permissions, nil
}

// named returns distinct permissions by the names that they have in this kind of
// Panel, of which one differs.
func (s *SubusersService) named(permissions []Permission) []Permission {
	from, to := PermissionDatabaseViewPasswordPelican, PermissionDatabaseViewPassword
	if s.core.Flavor() == Pelican {
		from, to = to, from
	}
	all := distinct(permissions)
	if i := slices.Index(all, from); i >= 0 {
		all[i] = to
	}
	return distinct(all)
}

// distinct drops repetitions and keeps the order. The Panel would store a list
// with repetitions in a form that breaks the subuser's console.
func distinct(permissions []Permission) []Permission {
	all := make([]Permission, 0, len(permissions))
	for _, permission := range permissions {
		if !slices.Contains(all, permission) {
			all = append(all, permission)
		}
	}
	return all
}

// permissionChecks lets pass what the SDK does not know: newer Panels, and those
// with extensions, have more permissions.
func permissionChecks(permissions []Permission) rest.Editor {
	if len(permissions) == 0 {
		return rest.Refuse("permissions", "names none; websocket.connect is what every subuser has")
	}
	if slices.Contains(permissions, "") {
		return rest.Refuse("permissions", "holds an empty one")
	}
	return rest.Refuse("permissions", "")
}
