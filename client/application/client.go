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
// safe for concurrent use. Create one with [New] and keep it.
type Client struct {
	// Users manages the accounts of the Panel.
	Users *UsersService

	// Nodes manages the machines that run servers.
	Nodes *NodesService

	// Allocations manages the addresses and ports of a node.
	Allocations *AllocationsService

	// Locations manages the locations of nodes.
	Locations *LocationsService

	// Servers manages all servers of the Panel.
	Servers *ServersService

	// Databases manages the databases of a server.
	Databases *DatabasesService

	// Nests lists the groups of eggs.
	Nests *NestsService

	// Eggs lists the kinds of servers; in Pelican it also imports, exports and
	// deletes them.
	Eggs *EggsService

	// Roles manages the roles of administrators. Pelican only.
	Roles *RolesService

	// Mounts manages the directories of nodes that servers can mount. Pelican
	// only.
	Mounts *MountsService

	// DatabaseHosts manages the database servers on which databases of servers
	// are created. Pelican only.
	DatabaseHosts *DatabaseHostsService

	// Plugins manages the plugins of the Panel. Pelican only.
	Plugins *PluginsService

	// Transfers moves servers to other nodes. Pelican only.
	Transfers *TransfersService

	core *rest.Core
}

// Do sends a request to an endpoint for which this package has no method, such
// as one that an add-on of the Panel serves. The path begins with /api/ and may
// have a query. A body that is not nil is sent as JSON. The JSON of the answer
// is decoded into the value that answer points to, including the envelope that
// the Panel puts around things; see package envelope. With a nil answer, any
// success will do.
//
//	var votes envelope.List[Vote]
//	err := c.Do(ctx, http.MethodGet, "/api/application/extensions/votes", nil, &votes)
//
// The key, the limiter, retries and errors are those of all other calls. A
// request that may have arrived is sent again only if it is a GET, or if the
// contract says that the endpoint may be called twice.
func (c *Client) Do(ctx context.Context, method, path string, body, answer any) error {
	return c.core.Request(ctx, method, path, body, answer)
}

// Flavor returns the kind of Panel that the client talks to, according to
// the key or [client.WithFlavor]. Nothing is sent to find out.
func (c *Client) Flavor() client.Flavor { return c.core.Flavor() }

// CloseIdleConnections closes the connections that are kept for later calls. A
// client does not have to be closed; this is for programs that create many of
// them.
func (c *Client) CloseIdleConnections() { c.core.CloseIdleConnections() }

var routes = sync.OnceValue(func() *rest.Routes { return rest.NewRoutes(applicationapi.Operations()) })

// New returns a client for the Panel at panelURL, such as
// "https://panel.example.org" or, for a Panel below a path,
// "https://example.org/panel". The key is an application API key, ptla_ and 43
// more characters, or, since Panel 1.8, the client API key of a root
// administrator. Keys of Pelican begin with papp_, by which the client
// recognizes it. New sends nothing.
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

// service is the type of all services, which share one.
type service struct {
	api  *applicationapi.Client
	core *rest.Core

	// nestOfEgg maps the numbers of eggs to those of their nests. An egg never
	// changes its nest.
	nestOfEgg sync.Map
}
