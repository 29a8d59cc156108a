package redislimit

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/ptero-go/ptero/client"
)

// lookAgain is how long after a failure Redis is tried again.
const lookAgain = time.Second

// outage tracks whether Redis is unavailable.
type outage struct {
	logger *slog.Logger

	mu      sync.Mutex
	away    bool
	looking bool
	next    time.Time // when to look whether Redis is back
}

// begin records that Redis is unavailable, and logs it if that is new.
func (o *outage) begin(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.away {
		return
	}
	o.away, o.next = true, time.Now().Add(lookAgain)
	o.logger.Warn("redislimit: Redis is away; until it is back this process paces itself alone", slog.Any("error", err))
}

// inReach reports whether Redis is available, as far as is known. During an
// outage, a call occasionally starts a check in the background; no call waits
// for that.
func (l *Limiter) inReach(call client.Call) bool {
	o := &l.outage
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.away && !o.looking && !time.Now().Before(o.next) {
		o.looking = true
		go func() { o.looked(l.look(call)) }()
	}
	return !o.away
}

// look reports whether Redis can be written to, which a PING would not show.
func (l *Limiter) look(call client.Call) error {
	_, err := within(context.Background(), l.timeout,
		func(ctx context.Context) (struct{}, error) {
			return struct{}{}, l.give(ctx, call, "", turn{}, client.Answer{Limit: -1, Remaining: -1})
		},
		func(struct{}) {})
	return err
}

// looked records the result of a check.
func (o *outage) looked(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.looking = false
	if err != nil {
		o.next = time.Now().Add(lookAgain)
		return
	}
	o.away = false
	o.logger.Info("redislimit: Redis is back; the rate limit is shared again")
}
