package rest

import (
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

const (
	firstBackoff = 500 * time.Millisecond
	maxBackoff   = 30 * time.Second

	// maxStagger bounds what is added to each wait, so that calls that were
	// refused together do not come back together.
	maxStagger = 100 * time.Millisecond

	// maxFailureRetries bounds the retries of a request that failed on the
	// way: a node that is down stays down for longer than a few seconds.
	maxFailureRetries = 2
)

// retrier decides for one call whether and when to send it again.
//
//   - 429 is retried for every method: the Panel counted the request and did
//     nothing else. The wait is Retry-After, else X-RateLimit-Reset, else a
//     backoff.
//   - A request that provably never left, such as after a dial that was refused or
//     timed out, is retried for every method, with a backoff.
//   - A broken connection, a body that was cut short and the answers of a proxy that
//     did not reach the Panel are retried, with a backoff, only if the operation is
//     repeatable. An attempt that timed out is retried only for a GET: the Panel may
//     still be working on any other request.
//   - Permanent failures are not retried: a bad certificate, a content of the
//     caller's that cannot be read, the end of the caller's context.
//   - A body that cannot be replayed is never sent again.
type retrier struct {
	config  *Config
	request *http.Request
	call    *call

	retries  int
	failures int           // retries for any reason but a 429
	waited   time.Duration // all waits together
}

// next reports whether to send the request again, and how long to wait before.
func (r *retrier) next(resp *http.Response, err error) (time.Duration, bool) {
	refused := resp != nil && resp.StatusCode == http.StatusTooManyRequests
	failed, retryable := r.judge(resp, err)
	r.call.unsure = r.call.unsure || failed == mayHaveArrived
	if r.retries >= r.config.Retries || !r.replayable() {
		return 0, false
	}
	wait := backoff(r.retries)
	switch {
	case refused:
		if asked, ok := retryAfter(resp); ok {
			wait = asked
		}
	case retryable && r.failures < maxFailureRetries:
		r.failures++
	default:
		return 0, false
	}
	deadline, bounded := r.request.Context().Deadline()
	if wait > r.config.RetryBudget-r.waited || bounded && time.Until(deadline) <= wait {
		return 0, false // the answer at hand says more than a late timeout
	}
	r.retries++
	r.waited += wait
	return wait + rand.N(maxStagger), true
}

// judge determines how an attempt failed on the way between here, the Panel and
// the node, and whether another one is allowed.
func (r *retrier) judge(resp *http.Response, err error) (outcome, bool) {
	operation, ended := r.call.operation, r.request.Context().Err() != nil
	failed := mayHaveArrived
	if err == nil {
		broken := brokenBody(resp)
		if !isGatewayFailure(resp.StatusCode) && (resp.StatusCode/100 != 2 || broken == nil) {
			return answered, false
		}
		err = broken
	} else if e := (*Error)(nil); errors.As(err, &e) {
		failed = e.outcome
	}
	var timeout timeoutError
	switch {
	case ended:
		return failed, false
	case failed == neverLeft:
		return failed, true
	case failed != mayHaveArrived:
		return failed, false
	case errors.As(err, &timeout):
		return failed, operation.Method == http.MethodGet
	}
	return failed, operation.Repeatable
}

// outcome is how an attempt ended.
type outcome int

const (
	answered       outcome = iota
	mayHaveArrived         // failed, who knows where
	neverLeft              // failed before anything was sent
	hopeless               // like neverLeft, and the next one would fail too
	contentFailed          // the caller's content could not be read
	heldBack               // not sent, see heldBackError
	ambiguous              // answered, with more than one thing that fits
	garbled                // answered, but by a proxy, or with a body that broke off
)

// isGatewayFailure reports whether a proxy answered because it got no answer.
// 520 to 530 are Cloudflare's.
func isGatewayFailure(status int) bool {
	switch status {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return status >= 520 && status <= 530
}

func (r *retrier) replayable() bool {
	if content := r.call.content; content != nil {
		return !content.Once
	}
	return r.request.Body == nil || r.request.Body == http.NoBody || r.request.GetBody != nil
}

// backoff grows exponentially and is jittered over its upper half.
func backoff(retries int) time.Duration {
	d := min(firstBackoff<<min(retries, 10), maxBackoff)
	return d/2 + rand.N(d/2)
}

// longestAsked bounds the waits that answers ask for. The longest window of a
// Panel is a day.
const longestAsked = 24 * time.Hour

// retryAfter returns how long an answer asks to wait, and false if it does not
// say.
func retryAfter(resp *http.Response) (time.Duration, bool) {
	if header := resp.Header.Get("Retry-After"); header != "" {
		if seconds, err := strconv.ParseInt(header, 10, 64); err == nil {
			return inSeconds(seconds, 0), true
		}
		if at, err := http.ParseTime(header); err == nil {
			return inSeconds(at.Unix(), clockOf(resp)), true
		}
	}
	if header := resp.Header.Get("X-Ratelimit-Reset"); header != "" {
		if reset, err := strconv.ParseInt(header, 10, 64); err == nil {
			return inSeconds(reset, clockOf(resp)), true
		}
	}
	return 0, false
}

// clockOf returns the Panel's time in Unix seconds, so that the local clock does
// not have to agree with it.
func clockOf(resp *http.Response) int64 {
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		return date.Unix()
	}
	return time.Now().Unix()
}

// inSeconds returns the duration from one number of seconds to another. The
// numbers came over the network and may be anything.
func inSeconds(until, from int64) time.Duration {
	if until <= from {
		return 0
	}
	const most = int64(longestAsked / time.Second)
	if from < 0 && until > math.MaxInt64+from || until-from > most {
		return longestAsked
	}
	return time.Duration(until-from) * time.Second
}
