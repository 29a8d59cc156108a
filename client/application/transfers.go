package application

import (
	"context"
	"errors"
	"net/http"

	"github.com/ptero-go/ptero/internal/rest"
)

// TransfersService moves servers to other nodes. Pelican only; in Pterodactyl the
// admin area does that.
type TransfersService service

// Start begins to move a server to an allocation of another node, and returns when
// that has begun. Until it ends, IsTransferring of the server in the Client API is
// true. A server that is being moved gives [client.ErrConflict]. If the node has no
// room, or the allocation is not free there, the error has status 406. The request
// is never sent twice.
//
// Endpoint: POST /api/application/servers/{server}/transfer
func (s *TransfersService) Start(ctx context.Context, server int, req TransferServerRequest) error {
	return notAcceptable("the node has no room, or the allocation is not free there",
		rest.None(s.api.ApplicationTransferServer(ctx, server, req,
			rest.ID("server", server), rest.ID("NodeID", req.NodeID), rest.ID("AllocationID", req.AllocationID))))
}

// Cancel stops the transfer of a server, which then stays where it is. A server
// that is not being moved gives an error with status 406. If the daemon cannot be
// reached, the error matches [client.ErrDaemon].
//
// Endpoint: POST /api/application/servers/{server}/transfer/cancel
func (s *TransfersService) Cancel(ctx context.Context, server int) error {
	return notAcceptable("the server is not being transferred",
		rest.None(s.api.ApplicationCancelServerTransfer(ctx, server, rest.ID("server", server))))
}

// notAcceptable adds to an error with status 406, which Pelican sends without a body,
// the only reason there can be.
func notAcceptable(reason string, err error) error {
	var answer *rest.Error
	if errors.As(err, &answer) && answer.StatusCode == http.StatusNotAcceptable && len(answer.Entries) == 0 {
		answer.Problem = reason
	}
	return err
}
