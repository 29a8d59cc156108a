package main

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
	"github.com/ptero-go/ptero/gen/applicationapi"
)

func adminCommand(a *app) *cobra.Command {
	cmd := group("admin", "Manage the Panel: users, nodes, servers and all else of the Application API",
		adminGroup(a, adminUsers, creator[application.CreateUserRequest](a, adminUsers, func(ctx context.Context, s scope, req application.CreateUserRequest) (*application.User, error) {
			return s.admin.Users.Create(ctx, req)
		}), updater(a, adminUsers, func(ctx context.Context, s scope, x *application.User, change func(*application.UpdateUserRequest) error) (*application.User, error) {
			return s.admin.Users.Update(ctx, x.ID, change)
		}), adminUsers.deleteCommand(a)),
		adminGroup(a, adminNodes, creator[application.CreateNodeRequest](a, adminNodes, func(ctx context.Context, s scope, req application.CreateNodeRequest) (*application.Node, error) {
			return s.admin.Nodes.Create(ctx, req)
		}), updater(a, adminNodes, func(ctx context.Context, s scope, x *application.Node, change func(*application.UpdateNodeRequest) error) (*application.Node, error) {
			return s.admin.Nodes.Update(ctx, x.ID, change)
		}), adminNodes.deleteCommand(a), nodeConfigurationCommand(a)),
		adminGroup(a, adminLocations, creator[applicationapi.CreateLocationRequest](a, adminLocations, func(ctx context.Context, s scope, req applicationapi.CreateLocationRequest) (*application.Location, error) {
			return s.admin.Locations.Create(ctx, req.Short, req.Long)
		}), updater(a, adminLocations, func(ctx context.Context, s scope, x *application.Location, change func(*application.UpdateLocationRequest) error) (*application.Location, error) {
			return s.admin.Locations.Update(ctx, x.ID, change)
		}), adminLocations.deleteCommand(a)),
		group("allocations", "List, create and delete allocations of nodes", adminAllocations.listCommand(a), allocationCreateCommand(a), adminAllocations.deleteCommand(a)),
		adminGroup(a, adminNests),
		group("eggs", "List and show eggs of nests", adminEggs.listCommand(a), adminEggs.showCommand(a)),
		adminGroup(a, adminServers, adminServerCommands(a)...),
		adminDatabasesCommand(a),
	)
	return cmd
}

// adminGroup returns the commands for one kind of resource.
func adminGroup[T any](a *app, r resource[T], more ...*cobra.Command) *cobra.Command {
	cmd := group(plural(r.one), "List, show and change "+plural(r.one), append([]*cobra.Command{r.listCommand(a), r.showCommand(a)}, more...)...)
	if len(more) == 0 {
		cmd.Short = "List and show " + plural(r.one)
	}
	cmd.Aliases = []string{r.one}
	return cmd
}

// creator returns the command that creates a thing of the fields of a request.
func creator[R, T any](a *app, r resource[T], create func(context.Context, scope, R) (*T, error)) *cobra.Command {
	return &cobra.Command{
		Use: use("create", r.owner.arg, "FIELD=VALUE..."), Short: "Create " + article(r.one),
		Long: "Create " + article(r.one) + " of these fields:\n\n" + describeFields(fieldsOf(new(R))),
		Args: args(r.owner.arg, "FIELD=VALUE..."), ValidArgsFunction: completeFields(new(R), 0, cobra.NoFileCompletions),
		RunE: runE(func(ctx context.Context, args []string) error {
			var req R
			s, rest, err := r.owner.split(ctx, a, args)
			if err != nil {
				return err
			}
			changes, err := a.changesOf(ctx, &req, rest)
			if err == nil {
				err = merge(&req, changes)
			}
			if err != nil {
				return err
			}
			item, err := create(ctx, s, req)
			if err != nil {
				return err
			}
			return r.print(a, item)
		}),
	}
}

// updater returns the command that changes fields of a thing. What is not named
// stays as it is.
func updater[R, T any](a *app, r resource[T], update func(context.Context, scope, *T, func(*R) error) (*T, error)) *cobra.Command {
	return updaterNamed("update", "Change "+article(r.one), a, r, update)
}

func updaterNamed[R, T any](name, shortText string, a *app, r resource[T], update func(context.Context, scope, *T, func(*R) error) (*T, error)) *cobra.Command {
	return &cobra.Command{
		Use: use(name, r.arg(), "FIELD=VALUE..."), Short: shortText,
		Long: shortText + ". Fields that are not named stay as they are:\n\n" + describeFields(fieldsOf(new(R))),
		Args: args(r.arg(), "FIELD=VALUE..."), ValidArgsFunction: completeFields(new(R), 1, r.complete(a, 1)),
		RunE: runE(func(ctx context.Context, args []string) error {
			s, rest, err := r.owner.split(ctx, a, args)
			if err != nil {
				return err
			}
			changes, err := a.changesOf(ctx, new(R), rest[1:])
			if err != nil {
				return err
			}
			item, err := r.find(ctx, s, rest[0])
			if err != nil {
				return err
			}
			if item, err = update(ctx, s, item, func(req *R) error { return merge(req, changes) }); err != nil {
				return err
			}
			return r.print(a, item)
		}),
	}
}

var adminUsers = resource[application.User]{
	one: "user", path: "admin users", owner: ofPanel,
	columns: []ui.Column[*application.User]{
		{Title: "ID", Value: func(u *application.User) any { return u.ID }},
		{Title: "USERNAME", Value: func(u *application.User) any { return u.Username }},
		{Title: "EMAIL", Value: func(u *application.User) any { return u.Email }},
		{Title: "NAME", Value: func(u *application.User) any { return strings.TrimSpace(u.FirstName + " " + u.LastName) }},
		{Title: "ADMIN", Value: func(u *application.User) any { return u.RootAdmin }},
		{Title: "2FA", Value: func(u *application.User) any { return u.TwoFactor }},
		{Title: "CREATED", Value: func(u *application.User) any { return u.CreatedAt }},
		{Title: "EXTERNAL ID", Value: func(u *application.User) any { return u.ExternalID }, Level: ui.Wide},
		{Title: "UUID", Value: func(u *application.User) any { return u.UUID }, Level: ui.Wide},
		{Title: "LANGUAGE", Value: func(u *application.User) any { return u.Language }, Level: ui.Detail},
	},
	keys: func(u *application.User) []string { return []string{strconv.Itoa(u.ID), u.Username, u.Email, u.UUID} },
	list: func(ctx context.Context, s scope) ([]*application.User, error) {
		return collect(s.admin.Users.All(ctx, application.UserListOptions{}))
	},
	remove: func(ctx context.Context, s scope, u *application.User) error { return s.admin.Users.Delete(ctx, u.ID) },
}

// ofNest is for what belongs to a nest.
var ofNest = owner{
	arg: "NEST",
	enter: func(ctx context.Context, a *app, name string) (scope, error) {
		s, _, err := ofPanel.split(ctx, a, nil)
		if err != nil {
			return s, err
		}
		n, err := adminNests.find(ctx, s, name)
		if err != nil {
			return s, err
		}
		s.parent, s.label = n.ID, n.Name
		return s, nil
	},
	complete: func(ctx context.Context, a *app) []string { return completeOwners(ctx, a, adminNests) },
}

// completeOwners offers things that others belong to.
func completeOwners[T any](ctx context.Context, a *app, r resource[T]) []string {
	s, _, err := ofPanel.split(ctx, a, nil)
	if err != nil {
		return nil
	}
	items, err := r.list(ctx, s)
	if err != nil {
		return nil
	}
	var names []string
	for _, item := range items {
		names = append(names, cobra.CompletionWithDesc(r.id(item), ui.Clean(r.label(item))))
	}
	return names
}

var adminNests = resource[application.Nest]{
	one: "nest", path: "admin nests", owner: ofPanel,
	columns: []ui.Column[*application.Nest]{
		{Title: "ID", Value: func(n *application.Nest) any { return n.ID }},
		{Title: "NAME", Value: func(n *application.Nest) any { return n.Name }},
		{Title: "AUTHOR", Value: func(n *application.Nest) any { return n.Author }},
		{Title: "DESCRIPTION", Value: func(n *application.Nest) any { return n.Description }},
	},
	keys: func(n *application.Nest) []string { return []string{strconv.Itoa(n.ID), n.Name, n.UUID} },
	list: func(ctx context.Context, s scope) ([]*application.Nest, error) {
		return collect(s.admin.Nests.All(ctx, application.NestListOptions{}))
	},
}

var adminEggs = resource[application.Egg]{
	one: "egg", path: "admin eggs", owner: ofNest,
	columns: []ui.Column[*application.Egg]{
		{Title: "ID", Value: func(e *application.Egg) any { return e.ID }},
		{Title: "NAME", Value: func(e *application.Egg) any { return e.Name }},
		{Title: "AUTHOR", Value: func(e *application.Egg) any { return e.Author }},
		{Title: "IMAGE", Value: func(e *application.Egg) any { return e.DockerImage }},
		{Title: "STARTUP", Value: func(e *application.Egg) any { return e.Startup }, Level: ui.Wide},
		{Title: "DESCRIPTION", Value: func(e *application.Egg) any { return e.Description }, Level: ui.Detail},
		{Title: "VARIABLES", Value: func(e *application.Egg) any {
			var names []string
			for _, v := range e.Variables() {
				names = append(names, v.EnvVariable)
			}
			return names
		}, Level: ui.Detail},
	},
	keys: func(e *application.Egg) []string { return []string{strconv.Itoa(e.ID), e.Name, e.UUID} },
	list: func(ctx context.Context, s scope) ([]*application.Egg, error) {
		return s.admin.Eggs.List(ctx, s.parent, application.EggIncludeVariables)
	},
}
