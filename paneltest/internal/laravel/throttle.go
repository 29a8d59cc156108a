package laravel

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// Throttle counts requests. Its owner's lock guards it.
type Throttle struct {
	buckets map[string]*bucket
}

// bucket counts the requests of a window, which begins with the first of them.
type bucket struct {
	used int
	ends time.Time
}

// NewThrottle returns a throttle that has counted nothing.
func NewThrottle() *Throttle { return &Throttle{buckets: make(map[string]*bucket)} }

// Take counts a request in a bucket, and tells the client about it by the header
// of the answer. It refuses a request over the limit of a window.
func (t *Throttle) Take(header http.Header, name string, limit int, window time.Duration) error {
	now := time.Now()
	b := t.buckets[name]
	if b == nil || !now.Before(b.ends) {
		b = &bucket{ends: now.Add(window)}
		t.buckets[name] = b
	}
	header.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	if b.used >= limit {
		header.Set("X-RateLimit-Remaining", "0")
		header.Set("X-RateLimit-Reset", strconv.FormatInt(b.ends.Unix(), 10))
		return &Refusal{
			Status: http.StatusTooManyRequests, Code: "ThrottleRequestsException", Detail: "Too Many Attempts.",
			RetryAfter: int(math.Ceil(b.ends.Sub(now).Seconds())),
		}
	}
	b.used++
	header.Set("X-RateLimit-Remaining", strconv.Itoa(limit-b.used))
	return nil
}
