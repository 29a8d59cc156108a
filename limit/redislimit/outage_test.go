package redislimit_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/limit/redislimit"
)

// Redis is killed while four workers are busy, and started again empty. No call
// fails, each worker says once that Redis is away and once that it is back, and
// then they share a count again.
func TestRedisDiesAndComesBack(t *testing.T) {
	t.Parallel()
	r, panel, n := startRedis(t), newPanel(t), tally{}
	var sent atomic.Int64
	atRequest := func(next client.Sender) client.Sender {
		return func(req *http.Request, call client.Call) (*http.Response, error) {
			switch sent.Add(1) {
			case 30:
				r.kill()
			case 100:
				r.start()
			}
			return next(req, call)
		}
	}
	var workers []*client.Client
	var journals []*journal
	for range 4 {
		j := newJournal()
		c, err := client.New(panel.URL, panel.UserKey, client.WithMiddleware(n.middleware, atRequest),
			client.WithLimiter(redislimit.New(r.client(), j.options(panel.UserKey))))
		if err != nil {
			t.Fatal(err)
		}
		workers, journals = append(workers, c), append(journals, j)
	}
	n.work(t.Context(), t, 160, 2, workers...)
	t.Logf("%d requests, %d refused", n.sent.Load(), n.refused.Load())
	for i, j := range journals {
		for !j.has("INFO") { // a look at Redis comes with a call
			n.work(t.Context(), t, 1, 1, workers[i])
			if t.Failed() || t.Context().Err() != nil {
				t.FailNow()
			}
		}
	}
	if n.failed.Load() > 0 {
		t.Errorf("%d calls failed", n.failed.Load())
	}
	for _, j := range journals {
		if got := j.levels(); got != "WARN INFO" {
			t.Errorf("the log has %s, want one WARN and one INFO", got)
		}
	}
	if !strings.Contains(r.dump(t.Context()), "ptero:{") {
		t.Error("Redis holds nothing, want the state of the limiters")
	}
}

// A Redis that is away from the start is told of once.
func TestRedisNeverThere(t *testing.T) {
	t.Parallel()
	panel, n, j := newPanel(t), tally{}, newJournal()
	c := newRedisClient(t, t.TempDir()+"/nothing")
	n.work(t.Context(), t, 20, 4, n.worker(t, panel.URL, panel.UserKey, redislimit.New(c, j.options("x"))))
	n.check(t, 0)
	if got := j.levels(); got != "WARN" {
		t.Errorf("the log has %q, want one WARN", got)
	}
}

func TestNoRedisClient(t *testing.T) {
	t.Parallel()
	j := newJournal()
	use(t, redislimit.New(nil, j.options("x")), clientCall, 3, client.Answer{Status: 200, Limit: 10, Remaining: 5})
	if got := j.levels(); got != "WARN" {
		t.Errorf("the log has %q, want one WARN", got)
	}
}

// stuck is a Redis whose answers come when the test lets them, whatever becomes
// of the context, as go-redis does by default.
type stuck struct {
	*redis.Client
	asked, let chan struct{}
	done       chan struct{} // gets a word after each answer, if it is there
}

func (s stuck) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	s.asked <- struct{}{}
	<-s.let
	reply := s.Client.EvalSha(context.WithoutCancel(ctx), sha, keys, args...)
	if s.done != nil {
		s.done <- struct{}{}
	}
	return reply
}

// Who leaves while Redis does not answer leaves at once, and a turn that comes
// too late is given back.
func TestLateTurnIsGivenBack(t *testing.T) {
	t.Parallel()
	c := startRedis(t).client()
	use(t, redislimit.New(c, redislimit.Options{}), clientCall, 1, client.Answer{Status: 200, Limit: 10, Remaining: 9})
	s := stuck{Client: c, asked: make(chan struct{}), let: make(chan struct{}), done: make(chan struct{})}
	l := redislimit.New(s, redislimit.Options{Timeout: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	errs := make(chan error)
	go func() {
		_, err := l.Wait(ctx, clientCall)
		errs <- err
	}()
	<-s.asked
	cancel()
	if err := <-errs; !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want context.Canceled", err)
	}
	s.let <- struct{}{} // the turn comes
	<-s.done
	<-s.asked // and goes back
	if got := inFlight(t, c); got != 1 {
		t.Fatalf("%d requests are in flight, want the one that left", got)
	}
	s.let <- struct{}{}
	<-s.done
	go func() { // the next one finds nobody before it
		done, err := l.Wait(t.Context(), clientCall)
		if err == nil {
			done(client.Answer{Limit: -1, Remaining: -1})
		}
		errs <- err
	}()
	for range 2 {
		<-s.asked
		s.let <- struct{}{}
		<-s.done
	}
	if err := <-errs; err != nil {
		t.Error(err)
	}
	if got := inFlight(t, c); got != 0 {
		t.Errorf("%d requests are in flight, want none", got)
	}
}

func inFlight(t *testing.T, c *redis.Client) (n int64) {
	t.Helper()
	names, err := c.Keys(t.Context(), "*:flight").Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		n += c.ZCard(t.Context(), name).Val()
	}
	return n
}

// A Redis that hangs is away when the time for it is up.
func TestRedisHangs(t *testing.T) {
	t.Parallel()
	c := startRedis(t).client()
	s := stuck{Client: c, asked: make(chan struct{}, 1), let: make(chan struct{})}
	j := newJournal()
	l := redislimit.New(s, redislimit.Options{Timeout: time.Millisecond, Logger: slog.New(j)})
	use(t, l, clientCall, 5, client.Answer{Status: 200, Limit: 10, Remaining: 5})
	close(s.let)
	if got := j.levels(); got != "WARN" {
		t.Errorf("the log has %q, want one WARN", got)
	}
}

// A Redis that answers, but not to scripts, is away too.
func TestRedisRefusesScripts(t *testing.T) {
	t.Parallel()
	c := startRedis(t).client()
	j := newJournal()
	if err := c.ConfigSet(t.Context(), "maxmemory", "1").Err(); err != nil {
		t.Fatal(err)
	}
	use(t, redislimit.New(c, j.options("x")), clientCall, 5, client.Answer{Status: 200, Limit: 10, Remaining: 5})
	if got := j.levels(); got != "WARN" {
		t.Errorf("the log has %q, want one WARN", got)
	}
}
