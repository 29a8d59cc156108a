package client

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
	"github.com/ptero-go/ptero/paneltest/internal/protocol"
	"github.com/ptero-go/ptero/paneltest/internal/random"
)

// ClientListSubusers implements the operation.
func (a API) ClientListSubusers(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "user.read", func(c *serverCall) (*laravel.Answer, error) {
		return laravel.OK(laravel.ListOf(c.server.Subusers, c.showSubuser)), nil
	})
}

// mayGrant refuses permissions that an account does not have itself.
func (c *serverCall) mayGrant() error {
	value, there := c.Input.Get("permissions")
	if !there || value == nil {
		return nil // which the rules refuse
	}
	if laravel.EntriesOf(value) == nil {
		return laravel.Crashed("TypeError")
	}
	for _, permission := range c.Input.Texts("permissions") {
		if !c.may(c.server, permission) {
			return laravel.Forbidden("Cannot assign permissions to a subuser that your account does not actively possess.")
		}
	}
	return nil
}

// grants are the permissions that a request asks for, as it orders them: those
// that exist, and the one without which the others are of little use.
func (c *serverCall) grants() []string {
	var granted []string
	for _, p := range append(c.Input.Texts("permissions"), protocol.PermitConnect) {
		if c.isPermission(p) && !slices.Contains(granted, p) {
			granted = append(granted, p)
		}
	}
	if c.Traits.FlatPermissions {
		slices.Sort(granted)
	}
	return granted
}

// sameGrants reports whether two lists hold the same permissions.
func sameGrants(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// ClientCreateSubuser implements the operation.
func (a API) ClientCreateSubuser(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "user.create", func(c *serverCall) (*laravel.Answer, error) {
		if err := c.mayGrant(); err != nil {
			return nil, err
		}
		if err := c.Input.Validate(
			laravel.Field{Name: "email", Rules: "required|email|between:1," + c.Traits.MaxText()},
			laravel.Field{Name: "permissions", Rules: "required|array"},
			laravel.Field{Name: "permissions.*", Rules: "string"},
		); err != nil {
			return nil, err
		}
		email := c.Input.Text("email")
		u := c.State.Users.First(func(u *model.User) bool { return strings.EqualFold(u.Email, email) })
		switch {
		case u != nil && u == c.server.Owner:
			return nil, laravel.Refuse(http.StatusBadRequest, "UserIsServerOwnerException",
				"You cannot add the server owner as a subuser for this server.")
		case u != nil && c.server.Subuser(u) != nil:
			return nil, laravel.Refuse(http.StatusBadRequest, "ServerSubuserExistsException",
				"A user with that email address is already assigned as a subuser for this server.")
		case u == nil:
			u = c.invite(email)
		}
		now := time.Now()
		sub := &model.Subuser{
			ID: c.State.Subusers.Next(), User: u, Server: c.server, Permissions: c.grants(), Created: now, Updated: now,
		}
		c.State.Subusers.Add(sub.ID, sub)
		c.server.Subusers = append(c.server.Subusers, sub)
		c.note("server:subuser.create", model.With("email", email), model.With("permissions", sub.Permissions))
		return laravel.OK(c.showSubuser(sub)), nil
	})
}

var notInUsernames = regexp.MustCompile(`[^A-Za-z0-9_.-]`)

// invite makes an account for an e-mail address that nobody has.
func (c *call) invite(email string) *model.User {
	name, _, _ := strings.Cut(email, "@")
	name = notInUsernames.ReplaceAllString(name, "")
	now := time.Now()
	u := &model.User{
		ID: c.State.Users.Next(), UUID: random.UUID(), Username: name[:min(len(name), 64)] + strings.ToLower(random.Text(3)),
		Email: email, FirstName: "Server", LastName: "Subuser", Language: "en", Password: random.Text(24), Created: now, Updated: now,
	}
	c.State.Users.Add(u.ID, u)
	return u
}

// onSubuser is onServer for an operation on a subuser. Nobody may change
// themselves.
func (a API) onSubuser(w http.ResponseWriter, r *http.Request, id, uuid, permission string, handle func(*serverCall, *model.Subuser) (*laravel.Answer, error)) {
	a.onServer(w, r, id, permission, func(c *serverCall) (*laravel.Answer, error) {
		i := slices.IndexFunc(c.server.Subusers, func(s *model.Subuser) bool { return s.User.UUID == uuid })
		switch {
		case i < 0:
			return nil, c.NotFound(c.State.Users.First(func(u *model.User) bool { return u.UUID == uuid }) != nil)
		case c.server.Subusers[i].User == c.User && c.Request.Method != http.MethodGet:
			return nil, laravel.ErrUnauthorized
		}
		return handle(c, c.server.Subusers[i])
	})
}

// ClientGetSubuser implements the operation.
func (a API) ClientGetSubuser(w http.ResponseWriter, r *http.Request, id, userID string) {
	a.onSubuser(w, r, id, userID, "user.read", func(c *serverCall, s *model.Subuser) (*laravel.Answer, error) {
		return laravel.OK(c.showSubuser(s)), nil
	})
}

// ClientUpdateSubuser implements the operation.
func (a API) ClientUpdateSubuser(w http.ResponseWriter, r *http.Request, id, userID string) {
	a.onSubuser(w, r, id, userID, "user.update", func(c *serverCall, s *model.Subuser) (*laravel.Answer, error) {
		if err := c.mayGrant(); err != nil {
			return nil, err
		}
		if err := c.Input.Validate(
			laravel.Field{Name: "permissions", Rules: "required|array"},
			laravel.Field{Name: "permissions.*", Rules: "string"},
		); err != nil {
			return nil, err
		}
		if granted, old := c.grants(), s.Permissions; !sameGrants(granted, old) {
			s.Permissions, s.Updated = granted, time.Now()
			c.Revoke(s.User, c.server)
			c.note("server:subuser.update", model.With("email", s.User.Email), model.With("old", old), model.With("new", granted),
				model.With("revoked", true))
		}
		return laravel.OK(c.showSubuser(s)), nil
	})
}

// ClientDeleteSubuser implements the operation.
func (a API) ClientDeleteSubuser(w http.ResponseWriter, r *http.Request, id, userID string) {
	a.onSubuser(w, r, id, userID, "user.delete", func(c *serverCall, s *model.Subuser) (*laravel.Answer, error) {
		c.State.Subusers.Remove(s.ID)
		c.server.Subusers = slices.DeleteFunc(c.server.Subusers, func(other *model.Subuser) bool { return other == s })
		c.Revoke(s.User, c.server)
		c.note("server:subuser.delete", model.With("email", s.User.Email), model.With("revoked", true))
		return laravel.NoContent, nil
	})
}
