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

// Version is the version of the SDK, as in the User-Agent header.
const Version = rest.Version

// Client is a client of the Client API for one Panel and one key. It is safe for
// concurrent use. Create one with [New] and keep it.
type Client struct {
	// Account manages the account that the key belongs to.
	Account *AccountService

	// APIKeys manages the client API keys of the account.
	APIKeys *APIKeysService

	// SSHKeys manages the SSH public keys of the account.
	SSHKeys *SSHKeysService

	// Servers lists, starts and stops the servers that the account can reach.
	Servers *ServersService

	// Files manages the files of a server.
	Files *FilesService

	// Databases manages the databases of a server.
	Databases *DatabasesService

	// Schedules manages the schedules of a server and their tasks.
	Schedules *SchedulesService

	// Network manages the allocations of a server: its addresses and ports.
	Network *NetworkService

	// Subusers manages the people who may use a server without owning it.
	Subusers *SubusersService

	// Backups manages the backups of a server.
	Backups *BackupsService

	// Startup manages the startup command and variables of a server.
	Startup *StartupService

	// Settings manages the name, the Docker image and the installation of a
	// server.
	Settings *SettingsService

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
//	err := c.Do(ctx, http.MethodGet, "/api/client/extensions/votes", nil, &votes)
//
// The key, the limiter, retries and errors are those of all other calls. A
// request that may have arrived is sent again only if it is a GET, or if the
// contract says that the endpoint may be called twice.
func (c *Client) Do(ctx context.Context, method, path string, body, answer any) error {
	return c.core.Request(ctx, method, path, body, answer)
}

// CloseIdleConnections closes the connections that are kept for later calls. A
// client does not have to be closed; this is for programs that create many of
// them.
func (c *Client) CloseIdleConnections() { c.core.CloseIdleConnections() }

var routes = sync.OnceValue(func() *rest.Routes { return rest.NewRoutes(clientapi.Operations()) })

// New returns a client for the Panel at panelURL, such as
// "https://panel.example.org" or, for a Panel below a path,
// "https://example.org/panel". The key is a client API key: ptlc_ and 43 more
// characters, created by the user under Account, API Credentials. Keys of Pelican
// begin with pacc_, by which the client recognizes it. New sends nothing.
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

// service is the type of all services.
type service struct {
	api  *clientapi.Client
	core *rest.Core
}
