package main

import (
	"context"
	"strings"
	"time"

	"github.com/ptero-go/ptero/cmd/panelsim/page"
	"github.com/ptero-go/ptero/cmd/panelsim/site"
	"github.com/ptero-go/ptero/paneltest"
)

// world is what the front page shows of a Panel. It implements [page.World].
type world struct {
	panel   *paneltest.Panel
	control bool
}

// Changes implements [page.World].
func (w *world) Changes(ctx context.Context) <-chan struct{} { return w.panel.Changes(ctx) }

// State implements [page.World].
func (w *world) State() page.State {
	state := page.State{Panel: page.Panel{
		URL: w.panel.URL, Version: w.panel.Version(), Control: w.control, Operations: w.panel.Operations(),
	}}
	names := make(map[string]string) // of keys, by their public part
	for _, account := range w.panel.Accounts() {
		shown := page.Account{Username: account.Username, Email: account.Email, Password: account.Password, Admin: account.Admin}
		for _, key := range account.Keys {
			named := w.name(account, key)
			names[key[:publicPart]] = named.Name
			shown.Keys = append(shown.Keys, named)
		}
		state.Accounts = append(state.Accounts, shown)
	}
	for _, node := range w.panel.Nodes() {
		state.Nodes = append(state.Nodes, page.Node{ID: node.ID, Name: node.Name, URL: node.URL, Up: node.Up})
	}
	servers := w.panel.Servers()
	state.Panel.Servers = len(servers)
	for _, server := range servers[:min(len(servers), page.MaxServers)] {
		lines, printed, err := w.panel.Lines(server.UUID)
		if err != nil {
			continue // it was deleted meanwhile
		}
		state.Servers = append(state.Servers, page.Server{
			Identifier: server.Identifier, Name: server.Name, Owner: server.Owner, Node: server.Node,
			Power: server.Power, Status: server.Status, Lines: lines, Printed: printed,
		})
	}
	for _, r := range w.panel.Requests() {
		state.Requests = append(state.Requests, page.Request{
			Number: r.Number, Time: r.Time, Method: r.Method, Path: r.Path, Operation: r.Operation, Key: names[r.Key],
			Status: r.Status, Milliseconds: float64(r.Took) / float64(time.Millisecond), Fault: r.Fault,
		})
	}
	for _, fault := range w.panel.Faults() {
		pending := page.Pending{Operation: fault.Operation, Times: fault.Times}
		for _, f := range fault.Faults {
			pending.Faults = append(pending.Faults, string(f))
		}
		state.Pending = append(state.Pending, pending)
	}
	return state
}

// publicPart is how much of an API key may be shown.
const publicPart = 16

// name says what panelsim calls a key.
func (w *world) name(account paneltest.Account, key string) page.Key {
	named := page.Key{Name: account.Username, Kind: "client", Key: key}
	switch key {
	case w.panel.UserKey:
		named.Name = "user"
	case w.panel.SubuserKey:
		named.Name = "subuser"
	case w.panel.AdminKey:
		named.Name = "admin"
	case w.panel.ApplicationKey:
		named.Name = "application"
	}
	if strings.HasPrefix(key, "ptla_") || strings.HasPrefix(key, "papp_") {
		named.Kind = "application"
	}
	return named
}

// isPelican reports whether a Panel plays Pelican.
func isPelican(panel *paneltest.Panel) bool { return strings.HasPrefix(panel.Version(), "pelican") }

// Try returns what the reference fills in: keys, and things that exist.
func (w *world) Try() site.Try {
	try := site.Try{Contract: "ptero.openapi.json", ClientKey: w.panel.UserKey, ApplicationKey: w.panel.ApplicationKey, Examples: make(map[string]any)}
	if isPelican(w.panel) {
		try.Contract = "pelican.openapi.json"
	}
	for _, account := range w.panel.Accounts() { // those of a seed have no names
		for _, key := range account.Keys {
			if named := w.name(account, key); named.Kind == "client" && try.ClientKey == "" {
				try.ClientKey = key
			} else if named.Kind == "application" && try.ApplicationKey == "" {
				try.ApplicationKey = key
			}
		}
	}
	if nodes := w.panel.Nodes(); len(nodes) > 0 {
		try.Node = nodes[0].URL
		try.Examples["ApplicationNode"] = nodes[0].ID
	}
	if servers := w.panel.Servers(); len(servers) > 0 {
		try.Examples["ClientServer"], try.Examples["ApplicationServer"] = servers[0].Identifier, servers[0].ID
	}
	for _, parameter := range []string{"ApplicationUser", "ApplicationAllocation", "ApplicationLocation", "ApplicationNest", "ApplicationEgg"} {
		try.Examples[parameter] = 1 // the first one
	}
	return try
}
