package panel

import (
	"crypto/md5" //nolint:gosec // the Panel names its tokens by it, nothing is secured
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// TokenID names the tokens of an account for the sockets of a server.
func (p *Panel) TokenID(u *model.User, s *model.Server) string {
	name := []byte(strconv.Itoa(u.ID) + s.UUID)
	if p.Traits.OwnTokens {
		sum := sha256.Sum256(name)
		return hex.EncodeToString(sum[:])
	}
	sum := md5.Sum(name) //nolint:gosec // see above
	return hex.EncodeToString(sum[:])
}

// Revoke makes Wings refuse the tokens that an account has for a server.
func (p *Panel) Revoke(u *model.User, s *model.Server) {
	if s.Node.Daemon != nil {
		s.Node.Daemon.Revoke(p.TokenID(u, s))
	}
}

// HasScopes reports whether tokens name what they are for, which Wings 1.12.2
// and later ask of them.
func (p *Panel) HasScopes() bool { return p.Version >= Version1123 }
