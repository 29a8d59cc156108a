package main

import (
	"context"
	"net"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

var allocations = resource[client.Allocation]{
	one: "allocation", path: "network", owner: ofServer,
	columns: []ui.Column[*client.Allocation]{
		{Title: "ID", Value: func(x *client.Allocation) any { return x.ID }},
		{Title: "ADDRESS", Value: func(x *client.Allocation) any { return net.JoinHostPort(x.IP, strconv.Itoa(x.Port)) }},
		{Title: "ALIAS", Value: func(x *client.Allocation) any { return x.IPAlias }},
		{Title: "PRIMARY", Value: func(x *client.Allocation) any { return x.IsDefault }},
		{Title: "NOTE", Value: func(x *client.Allocation) any { return x.Notes }},
	},
	keys: func(x *client.Allocation) []string {
		return []string{strconv.Itoa(x.ID), hostPort(x), strconv.Itoa(x.Port)}
	},
	list: func(ctx context.Context, s scope) ([]*client.Allocation, error) {
		return s.client.Network.List(ctx, s.server.UUID)
	},
	remove: func(ctx context.Context, s scope, x *client.Allocation) error {
		return s.client.Network.Delete(ctx, s.server.UUID, x.ID)
	},
}

func networkCommand(a *app) *cobra.Command {
	add := &cobra.Command{
		Use: "add SERVER", Short: "Give a server another port, which the Panel chooses", Args: args("SERVER"), ValidArgsFunction: completeArgs(a, 1),
		RunE: runE(func(ctx context.Context, args []string) error {
			s, _, err := ofServer.split(ctx, a, args)
			if err != nil {
				return err
			}
			x, err := s.client.Network.Create(ctx, s.server.UUID)
			if err != nil {
				return err
			}
			return allocations.print(a, x)
		}),
	}
	primary := &cobra.Command{
		Use: "primary SERVER ALLOCATION", Short: "Make an allocation the one that players connect to", Args: args("SERVER", "ALLOCATION"), ValidArgsFunction: allocations.complete(a, 1),
		RunE: changeAllocation(a, func(ctx context.Context, s scope, x *client.Allocation, _ []string) (*client.Allocation, error) {
			return s.client.Network.SetPrimary(ctx, s.server.UUID, x.ID)
		}),
	}
	note := &cobra.Command{
		Use: "note SERVER ALLOCATION TEXT", Short: "Set the note of an allocation", Args: args("SERVER", "ALLOCATION", "TEXT"), ValidArgsFunction: allocations.complete(a, 1),
		RunE: changeAllocation(a, func(ctx context.Context, s scope, x *client.Allocation, rest []string) (*client.Allocation, error) {
			return s.client.Network.SetNote(ctx, s.server.UUID, x.ID, rest[0])
		}),
	}
	return group("network", "Manage the addresses and ports of servers",
		allocations.listCommand(a), add, primary, note, allocations.deleteCommand(a))
}

// changeAllocation finds an allocation, changes it and prints it.
func changeAllocation(a *app, change func(context.Context, scope, *client.Allocation, []string) (*client.Allocation, error)) func(*cobra.Command, []string) error {
	return runE(func(ctx context.Context, args []string) error {
		s, rest, err := ofServer.split(ctx, a, args)
		if err != nil {
			return err
		}
		x, err := allocations.find(ctx, s, rest[0])
		if err != nil {
			return err
		}
		if x, err = change(ctx, s, x, rest[1:]); err != nil {
			return err
		}
		return allocations.print(a, x)
	})
}
