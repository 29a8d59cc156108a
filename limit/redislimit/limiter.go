package redislimit

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/ptero-go/ptero/client"
)

// Options configures a [Limiter]. The zero value works, with one budget for
// everyone who uses the same Redis.
type Options struct {
	// Budget names the shared quota: limiters with the same Budget share one
	// count. If all workers use one key, the API key itself will do; otherwise
	// use a name for the Panel's user. Only a hash of it is stored in Redis.
	Budget string

	// Prefix is the beginning of the names of the keys in Redis. Empty means
	// "ptero:".
	Prefix string

	// Logger logs at level warn that Redis is unavailable, once for each outage,
	// and at level info that it is back. Nil means [slog.Default].
	Logger *slog.Logger

	// Timeout bounds how long a call waits for Redis, whatever the timeouts of
	// the Redis client; after that, Redis is considered unavailable. 0 means
	// half a second.
	Timeout time.Duration
}

// stateVersion is part of the keys' names. It changes with what state.lua says
// of the fields, so that workers of two releases do not misread each other.
const stateVersion = "1"

const (
	defaultPrefix  = "ptero:"
	defaultTimeout = 500 * time.Millisecond
)

// Limiter is a [client.Limiter] that shares its count through Redis. It does not
// have to be closed and does not close the Redis client.
type Limiter struct {
	redis   redis.Scripter
	prefix  string // of the keys, with the budget's hash
	timeout time.Duration
	local   client.Limiter // for what Redis cannot do
	outage  outage

	mu    sync.Mutex
	gates map[gateKey]*gate
}

var _ client.Limiter = (*Limiter)(nil)

// New returns a limiter that uses a Redis client, such as a *redis.Client, a
// *redis.ClusterClient or a *redis.Ring. It does not contact Redis before the
// first request.
func New(client redis.Scripter, opts Options) *Limiter {
	return newLimiter(client, opts)
}

func newLimiter(scripter redis.Scripter, opts Options) *Limiter {
	if opts.Prefix == "" {
		opts.Prefix = defaultPrefix
	}
	if opts.Timeout <= 0 {
		opts.Timeout = defaultTimeout
	}
	if opts.Logger == nil {
		opts.Logger = slog.Default()
	}
	hash := sha256.Sum256([]byte(opts.Budget))
	return &Limiter{
		redis:   scripter,
		prefix:  opts.Prefix + "{" + hex.EncodeToString(hash[:16]) + "}:" + stateVersion + ":", // braces: one slot of a cluster
		timeout: opts.Timeout,
		local:   client.NewLimiter(),
		outage:  outage{logger: opts.Logger},
		gates:   make(map[gateKey]*gate),
	}
}
