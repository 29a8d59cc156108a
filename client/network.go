package client

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/ptero-go/ptero/gen/clientapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// NetworkService manages the allocations of a server: the addresses and ports at
// which it can be reached.
type NetworkService service

// List returns all allocations of a server.
//
// Endpoint: GET /api/client/servers/{server}/network/allocations
func (s *NetworkService) List(ctx context.Context, server string) ([]*Allocation, error) {
	return rest.List[Allocation](s.api.ClientListAllocations(ctx, server, rest.ID("server", server)))
}

// Create adds an allocation to the server, with an address and a port that the
// Panel chooses. The errors have status 400: code
// "AutoAllocationNotEnabledException" if the Panel does not allow it,
// "NoAutoAllocationSpaceAvailableException" if no port is free, and
// "DisplayException" if the server has reached its limit. Panel 1.12 allows two
// of these calls in a minute.
//
// Endpoint: POST /api/client/servers/{server}/network/allocations
func (s *NetworkService) Create(ctx context.Context, server string) (*Allocation, error) {
	return rest.Item[Allocation](s.api.ClientCreateAllocation(ctx, server, rest.ID("server", server)))
}

// SetNote sets the note of an allocation, at most 191 characters; an empty note
// clears it. An allocation of another server gives [ErrNotFound].
//
// Endpoint: POST /api/client/servers/{server}/network/allocations/{allocation}
func (s *NetworkService) SetNote(ctx context.Context, server string, allocation int, note string) (*Allocation, error) {
	return rest.Item[Allocation](s.api.ClientUpdateAllocation(ctx, server, allocation,
		clientapi.UpdateAllocationRequest{Notes: rest.Optional(note)},
		rest.ID("server", server), rest.ID("allocation", allocation), noteCheck(note)))
}

// maxNote is the size of the Panel's column. The Panel accepts up to 256
// characters, and answers 500 if they do not fit.
const maxNote = 191

func noteCheck(note string) rest.Editor {
	if n := utf8.RuneCountInString(note); n > maxNote {
		return rest.Refuse("note", fmt.Sprintf("has %d characters, the Panel stores %d", n, maxNote))
	}
	return rest.Refuse("note", "")
}

// SetPrimary makes an allocation the primary one, on which the server listens
// after its next start. An allocation of another server gives [ErrNotFound].
//
// Endpoint: POST /api/client/servers/{server}/network/allocations/{allocation}/primary
func (s *NetworkService) SetPrimary(ctx context.Context, server string, allocation int) (*Allocation, error) {
	return rest.Item[Allocation](s.api.ClientSetPrimaryAllocation(ctx, server, allocation,
		rest.ID("server", server), rest.ID("allocation", allocation)))
}

// Delete removes an allocation from the server. The primary allocation, and any
// allocation of a server that has no allocation limit, gives an error with
// status 400.
//
// Endpoint: DELETE /api/client/servers/{server}/network/allocations/{allocation}
func (s *NetworkService) Delete(ctx context.Context, server string, allocation int) error {
	return rest.None(s.api.ClientDeleteAllocation(ctx, server, allocation,
		rest.ID("server", server), rest.ID("allocation", allocation)))
}
