package application

import (
	"cmp"
	"context"
	"iter"
	"strings"

	"github.com/ptero-go/ptero/envelope"
	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// ServersService manages all servers of the Panel.
type ServersService service

// ServerListOptions selects a page of a list of servers. The zero value asks for
// the first page of all servers.
type ServerListOptions struct {
	// Page is the page to get, or the one at which All begins. 0 means 1.
	Page int

	// PerPage is the number of servers in a page. 0 means 50 for List and 100
	// for All. There is no maximum.
	PerPage int

	// Filter keeps the servers that match.
	Filter ServerFilter

	// Sort orders the list. Empty means by number.
	Sort ServerSort

	// Include names the relations to include.
	Include []ServerInclude
}

func (o *ServerListOptions) paging() (page, perPage *int) { return &o.Page, &o.PerPage }

// ServerFilter selects servers that match all its texts. A text matches a value
// that contains it; a comma separates alternatives.
type ServerFilter struct {
	UUID, Identifier, Name, Description, Image, ExternalID string
}

// List returns one page of servers.
//
// Endpoint: GET /api/application/servers
func (s *ServersService) List(ctx context.Context, opts ServerListOptions) (*Page[Server], error) {
	return rest.PageOf[Server](s.api.ApplicationListServers(ctx, &applicationapi.ApplicationListServersParams{
		Page:                   rest.Optional(opts.Page),
		PerPage:                rest.Optional(opts.PerPage),
		FilterUUID:             rest.Optional(opts.Filter.UUID),
		FilterUUIDShort:        rest.Optional(s.only(rest.Pterodactyl, opts.Filter.Identifier)),
		FilterPelicanUUIDShort: rest.Optional(s.only(rest.Pelican, opts.Filter.Identifier)),
		FilterName:             rest.Optional(opts.Filter.Name),
		FilterDescription:      rest.Optional(opts.Filter.Description),
		FilterImage:            rest.Optional(opts.Filter.Image),
		FilterExternalID:       rest.Optional(opts.Filter.ExternalID),
		Sort:                   rest.Optional(opts.Sort),
		Include:                opts.Include,
	},
		rest.NotNegative("Page", opts.Page), rest.NotNegative("PerPage", opts.PerPage),
		rest.OptionalEnum("Sort", opts.Sort), includes(s.core, "Include", opts.Include)))
}

// All iterates over the servers on all pages. It can miss an item if others are
// deleted and created meanwhile; see Lists in the comment of package client.
func (s *ServersService) All(ctx context.Context, opts ServerListOptions) iter.Seq2[*Server, error] {
	return rest.AllOf(ctx, s.core, opts, (*ServerListOptions).paging, func(x *Server) int { return x.ID }, s.List)
}

// only returns a text for one kind of Panel, "" for the other.
func (s *ServersService) only(flavor rest.Flavor, text string) string {
	if s.core.Flavor() != flavor {
		return ""
	}
	return text
}

// Get returns one server by its number; to find one by the identifier of the
// Client API, filter a list. An unknown number gives [client.ErrNotFound].
//
// Endpoint: GET /api/application/servers/{server}
func (s *ServersService) Get(ctx context.Context, server int, include ...ServerInclude) (*Server, error) {
	return rest.Item[Server](s.api.ApplicationGetServer(ctx, server,
		&applicationapi.ApplicationGetServerParams{Include: include},
		rest.ID("server", server), includes(s.core, "include", include)))
}

// GetByExternalID returns the server with exactly this external ID, which
// another system has assigned. For an external ID that contains a slash, filter
// a list. An unknown one gives [client.ErrNotFound].
//
// Endpoint: GET /api/application/servers/external/{external_id}
func (s *ServersService) GetByExternalID(ctx context.Context, externalID string, include ...ServerInclude) (*Server, error) {
	return rest.Item[Server](s.api.ApplicationGetServerByExternalID(ctx, externalID,
		&applicationapi.ApplicationGetServerByExternalIDParams{Include: include},
		rest.ID("externalID", externalID), includes(s.core, "include", include)))
}

// GetByUUID returns the server with exactly this UUID. An unknown one gives
// [client.ErrNotFound].
func (s *ServersService) GetByUUID(ctx context.Context, uuid string, include ...ServerInclude) (*Server, error) {
	return lookup("applicationListServers", "uuid", uuid,
		s.All(ctx, ServerListOptions{Filter: ServerFilter{UUID: filterFor(uuid)}, Include: include}),
		func(x *Server) bool { return strings.EqualFold(x.UUID, uuid) })
}

// GetByName returns the server with exactly this name, whereas the filter of a
// list matches substrings. An unknown name gives [client.ErrNotFound], and one
// that several servers have, as names need not be unique, [client.ErrAmbiguous].
func (s *ServersService) GetByName(ctx context.Context, name string, include ...ServerInclude) (*Server, error) {
	return lookup("applicationListServers", "name", name,
		s.All(ctx, ServerListOptions{Filter: ServerFilter{Name: filterFor(name)}, Include: include}),
		func(x *Server) bool { return x.Name == name })
}

// ReplaceDetails sets the name, owner, external ID and description of a server.
// An external ID or description that is left out is cleared:
// [ServersService.UpdateDetails] is safer. An external ID that another server
// has gives [client.ErrValidation].
//
// Endpoint: PATCH /api/application/servers/{server}/details
func (s *ServersService) ReplaceDetails(ctx context.Context, server int, req UpdateServerDetailsRequest) (*Server, error) {
	return rest.Item[Server](s.api.ApplicationUpdateServerDetails(ctx, server, req, rest.ID("server", server)))
}

// UpdateDetails reads a server, calls change with a request that holds its name,
// owner, external ID and description, and sends that with
// [ServersService.ReplaceDetails].
func (s *ServersService) UpdateDetails(ctx context.Context, server int, change func(*UpdateServerDetailsRequest) error) (*Server, error) {
	return update(ctx, server, s.Get, detailsRequest, change, s.ReplaceDetails)
}

// detailsRequest returns the request that leaves the details of a server as they
// are.
func detailsRequest(server *Server) UpdateServerDetailsRequest {
	return UpdateServerDetailsRequest{
		Name:        server.Name,
		UserID:      server.UserID,
		ExternalID:  envelope.NullableOf(server.ExternalID),
		Description: envelope.NullableOf(server.Description),
	}
}

// ReplaceBuild sets the limits of a server and which allocations it has.
// Everything is replaced: [ServersService.UpdateBuild] keeps what is not to
// change. A memory, disk or CPU of 0 is refused; [Unlimited] stands for no
// limit.
//
// The primary allocation must belong to the server or be in AddAllocations,
// otherwise the error has status 400; allocations that are not free are silently
// skipped. A server cannot be moved to another node. The change is stored even
// if the node's daemon cannot be notified.
//
// Endpoint: PATCH /api/application/servers/{server}/build
func (s *ServersService) ReplaceBuild(ctx context.Context, server int, req UpdateServerBuildRequest) (*Server, error) {
	return s.replaceBuild(ctx, server, req, false)
}

func (s *ServersService) replaceBuild(ctx context.Context, server int, req UpdateServerBuildRequest, keepNull bool) (*Server, error) {
	body, err := s.buildBody(req, keepNull)
	return rest.Item[Server](s.api.ApplicationUpdateServerBuildWithBody(ctx, server, "application/json", body,
		rest.ID("server", server), rest.Fail(err)))
}

// UpdateBuild reads a server, calls change with a request that holds its primary
// allocation and all limits, and sends that as [ServersService.ReplaceBuild]
// does. The other allocations stay, except those that change adds and removes. The
// request holds OOMDisabled; change may set OOMKiller instead.
func (s *ServersService) UpdateBuild(ctx context.Context, server int, change func(*UpdateServerBuildRequest) error) (*Server, error) {
	var keepNull bool
	var kept *bool
	keep := func(server *Server) UpdateServerBuildRequest {
		keepNull = server.FeatureLimits.Allocations == nil
		req := buildRequest(server)
		if req.OOMDisabled != nil {
			disabled := *req.OOMDisabled // which change may set through the pointer
			kept = &disabled
		}
		return req
	}
	return update(ctx, server, s.Get, keep, change,
		func(ctx context.Context, server int, req UpdateServerBuildRequest) (*Server, error) {
			if req.OOMKiller != nil && req.OOMDisabled != nil && kept != nil && *req.OOMDisabled == *kept {
				req.OOMDisabled = nil // change used OOMKiller instead
			}
			return s.replaceBuild(ctx, server, req, keepNull)
		})
}

// buildRequest returns the request that leaves a server as it is.
func buildRequest(server *Server) UpdateServerBuildRequest {
	limits, features := &server.Limits, &server.FeatureLimits
	req := UpdateServerBuildRequest{
		AllocationID: server.AllocationID,
		Limits: UpdateServerLimitsRequest{
			CPU:     cmp.Or(limits.CPU, Unlimited),
			Disk:    cmp.Or(limits.Disk, Unlimited),
			IO:      limits.IO,
			Memory:  cmp.Or(limits.Memory, Unlimited),
			Swap:    limits.Swap,
			Threads: envelope.NullableOf(limits.Threads),
		},
		FeatureLimits: FeatureLimitsRequest{Backups: features.Backups, Databases: Unlimited},
		OOMDisabled:   limits.OOMDisabled,
	}
	if features.Databases != nil {
		req.FeatureLimits.Databases = *features.Databases
	}
	if features.Allocations != nil {
		req.FeatureLimits.Allocations = *features.Allocations
	}
	return req
}

// ReplaceStartup sets how a server is started: its egg, image, startup command
// and the values of the egg's variables. An empty Environment keeps all values;
// any other must name every variable, since one that is left out counts as
// empty: [ServersService.UpdateStartup] is safer. Values that break a rule of
// the egg give [client.ErrValidation] for the field environment.NAME.
//
// Endpoint: PATCH /api/application/servers/{server}/startup
func (s *ServersService) ReplaceStartup(ctx context.Context, server int, req UpdateServerStartupRequest) (*Server, error) {
	return rest.Item[Server](s.api.ApplicationUpdateServerStartup(ctx, server, req, rest.ID("server", server)))
}

// UpdateStartup reads a server, calls change with a request that holds its egg,
// image, startup command and the values of all variables, and sends that with
// [ServersService.ReplaceStartup]. If change sets another egg, it has to name
// that egg's variables too.
//
// The Panel does not return whether later installations skip the egg's install
// script, so SkipScripts is false, and an earlier choice is lost, unless change
// sets it.
func (s *ServersService) UpdateStartup(ctx context.Context, server int, change func(*UpdateServerStartupRequest) error) (*Server, error) {
	return update(ctx, server, s.Get, startupRequest, change, s.ReplaceStartup)
}

// startupRequest returns the request that leaves a server as it is.
func startupRequest(server *Server) UpdateServerStartupRequest {
	environment := make(envelope.Map[string], len(server.Container.Environment))
	for name, value := range server.Container.Environment {
		switch name {
		case "STARTUP", "P_SERVER_LOCATION", "P_SERVER_UUID", "P_SERVER_ALLOCATION_LIMIT": // the Panel's own
		default:
			environment[name] = value.String()
		}
	}
	return UpdateServerStartupRequest{
		EggID:       server.EggID,
		Environment: environment,
		Image:       server.Container.Image,
		Startup:     server.Container.StartupCommand,
	}
}

// Suspend stops a server and locks its users out. It is not an error if the
// server is suspended already. A server that is being transferred gives
// [client.ErrConflict]. If the daemon cannot be reached, the error matches
// [client.ErrDaemon], and the server is not suspended.
//
// Endpoint: POST /api/application/servers/{server}/suspend
func (s *ServersService) Suspend(ctx context.Context, server int) error {
	return rest.None(s.api.ApplicationSuspendServer(ctx, server, rest.ID("server", server)))
}

// Unsuspend ends the suspension of a server, but does not start it. It is not an
// error if the server is not suspended. A server that is being transferred gives
// [client.ErrConflict]. If the daemon cannot be reached, the error matches
// [client.ErrDaemon], and the server stays suspended.
//
// Endpoint: POST /api/application/servers/{server}/unsuspend
func (s *ServersService) Unsuspend(ctx context.Context, server int) error {
	return rest.None(s.api.ApplicationUnsuspendServer(ctx, server, rest.ID("server", server)))
}

// Reinstall runs the egg's install script again, which may overwrite files. The
// installation goes on after the answer; [ServersService.WaitReady] waits for
// its end. If the daemon cannot be reached, the error matches
// [client.ErrDaemon], and the server stays as it was. The request is never sent
// twice.
//
// Endpoint: POST /api/application/servers/{server}/reinstall
func (s *ServersService) Reinstall(ctx context.Context, server int) error {
	return rest.None(s.api.ApplicationReinstallServer(ctx, server, rest.ID("server", server)))
}

// Rebuild recreates the container of a server.
//
// Deprecated: Only Panel 0.7 has this endpoint; later ones answer 405. They
// recreate the container at every start.
//
// Endpoint: POST /api/application/servers/{server}/rebuild
func (s *ServersService) Rebuild(ctx context.Context, server int) error {
	return rest.None(s.api.ApplicationRebuildServerLegacy(ctx, server, rest.ID("server", server)))
}

// Delete deletes a server with its files and databases. If the daemon cannot be
// reached, the error matches [client.ErrDaemon], and the server stays;
// [ServersService.ForceDelete] does not need the daemon.
//
// Endpoint: DELETE /api/application/servers/{server}
func (s *ServersService) Delete(ctx context.Context, server int) error {
	return rest.None(s.api.ApplicationDeleteServer(ctx, server, rest.ID("server", server)))
}

// ForceDelete deletes a server from the Panel even if its node's daemon or the
// hosts of its databases fail. What they could not delete stays there.
//
// Endpoint: DELETE /api/application/servers/{server}/force
func (s *ServersService) ForceDelete(ctx context.Context, server int) error {
	return rest.None(s.api.ApplicationForceDeleteServer(ctx, server, rest.ID("server", server)))
}
