package wings

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/jwt"
	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// accessToken is a JWT of the Panel, for a socket or a signed URL.
type accessToken struct {
	raw string

	ID          string   `json:"jti"`
	Issued      *jwtTime `json:"iat"`
	Expires     *jwtTime `json:"exp"`
	Server      string   `json:"server_uuid"`
	Permissions []string `json:"permissions"`
	UniqueID    string   `json:"unique_id"`
	FilePath    string   `json:"file_path"`
	BackupUUID  string   `json:"backup_uuid"`
	Scope       string   `json:"scope"`
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

// adminGrants begin the permissions that [protocol.PermitAll] does not grant.
const adminGrants = "admin"

// may reports whether the token grants a permission.
func (t *accessToken) may(permission string) bool {
	return slices.Contains(t.Permissions, permission) ||
		!strings.HasPrefix(permission, adminGrants) && slices.Contains(t.Permissions, protocol.PermitAll)
}

// expired reports whether the token's time is over, which it is after the second
// that it names.
func (t *accessToken) expired() bool {
	return t.Expires == nil || time.Now().Unix() > t.Expires.Unix()
}

// parse reads a token that this node's key signed and that has time left.
func (d *Daemon) parse(raw string) (*accessToken, error) {
	t := &accessToken{raw: raw}
	if err := jwt.Parse(d.cfg.Token, raw, t); err != nil {
		return nil, err
	}
	if t.expired() || d.tokens.isExpired(raw) {
		return nil, errTokenExpired
	}
	return t, nil
}

// parseSocketToken reads a token that opens a socket. That of another server
// does; it is found out later.
func (d *Daemon) parseSocketToken(raw string) (*accessToken, error) {
	t, err := d.parse(raw)
	switch {
	case err != nil:
		return nil, err
	case d.tokens.isDenied(t):
		return nil, errTokenDenied
	case !t.may(protocol.PermitConnect) || !d.inScope(t, protocol.SocketScope):
		return nil, errTokenConnect
	}
	return t, nil
}

// inScope reports whether a token is for something. Wings before 1.12.2 does not
// ask.
func (d *Daemon) inScope(t *accessToken, scope string) bool {
	return !d.cfg.Version.scopes() || t.Scope == scope
}

// check tells why a socket of a server may not use its token any longer.
func (d *Daemon) check(t *accessToken, server string) error {
	switch {
	case t == nil:
		return errTokenMissing
	case t.expired() || d.tokens.isExpired(t.raw):
		return errTokenExpired
	case d.tokens.isDenied(t):
		return errTokenDenied
	case !t.may(protocol.PermitConnect):
		return errTokenConnect
	case t.Server != server:
		return errTokenOtherServer
	}
	return nil
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

func (r *tokenRegister) isDenied(t *accessToken) bool {
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

// use reports whether a signed URL was not used before.
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
