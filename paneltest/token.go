package paneltest

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// daemonToken is a JWT of the Panel, for a socket or a signed URL.
type daemonToken struct {
	raw string

	ID          string   `json:"jti"`
	Issued      *jwtTime `json:"iat"`
	Expires     *jwtTime `json:"exp"`
	Server      string   `json:"server_uuid"`
	Permissions []string `json:"permissions"`
	UniqueID    string   `json:"unique_id"`
	FilePath    string   `json:"file_path"`
	BackupUUID  string   `json:"backup_uuid"`
}

// jwtTime is a time in a JWT, in whole seconds.
type jwtTime struct{ time.Time }

// UnmarshalJSON implements [json.Unmarshaler].
func (t *jwtTime) UnmarshalJSON(data []byte) error {
	var number float64
	if err := json.Unmarshal(data, &number); err != nil {
		return err
	}
	t.Time = time.Unix(int64(number), 0)
	return nil
}

// Why a token is refused. Their texts are those of Wings.
type tokenError string

// Error implements [error].
func (e tokenError) Error() string { return "jwt: " + string(e) }

const (
	errTokenMissing     = tokenError("no jwt present")
	errTokenExpired     = tokenError("exp claim is invalid")
	errTokenDenied      = tokenError("created too far in past (denylist)")
	errTokenConnect     = tokenError("missing connect permission")
	errTokenOtherServer = tokenError("server uuid mismatch")
)

// errTokenMalformed is no tokenError: Wings does not tell what is wrong.
var errTokenMalformed = errors.New("jwt: malformed token")

// The permissions that Wings itself looks at.
const (
	grantConnect  = "websocket.connect"
	grantCommand  = "control.console"
	grantStart    = "control.start"
	grantStop     = "control.stop" // and to kill
	grantRestart  = "control.restart"
	grantBackups  = "backup.read"
	grantErrors   = "admin.websocket.errors"
	grantInstall  = "admin.websocket.install"
	grantTransfer = "admin.websocket.transfer"
	grantAll      = "*" // but those of admins
	adminGrants   = "admin"
)

// may tells whether the token grants a permission.
func (t *daemonToken) may(permission string) bool {
	return slices.Contains(t.Permissions, permission) ||
		!strings.HasPrefix(permission, adminGrants) && slices.Contains(t.Permissions, grantAll)
}

// expired tells whether the token's time is over, which it is after the second
// that it names.
func (t *daemonToken) expired() bool {
	return t.Expires == nil || time.Now().Unix() > t.Expires.Unix()
}

const jwtHeader = `{"alg":"HS256","typ":"JWT"}`

// sign returns a JWT of this node.
func (d *daemon) sign(claims map[string]any) string {
	payload, err := json.Marshal(claims)
	if err != nil {
		panic(fmt.Sprintf("paneltest: claims that are no JSON: %v", err))
	}
	signed := base64.RawURLEncoding.EncodeToString([]byte(jwtHeader)) + "." + base64.RawURLEncoding.EncodeToString(payload)
	return signed + "." + base64.RawURLEncoding.EncodeToString(d.signature(signed))
}

func (d *daemon) signature(signed string) []byte {
	mac := hmac.New(sha256.New, []byte(d.cfg.Token))
	mac.Write([]byte(signed))
	return mac.Sum(nil)
}

// parse reads a token that this node's key signed and that has time left.
func (d *daemon) parse(raw string) (*daemonToken, error) {
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return nil, errTokenMalformed
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || !hmac.Equal(signature, d.signature(parts[0]+"."+parts[1])) {
		return nil, errTokenMalformed
	}
	var header struct{ Alg string }
	t := &daemonToken{raw: raw}
	if decodePart(parts[0], &header) != nil || header.Alg != "HS256" || decodePart(parts[1], t) != nil {
		return nil, errTokenMalformed
	}
	if t.expired() || d.tokens.isExpired(raw) {
		return nil, errTokenExpired
	}
	return t, nil
}

func decodePart(part string, v any) error {
	data, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}

// parseSocketToken reads a token that opens a socket. That of another server
// does; it is found out later.
func (d *daemon) parseSocketToken(raw string) (*daemonToken, error) {
	t, err := d.parse(raw)
	switch {
	case err != nil:
		return nil, err
	case d.tokens.isDenied(t):
		return nil, errTokenDenied
	case !t.may(grantConnect):
		return nil, errTokenConnect
	}
	return t, nil
}

// check tells why a socket of a server may not use its token any longer.
func (d *daemon) check(t *daemonToken, server string) error {
	switch {
	case t == nil:
		return errTokenMissing
	case t.expired() || d.tokens.isExpired(t.raw):
		return errTokenExpired
	case d.tokens.isDenied(t):
		return errTokenDenied
	case !t.may(grantConnect):
		return errTokenConnect
	case t.Server != server:
		return errTokenOtherServer
	}
	return nil
}

// The kinds of signed URLs, which are their paths.
const (
	signedFile   = "/download/file"   // needs file_path
	signedBackup = "/download/backup" // needs backup_uuid
	signedUpload = "/upload/file"
)

// signedURLLife is how long a signed URL may be used, once.
const signedURLLife = 15 * time.Minute

// signedURL returns path and query of a signed URL. The kind is signedFile,
// signedBackup or signedUpload, extra holds the claims that the kind needs.
func (d *daemon) signedURL(kind, server, user string, extra map[string]any) string {
	now := time.Now()
	claims := map[string]any{
		"iss": d.cfg.PanelURL, "iat": now.Unix(), "nbf": now.Add(-5 * time.Minute).Unix(), "exp": now.Add(signedURLLife).Unix(),
		"server_uuid": server, "user_uuid": user, "unique_id": rand.Text(),
	}
	maps.Copy(claims, extra)
	return kind + "?" + url.Values{"token": {d.sign(claims)}}.Encode()
}

// tokenRegister knows the tokens that are worth less than they say. All is in
// memory, and forgotten in a restart, as in Wings.
type tokenRegister struct {
	mu         sync.Mutex
	started    time.Time // of the daemon, zero before the first restart
	denied     map[string]time.Time
	expiredNow map[string]bool
	used       map[string]time.Time // the ids of signed URLs
}

func (r *tokenRegister) restart() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.started, r.denied, r.used = time.Now(), nil, nil
}

func (r *tokenRegister) deny(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.denied == nil {
		r.denied = make(map[string]time.Time)
	}
	r.denied[id] = time.Now()
}

func (r *tokenRegister) isDenied(t *daemonToken) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return t.Issued == nil || t.Issued.Before(r.started) || t.Issued.Before(r.denied[t.ID])
}

func (r *tokenRegister) expire(raw string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.expiredNow == nil {
		r.expiredNow = make(map[string]bool)
	}
	r.expiredNow[raw] = true
}

func (r *tokenRegister) isExpired(raw string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.expiredNow[raw]
}

// usedUpLife is how long Wings remembers that a signed URL was used.
const usedUpLife = time.Hour

// use tells whether a signed URL was not used before.
func (r *tokenRegister) use(uniqueID string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	for id, at := range r.used {
		if now.Sub(at) >= usedUpLife {
			delete(r.used, id)
		}
	}
	if _, used := r.used[uniqueID]; used {
		return false
	}
	if r.used == nil {
		r.used = make(map[string]time.Time)
	}
	r.used[uniqueID] = now
	return true
}
