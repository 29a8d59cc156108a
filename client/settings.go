package client

import (
	"context"
	"fmt"

	"github.com/ptero-go/ptero/gen/clientapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// SettingsService manages the name, the Docker image and the installation of a
// server.
type SettingsService service

// Rename replaces the name and the description of a server; an empty description
// clears it, as the Panel would also do with one that is left out.
// [SettingsService.Update] keeps what is not to change. Panels before 1.11.0
// ignore the description.
//
// Pelican takes two requests, the name first. If the second one fails, for example
// because the operator forbids changes of descriptions, the error says that the name
// was changed.
//
// Endpoint: POST /api/client/servers/{server}/settings/rename
func (s *SettingsService) Rename(ctx context.Context, server, name, description string) error {
	err := s.rename(ctx, server, RenameServerRequest{Name: name, Description: description})
	if err != nil || s.core.Flavor() != Pelican {
		return err
	}
	if err := s.SetDescription(ctx, server, description); err != nil {
		return fmt.Errorf("the name was changed, the description was not: %w", err)
	}
	return nil
}

// rename sends one request, of which Pelican ignores the description.
func (s *SettingsService) rename(ctx context.Context, server string, req RenameServerRequest) error {
	return rest.None(s.api.ClientRenameServer(ctx, server, req, rest.ID("server", server), rest.NotEmpty("name", req.Name)))
}

// SetDescription replaces the description of a server; an empty one clears it. If
// the operator forbids changes of descriptions, it gives [ErrForbidden]. Pelican
// only; in Pterodactyl [SettingsService.Rename] does it.
//
// Endpoint: POST /api/client/servers/{server}/settings/description
func (s *SettingsService) SetDescription(ctx context.Context, server, description string) error {
	return rest.None(s.api.ClientUpdateServerDescription(ctx, server, clientapi.UpdateServerDescriptionRequest{Description: &description},
		rest.ID("server", server)))
}

// Update changes the name or the description of a server: it reads both, calls
// change with them, and stores them with Rename. What change leaves alone stays. To
// Pelican, only what changed is sent.
func (s *SettingsService) Update(ctx context.Context, server string, change func(*RenameServerRequest) error) error {
	var before RenameServerRequest
	_, err := rest.Update(change,
		func() (*ServerAccess, error) { return (*ServersService)(s).Get(ctx, server) },
		func(x *ServerAccess) RenameServerRequest {
			before = renameRequest(&x.Server)
			return before
		},
		func(req RenameServerRequest) (*ServerAccess, error) { // which answers nothing
			switch {
			case s.core.Flavor() != Pelican || req.Name != before.Name && req.Description != before.Description:
				return nil, s.Rename(ctx, server, req.Name, req.Description)
			case req.Name != before.Name:
				return nil, s.rename(ctx, server, req)
			}
			return nil, s.SetDescription(ctx, server, req.Description)
		})
	return err
}

// renameRequest returns the request that keeps the name and the description of a
// server.
func renameRequest(x *Server) RenameServerRequest {
	req := RenameServerRequest{Name: x.Name}
	if x.Description != nil {
		req.Description = *x.Description
	}
	return req
}

// Reinstall stops a server and runs the installation script of its egg again.
// Files that the script does not touch stay. It returns when the installation
// has begun; until that ends, the server's status is [ServerStatusInstalling],
// and nearly all calls about it give [ErrConflict]. [ServersService.WaitReady]
// waits for the end.
//
// Endpoint: POST /api/client/servers/{server}/settings/reinstall
func (s *SettingsService) Reinstall(ctx context.Context, server string) error {
	return rest.None(s.api.ClientReinstallServer(ctx, server, rest.ID("server", server)))
}

// SetDockerImage selects one of the Docker images of the egg, which
// [StartupService.Get] lists, for the next start. Another image gives
// [ErrValidation]. If an administrator has given the server an image that is not
// among those of the egg, the error has status 400.
//
// Endpoint: PUT /api/client/servers/{server}/settings/docker-image
func (s *SettingsService) SetDockerImage(ctx context.Context, server, image string) error {
	return rest.None(s.api.ClientUpdateDockerImage(ctx, server, clientapi.UpdateDockerImageRequest{DockerImage: image},
		rest.ID("server", server), rest.NotEmpty("image", image)))
}
