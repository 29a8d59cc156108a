package application

import (
	"context"
	"fmt"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/internal/rest"
)

// WaitReady waits until nothing keeps a server from being used: until an
// installation or a restoration is over. It returns the server, or an error
// matching [client.ErrInstallFailed] or [client.ErrSuspended]. An error of the
// Panel ends the wait.
func (s *ServersService) WaitReady(ctx context.Context, server int, opts client.WaitOptions) (*Server, error) {
	var found *Server
	err := rest.Poll(ctx, opts.Interval, func() (ready bool, err error) {
		if found, err = s.Get(ctx, server); err != nil {
			return false, err
		}
		if found.Status == nil {
			// Panels before 1.3 tell by these two alone.
			ready = bool(found.Container.Installed)
			if found.Suspended {
				err = fmt.Errorf("server %d: %w", server, client.ErrSuspended)
			}
			return ready, err
		}
		switch *found.Status {
		case ServerStatusInstallFailed, ServerStatusReinstallFailed:
			err = fmt.Errorf("server %d: %w", server, client.ErrInstallFailed)
		case ServerStatusSuspended:
			err = fmt.Errorf("server %d: %w", server, client.ErrSuspended)
		case ServerStatusInstalling, ServerStatusRestoringBackup:
		}
		return false, err
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}
