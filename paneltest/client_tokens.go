package paneltest

import (
	"crypto/rand"
	"maps"
	"net/url"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/jwt"
	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/protocol"
	"github.com/ptero-go/ptero/paneltest/internal/random"
)

// The life of a token for a socket.
const (
	socketTokenLife = 10 * time.Minute
	tokenLeeway     = 5 * time.Minute
)

// socketToken returns a token for the sockets of a server.
func (c *clientCall) socketToken(s *server) string {
	now := time.Now()
	claims := map[string]any{
		"iss": c.url, "aud": []string{s.node.address()}, "jti": tokenID(c.user, s),
		"iat": now.Unix(), "nbf": now.Add(-tokenLeeway).Unix(), "exp": now.Add(socketTokenLife).Unix(),
		"server_uuid": s.uuid, "permissions": c.permissionsOn(s), "user_uuid": c.user.uuid, "user_id": c.user.id,
		"unique_id": random.Text(16),
	}
	if c.version == version112 {
		claims["scope"] = "websocket"
	}
	return jwt.Sign(s.node.token, claims)
}

// signedURLLife is how long a signed URL may be used, once.
const signedURLLife = 15 * time.Minute

// signedURL is the answer with the address of a transfer, for one use. The path
// is one of those of [protocol], with the claims that it needs.
func (c *clientCall) signedURL(s *server, path string, needed map[string]any) *laravel.Answer {
	c.machine(s)
	now := time.Now()
	claims := map[string]any{
		"iss": c.url, "iat": now.Unix(), "nbf": now.Add(-tokenLeeway).Unix(), "exp": now.Add(signedURLLife).Unix(),
		"server_uuid": s.uuid, "user_uuid": c.user.uuid, "unique_id": rand.Text(),
	}
	if c.version == version112 {
		claims["scope"] = scopes[path]
	}
	maps.Copy(claims, needed)
	query := url.Values{"token": {jwt.Sign(s.node.token, claims)}}
	return laravel.OK(laravel.Item("signed_url", laravel.Object{"url": s.node.address() + path + "?" + query.Encode()}))
}

// scopes are what Panel 1.12 lets a token be used for.
var scopes = map[string]string{protocol.DownloadFile: "file-download", protocol.DownloadBackup: "backup-download", protocol.UploadFile: "file-upload"}
