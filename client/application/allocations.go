package application

import (
	"context"
	"iter"

	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// AllocationsService manages the allocations of a node: the addresses and ports
// on which its servers listen.
type AllocationsService service

// AllocationListOptions selects a page of a list of allocations. The zero value
// asks for the first page of all allocations.
type AllocationListOptions struct {
	// Page is the page to get, or the one at which All begins. 0 means 1.
	Page int

	// PerPage is the number of allocations in a page. 0 means 50 for List and
	// 100 for All. There is no maximum.
	PerPage int

	// Filter keeps the allocations that match.
	Filter AllocationFilter

	// Include names the relations to include.
	Include []AllocationInclude
}

func (o *AllocationListOptions) paging() (page, perPage *int) { return &o.Page, &o.PerPage }

// AllocationFilter selects allocations that match everything in it.
type AllocationFilter struct {
	// IP is the complete address. A comma separates alternatives.
	IP string

	// Ports are the ports to keep.
	Ports []int

	// Alias is a part of the alias. A comma separates alternatives.
	Alias string

	// ServerID keeps the allocations of one server, Unassigned those that no
	// server uses. Only one of them can be set. Panels before 1.8 refuse both
	// with status 400.
	ServerID   int
	Unassigned bool
}

// server returns the filter by server: a number, 0 for no server, or nil for
// any.
func (f *AllocationFilter) server() *int {
	if f.Unassigned {
		return new(int)
	}
	return rest.Optional(f.ServerID)
}

// check refuses filters that contradict themselves.
func (f *AllocationFilter) check() rest.Editor {
	problem := ""
	if f.Unassigned && f.ServerID != 0 {
		problem = "is set together with ServerID"
	}
	return rest.Checks(rest.NotNegative("Filter.ServerID", f.ServerID), rest.Refuse("Filter.Unassigned", problem))
}

// List returns one page of the allocations of a node. An unknown node gives
// [client.ErrNotFound].
//
// Endpoint: GET /api/application/nodes/{node}/allocations
func (s *AllocationsService) List(ctx context.Context, node int, opts AllocationListOptions) (*Page[Allocation], error) {
	return rest.PageOf[Allocation](s.api.ApplicationListAllocations(ctx, node, &applicationapi.ApplicationListAllocationsParams{
		Page:           rest.Optional(opts.Page),
		PerPage:        rest.Optional(opts.PerPage),
		FilterIP:       rest.Optional(opts.Filter.IP),
		FilterPort:     append([]int(nil), opts.Filter.Ports...), // nil if empty
		FilterIPAlias:  rest.Optional(opts.Filter.Alias),
		FilterServerID: opts.Filter.server(),
		Include:        opts.Include,
	},
		rest.ID("node", node), rest.NotNegative("Page", opts.Page), rest.NotNegative("PerPage", opts.PerPage),
		opts.Filter.check(), rest.Includes("Include", opts.Include...)))
}

// All iterates over the allocations of a node on all pages. It can miss an item
// if others are deleted and created meanwhile; see Lists in the comment of
// package client.
func (s *AllocationsService) All(ctx context.Context, node int, opts AllocationListOptions) iter.Seq2[*Allocation, error] {
	return rest.AllOf(ctx, s.core, opts, (*AllocationListOptions).paging, func(x *Allocation) int { return x.ID },
		func(ctx context.Context, opts AllocationListOptions) (*Page[Allocation], error) {
			return s.List(ctx, node, opts)
		})
}

// Create adds allocations to a node: every port for every address. The answer
// does not contain them, so list them. Existing allocations are silently skipped
// and keep their alias.
//
// What the Panel refuses gives an error with status 400: ports outside of 1025
// to 65535 with code "PortOutOfRangeException", ranges of more than 1000 ports
// with "TooManyPortsInRangeException", other things than ports with
// "InvalidPortMappingException", networks larger than /25 with
// "CidrOutOfRangeException", bad addresses with "DisplayException".
//
// Endpoint: POST /api/application/nodes/{node}/allocations
func (s *AllocationsService) Create(ctx context.Context, node int, req CreateAllocationsRequest) error {
	return rest.None(s.api.ApplicationCreateAllocations(ctx, node, req, rest.ID("node", node), rest.NotEmpty("IP", req.IP)))
}

// Delete removes an allocation from a node. One that a server uses gives an
// error with status 400 and code "ServerUsingAllocationException".
//
// Endpoint: DELETE /api/application/nodes/{node}/allocations/{allocation}
func (s *AllocationsService) Delete(ctx context.Context, node, allocation int) error {
	return rest.None(s.api.ApplicationDeleteAllocation(ctx, node, allocation,
		rest.ID("node", node), rest.ID("allocation", allocation)))
}
