package redislimit_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/limit/redislimit"
)

// Limiters with one budget share one count, also for what they learn.
func TestLimitersShareABudget(t *testing.T) {
	t.Parallel()
	r, panel, n := startRedis(t), newPanel(t), tally{}
	var workers []*client.Client
	for range 4 {
		workers = append(workers, n.worker(t, panel.URL, panel.UserKey, redislimit.New(r.client(), redislimit.Options{Budget: panel.UserKey})))
	}
	n.work(t.Context(), t, 180, 4, workers...)
	n.check(t, 2)

	// A latecomer knows what the others learned: its first requests go beyond
	// the burst that one without knowledge may send, and none is refused.
	before := n.refused.Load()
	late := n.worker(t, panel.URL, panel.UserKey, redislimit.New(r.client(), redislimit.Options{Budget: panel.UserKey}))
	n.work(t.Context(), t, 100, 20, late)
	n.check(t, before)
}

// Without a limiter the Panel refuses: the test above proves something.
func TestLimitersApart(t *testing.T) {
	t.Parallel()
	panel, n := newPanel(t), tally{}
	n.work(t.Context(), t, 120, 4,
		n.worker(t, panel.URL, panel.UserKey, nil), n.worker(t, panel.URL, panel.UserKey, nil))
	if n.refused.Load() <= 3 {
		t.Errorf("only %d requests were refused without a limiter", n.refused.Load())
	}
}

// Budgets are counted apart, and so are the two APIs.
func TestBudgetsAreApart(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	one := redislimit.New(r.client(), redislimit.Options{Budget: "one"})
	two := redislimit.New(r.client(), redislimit.Options{Budget: "two"})
	use(t, one, clientCall, 1, client.Answer{Status: 429, Limit: 10, Remaining: 0, RetryAfter: time.Hour})
	if err := blocked(t, one, clientCall); !errors.Is(err, client.ErrRateLimited) {
		t.Errorf("err = %v, want ErrRateLimited", err)
	}
	use(t, two, clientCall, 1, client.Answer{Status: 200, Limit: 10, Remaining: 9})
	use(t, one, client.Call{API: "application", Operation: "applicationListUsers"}, 1, client.Answer{Status: 200, Limit: 10, Remaining: 9})
	use(t, one, client.Call{API: "wings", Operation: "wingsUpload"}, 20, client.Answer{Status: 200, Limit: -1, Remaining: -1})
}

var (
	clientCall = client.Call{API: "client", Operation: "clientGetAccount"}
	pullCall   = client.Call{API: "client", Operation: "clientPullFile"}
)

// use sends requests one after another, each with the same answer.
func use(t *testing.T, l client.Limiter, call client.Call, times int, answer client.Answer) {
	t.Helper()
	for range times {
		take(t, l, call)(answer)
	}
}

// take asks for a turn that there must be.
func take(t *testing.T, l client.Limiter, call client.Call) func(client.Answer) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	done, err := l.Wait(ctx, call)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// blocked asks for a turn that there must not be, and returns the error.
func blocked(t *testing.T, l client.Limiter, call client.Call) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := l.Wait(ctx, call)
	if err == nil {
		t.Fatal("there was a turn, want none")
	}
	return err
}

// An operation with a limit of its own holds back no other.
func TestLimitsAreToldApart(t *testing.T) {
	t.Parallel()
	l := redislimit.New(startRedis(t).client(), redislimit.Options{})
	use(t, l, clientCall, 1, client.Answer{Status: 200, Limit: 720, Remaining: 719})
	use(t, l, pullCall, 1, client.Answer{Status: 429, Limit: 10, Remaining: 0, RetryAfter: time.Hour})
	if err := blocked(t, l, pullCall); !errors.Is(err, client.ErrRateLimited) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("err = %v, want ErrRateLimited at once", err)
	}
	use(t, l, clientCall, 1, client.Answer{Status: 200, Limit: 720, Remaining: 718})
}

// A 429 of another throttle, whose headers leave room, holds back nothing.
func TestOtherRefusalsPass(t *testing.T) {
	t.Parallel()
	l := redislimit.New(startRedis(t).client(), redislimit.Options{})
	use(t, l, clientCall, 2, client.Answer{Status: 429, Limit: 720, Remaining: 580, RetryAfter: time.Hour})
}

// Before the first answer a few may go; a Panel that does not count gets all.
func TestPanelWithoutHeaders(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	l := redislimit.New(r.client(), redislimit.Options{})
	other := redislimit.New(r.client(), redislimit.Options{})
	var pending []func(client.Answer)
	for range 5 {
		pending = append(pending, take(t, l, clientCall), take(t, other, clientCall))
	}
	if err := blocked(t, l, clientCall); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, client.ErrRateLimited) {
		t.Errorf("err = %v, want the end of the context", err)
	}
	pending[0](client.Answer{Status: 200, Limit: -1, Remaining: -1})
	for range 30 {
		pending = append(pending, take(t, other, clientCall))
	}
	for _, done := range pending[1:] {
		done(client.Answer{Status: 200, Limit: -1, Remaining: -1})
	}
}

// A request that comes back without an answer leaves its room to another.
func TestLostRequestMakesRoom(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	l, other := redislimit.New(r.client(), redislimit.Options{}), redislimit.New(r.client(), redislimit.Options{})
	use(t, l, clientCall, 1, client.Answer{Status: 200, Limit: 2, Remaining: 1})
	lost := take(t, l, clientCall)
	var turn func(client.Answer)
	came := make(chan struct{})
	go func() {
		defer close(came)
		turn = take(t, other, clientCall)
	}()
	lost(client.Answer{Limit: -1, Remaining: -1})
	<-came
	if turn == nil {
		t.Error("there was no turn")
	}
}

func TestCancellation(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	l := redislimit.New(r.client(), redislimit.Options{})
	use(t, l, clientCall, 1, client.Answer{Status: 429, Limit: 10, Remaining: 0, RetryAfter: time.Hour})
	cause := errors.New("the user left")
	errs := make(chan error)
	ctx, cancel := context.WithCancelCause(t.Context())
	for range 3 { // one waits for the window, the others behind it
		go func() {
			_, err := l.Wait(ctx, clientCall)
			errs <- err
		}()
	}
	cancel(cause)
	for range 3 {
		if err := <-errs; !errors.Is(err, cause) {
			t.Errorf("err = %v, want the cause", err)
		}
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := l.Wait(gone, client.Call{API: "application"}); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want context.Canceled", err)
	}
}

// Redis learns neither the key nor anything that a key could be made of.
func TestKeyStaysSecret(t *testing.T) {
	t.Parallel()
	r, panel, n := startRedis(t), newPanel(t), tally{}
	key := panel.UserKey
	n.work(t.Context(), t, 5, 1, n.worker(t, panel.URL, key, redislimit.New(r.client(), redislimit.Options{Budget: key})))
	held := r.dump(t.Context())
	if !strings.Contains(held, "ptero:{") {
		t.Fatalf("Redis holds %q, want the state of a limiter", held)
	}
	for _, part := range []string{key, strings.TrimPrefix(key, "ptlc_"), key[:16]} {
		if strings.Contains(held, part) {
			t.Errorf("Redis holds %q of the key", part)
		}
	}
}

// Nothing that a limiter keeps in Redis stays for ever.
func TestStateExpires(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	c := r.client()
	l := redislimit.New(c, redislimit.Options{})
	use(t, l, clientCall, 1, client.Answer{Status: 200, Limit: 720, Remaining: 719})
	take(t, l, clientCall)
	names, err := c.Keys(t.Context(), "*").Result()
	if err != nil || len(names) != 2 {
		t.Fatalf("Redis holds %v, %v; want two keys", names, err)
	}
	for _, name := range names {
		if left := c.TTL(t.Context(), name).Val(); left <= 0 {
			t.Errorf("%s does not expire", name)
		}
	}
}

// A worker that died, or a request that takes minutes, holds back nobody for
// long: after its lease it is taken for counted.
func TestLeaseEnds(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	c := r.client()
	l := redislimit.New(c, redislimit.Options{})
	use(t, l, clientCall, 1, client.Answer{Status: 200, Limit: 2, Remaining: 1})
	slow := take(t, l, clientCall)
	if err := blocked(t, l, clientCall); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("err = %v", err)
	}
	ageLeases(t, c)
	take(t, l, clientCall)(client.Answer{Status: 200, Limit: 2, Remaining: 1}) // opens a window
	take(t, l, clientCall)                                                     // and there is room in it
	slow(client.Answer{Status: 200, Limit: 2, Remaining: 0})
}

// ageLeases makes the requests in flight older than any is waited for.
func ageLeases(t *testing.T, c *redis.Client) {
	t.Helper()
	names, err := c.Keys(t.Context(), "*:flight").Result()
	if err != nil || len(names) == 0 {
		t.Fatalf("no leases: %v", err)
	}
	for _, name := range names {
		for _, lease := range c.ZRange(t.Context(), name, 0, -1).Val() {
			if err := c.ZAdd(t.Context(), name, redis.Z{Score: 1, Member: lease}).Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
}
