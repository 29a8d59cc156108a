package rest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pollUntil polls with questions that fail as a function of the time since the
// beginning says, and returns when they were asked.
func pollUntil(ctx context.Context, interval time.Duration, answer func(time.Duration) (bool, error)) (asked []time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Hour)
	defer cancel()
	began := time.Now()
	_, err = Poll(ctx, interval, func() (struct{}, bool, error) {
		asked = append(asked, time.Since(began))
		done, err := answer(time.Since(began))
		return struct{}{}, done, err
	})
	return asked, err
}

func TestPollEndsAtLast(t *testing.T) {
	t.Parallel()
	down := &Error{Operation: "clientGetServer", StatusCode: 502}
	synctest.Test(t, func(t *testing.T) {
		// One answer in between starts the patience anew.
		asked, err := pollUntil(t.Context(), 0, func(now time.Duration) (bool, error) {
			if now >= 4*time.Minute && now < 4*time.Minute+10*time.Second {
				return false, nil
			}
			return false, down
		})
		last := asked[len(asked)-1]
		if !errors.Is(err, down) || last < 9*time.Minute || last > 9*time.Minute+20*time.Second {
			t.Errorf("ended after %s with %v", last, err)
		}
		if !strings.Contains(err.Error(), "stopped waiting, as it has failed for 5m") {
			t.Errorf("err = %v", err)
		}
	})
}

func TestPollSlowsDownWhileItFails(t *testing.T) {
	t.Parallel()
	const s = time.Second
	for name, tt := range map[string]struct {
		interval time.Duration
		failure  error
		want     []time.Duration // when it asks, the last time after an answer
	}{
		"doubles":          {2 * s, &Error{outcome: neverLeft}, []time.Duration{0, 2 * s, 6 * s, 14 * s, 24 * s, 34 * s, 36 * s}},
		"a long interval":  {15 * s, &Error{outcome: neverLeft}, []time.Duration{0, 15 * s, 30 * s, 45 * s}},
		"the Panel's wish": {2 * s, &Error{StatusCode: 503, RetryAfter: 25 * s}, []time.Duration{0, 25 * s, 50 * s, 52 * s}},
		"too long a wish":  {2 * s, &Error{StatusCode: 503, RetryAfter: time.Hour}, []time.Duration{0, 300 * s, 302 * s}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := 0
				asked, err := pollUntil(t.Context(), tt.interval, func(time.Duration) (bool, error) {
					n++
					switch n {
					case len(tt.want):
						return true, nil
					case len(tt.want) - 1:
						return false, nil
					}
					return false, tt.failure
				})
				if err != nil || len(asked) != len(tt.want) {
					t.Fatalf("asked at %s, %v", asked, err)
				}
				for i := range asked {
					if asked[i] != tt.want[i] {
						t.Errorf("asked at %s, want %s", asked, tt.want)
						break
					}
				}
			})
		})
	}
}

func TestPollEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		down := &Error{Operation: "clientGetServer", StatusCode: 502}
		_, err := pollUntil(ctx, 0, func(time.Duration) (bool, error) { return false, down })
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, down) {
			t.Errorf("err = %v", err)
		}
		asked, err := pollUntil(ctx, 0, func(time.Duration) (bool, error) { return false, down })
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, down) || len(asked) != 1 {
			t.Errorf("begun after its end: %v, asked %d times", err, len(asked))
		}
	})
}

// What no other attempt would mend ends a wait at once.
func TestPollEndsWithVerdicts(t *testing.T) {
	t.Parallel()
	for name, verdict := range map[string]error{
		"refused":        &Error{StatusCode: 409},
		"not found":      &Error{StatusCode: 404},
		"bad answer":     &Error{StatusCode: 200},
		"certificate":    &Error{outcome: hopeless},
		"held back":      &Error{outcome: heldBack},
		"argument":       &ArgumentError{Argument: "server", Problem: "is empty"},
		"install failed": ErrInstallFailed,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked, err := pollUntil(t.Context(), time.Hour, func(time.Duration) (bool, error) { return false, verdict })
			if !errors.Is(err, verdict) || len(asked) != 1 {
				t.Errorf("err = %v after %d questions", err, len(asked))
			}
		})
	}
}
