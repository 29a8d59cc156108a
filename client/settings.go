package client

import (
	"context"

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
// Endpoint: POST /api/client/servers/{server}/settings/rename
func (s *SettingsService) Rename(ctx context.Context, server, name, description string) error {
	return rest.None(s.api.ClientRenameServer(ctx, server,
		RenameServerRequest{Name: name, Description: description},
		rest.ID("server", server), rest.NotEmpty("name", name)))
}

// Update changes the name or the description of a server: it reads both, calls
// change with them, and stores them with Rename. What change leaves alone stays.
func (s *SettingsService) Update(ctx context.Context, server string, change func(*RenameServerRequest) error) error {
	_, err := rest.Update(change,
		func() (*ServerAccess, error) { return (*ServersService)(s).Get(ctx, server) },
		func(x *ServerAccess) RenameServerRequest { return renameRequest(&x.Server) },
		func(req RenameServerRequest) (*ServerAccess, error) {
			return nil, s.Rename(ctx, server, req.Name, req.Description) // which answers nothing
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
