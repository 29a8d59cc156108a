package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

const (
	// pollInterval is the time between two questions where the caller names none.
	pollInterval = 2 * time.Second

	// pollPatience is how long every question may fail before a wait ends. An
	// upgrade of the Panel and a restart of a node take less.
	pollPatience = 5 * time.Minute

	// maxPollPause bounds the time between two questions while they fail, unless
	// the caller's interval is longer or the Panel asks for more.
	maxPollPause = 10 * time.Second
)

// Poll asks until ask reports that it is done, and returns what ask returned with
// that. A failure that may pass, such as a 502 or a refused connection, does not
// end the wait unless all questions fail for pollPatience; any other error of ask
// does, and so does the end of ctx.
func Poll[T any](ctx context.Context, interval time.Duration, ask func() (value T, done bool, err error)) (T, error) {
	var none T
	if interval < 0 {
		return none, &ArgumentError{Argument: "Interval", Problem: "must not be negative"}
	}
	if interval == 0 {
		interval = pollInterval
	}
	var failure error // of the last question, nil if it was answered
	var failing time.Time
	pause := interval
	for {
		value, done, err := ask()
		switch {
		case err == nil && done:
			return value, nil
		case err == nil:
			failure, pause = nil, interval
		case !mayPass(err):
			return none, err
		case failure == nil:
			failure, failing = err, time.Now()
		case time.Since(failing) >= pollPatience:
			return none, fmt.Errorf("stopped waiting, as it has failed for %s: %w", time.Since(failing).Round(time.Second), err)
		default:
			failure, pause = err, max(interval, min(2*pause, maxPollPause))
		}
		if err := sleep(ctx, max(pause, asksToWait(failure))); err != nil {
			if failure != nil {
				return none, fmt.Errorf("stopped waiting: %w; the last answer: %w", err, failure)
			}
			return none, fmt.Errorf("stopped waiting: %w", err)
		}
	}
}

// mayPass reports whether an error says nothing about what was asked for, so that
// the same question may be answered later: the Panel, its node or the network
// failed, or too many requests were sent.
func mayPass(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.outcome {
	case mayHaveArrived, neverLeft, garbled:
		return true
	case answered:
		return e.StatusCode/100 == 5 || e.StatusCode == http.StatusTooManyRequests
	case hopeless, contentFailed, heldBack, ambiguous:
	}
	return false
}

// asksToWait returns how long the Panel asked to wait with a failure, 0 if it did
// not, and no longer than a wait survives.
func asksToWait(failure error) time.Duration {
	var e *Error
	if errors.As(failure, &e) {
		return min(e.RetryAfter, pollPatience)
	}
	return 0
}
