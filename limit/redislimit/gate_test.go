package redislimit_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/limit/redislimit"
)

// A call that waits behind another one is told at once when its deadline is too
// early, with the error that the first in line would get.
func TestWaitersBehindAnotherAreToldAtOnce(t *testing.T) {
	t.Parallel()
	l := redislimit.New(startRedis(t).client(), redislimit.Options{Timeout: time.Minute})
	use(t, l, clientCall, 1, client.Answer{Status: 429, Limit: 10, Remaining: 0, RetryAfter: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error)
	go func() { // waits for the window, without a deadline
		_, err := l.Wait(ctx, clientCall)
		first <- err
	}()
	for range 3 {
		short, stop := context.WithTimeout(t.Context(), time.Minute)
		came := make(chan error, 1)
		go func() {
			_, err := l.Wait(short, clientCall)
			came <- err
		}()
		select {
		case err := <-came:
			if !errors.Is(err, client.ErrRateLimited) || !errors.Is(err, context.DeadlineExceeded) || short.Err() != nil {
				t.Errorf("err = %v, want ErrRateLimited before the deadline", err)
			}
		case <-time.After(20 * time.Second):
			t.Error("the call waits behind the other")
		}
		stop()
	}
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want context.Canceled", err)
	}
}

// Those who wait before it was known how long are told when it is.
func TestWaitersAreToldWhenItIsKnown(t *testing.T) {
	t.Parallel()
	c := startRedis(t).client()
	l := redislimit.New(c, redislimit.Options{Timeout: time.Minute})
	use(t, l, clientCall, 1, client.Answer{Status: 200, Limit: 1, Remaining: 0})
	probe := take(t, l, clientCall) // goes ahead to find out how long the window is
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	came := make(chan error, 3)
	for range 3 {
		go func() {
			_, err := l.Wait(ctx, clientCall)
			came <- err
		}()
	}
	probe(client.Answer{Status: 429, Limit: 1, Remaining: 0, RetryAfter: time.Hour})
	for range 3 {
		select {
		case err := <-came:
			if !errors.Is(err, client.ErrRateLimited) || ctx.Err() != nil {
				t.Errorf("err = %v, want ErrRateLimited before the deadline", err)
			}
		case <-time.After(20 * time.Second):
			t.Error("a call still waits")
		}
	}
}

// What the one before knew is forgotten when it leaves: another process may have
// opened a window since.
func TestGateForgets(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	l := redislimit.New(r.client(), redislimit.Options{Timeout: time.Minute})
	use(t, l, clientCall, 1, client.Answer{Status: 429, Limit: 10, Remaining: 0, RetryAfter: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error)
	go func() {
		_, err := l.Wait(ctx, clientCall)
		first <- err
	}()
	if err := blocked(t, l, clientCall); !errors.Is(err, client.ErrRateLimited) {
		t.Errorf("err = %v", err)
	}
	cancel()
	<-first
	if err := r.client().FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	take(t, l, clientCall)
}

// A wait that makes no sense holds back nobody for longer than an hour.
func TestAbsurdWaitIsBounded(t *testing.T) {
	t.Parallel()
	l := redislimit.New(startRedis(t).client(), redislimit.Options{})
	use(t, l, clientCall, 1, client.Answer{Status: 429, Limit: 1, Remaining: 0, RetryAfter: 1<<63 - 1})
	want := "used up for another 1h0m0s, beyond the deadline"
	if err := blocked(t, l, clientCall); !errors.Is(err, client.ErrRateLimited) || !containsText(err, want) {
		t.Errorf("err = %v, want %q", err, want)
	}
}

func containsText(err error, want string) bool {
	return err != nil && strings.Contains(err.Error(), want)
}
