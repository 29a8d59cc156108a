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

// ServersService are all servers of the panel.
type ServersService service

// ServerListOptions chooses what a list of servers holds. The zero value asks
// for the first page of all.
type ServerListOptions struct {
	// Page is the page to get, and the one that All begins at. 0 means 1.
	Page int

	// PerPage is the number of servers in a page. 0 means 50 for List and 100
	// for All. There is no maximum.
	PerPage int

	// Filter keeps the servers that fit.
	Filter ServerFilter

	// Sort orders the list. Empty means by number.
	Sort ServerSort

	// Include names relations to send along.
	Include []ServerInclude
}

func (o *ServerListOptions) paging() (page, perPage *int) { return &o.Page, &o.PerPage }

// ServerFilter keeps the servers of a list that fit every text in it. A text
// fits a value that holds it; a comma in it means or.
type ServerFilter struct {
	UUID, Identifier, Name, Description, Image, ExternalID string
}

// List gets one page of servers.
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

// All walks servers over all pages. It can miss an item if others are deleted
// and created meanwhile: see Lists in the package comment.
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

// Get shows one server. It is named by its number; for the identifier of the
// Client API filter a list. A number that no server has gives
// [client.ErrNotFound].
//
// Endpoint: GET /api/application/servers/{server}
func (s *ServersService) Get(ctx context.Context, server int, include ...ServerInclude) (*Server, error) {
	return rest.Item[Server](s.api.ApplicationGetServer(ctx, server,
		&applicationapi.ApplicationGetServerParams{Include: include},
		rest.ID("server", server), includes(s.core, "include", include)))
}

// GetByExternalID shows the server with exactly this external id, the one that
// some other system gave it. For an external id with a slash in it filter a
// list. One that no server has gives [client.ErrNotFound].
//
// Endpoint: GET /api/application/servers/external/{external_id}
func (s *ServersService) GetByExternalID(ctx context.Context, externalID string, include ...ServerInclude) (*Server, error) {
	return rest.Item[Server](s.api.ApplicationGetServerByExternalID(ctx, externalID,
		&applicationapi.ApplicationGetServerByExternalIDParams{Include: include},
		rest.ID("externalID", externalID), includes(s.core, "include", include)))
}

// GetByUUID shows the server with exactly this UUID. One that no server has gives
// [client.ErrNotFound].
func (s *ServersService) GetByUUID(ctx context.Context, uuid string, include ...ServerInclude) (*Server, error) {
	return lookup("applicationListServers", "uuid", uuid,
		s.All(ctx, ServerListOptions{Filter: ServerFilter{UUID: filterFor(uuid)}, Include: include}),
		func(x *Server) bool { return strings.EqualFold(x.UUID, uuid) })
}

// GetByName shows the server with exactly this name: the filter of a list also
// keeps those whose name only holds it. A name that no server has gives
// [client.ErrNotFound], and one that several have, as names need not be unique,
// [client.ErrAmbiguous].
func (s *ServersService) GetByName(ctx context.Context, name string, include ...ServerInclude) (*Server, error) {
	return lookup("applicationListServers", "name", name,
		s.All(ctx, ServerListOptions{Filter: ServerFilter{Name: filterFor(name)}, Include: include}),
		func(x *Server) bool { return x.Name == name })
}

// ReplaceDetails sets name, owner, external id and description of a server. An
// external id or description that is left out is cleared:
// [ServersService.UpdateDetails] is safer. An external id that another server
// has gives [client.ErrValidation].
//
// Endpoint: PATCH /api/application/servers/{server}/details
func (s *ServersService) ReplaceDetails(ctx context.Context, server int, req UpdateServerDetailsRequest) (*Server, error) {
	return rest.Item[Server](s.api.ApplicationUpdateServerDetails(ctx, server, req, rest.ID("server", server)))
}

// UpdateDetails reads a server, lets change work on a request that holds its
// name, owner, external id and description, and sends it with
// [ServersService.ReplaceDetails].
func (s *ServersService) UpdateDetails(ctx context.Context, server int, change func(*UpdateServerDetailsRequest) error) (*Server, error) {
	return update(ctx, server, s.Get, detailsRequest, change, s.ReplaceDetails)
}

// detailsRequest returns the request that leaves a server as it is.
func detailsRequest(server *Server) UpdateServerDetailsRequest {
	return UpdateServerDetailsRequest{
		Name:        server.Name,
		UserID:      server.UserID,
		ExternalID:  envelope.NullableOf(server.ExternalID),
		Description: envelope.NullableOf(server.Description),
	}
}

// ReplaceBuild sets what a server may use and which allocations it has. Nothing
// of that is kept: [ServersService.UpdateBuild] keeps what it is not told. A
// memory, disk or CPU of 0 is refused, [Unlimited] stands for no limit.
//
// The primary allocation must be one of the server's or of AddAllocations, else
// the error has status 400; allocations that are not free are skipped silently.
// A server cannot go to another node. The change is stored even where the node's
// daemon cannot be told of it.
//
// Endpoint: PATCH /api/application/servers/{server}/build
func (s *ServersService) ReplaceBuild(ctx context.Context, server int, req UpdateServerBuildRequest) (*Server, error) {
	return s.replaceBuild(ctx, server, req, false)
}

func (s *ServersService) replaceBuild(ctx context.Context, server int, req UpdateServerBuildRequest, keepNull bool) (*Server, error) {
	s.settleOOM(&req.OOMDisabled, &req.OOMKiller)
	body, err := buildBody(req, keepNull)
	return rest.Item[Server](s.api.ApplicationUpdateServerBuildWithBody(ctx, server, "application/json", body,
		rest.ID("server", server), rest.Fail(err)))
}

// UpdateBuild reads a server, lets change work on a request that holds its
// primary allocation and all limits, and sends it as
// [ServersService.ReplaceBuild] does. The other allocations stay but for those
// that change adds and removes.
func (s *ServersService) UpdateBuild(ctx context.Context, server int, change func(*UpdateServerBuildRequest) error) (*Server, error) {
	keepNull := false
	keep := func(server *Server) UpdateServerBuildRequest {
		keepNull = server.FeatureLimits.Allocations == nil
		return buildRequest(server)
	}
	return update(ctx, server, s.Get, keep, change,
		func(ctx context.Context, server int, req UpdateServerBuildRequest) (*Server, error) {
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

// ReplaceStartup sets how a server is started: its egg, image, start command and
// the values of the egg's variables. An empty Environment keeps all values; one
// that is not empty must name every variable, since one left out counts as
// empty: [ServersService.UpdateStartup] is safer. Values that break a rule of
// the egg give [client.ErrValidation], whose field is environment.NAME.
//
// Endpoint: PATCH /api/application/servers/{server}/startup
func (s *ServersService) ReplaceStartup(ctx context.Context, server int, req UpdateServerStartupRequest) (*Server, error) {
	return rest.Item[Server](s.api.ApplicationUpdateServerStartup(ctx, server, req, rest.ID("server", server)))
}

// UpdateStartup reads a server, lets change work on a request that holds its egg,
// image, start command and the values of all variables, and sends it with
// [ServersService.ReplaceStartup]. Where change sets another egg, it has to name
// that egg's variables too.
//
// The Panel does not tell whether later installations are to leave out the egg's
// install script, so SkipScripts is false, and any such choice is lost, unless
// change sets it.
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

// Suspend stops a server and locks its users out. To suspend one that is
// suspended is no error. A server that is moving to another node gives
// [client.ErrConflict]. Where the daemon cannot be reached, the error matches
// [client.ErrDaemon], and the server is not suspended.
//
// Endpoint: POST /api/application/servers/{server}/suspend
func (s *ServersService) Suspend(ctx context.Context, server int) error {
	return rest.None(s.api.ApplicationSuspendServer(ctx, server, rest.ID("server", server)))
}

// Unsuspend ends the suspension of a server, which does not start it. To
// unsuspend one that is not suspended is no error. A server that is moving to
// another node gives [client.ErrConflict]. Where the daemon cannot be reached,
// the error matches [client.ErrDaemon], and the server stays suspended.
//
// Endpoint: POST /api/application/servers/{server}/unsuspend
func (s *ServersService) Unsuspend(ctx context.Context, server int) error {
	return rest.None(s.api.ApplicationUnsuspendServer(ctx, server, rest.ID("server", server)))
}

// Reinstall runs the egg's install script again, which may overwrite files. It
// goes on after the answer, see Status of the server. Where the daemon cannot be
// reached, the error matches [client.ErrDaemon], and the server stays as it was.
// The request is never sent twice.
//
// Endpoint: POST /api/application/servers/{server}/reinstall
func (s *ServersService) Reinstall(ctx context.Context, server int) error {
	return rest.None(s.api.ApplicationReinstallServer(ctx, server, rest.ID("server", server)))
}

// Rebuild makes the container of a server anew.
//
// Deprecated: Only Panel 0.7 knows it; later ones answer 405. Containers are made
// anew with every start there.
//
// Endpoint: POST /api/application/servers/{server}/rebuild
func (s *ServersService) Rebuild(ctx context.Context, server int) error {
	return rest.None(s.api.ApplicationRebuildServerLegacy(ctx, server, rest.ID("server", server)))
}

// Delete deletes a server with its files and databases. Where the daemon cannot
// be reached, the error matches [client.ErrDaemon], and the server stays;
// [ServersService.ForceDelete] does without the daemon.
//
// Endpoint: DELETE /api/application/servers/{server}
func (s *ServersService) Delete(ctx context.Context, server int) error {
	return rest.None(s.api.ApplicationDeleteServer(ctx, server, rest.ID("server", server)))
}

// ForceDelete deletes a server from the panel whatever its node's daemon and the
// hosts of its databases say. What they could not delete stays with them.
//
// Endpoint: DELETE /api/application/servers/{server}/force
func (s *ServersService) ForceDelete(ctx context.Context, server int) error {
	return rest.None(s.api.ApplicationForceDeleteServer(ctx, server, rest.ID("server", server)))
}
