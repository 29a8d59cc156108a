package wings

import "time"

// The limits of Wings 1.12.
const (
	maxSockets     = 30   // of one server
	maxMessageSize = 4096 // bytes
)

// tokenBucket lets a burst through, and then one message in each interval.
type tokenBucket struct {
	burst    int
	interval time.Duration

	full time.Time // when it will be full again
}

func (b *tokenBucket) allow() bool {
	now := time.Now()
	if b.full.Before(now) {
		b.full = now
	}
	if b.full.Add(b.interval).Sub(now) > time.Duration(b.burst)*b.interval {
		return false
	}
	b.full = b.full.Add(b.interval)
	return true
}

// messageLimits are the rate limits of one socket. They belong to the goroutine
// that reads from it.
type messageLimits struct {
	all      tokenBucket
	kinds    map[string]*tokenBucket
	throttle map[string]bool // what the client has been told of
}

func newMessageLimits() *messageLimits {
	return &messageLimits{
		all: tokenBucket{burst: 10, interval: 200 * time.Millisecond},
		kinds: map[string]*tokenBucket{
			"auth":         {burst: 2, interval: 5 * time.Second},
			"send logs":    {burst: 2, interval: 5 * time.Second},
			"send command": {burst: 10, interval: time.Second},
			"":             {burst: 4, interval: time.Second}, // all others together
		},
		throttle: make(map[string]bool),
	}
}

// allowAny counts a message of any kind. If it is refused, tell is what the
// client is to be told, once until one is allowed again.
func (l *messageLimits) allowAny() (allowed bool, tell string) {
	return l.allow(&l.all, "global")
}

// allowEvent is like allowAny for the limit of an event.
func (l *messageLimits) allowEvent(event string) (allowed bool, tell string) {
	bucket := l.kinds[event]
	if bucket == nil {
		bucket = l.kinds[""]
	}
	return l.allow(bucket, event)
}

func (l *messageLimits) allow(bucket *tokenBucket, name string) (allowed bool, tell string) {
	if bucket.allow() {
		delete(l.throttle, name)
		return true, ""
	}
	if l.throttle[name] {
		return false, ""
	}
	l.throttle[name] = true
	return false, name
}
