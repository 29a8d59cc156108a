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

// The header of answers by which clients learn of a limit.
const (
	limitHeader     = "X-RateLimit-Limit"
	remainingHeader = "X-RateLimit-Remaining"
	resetHeader     = "X-RateLimit-Reset" // of a refusal alone
)

// Take counts a request in a bucket, and tells the client about it by the header
// of the answer. It refuses a request over the limit of a window.
func (t *Throttle) Take(header http.Header, name string, limit int, window time.Duration) error {
	header.Set(limitHeader, strconv.Itoa(limit))
	if t.IsFull(name, limit) {
		ends := t.buckets[name].ends
		header.Set(remainingHeader, "0")
		header.Set(resetHeader, strconv.FormatInt(ends.Unix(), 10))
		return &Error{
			Status: http.StatusTooManyRequests, Code: "ThrottleRequestsException", Detail: "Too Many Attempts.",
			RetryAfter: int(math.Ceil(time.Until(ends).Seconds())),
		}
	}
	header.Set(remainingHeader, strconv.Itoa(limit-t.Count(name, window)))
	return nil
}

// IsFull reports whether a bucket has counted as much as a limit allows.
func (t *Throttle) IsFull(name string, limit int) bool {
	b := t.buckets[name]
	return b != nil && time.Now().Before(b.ends) && b.used >= limit
}

// Count counts something in a bucket, and returns how much it has counted in its
// window.
func (t *Throttle) Count(name string, window time.Duration) int {
	now := time.Now()
	b := t.buckets[name]
	if b == nil || !now.Before(b.ends) {
		b = &bucket{ends: now.Add(window)}
		t.buckets[name] = b
	}
	b.used++
	return b.used
}

// GiveBack undoes [Throttle.Take], as for a request that was never counted.
func (t *Throttle) GiveBack(header http.Header, name string) {
	if b := t.buckets[name]; b != nil && b.used > 0 {
		b.used--
	}
	header.Del(limitHeader)
	header.Del(remainingHeader)
}
