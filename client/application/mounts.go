package application

import (
	"context"
	"iter"

	"github.com/ptero-go/ptero/envelope"
	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// MountsService manages the mounts: directories of nodes that servers can mount.
// A server can be given a mount if the mount is assigned to its egg and its node.
// Pelican only.
type MountsService service

// MountListOptions selects a page of a list of mounts. The zero value asks for
// the first page of all.
type MountListOptions struct {
	// Page is the page to get, or the one at which All begins. 0 means 1.
	Page int

	// PerPage is the number of mounts in a page. 0 means 50 for List and 100 for
	// All. There is no maximum.
	PerPage int

	// UUID and Name keep the mounts whose UUID and name contain these texts; a
	// comma separates alternatives.
	UUID, Name string
}

func (o *MountListOptions) paging() (page, perPage *int) { return &o.Page, &o.PerPage }

// List gets one page of mounts.
//
// Endpoint: GET /api/application/mounts
func (s *MountsService) List(ctx context.Context, opts MountListOptions) (*Page[Mount], error) {
	return rest.PageOf[Mount](s.api.ApplicationListMounts(ctx, &applicationapi.ApplicationListMountsParams{
		Page:       rest.Optional(opts.Page),
		PerPage:    rest.Optional(opts.PerPage),
		FilterUUID: rest.Optional(opts.UUID),
		FilterName: rest.Optional(opts.Name),
	},
		rest.NotNegative("Page", opts.Page), rest.NotNegative("PerPage", opts.PerPage)))
}

// All iterates over the mounts on all pages. It can miss an item if others are deleted and
// created meanwhile; see Lists in the comment of package client.
func (s *MountsService) All(ctx context.Context, opts MountListOptions) iter.Seq2[*Mount, error] {
	return rest.AllOf(ctx, s.core, opts, (*MountListOptions).paging, func(x *Mount) int { return x.ID }, s.List)
}

// Get returns one mount.
//
// Endpoint: GET /api/application/mounts/{mount}
func (s *MountsService) Get(ctx context.Context, mount int) (*Mount, error) {
	return rest.Item[Mount](s.api.ApplicationGetMount(ctx, mount, rest.ID("mount", mount)))
}

// Create creates a mount. Pelican 1.0.0-beta38 answers 500, which gives
// [client.ErrServer], and creates it all the same: look for it in the list. The
// request is never sent twice.
//
// Endpoint: POST /api/application/mounts
func (s *MountsService) Create(ctx context.Context, req CreateMountRequest) (*Mount, error) {
	return rest.Item[Mount](s.api.ApplicationCreateMount(ctx, req))
}

// Replace changes a mount. Name, Source and Target are required, even if unchanged;
// other fields that are left out stay as they are. [MountsService.Update] fills in
// the required ones.
//
// Endpoint: PATCH /api/application/mounts/{mount}
func (s *MountsService) Replace(ctx context.Context, mount int, req UpdateMountRequest) (*Mount, error) {
	return rest.Item[Mount](s.api.ApplicationUpdateMount(ctx, mount, req, rest.ID("mount", mount)))
}

// Update reads a mount, calls change with a request that holds all that was read,
// and sends that with [MountsService.Replace].
func (s *MountsService) Update(ctx context.Context, mount int, change func(*UpdateMountRequest) error) (*Mount, error) {
	get := func(ctx context.Context, mount int, _ ...struct{}) (*Mount, error) { return s.Get(ctx, mount) }
	return update(ctx, mount, get, mountRequest, change, s.Replace)
}

// mountRequest returns the request that leaves a mount as it is.
func mountRequest(mount *Mount) UpdateMountRequest {
	return UpdateMountRequest{
		Description:   envelope.NullableOf(mount.Description),
		Name:          mount.Name,
		ReadOnly:      &mount.ReadOnly,
		Source:        mount.Source,
		Target:        mount.Target,
		UserMountable: &mount.UserMountable,
	}
}

// Delete deletes a mount. One that a server has gives an error with status 400 and
// code "HasActiveServersException".
//
// Endpoint: DELETE /api/application/mounts/{mount}
func (s *MountsService) Delete(ctx context.Context, mount int) error {
	return rest.None(s.api.ApplicationDeleteMount(ctx, mount, rest.ID("mount", mount)))
}

// Eggs returns the eggs that a mount is assigned to.
//
// Endpoint: GET /api/application/mounts/{mount}/eggs
func (s *MountsService) Eggs(ctx context.Context, mount int) ([]*Egg, error) {
	return rest.List[Egg](s.api.ApplicationListMountEggs(ctx, mount, rest.ID("mount", mount)))
}

// AddEggs assigns a mount to further eggs. If it is assigned to one of them already,
// Pelican answers 500, which gives [client.ErrServer], and adds none.
//
// Endpoint: POST /api/application/mounts/{mount}/eggs
func (s *MountsService) AddEggs(ctx context.Context, mount int, eggs ...int) (*Mount, error) {
	return rest.Item[Mount](s.api.ApplicationAddMountEggs(ctx, mount, applicationapi.MountEggsRequest{Eggs: eggs},
		rest.ID("mount", mount), someIDs("eggs", eggs)))
}

// RemoveEgg ends the assignment of a mount to an egg.
//
// Endpoint: DELETE /api/application/mounts/{mount}/eggs/{egg}
func (s *MountsService) RemoveEgg(ctx context.Context, mount, egg int) error {
	return rest.None(s.api.ApplicationRemoveMountEgg(ctx, mount, egg, rest.ID("mount", mount), rest.ID("egg", egg)))
}

// Nodes returns the nodes that a mount is assigned to.
//
// Endpoint: GET /api/application/mounts/{mount}/nodes
func (s *MountsService) Nodes(ctx context.Context, mount int) ([]*Node, error) {
	return rest.List[Node](s.api.ApplicationListMountNodes(ctx, mount, rest.ID("mount", mount)))
}

// AddNodes assigns a mount to further nodes, as [MountsService.AddEggs] does to eggs.
//
// Endpoint: POST /api/application/mounts/{mount}/nodes
func (s *MountsService) AddNodes(ctx context.Context, mount int, nodes ...int) (*Mount, error) {
	return rest.Item[Mount](s.api.ApplicationAddMountNodes(ctx, mount, applicationapi.MountNodesRequest{Nodes: nodes},
		rest.ID("mount", mount), someIDs("nodes", nodes)))
}

// RemoveNode ends the assignment of a mount to a node.
//
// Endpoint: DELETE /api/application/mounts/{mount}/nodes/{node}
func (s *MountsService) RemoveNode(ctx context.Context, mount, node int) error {
	return rest.None(s.api.ApplicationRemoveMountNode(ctx, mount, node, rest.ID("mount", mount), rest.ID("node", node)))
}

// Servers returns the servers that have a mount.
//
// Endpoint: GET /api/application/mounts/{mount}/servers
func (s *MountsService) Servers(ctx context.Context, mount int) ([]*Server, error) {
	return rest.List[Server](s.api.ApplicationListMountServers(ctx, mount, rest.ID("mount", mount)))
}

// AddServers gives a mount to further servers, as [MountsService.AddEggs] does to
// eggs. They mount it at their next start.
//
// Endpoint: POST /api/application/mounts/{mount}/servers
func (s *MountsService) AddServers(ctx context.Context, mount int, servers ...int) (*Mount, error) {
	return rest.Item[Mount](s.api.ApplicationAddMountServers(ctx, mount, applicationapi.MountServersRequest{Servers: servers},
		rest.ID("mount", mount), someIDs("servers", servers)))
}

// RemoveServer takes a mount from a server.
//
// Endpoint: DELETE /api/application/mounts/{mount}/servers/{server}
func (s *MountsService) RemoveServer(ctx context.Context, mount, server int) error {
	return rest.None(s.api.ApplicationRemoveMountServer(ctx, mount, server,
		rest.ID("mount", mount), rest.ID("server", server)))
}
