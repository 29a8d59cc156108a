package model

import (
	"net/netip"
	"slices"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/random"
)

// User is an account.
type User struct {
	ID                            int
	ExternalID                    *string
	UUID, Username, Email         string
	FirstName, LastName, Language string
	Password                      string
	Admin                         bool
	Managed                       bool    // elsewhere; of Pelican
	Roles                         []*Role // of Pelican, without that of administrators
	TOTPSecret                    string  // "" until asked for
	TOTPEnabled                   bool
	totpLast                      int64 // the period of the last code that was taken
	RecoveryTokens                []string
	SSHKeys                       []*SSHKey
	Created, Updated              time.Time
}

// SSHKey is a public key of an account, for SFTP.
type SSHKey struct {
	Name, Fingerprint, PublicKey string
	Created                      time.Time
}

// The kinds of API keys.
const (
	ClientKey      = "client"
	ApplicationKey = "application"
)

// Key is an API key.
type Key struct {
	Kind               string
	Identifier, Secret string
	Owner              *User
	Memo               string
	AllowedIPs         []string
	Rights             map[string]string // of an application key: resource to "read" or "write"; nil for all
	LastUsed           *time.Time
	Created            time.Time
}

// NewKey returns an API key: 16 characters that name it, prefix included, and
// 32 that are secret.
func NewKey(prefix string) string {
	return prefix + random.Text(KeyNameLength-len(prefix)) + random.Text(32)
}

// KeyNameLength is how many characters of a key name it; the others are secret.
const KeyNameLength = 16

// SSHKey finds a key of an account, -1 for none.
func (u *User) SSHKey(fingerprint string) int {
	return slices.IndexFunc(u.SSHKeys, func(k *SSHKey) bool { return k.Fingerprint == fingerprint })
}

// Allows reports whether the key may be used from an address.
func (k *Key) Allows(ip string) bool {
	if len(k.AllowedIPs) == 0 {
		return true
	}
	address, err := netip.ParseAddr(ip)
	return err == nil && slices.ContainsFunc(k.AllowedIPs, func(allowed string) bool {
		if prefix, err := netip.ParsePrefix(allowed); err == nil {
			return prefix.Contains(address.Unmap())
		}
		one, err := netip.ParseAddr(allowed)
		return err == nil && one == address.Unmap()
	})
}
