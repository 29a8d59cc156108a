package main

import (
	"context"
	"net"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
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
		adminGroup(a, adminLocations, creator[application.CreateLocationRequest](a, adminLocations, func(ctx context.Context, s scope, req application.CreateLocationRequest) (*application.Location, error) {
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

// adminGroup returns the commands of a kind of thing.
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
		{Title: "NAME", Value: func(u *application.User) any { return u.FirstName + " " + u.LastName }},
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

var adminNodes = resource[application.Node]{
	one: "node", path: "admin nodes", owner: ofPanel,
	columns: []ui.Column[*application.Node]{
		{Title: "ID", Value: func(n *application.Node) any { return n.ID }},
		{Title: "NAME", Value: func(n *application.Node) any { return n.Name }},
		{Title: "HOST", Value: func(n *application.Node) any { return n.FQDN }},
		{Title: "STATE", Value: func(n *application.Node) any {
			if n.MaintenanceMode {
				return ui.State("maintenance")
			}
			return ui.State("ready")
		}},
		{Title: "MEMORY", Value: func(n *application.Node) any { return ui.MiB(n.Memory) }},
		{Title: "ALLOCATED", Value: func(n *application.Node) any {
			return allocated(n, func(r *application.AllocatedResources) int { return r.Memory })
		}},
		{Title: "DISK", Value: func(n *application.Node) any { return ui.MiB(n.Disk) }},
		{Title: "ALLOCATED", Value: func(n *application.Node) any {
			return allocated(n, func(r *application.AllocatedResources) int { return r.Disk })
		}},
		{Title: "PUBLIC", Value: func(n *application.Node) any { return n.Public }},
		{Title: "LOCATION", Value: func(n *application.Node) any { return n.LocationID }, Level: ui.Wide},
		{Title: "SCHEME", Value: func(n *application.Node) any { return n.Scheme }, Level: ui.Wide},
		{Title: "UUID", Value: func(n *application.Node) any { return n.UUID }, Level: ui.Wide},
		{Title: "DESCRIPTION", Value: func(n *application.Node) any { return n.Description }, Level: ui.Detail},
		{Title: "BEHIND PROXY", Value: func(n *application.Node) any { return n.BehindProxy }, Level: ui.Detail},
		{Title: "SFTP PORT", Value: func(n *application.Node) any { return n.DaemonSFTP }, Level: ui.Detail},
		{Title: "UPLOAD LIMIT", Value: func(n *application.Node) any { return ui.MiB(n.UploadSize) }, Level: ui.Detail},
		{Title: "CREATED", Value: func(n *application.Node) any { return n.CreatedAt }, Level: ui.Detail},
	},
	keys: func(n *application.Node) []string { return []string{strconv.Itoa(n.ID), n.Name, n.FQDN, n.UUID} },
	list: func(ctx context.Context, s scope) ([]*application.Node, error) {
		return collect(s.admin.Nodes.All(ctx, application.NodeListOptions{}))
	},
	remove: func(ctx context.Context, s scope, n *application.Node) error { return s.admin.Nodes.Delete(ctx, n.ID) },
}

// allocated returns what servers may use of a node in all.
func allocated(n *application.Node, of func(*application.AllocatedResources) int) any {
	if n.AllocatedResources == nil {
		return nil
	}
	return ui.Bytes(int64(of(n.AllocatedResources)) << 20)
}

func nodeConfigurationCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "configuration NODE", Short: "Print the config.yml for Wings on a node; it holds a token", Args: args("NODE"), ValidArgsFunction: adminNodes.complete(a, 1),
		Example: "  ptero admin nodes configuration eu-1 -o yaml --show-secrets > config.yml",
		RunE: runE(func(ctx context.Context, args []string) error {
			s, rest, err := ofPanel.split(ctx, a, args)
			if err != nil {
				return err
			}
			n, err := adminNodes.find(ctx, s, rest[0])
			if err != nil {
				return err
			}
			configuration, err := s.admin.Nodes.Configuration(ctx, n.ID)
			if err != nil {
				return err
			}
			if !a.ShowSecrets {
				a.Messagef("The token is hidden; add --show-secrets to see it.")
			}
			if a.format == ui.Table || a.format == ui.WideList {
				return ui.Value(a.Terminal, ui.YAML, configuration)
			}
			return ui.Value(a.Terminal, a.format, configuration)
		}),
	}
}

var adminLocations = resource[application.Location]{
	one: "location", path: "admin locations", owner: ofPanel,
	columns: []ui.Column[*application.Location]{
		{Title: "ID", Value: func(l *application.Location) any { return l.ID }},
		{Title: "SHORT", Value: func(l *application.Location) any { return l.Short }},
		{Title: "LONG", Value: func(l *application.Location) any { return l.Long }},
		{Title: "CREATED", Value: func(l *application.Location) any { return l.CreatedAt }},
	},
	keys: func(l *application.Location) []string { return []string{strconv.Itoa(l.ID), l.Short} },
	list: func(ctx context.Context, s scope) ([]*application.Location, error) {
		return collect(s.admin.Locations.All(ctx, application.LocationListOptions{}))
	},
	remove: func(ctx context.Context, s scope, l *application.Location) error {
		return s.admin.Locations.Delete(ctx, l.ID)
	},
}

// ofNode is for what belongs to a node.
var ofNode = owner{
	arg: "NODE",
	enter: func(ctx context.Context, a *app, name string) (scope, error) {
		s, _, err := ofPanel.split(ctx, a, nil)
		if err != nil {
			return s, err
		}
		n, err := adminNodes.find(ctx, s, name)
		if err != nil {
			return s, err
		}
		s.parent, s.label = n.ID, n.Name
		return s, nil
	},
	complete: func(ctx context.Context, a *app) []string { return completeOwners(ctx, a, adminNodes) },
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

var adminAllocations = resource[application.Allocation]{
	one: "allocation", path: "admin allocations", owner: ofNode,
	columns: []ui.Column[*application.Allocation]{
		{Title: "ID", Value: func(x *application.Allocation) any { return x.ID }},
		{Title: "ADDRESS", Value: func(x *application.Allocation) any { return net.JoinHostPort(x.IP, strconv.Itoa(x.Port)) }},
		{Title: "ALIAS", Value: func(x *application.Allocation) any { return x.Alias }},
		{Title: "ASSIGNED", Value: func(x *application.Allocation) any { return x.Assigned }},
		{Title: "SERVER", Value: func(x *application.Allocation) any {
			if x.Server() == nil {
				return nil
			}
			return x.Server().Name
		}},
		{Title: "NOTE", Value: func(x *application.Allocation) any { return x.Notes }, Level: ui.Wide},
	},
	keys: func(x *application.Allocation) []string {
		return []string{strconv.Itoa(x.ID), net.JoinHostPort(x.IP, strconv.Itoa(x.Port)), strconv.Itoa(x.Port)}
	},
	list: func(ctx context.Context, s scope) ([]*application.Allocation, error) {
		return collect(s.admin.Allocations.All(ctx, s.parent, application.AllocationListOptions{Include: []application.AllocationInclude{application.AllocationIncludeServer}}))
	},
	remove: func(ctx context.Context, s scope, x *application.Allocation) error {
		return s.admin.Allocations.Delete(ctx, s.parent, x.ID)
	},
}

func allocationCreateCommand(a *app) *cobra.Command {
	var alias string
	cmd := &cobra.Command{
		Use: "create NODE IP PORT...", Short: "Create allocations; a port may be a range, as in 25565-25570", Args: args("NODE", "IP", "PORT..."),
		ValidArgsFunction: adminAllocations.complete(a, 0),
		RunE: runE(func(ctx context.Context, args []string) error {
			s, rest, err := ofNode.split(ctx, a, args)
			if err != nil {
				return err
			}
			err = s.admin.Allocations.Create(ctx, s.parent, application.CreateAllocationsRequest{IP: rest[0], Ports: rest[1:], Alias: alias})
			if err != nil {
				return err
			}
			a.Messagef("Created on %s.", s.label)
			return nil
		}),
	}
	cmd.Flags().StringVar(&alias, "alias", "", "`host` name that players see instead of the IP")
	return cmd
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

var adminServers = resource[application.Server]{
	one: "server", path: "admin servers", owner: ofPanel,
	columns: []ui.Column[*application.Server]{
		{Title: "ID", Value: func(s *application.Server) any { return s.ID }},
		{Title: "IDENTIFIER", Value: func(s *application.Server) any { return s.Identifier }},
		{Title: "NAME", Value: func(s *application.Server) any { return s.Name }},
		{Title: "STATUS", Value: func(s *application.Server) any { return adminServerStatus(s) }},
		{Title: "OWNER", Value: func(s *application.Server) any {
			if s.User() == nil {
				return s.UserID
			}
			return s.User().Username
		}},
		{Title: "NODE", Value: func(s *application.Server) any {
			if s.Node() == nil {
				return s.NodeID
			}
			return s.Node().Name
		}},
		{Title: "MEMORY", Value: func(s *application.Server) any { return ui.MiB(s.Limits.Memory) }},
		{Title: "DISK", Value: func(s *application.Server) any { return ui.MiB(s.Limits.Disk) }},
		{Title: "CPU", Value: func(s *application.Server) any { return cpuLimit(s.Limits.CPU) }},
		{Title: "EXTERNAL ID", Value: func(s *application.Server) any { return s.ExternalID }, Level: ui.Wide},
		{Title: "UUID", Value: func(s *application.Server) any { return s.UUID }, Level: ui.Wide},
		{Title: "DESCRIPTION", Value: func(s *application.Server) any { return s.Description }, Level: ui.Detail},
		{Title: "IMAGE", Value: func(s *application.Server) any { return s.Container.Image }, Level: ui.Detail},
		{Title: "BACKUPS", Value: func(s *application.Server) any { return s.FeatureLimits.Backups }, Level: ui.Detail},
		{Title: "DATABASES", Value: func(s *application.Server) any { return featureLimit(s.FeatureLimits.Databases) }, Level: ui.Detail},
		{Title: "CREATED", Value: func(s *application.Server) any { return s.CreatedAt }, Level: ui.Detail},
	},
	keys: func(s *application.Server) []string {
		return []string{strconv.Itoa(s.ID), s.Name, s.Identifier, s.UUID}
	},
	list: func(ctx context.Context, s scope) ([]*application.Server, error) {
		return collect(s.admin.Servers.All(ctx, application.ServerListOptions{Include: []application.ServerInclude{application.ServerIncludeUser, application.ServerIncludeNode}}))
	},
	remove: func(ctx context.Context, s scope, x *application.Server) error {
		return s.admin.Servers.Delete(ctx, x.ID)
	},
}

func adminServerStatus(s *application.Server) ui.State {
	switch {
	case s.Status != nil && *s.Status != "":
		return ui.State(*s.Status)
	case s.Suspended:
		return "suspended"
	}
	return "ready"
}

func adminServerCommands(a *app) []*cobra.Command {
	each := func(name, shortText, done string, act func(context.Context, scope, *application.Server) error) *cobra.Command {
		return adminServerAction(a, name, shortText, done, act)
	}
	forced := adminServers
	forced.remove = func(ctx context.Context, s scope, x *application.Server) error {
		return s.admin.Servers.ForceDelete(ctx, x.ID)
	}
	force := forced.deleteCommand(a)
	force.Use, force.Aliases = "force-delete SERVER...", nil
	force.Short = "Delete servers from the Panel even if their nodes do not answer"
	return []*cobra.Command{
		creator[application.CreateServerRequest](a, adminServers, func(ctx context.Context, s scope, req application.CreateServerRequest) (*application.Server, error) {
			return s.admin.Servers.Create(ctx, req)
		}),
		updaterNamed("details", "Change name, owner, external id or description of a server", a, adminServers, func(ctx context.Context, s scope, x *application.Server, change func(*application.UpdateServerDetailsRequest) error) (*application.Server, error) {
			return s.admin.Servers.UpdateDetails(ctx, x.ID, change)
		}),
		updaterNamed("build", "Change the limits and the allocations of a server", a, adminServers, func(ctx context.Context, s scope, x *application.Server, change func(*application.UpdateServerBuildRequest) error) (*application.Server, error) {
			return s.admin.Servers.UpdateBuild(ctx, x.ID, change)
		}),
		updaterNamed("startup", "Change egg, image, command or variables of a server", a, adminServers, func(ctx context.Context, s scope, x *application.Server, change func(*application.UpdateServerStartupRequest) error) (*application.Server, error) {
			return s.admin.Servers.UpdateStartup(ctx, x.ID, change)
		}),
		each("suspend", "Stop servers and lock their users out", "suspended", func(ctx context.Context, s scope, x *application.Server) error {
			return s.admin.Servers.Suspend(ctx, x.ID)
		}),
		each("unsuspend", "Let users back in", "no longer suspended", func(ctx context.Context, s scope, x *application.Server) error {
			return s.admin.Servers.Unsuspend(ctx, x.ID)
		}),
		adminServers.deleteCommand(a), force,
	}
}

// adminServerAction returns a command that does something with servers.
func adminServerAction(a *app, name, shortText, done string, act func(context.Context, scope, *application.Server) error) *cobra.Command {
	return &cobra.Command{
		Use: name + " SERVER...", Short: shortText, Args: args("SERVER..."), ValidArgsFunction: adminServers.complete(a, -1),
		RunE: runE(func(ctx context.Context, args []string) error {
			s, rest, err := ofPanel.split(ctx, a, args)
			if err != nil {
				return err
			}
			all, err := adminServers.list(ctx, s)
			if err != nil {
				return err
			}
			var chosen []*application.Server
			for _, text := range rest {
				x, err := adminServers.choose(s, all, text)
				if err != nil {
					return err
				}
				chosen = append(chosen, x)
			}
			return each(ctx, a, chosen, adminServers.label, func(ctx context.Context, x *application.Server) (string, error) {
				return done, act(ctx, s, x)
			})
		}),
	}
}

// ofAdminServer is for what belongs to a server, as an administrator sees it.
var ofAdminServer = owner{
	arg: "SERVER",
	enter: func(ctx context.Context, a *app, name string) (scope, error) {
		s, _, err := ofPanel.split(ctx, a, nil)
		if err != nil {
			return s, err
		}
		x, err := adminServers.find(ctx, s, name)
		if err != nil {
			return s, err
		}
		s.parent, s.label = x.ID, x.Name
		return s, nil
	},
	complete: func(ctx context.Context, a *app) []string { return completeOwners(ctx, a, adminServers) },
}

func adminDatabasesCommand(a *app) *cobra.Command {
	databases := resource[application.Database]{
		one: "database", path: "admin databases", owner: ofAdminServer,
		columns: []ui.Column[*application.Database]{
			{Title: "ID", Value: func(d *application.Database) any { return d.ID }},
			{Title: "NAME", Value: func(d *application.Database) any { return d.Database }},
			{Title: "USERNAME", Value: func(d *application.Database) any { return d.Username }},
			{Title: "HOST", Value: func(d *application.Database) any {
				if d.Host() == nil {
					return d.HostID
				}
				return net.JoinHostPort(d.Host().Host, strconv.Itoa(d.Host().Port))
			}},
			{Title: "FROM", Value: func(d *application.Database) any { return d.Remote }},
			{Title: "PASSWORD", Value: func(d *application.Database) any {
				if d.Password() == nil {
					return nil
				}
				return a.Secret(d.Password().Password)
			}, Level: ui.Wide},
			{Title: "CREATED", Value: func(d *application.Database) any { return d.CreatedAt }},
		},
		keys: func(d *application.Database) []string { return []string{strconv.Itoa(d.ID), d.Database} },
		list: func(ctx context.Context, s scope) ([]*application.Database, error) {
			return s.admin.Databases.List(ctx, s.parent, application.DatabaseIncludePassword, application.DatabaseIncludeHost)
		},
		remove: func(ctx context.Context, s scope, d *application.Database) error {
			return s.admin.Databases.Delete(ctx, s.parent, d.ID)
		},
	}
	create := creator[application.CreateDatabaseRequest](a, databases, func(ctx context.Context, s scope, req application.CreateDatabaseRequest) (*application.Database, error) {
		d, err := s.admin.Databases.Create(ctx, s.parent, req, application.DatabaseIncludePassword, application.DatabaseIncludeHost)
		a.ShowSecrets = true // this once
		return d, err
	})
	rotate := &cobra.Command{
		Use: "rotate SERVER DATABASE", Short: "Give a database a new password, and print it", Args: args("SERVER", "DATABASE"), ValidArgsFunction: databases.complete(a, 1),
		RunE: runE(func(ctx context.Context, args []string) error {
			s, rest, err := ofAdminServer.split(ctx, a, args)
			if err != nil {
				return err
			}
			d, err := databases.find(ctx, s, rest[0])
			if err != nil {
				return err
			}
			if err := s.admin.Databases.RotatePassword(ctx, s.parent, d.ID); err != nil {
				return err
			}
			if d, err = s.admin.Databases.Get(ctx, s.parent, d.ID, application.DatabaseIncludePassword, application.DatabaseIncludeHost); err != nil {
				return err
			}
			a.ShowSecrets = true // this once
			return databases.print(a, d)
		}),
	}
	return group("databases", "List, create and delete databases of servers", databases.listCommand(a), databases.showCommand(a), create, rotate, databases.deleteCommand(a))
}
