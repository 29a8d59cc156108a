package model

import (
	"slices"
	"time"
)

// RootRole is the name of the role that makes administrators.
const RootRole = "Root Admin"

// Role is a role that accounts may have, in Pelican.
type Role struct {
	ID               int
	Name             string
	Permissions      []RolePermission
	OfAPI            bool // made through the API, which then fails to delete it
	Created, Updated time.Time
}

// RolePermission is something that a role allows, such as "viewList user".
type RolePermission struct {
	Name    string
	Created time.Time
}

// RolesOf returns the roles of an account, that of administrators included.
func (s *State) RolesOf(u *User) []*Role {
	return s.Roles.Where(func(r *Role) bool {
		if r.Name == RootRole {
			return u.Admin
		}
		return u.HasRole(r)
	})
}

// HasRole reports whether an account was given a role.
func (u *User) HasRole(r *Role) bool { return slices.Contains(u.Roles, r) }

// RemoveRole deletes a role, also from the accounts that have it.
func (s *State) RemoveRole(r *Role) {
	s.Roles.Remove(r.ID)
	for _, u := range s.Users.All() {
		u.TakeRole(r)
	}
}

// GiveRole gives an account a role. It may have it already.
func (u *User) GiveRole(r *Role) {
	if !u.HasRole(r) {
		u.Roles = append(u.Roles, r)
	}
}

// TakeRole takes a role from an account. It may not have it.
func (u *User) TakeRole(r *Role) {
	u.Roles = slices.DeleteFunc(u.Roles, func(given *Role) bool { return given == r })
}
