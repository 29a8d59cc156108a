package panel

import (
	"crypto/md5" //nolint:gosec // the Panel names its tokens by it, nothing is secured
	"encoding/hex"
	"strconv"

	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// TokenID names the tokens of an account for the sockets of a server.
func TokenID(u *model.User, s *model.Server) string {
	sum := md5.Sum([]byte(strconv.Itoa(u.ID) + s.UUID)) //nolint:gosec // see above
	return hex.EncodeToString(sum[:])
}

// Revoke makes Wings refuse the tokens that an account has for a server.
func (p *Panel) Revoke(u *model.User, s *model.Server) {
	if s.Node.Daemon != nil {
		s.Node.Daemon.Revoke(TokenID(u, s))
	}
}

// HasScopes reports whether tokens name what they are for, which Wings 1.12.2
// and later ask of them.
func (p *Panel) HasScopes() bool { return p.Version >= Version1123 }
