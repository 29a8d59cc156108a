package paneltest

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

func emailOf(u *user) string      { return u.email }
func usernameOf(u *user) string   { return u.username }
func externalIDOf(u *user) string { return deref(u.externalID) }

// uniqueUser checks that no other account has a value.
func (p *Panel) uniqueUser(except *user, of func(*user) string) map[string]func(any) bool {
	return map[string]func(any) bool{"unique": func(value any) bool {
		text := textOf(value)
		return p.state.users.first(func(u *user) bool { return u != except && strings.EqualFold(of(u), text) }) == nil
	}}
}

// isUsername is the rule of the Panel's own.
func isUsername(value any) bool {
	return matches(`/^[a-z0-9]([\w\.-]+)[a-z0-9]$/`, strings.ToLower(textOf(value)))
}

// userFields are what an account is made of.
func (p *Panel) userFields(except *user) []field {
	username := field{name: "username", rules: "required|between:1,191|unique|p_username", checks: p.uniqueUser(except, usernameOf)}
	username.checks["p_username"] = isUsername
	return []field{
		{name: "email", rules: "required|email|between:1,191|unique", checks: p.uniqueUser(except, emailOf)},
		{
			name: "external_id", rules: "sometimes|nullable|string|max:191|unique", label: "Third Party Identifier",
			checks: p.uniqueUser(except, externalIDOf),
		},
		username,
		{name: "password", rules: "sometimes|nullable|string"},
		{name: "root_admin", rules: "boolean", label: "Root Administrator Status"},
		{name: "language", rules: "string"},
		{name: "first_name", rules: "required|string|between:1,191"},
		{name: "last_name", rules: "required|string|between:1,191"},
	}
}

// readUser changes an account to what a request says.
func (c *call) readUser(u *user) {
	u.email, u.username = c.in.text("email"), strings.ToLower(c.in.text("username"))
	u.firstName, u.lastName = c.in.text("first_name"), c.in.text("last_name")
	if c.in.has("external_id") {
		u.externalID = c.in.optional("external_id")
	}
	if password := c.in.text("password"); password != "" {
		u.password = password
	}
	if c.in.has("root_admin") {
		u.admin = c.in.boolean("root_admin")
	}
	if language := c.in.text("language"); language != "" {
		u.language = language
	}
	u.updated = time.Now()
}

// ApplicationListUsers implements the operation.
func (a applicationAPI) ApplicationListUsers(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightUsers, func(c *call) (*answer, error) {
		users, err := filterBy(c.in, c.searched(c.p.state.users.all()),
			partial("email", emailOf), partial("uuid", func(u *user) string { return u.uuid }), partial("username", usernameOf),
			partial("external_id", externalIDOf),
		)
		if err != nil {
			return nil, err
		}
		if users, err = sortBy(c.in, users,
			sortOn("id", func(a, b *user) int { return a.id - b.id }),
			sortOn("uuid", func(a, b *user) int { return cmp.Compare(a.uuid, b.uuid) }),
		); err != nil {
			return nil, err
		}
		included := c.in.includes()
		return paginated(c, users, applicationPages, func(u *user) object { return c.showUser(u, included) })
	})
}

// searched applies the search of Panel 0.7.
func (c *call) searched(users []*user) []*user {
	text := strings.ToLower(c.in.text("search"))
	if !c.p.legacy() || text == "" {
		return users
	}
	return slices.DeleteFunc(users, func(u *user) bool {
		return !strings.Contains(u.email, text) && !strings.Contains(u.username, text) && !strings.Contains(u.uuid, text)
	})
}

// ApplicationGetUser implements the operation.
func (a applicationAPI) ApplicationGetUser(w http.ResponseWriter, r *http.Request, userID int) {
	on(a, w, r, rightUsers, byID(usersOf, userID), func(c *call, u *user) (*answer, error) {
		return ok(c.showUser(u, c.in.includes())), nil
	})
}

// ApplicationGetUserByExternalID implements the operation.
func (a applicationAPI) ApplicationGetUserByExternalID(w http.ResponseWriter, r *http.Request, externalID string) {
	on(a, w, r, rightUsers, func(s *state) *user {
		return s.users.first(func(u *user) bool { return u.externalID != nil && *u.externalID == externalID })
	}, func(c *call, u *user) (*answer, error) { return ok(c.showUser(u, c.in.includes())), nil })
}

// ApplicationCreateUser implements the operation.
func (a applicationAPI) ApplicationCreateUser(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightUsers, func(c *call) (*answer, error) {
		if err := c.in.validate(c.p.userFields(nil)...); err != nil {
			return nil, err
		}
		u := &user{id: c.p.state.users.next(), uuid: randomID(), language: "en", password: randomText(24), created: time.Now()}
		c.readUser(u)
		c.p.state.users.add(u.id, u)
		return c.created(c.showUser(u, nil), "users/"+strconv.Itoa(u.id))
	})
}

// ApplicationUpdateUser implements the operation.
func (a applicationAPI) ApplicationUpdateUser(w http.ResponseWriter, r *http.Request, userID int) {
	on(a, w, r, rightUsers, byID(usersOf, userID), func(c *call, u *user) (*answer, error) {
		if err := c.in.validate(c.p.userFields(u)...); err != nil {
			return nil, err
		}
		c.readUser(u)
		return ok(c.showUser(u, c.in.includes())), nil
	})
}

// ApplicationDeleteUser implements the operation.
func (a applicationAPI) ApplicationDeleteUser(w http.ResponseWriter, r *http.Request, userID int) {
	on(a, w, r, rightUsers, byID(usersOf, userID), func(c *call, u *user) (*answer, error) {
		if c.p.state.servers.first(func(s *server) bool { return s.owner == u }) != nil {
			return nil, display("Cannot delete a user with active servers attached to their account. Please delete their servers before continuing.")
		}
		for _, k := range slices.Clone(c.p.state.keyOrder) {
			if k.owner == u {
				c.p.state.removeKey(k)
			}
		}
		for _, sub := range c.p.state.subusers.where(func(s *subuser) bool { return s.user == u }) {
			c.p.state.subusers.remove(sub.id)
			sub.server.subusers = slices.DeleteFunc(sub.server.subusers, func(other *subuser) bool { return other == sub })
		}
		c.p.state.users.remove(u.id)
		return none, nil
	})
}
