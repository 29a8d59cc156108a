package paneltest

import (
	"crypto/md5" //nolint:gosec // the Panel names its tokens by it, nothing is secured
	"encoding/hex"
	"strconv"
)

// tokenID names the tokens of an account for the sockets of a server.
func tokenID(u *user, s *server) string {
	sum := md5.Sum([]byte(strconv.Itoa(u.id) + s.uuid)) //nolint:gosec // see above
	return hex.EncodeToString(sum[:])
}

// revoke makes Wings refuse the tokens that an account has for a server.
func (p *core) revoke(u *user, s *server) {
	if s.node.daemon != nil {
		s.node.daemon.Revoke(tokenID(u, s))
	}
}
