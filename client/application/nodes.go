package application

import (
	"context"
	"iter"

	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// NodesService are the machines that run servers.
type NodesService service

// NodeListOptions chooses what a list of nodes holds. The zero value asks
// for the first page of all.
type NodeListOptions struct {
	// Page is the page to get, and the one that All begins at. 0 means 1.
	Page int

	// PerPage is the number of nodes in a page. 0 means 50 for List and 100
	// for All. There is no maximum.
	PerPage int

	// Filter keeps the nodes that fit.
	Filter NodeFilter

	// Sort orders the list. Empty means by number.
	Sort NodeSort

	// Include names relations to send along.
	Include []NodeInclude
}

// NodeFilter keeps the nodes of a list that fit every text in it. A text
// fits a value that holds it; a comma in it means or.
type NodeFilter struct {
	UUID, Name, FQDN, DaemonTokenID string
}

// List gets one page of nodes.
//
// Endpoint: GET /api/application/nodes
func (s *NodesService) List(ctx context.Context, opts NodeListOptions) (*Page[Node], error) {
	return rest.PageOf[Node](s.api.ApplicationListNodes(ctx, &applicationapi.ApplicationListNodesParams{
		Page:                rest.Optional(opts.Page),
		PerPage:             rest.Optional(opts.PerPage),
		FilterUUID:          rest.Optional(opts.Filter.UUID),
		FilterName:          rest.Optional(opts.Filter.Name),
		FilterFQDN:          rest.Optional(opts.Filter.FQDN),
		FilterDaemonTokenID: rest.Optional(opts.Filter.DaemonTokenID),
		Sort:                rest.Optional(opts.Sort),
		Include:             opts.Include,
	},
		rest.NotNegative("Page", opts.Page), rest.NotNegative("PerPage", opts.PerPage),
		rest.OptionalEnum("Sort", opts.Sort), rest.Includes("Include", opts.Include...)))
}

// All walks nodes over all pages.
func (s *NodesService) All(ctx context.Context, opts NodeListOptions) iter.Seq2[*Node, error] {
	return rest.All(ctx, s.core, opts.Page, opts.PerPage, func(x *Node) int { return x.ID },
		func(ctx context.Context, page, perPage int) (*Page[Node], error) {
			opts := opts
			opts.Page, opts.PerPage = page, perPage
			return s.List(ctx, opts)
		})
}

// Get shows one node.
//
// Endpoint: GET /api/application/nodes/{node}
func (s *NodesService) Get(ctx context.Context, node int, include ...NodeInclude) (*Node, error) {
	return rest.Item[Node](s.api.ApplicationGetNode(ctx, node,
		&applicationapi.ApplicationGetNodeParams{Include: include},
		rest.ID("node", node), rest.Includes("include", include...)))
}
