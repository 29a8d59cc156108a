package application

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/ptero-go/ptero/envelope"
	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// NodesService manages the machines that run servers.
type NodesService service

// NodeListOptions selects a page of a list of nodes. The zero value asks for the
// first page of all nodes.
type NodeListOptions struct {
	// Page is the page to get, or the one at which All begins. 0 means 1.
	Page int

	// PerPage is the number of nodes in a page. 0 means 50 for List and 100
	// for All. There is no maximum.
	PerPage int

	// Filter keeps the nodes that match.
	Filter NodeFilter

	// Sort orders the list. Empty means by number.
	Sort NodeSort

	// Include names relations to send along.
	Include []NodeInclude
}

func (o *NodeListOptions) paging() (page, perPage *int) { return &o.Page, &o.PerPage }

// NodeFilter selects nodes that match all its texts. A text matches a value that
// contains it; a comma separates alternatives.
type NodeFilter struct {
	UUID, Name, FQDN, DaemonTokenID string
}

// List returns one page of nodes.
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
		rest.OptionalEnum("Sort", opts.Sort), includes(s.core, "Include", opts.Include)))
}

// All iterates over the nodes on all pages. It can miss an item if others are
// deleted and created meanwhile; see Lists in the comment of package client.
func (s *NodesService) All(ctx context.Context, opts NodeListOptions) iter.Seq2[*Node, error] {
	return rest.AllOf(ctx, s.core, opts, (*NodeListOptions).paging, func(x *Node) int { return x.ID }, s.List)
}

// Get returns one node. An unknown number gives [client.ErrNotFound].
//
// Endpoint: GET /api/application/nodes/{node}
func (s *NodesService) Get(ctx context.Context, node int, include ...NodeInclude) (*Node, error) {
	return rest.Item[Node](s.api.ApplicationGetNode(ctx, node,
		&applicationapi.ApplicationGetNodeParams{Include: include},
		rest.ID("node", node), includes(s.core, "include", include)))
}

// Configuration returns the configuration for Wings, the daemon of a node. It
// contains a secret: whoever has its Token controls the node, so keep it out of
// logs and files that others can read. Panel 0.7 does not have this endpoint.
//
// Endpoint: GET /api/application/nodes/{node}/configuration
func (s *NodesService) Configuration(ctx context.Context, node int) (*NodeConfiguration, error) {
	return rest.JSON[NodeConfiguration](s.api.ApplicationGetNodeConfiguration(ctx, node, rest.ID("node", node)))
}

// where refuses conditions that this kind of Panel would ignore in silence.
func (s *NodesService) where(needs NodeRequirements) rest.Editor {
	if ignored, instead := ignoredPlace(s.core, needs.Locations, needs.Tags); ignored != "" {
		return s.core.Unsupported(ignored, instead)
	}
	if s.core.Flavor() != rest.Pelican && needs.CPU != 0 {
		return s.core.Unsupported("CPU", "nodes of Pterodactyl have no limit of CPU time.")
	}
	return rest.Refuse("", "")
}

// NodeRequirements describes what a server needs of a node.
type NodeRequirements struct {
	// Memory and Disk are what the server needs, in MiB.
	Memory, Disk int

	// CPU is what the server needs, in percent of one core. Pelican only.
	CPU int

	// Locations are the numbers of the locations to search. Empty means all.
	// Pelican has no locations, so there this must be empty.
	Locations []int

	// Tags are the tags of the nodes to look at. Empty means all. Pelican only.
	Tags []string

	// Include names relations to send along.
	Include []NodeInclude
}

// Deployable returns the public nodes that have room for a server. Nodes under
// maintenance are among them, and an overallocation of -1 counts as minus one
// percent. If no node has room, the error has status 400 and code
// "NoViableNodeException"; Pelican returns an empty list. Panels before 1.2.2 do not have this endpoint.
//
// Endpoint: GET /api/application/nodes/deployable
func (s *NodesService) Deployable(ctx context.Context, needs NodeRequirements) ([]*Node, error) {
	return rest.List[Node](s.api.ApplicationListDeployableNodes(ctx, &applicationapi.ApplicationListDeployableNodesParams{
		Memory:      needs.Memory,
		Disk:        needs.Disk,
		LocationIDs: append([]int(nil), needs.Locations...), // nil if empty
		Tags:        append([]string(nil), needs.Tags...),
		CPU:         rest.Optional(needs.CPU),
		Include:     needs.Include,
	},
		rest.NotNegative("Memory", needs.Memory), rest.NotNegative("Disk", needs.Disk), rest.NotNegative("CPU", needs.CPU),
		includes(s.core, "Include", needs.Include), s.where(needs)))
}

// Create creates a node. It has no allocations yet; see [AllocationsService].
// [NodesService.Configuration] returns the configuration for its daemon. Values
// that break a rule give [client.ErrValidation]. The request is never sent
// twice.
//
// Pelican ignores LocationID. It demands CPU, CPUOverallocate and DaemonConnect: 0,
// which is no limit, and DaemonListen where they are left out.
//
// Endpoint: POST /api/application/nodes
func (s *NodesService) Create(ctx context.Context, req CreateNodeRequest) (*Node, error) {
	if s.core.Flavor() == rest.Pelican {
		// What Pelican demands and Pterodactyl has no word for: as if it were one of the latter.
		none, listen := 0, req.DaemonListen
		req.CPU, req.CPUOverallocate = cmp.Or(req.CPU, &none), cmp.Or(req.CPUOverallocate, &none)
		req.DaemonConnect = cmp.Or(req.DaemonConnect, &listen)
	}
	return rest.Item[Node](s.api.ApplicationCreateNode(ctx, req, daemonScheme(req.Scheme), s.core.Served(req)))
}

// Replace changes a node and sends its daemon the new configuration. Optional
// fields that are left out stay, except DaemonBase, which then becomes the
// default path: [NodesService.Update] is safer.
//
// If the daemon cannot be reached, or does not accept the configuration, the
// error has status 400 and code "ConfigurationNotPersistedException" and matches
// [client.ErrDaemon]. The Panel has stored the change nevertheless; the daemon's
// own configuration has to be updated.
//
// Pelican demands CPU, CPUOverallocate and DaemonConnect too, else it gives
// [client.ErrValidation].
//
// Endpoint: PATCH /api/application/nodes/{node}
func (s *NodesService) Replace(ctx context.Context, node int, req UpdateNodeRequest) (*Node, error) {
	return rest.Item[Node](s.api.ApplicationUpdateNode(ctx, node, req,
		rest.ID("node", node), daemonScheme(req.Scheme), s.core.Served(req)))
}

// Update reads a node, calls change with a request that holds all that was read,
// and sends that with [NodesService.Replace], whose note on [client.ErrDaemon]
// applies here too. The daemon's secret stays unless change sets ResetSecret. In
// Pelican, Tags that change sets to nil are cleared.
func (s *NodesService) Update(ctx context.Context, node int, change func(*UpdateNodeRequest) error) (*Node, error) {
	if s.core.Flavor() != rest.Pelican {
		return update(ctx, node, s.Get, nodeRequest, change, s.Replace)
	}
	return update(ctx, node, s.Get, pelicanNodeRequest, change,
		func(ctx context.Context, node int, req UpdateNodeRequest) (*Node, error) {
			if req.Tags == nil {
				req.Tags = []string{} // not left out: they were read, and change took them away
			}
			return s.Replace(ctx, node, req)
		})
}

// pelicanNodeRequest is nodeRequest with what Pelican alone has.
func pelicanNodeRequest(node *Node) UpdateNodeRequest {
	req := nodeRequest(node)
	req.CPU, req.CPUOverallocate, req.DaemonConnect = &node.CPU, &node.CPUOverallocate, &node.DaemonConnect
	req.DaemonSFTPAlias, req.Description, req.Tags = envelope.NullableOf(node.DaemonSFTPAlias), envelope.NullableOf(node.Description), node.Tags
	return req
}

// nodeRequest returns the request that leaves a node as it is.
func nodeRequest(node *Node) UpdateNodeRequest {
	return UpdateNodeRequest{
		BehindProxy:        &node.BehindProxy,
		DaemonBase:         &node.DaemonBase,
		DaemonListen:       node.DaemonListen,
		DaemonSFTP:         node.DaemonSFTP,
		Disk:               node.Disk,
		DiskOverallocate:   node.DiskOverallocate,
		FQDN:               node.FQDN,
		LocationID:         node.LocationID,
		MaintenanceMode:    &node.MaintenanceMode,
		Memory:             node.Memory,
		MemoryOverallocate: node.MemoryOverallocate,
		Name:               node.Name,
		Public:             &node.Public,
		Scheme:             node.Scheme,
		UploadSize:         &node.UploadSize,
	}
}

// daemonScheme refuses a scheme that the Panel would store but could not use to
// reach the node.
func daemonScheme(scheme string) rest.Editor {
	problem := ""
	if !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") {
		problem = fmt.Sprintf("is %q, but must be http or https", scheme)
	}
	return rest.Refuse("Scheme", problem)
}

// Delete deletes a node with its allocations. One that has servers gives an
// error with status 400 and code "HasActiveServersException".
//
// Endpoint: DELETE /api/application/nodes/{node}
func (s *NodesService) Delete(ctx context.Context, node int) error {
	return rest.None(s.api.ApplicationDeleteNode(ctx, node, rest.ID("node", node)))
}
