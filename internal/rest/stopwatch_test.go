package rest

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// The time is up exactly one bound after the last start, whenever that was, and
// never while the stopwatch is paused or stopped.
func TestStopwatch(t *testing.T) {
	t.Parallel()
	const bound = time.Minute
	tests := map[string]struct {
		use  func(*stopwatch)
		want time.Duration // 0 means never
	}{
		"untouched":     {func(*stopwatch) {}, bound},
		"started again": {func(s *stopwatch) { time.Sleep(50 * time.Second); s.start(0) }, 110 * time.Second},
		"started often": {startOften, 100*7*time.Second + bound},
		"longer":        {func(s *stopwatch) { s.start(time.Hour) }, time.Hour},
		"not shorter":   {func(s *stopwatch) { s.start(time.Second) }, bound},
		"longer, then as usual": {func(s *stopwatch) {
			s.start(time.Hour)
			time.Sleep(10*time.Minute + 17*time.Second)
			s.start(0)
		}, 11*time.Minute + 17*time.Second},
		"paused": {func(s *stopwatch) { s.pause() }, 0},
		"paused and started": {func(s *stopwatch) {
			s.pause()
			time.Sleep(10*time.Hour + 13*time.Second)
			s.start(0)
		}, 10*time.Hour + 73*time.Second},
		"stopped":                  {func(s *stopwatch) { s.stop() }, 0},
		"started after it stopped": {func(s *stopwatch) { s.stop(); s.start(0) }, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				began := time.Now()
				s := newStopwatch(bound, cancel)
				defer s.stop()
				tt.use(s)
				took := time.Duration(0)
				select {
				case <-ctx.Done():
					took = time.Since(began)
				case <-time.After(24 * time.Hour):
				}
				if took != tt.want {
					t.Errorf("the time was up after %s, want %s", took, tt.want)
				}
			})
		})
	}
}

func startOften(s *stopwatch) {
	for range 100 {
		time.Sleep(7 * time.Second)
		s.start(0)
	}
}

func TestNoStopwatch(t *testing.T) {
	t.Parallel()
	s := newStopwatch(0, nil)
	s.start(0)
	s.pause()
	s.stop()
}
