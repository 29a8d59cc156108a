package client

import (
	"context"
	"iter"

	"github.com/ptero-go/ptero/gen/clientapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// ServersService lists, inspects and controls the servers that the account can
// reach. A server is named by its identifier, the first eight characters of its
// UUID, or by the UUID.
type ServersService service

// ServerListOptions selects a page of a list of servers. The zero value asks for
// the first page of the servers that the account owns or uses.
type ServerListOptions struct {
	// Page is the page to get, or the one at which All begins. 0 means 1.
	Page int

	// PerPage is the number of servers in a page, at most 100. 0 means 50 for
	// List and 100 for All.
	PerPage int

	// Scope selects whose servers to list. Empty means those that the account
	// owns or uses as a subuser.
	Scope ServerScope

	// Filter keeps the servers that match.
	Filter ServerFilter

	// Include names the relations to include. The allocations and the variables
	// are always included.
	Include []ServerInclude
}

func (o *ServerListOptions) paging() (page, perPage *int) { return &o.Page, &o.PerPage }

// ServerFilter selects servers that match all its texts. A text matches a value
// that contains it; a comma separates alternatives.
type ServerFilter struct {
	UUID, Name, Description, ExternalID string

	// Any is searched for in several places. An IPv4 address, alone or with the
	// beginning of a port, or a colon and a port, is searched for in the
	// allocations; anything else at the beginning of the UUID, in the name, and
	// as the whole identifier or external ID. It must contain no comma.
	Any string
}

// List returns one page of the servers that the account can reach, including
// those that are suspended or being installed.
//
// Endpoint: GET /api/client
func (s *ServersService) List(ctx context.Context, opts ServerListOptions) (*Page[Server], error) {
	return rest.PageOf[Server](s.api.ClientListServers(ctx, &clientapi.ClientListServersParams{
		Page:              rest.Optional(opts.Page),
		PerPage:           rest.Optional(opts.PerPage),
		Type:              rest.Optional(opts.Scope),
		FilterUUID:        rest.Optional(opts.Filter.UUID),
		FilterName:        rest.Optional(opts.Filter.Name),
		FilterDescription: rest.Optional(opts.Filter.Description),
		FilterExternalID:  rest.Optional(opts.Filter.ExternalID),
		FilterAny:         rest.Optional(opts.Filter.Any),
		Include:           opts.Include,
	},
		rest.NotNegative("Page", opts.Page), rest.NotNegative("PerPage", opts.PerPage),
		rest.OptionalEnum("Scope", opts.Scope), rest.Enum("Include", opts.Include...),
		rest.NoComma("Filter.Any", opts.Filter.Any)))
}

// All iterates over the servers that the account can reach, on all pages. It can
// miss an item if others are deleted and created meanwhile; see Lists in the
// package comment.
func (s *ServersService) All(ctx context.Context, opts ServerListOptions) iter.Seq2[*Server, error] {
	return rest.AllOf(ctx, s.core, opts, (*ServerListOptions).paging, func(x *Server) string { return x.UUID }, s.List)
}

// ServerAccess is a server and what the key may do with it.
type ServerAccess struct {
	Server
	ServerMeta
}

// Get returns one server and what the key may do with it, whatever the state of
// the server. A server that the account has no access to gives [ErrNotFound],
// unless the account is a root administrator.
//
// Endpoint: GET /api/client/servers/{server}
func (s *ServersService) Get(ctx context.Context, server string, include ...ServerInclude) (*ServerAccess, error) {
	found, meta, err := rest.ItemWith[Server, ServerMeta](s.api.ClientGetServer(ctx, server,
		&clientapi.ClientGetServerParams{Include: include},
		rest.ID("server", server), rest.Enum("include", include...)))
	if err != nil {
		return nil, err
	}
	return &ServerAccess{*found, *meta}, nil
}

// Resources returns the power state of a server and what it uses. The Panel
// caches the answer for 20 seconds. A server that is suspended or being
// installed gives [ErrConflict], a node that cannot be reached [ErrDaemon].
//
// Endpoint: GET /api/client/servers/{server}/resources
func (s *ServersService) Resources(ctx context.Context, server string) (*Stats, error) {
	return rest.Item[Stats](s.api.ClientGetServerResources(ctx, server, rest.ID("server", server)))
}

// Signal starts, stops, restarts or kills a server. The node acts on it in the
// background, so success means that the signal arrived, not that it had an
// effect; [ServersService.WaitPower] waits for that. Starting a running server
// is not an error. The signal is never sent twice.
//
// Endpoint: POST /api/client/servers/{server}/power
func (s *ServersService) Signal(ctx context.Context, server string, signal PowerSignal) error {
	return rest.None(s.api.ClientSetPowerState(ctx, server, clientapi.SetPowerStateRequest{Signal: signal},
		rest.ID("server", server), rest.Enum("signal", signal)))
}

// Command sends a line to a server's console. Its output appears on the console
// only. A server that is not running gives [ErrOffline]. The command is never
// sent twice.
//
// Pelican reports success for a server that is not running, and the command is
// lost. A console knows the power state: see SendCommand of package console.
//
// The line goes to a terminal, so anything but a single command is refused: a
// line break, which would split it in two, any other control character except a
// tab, and more than 4,095 bytes, after which the terminal would cut it.
//
// Endpoint: POST /api/client/servers/{server}/command
func (s *ServersService) Command(ctx context.Context, server, command string) error {
	return rest.None(s.api.ClientSendCommand(ctx, server, clientapi.SendCommandRequest{Command: command},
		rest.ID("server", server), rest.Command("command", command)))
}

// Websocket returns the address of a server's console socket and a token for it,
// which is valid for ten minutes. Newer Panels allow few of these calls, so keep
// the token while it is valid.
//
// Endpoint: GET /api/client/servers/{server}/websocket
func (s *ServersService) Websocket(ctx context.Context, server string) (*WebsocketCredentials, error) {
	return rest.Data[WebsocketCredentials](s.api.ClientGetServerWebsocket(ctx, server, rest.ID("server", server)))
}

// ListActivity returns one page of a server's activity log, oldest first unless
// Sort says otherwise. Uploads are never in it, and a Panel may leave out the
// actions of administrators. Panels before 1.9.0 give [ErrNotFound].
//
// Endpoint: GET /api/client/servers/{server}/activity
func (s *ServersService) ListActivity(ctx context.Context, server string, opts ActivityListOptions) (*Page[Activity], error) {
	return rest.PageOf[Activity](s.api.ClientListServerActivity(ctx, server,
		(*clientapi.ClientListServerActivityParams)(opts.params()), rest.ID("server", server), opts.checks()))
}

// AllActivity iterates over a server's activity log on all pages. It can miss an
// item if others are deleted and created meanwhile; see Lists in the package
// comment.
func (s *ServersService) AllActivity(ctx context.Context, server string, opts ActivityListOptions,
) iter.Seq2[*Activity, error] {
	return allActivity(ctx, s.core, opts, func(ctx context.Context, opts ActivityListOptions) (*Page[Activity], error) {
		return s.ListActivity(ctx, server, opts)
	})
}

// Utilization returns the power state of a server of Panel 0.7 and what it uses.
// That Panel allows 15 of these calls in a minute.
//
// Deprecated: Panel 1.0 and later give [ErrNotFound]; use
// [ServersService.Resources].
//
// Endpoint: GET /api/client/servers/{server}/utilization
func (s *ServersService) Utilization(ctx context.Context, server string) (*Utilization, error) {
	return rest.Item[Utilization](s.api.ClientGetServerUtilizationLegacy(ctx, server, rest.ID("server", server)))
}
