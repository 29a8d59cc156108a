package main

import (
	"context"
	"net"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

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
			s, n, err := adminNodes.named(ctx, a, args)
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
