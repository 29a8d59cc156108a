package client

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/ptero-go/ptero/gen/clientapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// NetworkService are the allocations of a server: the addresses and ports at
// which it can be reached.
type NetworkService service

// List gets all allocations of a server.
//
// Endpoint: GET /api/client/servers/{server}/network/allocations
func (s *NetworkService) List(ctx context.Context, server string) ([]*Allocation, error) {
	return rest.List[Allocation](s.api.ClientListAllocations(ctx, server, rest.ID("server", server)))
}

// Create gives the server one more allocation, with an address and a port that
// the Panel chooses. A panel that does not allow it gives an error with code
// "AutoAllocationNotEnabledException", one without a free port
// "NoAutoAllocationSpaceAvailableException", a server that has as many as it may
// "DisplayException"; all have status 400. Panel 1.12 allows two of these calls in
// a minute.
//
// Endpoint: POST /api/client/servers/{server}/network/allocations
func (s *NetworkService) Create(ctx context.Context, server string) (*Allocation, error) {
	return rest.Item[Allocation](s.api.ClientCreateAllocation(ctx, server, rest.ID("server", server)))
}

// SetNote sets the note of an allocation, at most 191 characters. An empty note
// clears it. An allocation of another server gives [ErrNotFound].
//
// Endpoint: POST /api/client/servers/{server}/network/allocations/{allocation}
func (s *NetworkService) SetNote(ctx context.Context, server string, allocation int, note string) (*Allocation, error) {
	return rest.Item[Allocation](s.api.ClientUpdateAllocation(ctx, server, allocation,
		clientapi.UpdateAllocationRequest{Notes: rest.Optional(note)},
		rest.ID("server", server), rest.ID("allocation", allocation), noteCheck(note)))
}

// maxNote is what the Panel's column holds. It lets 256 characters pass, and
// answers 500 to those that do not fit.
const maxNote = 191

func noteCheck(note string) rest.Editor {
	if n := utf8.RuneCountInString(note); n > maxNote {
		return rest.Refuse("note", fmt.Sprintf("has %d characters, the Panel stores %d", n, maxNote))
	}
	return rest.Refuse("note", "")
}

// SetPrimary makes an allocation the primary one, which the server listens on
// after its next start. One of another server gives [ErrNotFound].
//
// Endpoint: POST /api/client/servers/{server}/network/allocations/{allocation}/primary
func (s *NetworkService) SetPrimary(ctx context.Context, server string, allocation int) (*Allocation, error) {
	return rest.Item[Allocation](s.api.ClientSetPrimaryAllocation(ctx, server, allocation,
		rest.ID("server", server), rest.ID("allocation", allocation)))
}

// Delete takes an allocation from the server. The primary one, and any of a
// server that has no allocation limit, gives an error with status 400.
//
// Endpoint: DELETE /api/client/servers/{server}/network/allocations/{allocation}
func (s *NetworkService) Delete(ctx context.Context, server string, allocation int) error {
	return rest.None(s.api.ClientDeleteAllocation(ctx, server, allocation,
		rest.ID("server", server), rest.ID("allocation", allocation)))
}
