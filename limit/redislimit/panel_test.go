package redislimit_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/limit/redislimit"
	"github.com/ptero-go/ptero/paneltest"
)

const (
	limit  = 60
	window = 2 * time.Second
)

// newPanel starts a Panel that allows 60 requests in 2 seconds.
func newPanel(tb testing.TB) *paneltest.Panel {
	tb.Helper()
	panel, err := paneltest.New(paneltest.WithRateLimits(limit, limit, window))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(panel.Close)
	return panel
}

// tally counts requests and those that the Panel refused.
type tally struct{ sent, refused, failed atomic.Int64 }

func (n *tally) middleware(next client.Sender) client.Sender {
	return func(req *http.Request, call client.Call) (*http.Response, error) {
		n.sent.Add(1)
		resp, err := next(req, call)
		if err == nil && resp.StatusCode == http.StatusTooManyRequests {
			n.refused.Add(1)
		}
		return resp, err
	}
}

// worker is a program that uses the Panel.
func (n *tally) worker(tb testing.TB, url, key string, limiter client.Limiter) *client.Client {
	tb.Helper()
	c, err := client.New(url, key, client.WithLimiter(limiter), client.WithMiddleware(n.middleware))
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// work makes calls from some goroutines of each worker.
func (n *tally) work(ctx context.Context, tb testing.TB, calls, goroutines int, workers ...*client.Client) {
	tb.Helper()
	queue := make(chan struct{}, calls)
	for range calls {
		queue <- struct{}{}
	}
	close(queue)
	var all sync.WaitGroup
	for _, worker := range workers {
		for range goroutines {
			all.Go(func() {
				for range queue {
					if _, err := worker.Account.Get(ctx); err != nil {
						n.failed.Add(1)
						tb.Error(err)
					}
				}
			})
		}
	}
	all.Wait()
}

// check fails the test if a call failed or more requests were refused.
func (n *tally) check(tb testing.TB, refused int64) {
	tb.Helper()
	tb.Logf("%d requests, %d refused", n.sent.Load(), n.refused.Load())
	if n.failed.Load() > 0 || n.refused.Load() > refused {
		tb.Errorf("%d calls failed, %d of %d requests were refused; want none and at most %d",
			n.failed.Load(), n.refused.Load(), n.sent.Load(), refused)
	}
}

// journal keeps the levels of what was logged.
type journal struct {
	slog.Handler
	mu   sync.Mutex
	seen []string
}

func newJournal() *journal { return &journal{Handler: slog.DiscardHandler} }

func (*journal) Enabled(context.Context, slog.Level) bool { return true }

func (j *journal) Handle(_ context.Context, r slog.Record) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.seen = append(j.seen, r.Level.String())
	return nil
}

// levels returns the levels of all that was logged.
func (j *journal) levels() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Join(j.seen, " ")
}

func (j *journal) has(level string) bool { return strings.Contains(j.levels(), level) }

// options are those of a limiter that logs to the journal.
func (j *journal) options(budget string) redislimit.Options {
	return redislimit.Options{Budget: budget, Logger: slog.New(j)}
}
