package client

import (
	"context"

	"github.com/ptero-go/ptero/internal/rest"
)

// AccountService is the account that the key belongs to.
type AccountService service

// Get shows the account. It answers also where the panel demands two-factor
// authentication and the account has none.
//
// Endpoint: GET /api/client/account
func (s *AccountService) Get(ctx context.Context) (*Account, error) {
	return rest.Item[Account](s.api.ClientGetAccount(ctx))
}
