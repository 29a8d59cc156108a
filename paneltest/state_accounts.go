package paneltest

import (
	"net/netip"
	"slices"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/random"
)

type user struct {
	id                            int
	externalID                    *string
	uuid, username, email         string
	firstName, lastName, language string
	password                      string
	admin                         bool
	totpSecret                    string // "" until asked for
	totpEnabled                   bool
	totpLast                      int64 // the period of the last code that was taken
	recoveryTokens                []string
	sshKeys                       []*sshKey
	created, updated              time.Time
}

type sshKey struct {
	name, fingerprint, publicKey string
	created                      time.Time
}

// The kinds of API keys.
const (
	clientKey      = "client"
	applicationKey = "application"
)

type apiKey struct {
	kind               string
	identifier, secret string
	owner              *user
	memo               string
	allowedIPs         []string
	rights             map[string]string // of an application key: resource to "read" or "write"; nil for all
	lastUsed           *time.Time
	created            time.Time
}

func (s *state) addKey(k *apiKey) {
	s.keys[k.identifier+k.secret] = k
	s.keyOrder = append(s.keyOrder, k)
}

func (s *state) removeKey(k *apiKey) {
	delete(s.keys, k.identifier+k.secret)
	s.keyOrder = slices.DeleteFunc(s.keyOrder, func(other *apiKey) bool { return other == k })
}

// keysOf are the client keys of a user.
func (s *state) keysOf(u *user) []*apiKey {
	var keys []*apiKey
	for _, k := range s.keyOrder {
		if k.owner == u && k.kind == clientKey {
			keys = append(keys, k)
		}
	}
	return keys
}

// newKey returns an API key: 16 characters that name it, prefix included, and
// 32 that are secret.
func newKey(prefix string) string {
	return prefix + random.Text(keyNameLength-len(prefix)) + random.Text(32)
}

const keyNameLength = 16

// sshKey finds a key of an account, -1 for none.
func (u *user) sshKey(fingerprint string) int {
	return slices.IndexFunc(u.sshKeys, func(k *sshKey) bool { return k.fingerprint == fingerprint })
}

// allows reports whether the key may be used from an address.
func (k *apiKey) allows(ip string) bool {
	if len(k.allowedIPs) == 0 {
		return true
	}
	address, err := netip.ParseAddr(ip)
	return err == nil && slices.ContainsFunc(k.allowedIPs, func(allowed string) bool {
		if prefix, err := netip.ParsePrefix(allowed); err == nil {
			return prefix.Contains(address.Unmap())
		}
		one, err := netip.ParseAddr(allowed)
		return err == nil && one == address.Unmap()
	})
}
