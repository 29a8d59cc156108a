package main

import (
	"context"
	"errors"
	"net"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

// versionInfo is what the command version tells.
type versionInfo struct {
	Version string `json:"version"`
	SDK     string `json:"sdk"`
	Go      string `json:"go"`
}

func versions() versionInfo {
	return versionInfo{version(), client.Version, runtime.Version()}
}

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

// serverKeys returns what a server may be called.
func serverKeys(s *client.Server) []string { return []string{s.Identifier, s.Name, s.UUID} }

// server finds the server that a text names. Usually one request is enough: the
// Panel looks for the text in names and identifiers.
func (a *app) server(ctx context.Context, text string) (*client.Client, *client.Server, error) {
	c, err := a.client()
	if err != nil {
		return nil, nil, err
	}
	if text == "" {
		return nil, nil, usagef("the name of a server is empty")
	}
	if !strings.ContainsAny(text, ",:.") { // the Panel would take these for addresses, or fail
		found, err := collect(c.Servers.All(ctx, client.ServerListOptions{Filter: client.ServerFilter{Any: text}}))
		if err != nil {
			return nil, nil, err
		}
		if s, err := choose("server", text, found, serverKeys, ""); err == nil || exitCode(err) != exitNotFound {
			return c, s, err
		}
	}
	all, err := collect(c.Servers.All(ctx, client.ServerListOptions{}))
	if err != nil {
		return nil, nil, err
	}
	s, err := choose("server", text, all, serverKeys, "ptero servers list")
	if err == nil {
		return c, s, nil
	}
	// Those of others, for an administrator.
	others, listErr := collect(c.Servers.All(ctx, client.ServerListOptions{Scope: client.ServerScopeAdmin}))
	if listErr == nil && len(others) > 0 {
		s, err = choose("server", text, append(all, others...), serverKeys, "ptero servers list --scope all")
	}
	return c, s, err
}

// servers finds several servers: those that are named, those that a pattern
// fits, or all.
func (a *app) servers(ctx context.Context, names []string, filter serverFilter) (*client.Client, []*client.Server, error) {
	switch {
	case len(names) == 0 && !filter.all && len(filter.patterns) == 0:
		return nil, nil, usagef("name a server, or use --filter or --all")
	case len(names) > 0 && (filter.all || len(filter.patterns) > 0):
		return nil, nil, usagef("name servers or use --filter or --all, but not both")
	}
	if len(names) > 0 {
		var c *client.Client
		found := make([]*client.Server, 0, len(names))
		for _, name := range names {
			var s *client.Server
			var err error
			if c, s, err = a.server(ctx, name); err != nil {
				return nil, nil, err
			}
			found = append(found, s)
		}
		return c, unique(found), nil
	}
	c, err := a.client()
	if err != nil {
		return nil, nil, err
	}
	all, err := collect(c.Servers.All(ctx, client.ServerListOptions{}))
	if err != nil {
		return nil, nil, err
	}
	found, err := filter.apply(all)
	if err == nil && len(found) == 0 {
		err = &failure{code: exitNotFound, err: errors.New("no server fits"), hint: "See: ptero servers list"}
	}
	return c, found, err
}

// unique drops servers that were named twice.
func unique(servers []*client.Server) []*client.Server {
	seen := make(map[string]bool)
	var kept []*client.Server
	for _, s := range servers {
		if !seen[s.UUID] {
			seen[s.UUID] = true
			kept = append(kept, s)
		}
	}
	return kept
}

// serverFilter chooses servers.
type serverFilter struct {
	all      bool
	patterns []string
}

func (f *serverFilter) addFlags(cmd *cobra.Command, all bool) {
	cmd.Flags().StringArrayVar(&f.patterns, "filter", nil, "servers that fit `[FIELD=]PATTERN`, e.g. 'lobby-*' or node=eu-1; fields are name, node and status")
	if all {
		cmd.Flags().BoolVar(&f.all, "all", false, "all servers of the account")
	}
}

// serverScope is the value of the flag --scope.
type serverScope string

// scopes are the values that it can have.
var scopes = []string{"owner", "admin", "all"}

func (s *serverScope) String() string { return string(*s) }

// Set implements pflag.Value.
func (s *serverScope) Set(text string) error {
	if !slices.Contains(scopes, text) {
		return errors.New("must be owner, admin or all")
	}
	*s = serverScope(text)
	return nil
}

// Type implements pflag.Value.
func (*serverScope) Type() string { return "whose" }

func (s *serverScope) addFlag(cmd *cobra.Command) {
	cmd.Flags().Var(s, "scope", "`whose` servers: owner (your own), admin (those of others, for administrators) or all; by default those that you own or may use")
	must(cmd.RegisterFlagCompletionFunc("scope", cobra.FixedCompletions(scopes, cobra.ShellCompDirectiveNoFileComp)))
}

// options are those of a list of the servers.
func (s serverScope) options() client.ServerListOptions {
	return client.ServerListOptions{Scope: map[serverScope]client.ServerScope{
		"owner": client.ServerScopeOwner, "admin": client.ServerScopeAdmin, "all": client.ServerScopeAdminAll,
	}[s]}
}

// apply returns the servers that fit all patterns.
func (f *serverFilter) apply(servers []*client.Server) ([]*client.Server, error) {
	fields := map[string]func(*client.Server) string{
		"name":   func(s *client.Server) string { return s.Name },
		"node":   func(s *client.Server) string { return s.Node },
		"status": func(s *client.Server) string { return string(serverStatus(s)) },
	}
	for _, text := range f.patterns {
		name, pattern, isField := strings.Cut(text, "=")
		if !isField {
			name, pattern = "name", text
		}
		value := fields[name]
		if value == nil {
			return nil, &failure{code: exitUsage, err: errors.New("cannot filter by " + name), hint: "Servers can be filtered by name, node and status, as in --filter node=eu-1"}
		}
		var kept []*client.Server
		for _, s := range servers {
			fits, err := path.Match(strings.ToLower(pattern), strings.ToLower(value(s)))
			if err != nil {
				return nil, usagef("%q is no pattern: %v", pattern, err)
			}
			if fits {
				kept = append(kept, s)
			}
		}
		servers = kept
	}
	return servers, nil
}

// completeServers offers the names of servers.
func completeServers(ctx context.Context, a *app) []string {
	c, err := a.client()
	if err != nil {
		return nil
	}
	all, err := collect(c.Servers.All(ctx, client.ServerListOptions{}))
	if err != nil {
		return nil
	}
	names := make([]string, 0, len(all))
	for _, s := range all {
		name := ui.Clean(s.Name)
		if strings.ContainsAny(name, " \t:") {
			name = s.Identifier
		}
		names = append(names, cobra.CompletionWithDesc(name, string(serverStatus(s))+" on "+ui.Clean(s.Node)))
	}
	return names
}

// completeArgs offers servers for up to n arguments, or for all if n is below 0.
func completeArgs(a *app, n int) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if n >= 0 && len(args) >= n {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		ctx, cancel := context.WithTimeout(cmd.Context(), completionPatience)
		defer cancel()
		return completeServers(ctx, a), cobra.ShellCompDirectiveNoFileComp
	}
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
