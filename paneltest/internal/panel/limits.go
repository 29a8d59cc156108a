package panel

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// limiter limits how many requests are served. The Panel's lock guards it.
type limiter struct {
	off                 bool
	client, application int // requests of an account in a window
	window              time.Duration
	throttle            *laravel.Throttle
}

// newLimiter returns the limits that the version is shipped with, or those that
// were asked for.
func newLimiter(cfg Config) *limiter {
	l := &limiter{off: cfg.Unlimited, client: 720, application: 240, window: time.Minute, throttle: laravel.NewThrottle()}
	if cfg.Version == Version07 {
		l.client, l.application = 60, 120
	}
	if cfg.ClientLimit > 0 {
		l.client, l.application, l.window = cfg.ClientLimit, cfg.ApplicationLimit, cfg.Window
	}
	return l
}

// take counts a request in the bucket of its user and API.
func (l *limiter) take(c *Call, isClient bool) error {
	switch {
	case l.off:
		return nil
	case isClient:
		return l.throttle.Take(c.Writer.Header(), "client "+c.User.UUID, l.client, l.window)
	default:
		return l.throttle.Take(c.Writer.Header(), "application "+c.User.UUID, l.application, l.window)
	}
}

// ownLimit is a limit that an operation has besides that of its API.
type ownLimit struct {
	requests  int
	window    time.Duration
	perServer bool
	name      string // operations with the same name share it
}

// pullLimit is what every Panel has since 1.2.0.
var pullLimit = ownLimit{requests: 10, window: 5 * time.Minute, name: "pull"}

// limitsOf112 are those that Panel 1.12 added, each per server.
var limitsOf112 = map[string]ownLimit{
	"clientGetServerWebsocket": {requests: 5, window: time.Minute, perServer: true, name: "websocket"},
	"clientCreateDatabase":     {requests: 2, window: time.Minute, perServer: true, name: "database"},
	"clientCreateSchedule":     {requests: 2, window: time.Minute, perServer: true, name: "schedule"},
	"clientCreateAllocation":   {requests: 2, window: time.Minute, perServer: true, name: "allocation"},
	"clientCreateSubuser":      {requests: 10, window: 15 * time.Minute, perServer: true, name: "subuser"},
	"clientRestoreBackup":      {requests: 3, window: 15 * time.Minute, perServer: true, name: "restore"},
	"clientPullFile":           {requests: 5, window: 10 * time.Minute, perServer: true, name: "pull"},
}

// takeOwn counts a request in the bucket of its operation.
func (l *limiter) takeOwn(c *Call, limit ownLimit, s *model.Server) error {
	name := limit.name + " " + c.User.UUID
	if limit.perServer {
		name = limit.name + " " + s.UUID
	}
	return l.throttle.Take(c.Writer.Header(), name, limit.requests, limit.window)
}

// Throttled applies the limit of an operation, if it has one.
func (c *Call) Throttled(s *model.Server) error {
	if c.limits.off {
		return nil
	}
	if limit, limited := limitsOf112[c.operation]; limited && c.Version == Version112 {
		return c.limits.takeOwn(c, limit, s)
	}
	if c.operation == "clientPullFile" {
		return c.limits.takeOwn(c, pullLimit, s)
	}
	return nil
}

// ThrottleBackups applies the limit for backups in a time, which looks at the
// backups themselves rather than at requests.
func (c *Call) ThrottleBackups(s *model.Server) error {
	set := c.State.Settings
	if set.BackupLimit == 0 || c.limits.off {
		return nil
	}
	now, recent := time.Now(), 0
	var last *model.Backup
	for _, b := range s.Backups {
		if !b.Failed() && now.Sub(b.Created) < set.BackupPeriod {
			recent++
			last = b
		}
	}
	if recent < set.BackupLimit {
		return nil
	}
	return &laravel.Refusal{
		Status: http.StatusTooManyRequests, Code: "TooManyRequestsHttpException",
		Detail: strings.NewReplacer("{n}", strconv.Itoa(set.BackupLimit), "{s}", strconv.Itoa(int(set.BackupPeriod.Seconds()))).
			Replace("Only {n} backups may be generated within a {s} second span of time."),
		RetryAfter: int(math.Ceil(last.Created.Add(set.BackupPeriod).Sub(now).Seconds())),
	}
}
