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

// outage remembers whether Redis is away.
type outage struct {
	logger *slog.Logger

	mu      sync.Mutex
	away    bool
	looking bool
	next    time.Time // when to look whether Redis is back
}

// begin notes that Redis is away, and says so if that is news.
func (o *outage) begin(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.away {
		return
	}
	o.away, o.next = true, time.Now().Add(lookAgain)
	o.logger.Warn("redislimit: Redis is away; until it is back this process paces itself alone", slog.Any("error", err))
}

// inReach tells whether Redis is there, as far as is known. While it is not,
// now and then a call has someone look; no call waits for that.
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

// look tells whether Redis can be written to, which a PING would not.
func (l *Limiter) look(call client.Call) error {
	_, err := within(context.Background(), l.timeout,
		func(ctx context.Context) (struct{}, error) {
			return struct{}{}, l.give(ctx, call, "", turn{}, client.Answer{Limit: -1, Remaining: -1})
		},
		func(struct{}) {})
	return err
}

// looked notes what a look at Redis found.
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
