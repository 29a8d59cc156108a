package paneltest

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/random"
)

func usernameOf(u *user) string   { return u.username }
func externalIDOf(u *user) string { return deref(u.externalID) }

// isUsername is the rule of the Panel's own.
func isUsername(value any) bool {
	return laravel.Matches(`/^[a-z0-9]([\w\.-]+)[a-z0-9]$/`, strings.ToLower(laravel.TextOf(value)))
}

// userFields are what an account is made of.
func (c *applicationCall) userFields(except *user) []laravel.Field {
	username := laravel.Field{Name: "username", Rules: "required|between:1,191|unique|p_username", Checks: c.uniqueUser(except, usernameOf)}
	username.Checks["p_username"] = isUsername
	return []laravel.Field{
		{Name: "email", Rules: "required|email|between:1,191|unique", Checks: c.uniqueUser(except, emailOf)},
		{
			Name: "external_id", Rules: "sometimes|nullable|string|max:191|unique", Label: "Third Party Identifier",
			Checks: c.uniqueUser(except, externalIDOf),
		},
		username,
		{Name: "password", Rules: "sometimes|nullable|string"},
		{Name: "root_admin", Rules: "boolean", Label: "Root Administrator Status"},
		{Name: "language", Rules: "string"},
		{Name: "first_name", Rules: "required|string|between:1,191"},
		{Name: "last_name", Rules: "required|string|between:1,191"},
	}
}

// readUser changes an account to what a request says.
func (c *applicationCall) readUser(u *user) {
	u.email, u.username = c.in.Text("email"), strings.ToLower(c.in.Text("username"))
	u.firstName, u.lastName = c.in.Text("first_name"), c.in.Text("last_name")
	if c.in.Has("external_id") {
		u.externalID = c.in.Optional("external_id")
	}
	if password := c.in.Text("password"); password != "" {
		u.password = password
	}
	if c.in.Has("root_admin") {
		u.admin = c.in.Boolean("root_admin")
	}
	if language := c.in.Text("language"); language != "" {
		u.language = language
	}
	u.updated = time.Now()
}

// ApplicationListUsers implements the operation.
func (a applicationAPI) ApplicationListUsers(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightUsers, func(c *applicationCall) (*laravel.Answer, error) {
		users, err := laravel.FilterBy(c.in, c.searched(c.state.users.all()),
			laravel.Partial("email", emailOf), laravel.Partial("uuid", func(u *user) string { return u.uuid }), laravel.Partial("username", usernameOf),
			laravel.Partial("external_id", externalIDOf),
		)
		if err != nil {
			return nil, err
		}
		if users, err = laravel.SortBy(c.in, users,
			laravel.SortOn("id", func(a, b *user) int { return a.id - b.id }),
			laravel.SortOn("uuid", func(a, b *user) int { return cmp.Compare(a.uuid, b.uuid) }),
		); err != nil {
			return nil, err
		}
		included := c.in.Includes()
		return paginated(c.call, users, applicationPages, func(u *user) laravel.Object { return c.showUser(u, included) })
	})
}

// searched applies the search of Panel 0.7.
func (c *applicationCall) searched(users []*user) []*user {
	text := strings.ToLower(c.in.Text("search"))
	if !c.legacy() || text == "" {
		return users
	}
	return slices.DeleteFunc(users, func(u *user) bool {
		return !strings.Contains(u.email, text) && !strings.Contains(u.username, text) && !strings.Contains(u.uuid, text)
	})
}

// ApplicationGetUser implements the operation.
func (a applicationAPI) ApplicationGetUser(w http.ResponseWriter, r *http.Request, userID int) {
	on(a, w, r, rightUsers, byID(usersOf, userID), func(c *applicationCall, u *user) (*laravel.Answer, error) {
		return laravel.OK(c.showUser(u, c.in.Includes())), nil
	})
}

// ApplicationGetUserByExternalID implements the operation.
func (a applicationAPI) ApplicationGetUserByExternalID(w http.ResponseWriter, r *http.Request, externalID string) {
	on(a, w, r, rightUsers, func(s *state) *user {
		return s.users.first(func(u *user) bool { return u.externalID != nil && *u.externalID == externalID })
	}, func(c *applicationCall, u *user) (*laravel.Answer, error) {
		return laravel.OK(c.showUser(u, c.in.Includes())), nil
	})
}

// ApplicationCreateUser implements the operation.
func (a applicationAPI) ApplicationCreateUser(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightUsers, func(c *applicationCall) (*laravel.Answer, error) {
		if err := c.in.Validate(c.userFields(nil)...); err != nil {
			return nil, err
		}
		u := &user{id: c.state.users.next(), uuid: random.UUID(), language: "en", password: random.Text(24), created: time.Now()}
		c.readUser(u)
		c.state.users.add(u.id, u)
		return c.created(c.showUser(u, nil), "users/"+strconv.Itoa(u.id))
	})
}

// ApplicationUpdateUser implements the operation.
func (a applicationAPI) ApplicationUpdateUser(w http.ResponseWriter, r *http.Request, userID int) {
	on(a, w, r, rightUsers, byID(usersOf, userID), func(c *applicationCall, u *user) (*laravel.Answer, error) {
		if err := c.in.Validate(c.userFields(u)...); err != nil {
			return nil, err
		}
		c.readUser(u)
		return laravel.OK(c.showUser(u, c.in.Includes())), nil
	})
}

// ApplicationDeleteUser implements the operation.
func (a applicationAPI) ApplicationDeleteUser(w http.ResponseWriter, r *http.Request, userID int) {
	on(a, w, r, rightUsers, byID(usersOf, userID), func(c *applicationCall, u *user) (*laravel.Answer, error) {
		if c.state.servers.first(func(s *server) bool { return s.owner == u }) != nil {
			return nil, laravel.Display("Cannot delete a user with active servers attached to their account. Please delete their servers before continuing.")
		}
		for _, k := range slices.Clone(c.state.keyOrder) {
			if k.owner == u {
				c.state.removeKey(k)
			}
		}
		for _, sub := range c.state.subusers.where(func(s *subuser) bool { return s.user == u }) {
			c.state.subusers.remove(sub.id)
			sub.server.subusers = slices.DeleteFunc(sub.server.subusers, func(other *subuser) bool { return other == sub })
		}
		c.state.users.remove(u.id)
		return laravel.NoContent, nil
	})
}
