package panel

import (
	"strings"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// EmailOf returns what [Panel.UniqueUser] compares.
func EmailOf(u *model.User) string { return u.Email }

// UniqueUser checks that no other account has a value.
func (p *Panel) UniqueUser(except *model.User, of func(*model.User) string) map[string]func(any) bool {
	return map[string]func(any) bool{"unique": func(value any) bool {
		text := laravel.TextOf(value)
		return p.State.Users.First(func(u *model.User) bool { return u != except && strings.EqualFold(of(u), text) }) == nil
	}}
}

// UsernameOf returns what [Panel.UniqueUser] compares.
func UsernameOf(u *model.User) string { return u.Username }

// UsernameField is the rule for the username of an account, which no other one
// may have.
func (p *Panel) UsernameField(except *model.User) laravel.Field {
	checks := p.UniqueUser(except, UsernameOf)
	checks["p_username"] = isUsername
	return laravel.Field{Name: "username", Rules: "required|between:1," + p.Traits.MaxText() + "|unique|p_username", Checks: checks}
}

// isUsername is the rule of the Panel's own.
func isUsername(value any) bool {
	return laravel.Matches(`/^[a-z0-9]([\w\.-]+)[a-z0-9]$/`, strings.ToLower(laravel.TextOf(value)))
}
