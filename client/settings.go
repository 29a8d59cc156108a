package client

import (
	"context"

	"github.com/ptero-go/ptero/gen/clientapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// SettingsService are the name, the Docker image and the installation of a
// server.
type SettingsService service

// Rename replaces the name and the description of a server. The Panel clears a
// description that it does not get, so this takes both; an empty description
// clears it. [SettingsService.Update] keeps what is not to change. Panels before
// 1.11.0 ignore the description.
//
// Endpoint: POST /api/client/servers/{server}/settings/rename
func (s *SettingsService) Rename(ctx context.Context, server, name, description string) error {
	return rest.None(s.api.ClientRenameServer(ctx, server,
		RenameServerRequest{Name: name, Description: description},
		rest.ID("server", server), rest.NotEmpty("name", name)))
}

// Update changes the name or the description of a server: it reads both, lets
// change work on them, and stores them by Rename. What change leaves alone
// stays.
func (s *SettingsService) Update(ctx context.Context, server string, change func(*RenameServerRequest) error) error {
	_, err := rest.Update(change,
		func() (*ServerAccess, error) { return (*ServersService)(s).Get(ctx, server) },
		func(x *ServerAccess) RenameServerRequest { return renameRequest(&x.Server) },
		func(req RenameServerRequest) (*ServerAccess, error) {
			return nil, s.Rename(ctx, server, req.Name, req.Description) // which answers nothing
		})
	return err
}

// renameRequest keeps the name and the description of a server.
func renameRequest(x *Server) RenameServerRequest {
	req := RenameServerRequest{Name: x.Name}
	if x.Description != nil {
		req.Description = *x.Description
	}
	return req
}

// Reinstall stops a server and runs the installation script of its egg again.
// The files stay, as far as the script leaves them alone. It answers when this
// has begun; until it ends the server's status is [ServerStatusInstalling] and
// nearly all calls about it give [ErrConflict].
//
// Endpoint: POST /api/client/servers/{server}/settings/reinstall
func (s *SettingsService) Reinstall(ctx context.Context, server string) error {
	return rest.None(s.api.ClientReinstallServer(ctx, server, rest.ID("server", server)))
}

// SetDockerImage chooses one of the egg's Docker images, which
// [StartupService.Get] tells, for the next start. Another image gives
// [ErrValidation]; a server whose present image is none of the egg's, as an
// administrator may have set it, gives an error with status 400.
//
// Endpoint: PUT /api/client/servers/{server}/settings/docker-image
func (s *SettingsService) SetDockerImage(ctx context.Context, server, image string) error {
	return rest.None(s.api.ClientUpdateDockerImage(ctx, server, clientapi.UpdateDockerImageRequest{DockerImage: image},
		rest.ID("server", server), rest.NotEmpty("image", image)))
}
