package main

import (
	"context"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

// serverRow is a server with what it uses, if that was asked for.
type serverRow struct {
	*client.Server
	Usage *client.Stats `json:"usage,omitempty"`
}

var serverColumns = []ui.Column[serverRow]{
	{Title: "ID", Value: func(s serverRow) any { return s.Identifier }},
	{Title: "NAME", Value: func(s serverRow) any { return s.Name }},
	{Title: "STATUS", Value: func(s serverRow) any { return serverStatus(s.Server) }},
	{Title: "NODE", Value: func(s serverRow) any { return s.Node }},
	{Title: "ADDRESS", Value: func(s serverRow) any { return address(s.Server) }},
	{Title: "MEMORY", Value: func(s serverRow) any { return ui.MiB(s.Limits.Memory) }},
	{Title: "DISK", Value: func(s serverRow) any { return ui.MiB(s.Limits.Disk) }, Level: ui.Wide},
	{Title: "CPU", Value: func(s serverRow) any { return cpuLimit(s.Limits.CPU) }, Level: ui.Wide},
	{Title: "OWNER", Value: func(s serverRow) any { return s.ServerOwner }, Level: ui.Wide},
	{Title: "UUID", Value: func(s serverRow) any { return s.UUID }, Level: ui.Wide},
	{Title: "DESCRIPTION", Value: func(s serverRow) any { return s.Description }, Level: ui.Detail},
	{Title: "IMAGE", Value: func(s serverRow) any { return s.DockerImage }, Level: ui.Detail},
	{Title: "SFTP", Value: func(s serverRow) any { return sftpAddress(s.Server) }, Level: ui.Detail},
	{Title: "BACKUPS", Value: func(s serverRow) any { return s.FeatureLimits.Backups }, Level: ui.Detail},
	{Title: "DATABASES", Value: func(s serverRow) any { return featureLimit(s.FeatureLimits.Databases) }, Level: ui.Detail},
	{Title: "ALLOCATIONS", Value: func(s serverRow) any { return featureLimit(s.FeatureLimits.Allocations) }, Level: ui.Detail},
}

// usageColumns are shown where what a server uses was asked for.
var usageColumns = []ui.Column[serverRow]{
	{Title: "STATE", Value: usage(func(s *client.Stats) any { return ui.State(s.CurrentState) })},
	{Title: "CPU USED", Value: usage(func(s *client.Stats) any { return ui.Percent(s.Resources.CPUAbsolute) })},
	{Title: "MEMORY USED", Value: usage(func(s *client.Stats) any { return ui.Bytes(s.Resources.MemoryBytes) })},
	{Title: "DISK USED", Value: usage(func(s *client.Stats) any { return ui.Bytes(s.Resources.DiskBytes) })},
	{Title: "UPTIME", Value: usage(func(s *client.Stats) any {
		if s.Resources.Uptime == 0 {
			return nil
		}
		return time.Duration(s.Resources.Uptime) * time.Millisecond
	})},
}

// usage returns a column about what a server uses, empty where that is unknown.
func usage(value func(*client.Stats) any) func(serverRow) any {
	return func(s serverRow) any {
		if s.Usage == nil {
			return nil
		}
		return value(s.Usage)
	}
}

// serverStatus returns what stands in the way of using a server, else ready.
func serverStatus(s *client.Server) ui.State {
	switch {
	case s.Status != nil && *s.Status != "":
		return ui.State(strings.ReplaceAll(string(*s.Status), "_", " "))
	case s.IsSuspended: //nolint:staticcheck // Panel 0.7 says it here alone
		return "suspended"
	case s.IsInstalling: //nolint:staticcheck // Panel 0.7 says it here alone
		return "installing"
	case s.IsTransferring:
		return "transferring"
	case s.IsNodeUnderMaintenance:
		return "maintenance"
	}
	return "ready"
}

// address returns where players connect to.
func address(s *client.Server) string {
	for _, allocation := range s.Allocations() {
		if allocation.IsDefault {
			return hostPort(allocation)
		}
	}
	return ""
}

func hostPort(a *client.Allocation) string {
	host := a.IP
	if a.IPAlias != nil && *a.IPAlias != "" {
		host = *a.IPAlias
	}
	return net.JoinHostPort(host, strconv.Itoa(a.Port))
}

func sftpAddress(s *client.Server) string {
	if s.SFTPDetails == nil {
		return ""
	}
	return net.JoinHostPort(s.SFTPDetails.IP, strconv.Itoa(s.SFTPDetails.Port))
}

func cpuLimit(percent int) string {
	if percent == 0 {
		return "unlimited"
	}
	return strconv.Itoa(percent) + "%"
}

func featureLimit(limit *int) any {
	if limit == nil {
		return "unlimited"
	}
	return *limit
}

func serversCommand(a *app) *cobra.Command {
	cmd := group("servers", "List and show servers", serversListCommand(a), serversShowCommand(a))
	cmd.Aliases = []string{"server"}
	return cmd
}

func serversListCommand(a *app) *cobra.Command {
	var filter serverFilter
	var scope serverScope
	var withUsage bool
	cmd := &cobra.Command{
		Use: "list", Aliases: []string{"ls"}, Short: "List servers", Args: args(),
		Example: `  ptero servers list --filter 'lobby-*'
  ptero servers list --usage`,
		RunE: runE(func(ctx context.Context, _ []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			found, err := collect(c.Servers.All(ctx, scope.options()))
			if err != nil {
				return err
			}
			if found, err = filter.apply(found); err != nil {
				return err
			}
			rows := make([]serverRow, len(found))
			for i, s := range found {
				rows[i] = serverRow{Server: s}
			}
			columns := serverColumns
			if withUsage {
				if err := addUsage(ctx, c, rows); err != nil {
					return err
				}
				columns = append(append([]ui.Column[serverRow]{}, serverColumns[:3]...), usageColumns...)
			}
			if len(rows) == 0 && (a.format == ui.Table || a.format == ui.WideList) {
				if len(filter.patterns) > 0 {
					a.Messagef("No server fits.")
				} else {
					a.Messagef("There are no servers.")
				}
				return nil
			}
			return ui.List(a.Terminal, a.listFormat(), columns, rows, func(s serverRow) string { return s.Identifier })
		}),
	}
	filter.addFlags(cmd, false)
	scope.addFlag(cmd)
	cmd.Flags().BoolVar(&withUsage, "usage", false, "show what they use, with a request for each")
	return cmd
}

// addUsage asks what servers use. Those that cannot say are left as they are.
func addUsage(ctx context.Context, c *client.Client, rows []serverRow) error {
	slots := make(chan struct{}, atOnce)
	var asking sync.WaitGroup
	for i := range rows {
		if serverStatus(rows[i].Server) != "ready" {
			continue
		}
		slots <- struct{}{}
		asking.Go(func() {
			defer func() { <-slots }()
			if stats, err := c.Servers.Resources(ctx, rows[i].UUID); err == nil {
				rows[i].Usage = stats
			}
		})
	}
	asking.Wait()
	return ctx.Err()
}

func serversShowCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "show SERVER", Aliases: []string{"get"}, Short: "Show a server and what it uses",
		Args: args("SERVER"), ValidArgsFunction: completeArgs(a, 1),
		RunE: runE(func(ctx context.Context, args []string) error {
			c, s, err := a.server(ctx, args[0])
			if err != nil {
				return err
			}
			rows := []serverRow{{Server: s}}
			if err := addUsage(ctx, c, rows); err != nil {
				return err
			}
			columns := append([]ui.Column[serverRow]{}, serverColumns...)
			if rows[0].Usage != nil {
				columns = append(columns, usageColumns...)
			}
			return ui.Show(a.Terminal, a.format, columns, rows[0], func(s serverRow) string { return s.Identifier })
		}),
	}
}
