package application

import (
	"context"
	"iter"

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
		Page:              rest.Optional(opts.Page),
		PerPage:           rest.Optional(opts.PerPage),
		FilterUUID:        rest.Optional(opts.Filter.UUID),
		FilterUUIDShort:   rest.Optional(opts.Filter.Identifier),
		FilterName:        rest.Optional(opts.Filter.Name),
		FilterDescription: rest.Optional(opts.Filter.Description),
		FilterImage:       rest.Optional(opts.Filter.Image),
		FilterExternalID:  rest.Optional(opts.Filter.ExternalID),
		Sort:              rest.Optional(opts.Sort),
		Include:           opts.Include,
	},
		rest.NotNegative("Page", opts.Page), rest.NotNegative("PerPage", opts.PerPage),
		rest.OptionalEnum("Sort", opts.Sort), rest.Includes("Include", opts.Include...)))
}

// All walks servers over all pages.
func (s *ServersService) All(ctx context.Context, opts ServerListOptions) iter.Seq2[*Server, error] {
	return rest.All(ctx, s.core, opts.Page, opts.PerPage, func(x *Server) int { return x.ID },
		func(ctx context.Context, page, perPage int) (*Page[Server], error) {
			opts := opts
			opts.Page, opts.PerPage = page, perPage
			return s.List(ctx, opts)
		})
}

// Get shows one server. It is named by its number; for the identifier of the
// Client API filter a list.
//
// Endpoint: GET /api/application/servers/{server}
func (s *ServersService) Get(ctx context.Context, server int, include ...ServerInclude) (*Server, error) {
	return rest.Item[Server](s.api.ApplicationGetServer(ctx, server,
		&applicationapi.ApplicationGetServerParams{Include: include},
		rest.ID("server", server), rest.Includes("include", include...)))
}
