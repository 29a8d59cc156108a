package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// laravel counts requests as the Panel does: in a window that begins with the
// first request after the last window, and tells the wait in whole seconds.
type laravel struct {
	mu      sync.Mutex
	limit   int
	window  time.Duration
	latency time.Duration
	silent  bool // sends no headers
	floor   bool // keeps whole seconds only, as a store of files does

	ends           time.Time
	count          int
	sent, refused  int
	counts         map[string]int // by path, for a limit of its own
	ownLimit       int
	ownPath        string
	inFlight, most int
}

func (l *laravel) RoundTrip(req *http.Request) (*http.Response, error) {
	l.mu.Lock()
	l.inFlight++
	l.most = max(l.most, l.inFlight)
	l.mu.Unlock()
	time.Sleep(l.latency / 2)
	resp, err := l.answer(req)
	time.Sleep(l.latency / 2)
	l.mu.Lock()
	l.inFlight--
	l.mu.Unlock()
	return resp, err
}

func (l *laravel) answer(req *http.Request) (*http.Response, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.sent++
	if !now.Before(l.ends) {
		began := now
		if l.floor {
			began = now.Truncate(time.Second)
		}
		l.ends, l.count = began.Add(l.window), 0
		l.counts = make(map[string]int)
	}
	limit, count := l.limit, l.count
	if req.URL.Path == l.ownPath {
		limit, count = l.ownLimit, l.counts[l.ownPath]
	}
	headers := []string{"X-RateLimit-Limit", strconv.Itoa(limit), "X-RateLimit-Remaining", strconv.Itoa(max(0, limit-count-1))}
	if l.silent {
		headers = nil
	}
	if count >= limit {
		l.refused++
		wait := l.ends.Unix() - now.Unix() // whole seconds of both clocks
		headers = append(headers, "Retry-After", strconv.FormatInt(wait, 10))
		return status(http.StatusTooManyRequests, headers...)(req)
	}
	if req.URL.Path == l.ownPath {
		l.counts[l.ownPath]++
	} else {
		l.count++
	}
	return status(http.StatusNoContent, headers...)(req)
}

func (l *laravel) client(t *testing.T, opts ...option) *Core {
	t.Helper()
	return newCore(t, "https://panel.example.org", append(opts, withTransport(l))...)
}

// work makes calls from some goroutines at once and returns how many failed.
func work(t *testing.T, calls, goroutines int, cores ...*Core) int {
	t.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	failed := 0
	queue := make(chan int)
	for i := range goroutines {
		all.Go(func() {
			for range queue {
				if err := None(do(t.Context(), cores[i%len(cores)], "GET", "api/client/servers/abc", nil)); err != nil {
					mu.Lock()
					failed++
					mu.Unlock()
				}
			}
		})
	}
	for i := range calls {
		queue <- i
	}
	close(queue)
	all.Wait()
	return failed
}

// All of the quota is used, and hardly a request is refused.
func TestLimiterUsesTheQuota(t *testing.T) {
	t.Parallel()
	for _, latency := range []time.Duration{0, 5 * time.Millisecond, 40 * time.Millisecond} {
		for _, window := range []int{1, 2, 60} {
			for _, goroutines := range []int{1, 8, 64} {
				for _, floor := range []bool{false, true} {
					for _, offset := range []time.Duration{0, 450 * time.Millisecond, 980 * time.Millisecond} {
						name := fmt.Sprintf("window %ds latency %s goroutines %d floor %t offset %s", window, latency, goroutines, floor, offset)
						t.Run(name, func(t *testing.T) {
							t.Parallel()
							synctest.Test(t, func(t *testing.T) {
								time.Sleep(offset) // the window does not begin with a second
								l := &laravel{limit: 60, window: time.Duration(window) * time.Second, latency: latency, floor: floor}
								start := time.Now()
								if failed := work(t, 300, goroutines, l.client(t)); failed > 0 {
									t.Errorf("%d calls failed", failed)
								}
								took := time.Since(start)
								if percent := 100 * l.refused / l.sent; percent > 1 && l.refused > 3 {
									t.Errorf("%d of %d requests were refused", l.refused, l.sent)
								}
								// 60 calls in each of 5 windows; the last need not pass.
								serial := time.Duration(60/min(goroutines, 60)) * latency
								ideal := 4*max(l.window, serial) + serial
								if limit := ideal + ideal/20 + 2*time.Second; took > limit {
									t.Errorf("took %s, want at most %s", took, limit)
								}
							})
						})
					}
				}
			}
		}
	}
}

func TestLimiterIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &laravel{limit: 60, window: 2 * time.Second, latency: time.Millisecond}
		shared := NewLocalLimiter()
		limiter := with(func(cfg *Config) { cfg.Limiter = shared })
		if failed := work(t, 300, 8, l.client(t, limiter), l.client(t, limiter)); failed > 0 || l.refused > 3 {
			t.Errorf("%d calls failed, %d requests were refused", failed, l.refused)
		}
	})
}

// Another program that uses the same key takes its part unasked.
func TestLimiterBesideAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &laravel{limit: 60, window: 2 * time.Second, latency: time.Millisecond}
		if failed := work(t, 300, 8, l.client(t), l.client(t)); failed > 0 {
			t.Errorf("%d calls failed", failed)
		}
		if l.refused > l.sent/20 {
			t.Errorf("%d of %d requests were refused", l.refused, l.sent)
		}
	})
}

func TestWithoutLimiter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &laravel{limit: 60, window: 2 * time.Second, latency: time.Millisecond}
		work(t, 300, 8, l.client(t, with(func(cfg *Config) { cfg.Limiter = nil })))
		if l.refused <= 10 {
			t.Errorf("only %d requests were refused: the tests of the limiter prove nothing", l.refused)
		}
	})
}

// A Panel that does not count gets all requests at once.
func TestLimiterWithoutHeaders(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &laravel{limit: 1000, window: time.Minute, latency: time.Second, silent: true}
		c := l.client(t)
		start := time.Now()
		if failed := work(t, 100, 100, c); failed > 0 {
			t.Errorf("%d calls failed", failed)
		}
		if took := time.Since(start); took != 2*time.Second || l.most != 90 {
			t.Errorf("took %s with %d at once; want the first 10, then the rest", took, l.most)
		}
	})
}

// An operation with a limit of its own holds back no other.
func TestLimiterTellsThrottlesApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &laravel{limit: 720, window: time.Minute, ownPath: "/api/client/servers/abc/files", ownLimit: 10}
		c := l.client(t, with(func(cfg *Config) { cfg.RetryBudget = 0 }))
		call := func(path string) error { return None(do(t.Context(), c, "GET", path, nil)) }
		start := time.Now()
		for range 10 {
			if err := errors.Join(call("api/client"), call("api/client/servers/abc/files"), call("api/client/servers/abc")); err != nil {
				t.Fatal(err)
			}
		}
		if err := call("api/client/servers/abc/files"); !errors.Is(err, ErrRateLimited) {
			t.Errorf("err = %v, want ErrRateLimited", err)
		}
		if err := call("api/client"); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took > 0 {
			t.Errorf("took %s, want no wait", took)
		}
		if err := call("api/client/servers/abc/files"); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took < time.Minute || took > 62*time.Second {
			t.Errorf("the operation with the small limit waited %s, want a window", took)
		}
	})
}

// A 429 of the backup throttle, whose headers leave room, holds back nothing.
func TestLimiterPassesOverOtherRefusals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		throttled := status(http.StatusTooManyRequests, "X-RateLimit-Limit", "720", "X-RateLimit-Remaining", "580", "Retry-After", "393")
		well := status(http.StatusNoContent, "X-RateLimit-Limit", "720", "X-RateLimit-Remaining", "579")
		transport := &script{steps: []func(*http.Request) (*http.Response, error){throttled, well}}
		c := newCore(t, "https://panel.example.org", withTransport(transport))
		start := time.Now()
		err := None(do(t.Context(), c, "POST", "api/client/servers/abc/command", nil))
		if e := asError(t, err); e.RetryAfter != 393*time.Second || e.Attempts != 1 {
			t.Errorf("err = %+v", e)
		}
		if err := None(do(t.Context(), c, "GET", "api/client", nil)); err != nil || time.Since(start) > 0 {
			t.Errorf("err = %v after %s, want no wait", err, time.Since(start))
		}
	})
}

func TestLimiterAndDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &laravel{limit: 5, window: time.Minute}
		c := l.client(t)
		work(t, 6, 1, c) // learns the window
		work(t, 4, 1, c)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		err := None(do(ctx, c, "GET", "api/client/servers/abc", nil))
		if !errors.Is(err, ErrRateLimited) || !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 0 {
			t.Errorf("err = %v after %s, want ErrRateLimited at once", err, time.Since(start))
		}
		if e := asError(t, err); e.Attempts != 0 {
			t.Errorf("attempts = %d, want 0", e.Attempts)
		}
		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, stop)
		if err := None(do(ctx, c, "GET", "api/client/servers/abc", nil)); !errors.Is(err, context.Canceled) {
			t.Errorf("err = %v, want context.Canceled", err)
		}
	})
}

// A request that takes minutes holds back the others for seconds only: the Panel
// has counted it when it came.
func TestLimiterAndSlowRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := NewLocalLimiter()
		call := Call{API: "client", Operation: "clientGetServer"}
		take := func() func(Answer) {
			done, err := l.Wait(t.Context(), call)
			if err != nil {
				t.Fatal(err)
			}
			return done
		}
		take()(Answer{Status: 200, Limit: 2, Remaining: 1})
		slow := take()
		start := time.Now()
		take()(Answer{Status: 200, Limit: 2, Remaining: 1}) // a new window, as it turns out
		if waited := time.Since(start); waited > longestFlight {
			t.Errorf("waited %s for a slow request, want %s at most", waited, longestFlight)
		}
		next := take() // takes what remains of it
		slow(Answer{Status: 200, Limit: 2, Remaining: 0})
		next(Answer{Status: 200, Limit: 2, Remaining: 0})
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if _, err := l.Wait(ctx, call); err != nil { // a window ends without a word
			t.Error(err)
		}
	})
}

// Those who already wait are sent away as soon as it is known that their turn
// cannot come in time.
func TestLimiterSendsWaitersAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := NewLocalLimiter()
		call := Call{API: "client", Operation: "x"}
		done, err := l.Wait(t.Context(), call)
		if err != nil {
			t.Fatal(err)
		}
		done(Answer{Status: 200, Limit: 1, Remaining: 0})
		probe, err := l.Wait(t.Context(), call) // goes ahead to find out how long the window is
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		wait := func(timeout time.Duration) chan error {
			came := make(chan error, 1)
			go func() {
				ctx, cancel := context.WithTimeout(t.Context(), timeout)
				defer cancel()
				done, err := l.Wait(ctx, call)
				if err == nil {
					done(Answer{Status: 200, Limit: 1, Remaining: 0})
				}
				came <- err
			}()
			return came
		}
		impatient, patient := wait(20*time.Second), wait(time.Minute)
		time.Sleep(time.Second)
		probe(Answer{Status: 429, Limit: 1, Remaining: 0, RetryAfter: 30 * time.Second})
		if err := <-impatient; !errors.Is(err, ErrRateLimited) || time.Since(start) != time.Second {
			t.Errorf("%v, after %s; want ErrRateLimited at once", err, time.Since(start))
		}
		if err := <-patient; err != nil {
			t.Error(err)
		}
	})
}

// A Panel that asks to wait for years holds back nobody for longer than it takes
// to ask it again.
func TestLimiterAsksAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := NewLocalLimiter()
		call := Call{API: "client", Operation: "x"}
		done, err := l.Wait(t.Context(), call)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		done(Answer{Status: 429, Limit: 1, Remaining: 0, RetryAfter: 1<<63 - 1})
		if _, err = l.Wait(t.Context(), call); err != nil || time.Since(start) != longestWait {
			t.Errorf("%v after %s", err, time.Since(start))
		}
	})
}

// What the limiter knows can be read, at every stage.
func TestLimiterState(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := NewLocalLimiter()
		if got := l.State(); len(got) != 0 {
			t.Errorf("at first: %+v", got)
		}
		start := time.Now()
		expect := func(when string, want ...LimiterState) {
			t.Helper()
			if got := l.State(); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %+v\nwant %+v", when, got, want)
			}
		}
		wait := func(operation string) func(Answer) {
			done, err := l.Wait(t.Context(), Call{API: "client", Operation: operation})
			if err != nil {
				t.Fatal(err)
			}
			return done
		}
		first := wait("a")
		expect("in flight", LimiterState{API: "client", Limit: -1, Remaining: firstBurst - 1, InFlight: 1})
		first(Answer{Status: 200, Limit: 60, Remaining: 59})
		expect("learned", LimiterState{API: "client", Operations: []string{"a"}, Limit: 60, Remaining: 59})
		wait("pull")(Answer{Status: 429, Limit: 10, Remaining: 0, RetryAfter: 30 * time.Second})
		second := wait("b")
		expect("two counts",
			LimiterState{API: "client", Operations: []string{"a"}, Limit: 60, Remaining: 58, InFlight: 1},
			LimiterState{API: "client", Operations: []string{"pull"}, Limit: 10, Resets: start.Add(30 * time.Second)})
		go func() {
			if done, err := l.Wait(t.Context(), Call{API: "client", Operation: "pull"}); err == nil {
				done(Answer{Status: 200, Limit: 10, Remaining: 9})
			}
		}()
		synctest.Wait()
		second(Answer{Status: 200, Limit: 60, Remaining: 57})
		expect("one waits",
			LimiterState{API: "client", Operations: []string{"a", "b"}, Limit: 60, Remaining: 57},
			LimiterState{API: "client", Operations: []string{"pull"}, Limit: 10, Waiting: 1, Resets: start.Add(30 * time.Second)})
		time.Sleep(40 * time.Second)
		synctest.Wait()
		if got := l.State()[1]; got.Remaining != 9 || got.Waiting != 0 || !got.Resets.IsZero() {
			t.Errorf("in the next window: %+v", got)
		}

		silent := NewLocalLimiter()
		done, _ := silent.Wait(t.Context(), Call{API: "wings"})
		done(Answer{Status: 200, Limit: -1, Remaining: -1})
		if got := silent.State(); len(got) != 1 || got[0].Remaining != -1 || got[0].Limit != -1 {
			t.Errorf("of a Panel that does not count: %+v", got)
		}
	})
}

func TestZeroLocalLimiter(t *testing.T) {
	t.Parallel()
	var l LocalLimiter
	done, err := l.Wait(t.Context(), Call{API: "client", Operation: "clientGetServer"})
	if err != nil {
		t.Fatal(err)
	}
	done(Answer{Status: 200, Limit: 60, Remaining: 59})
	if states := l.State(); len(states) != 1 || states[0].Limit != 60 {
		t.Errorf("states = %+v", states)
	}
}
