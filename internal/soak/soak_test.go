package soak

import (
	"context"
	"flag"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptero-go/ptero/console"
	"github.com/ptero-go/ptero/paneltest"
)

var (
	simulated = flag.Duration("simulated", time.Minute, "how much time to simulate")
	realTime  = flag.Duration("real", 3*time.Second, "how much time to take in truth")
	seedFlag  = flag.Uint64("seed", 0, "what the random choices begin with, 0 for anything")
)

// seed returns what the random choices begin with. The scheduler makes choices
// too, so that a seed makes the same things likely, not certain.
func seed(t *testing.T) uint64 {
	t.Helper()
	s := *seedFlag
	if s == 0 {
		s = rand.Uint64()
	}
	t.Logf("seed %d", s)
	return s
}

// commonFaults are what may happen to a request anywhere.
var commonFaults = []paneltest.Fault{
	"500", "502", "503", "504", paneltest.FaultHTML, paneltest.FaultGarbage, paneltest.FaultTruncated, paneltest.FaultReset,
	paneltest.FaultLost, "429 1s",
}

// In simulated time a Panel has its usual rate limits, and requests may take
// longer than their time.
func TestSimulated(t *testing.T) {
	for _, version := range []string{"1.11", "1.12", "pelican"} {
		t.Run(version, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				faults := append([]paneltest.Fault{"delay 3s", "delay 2m"}, commonFaults...)
				w := newWorld(t, seed(t), time.Minute, faults, paneltest.InMemory(), paneltest.WithVersion(version))
				w.soak(*simulated, 2*time.Second)
			})
		})
	}
}

// In real time, over real sockets, the rate limits are out of the way.
func TestReal(t *testing.T) {
	faults := append([]paneltest.Fault{"delay 20ms"}, commonFaults...)
	before := goroutines(t)
	w := newWorld(t, seed(t), time.Minute, faults, paneltest.WithRateLimits(200_000, 200_000, time.Minute))
	w.ledger.mayJoin = true
	w.soak(*realTime, time.Second)
	before.expectNoMore(t)
}

// soak lets everyone work for a time and then looks at what has come of it. Rest
// is how long consoles are silent between commands at most.
func (w *world) soak(length, rest time.Duration) {
	t := w.t
	// No deadline: calls that cannot meet one fail at once.
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	began := time.Now()
	group, err := console.NewGroup(context.Background(), console.WithPolicy(console.KeepAll()))
	if err != nil {
		t.Fatal(err)
	}
	for _, server := range w.servers[:consoles] {
		if err := group.Add(server, w.client.Servers.Console(server)); err != nil {
			t.Fatal(err)
		}
	}
	var all, watching sync.WaitGroup
	watching.Go(func() { w.watch.watch(group) })
	next := func() *rand.Rand { return rand.New(rand.NewPCG(uint64(w.dice.roll(1<<31)), 1)) }
	for _, server := range w.servers[:consoles] {
		random := next()
		all.Go(func() { w.operate(ctx, group, server, rest, random) })
	}
	for i := range workers {
		worker := &worker{world: w, name: "w" + string(rune('a'+i/26)) + string(rune('a'+i%26)), random: next()}
		all.Go(func() { worker.run(ctx) })
	}
	random := next()
	all.Go(func() { w.chaos(ctx, min(max(length/12, time.Second), 30*time.Second), random) })

	memory := measure(length)
	select {
	case <-w.watch.some: // on a slow machine that may take longer
	case <-time.After(time.Minute):
	}
	cancel()
	all.Wait()
	w.watch.close()
	if err := group.Close(); err != nil {
		t.Error(err)
	}
	watching.Wait()
	w.panel.Close()

	t.Logf("%s: %d calls, %d failed; %d requests, %d met a fault", time.Since(began).Round(time.Second), w.calls.Load(),
		w.failed.Load(), w.requests.Load(), w.struck.Load())
	t.Logf("failures: %v", w.failures)
	memory.judge(t)
	w.ledger.judge(t, w.watch.excuses())
	w.watch.judge(t, w.ledger)
	for trouble, times := range w.troubles {
		t.Errorf("%d times: %s", times, trouble)
	}
}
