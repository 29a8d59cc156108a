package application

import (
	"context"
	"fmt"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/internal/rest"
)

// WaitReady waits until nothing keeps a server from being used, such as an
// installation or a restoration. It returns the server, or an error that matches
// [client.ErrInstallFailed] or [client.ErrSuspended]. See [client.WaitOptions] for
// what it does when the Panel fails.
func (s *ServersService) WaitReady(ctx context.Context, server int, opts client.WaitOptions) (*Server, error) {
	return rest.Poll(ctx, opts.Interval, func() (*Server, bool, error) {
		found, err := s.Get(ctx, server)
		switch {
		case err != nil:
			return nil, false, err
		case found.Status == nil && found.Suspended: // as Panels before 1.3 answer
			return nil, false, fmt.Errorf("server %d: %w", server, client.ErrSuspended)
		}
		ready, err := rest.Ready(server, found.Status, bool(found.Container.Installed))
		return found, ready, err
	})
}
