package application

import (
	"context"
	"fmt"
	"sync"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// Client is a client of the Application API for one Panel and one key. It is
// safe for concurrent use. Make one with [New] and keep it.
type Client struct {
	// Users are the accounts of the panel.
	Users *UsersService

	// Nodes are the machines that run servers.
	Nodes *NodesService

	// Allocations are the addresses and ports of a node.
	Allocations *AllocationsService

	// Locations are the places in which nodes stand.
	Locations *LocationsService

	// Servers are all servers of the panel.
	Servers *ServersService

	// Databases are the databases of a server.
	Databases *DatabasesService

	// Nests are the groups of eggs.
	Nests *NestsService

	// Eggs are the kinds of servers.
	Eggs *EggsService

	// Roles make users administrators. Pelican only.
	Roles *RolesService

	// Mounts are directories of nodes that servers can mount. Pelican only.
	Mounts *MountsService

	// DatabaseHosts are the database servers on which databases of servers are
	// created. Pelican only.
	DatabaseHosts *DatabaseHostsService

	// Plugins are the plugins of the panel. Pelican only.
	Plugins *PluginsService

	// Transfers move servers to other nodes. Pelican only.
	Transfers *TransfersService

	core *rest.Core
}

// Do sends a request to an endpoint that this package has no method for, such as
// one that an add-on of the panel brings. The path begins with /api/ and may have
// a query. A body that is not nil is sent as JSON; the JSON of the answer goes to
// what answer points to, as it is, with the envelope that the Panel puts around
// things (see package envelope). A nil answer takes any success.
//
//	var votes envelope.List[Vote]
//	err := c.Do(ctx, http.MethodGet, "/api/application/plugins", nil, &votes)
//
// Key, limiter, retries and errors are those of the other calls. What may have
// arrived is sent again only where it was a GET, or where the document of the API
// says of the endpoint that this is safe.
func (c *Client) Do(ctx context.Context, method, path string, body, answer any) error {
	return c.core.Request(ctx, method, path, body, answer)
}

// Flavor returns the kind of Panel that the client talks to, as the key or
// [client.WithFlavor] says. Nothing is sent for that.
func (c *Client) Flavor() client.Flavor { return c.core.Flavor() }

// CloseIdleConnections closes the connections that are kept for later calls. A
// client needs no closing; this is for programs that make many clients.
func (c *Client) CloseIdleConnections() { c.core.CloseIdleConnections() }

var routes = sync.OnceValue(func() *rest.Routes { return rest.NewRoutes(applicationapi.Operations()) })

// New returns a client for the Panel at panelURL, such as
// "https://panel.example.org" or, for a Panel below a path,
// "https://example.org/panel". The key is an application API key, ptla_ and 43
// more characters, or, since Panel 1.8, the client API key of a root
// administrator; that of Pelican begins with papp_, by which the client knows it.
// Nothing is sent yet.
func New(panelURL, key string, opts ...client.Option) (*Client, error) {
	core, err := rest.New(routes(), panelURL, key, opts)
	if err != nil {
		return nil, fmt.Errorf("application: %w", err)
	}
	api, err := applicationapi.NewClient(core.Server(),
		applicationapi.WithHTTPClient(core), applicationapi.WithRequestEditorFn(core.Edit))
	if err != nil {
		return nil, err
	}
	shared := &service{api: api, core: core}
	return &Client{
		Users:         (*UsersService)(shared),
		Nodes:         (*NodesService)(shared),
		Allocations:   (*AllocationsService)(shared),
		Locations:     (*LocationsService)(shared),
		Servers:       (*ServersService)(shared),
		Databases:     (*DatabasesService)(shared),
		Nests:         (*NestsService)(shared),
		Eggs:          (*EggsService)(shared),
		Roles:         (*RolesService)(shared),
		Mounts:        (*MountsService)(shared),
		DatabaseHosts: (*DatabaseHostsService)(shared),
		Plugins:       (*PluginsService)(shared),
		Transfers:     (*TransfersService)(shared),
		core:          core,
	}, nil
}

// service is what all services are made of. They share one.
type service struct {
	api  *applicationapi.Client
	core *rest.Core

	// nestOfEgg remembers, by their numbers, which nest an egg is in. An egg
	// stays in its nest for good.
	nestOfEgg sync.Map
}
