package client

import (
	"context"

	"github.com/ptero-go/ptero/internal/rest"
)

// SSHKeysService are the SSH public keys of the account, which sign in to SFTP.
type SSHKeysService service

// List gets all keys.
//
// Endpoint: GET /api/client/account/ssh-keys
func (s *SSHKeysService) List(ctx context.Context) ([]*SSHKey, error) {
	return rest.List[SSHKey](s.api.ClientListSSHKeys(ctx))
}

// Create registers a key. A key that the account has already, a DSA key, and an
// RSA key of less than 2048 bits give [ErrValidation].
//
// Endpoint: POST /api/client/account/ssh-keys
func (s *SSHKeysService) Create(ctx context.Context, req CreateSSHKeyRequest) (*SSHKey, error) {
	return rest.Item[SSHKey](s.api.ClientCreateSSHKey(ctx, req))
}

// Remove takes away the key with a fingerprint as [SSHKey] has it. A
// fingerprint that no key has is no error. Panels before 1.9 do not know this
// call.
//
// Endpoint: POST /api/client/account/ssh-keys/remove
func (s *SSHKeysService) Remove(ctx context.Context, fingerprint string) error {
	return rest.None(s.api.ClientRemoveSSHKey(ctx, RemoveSSHKeyRequest{Fingerprint: fingerprint},
		rest.NotEmpty("fingerprint", fingerprint)))
}
