package redislimit_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/limit/redislimit"
)

// What one process learned all can read.
func TestState(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	one, two := redislimit.New(r.client(), redislimit.Options{}), redislimit.New(r.client(), redislimit.Options{})
	read := func() []client.LimiterState {
		t.Helper()
		states, err := two.State(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return states
	}
	if got := read(); len(got) != 0 {
		t.Errorf("at first: %+v", got)
	}
	first := take(t, one, clientCall)
	if got := read(); len(got) != 1 || got[0].Limit != -1 || got[0].InFlight != 1 || got[0].Remaining != 9 {
		t.Errorf("in flight: %+v", got)
	}
	first(client.Answer{Status: 200, Limit: 60, Remaining: 59})
	want := []client.LimiterState{{API: "client", Operations: []string{"clientGetAccount"}, Limit: 60, Remaining: 59}}
	if got := read(); !reflect.DeepEqual(got, want) {
		t.Errorf("learned: %+v", got)
	}
	use(t, one, pullCall, 1, client.Answer{Status: 429, Limit: 10, Remaining: 0, RetryAfter: time.Hour})
	use(t, one, client.Call{API: "application", Operation: "applicationListUsers"}, 1, client.Answer{Status: 200, Limit: 256, Remaining: 200})
	got := read()
	if len(got) != 3 || got[0].API != "application" || got[0].Remaining != 200 || got[1].Limit != 60 || got[2].Limit != 10 {
		t.Fatalf("three counts: %+v", got)
	}
	if left := time.Until(got[2].Resets); got[2].Remaining != 0 || left < 30*time.Minute || left > time.Hour || !got[1].Resets.IsZero() {
		t.Errorf("used up: %+v", got[2])
	}

	ctx, cancel := context.WithCancel(t.Context())
	came := make(chan error)
	go func() {
		_, err := two.Wait(ctx, pullCall)
		came <- err
	}()
	for read()[2].Waiting != 1 { // until it waits
		if t.Context().Err() != nil {
			t.Fatal("nobody waits")
		}
	}
	cancel()
	<-came
	if got := read()[2].Waiting; got != 0 {
		t.Errorf("%d wait", got)
	}

	r.kill()
	if states, err := two.State(t.Context()); err == nil {
		t.Errorf("without Redis: %+v", states)
	}
	if _, err := redislimit.New(nil, redislimit.Options{}).State(t.Context()); err == nil {
		t.Error("without a client: no error")
	}
}
