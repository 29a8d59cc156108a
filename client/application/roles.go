package application

import (
	"context"
	"iter"

	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// RolesService manages the roles, which give users rights in the admin area.
// Pelican only; in Pterodactyl a user is an administrator or not.
type RolesService service

// RoleListOptions selects a page of a list of roles. The zero value asks for the
// first page of all.
type RoleListOptions struct {
	// Page is the page to get, or the one at which All begins. 0 means 1.
	Page int

	// PerPage is the number of roles in a page. 0 means 10 for List and 100 for
	// All. There is no maximum.
	PerPage int

	// Name keeps the roles whose name contains this text; a comma separates
	// alternatives.
	Name string

	// Sort orders the list. Empty means by number.
	Sort RoleSort

	// Include names the relations to include.
	Include []RoleInclude
}

func (o *RoleListOptions) paging() (page, perPage *int) { return &o.Page, &o.PerPage }

// List gets one page of roles.
//
// Endpoint: GET /api/application/roles
func (s *RolesService) List(ctx context.Context, opts RoleListOptions) (*Page[Role], error) {
	return rest.PageOf[Role](s.api.ApplicationListRoles(ctx, &applicationapi.ApplicationListRolesParams{
		Page:           rest.Optional(opts.Page),
		PelicanPerPage: rest.Optional(opts.PerPage),
		FilterName:     rest.Optional(opts.Name),
		Sort:           rest.Optional(opts.Sort),
		Include:        opts.Include,
	},
		rest.NotNegative("Page", opts.Page), rest.NotNegative("PerPage", opts.PerPage),
		rest.OptionalEnum("Sort", opts.Sort), rest.Includes("Include", opts.Include...)))
}

// All iterates over the roles on all pages. It can miss an item if others are deleted and
// created meanwhile; see Lists in the comment of package client.
func (s *RolesService) All(ctx context.Context, opts RoleListOptions) iter.Seq2[*Role, error] {
	return rest.AllOf(ctx, s.core, opts, (*RoleListOptions).paging, func(x *Role) int { return x.ID }, s.List)
}

// Get returns one role. Its permissions are included only with
// [RoleIncludePermissions].
//
// Endpoint: GET /api/application/roles/{role}
func (s *RolesService) Get(ctx context.Context, role int, include ...RoleInclude) (*Role, error) {
	return rest.Item[Role](s.api.ApplicationGetRole(ctx, role,
		&applicationapi.ApplicationGetRoleParams{Include: include},
		rest.ID("role", role), rest.Includes("include", include...)))
}

// Create creates a role without permissions, which only the admin area can give
// it. The request is never sent twice.
//
// Endpoint: POST /api/application/roles
func (s *RolesService) Create(ctx context.Context, name string) (*Role, error) {
	return rest.Item[Role](s.api.ApplicationCreateRole(ctx, applicationapi.CreateRoleRequest{Name: name}, rest.NotEmpty("name", name)))
}

// Rename changes the name of a role.
//
// Endpoint: PATCH /api/application/roles/{role}
func (s *RolesService) Rename(ctx context.Context, role int, name string) (*Role, error) {
	return rest.Item[Role](s.api.ApplicationUpdateRole(ctx, role, applicationapi.UpdateRoleRequest{Name: name},
		rest.ID("role", role), rest.NotEmpty("name", name)))
}

// Delete deletes a role. For the role of the root administrators, and for one that
// this API created, Pelican 1.0.0-beta38 answers 500.
//
// Endpoint: DELETE /api/application/roles/{role}
func (s *RolesService) Delete(ctx context.Context, role int) error {
	return rest.None(s.api.ApplicationDeleteRole(ctx, role, rest.ID("role", role)))
}

// Assign gives a user further roles. Pelican ignores the role of the root
// administrators. The answer does not include the roles; [UsersService.Get] does,
// with [UserIncludeRoles].
//
// Endpoint: PATCH /api/application/users/{user}/roles/assign
func (s *RolesService) Assign(ctx context.Context, user int, roles ...int) (*User, error) {
	return rest.Item[User](s.api.ApplicationAssignUserRoles(ctx, user, applicationapi.UserRolesRequest{Roles: roles},
		rest.ID("user", user), someIDs("roles", roles)))
}

// Remove takes roles from a user. Pelican ignores the role of the root
// administrators.
//
// Endpoint: PATCH /api/application/users/{user}/roles/remove
func (s *RolesService) Remove(ctx context.Context, user int, roles ...int) (*User, error) {
	return rest.Item[User](s.api.ApplicationRemoveUserRoles(ctx, user, applicationapi.UserRolesRequest{Roles: roles},
		rest.ID("user", user), someIDs("roles", roles)))
}

// someIDs refuses an empty list of IDs, and one that contains a number below 1.
func someIDs(argument string, ids []int) rest.Editor {
	if len(ids) == 0 {
		return rest.Refuse(argument, "is empty")
	}
	checks := make([]rest.Editor, len(ids))
	for i, id := range ids {
		checks[i] = rest.ID(argument, id)
	}
	return rest.Checks(checks...)
}
