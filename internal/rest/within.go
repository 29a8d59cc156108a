package rest

import (
	"context"
	"errors"
	"time"
)

// Within runs f, which uses readers, writers or callbacks of the caller's that
// may block. It returns what f returns or, once ctx has ended and a grace period
// has passed, the error of ctx. f then continues on its goroutine, and late is
// called with what it returns in the end.
func Within[T any](ctx context.Context, grace time.Duration, f func() (T, error), late func(T, error)) (T, error) {
	type result struct {
		value    T
		err      error
		panicked any
	}
	results := make(chan result, 1)
	go func() {
		r := result{err: errors.New("a callback ended its goroutine")} // by runtime.Goexit
		defer func() {
			r.panicked = recover()
			results <- r
		}()
		r.value, r.err = f()
	}()
	var timer <-chan time.Time // of the grace, nil before ctx ends
	for ended := ctx.Done(); ; {
		select {
		case r := <-results:
			if r.panicked != nil {
				panic(r.panicked) // as if f had been called here
			}
			return r.value, r.err
		case <-ended:
			ended, timer = nil, time.After(grace)
		case <-timer:
			go func() {
				r := <-results
				late(r.value, r.err)
			}()
			var none T
			return none, withEnd(ctx, context.Cause(ctx))
		}
	}
}
