package panel

import (
	"math"
	"net/http"
	"slices"
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
	l := &limiter{
		off: cfg.Unlimited, client: releases[cfg.Version].client, application: releases[cfg.Version].application,
		window: time.Minute, throttle: laravel.NewThrottle(),
	}
	if cfg.ClientLimit > 0 {
		l.client, l.application, l.window = cfg.ClientLimit, cfg.ApplicationLimit, cfg.Window
	}
	return l
}

// bucket is what a request is counted in: one of its user and API.
func (c *Call) bucket() (name string, limit int) {
	if c.isClient() {
		return "client " + c.User.UUID, c.limits.client
	}
	return "application " + c.User.UUID, c.limits.application
}

// take counts a request.
func (l *limiter) take(c *Call) error {
	if l.off {
		return nil
	}
	name, limit := c.bucket()
	return l.throttle.Take(c.Writer.Header(), name, limit, l.window)
}

// giveBack undoes take.
func (l *limiter) giveBack(c *Call) {
	if !l.off {
		name, _ := c.bucket()
		l.throttle.GiveBack(c.Writer.Header(), name)
	}
}

// ownLimit is a limit that an operation has besides that of its API. The header
// of the answer tells of this one alone.
type ownLimit struct {
	since     Version
	requests  int
	window    time.Duration
	perServer bool // whoever asks, else it is one of the account
	name      string
}

// ownLimits are the limits of operations. The last one that the version has
// holds.
var ownLimits = map[string][]ownLimit{
	"clientGetServerWebsocket": {{since: Version1120, requests: 5, window: time.Minute, perServer: true, name: "websocket"}},
	"clientCreateDatabase":     {{since: Version1120, requests: 2, window: time.Minute, perServer: true, name: "database"}},
	"clientCreateSchedule":     {{since: Version1120, requests: 2, window: time.Minute, perServer: true, name: "schedule"}},
	"clientCreateAllocation":   {{since: Version1120, requests: 2, window: time.Minute, perServer: true, name: "allocation"}},
	"clientCreateSubuser":      {{since: Version1120, requests: 10, window: 15 * time.Minute, perServer: true, name: "subuser"}},
	"clientRestoreBackup":      {{since: Version1120, requests: 3, window: 15 * time.Minute, perServer: true, name: "backup"}},
	"clientPullFile": {
		{since: Version111, requests: 10, window: 5 * time.Minute, name: "pull"},
		{since: Version1120, requests: 5, window: 10 * time.Minute, perServer: true, name: "pull"},
	},
	"clientUpdateEmail": {{since: Version1123, requests: 60, window: time.Minute, name: "email"}},
}

// Throttled applies the limit of an operation, if it has one. The server is nil
// for operations on none.
func (c *Call) Throttled(s *model.Server) error {
	if c.limits.off {
		return nil
	}
	for _, limit := range slices.Backward(ownLimits[c.operation]) {
		if c.Version < limit.since {
			continue
		}
		name := limit.name + " " + c.User.UUID
		if limit.perServer {
			name = limit.name + " " + s.UUID
		}
		return c.limits.throttle.Take(c.Writer.Header(), name, limit.requests, limit.window)
	}
	return nil
}

// How often an account may change its e-mail address, since 1.12.
const (
	maxEmailChanges   = 3
	emailChangePeriod = 24 * time.Hour
)

// errEmailChanges is for the change after those, and does not tell when the next
// one may be.
var errEmailChanges = laravel.Refuse(http.StatusTooManyRequests, "TooManyRequestsHttpException",
	"Your email address has been changed too many times today. Please try again later.")

// ThrottleEmail refuses further changes of the account's e-mail address, after
// those that [Call.CountEmailChange] counted.
func (c *Call) ThrottleEmail() error {
	if c.Version >= Version1123 && !c.limits.off && c.limits.throttle.IsFull(c.emailBucket(), maxEmailChanges) {
		return errEmailChanges
	}
	return nil
}

// CountEmailChange counts a change of the account's e-mail address.
func (c *Call) CountEmailChange() { c.limits.throttle.Count(c.emailBucket(), emailChangePeriod) }

func (c *Call) emailBucket() string { return "email change " + c.User.UUID }

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
	return &laravel.Error{
		Status: http.StatusTooManyRequests, Code: "TooManyRequestsHttpException",
		Detail: strings.NewReplacer("{n}", strconv.Itoa(set.BackupLimit), "{s}", strconv.Itoa(int(set.BackupPeriod.Seconds()))).
			Replace("Only {n} backups may be generated within a {s} second span of time."),
		RetryAfter: int(math.Ceil(last.Created.Add(set.BackupPeriod).Sub(now).Seconds())),
	}
}
