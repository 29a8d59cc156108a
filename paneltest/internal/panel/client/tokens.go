package client

import (
	"crypto/rand"
	"maps"
	"net/url"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/jwt"
	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
	"github.com/ptero-go/ptero/paneltest/internal/protocol"
	"github.com/ptero-go/ptero/paneltest/internal/random"
)

// The life of a token for a socket.
const (
	socketTokenLife = 10 * time.Minute
	tokenLeeway     = 5 * time.Minute
)

// socketToken returns a token for the sockets of a server.
func (c *call) socketToken(s *model.Server) string {
	now := time.Now()
	claims := map[string]any{
		"iss": c.URL, "aud": []string{s.Node.Address()}, "jti": c.TokenID(c.User, s),
		"iat": now.Unix(), "nbf": now.Add(-tokenLeeway).Unix(), "exp": now.Add(socketTokenLife).Unix(),
		"server_uuid": s.UUID, "permissions": c.permissionsOn(s), "user_uuid": c.User.UUID,
		"unique_id": random.Text(16),
	}
	if c.HasScopes() {
		claims["scope"] = protocol.SocketScope
	}
	if !c.Traits.OwnTokens {
		claims["user_id"] = c.User.ID
	}
	return jwt.Sign(s.Node.Token, claims)
}

// signedURLLife is how long a signed URL may be used, once.
const signedURLLife = 15 * time.Minute

// signedURL is the answer with the address of a transfer, for one use. The path
// is one of those of [protocol], with the claims that it needs.
func (c *call) signedURL(s *model.Server, path string, needed map[string]any) *laravel.Answer {
	c.OnNode(s)
	now := time.Now()
	claims := map[string]any{
		"iss": c.URL, "iat": now.Unix(), "nbf": now.Add(-tokenLeeway).Unix(), "exp": now.Add(signedURLLife).Unix(),
		"server_uuid": s.UUID, "user_uuid": c.User.UUID, "unique_id": rand.Text(),
	}
	if c.HasScopes() {
		claims["scope"] = protocol.Scopes[path]
	}
	maps.Copy(claims, needed)
	query := url.Values{"token": {jwt.Sign(s.Node.Token, claims)}}
	return laravel.OK(laravel.Item("signed_url", laravel.Object{"url": s.Node.Address() + path + "?" + query.Encode()}))
}
