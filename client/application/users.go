package application

import (
	"context"
	"iter"
	"strings"

	"github.com/ptero-go/ptero/envelope"
	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// UsersService are the accounts of the panel.
type UsersService service

// UserListOptions chooses what a list of users holds. The zero value asks
// for the first page of all.
type UserListOptions struct {
	// Page is the page to get, and the one that All begins at. 0 means 1.
	Page int

	// PerPage is the number of users in a page. 0 means 50 for List and 100
	// for All. There is no maximum.
	PerPage int

	// Filter keeps the users that fit.
	Filter UserFilter

	// Sort orders the list. Empty means by number.
	Sort UserSort

	// Include names relations to send along.
	Include []UserInclude
}

func (o *UserListOptions) paging() (page, perPage *int) { return &o.Page, &o.PerPage }

// UserFilter keeps the users of a list that fit every text in it. A text
// fits a value that holds it; a comma in it means or.
type UserFilter struct {
	Email, UUID, Username, ExternalID string
}

// List gets one page of users.
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

// All walks users over all pages. It can miss an item if others are deleted and
// created meanwhile: see Lists in the package comment.
func (s *UsersService) All(ctx context.Context, opts UserListOptions) iter.Seq2[*User, error] {
	return rest.AllOf(ctx, s.core, opts, (*UserListOptions).paging, func(x *User) int { return x.ID }, s.List)
}

// Get shows one user. A number that no user has gives [client.ErrNotFound].
//
// Endpoint: GET /api/application/users/{user}
func (s *UsersService) Get(ctx context.Context, user int, include ...UserInclude) (*User, error) {
	return rest.Item[User](s.api.ApplicationGetUser(ctx, user,
		&applicationapi.ApplicationGetUserParams{Include: include},
		rest.ID("user", user), includes(s.core, "include", include)))
}

// GetByExternalID shows the user with exactly this external id, the one that
// some other system gave it. For an external id with a slash in it filter a
// list. One that no user has gives [client.ErrNotFound].
//
// Endpoint: GET /api/application/users/external/{external_id}
func (s *UsersService) GetByExternalID(ctx context.Context, externalID string, include ...UserInclude) (*User, error) {
	return rest.Item[User](s.api.ApplicationGetUserByExternalID(ctx, externalID,
		&applicationapi.ApplicationGetUserByExternalIDParams{Include: include},
		rest.ID("externalID", externalID), includes(s.core, "include", include)))
}

// GetByEmail shows the user with exactly this e-mail address, in upper or lower
// case: the filter of a list also keeps those whose address only holds it. An
// address that no user has gives [client.ErrNotFound].
func (s *UsersService) GetByEmail(ctx context.Context, email string, include ...UserInclude) (*User, error) {
	return lookup("applicationListUsers", "email", email,
		s.All(ctx, UserListOptions{Filter: UserFilter{Email: filterFor(email)}, Include: include}),
		func(x *User) bool { return strings.EqualFold(x.Email, email) })
}

// GetByUsername shows the user with exactly this user name, as
// [UsersService.GetByEmail] does by the e-mail address.
func (s *UsersService) GetByUsername(ctx context.Context, username string, include ...UserInclude) (*User, error) {
	return lookup("applicationListUsers", "username", username,
		s.All(ctx, UserListOptions{Filter: UserFilter{Username: filterFor(username)}, Include: include}),
		func(x *User) bool { return strings.EqualFold(x.Username, username) })
}

// Create makes a user. Without a password the Panel mails the user a link to
// set one; no answer ever shows a password. An e-mail address, user name or
// external id that is taken gives [client.ErrValidation]. The Panel stores the
// user name in lower case. The request is never sent twice.
//
// Pelican knows no first and last names, and ignores them. There RootAdmin gives
// [client.ErrUnsupported]: [RolesService.Assign] makes a user an administrator.
//
// Endpoint: POST /api/application/users
func (s *UsersService) Create(ctx context.Context, req CreateUserRequest) (*User, error) {
	return rest.Item[User](s.api.ApplicationCreateUser(ctx, req, s.core.Served(req), s.noRootAdmin(req.RootAdmin)))
}

// Replace changes a user. E-mail address, user name, first and last name must
// be there, changed or not; what else is left out stays as it is. [UsersService.Update]
// does that for you. Values that are taken or break a rule give
// [client.ErrValidation].
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
	return s.core.Unsupported("RootAdmin", "Roles.Assign gives a user the role of an administrator.")
}

// Update reads a user, lets change work on a request that holds all that was
// read, and sends it with [UsersService.Replace]. The password stays unless
// change sets one.
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

// Delete removes a user. One who owns servers gives an error with status 400 and
// code "DisplayException".
//
// Endpoint: DELETE /api/application/users/{user}
func (s *UsersService) Delete(ctx context.Context, user int) error {
	return rest.None(s.api.ApplicationDeleteUser(ctx, user, rest.ID("user", user)))
}
