package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptero-go/ptero/client"
)

// polled is a transport whose answers change with each request; the last stays.
type polled struct {
	answers []string // bodies; one of three characters is a status, "" and "reset" are no answers
	asked   int
}

func (p *polled) RoundTrip(req *http.Request) (*http.Response, error) {
	body := p.answers[min(p.asked, len(p.answers)-1)]
	p.asked++
	switch body {
	case "":
		return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	case "reset":
		return nil, &net.OpError{Op: "read", Err: syscall.ECONNRESET}
	}
	resp := &http.Response{StatusCode: http.StatusOK, Header: make(http.Header), Request: req}
	if len(body) == 3 {
		_, _ = fmt.Sscan(body, &resp.StatusCode)
	}
	resp.Body = io.NopCloser(strings.NewReader(body))
	return resp, nil
}

func (p *polled) client(t *testing.T) *client.Client {
	t.Helper()
	c, err := client.New("https://panel.example.org", testKey, client.WithHTTPClient(&http.Client{Transport: p}), client.WithRetries(0))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// bounded returns a context that ends the test's waits.
func bounded(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func state(name string) string {
	return fmt.Sprintf(`{"object":"stats","attributes":{"current_state":%q,"is_suspended":false,"resources":{}}}`, name)
}

func ready(status string, transferring bool) string {
	return fmt.Sprintf(`{"object":"server","attributes":{"name":"s","status":%s,"is_transferring":%t}}`, status, transferring)
}

func backup(completed string, successful bool) string {
	return fmt.Sprintf(`{"object":"backup","attributes":{"uuid":"u","name":"b","is_successful":%t,"completed_at":%s,"created_at":"2026-11-21T22:44:40+00:00"}}`, successful, completed)
}

func TestWaiters(t *testing.T) {
	t.Parallel()
	const done = `"2026-11-21T22:44:40+00:00"`
	waitState := func(ctx context.Context, c *client.Client) error {
		return c.Servers.WaitPower(ctx, testServer, client.PowerStateRunning, client.WaitOptions{})
	}
	waitReady := func(ctx context.Context, c *client.Client) error {
		server, err := c.Servers.WaitReady(ctx, testServer, client.WaitOptions{Interval: 2 * time.Second})
		if err == nil && server.Name != "s" {
			t.Errorf("server = %+v", server)
		}
		return err
	}
	waitBackup := func(ctx context.Context, c *client.Client) error {
		b, err := c.Backups.Wait(ctx, testServer, "b9a8f8c1-88e5-49ae-87c1-6eb9cc99ef06", client.WaitOptions{})
		if err == nil && !b.IsSuccessful {
			t.Errorf("backup = %+v", b)
		}
		return err
	}
	tests := map[string]struct {
		wait    func(context.Context, *client.Client) error
		answers []string
		want    error // nil for success
		asked   int
	}{
		"state":              {waitState, []string{state("offline"), state("starting"), state("running")}, nil, 3},
		"state from before":  {waitState, []string{state("running")}, nil, 12}, // the twelfth is asked after 22 s
		"state, error":       {waitState, []string{state("offline"), "409"}, client.ErrConflict, 2},
		"state, never":       {waitState, []string{state("offline")}, context.DeadlineExceeded, 30},
		"ready":              {waitReady, []string{ready(`"installing"`, false), ready("null", true), ready("null", false)}, nil, 3},
		"restored":           {waitReady, []string{ready(`"restoring_backup"`, false), ready("null", false)}, nil, 2},
		"install failed":     {waitReady, []string{ready(`"installing"`, false), ready(`"install_failed"`, false)}, client.ErrInstallFailed, 2},
		"reinstall failed":   {waitReady, []string{ready(`"reinstall_failed"`, false)}, client.ErrInstallFailed, 1},
		"suspended":          {waitReady, []string{ready(`"suspended"`, false)}, client.ErrSuspended, 1},
		"gone":               {waitReady, []string{ready(`"installing"`, false), "404"}, client.ErrNotFound, 2},
		"backup":             {waitBackup, []string{backup("null", false), backup("null", false), backup(done, true)}, nil, 3},
		"backup failed":      {waitBackup, []string{backup("null", false), backup(done, false)}, client.ErrBackupFailed, 2},
		"backup, no answers": {waitBackup, []string{"403"}, client.ErrForbidden, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &polled{answers: tt.answers}
				ctx, cancel := context.WithTimeout(t.Context(), 59*time.Second)
				defer cancel()
				start := time.Now()
				err := tt.wait(ctx, p.client(t))
				if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
					t.Errorf("err = %v, want %v", err, tt.want)
				}
				if p.asked != tt.asked {
					t.Errorf("asked %d times, want %d", p.asked, tt.asked)
				}
				if took := time.Since(start); took != time.Duration(tt.asked-1)*2*time.Second && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("took %s", took)
				}
			})
		})
	}
}

// A wait survives what says nothing about the server.
func TestWaitersSurviveFailures(t *testing.T) {
	t.Parallel()
	for _, failure := range []string{"500", "502", "504", "521", "429", "", "reset", "<html>maintenance</html>", `{"object":"ser`} {
		for name, tt := range map[string]struct {
			before, after string
			wait          func(context.Context, *client.Client) error
		}{
			"power": {state("starting"), state("running"), func(ctx context.Context, c *client.Client) error {
				return c.Servers.WaitPower(ctx, testServer, client.PowerStateRunning, client.WaitOptions{})
			}},
			"ready": {ready(`"installing"`, false), ready("null", false), func(ctx context.Context, c *client.Client) error {
				_, err := c.Servers.WaitReady(ctx, testServer, client.WaitOptions{})
				return err
			}},
			"backup": {backup("null", false), backup(`"2026-11-21T22:44:40+00:00"`, true), func(ctx context.Context, c *client.Client) error {
				_, err := c.Backups.Wait(ctx, testServer, "b9a8f8c1-88e5-49ae-87c1-6eb9cc99ef06", client.WaitOptions{})
				return err
			}},
		} {
			t.Run(name+" "+failure, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p := &polled{answers: []string{failure, tt.before, failure, failure, tt.after}}
					if err := tt.wait(bounded(t, time.Hour), p.client(t)); err != nil || p.asked != 5 {
						t.Errorf("err = %v after %d questions", err, p.asked)
					}
				})
			})
		}
	}
}

// An answer is believed once it differs from the first in what the daemon said.
func TestWaitPowerWaitsForAnotherAnswer(t *testing.T) {
	t.Parallel()
	running := func(uptime int, suspended bool) string {
		return fmt.Sprintf(`{"object":"stats","attributes":{"current_state":"running","is_suspended":%t,"resources":{"uptime":%d}}}`, suspended, uptime)
	}
	for name, tt := range map[string]struct {
		answers []string
		asked   int
	}{
		"usage":             {[]string{running(9, false), running(9, false), running(3, false)}, 3},
		"state":             {[]string{running(9, false), state("offline"), running(9, false)}, 3},
		"a failure between": {[]string{running(9, false), "502", running(9, false), running(8, false)}, 4},
		"not cached":        {[]string{running(9, false), running(9, true)}, 12},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &polled{answers: tt.answers}
				err := p.client(t).Servers.WaitPower(bounded(t, time.Hour), testServer, client.PowerStateRunning, client.WaitOptions{})
				if err != nil || p.asked != tt.asked {
					t.Errorf("err = %v after %d questions, want %d", err, p.asked, tt.asked)
				}
			})
		})
	}
}

// Whatever age the Panel's answer has when a signal is sent, the state is the
// server's own when the wait ends, not that from before the signal.
func TestWaitPowerAgainstTheCache(t *testing.T) {
	t.Parallel()
	for age := range 22 {
		t.Run(fmt.Sprintf("%d s", age), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newSyncWorld(t) // whose server is running
				servers := w.newClient(w.panel.UserKey).Servers
				power := func() client.PowerState {
					server, err := w.panel.Server("lobby")
					if err != nil {
						t.Fatal(err)
					}
					return client.PowerState(server.Power)
				}
				for _, round := range []struct {
					signal client.PowerSignal
					state  client.PowerState
				}{
					{client.PowerSignalRestart, client.PowerStateRunning},
					{client.PowerSignalKill, client.PowerStateOffline},
					{client.PowerSignalStart, client.PowerStateRunning},
					{client.PowerSignalStop, client.PowerStateOffline},
				} {
					time.Sleep(time.Minute) // so that nothing is cached
					if _, err := servers.Resources(t.Context(), w.server); err != nil {
						t.Fatal(err)
					}
					time.Sleep(time.Duration(age) * time.Second)
					signalled := time.Now()
					if err := servers.Signal(t.Context(), w.server, round.signal); err != nil {
						t.Fatal(err)
					}
					if err := servers.WaitPower(bounded(t, time.Hour), w.server, round.state, client.WaitOptions{}); err != nil {
						t.Fatal(err)
					}
					took := time.Since(signalled)
					if now := power(); now != round.state {
						t.Errorf("after %s, %s ends while the server is %s", round.signal, took, now)
					}
					if took > 45*time.Second {
						t.Errorf("after %s it took %s", round.signal, took)
					}
					if round.signal == client.PowerSignalRestart {
						time.Sleep(21 * time.Second)
						stats, err := servers.Resources(t.Context(), w.server)
						if err != nil || time.Duration(stats.Resources.Uptime)*time.Millisecond >= time.Since(signalled) {
							t.Errorf("the wait for the restart ended before it: %+v, %v", stats, err)
						}
					}
				}
			})
		})
	}
}

type console struct {
	err    error
	waited client.PowerState
}

func (c *console) WaitPower(_ context.Context, state client.PowerState) error {
	c.waited = state
	return c.err
}

// An open console is asked in place of the Panel.
func TestWaitPowerByConsole(t *testing.T) {
	t.Parallel()
	p := &polled{answers: []string{"500"}}
	closed := errors.New("closed")
	for _, err := range []error{nil, closed} {
		open := &console{err: err}
		got := p.client(t).Servers.WaitPower(t.Context(), testServer, client.PowerStateOffline, client.WaitOptions{Console: open})
		if !errors.Is(got, err) || open.waited != client.PowerStateOffline || p.asked > 0 {
			t.Errorf("err = %v, waited for %q, asked the Panel %d times", got, open.waited, p.asked)
		}
	}
}

func TestWaitRefusesBadArguments(t *testing.T) {
	t.Parallel()
	p := &polled{answers: []string{"500"}}
	err := p.client(t).Servers.WaitPower(t.Context(), testServer, client.PowerStateRunning, client.WaitOptions{Interval: -1})
	if !errors.Is(err, client.ErrArgument) || p.asked > 0 {
		t.Errorf("err = %v", err)
	}
	err = p.client(t).Servers.WaitPower(t.Context(), testServer, "exploded", client.WaitOptions{Console: &console{}})
	if !errors.Is(err, client.ErrArgument) || p.asked > 0 {
		t.Errorf("a state that there is not: %v", err)
	}
}
