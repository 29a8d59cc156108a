package console_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/console"
)

// A renewal tells no power state; samples do.
func TestPowerAfterALapse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWings(t, func(p *peer) {
			p.admit("offline")
			p.send("jwt error", "jwt: exp claim is invalid")
			p.token()
			p.send("auth success")
			p.send("stats", `{"memory_bytes":7,"uptime":5000,"state":"running"}`)
			for {
				event, arg := p.read()
				if event == "" {
					return
				}
				if event == "send command" {
					p.print(arg)
				}
			}
		}, logOf("line"))
		c := w.dial()
		if err := c.WaitPower(t.Context(), client.PowerStateRunning); err != nil {
			t.Fatal(err)
		}
		if c.Power() != client.PowerStateRunning {
			t.Errorf("power %q", c.Power())
		}
		for _, e := range []console.Status{{State: "offline"}, {State: "running", Previous: "offline"}} {
			for {
				if status, is := next(t, c).(console.Status); is {
					if status != e {
						t.Errorf("%+v, want %+v", status, e)
					}
					break
				}
			}
		}
		if err := c.SendCommand(t.Context(), "list"); err != nil {
			t.Error(err)
		}
	})
}

// Commands leave in their order and never closer than the spacing, from however
// many goroutines they come.
func TestCommandsAreSpaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := new(listener)
		w := newWings(t, l.script)
		c := w.dial()
		if err := c.SendCommands(t.Context(), strings.Repeat("say hi\n", 20)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		times := l.times["send command"]
		if len(times) != 20 {
			t.Fatalf("%d commands", len(times))
		}
		burst := 1
		for i := range times[1:] {
			apart := times[i+1].Sub(times[i])
			if apart < console.CommandSpacing {
				t.Errorf("%v apart", apart)
			}
			if apart == console.CommandSpacing {
				burst++
			}
		}
		if burst < 5 || burst > console.CommandBurst {
			t.Errorf("%d at first", burst)
		}
	})
}

// While the server is starting and has printed nothing, a command would be lost.
func TestCommandsWhileStarting(t *testing.T) {
	t.Parallel()
	for _, patient := range []bool{false, true} {
		t.Run(fmt.Sprint("patient ", patient), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := &listener{state: "starting"}
				begin := time.Now()
				w := newWings(t, func(p *peer) {
					time.AfterFunc(3*time.Second, func() { p.print("booting") })
					l.script(p)
				})
				var opts []console.Option
				if patient {
					opts = append(opts, console.WithPatientCommands())
				}
				c := w.dial(opts...)
				err := c.SendCommand(t.Context(), "eula accept")
				if patient && (err != nil || time.Since(begin) < 3*time.Second) {
					t.Errorf("%v after %v", err, time.Since(begin))
				}
				if !patient && (!errors.Is(err, console.ErrStarting) || time.Since(begin) > time.Second) {
					t.Errorf("%v after %v", err, time.Since(begin))
				}
				time.Sleep(5 * time.Second)
				if err := c.SendCommand(t.Context(), "list"); err != nil {
					t.Errorf("after the first line: %v", err)
				}
			})
		})
	}
}

// Dials that fail do not use up tokens, and the console is live again soon after
// the node is back: within a tenth of the outage.
func TestRecovery(t *testing.T) {
	t.Parallel()
	for _, outage := range []time.Duration{0, 200 * time.Millisecond, time.Second, 6 * time.Second, 15 * time.Second} {
		for _, hole := range []bool{false, true} {
			t.Run(fmt.Sprintf("%v, black hole %t", outage, hole), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := newWings(t, func(p *peer) {
						p.admit("running")
						_ = p.conn.CloseNow()
					}, running)
					c := w.dial()
					down := time.Now()
					w.mu.Lock()
					w.refuse = func(_ http.ResponseWriter, r *http.Request) bool {
						switch {
						case time.Since(down) >= outage:
							return false
						case hole:
							<-r.Context().Done()
						}
						panic(http.ErrAbortHandler)
					}
					w.mu.Unlock()
					until(t, c, console.StateWaiting)
					until(t, c, console.StateLive)
					late, most := time.Since(down)-outage, max(outage/10, console.MinBackoff)+10*time.Millisecond
					if hole {
						most += console.DialPatience
					}
					if late > most {
						t.Errorf("live %v after the node was back", late)
					}
					if fetches, _ := w.count(); fetches != 1 {
						t.Errorf("%d fetches", fetches)
					}
				})
			})
		}
	}
}

// A running server is never silent for long.
func TestSilentRunningServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWings(t, func(p *peer) {
			p.admit("running")
			<-p.t.Context().Done()
		}, running)
		c := w.dial()
		begin := time.Now()
		until(t, c, console.StateWaiting)
		if took := time.Since(begin); took > console.RunningSilence+console.Patience+time.Second {
			t.Errorf("noticed after %v", took)
		}
	})
}

// A suspension is outlasted where the caller chose so.
func TestSuspensionOutlasted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		w := newWings(t, func(p *peer) {
			p.admit("running")
			_ = p.conn.CloseNow() // as Wings 1.12 does
		}, func(p *peer) { _ = p.conn.Close(4409, "server is suspended") }, running)
		asked := 0
		w.fetch = func(_ context.Context, n int) (*client.WebsocketCredentials, error) {
			if n > 1 && time.Since(begin) < time.Hour {
				asked++
				err := panelError(http.StatusConflict)
				err.Entries[0].Detail = "This server is currently suspended and the functionality requested is unavailable."
				return nil, err
			}
			return nil, nil
		}
		c := w.dial(console.WithSuspensionOutlasted())
		until(t, c, console.StateLive)
		change := until(t, c, console.StateLive)
		if change.Err != nil || asked < 30 || asked > 130 {
			t.Errorf("asked %d times in an hour", asked)
		}
	})
}

// Dial's context bounds the dialing, and a Panel that hangs does not outlast it.
func TestDialIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWings(t, running)
		w.fetch = func(ctx context.Context, _ int) (*client.WebsocketCredentials, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if _, err := console.Dial(ctx, w); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("err = %v", err)
		}
	})
}

// A dead node costs the consoles of others nothing.
func TestGroupWithADeadNode(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dead := newWings(t, running)
		dead.fetch = func(_ context.Context, n int) (*client.WebsocketCredentials, error) {
			return &client.WebsocketCredentials{Socket: "ws://dead.test:8080/ws", Token: newToken(n, "*")}, nil
		}
		dead.refuse = func(_ http.ResponseWriter, r *http.Request) bool {
			<-r.Context().Done()
			return true
		}
		healthy := newWings(t, running)
		g, err := console.NewGroup(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		for i := range 30 {
			if err := g.Add(fmt.Sprint("dead ", i), dead); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Minute)
		begin := time.Now()
		if err := g.Add("healthy", healthy); err != nil {
			t.Fatal(err)
		}
		until(t, g.Console("healthy"), console.StateLive)
		if took := time.Since(begin); took > 100*time.Millisecond {
			t.Errorf("live after %v", took)
		}
		// One that waits for its turn can be removed, and its name is free.
		g.Remove("dead 29")
		if g.Console("dead 29") != nil || len(g.Servers()) != 30 {
			t.Errorf("servers: %q", g.Servers())
		}
		if err := g.Add("dead 29", healthy); err != nil {
			t.Error(err)
		}
		if g.Err() != nil {
			t.Error(g.Err())
		}
	})
}

// A group ends with its context, and everything of it.
func TestGroupEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWings(t, running)
		ctx, cancel := context.WithCancel(t.Context())
		g, err := console.NewGroup(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := g.Add("a", w); err != nil {
			t.Fatal(err)
		}
		s, err := g.Subscribe(console.KeepAll(), console.StateChange{})
		if err != nil {
			t.Fatal(err)
		}
		until(t, g.Console("a"), console.StateLive)
		cancel()
		<-g.Done()
		if !errors.Is(g.Err(), console.ErrClosed) || len(g.Servers()) != 0 {
			t.Errorf("err %v, servers %q", g.Err(), g.Servers())
		}
		if err := g.Add("b", w); !errors.Is(err, console.ErrClosed) || len(g.Servers()) != 0 {
			t.Errorf("added after the end: %v, %q", err, g.Servers())
		}
		var last console.Event
		for e, err := range s.Events(context.Background()) { // which ends with the group
			if err != nil {
				t.Fatal(err)
			}
			last = e.Event
		}
		if change, is := last.(console.StateChange); !is || change.To != console.StateClosed {
			t.Errorf("last event %v", last)
		}
		for range g.Events(context.Background()) {
		}
		_ = g.Close()
	})
}

// Drops of a group's reader are told server by server.
func TestGroupDrops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		printing := func(n int) func(p *peer) {
			return func(p *peer) {
				p.admit("running")
				p.print(numbered(0, n)...)
				p.idle()
			}
		}
		g, err := console.NewGroup(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		s, err := g.Subscribe(console.DropOldest(10), console.Output{})
		if err != nil {
			t.Fatal(err)
		}
		for name, n := range map[string]int{"a": 30, "b": 50} {
			if err := g.Add(name, newWings(t, printing(n))); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Second)
		got := map[string]int{}
		count := 0
		for e, err := range s.Events(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			switch e := e.Event.(type) {
			case console.Dropped:
				count += e.Count
			case console.Output:
				count++
			}
			got[e.Server]++
			if count == 80 {
				break
			}
		}
		if got["a"] == 0 || got["b"] == 0 {
			t.Errorf("events by server: %v", got)
		}
	})
}

// Two readers of one subscription share the events; neither is left behind.
func TestReadersOfOneSubscription(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for range 50 {
			w := newWings(t, func(p *peer) {
				p.admit("running")
				p.idle()
			})
			c := w.dial()
			s, err := c.Subscribe(console.KeepAll(), console.StateChange{})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			var all sync.WaitGroup
			closed := atomic.Int32{}
			for i := range 2 {
				all.Go(func() {
					own := t.Context()
					if i == 0 {
						own = ctx
					}
					for e, err := range s.Events(own) {
						if err == nil && e.(console.StateChange).To == console.StateClosed {
							closed.Add(1)
						}
					}
				})
			}
			synctest.Wait()
			go cancel()
			_ = c.Close()
			all.Wait()
			for e := range s.Events(t.Context()) {
				if e.(console.StateChange).To == console.StateClosed {
					closed.Add(1)
				}
			}
			if closed.Load() != 1 {
				t.Fatalf("%d times closed", closed.Load())
			}
		}
	})
}

// What nobody reads is bounded in bytes as well.
func TestBufferIsBoundedInBytes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		long := strings.Repeat("x", 60<<10)
		w := newWings(t, func(p *peer) {
			p.admit("running")
			for range 400 {
				p.print(long)
			}
			p.print("end")
			p.idle()
		})
		c := w.dial()
		time.Sleep(time.Second)
		kept, dropped := 0, 0
		for e, err := range c.Events(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			switch e := e.(type) {
			case console.Output:
				kept += len(e.Line)
				if e.Line == "end" {
					if kept > console.BufferBytes || kept < console.BufferBytes/2 || dropped == 0 {
						t.Errorf("%d bytes kept, %d dropped", kept, dropped)
					}
					return
				}
			case console.Dropped:
				dropped += e.Count
			}
		}
	})
}

// Nothing that was printed before a command is taken for its answer, and a server
// that prints all the time does not keep the answer from ending.
func TestRunTakesWhatFollows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWings(t, func(p *peer) {
			p.admit("running")
			stopped := make(chan struct{})
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				tick := time.NewTicker(300 * time.Millisecond)
				defer tick.Stop()
				for {
					select {
					case <-stopped:
						return
					case <-tick.C:
						p.print("chatter")
					}
				}
			}()
			for event := ""; event != "send command"; event, _ = p.read() {
			}
			p.print("list", "answer")
			p.idle()
			close(stopped)
			<-ended
		})
		c := w.dial()
		for range 9 { // the command has to wait for its turn
			_ = c.Signal(t.Context(), client.PowerSignalStart)
		}
		begin := time.Now()
		got, err := c.Run(t.Context(), "list", nil)
		if err != nil || len(got) == 0 || got[0].Line != "answer" {
			t.Errorf("%q, %v", texts(got), err)
		}
		if took := time.Since(begin); took > console.RunLimit+2*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

// What ended stays ended.
func TestAfterClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWings(t, running)
		c := w.dial()
		_ = c.Close()
		if err := c.WaitPower(t.Context(), client.PowerStateRunning); !errors.Is(err, console.ErrClosed) {
			t.Errorf("WaitPower: %v", err)
		}
		if _, err := c.RequestStats(t.Context()); !errors.Is(err, console.ErrClosed) {
			t.Errorf("RequestStats: %v", err)
		}
		if _, err := c.RequestLogs(t.Context()); !errors.Is(err, console.ErrClosed) {
			t.Errorf("RequestLogs: %v", err)
		}
		if _, err := c.Run(t.Context(), "list", nil); !errors.Is(err, console.ErrClosed) {
			t.Errorf("Run: %v", err)
		}
		_ = c.Close()
	})
}

// The log is asked for while the token is renewed again and again: the race
// detector looks on.
func TestRequestLogsWhileRenewing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWings(t, func(p *peer) {
			p.admit("running")
			var tick *time.Timer
			tick = time.AfterFunc(time.Minute, func() {
				p.send("token expiring")
				tick.Reset(time.Minute)
			})
			p.idle("one")
			tick.Stop()
		})
		c := w.dial()
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range 30 {
					if log, err := c.RequestLogs(t.Context()); err != nil || fmt.Sprint(texts(log)) != "[one]" {
						t.Errorf("%q, %v", texts(log), err)
					}
					time.Sleep(10 * time.Second)
				}
			})
		}
		all.Wait()
	})
}

// A crash is one event, with what the daemon says of it.
func TestCrash(t *testing.T) {
	t.Parallel()
	said := func(text string) string { return "\x1b[33m\x1b[1m[Pterodactyl Daemon]:\x1b[39m " + text + "\x1b[0m" }
	for _, restarts := range []bool{true, false} {
		t.Run(fmt.Sprint("restarts ", restarts), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWings(t, func(p *peer) {
					p.admit("running")
					p.send("status", "offline")
					p.print(said("---------- Detected server process in a crashed state! ----------"), said("Exit code: 137"), said("Out of memory: true"))
					if restarts {
						time.Sleep(84 * time.Millisecond)
						p.send("status", "starting")
					} else {
						p.print(said("Aborting automatic restart, last crash occurred less than 60 seconds ago."))
					}
					p.idle()
				})
				c := w.dial()
				for {
					if crash, is := next(t, c).(console.Crash); is {
						if crash.ExitCode != 137 || !crash.OutOfMemory || crash.Restarts != restarts || len(crash.Lines) < 3 {
							t.Errorf("%+v", crash)
						}
						return
					}
				}
			})
		})
	}
}

// EOF is no verdict: the server may have moved, which the Panel knows.
func TestServerMoves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		old := newWings(t, func(p *peer) {
			p.admit("running")
			_ = p.conn.Close(websocket.StatusGoingAway, "server deleted")
		})
		elsewhere := "ws://other.test:8080/api/servers/0d0afdd1-8d5b-4b63-a4d1-bb7a9da1ba7e/ws"
		var mu sync.Mutex // the log is read on one more socket
		var hosts []string
		old.refuse = func(w http.ResponseWriter, r *http.Request) bool {
			mu.Lock()
			defer mu.Unlock()
			hosts = append(hosts, r.Host)
			if len(hosts) > 1 && r.Host != "other.test:8080" {
				w.WriteHeader(http.StatusNotFound)
				return true
			}
			return false
		}
		old.scripts = append(old.scripts, running)
		old.fetch = func(_ context.Context, n int) (*client.WebsocketCredentials, error) {
			if n > 1 {
				return &client.WebsocketCredentials{Socket: elsewhere, Token: newToken(n, "*")}, nil
			}
			return nil, nil
		}
		c := old.dial()
		until(t, c, console.StateLive)
		until(t, c, console.StateLive)
		mu.Lock()
		defer mu.Unlock()
		if hosts[len(hosts)-1] != "other.test:8080" {
			t.Errorf("hosts: %q", hosts)
		}
	})
}

// Subscriptions get the events they want.
func TestWantedEvents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := make(chan struct{})
		w := newWings(t, func(p *peer) {
			p.admit("running")
			<-begin
			p.print("one")
			p.send("install started")
			p.print("two")
			p.idle()
		})
		c := w.dial()
		if _, err := c.Subscribe(console.KeepAll(), nil); err == nil {
			t.Error("a nil event: no error")
		}
		s, err := c.Subscribe(console.KeepAll(), console.InstallStarted{}, console.StateChange{})
		if err != nil {
			t.Fatal(err)
		}
		close(begin)
		synctest.Wait()
		_ = c.Close()
		var got []string
		for e, err := range s.Events(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, fmt.Sprintf("%T", e))
		}
		if fmt.Sprint(got) != "[console.InstallStarted console.StateChange]" {
			t.Errorf("got %v", got)
		}
	})
}

// Consoles of one node take turns, and so do those that ask one Panel.
func TestGroupTakesTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		dialing, asking, most, mostAsking := 0, 0, 0, 0
		w := newWings(t, running)
		w.fetch = func(context.Context, int) (*client.WebsocketCredentials, error) {
			mu.Lock()
			asking++
			mostAsking = max(mostAsking, asking)
			mu.Unlock()
			time.Sleep(100 * time.Millisecond)
			mu.Lock()
			asking--
			mu.Unlock()
			return nil, nil
		}
		w.refuse = func(http.ResponseWriter, *http.Request) bool {
			mu.Lock()
			dialing++
			most = max(most, dialing)
			mu.Unlock()
			time.Sleep(200 * time.Millisecond)
			mu.Lock()
			dialing--
			mu.Unlock()
			return false
		}
		g, err := console.NewGroup(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		for i := range 40 {
			if err := g.Add(strconv.Itoa(i), w); err != nil {
				t.Fatal(err)
			}
		}
		live := 0
		for e := range g.Events(t.Context()) {
			if change, is := e.Event.(console.StateChange); is && change.To == console.StateLive {
				if live++; live == 40 {
					break
				}
			}
		}
		mu.Lock()
		defer mu.Unlock()
		if most != console.GroupDials || mostAsking != console.GroupDials {
			t.Errorf("%d connected and %d asked at the same time", most, mostAsking)
		}
	})
}

// A renewal that names another node moves the console there.
func TestRenewalMoves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWings(t, func(p *peer) {
			p.admit("running")
			p.send("token expiring")
			p.idle()
		}, running)
		hosts := make(chan string, 10) // the log is read on one more socket
		w.refuse = func(_ http.ResponseWriter, r *http.Request) bool {
			hosts <- r.Host
			return false
		}
		w.fetch = func(_ context.Context, n int) (*client.WebsocketCredentials, error) {
			if n > 1 {
				return &client.WebsocketCredentials{Socket: "ws://other.test:8080/ws", Token: newToken(n, "*")}, nil
			}
			return nil, nil
		}
		c := w.dial()
		until(t, c, console.StateWaiting)
		until(t, c, console.StateLive)
		if first, second := <-hosts, <-hosts; first != "node.test:8080" || second != "other.test:8080" {
			t.Errorf("hosts: %q, %q", first, second)
		}
	})
}
