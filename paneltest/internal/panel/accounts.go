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
