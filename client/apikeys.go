package client

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"github.com/ptero-go/ptero/gen/clientapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// APIKeysService manages the client API keys of the account. A key is named by
// its identifier, its first 16 characters.
type APIKeysService service

// NewAPIKey is an API key that was just created. Printing or logging it does not
// show the secret.
type NewAPIKey struct {
	APIKey

	// Key is the complete key, as [New] takes it: the identifier and the secret,
	// which the Panel shows only once. It is left out of JSON.
	Key string `json:"-"`
}

// String returns the identifier of the key, without its secret.
func (k NewAPIKey) String() string { return "API key " + k.Identifier }

// Format implements [fmt.Formatter]. Whatever the verb, it shows no secret.
func (k NewAPIKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// LogValue implements [slog.LogValuer]. It leaves the secret out.
func (k NewAPIKey) LogValue() slog.Value {
	return slog.GroupValue(slog.String("identifier", k.Identifier), slog.String("description", k.Description))
}

// List returns all client API keys of the account, without their secrets.
//
// Endpoint: GET /api/client/account/api-keys
func (s *APIKeysService) List(ctx context.Context) ([]*APIKey, error) {
	return rest.List[APIKey](s.api.ClientListAPIKeys(ctx))
}

// Create creates a key. It works only from the given addresses and CIDR ranges,
// or from everywhere if there are none. A bad address gives [ErrValidation].
// Beyond the limit of 25 keys for an account (5 before Panel 1.10.4) the error
// has status 400.
//
// Endpoint: POST /api/client/account/api-keys
func (s *APIKeysService) Create(ctx context.Context, description string, allowedIPs ...string) (*NewAPIKey, error) {
	checks := []rest.Editor{rest.NotEmpty("description", description)}
	for _, ip := range allowedIPs {
		checks = append(checks, rest.NotEmpty("allowedIPs", ip))
	}
	key, secret, err := rest.ItemWith[APIKey, clientapi.APIKeySecret](s.api.ClientCreateAPIKey(ctx,
		clientapi.CreateAPIKeyRequest{Description: description, AllowedIPs: allowedIPs}, rest.Checks(checks...)))
	if err != nil {
		return nil, err
	}
	return &NewAPIKey{APIKey: *key, Key: key.Identifier + secret.SecretToken}, nil
}

// Delete deletes a key, which stops working at once. It may be the key of this
// client. An unknown identifier gives [ErrNotFound].
//
// Endpoint: DELETE /api/client/account/api-keys/{identifier}
func (s *APIKeysService) Delete(ctx context.Context, identifier string) error {
	return rest.None(s.api.ClientDeleteAPIKey(ctx, identifier, rest.ID("identifier", identifier)))
}
