package paneltest

import (
	"strings"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

// emailOf returns what [core.uniqueUser] compares.
func emailOf(u *user) string { return u.email }

// uniqueUser checks that no other account has a value.
func (p *core) uniqueUser(except *user, of func(*user) string) map[string]func(any) bool {
	return map[string]func(any) bool{"unique": func(value any) bool {
		text := laravel.TextOf(value)
		return p.state.users.first(func(u *user) bool { return u != except && strings.EqualFold(of(u), text) }) == nil
	}}
}
