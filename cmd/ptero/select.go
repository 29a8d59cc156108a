package main

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

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
		if !plainWord.MatchString(name) || strings.Contains(name, ":") || strings.HasPrefix(name, "-") { // cannot be typed as it stands
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
