package console_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/console"
)

// listener is the script of a daemon that notes what comes, and when.
type listener struct {
	mu     sync.Mutex
	events []string
	times  map[string][]time.Time
	answer func(p *peer, event, arg string)
	state  string
}

func (l *listener) script(p *peer) {
	l.mu.Lock()
	if l.state == "" {
		l.state = "running"
	}
	if l.times == nil {
		l.times = make(map[string][]time.Time)
	}
	l.times["auth"] = append(l.times["auth"], time.Now())
	state := l.state
	l.mu.Unlock()
	p.admit(state)
	for {
		event, arg := p.read()
		if event == "" {
			return
		}
		l.mu.Lock()
		if event != "send stats" || len(l.times[event]) > 0 { // the first is the console's own
			l.events = append(l.events, strings.TrimSpace(event+" "+arg))
		}
		l.times[event] = append(l.times[event], time.Now())
		l.mu.Unlock()
		if event == "auth" {
			p.send("auth success")
		}
		l.mu.Lock()
		answer := l.answer
		l.mu.Unlock()
		if answer != nil {
			answer(p, event, arg)
		}
	}
}

func (l *listener) came() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.events)
}

// limit is a token bucket as Wings 1.12 has them. Its clock may be late by jitter.
type limit struct {
	burst int
	every time.Duration
}

// passes reports whether messages at these times keep to a limit.
func (l limit) passes(times []time.Time) bool {
	tokens, last := float64(l.burst), times[0]
	for _, now := range times {
		tokens = min(float64(l.burst), tokens+float64(now.Sub(last))/float64(l.every))
		last = now
		if tokens--; tokens < 0 {
			return false
		}
	}
	return true
}

// A burst of everything keeps its order and stays below the limits, even if the
// network delivers messages up to 150 ms late.
func TestPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := new(listener)
		w := newWings(t, l.script)
		c := w.dial()
		var all sync.WaitGroup
		all.Go(func() {
			for i := range 60 {
				if err := c.SendCommand(t.Context(), strconv.Itoa(i)); err != nil {
					t.Error(err)
				}
			}
		})
		for range 10 {
			all.Go(func() {
				if err := c.Signal(t.Context(), client.PowerSignalStart); err != nil {
					t.Error(err)
				}
			})
		}
		begin := time.Now()
		all.Wait()
		synctest.Wait()
		if took := time.Since(begin); took < 50*time.Second || took > 70*time.Second {
			t.Errorf("60 commands took %v", took)
		}
		var commands []string
		for _, event := range l.came() {
			if command, is := strings.CutPrefix(event, "send command "); is {
				commands = append(commands, command)
			}
		}
		if len(commands) != 60 || !slices.IsSortedFunc(commands, func(a, b string) int { return len(a) - len(b) + 2*strings.Compare(a, b)*(1-abs(len(a)-len(b))) }) {
			t.Errorf("commands came as %v", commands)
		}
		limits := map[string]limit{
			"auth": {2, 5 * time.Second}, "send logs": {2, 5 * time.Second}, "send command": {10, time.Second}, "set state": {4, time.Second},
		}
		for seed := range 20 {
			var every []time.Time
			for event, times := range l.times {
				late := make([]time.Time, len(times))
				for i, at := range times {
					late[i] = at.Add(time.Duration((i*7919+seed*104729)%150) * time.Millisecond)
				}
				slices.SortFunc(late, time.Time.Compare)
				if !limits[event].passes(late) {
					t.Errorf("%s goes beyond its limit", event)
				}
				every = append(every, late...)
			}
			slices.SortFunc(every, time.Time.Compare)
			if !(limit{10, 200 * time.Millisecond}).passes(every) {
				t.Error("all together go beyond the limit")
			}
		}
	})
}

func abs(n int) int { return max(n, -n) }

func TestCommandsAreChecked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := new(listener)
		w := newWings(t, l.script)
		c := w.dial()
		for name, command := range map[string]string{
			"empty": "", "two": "a\nb", "return": "a\r", "bytes": "\xff", "long": strings.Repeat("x", 4096),
			"long as a message": strings.Repeat("x", 4095), "long when escaped": strings.Repeat(`"`, 2100),
		} {
			var e *client.ArgumentError
			if err := c.SendCommand(t.Context(), command); !errors.As(err, &e) || e.Argument != "command" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := c.Signal(t.Context(), "explode"); !errors.Is(err, client.ErrArgument) {
			t.Error(err)
		}
		if err := c.WaitPower(t.Context(), "exploded"); !errors.Is(err, client.ErrArgument) {
			t.Error(err)
		}
		if err := c.SendCommands(t.Context(), "say a\r\n\nsay b\n"+strings.Repeat("x", 5000)); !errors.Is(err, client.ErrArgument) {
			t.Error(err)
		}
		synctest.Wait()
		if came := l.came(); len(came) > 0 {
			t.Errorf("came: %q", came)
		}
		longest := strings.Repeat("x", 4096-len(`{"event":"send command","args":[""]}`))
		if err := c.SendCommands(t.Context(), "say <a>\r\n\nsay b\n"+longest); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if came, want := fmt.Sprint(l.came()), fmt.Sprint([]string{"send command say <a>", "send command say b", "send command " + longest}); came != want {
			t.Errorf("came: %.100q", came)
		}
	})
}

// What the daemon would drop in silence is not sent.
func TestRequestsInVain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &listener{state: "offline"}
		w := newWings(t, l.script)
		w.fetch = func(_ context.Context, n int) (*client.WebsocketCredentials, error) {
			return &client.WebsocketCredentials{
				Socket: socket, Token: newToken(n, "websocket.connect", "control.console", "control.start"),
			}, nil
		}
		c := w.dial()
		if err := c.SendCommand(t.Context(), "say hi"); !errors.Is(err, console.ErrOffline) {
			t.Errorf("offline: %v", err)
		}
		for _, signal := range []client.PowerSignal{client.PowerSignalStop, client.PowerSignalKill, client.PowerSignalRestart} {
			if err := c.Signal(t.Context(), signal); !errors.Is(err, console.ErrPermission) || !strings.Contains(err.Error(), "control.") {
				t.Errorf("%s: %v", signal, err)
			}
		}
		if err := c.Signal(t.Context(), client.PowerSignalStart); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if came := fmt.Sprint(l.came()); came != "[set state start]" {
			t.Errorf("came: %s", came)
		}
	})
}

// A message that waited in vain says what kept it.
func TestRequestsInVainSayWhy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWings(t, func(p *peer) {
			p.admit("running")
			_ = p.conn.CloseNow()
		})
		dials := 0
		w.refuse = func(w http.ResponseWriter, _ *http.Request) bool {
			if dials++; dials == 1 {
				return false
			}
			w.WriteHeader(http.StatusBadGateway)
			return true
		}
		c := w.dial()
		until(t, c, console.StateWaiting)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := c.SendCommand(ctx, "in vain")
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "502 Bad Gateway") {
			t.Errorf("err = %v", err)
		}
	})
}

// A message waits for the connection and its turn as long as its context allows,
// and is sent once or not at all.
func TestRequestsWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := new(listener)
		w := newWings(t, func(p *peer) {
			p.admit("running")
			_ = p.conn.CloseNow()
		}, l.script)
		c := w.dial()
		until(t, c, console.StateWaiting)
		if err := c.SendCommand(t.Context(), "after the reconnection"); err != nil {
			t.Error(err)
		}
		for range 8 {
			if err := c.SendCommand(t.Context(), "more"); err != nil {
				t.Error(err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		err := c.SendCommand(ctx, "too late")
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, console.ErrMayHaveArrived) || !strings.Contains(err.Error(), "not sent") {
			t.Errorf("err = %v", err)
		}
		ended := make(chan error)
		go func() {
			for range 9 {
				_ = c.SendCommand(context.WithoutCancel(t.Context()), "fill")
			}
			ended <- c.SendCommand(context.WithoutCancel(t.Context()), "never")
		}()
		time.Sleep(time.Second)
		synctest.Wait()
		_ = c.Close()
		if err := <-ended; !errors.Is(err, console.ErrClosed) {
			t.Errorf("err = %v", err)
		}
		if err := c.SendCommand(context.WithoutCancel(t.Context()), "after the end"); !errors.Is(err, console.ErrClosed) {
			t.Errorf("err = %v", err)
		}
		for _, event := range l.came() {
			if strings.Contains(event, "too late") || strings.Contains(event, "never") {
				t.Errorf("came: %q", event)
			}
		}
	})
}

// A command that is being written when the connection fails is not sent again.
func TestCommandIsNotSentTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := new(listener)
		w := newWings(t, func(p *peer) {
			p.admit("running")
			<-p.t.Context().Done() // reads no more: the pipe takes nothing
		}, l.script)
		c := w.dial()
		err := c.SendCommand(t.Context(), "once")
		if !errors.Is(err, console.ErrMayHaveArrived) {
			t.Errorf("err = %v", err)
		}
		until(t, c, console.StateWaiting)
		until(t, c, console.StateLive)
		time.Sleep(time.Minute)
		for _, event := range l.came() {
			if strings.Contains(event, "once") {
				t.Errorf("it was sent again: %q", l.came())
			}
		}
	})
}

func TestRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &listener{answer: func(p *peer, event, arg string) {
			if event != "send command" {
				return
			}
			p.print(arg) // the terminal's echo
			switch arg {
			case "list":
				p.print("There are 2 players", "ann", "bob")
			case "slow":
				go func() {
					for i := range 5 {
						time.Sleep(400 * time.Millisecond)
						p.print(strconv.Itoa(i))
					}
				}()
			case "cut":
				p.print("one")
				_ = p.conn.CloseNow()
			}
		}}
		w := newWings(t, l.script)
		c := w.dial()
		got, err := c.Run(t.Context(), "list", func(line console.Output) bool { return line.Line == "bob" })
		if err != nil || fmt.Sprint(texts(got)) != "[There are 2 players ann bob]" {
			t.Errorf("list: %v, %v", got, err)
		}
		begin := time.Now()
		got, err = c.Run(t.Context(), "slow", nil)
		if err != nil || fmt.Sprint(texts(got)) != "[0 1 2 3 4]" || time.Since(begin) != 2500*time.Millisecond+console.CommandSpacing {
			t.Errorf("slow: %v, %v after %v", got, err, time.Since(begin))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		got, err = c.Run(ctx, "slow", func(console.Output) bool { return false })
		if !errors.Is(err, context.DeadlineExceeded) || fmt.Sprint(texts(got)) != "[0 1]" {
			t.Errorf("bounded: %v, %v", got, err)
		}
		got, err = c.Run(t.Context(), "cut", func(console.Output) bool { return false })
		if !errors.Is(err, console.ErrIncomplete) || !slices.Contains(texts(got), "one") {
			t.Errorf("cut: %v, %v", got, err)
		}
		if _, err = c.Run(t.Context(), "a\nb", nil); !errors.Is(err, client.ErrArgument) {
			t.Errorf("bad command: %v", err)
		}
	})
}

func TestWaitPower(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &listener{state: "offline", answer: func(p *peer, event, _ string) {
			if event == "set state" {
				p.send("status", "starting")
				time.AfterFunc(3*time.Second, func() { p.send("status", "running") })
			}
		}}
		w := newWings(t, l.script)
		c := w.dial()
		if err := c.WaitPower(t.Context(), client.PowerStateOffline); err != nil {
			t.Errorf("it is: %v", err)
		}
		if err := c.Signal(t.Context(), client.PowerSignalStart); err != nil {
			t.Error(err)
		}
		var waiter client.PowerWaiter = c
		if err := waiter.WaitPower(t.Context(), client.PowerStateRunning); err != nil || c.Power() != client.PowerStateRunning {
			t.Errorf("running: %v, power %q", err, c.Power())
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := c.WaitPower(ctx, client.PowerStateOffline); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("err = %v", err)
		}
		time.AfterFunc(time.Second, func() { _ = c.Close() })
		if err := c.WaitPower(t.Context(), client.PowerStateOffline); !errors.Is(err, console.ErrClosed) {
			t.Errorf("closed: %v", err)
		}
	})
}

func TestRequestStats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &listener{answer: func(p *peer, event, _ string) {
			if event == "send stats" {
				p.send("stats", `{"memory_bytes":7,"memory_limit_bytes":0,"cpu_absolute":1.5,"network":{"rx_bytes":1,"tx_bytes":2},"uptime":5,"state":"running","disk_bytes":3}`)
			}
		}}
		w := newWings(t, l.script)
		c := w.dial()
		stats, err := c.RequestStats(t.Context())
		want := console.Stats{State: "running", MemoryBytes: 7, CPUPercent: 1.5, DiskBytes: 3, ReceivedBytes: 1, SentBytes: 2, Uptime: 5 * time.Millisecond}
		if err != nil || stats != want {
			t.Errorf("got %+v, %v", stats, err)
		}
		synctest.Wait() // the console asked once of its own; that answer must not count for the next
		l.mu.Lock()
		l.answer = nil
		l.mu.Unlock()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.RequestStats(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("err = %v", err)
		}
	})
}

// The log comes by a socket of its own and leaves the events alone.
func TestRequestLogs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		logs := func(lines ...string) func(*peer) {
			return func(p *peer) {
				p.admit("running")
				p.idle(lines...)
			}
		}
		refused := func(p *peer) {
			p.token()
			p.send("jwt error", "Error Event [f7]: jwt: exp claim is invalid")
			p.read()
		}
		closed := func(p *peer) {
			p.admit("running")
			p.read()
			p.print("one")
			_ = p.conn.Close(websocket.StatusGoingAway, "bye")
		}
		w := newWings(t, running, logs("one", "", "three"), logs(), refused, closed, logs("again"), refused, closed, closed,
			func(p *peer) { <-p.t.Context().Done() })
		c := w.dial()
		for i, want := range []string{"[one  three]", "[]", "[again]"} {
			if got, err := c.RequestLogs(t.Context()); err != nil || fmt.Sprint(texts(got)) != want {
				t.Errorf("%d: %q, %v, want %s", i, texts(got), err, want)
			}
		}
		if got, err := c.RequestLogs(t.Context()); !errors.Is(err, console.ErrSilent) || !strings.Contains(err.Error(), "1001") {
			t.Errorf("three times in vain: %v, %v", got, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.RequestLogs(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("silent: %v", err)
		}
		if fetches, _ := w.count(); fetches != 1 {
			t.Errorf("%d fetches", fetches)
		}
		ended := make(chan error)
		go func() {
			_, err := c.RequestLogs(context.WithoutCancel(t.Context()))
			ended <- err
		}()
		synctest.Wait()
		_ = c.Close()
		if err := <-ended; !errors.Is(err, console.ErrClosed) {
			t.Errorf("closed meanwhile: %v", err)
		}
		for e, err := range c.Events(t.Context()) {
			if _, is := e.(console.Output); is || err != nil {
				t.Errorf("event %v, %v", e, err)
			}
		}
		if _, err := c.RequestLogs(t.Context()); !errors.Is(err, console.ErrClosed) {
			t.Errorf("after the end: %v", err)
		}
	})
}

// An offline server has no log, and nobody is asked for it.
func TestRequestLogsOffline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWings(t, func(p *peer) {
			p.admit("offline")
			p.idle("x")
		})
		c := w.dial()
		if got, err := c.RequestLogs(t.Context()); err != nil || len(got) > 0 {
			t.Errorf("%v, %v", got, err)
		}
		if _, sockets := w.count(); sockets != 1 {
			t.Errorf("%d sockets", sockets)
		}
	})
}

// What is sent with a token that the daemon no longer takes would be lost: it
// fails until there is another, and what was sent before is told of.
func TestCommandsWithoutAToken(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"expired": "jwt: exp claim is invalid", "revoked": "jwt: created too far in past (denylist)", "unknown": "jwt: new in Wings 2",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var came []string
				w := newWings(t, func(p *peer) {
					p.admit("running")
					barred := true
					for {
						event, arg := p.read()
						switch {
						case event == "":
							return
						case event == "auth":
							time.Sleep(time.Second)
							p.send("auth success")
							barred = false
						case event == "send stats":
						case barred:
							p.send("jwt error", text)
						default:
							came = append(came, event+" "+arg)
						}
					}
				}, func(p *peer) {
					p.admit("running")
					p.idle("line")
				})
				c := w.dial()
				s, err := c.Subscribe(console.KeepAll(), console.CommandsLost{}, console.StateChange{})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				if err := c.SendCommand(t.Context(), "early"); err != nil {
					t.Error(err)
				}
				synctest.Wait() // until it knows
				for range 3 {
					if err := c.SendCommand(t.Context(), "meanwhile"); !errors.Is(err, console.ErrToken) || errors.Is(err, console.ErrMayHaveArrived) {
						t.Errorf("err = %v", err)
					}
				}
				if err := c.Signal(t.Context(), client.PowerSignalStop); !errors.Is(err, console.ErrToken) {
					t.Errorf("err = %v", err)
				}
				for e, err := range s.Events(t.Context()) {
					if err != nil {
						t.Fatal(err)
					}
					if lost, is := e.(console.CommandsLost); is && (fmt.Sprint(lost.Commands) != "[early]" || !errors.Is(lost.Err, console.ErrToken)) {
						t.Errorf("lost: %+v", lost)
					}
					if change, is := e.(console.StateChange); is && change.To == console.StateLive {
						break
					}
				}
				if err := c.SendCommand(t.Context(), "later"); err != nil {
					t.Error(err)
				}
				synctest.Wait()
				if fmt.Sprint(came) != "[send command later]" {
					t.Errorf("came: %q", came)
				}
			})
		})
	}
}
