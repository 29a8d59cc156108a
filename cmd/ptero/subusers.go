package main

import (
	"context"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

var subusers = resource[client.Subuser]{
	one: "subuser", path: "subusers", owner: ofServer,
	columns: []ui.Column[*client.Subuser]{
		{Title: "EMAIL", Value: func(u *client.Subuser) any { return u.Email }},
		{Title: "USERNAME", Value: func(u *client.Subuser) any { return u.Username }},
		{Title: "2FA", Value: func(u *client.Subuser) any { return u.TwoFactorEnabled }},
		{Title: "ADDED", Value: func(u *client.Subuser) any { return u.CreatedAt }},
		{Title: "PERMISSIONS", Value: func(u *client.Subuser) any { return permissionNames(u.Permissions) }},
		{Title: "UUID", Value: func(u *client.Subuser) any { return u.UUID }, Level: ui.Wide},
	},
	keys: func(u *client.Subuser) []string { return []string{u.Email, u.Username, u.UUID} },
	list: func(ctx context.Context, s scope) ([]*client.Subuser, error) {
		return s.client.Subusers.List(ctx, s.server.UUID)
	},
	remove: func(ctx context.Context, s scope, u *client.Subuser) error {
		return s.client.Subusers.Delete(ctx, s.server.UUID, u.UUID)
	},
}

func permissionNames[T ~string](permissions []T) string {
	names := make([]string, len(permissions))
	for i, p := range permissions {
		names[i] = string(p)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func subusersCommand(a *app) *cobra.Command {
	cmd := group("subusers", "Let others use your servers",
		subusers.listCommand(a), subusers.showCommand(a), subuserAddCommand(a),
		subuserChangeCommand(a, "grant", "Grant a subuser more permissions", func(has, named []client.Permission) []client.Permission { return append(has, named...) }),
		subuserChangeCommand(a, "revoke", "Take permissions away from a subuser", func(has, named []client.Permission) []client.Permission {
			return slices.DeleteFunc(has, func(p client.Permission) bool { return slices.Contains(named, p) })
		}),
		subuserChangeCommand(a, "set", "Replace all permissions of a subuser", func(_, named []client.Permission) []client.Permission { return named }),
		subusers.deleteCommand(a), permissionsCommand(a))
	cmd.Aliases = []string{"subuser"}
	return cmd
}

func subuserAddCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "add SERVER EMAIL PERMISSION...", Short: "Let somebody use a server", Args: args("SERVER", "EMAIL", "PERMISSION..."),
		Long: `Let somebody use a server. Who has no account on the Panel gets one, and a mail.

A * in a permission stands for any characters, as in control.*.`,
		Example: "  ptero subusers add lobby friend@example.org 'control.*' file.read", ValidArgsFunction: completePermissions(a, 2),
		RunE: runE(func(ctx context.Context, args []string) error {
			s, rest, err := ofServer.split(ctx, a, args)
			if err != nil {
				return err
			}
			permissions, err := expandPermissions(ctx, s.client, rest[1:])
			if err != nil {
				return err
			}
			u, err := s.client.Subusers.Create(ctx, s.server.UUID, rest[0], permissions...)
			if err != nil {
				return err
			}
			return subusers.print(a, u)
		}),
	}
}

func subuserChangeCommand(a *app, verb, shortText string, combine func(has, named []client.Permission) []client.Permission) *cobra.Command {
	return &cobra.Command{
		Use: verb + " SERVER SUBUSER PERMISSION...", Short: shortText, Args: args("SERVER", "SUBUSER", "PERMISSION..."), ValidArgsFunction: completePermissions(a, 2),
		RunE: runE(func(ctx context.Context, args []string) error {
			s, rest, err := ofServer.split(ctx, a, args)
			if err != nil {
				return err
			}
			u, err := subusers.find(ctx, s, rest[0])
			if err != nil {
				return err
			}
			named, err := expandPermissions(ctx, s.client, rest[1:])
			if err != nil {
				return err
			}
			if u, err = s.client.Subusers.SetPermissions(ctx, s.server.UUID, u.UUID, combine(slices.Clone([]client.Permission(u.Permissions)), named)...); err != nil {
				return err
			}
			return subusers.print(a, u)
		}),
	}
}

// permissionRow is a permission that the Panel knows.
type permissionRow struct {
	Name        client.Permission `json:"name"`
	Description string            `json:"description"`
}

// knownPermissions returns what the Panel knows, sorted.
func knownPermissions(ctx context.Context, c *client.Client) ([]permissionRow, error) {
	groups, err := c.Subusers.Permissions(ctx)
	if err != nil {
		return nil, err
	}
	var rows []permissionRow
	for _, group := range slices.Sorted(maps.Keys(groups)) {
		for _, key := range slices.Sorted(maps.Keys(groups[group].Keys)) {
			rows = append(rows, permissionRow{client.Permission(group + "." + key), groups[group].Keys[key]})
		}
	}
	return rows, nil
}

// expandPermissions checks names and expands patterns.
func expandPermissions(ctx context.Context, c *client.Client, texts []string) ([]client.Permission, error) {
	known, err := knownPermissions(ctx, c)
	if err != nil {
		return nil, err
	}
	var all []client.Permission
	names := make([]string, len(known))
	var patterns []string // for suggestions
	for i, row := range known {
		names[i] = string(row.Name)
		group, _, _ := strings.Cut(names[i], ".")
		patterns = append(patterns, group+".*")
	}
	for _, text := range texts {
		found := false
		for _, name := range names {
			if fits, err := path.Match(text, name); err == nil && fits {
				all, found = append(all, client.Permission(name)), true
			}
		}
		if !found {
			return nil, notFound("permission", text, append(patterns, names...), "ptero subusers permissions")
		}
	}
	return all, nil
}

func permissionsCommand(a *app) *cobra.Command {
	columns := []ui.Column[permissionRow]{
		{Title: "PERMISSION", Value: func(p permissionRow) any { return string(p.Name) }},
		{Title: "LETS A SUBUSER", Value: func(p permissionRow) any { return p.Description }},
	}
	return &cobra.Command{
		Use: "permissions", Short: "List the permissions that subusers can have", Args: args(),
		RunE: runE(func(ctx context.Context, _ []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			rows, err := knownPermissions(ctx, c)
			if err != nil {
				return err
			}
			return ui.List(a.Terminal, a.listFormat(), columns, rows, func(p permissionRow) string { return string(p.Name) })
		}),
	}
}

// completePermissions offers servers and subusers, then permissions.
func completePermissions(a *app, from int) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) < from {
			return subusers.complete(a, 1)(cmd, args, typed)
		}
		ctx, cancel := context.WithTimeout(cmd.Context(), completionPatience)
		defer cancel()
		c, err := a.client()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		rows, err := knownPermissions(ctx, c)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var names []string
		for _, row := range rows {
			names = append(names, cobra.CompletionWithDesc(string(row.Name), row.Description))
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}
