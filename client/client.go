package client

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/ptero-go/ptero/gen/clientapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// Version is the version of the SDK, which the User-Agent header names.
const Version = rest.Version

// Client is a client of the Client API for one Panel and one key. It is safe
// for concurrent use. Make one with [New] and keep it.
type Client struct {
	// Account is the account that the key belongs to.
	Account *AccountService

	// APIKeys are the client API keys of the account.
	APIKeys *APIKeysService

	// SSHKeys are the SSH public keys of the account.
	SSHKeys *SSHKeysService

	// Servers are the servers that the account can reach.
	Servers *ServersService

	// Files are the files of a server.
	Files *FilesService

	// Databases are the databases of a server.
	Databases *DatabasesService

	// Schedules are the schedules of a server, and their tasks.
	Schedules *SchedulesService

	// Network are the allocations of a server: its addresses and ports.
	Network *NetworkService

	// Subusers are the people who may use a server without owning it.
	Subusers *SubusersService

	// Backups are the backups of a server.
	Backups *BackupsService

	// Startup is how a server is started.
	Startup *StartupService

	// Settings are the name, the Docker image and the installation of a server.
	Settings *SettingsService

	core *rest.Core
}

// Do sends a request to an endpoint that this package has no method for, such as
// one that an add-on of the panel brings. The path begins with /api/ and may have
// a query. A body that is not nil is sent as JSON; the JSON of the answer goes to
// what answer points to, as it is, with the envelope that the Panel puts around
// things (see package envelope). A nil answer takes any success.
//
//	var votes envelope.List[Vote]
//	err := c.Do(ctx, http.MethodGet, "/api/client/extensions/votes", nil, &votes)
//
// Key, limiter, retries and errors are those of the other calls. What may have
// arrived is sent again only where it was a GET, or where the document of the API
// says of the endpoint that this is safe.
func (c *Client) Do(ctx context.Context, method, path string, body, answer any) error {
	return c.core.Request(ctx, method, path, body, answer)
}

// CloseIdleConnections closes the connections that are kept for later calls. A
// client needs no closing; this is for programs that make many clients.
func (c *Client) CloseIdleConnections() { c.core.CloseIdleConnections() }

var routes = sync.OnceValue(func() *rest.Routes { return rest.NewRoutes(clientapi.Operations()) })

// New returns a client for the Panel at panelURL, such as
// "https://panel.example.org" or, for a Panel below a path,
// "https://example.org/panel". The key is a client API key, ptlc_ and 43 more
// characters; users make them under Account, API Credentials. Those of Pelican
// begin with pacc_, by which the client knows it. Nothing is sent yet.
func New(panelURL, key string, opts ...Option) (*Client, error) {
	if strings.HasPrefix(key, "ptla_") || strings.HasPrefix(key, "papp_") {
		return nil, errors.New("client: the key is an application key, which works with package application; the Client API needs a client key (ptlc_, of Pelican pacc_)")
	}
	core, err := rest.New(routes(), panelURL, key, opts)
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	api, err := clientapi.NewClient(core.Server(),
		clientapi.WithHTTPClient(core), clientapi.WithRequestEditorFn(core.Edit))
	if err != nil {
		return nil, err
	}
	shared := &service{api, core}
	return &Client{
		Account:   (*AccountService)(shared),
		APIKeys:   (*APIKeysService)(shared),
		SSHKeys:   (*SSHKeysService)(shared),
		Servers:   (*ServersService)(shared),
		Files:     (*FilesService)(shared),
		Databases: (*DatabasesService)(shared),
		Schedules: (*SchedulesService)(shared),
		Network:   (*NetworkService)(shared),
		Subusers:  (*SubusersService)(shared),
		Backups:   (*BackupsService)(shared),
		Startup:   (*StartupService)(shared),
		Settings:  (*SettingsService)(shared),
		core:      core,
	}, nil
}

// service is what all services are made of.
type service struct {
	api  *clientapi.Client
	core *rest.Core
}
