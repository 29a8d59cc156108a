package application

import (
	"context"
	"iter"
	"strings"

	"github.com/ptero-go/ptero/envelope"
	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// UsersService manages the accounts of the Panel.
type UsersService service

// UserListOptions selects a page of a list of users. The zero value asks for the
// first page of all users.
type UserListOptions struct {
	// Page is the page to get, or the one at which All begins. 0 means 1.
	Page int

	// PerPage is the number of users in a page. 0 means 50 for List and 100
	// for All. There is no maximum.
	PerPage int

	// Filter keeps the users that match.
	Filter UserFilter

	// Sort orders the list. Empty means by number.
	Sort UserSort

	// Include names the relations to include.
	Include []UserInclude
}

func (o *UserListOptions) paging() (page, perPage *int) { return &o.Page, &o.PerPage }

// UserFilter selects users that match all its texts. A text matches a value that
// contains it; a comma separates alternatives.
type UserFilter struct {
	Email, UUID, Username, ExternalID string
}

// List returns one page of users.
//
// Endpoint: GET /api/application/users
func (s *UsersService) List(ctx context.Context, opts UserListOptions) (*Page[User], error) {
	return rest.PageOf[User](s.api.ApplicationListUsers(ctx, &applicationapi.ApplicationListUsersParams{
		Page:             rest.Optional(opts.Page),
		PerPage:          rest.Optional(opts.PerPage),
		FilterEmail:      rest.Optional(opts.Filter.Email),
		FilterUUID:       rest.Optional(opts.Filter.UUID),
		FilterUsername:   rest.Optional(opts.Filter.Username),
		FilterExternalID: rest.Optional(opts.Filter.ExternalID),
		Sort:             rest.Optional(opts.Sort),
		Include:          opts.Include,
	},
		rest.NotNegative("Page", opts.Page), rest.NotNegative("PerPage", opts.PerPage),
		rest.OptionalEnum("Sort", opts.Sort), includes(s.core, "Include", opts.Include)))
}

// All iterates over the users on all pages. It can miss an item if others are
// deleted and created meanwhile; see Lists in the comment of package client.
func (s *UsersService) All(ctx context.Context, opts UserListOptions) iter.Seq2[*User, error] {
	return rest.AllOf(ctx, s.core, opts, (*UserListOptions).paging, func(x *User) int { return x.ID }, s.List)
}

// Get returns one user. An unknown number gives [client.ErrNotFound].
//
// Endpoint: GET /api/application/users/{user}
func (s *UsersService) Get(ctx context.Context, user int, include ...UserInclude) (*User, error) {
	return rest.Item[User](s.api.ApplicationGetUser(ctx, user,
		&applicationapi.ApplicationGetUserParams{Include: include},
		rest.ID("user", user), includes(s.core, "include", include)))
}

// GetByExternalID returns the user with exactly this external ID, which another
// system has assigned. For an external ID that contains a slash, filter a list.
// An unknown one gives [client.ErrNotFound].
//
// Endpoint: GET /api/application/users/external/{external_id}
func (s *UsersService) GetByExternalID(ctx context.Context, externalID string, include ...UserInclude) (*User, error) {
	return rest.Item[User](s.api.ApplicationGetUserByExternalID(ctx, externalID,
		&applicationapi.ApplicationGetUserByExternalIDParams{Include: include},
		rest.ID("externalID", externalID), includes(s.core, "include", include)))
}

// GetByEmail returns the user with exactly this e-mail address, ignoring case,
// whereas the filter of a list matches substrings. An unknown address gives
// [client.ErrNotFound].
func (s *UsersService) GetByEmail(ctx context.Context, email string, include ...UserInclude) (*User, error) {
	return lookup("applicationListUsers", "email", email,
		s.All(ctx, UserListOptions{Filter: UserFilter{Email: filterFor(email)}, Include: include}),
		func(x *User) bool { return strings.EqualFold(x.Email, email) })
}

// GetByUsername returns the user with exactly this username, as
// [UsersService.GetByEmail] does by e-mail address.
func (s *UsersService) GetByUsername(ctx context.Context, username string, include ...UserInclude) (*User, error) {
	return lookup("applicationListUsers", "username", username,
		s.All(ctx, UserListOptions{Filter: UserFilter{Username: filterFor(username)}, Include: include}),
		func(x *User) bool { return strings.EqualFold(x.Username, username) })
}

// Create creates a user. Without a password the Panel mails the user a link to
// set one; no answer ever includes a password. An e-mail address, username or
// external ID that is in use gives [client.ErrValidation]. The Panel stores the
// username in lower case. The request is never sent twice.
//
// Pelican has no first and last names, and ignores them. There RootAdmin gives
// [client.ErrUnsupported]: [RolesService.Assign] gives a user roles, but only the
// admin area makes root administrators.
//
// Endpoint: POST /api/application/users
func (s *UsersService) Create(ctx context.Context, req CreateUserRequest) (*User, error) {
	return rest.Item[User](s.api.ApplicationCreateUser(ctx, req, s.core.Served(req), s.noRootAdmin(req.RootAdmin)))
}

// Replace changes a user. E-mail address, username, first and last name are
// required, even if unchanged; other fields that are left out stay as they are.
// [UsersService.Update] fills in the required ones. Values that are in use or
// break a rule give [client.ErrValidation].
//
// Endpoint: PATCH /api/application/users/{user}
func (s *UsersService) Replace(ctx context.Context, user int, req UpdateUserRequest) (*User, error) {
	return rest.Item[User](s.api.ApplicationUpdateUser(ctx, user, req,
		rest.ID("user", user), s.core.Served(req), s.noRootAdmin(req.RootAdmin != nil)))
}

// noRootAdmin refuses what Pelican ignores in silence: there, a role makes a user
// an administrator.
func (s *UsersService) noRootAdmin(set bool) rest.Editor {
	if !set || s.core.Flavor() != rest.Pelican {
		return rest.Refuse("", "")
	}
	return s.core.Unsupported("RootAdmin", "Roles.Assign gives a user other roles; only the admin area makes root administrators.")
}

// Update reads a user, calls change with a request that holds all that was read,
// and sends that with [UsersService.Replace]. The password stays unless change
// sets one.
func (s *UsersService) Update(ctx context.Context, user int, change func(*UpdateUserRequest) error) (*User, error) {
	return update(ctx, user, s.Get, s.keep, change, s.Replace)
}

// keep returns the request that leaves a user of this panel as it is.
func (s *UsersService) keep(user *User) UpdateUserRequest {
	req := userRequest(user)
	if s.core.Flavor() == rest.Pelican {
		req.RootAdmin, req.IsManagedExternally = nil, &user.IsManagedExternally
	}
	return req
}

// userRequest returns the request that leaves a user as it is.
func userRequest(user *User) UpdateUserRequest {
	return UpdateUserRequest{
		Email:      user.Email,
		ExternalID: envelope.NullableOf(user.ExternalID),
		FirstName:  user.FirstName,
		Language:   rest.Optional(user.Language),
		LastName:   user.LastName,
		RootAdmin:  &user.RootAdmin,
		Username:   user.Username,
	}
}

// Delete deletes a user. One who owns servers gives an error with status 400 and
// code "DisplayException".
//
// Endpoint: DELETE /api/application/users/{user}
func (s *UsersService) Delete(ctx context.Context, user int) error {
	return rest.None(s.api.ApplicationDeleteUser(ctx, user, rest.ID("user", user)))
}
