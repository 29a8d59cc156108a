package main

import (
	"context"
	"net"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

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
		adminServerAction(a, "suspend", "Stop servers and lock their users out", "suspended", false, func(ctx context.Context, s scope, x *application.Server) error {
			return s.admin.Servers.Suspend(ctx, x.ID)
		}),
		adminServerAction(a, "unsuspend", "Let users back in", "no longer suspended", false, func(ctx context.Context, s scope, x *application.Server) error {
			return s.admin.Servers.Unsuspend(ctx, x.ID)
		}),
		adminServerAction(a, "reinstall", "Run the installation scripts of servers again, which may delete files", "reinstalling", true, func(ctx context.Context, s scope, x *application.Server) error {
			return s.admin.Servers.Reinstall(ctx, x.ID)
		}),
		adminServers.deleteCommand(a), force,
	}
}

// adminServerAction returns a command that does something with servers. What
// destroys asks first.
func adminServerAction(a *app, name, shortText, done string, destroys bool, act func(context.Context, scope, *application.Server) error) *cobra.Command {
	return &cobra.Command{
		Use: name + " SERVER...", Short: shortText, Args: args("SERVER..."), ValidArgsFunction: adminServers.complete(a, -1),
		RunE: runE(func(ctx context.Context, args []string) error {
			s, chosen, err := adminServers.several(ctx, a, args)
			if err != nil {
				return err
			}
			if destroys {
				if err := a.confirm(ctx, name, "server", labels(chosen, adminServers.label)); err != nil {
					return err
				}
			}
			return each(ctx, a, chosen, adminServers.id, adminServers.label, func(ctx context.Context, x *application.Server) (string, error) {
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
			s, d, err := databases.named(ctx, a, args)
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
