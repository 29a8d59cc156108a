package application

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
	"github.com/ptero-go/ptero/paneltest/internal/random"
)

func externalIDOf(u *model.User) string { return model.Deref(u.ExternalID) }

// userFields are what an account is made of.
func (c *call) userFields(except *model.User) []laravel.Field {
	longest := c.Traits.MaxText()
	fields := []laravel.Field{
		{Name: "email", Rules: "required|email|between:1," + longest + "|unique", Checks: c.UniqueUser(except, panel.EmailOf)},
		{
			Name: "external_id", Rules: "sometimes|nullable|string|max:" + longest + "|unique", Label: "Third Party Identifier",
			Checks: c.UniqueUser(except, externalIDOf),
		},
		c.UsernameField(except),
		{Name: "password", Rules: "sometimes|nullable|string"},
	}
	if c.Traits.Roles {
		return append(fields,
			laravel.Field{Name: "is_managed_externally", Rules: "boolean"},
			laravel.Field{Name: "language", Rules: "string|in:" + languages},
			laravel.Field{Name: "timezone", Rules: "string"},
		)
	}
	return append(fields,
		laravel.Field{Name: "root_admin", Rules: "boolean", Label: "Root Administrator Status"},
		laravel.Field{Name: "language", Rules: "string"},
		laravel.Field{Name: "first_name", Rules: "required|string|between:1,191"},
		laravel.Field{Name: "last_name", Rules: "required|string|between:1,191"},
	)
}

// languages are some of those that Pelican knows.
const languages = "en,de,fr,es,it,nl,pl,pt,ru,tr"

// readUser changes an account to what a request says.
func (c *call) readUser(u *model.User) {
	u.Email, u.Username = c.Input.Text("email"), strings.ToLower(c.Input.Text("username"))
	if c.Input.Has("external_id") {
		u.ExternalID = c.Input.Optional("external_id")
	}
	if password := c.Input.Text("password"); password != "" {
		u.Password = password
	}
	switch {
	case !c.Traits.Roles:
		u.FirstName, u.LastName = c.Input.Text("first_name"), c.Input.Text("last_name")
		if c.Input.Has("root_admin") {
			u.Admin = c.Input.Boolean("root_admin")
		}
	case c.Input.Has("is_managed_externally"):
		u.Managed = c.Input.Boolean("is_managed_externally")
	}
	if language := c.Input.Text("language"); language != "" {
		u.Language = language
	}
	u.Updated = time.Now()
}

// ApplicationListUsers implements the operation.
func (a API) ApplicationListUsers(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightUsers, func(c *call) (*laravel.Answer, error) {
		users, err := laravel.FilterBy(c.Input, c.searched(c.State.Users.All()),
			laravel.Partial("email", panel.EmailOf), laravel.Partial("uuid", func(u *model.User) string { return u.UUID }), laravel.Partial("username", panel.UsernameOf),
			laravel.Partial("external_id", externalIDOf),
		)
		if err != nil {
			return nil, err
		}
		if users, err = laravel.SortBy(c.Input, users,
			laravel.SortOn("id", func(a, b *model.User) int { return a.ID - b.ID }),
			laravel.SortOn("uuid", func(a, b *model.User) int { return cmp.Compare(a.UUID, b.UUID) }),
		); err != nil {
			return nil, err
		}
		included := c.Input.Includes()
		return panel.Paginated(c.Call, users, applicationPages, func(u *model.User) laravel.Object { return c.showUser(u, included) })
	})
}

// searched applies the search of Panel 0.7.
func (c *call) searched(users []*model.User) []*model.User {
	text := strings.ToLower(c.Input.Text("search"))
	if !c.Legacy() || text == "" {
		return users
	}
	return slices.DeleteFunc(users, func(u *model.User) bool {
		return !strings.Contains(u.Email, text) && !strings.Contains(u.Username, text) && !strings.Contains(u.UUID, text)
	})
}

// ApplicationGetUser implements the operation.
func (a API) ApplicationGetUser(w http.ResponseWriter, r *http.Request, userID int) {
	on(a, w, r, rightUsers, byID(usersOf, userID), func(c *call, u *model.User) (*laravel.Answer, error) {
		return laravel.OK(c.showUser(u, c.Input.Includes())), nil
	})
}

// ApplicationGetUserByExternalID implements the operation.
func (a API) ApplicationGetUserByExternalID(w http.ResponseWriter, r *http.Request, externalID string) {
	on(a, w, r, rightUsers, func(s *model.State) *model.User {
		return s.Users.First(func(u *model.User) bool { return u.ExternalID != nil && *u.ExternalID == externalID })
	}, func(c *call, u *model.User) (*laravel.Answer, error) {
		return laravel.OK(c.showUser(u, c.Input.Includes())), nil
	})
}

// ApplicationCreateUser implements the operation.
func (a API) ApplicationCreateUser(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightUsers, func(c *call) (*laravel.Answer, error) {
		if err := c.Input.Validate(c.userFields(nil)...); err != nil {
			return nil, err
		}
		u := &model.User{ID: c.State.Users.Next(), UUID: random.UUID(), Language: "en", Password: random.Text(24), Created: time.Now()}
		c.readUser(u)
		c.State.Users.Add(u.ID, u)
		return c.created(c.showUser(u, nil), "users/"+strconv.Itoa(u.ID))
	})
}

// ApplicationUpdateUser implements the operation.
func (a API) ApplicationUpdateUser(w http.ResponseWriter, r *http.Request, userID int) {
	on(a, w, r, rightUsers, byID(usersOf, userID), func(c *call, u *model.User) (*laravel.Answer, error) {
		if err := c.Input.Validate(c.userFields(u)...); err != nil {
			return nil, err
		}
		c.readUser(u)
		return laravel.OK(c.showUser(u, c.Input.Includes())), nil
	})
}

// ApplicationDeleteUser implements the operation.
func (a API) ApplicationDeleteUser(w http.ResponseWriter, r *http.Request, userID int) {
	on(a, w, r, rightUsers, byID(usersOf, userID), func(c *call, u *model.User) (*laravel.Answer, error) {
		switch {
		case c.Traits.Roles && u.Admin:
			return &laravel.Answer{Status: http.StatusForbidden, Body: []any{}}, nil
		case c.State.Servers.First(func(s *model.Server) bool { return s.Owner == u }) != nil:
			return nil, laravel.Display("Cannot delete a user with active servers attached to their account. Please delete their servers before continuing.")
		}
		for _, k := range slices.Clone(c.State.KeyOrder) {
			if k.Owner == u {
				c.State.RemoveKey(k)
			}
		}
		for _, sub := range c.State.Subusers.Where(func(s *model.Subuser) bool { return s.User == u }) {
			c.State.Subusers.Remove(sub.ID)
			sub.Server.Subusers = slices.DeleteFunc(sub.Server.Subusers, func(other *model.Subuser) bool { return other == sub })
		}
		c.State.Users.Remove(u.ID)
		return laravel.NoContent, nil
	})
}
