package rest

import (
	"context"
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

	// maxStagger bounds what is added to each wait, so that calls which were
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
//   - 502, 503, 504 and a broken connection are retried, with a backoff, only
//     where the operation is repeatable; a connection that could not be
//     made, for every request.
//   - A body that cannot be replayed is never sent again.
type retrier struct {
	config    *Config
	request   *http.Request
	operation *Operation

	retries  int
	failures int           // retries for any reason but a 429
	waited   time.Duration // all waits together
}

// next tells whether to send the request again and how long to wait before.
func (r *retrier) next(resp *http.Response, err error) (time.Duration, bool) {
	if r.retries >= r.config.Retries || !replayable(r.request) {
		return 0, false
	}
	wait := backoff(r.retries)
	switch {
	case resp != nil && resp.StatusCode == http.StatusTooManyRequests:
		if asked, ok := retryAfter(resp); ok {
			wait = asked
		}
	case r.failures < maxFailureRetries && failedOnTheWay(r.operation, resp, err):
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

// failedOnTheWay tells whether an attempt failed between here and the Panel, or
// the Panel and the node, in a way that allows another one.
func failedOnTheWay(operation *Operation, resp *http.Response, err error) bool {
	if err != nil {
		var notSent *notSentError
		switch {
		case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.As(err, &notSent):
			return false
		}
		return neverLeft(err) || operation.Repeatable
	}
	switch resp.StatusCode {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return operation.Repeatable
	}
	return false
}

func replayable(req *http.Request) bool {
	return req.Body == nil || req.Body == http.NoBody || req.GetBody != nil
}

// backoff grows exponentially and is jittered over its upper half.
func backoff(retries int) time.Duration {
	d := min(firstBackoff<<min(retries, 10), maxBackoff)
	return d/2 + rand.N(d/2)
}

// retryAfter returns how long an answer asks to wait; false if it does not say.
func retryAfter(resp *http.Response) (time.Duration, bool) {
	now := time.Now()
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		now = date // the Panel's clock, so that ours need not agree
	}
	header := resp.Header.Get("Retry-After")
	if seconds, err := strconv.ParseInt(header, 10, 64); err == nil {
		return inSeconds(seconds), true
	}
	if at, err := http.ParseTime(header); err == nil {
		return inSeconds(at.Unix() - now.Unix()), true
	}
	if reset, err := strconv.ParseInt(resp.Header.Get("X-RateLimit-Reset"), 10, 64); err == nil {
		return inSeconds(reset - now.Unix()), true
	}
	return 0, false
}

// inSeconds keeps a number that came over the network within what makes sense.
func inSeconds(n int64) time.Duration {
	return time.Duration(min(max(n, 0), math.MaxInt32)) * time.Second
}
