package console

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ptero-go/ptero/client"
)

// usualLifetime is that of the Panel's tokens.
const usualLifetime = 10 * time.Minute

// credentials open a socket, for as long as their token lasts.
type credentials struct {
	socket, token string
	fetched       time.Time     // when they were asked for
	lifetime      time.Duration // of the token
	permissions   []string      // nil if the token does not tell
	refused       bool          // the daemon did not take them, or not any more
}

// newCredentials reads what there is to know from the token. Its times are those
// of the Panel's clock, which may be wrong, so only the span between them is
// used.
func newCredentials(c *client.WebsocketCredentials, fetched time.Time) (*credentials, error) {
	u, err := url.Parse(c.Socket)
	if err != nil || u.Host == "" || (u.Scheme != "ws" && u.Scheme != "wss") {
		return nil, &Error{Op: "credentials", Problem: "the Panel gave an address that is no socket's; check the address of the node"}
	}
	if c.Token == "" {
		return nil, &Error{Op: "credentials", Problem: "the Panel gave no token"}
	}
	creds := &credentials{socket: c.Socket, token: c.Token, fetched: fetched, lifetime: usualLifetime}
	claims, ok := readClaims(c.Token)
	if !ok {
		return creds, nil // the daemon judges the token, not the console
	}
	creds.permissions = claims.Permissions
	if seconds := claims.Expires - claims.IssuedAt; claims.IssuedAt > 0 && seconds >= 1 && seconds < 365*24*3600 {
		creds.lifetime = time.Duration(seconds) * time.Second
	}
	return creds, nil
}

// claims are the parts of a token that the console looks at.
type claims struct {
	IssuedAt    float64  `json:"iat"`
	Expires     float64  `json:"exp"`
	Permissions []string `json:"permissions"`
}

func readClaims(token string) (c claims, ok bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return claims{}, false
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(payload, &c) != nil {
		return claims{}, false
	}
	return c, true
}

// renewal returns when to renew the token: after 80 to 90 percent of its life,
// by chance, so that many consoles do not ask the Panel at once.
func (c *credentials) renewal(chance float64) time.Time {
	return c.fetched.Add(c.lifetime*8/10 + time.Duration(chance*float64(c.lifetime/10)))
}

// usable reports whether another socket may be opened with the token.
func (c *credentials) usable(now time.Time) bool {
	return c != nil && !c.refused && now.Before(c.fetched.Add(c.lifetime*9/10))
}

// allow reports whether the token holds a permission, as far as can be told.
func (c *credentials) allow(permission client.Permission) bool {
	return c.permissions == nil || slices.Contains(c.permissions, "*") ||
		slices.Contains(c.permissions, string(permission))
}

// refusal is why the daemon does not take a token.
type refusal int

const (
	refusalOther     refusal = iota
	refusalExpired           // renew
	refusalRevoked           // wait for the next second, and renew
	refusalNoConnect         // renew; if that does not help, give up
	refusalServer            // it is for another server: give up
)

// refusalOf reads the text of a jwt error. Those that answer auth begin with
// "Error Event [uuid]: ".
func refusalOf(text string) (why refusal, answersAuth bool) {
	answersAuth = strings.HasPrefix(text, "Error Event")
	for what, why := range map[string]refusal{
		"exp claim is invalid":       refusalExpired,
		"denylist":                   refusalRevoked,
		"created too far in past":    refusalRevoked,
		"missing connect permission": refusalNoConnect,
		"server uuid mismatch":       refusalServer,
	} {
		if strings.Contains(text, what) {
			return why, answersAuth
		}
	}
	return refusalOther, answersAuth
}
