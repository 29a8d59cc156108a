package client

import (
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
}

var routes = sync.OnceValue(func() *rest.Routes { return rest.NewRoutes(clientapi.Operations()) })

// New returns a client for the Panel at panelURL, such as
// "https://panel.example.org" or, for a Panel below a path,
// "https://example.org/panel". The key is a client API key, ptlc_ and 43 more
// characters; users make them under Account, API Credentials. Nothing is sent
// yet.
func New(panelURL, key string, opts ...Option) (*Client, error) {
	if strings.HasPrefix(key, "ptla_") {
		return nil, errors.New("client: the key is an application key, which works with package application; the Client API needs a client key (ptlc_)")
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
	}, nil
}

// service is what all services are made of.
type service struct {
	api  *clientapi.Client
	core *rest.Core
}
