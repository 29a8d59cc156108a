package paneltest

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/protocol"
	"github.com/ptero-go/ptero/paneltest/internal/random"
)

// ClientListSubusers implements the operation.
func (a clientAPI) ClientListSubusers(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "user.read", func(c *serverCall) (*laravel.Answer, error) {
		return laravel.OK(laravel.ListOf(c.server.subusers, showSubuser)), nil
	})
}

// mayGrant refuses permissions that an account does not have itself.
func (c *serverCall) mayGrant() error {
	value, there := c.in.Get("permissions")
	if !there || value == nil {
		return nil // which the rules refuse
	}
	if laravel.EntriesOf(value) == nil {
		return laravel.Crashed("TypeError")
	}
	for _, permission := range c.in.Texts("permissions") {
		if !c.may(c.server, permission) {
			return laravel.Forbidden("Cannot assign permissions to a subuser that your account does not actively possess.")
		}
	}
	return nil
}

// grants are the permissions that a request asks for: those that exist, sorted,
// and the one without which the others are of little use.
func (c *serverCall) grants() []string {
	granted := slices.DeleteFunc(c.in.Texts("permissions"), func(p string) bool { return !isPermission(p) })
	granted = append(granted, protocol.PermitConnect)
	slices.Sort(granted)
	return slices.Compact(granted)
}

// ClientCreateSubuser implements the operation.
func (a clientAPI) ClientCreateSubuser(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "user.create", func(c *serverCall) (*laravel.Answer, error) {
		if err := c.mayGrant(); err != nil {
			return nil, err
		}
		if err := c.in.Validate(
			laravel.Field{Name: "email", Rules: "required|email|between:1,191"},
			laravel.Field{Name: "permissions", Rules: "required|array"},
			laravel.Field{Name: "permissions.*", Rules: "string"},
		); err != nil {
			return nil, err
		}
		email := c.in.Text("email")
		u := c.state.users.first(func(u *user) bool { return strings.EqualFold(u.email, email) })
		switch {
		case u != nil && u == c.server.owner:
			return nil, laravel.Refuse(http.StatusBadRequest, "UserIsServerOwnerException",
				"You cannot add the server owner as a subuser for this server.")
		case u != nil && c.server.subuser(u) != nil:
			return nil, laravel.Refuse(http.StatusBadRequest, "ServerSubuserExistsException",
				"A user with that email address is already assigned as a subuser for this server.")
		case u == nil:
			u = c.invite(email)
		}
		now := time.Now()
		sub := &subuser{
			id: c.state.subusers.next(), user: u, server: c.server, permissions: c.grants(), created: now, updated: now,
		}
		c.state.subusers.add(sub.id, sub)
		c.server.subusers = append(c.server.subusers, sub)
		c.note("server:subuser.create", with("email", email), with("permissions", sub.permissions))
		return laravel.OK(showSubuser(sub)), nil
	})
}

var notInUsernames = regexp.MustCompile(`[^A-Za-z0-9_.-]`)

// invite makes an account for an e-mail address that nobody has.
func (c *clientCall) invite(email string) *user {
	name, _, _ := strings.Cut(email, "@")
	name = notInUsernames.ReplaceAllString(name, "")
	now := time.Now()
	u := &user{
		id: c.state.users.next(), uuid: random.UUID(), username: name[:min(len(name), 64)] + strings.ToLower(random.Text(3)),
		email: email, firstName: "Server", lastName: "Subuser", language: "en", password: random.Text(24), created: now, updated: now,
	}
	c.state.users.add(u.id, u)
	return u
}

// onSubuser is onServer for an operation on a subuser. Nobody may change
// themselves.
func (a clientAPI) onSubuser(w http.ResponseWriter, r *http.Request, id, uuid, permission string, handle func(*serverCall, *subuser) (*laravel.Answer, error)) {
	a.onServer(w, r, id, permission, func(c *serverCall) (*laravel.Answer, error) {
		i := slices.IndexFunc(c.server.subusers, func(s *subuser) bool { return s.user.uuid == uuid })
		switch {
		case i < 0:
			return nil, laravel.ErrNotFound
		case c.server.subusers[i].user == c.user && c.r.Method != http.MethodGet:
			return nil, laravel.ErrUnauthorized
		}
		return handle(c, c.server.subusers[i])
	})
}

// ClientGetSubuser implements the operation.
func (a clientAPI) ClientGetSubuser(w http.ResponseWriter, r *http.Request, id, userID string) {
	a.onSubuser(w, r, id, userID, "user.read", func(_ *serverCall, s *subuser) (*laravel.Answer, error) {
		return laravel.OK(showSubuser(s)), nil
	})
}

// ClientUpdateSubuser implements the operation.
func (a clientAPI) ClientUpdateSubuser(w http.ResponseWriter, r *http.Request, id, userID string) {
	a.onSubuser(w, r, id, userID, "user.update", func(c *serverCall, s *subuser) (*laravel.Answer, error) {
		if err := c.mayGrant(); err != nil {
			return nil, err
		}
		if err := c.in.Validate(
			laravel.Field{Name: "permissions", Rules: "required|array"},
			laravel.Field{Name: "permissions.*", Rules: "string"},
		); err != nil {
			return nil, err
		}
		if granted, old := c.grants(), s.permissions; !slices.Equal(granted, old) {
			s.permissions, s.updated = granted, time.Now()
			c.revoke(s.user, c.server)
			c.note("server:subuser.update", with("email", s.user.email), with("old", old), with("new", granted),
				with("revoked", true))
		}
		return laravel.OK(showSubuser(s)), nil
	})
}

// ClientDeleteSubuser implements the operation.
func (a clientAPI) ClientDeleteSubuser(w http.ResponseWriter, r *http.Request, id, userID string) {
	a.onSubuser(w, r, id, userID, "user.delete", func(c *serverCall, s *subuser) (*laravel.Answer, error) {
		c.state.subusers.remove(s.id)
		c.server.subusers = slices.DeleteFunc(c.server.subusers, func(other *subuser) bool { return other == s })
		c.revoke(s.user, c.server)
		c.note("server:subuser.delete", with("email", s.user.email), with("revoked", true))
		return laravel.NoContent, nil
	})
}
