package redislimit_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/limit/redislimit"
)

// job is what a process of its own does: the test's program started again with
// this in its environment.
type job struct {
	Socket, URL, Key  string
	Calls, Goroutines int
}

// outcome is what such a process prints.
type outcome struct {
	Sent, Refused int64
	Errors        []string
}

const jobVariable = "PTERO_REDISLIMIT_JOB"

func TestMain(m *testing.M) {
	text := os.Getenv(jobVariable)
	if text == "" {
		os.Exit(m.Run())
	}
	var j job
	if err := json.Unmarshal([]byte(text), &j); err != nil {
		panic(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(j.do(context.Background())); err != nil {
		panic(err)
	}
}

// do works as a program of a user would.
func (j job) do(ctx context.Context) outcome {
	rdb := redis.NewClient(&redis.Options{Network: "unix", Addr: j.Socket})
	defer func() { _ = rdb.Close() }()
	var n tally
	c, err := client.New(j.URL, j.Key, client.WithMiddleware(n.middleware),
		client.WithLimiter(redislimit.New(rdb, redislimit.Options{Budget: j.Key, Logger: slog.New(slog.NewTextHandler(os.Stderr, nil))})))
	if err != nil {
		return outcome{Errors: []string{err.Error()}}
	}
	queue := make(chan struct{}, j.Calls)
	for range j.Calls {
		queue <- struct{}{}
	}
	close(queue)
	var mu sync.Mutex
	var failures []string
	var all sync.WaitGroup
	for range j.Goroutines {
		all.Go(func() {
			for range queue {
				if _, err := c.Account.Get(ctx); err != nil {
					mu.Lock()
					failures = append(failures, err.Error())
					mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	return outcome{Sent: n.sent.Load(), Refused: n.refused.Load(), Errors: failures}
}

// processes runs the same job in some processes at once, and adds up.
func (j job) processes(tb testing.TB, count int) outcome {
	tb.Helper()
	text, err := json.Marshal(j)
	if err != nil {
		tb.Fatal(err)
	}
	outcomes, errs := make([]outcome, count), make([]error, count)
	var all sync.WaitGroup
	for i := range count {
		all.Go(func() {
			cmd := exec.CommandContext(tb.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), jobVariable+"="+string(text))
			var printed strings.Builder
			cmd.Stderr = &printed
			output, err := cmd.Output()
			if err == nil {
				err = json.Unmarshal(output, &outcomes[i])
			}
			if printed.Len() > 0 {
				err = errors.Join(err, fmt.Errorf("printed %s", printed.String()))
			}
			errs[i] = err
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		tb.Fatal(err)
	}
	var sum outcome
	for _, o := range outcomes {
		sum.Sent += o.Sent
		sum.Refused += o.Refused
		sum.Errors = append(sum.Errors, o.Errors...)
	}
	return sum
}

// check fails the test if a call failed or more than 1 % of the requests were
// refused.
func (o outcome) check(tb testing.TB) {
	tb.Helper()
	tb.Logf("%d requests, %d refused", o.Sent, o.Refused)
	if len(o.Errors) > 0 {
		tb.Errorf("%d calls failed, such as: %s", len(o.Errors), o.Errors[0])
	}
	if 100*o.Refused > o.Sent {
		tb.Errorf("%d of %d requests were refused, want at most 1 %%", o.Refused, o.Sent)
	}
}

// Four processes with one key, none of which knows of the others: their calls
// fit into the Panel's windows together.
func TestProcessesShareABudget(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes four windows of the Panel")
	}
	r, panel := startRedis(t), newPanel(t)
	j := job{Socket: r.socket, URL: panel.URL, Key: panel.UserKey, Calls: 75, Goroutines: 2}
	j.processes(t, 4).check(t)
}

// 300 calls from 4 processes, which need 5 windows of 60: with the last one
// begun at once they take four windows at best.
func BenchmarkFourProcesses(b *testing.B) {
	r := startRedis(b)
	var sum outcome
	for b.Loop() {
		b.StopTimer()
		panel := newPanel(b)
		if err := r.client().FlushAll(b.Context()).Err(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		o := job{Socket: r.socket, URL: panel.URL, Key: panel.UserKey, Calls: 75, Goroutines: 2}.processes(b, 4)
		o.check(b)
		sum.Sent += o.Sent
		sum.Refused += o.Refused
	}
	b.ReportMetric(100*float64(sum.Refused)/float64(sum.Sent), "%refused")
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/(4*window).Seconds(), "of-ideal")
}

// What a call pays for the two trips to Redis, beside the same without.
func BenchmarkWait(b *testing.B) {
	rdb := startRedis(b).client()
	answer := client.Answer{Status: 200, Limit: 1 << 30, Remaining: 1 << 29}
	for _, contestant := range []struct {
		name    string
		limiter client.Limiter
	}{
		{"local", client.NewLimiter()},
		{"redis", redislimit.New(rdb, redislimit.Options{})},
	} {
		b.Run(contestant.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				done, err := contestant.limiter.Wait(b.Context(), clientCall)
				if err != nil {
					b.Fatal(err)
				}
				done(answer)
			}
		})
	}
}
