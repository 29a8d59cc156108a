package client

import (
	"context"

	"github.com/ptero-go/ptero/gen/clientapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// StartupService manages how a server is started: its startup command and the
// variables in it.
type StartupService service

// Startup describes how a server is started.
type Startup struct {
	// Variables are the variables that the server's users may see.
	Variables []*EggVariable

	// StartupMeta holds the startup command with and without the values of the
	// variables, and the Docker images that the egg offers.
	StartupMeta
}

// StartupChange is a startup variable after a change, and the resulting startup
// command with and without the values of the variables.
type StartupChange struct {
	EggVariable
	EggVariableMeta
}

// Get returns the variables, the startup command and the Docker images.
//
// Endpoint: GET /api/client/servers/{server}/startup
func (s *StartupService) Get(ctx context.Context, server string) (*Startup, error) {
	page, meta, err := rest.PageWith[EggVariable, StartupMeta](nil)(s.api.ClientGetStartup(ctx, server, rest.ID("server", server)))
	if err != nil {
		return nil, err
	}
	return &Startup{page.Items, *meta}, nil
}

// Set changes the value of a variable for the next start. An empty value unsets
// it. A value that breaks the variable's Rules gives [ErrValidation] for the
// field "value", a variable that users may not see or change an error with
// status 400, and one that does not exist [ErrServer].
//
// Endpoint: PUT /api/client/servers/{server}/startup/variable
func (s *StartupService) Set(ctx context.Context, server, variable, value string) (*StartupChange, error) {
	changed, meta, err := rest.ItemWith[EggVariable, EggVariableMeta](s.api.ClientUpdateStartupVariable(ctx, server,
		clientapi.UpdateStartupVariableRequest{Key: variable, Value: &value},
		rest.ID("server", server), rest.NotEmpty("variable", variable)))
	if err != nil {
		return nil, err
	}
	return &StartupChange{*changed, *meta}, nil
}
