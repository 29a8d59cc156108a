package rest

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// stopwatch ends an attempt when its time is up. A nil stopwatch bounds nothing.
//
// A stream starts and pauses it with each Read, and a large file has tens of
// thousands of them. So neither touches the timer: it fires once per bound and
// checks whether the time is up, or when it will be.
type stopwatch struct {
	bound    time.Duration
	cancel   context.CancelCauseFunc
	began    time.Time
	deadline atomic.Int64 // time.Duration since began, or paused

	mu      sync.Mutex
	timer   *time.Timer
	stopped bool
}

const paused = 0 // no deadline, for these lie in the future of began

// newStopwatch starts a stopwatch; a bound of 0 means none.
func newStopwatch(bound time.Duration, cancel context.CancelCauseFunc) *stopwatch {
	if bound == 0 {
		return nil
	}
	s := &stopwatch{bound: bound, cancel: cancel, began: time.Now()}
	s.deadline.Store(int64(bound))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.timer = time.AfterFunc(bound, s.look)
	return s
}

// start begins anew, with at least d.
func (s *stopwatch) start(d time.Duration) {
	if s != nil {
		s.deadline.Store(int64(time.Since(s.began) + max(s.bound, d)))
	}
}

// pause lets any time pass until the next start.
func (s *stopwatch) pause() {
	if s != nil {
		s.deadline.Store(paused)
	}
}

// stop ends the stopwatch.
func (s *stopwatch) stop() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	s.timer.Stop()
}

// look is what the timer does. It comes back within a bound, before which no
// deadline can come that is set from now on.
func (s *stopwatch) look() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return
	}
	wait := s.bound
	if deadline := s.deadline.Load(); deadline != paused {
		wait = min(wait, time.Duration(deadline)-time.Since(s.began))
	}
	if wait <= 0 {
		s.stopped = true
		s.cancel(timeoutError(s.bound))
		return
	}
	s.timer.Reset(wait)
}
