package main

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

func databasesOf(a *app) resource[client.Database] {
	return resource[client.Database]{
		one: "database", path: "databases", owner: ofServer,
		columns: []ui.Column[*client.Database]{
			{Title: "ID", Value: func(d *client.Database) any { return d.ID }},
			{Title: "NAME", Value: func(d *client.Database) any { return d.Name }},
			{Title: "USERNAME", Value: func(d *client.Database) any { return d.Username }},
			{Title: "HOST", Value: func(d *client.Database) any {
				return net.JoinHostPort(d.Host.Address, strconv.Itoa(d.Host.Port))
			}},
			{Title: "FROM", Value: func(d *client.Database) any { return d.ConnectionsFrom }},
			{Title: "PASSWORD", Value: func(d *client.Database) any {
				if d.Password() == nil {
					return nil
				}
				return a.Secret(d.Password().Password)
			}, Level: ui.Wide},
		},
		keys: func(d *client.Database) []string {
			_, name, _ := strings.Cut(d.Name, "_") // what stands before it names the server
			return []string{d.ID, d.Name, name}
		},
		list: func(ctx context.Context, s scope) ([]*client.Database, error) {
			return s.client.Databases.List(ctx, s.server.UUID, client.DatabaseIncludePassword)
		},
		remove: func(ctx context.Context, s scope, d *client.Database) error {
			return s.client.Databases.Delete(ctx, s.server.UUID, d.ID)
		},
	}
}

func databasesCommand(a *app) *cobra.Command {
	databases := databasesOf(a)
	cmd := group("databases", "Make and delete databases of servers",
		databases.listCommand(a), databases.showCommand(a), databaseCreateCommand(a, databases), databaseRotateCommand(a, databases), databases.deleteCommand(a))
	cmd.Aliases = []string{"database", "db"}
	return cmd
}

func databaseCreateCommand(a *app, databases resource[client.Database]) *cobra.Command {
	var from string
	cmd := &cobra.Command{
		Use: "create SERVER NAME", Short: "Make a database, and print it with its password", Args: args("SERVER", "NAME"), ValidArgsFunction: completeArgs(a, 1),
		RunE: runE(func(ctx context.Context, args []string) error {
			s, rest, err := ofServer.split(ctx, a, args)
			if err != nil {
				return err
			}
			d, err := s.client.Databases.Create(ctx, s.server.UUID, client.CreateDatabaseRequest{Database: rest[0], Remote: from})
			if err != nil {
				var e *client.Error
				if errors.As(err, &e) && e.HasCode("TooManyDatabasesException") {
					return &failure{err: err, hint: "The server has as many databases as it may. Delete one with: ptero databases delete " + quote(s.label)}
				}
				return err
			}
			a.ShowSecrets = true // this once
			return databases.print(a, d)
		}),
	}
	cmd.Flags().StringVar(&from, "from", "%", "`address` that may connect; % stands for any characters")
	return cmd
}

func databaseRotateCommand(a *app, databases resource[client.Database]) *cobra.Command {
	return &cobra.Command{
		Use: "rotate SERVER DATABASE", Short: "Give a database a new password, and print it", Args: args("SERVER", "DATABASE"), ValidArgsFunction: databases.complete(a, 1),
		RunE: runE(func(ctx context.Context, args []string) error {
			s, d, err := databases.named(ctx, a, args)
			if err != nil {
				return err
			}
			if d, err = s.client.Databases.RotatePassword(ctx, s.server.UUID, d.ID); err != nil {
				return err
			}
			a.ShowSecrets = true // this once
			return databases.print(a, d)
		}),
	}
}
