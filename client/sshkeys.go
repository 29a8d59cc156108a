package client

import (
	"context"
	"fmt"
	"strings"

	"github.com/ptero-go/ptero/gen/clientapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// SSHKeysService manages the SSH public keys of the account, which grant access
// to SFTP. Panels before 1.8.0 have none and give [ErrNotFound].
type SSHKeysService service

// List returns all keys.
//
// Endpoint: GET /api/client/account/ssh-keys
func (s *SSHKeysService) List(ctx context.Context) ([]*SSHKey, error) {
	return rest.List[SSHKey](s.api.ClientListSSHKeys(ctx))
}

// Create registers a key. A key that the account already has, a DSA key, and an
// RSA key of less than 2048 bits give [ErrValidation].
//
// Endpoint: POST /api/client/account/ssh-keys
func (s *SSHKeysService) Create(ctx context.Context, req CreateSSHKeyRequest) (*SSHKey, error) {
	return rest.Item[SSHKey](s.api.ClientCreateSSHKey(ctx, req))
}

// Delete deletes the key with a fingerprint as in [SSHKey]. An unknown
// fingerprint is not an error. On Panels 1.8.0 and 1.8.1, which have another
// form of the operation, a fingerprint that contains a slash gives
// [ErrNotFound], and the key stays until the Panel is updated.
//
// Pelican has the old form alone. There an unknown fingerprint gives [ErrNotFound],
// and one that holds a slash [ErrUnsupported], before anything is sent: such a key
// is removed in the web interface.
//
// Endpoint: POST /api/client/account/ssh-keys/remove
// Endpoint: DELETE /api/client/account/ssh-keys/{identifier}
func (s *SSHKeysService) Delete(ctx context.Context, fingerprint string) error {
	check := fingerprintCheck(fingerprint)
	if s.core.Flavor() == Pelican {
		if strings.Contains(fingerprint, "/") {
			return s.core.UnsupportedIn("clientRemoveSshKeyLegacy", "fingerprint", "with a slash in it, the key can be removed in the web interface alone.")
		}
		return rest.None(s.api.ClientRemoveSSHKeyLegacy(ctx, fingerprint, check)) //nolint:staticcheck // the one that Pelican has
	}
	err := rest.None(s.api.ClientRemoveSSHKey(ctx, clientapi.RemoveSSHKeyRequest{Fingerprint: fingerprint}, check))
	if isUnknownRoute(err) {
		err = rest.None(s.api.ClientRemoveSSHKeyLegacy(ctx, fingerprint, check)) //nolint:staticcheck // for the Panels that have no other
	}
	return err
}

// fingerprintCheck accepts slashes, which rest.ID refuses: a fingerprint is
// Base64, and is escaped in a path.
func fingerprintCheck(fingerprint string) rest.Editor {
	if fingerprint == "." || fingerprint == ".." {
		return rest.Refuse("fingerprint", fmt.Sprintf("is %q, which is not a fingerprint", fingerprint))
	}
	return rest.NotEmpty("fingerprint", fingerprint)
}
