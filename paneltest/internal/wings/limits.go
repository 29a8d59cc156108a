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

// What Wings does to lines.
const (
	maxLine     = 64 << 10 // longer ones are cut
	lostAtCut   = 4096     // bytes at most, at each cut
	maxTyped    = 4095     // bytes of a command, in the terminal of the game
	maxThrottle = 2000     // lines in a period of the throttle
	throttleFor = 100 * time.Millisecond
)

// cutLine returns the pieces that Wings makes of a line.
func cutLine(line string) []string {
	pieces := make([]string, 0, 1)
	for len(line) > maxLine {
		pieces = append(pieces, line[:maxLine])
		line = line[maxLine:]
		line = line[min(lostAtCut, len(line)):]
	}
	if line != "" {
		pieces = append(pieces, line)
	}
	return pieces
}

// consoleThrottle lets some lines through in each period.
type consoleThrottle struct {
	period time.Time
	lines  int
	struck bool
}

// allow counts a line. If it is the first one that is dropped, strike is true.
func (t *consoleThrottle) allow() (allowed, strike bool) {
	if now := time.Now(); now.Sub(t.period) > throttleFor {
		t.period, t.lines = now, 0
	}
	if t.lines < maxThrottle {
		t.lines++
		t.struck = false
		return true, false
	}
	strike = !t.struck
	t.struck = true
	return false, strike
}
