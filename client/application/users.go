package application

import (
	"context"
	"iter"

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
		rest.OptionalEnum("Sort", opts.Sort), rest.Includes("Include", opts.Include...)))
}

// All walks users over all pages.
func (s *UsersService) All(ctx context.Context, opts UserListOptions) iter.Seq2[*User, error] {
	return rest.All(ctx, s.core, opts.Page, opts.PerPage, func(x *User) int { return x.ID },
		func(ctx context.Context, page, perPage int) (*Page[User], error) {
			opts := opts
			opts.Page, opts.PerPage = page, perPage
			return s.List(ctx, opts)
		})
}

// Get shows one user.
//
// Endpoint: GET /api/application/users/{user}
func (s *UsersService) Get(ctx context.Context, user int, include ...UserInclude) (*User, error) {
	return rest.Item[User](s.api.ApplicationGetUser(ctx, user,
		&applicationapi.ApplicationGetUserParams{Include: include},
		rest.ID("user", user), rest.Includes("include", include...)))
}
