package console_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/console"
)

func numbered(from, to int) []string {
	var lines []string
	for i := from; i < to; i++ {
		lines = append(lines, fmt.Sprintf("line %d", i))
	}
	return lines
}

// collect returns the lines, and the gaps among them, up to the line "end".
func collect(t *testing.T, c *console.Console) (lines []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), longest)
	defer cancel()
	for e, err := range c.Events(ctx) {
		if err != nil {
			t.Fatalf("the events ended after %q: %v", lines, err)
		}
		switch e := e.(type) {
		case console.Output:
			lines = append(lines, e.Line)
			if e.Line == "end" {
				return lines
			}
		case console.Gap:
			lines = append(lines, "gap: "+string(e.Reason))
		}
	}
	return lines
}

// equal compares lines with those of the parts.
func equal(t *testing.T, got []string, parts ...any) {
	t.Helper()
	var want []string
	for _, part := range parts {
		switch part := part.(type) {
		case []string:
			want = append(want, part...)
		case console.GapReason:
			want = append(want, "gap: "+string(part))
		case string:
			want = append(want, part)
		}
	}
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

const daemonLine = "\x1b[33m\x1b[1m[Pterodactyl Daemon]:\x1b[39m Updating process configuration files...\x1b[0m"

// after is a daemon's script for the main socket after a cut: it prints lines and
// then waits. The log comes on the next socket, see logOf.
func after(lines ...string) func(*peer) {
	return func(p *peer) {
		p.admit("running")
		p.print(lines...)
		time.AfterFunc(5*time.Second, func() { p.print("end") })
		p.idle()
	}
}

// logOf is the script of the socket on which the log is read.
func logOf(lines ...string) func(*peer) {
	return func(p *peer) {
		p.admit("running")
		p.idle(lines...)
	}
}

// What comes after a cut, told from what the log holds.
func TestLinesAfterACut(t *testing.T) {
	t.Parallel()
	first := func(p *peer) {
		p.admit("running")
		p.print(numbered(0, 10)...)
		_ = p.conn.CloseNow()
	}
	offline := func(p *peer) {
		p.admit("offline")
		p.print("end")
		p.idle(numbered(0, 12)...)
	}
	uptime := func(p *peer, d time.Duration) {
		p.send("stats", fmt.Sprintf(`{"memory_bytes":7,"uptime":%d,"state":"running"}`, d.Milliseconds()))
	}
	refused := func(p *peer) { _ = p.conn.CloseNow() }
	startsAnew := func(p *peer) {
		p.admit("running")
		time.AfterFunc(5*time.Second, func() {
			for _, state := range []string{"stopping", "offline", "starting"} {
				p.send("status", state)
			}
			_ = p.conn.CloseNow()
		})
		p.idle()
	}
	for name, c := range map[string]struct {
		scripts []func(*peer)
		want    []any
	}{
		"nothing missed": {[]func(*peer){first, after(), logOf(numbered(0, 10)...)}, []any{numbered(0, 10), "end"}},
		"some missed":    {[]func(*peer){first, after(), logOf(numbered(0, 15)...)}, []any{numbered(0, 15), "end"}},
		"blank lines": {
			[]func(*peer){first, after(), logOf(append([]string{"", ""}, append(numbered(0, 12), "", "")...)...)},
			[]any{numbered(0, 12), "end"},
		},
		"live before the log": {[]func(*peer){first, after("line 12", "line 13"), logOf(numbered(0, 14)...)}, []any{numbered(0, 14), "end"}},
		"too many":            {[]func(*peer){first, after(), logOf(numbered(20, 170)...)}, []any{numbered(0, 10), console.GapLost, numbered(20, 170), "end"}},
		"offline":             {[]func(*peer){first, offline}, []any{numbered(0, 10), console.GapOffline, "end"}},
		"no log":              {[]func(*peer){first, after(), logOf()}, []any{numbered(0, 10), console.GapNoLog, "end"}},
		"no socket for it":    {[]func(*peer){first, after("line 10"), refused, refused, refused}, []any{numbered(0, 10), console.GapNoLog, "line 10", "end"}},
		"a socket later":      {[]func(*peer){first, after("line 11"), refused, logOf(numbered(0, 12)...)}, []any{numbered(0, 12), "end"}},
		"restarted": {
			[]func(*peer){func(p *peer) {
				p.admit("running")
				uptime(p, time.Hour)
				p.print(numbered(0, 10)...)
				_ = p.conn.CloseNow()
			}, func(p *peer) {
				p.admit("running")
				uptime(p, time.Millisecond)
				time.AfterFunc(5*time.Second, func() { p.print("end") })
				p.idle()
			}, logOf(numbered(0, 10)...)},
			[]any{numbered(0, 10), console.GapRestarted, numbered(0, 10), "end"},
		},
		"started meanwhile": {
			[]func(*peer){func(p *peer) {
				p.admit("offline")
				_ = p.conn.CloseNow()
			}, after(), logOf(numbered(0, 10)...)},
			[]any{console.GapRestarted, numbered(0, 10), "end"},
		},
		"offline all the time": {
			[]func(*peer){func(p *peer) {
				p.admit("offline")
				_ = p.conn.CloseNow()
			}, offline}, []any{"end"},
		},
		// A log of ten lines may be all of it, or have been set to hold ten.
		"seen from the start, the log's size unknown": {
			[]func(*peer){func(p *peer) {
				p.admit("offline")
				p.send("status", "starting")
				p.print(daemonLine)
				p.send("status", "running")
				_ = p.conn.CloseNow()
			}, after(), logOf(numbered(0, 10)...)},
			[]any{daemonLine, console.GapLost, numbered(0, 10), "end"},
		},
		"seen from the start": {
			[]func(*peer){first, startsAnew, logOf(numbered(0, 11)...), after(), logOf(numbered(0, 10)...)},
			[]any{numbered(0, 11), numbered(0, 10), "end"},
		},
		"a log that is smaller than usual": {
			[]func(*peer){first, func(p *peer) {
				p.admit("running")
				p.print("line 10")
				time.AfterFunc(5*time.Second, func() { _ = p.conn.CloseNow() })
				p.idle()
			}, logOf(numbered(5, 11)...), after(), logOf(numbered(6, 12)...)},
			[]any{numbered(0, 12), "end"},
		},
		"a log that begins in the middle may have been ended by a long line": {
			[]func(*peer){first, after(), logOf(numbered(5, 11)...)},
			[]any{numbered(0, 10), console.GapAmbiguous, "line 10", "end"},
		},
		// Both were a silent loss or doubled lines once.
		"a live line among those missed, from the start": {
			[]func(*peer){first, startsAnew, logOf(numbered(0, 11)...), func(p *peer) {
				p.admit("running")
				p.print("c")
				time.AfterFunc(500*time.Millisecond, func() { p.print("d") })
				time.AfterFunc(5*time.Second, func() { p.print("end") })
				p.idle()
			}, logOf("a", "b", "c")},
			[]any{numbered(0, 11), "a", "b", "c", "d", "end"},
		},
		"a live line before the log, of those after it": {
			[]func(*peer){func(p *peer) {
				p.admit("running")
				p.print("c", "d", "e")
				_ = p.conn.CloseNow()
			}, func(p *peer) {
				p.admit("running")
				<-p.asked
				p.print("g")
				time.AfterFunc(5*time.Second, func() { p.print("end") })
				p.idle()
			}, func(p *peer) {
				p.admit("running")
				for event := ""; event != "send logs"; event, _ = p.read() {
				}
				close(p.asked)
				p.print("g", "a", "b", "c", "d", "e", "f")
				p.idle()
			}},
			[]any{"c", "d", "e", "f", "g", "end"},
		},
		"nothing seen": {
			[]func(*peer){func(p *peer) {
				p.admit("running")
				_ = p.conn.CloseNow()
			}, after(), logOf(numbered(0, 10)...)}, []any{console.GapUnknown, "end"},
		},
		"the daemon's own lines": {
			[]func(*peer){func(p *peer) {
				p.admit("running")
				p.print(numbered(0, 10)...)
				p.print(daemonLine)
				_ = p.conn.CloseNow()
			}, after(), logOf(numbered(0, 12)...)}, []any{numbered(0, 10), daemonLine, numbered(10, 12), "end"},
		},
		"cut again meanwhile": {
			[]func(*peer){first, func(p *peer) {
				p.admit("running")
				p.print("line 10")
				<-p.asked
				_ = p.conn.CloseNow()
			}, func(p *peer) {
				p.admit("running")
				for event := ""; event != "send logs"; event, _ = p.read() {
				}
				close(p.asked)
				p.print(numbered(0, 11)...)
				p.idle()
			}, after(), logOf(numbered(0, 13)...)},
			[]any{numbered(0, 13), "end"},
		},
		"throttled": {
			[]func(*peer){func(p *peer) {
				p.admit("running")
				p.print("one", throttledLine, "end")
				p.idle()
			}}, []any{"one", throttledLine, console.GapThrottled, "end"},
		},
		"request dropped": {[]func(*peer){first, after(), func(p *peer) {
			p.admit("running")
			p.read()
			p.send("throttled", "send logs")
			p.idle()
		}, logOf(numbered(0, 12)...)}, []any{numbered(0, 12), "end"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWings(t, c.scripts...)
				con := w.dial()
				equal(t, collect(t, con), c.want...)
			})
		})
	}
}

const throttledLine = "\x1b[33m\x1b[1m[Pterodactyl Daemon]:\x1b[39m Server is outputting console data too quickly -- throttling...\x1b[0m"

// Events that were withheld for want of a token are made up for.
func TestLinesWithheld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWings(t, func(p *peer) {
			p.admit("running")
			p.print(numbered(0, 10)...)
			p.send("jwt error", "jwt: exp claim is invalid")
			p.token()
			p.send("auth success")
			p.print("line 14")
			time.AfterFunc(5*time.Second, func() { p.print("end") })
			p.idle()
		}, logOf(numbered(0, 15)...))
		con := w.dial()
		equal(t, collect(t, con), numbered(0, 15), "end")
	})
}

// A token that is refused while the old one is in force withholds nothing.
func TestLinesOfARefusedRenewal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWings(t, func(p *peer) {
			p.admit("running")
			p.print("one")
			p.send("token expiring")
			p.token()
			p.send("jwt error", "Error Event [f7]: jwt: created too far in past (denylist)")
			p.print("two")
			p.token()
			p.send("auth success")
			p.print("end")
			p.idle("not asked for")
		})
		con := w.dial()
		equal(t, collect(t, con), "one", "two", "end")
	})
}

func TestWithLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWings(t, func(p *peer) {
			p.admit("running")
			p.print("line 9") // in the log as well
			time.AfterFunc(3*time.Second, func() {
				p.print("live")
				_ = p.conn.CloseNow()
			})
			p.idle()
		}, logOf(numbered(0, 10)...), after(), logOf(append(numbered(0, 10), "live", "missed")...))
		con := w.dial(console.WithLog())
		var log []string
		for e, err := range con.Events(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if o, is := e.(console.Output); is {
				if o.FromLog != (o.Line != "line 9" && o.Line != "live" && o.Line != "end") {
					t.Errorf("%q: from the log: %t", o.Line, o.FromLog)
				}
				if log = append(log, o.Line); o.Line == "end" {
					break
				}
			}
		}
		equal(t, log, numbered(0, 10), "live", "missed", "end")
	})
}

// What was held back while the log was read is handed out when the console ends.
func TestLinesAtTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWings(t, func(p *peer) {
			p.admit("running")
			p.print("one")
			_ = p.conn.CloseNow()
		}, func(p *peer) {
			p.admit("running")
			p.print("two")
			p.read()
			_ = p.conn.Close(4409, "server is suspended")
		}, func(p *peer) { <-p.t.Context().Done() })
		con := w.dial()
		<-con.Done()
		var lines []string
		for e, err := range con.Events(t.Context()) {
			switch e := e.(type) {
			case console.Output:
				lines = append(lines, e.Line)
			case console.Gap:
				lines = append(lines, "gap")
			}
			if err != nil && !errors.Is(err, console.ErrSuspended) {
				t.Error(err)
			}
		}
		if got := fmt.Sprint(lines); got != "[one gap two]" {
			t.Errorf("lines %s", got)
		}
	})
}

// A reader that is too slow loses its oldest events and learns how many; others
// lose nothing, and the socket is read all the time.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const lines = 10_000
		written := make(chan struct{})
		w := newWings(t, func(p *peer) {
			p.admit("running")
			for event := ""; event != "send command"; event, _ = p.read() { // the sign to begin
			}
			p.print(numbered(0, lines)...)
			close(written)
			p.idle()
		})
		c := w.dial(console.WithPolicy(console.DropOldest(100)))
		keeper, err := c.Subscribe(console.KeepAll())
		if err != nil {
			t.Fatal(err)
		}
		defer keeper.Close()
		channel, err := c.Subscribe(console.DropOldest(100))
		if err != nil {
			t.Fatal(err)
		}
		defer channel.Close()
		if err := c.SendCommand(t.Context(), "go"); err != nil {
			t.Fatal(err)
		}
		<-written // though nobody reads the events
		synctest.Wait()
		kept := 0
		for e, err := range keeper.Events(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if timeless(e) == (console.Output{Line: fmt.Sprintf("line %d", kept)}) {
				if kept++; kept == lines {
					break
				}
			} else if _, is := e.(console.Output); is {
				t.Fatalf("%v came as line %d", e, kept)
			}
		}
		// The console's own events include those before the lines: four changes of
		// its state and the server's.
		for name, reader := range map[string]struct {
			before int
			next   func() console.Event
		}{
			"events":  {5, func() console.Event { return next(t, c) }},
			"channel": {0, func() console.Event { return <-channel.Channel() }},
		} {
			missed, read, last := 0, 0, console.Output{Line: fmt.Sprintf("line %d", lines-1)}
			for done := false; !done; {
				switch e := reader.next().(type) {
				case console.Output:
					read++
					done = timeless(e) == last
				case console.Dropped:
					missed += e.Count
				default:
					t.Fatalf("%s: %v", name, e)
				}
			}
			if read != 100 || missed != lines+reader.before-100 {
				t.Errorf("%s: %d lines read, %d dropped", name, read, missed)
			}
		}
	})
}

// Reading can be broken off and taken up again; closing ends it.
func TestSubscriptions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := make(chan struct{})
		w := newWings(t, func(p *peer) {
			p.admit("running")
			<-begin
			p.print(numbered(0, 10)...)
			p.idle()
		})
		c := w.dial()
		if _, err := c.Subscribe(console.Policy{}); err == nil {
			t.Error("a policy of nothing: no error")
		}
		s, err := c.Subscribe(console.DropOldest(1000))
		if err != nil {
			t.Fatal(err)
		}
		close(begin)
		synctest.Wait()
		var got []string
		for range 5 {
			for e, err := range s.Events(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, e.(console.Output).Line)
				if len(got)%2 == 0 {
					break
				}
			}
		}
		equal(t, got, numbered(0, 10))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		for e, err := range s.Events(ctx) {
			if !errors.Is(err, context.Canceled) || e != nil {
				t.Errorf("%v, %v", e, err)
			}
		}
		s.Close()
		for e, err := range s.Events(t.Context()) {
			t.Errorf("after Close: %v, %v", e, err)
		}
		abandoned, err := c.Subscribe(console.KeepAll())
		if err != nil {
			t.Fatal(err)
		}
		abandoned.Channel()
		_ = c.Close()
		for range c.Channel() {
		}
		late, err := c.Subscribe(console.KeepAll())
		if err != nil {
			t.Fatal(err)
		}
		for e, err := range late.Events(t.Context()) {
			t.Errorf("after the end: %v, %v", e, err)
		}
		abandoned.Close()
	})
}

func TestGroup(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWings(t, func(p *peer) {
			p.admit("running")
			p.idle()
		})
		g, err := console.NewGroup(t.Context(), console.WithPolicy(console.KeepAll()))
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		for i := range 50 {
			if err := g.Add(fmt.Sprintf("s%02d", i), w); err != nil {
				t.Fatal(err)
			}
		}
		if err := g.Add("s00", w); err == nil {
			t.Error("added twice: no error")
		}
		if err := g.Add("nil", nil); err == nil {
			t.Error("no source: no error")
		}
		live := make(map[string]bool)
		for e, err := range g.Events(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if change, is := e.Event.(console.StateChange); is && change.To == console.StateLive {
				live[e.Server] = true
				if len(live) == 50 {
					break
				}
			}
		}
		if len(g.Servers()) != 50 || g.Servers()[7] != "s07" {
			t.Errorf("servers: %q", g.Servers())
		}
		if err := g.Console("s07").SendCommand(t.Context(), "hi"); err != nil {
			t.Error(err)
		}
		g.Remove("s07")
		g.Remove("s07")
		if g.Console("s07") != nil || len(g.Servers()) != 49 {
			t.Error("s07 is still there")
		}
		if err := g.Add("s07", w); err != nil {
			t.Error(err)
		}
		if own := g.Console("s07"); own == nil {
			t.Error("s07 is not there again")
		} else {
			until(t, own, console.StateLive)
		}
		_ = g.Close()
		closed := 0
		for e, err := range g.Events(t.Context()) {
			if err != nil {
				t.Error(err)
			}
			if change, is := e.Event.(console.StateChange); is && change.To == console.StateClosed {
				closed++
			}
		}
		if closed != 51 {
			t.Errorf("%d consoles closed, want 51", closed)
		}
		if err := g.Add("late", w); !errors.Is(err, console.ErrClosed) {
			t.Errorf("err = %v", err)
		}
	})
}

// A console of a group connects as often as it takes, and one that gives up
// leaves the others alone.
func TestGroupKeepsTrying(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWings(t, running)
		w.fetch = func(_ context.Context, n int) (*client.WebsocketCredentials, error) {
			if n < 4 {
				return nil, panelError(409) // it is being installed
			}
			return nil, nil
		}
		g, err := console.NewGroup(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		if err := g.Add("a", w); err != nil {
			t.Fatal(err)
		}
		gone := newWings(t, func(p *peer) { _ = p.conn.Close(4409, "server is suspended") })
		if err := g.Add("b", gone); err != nil {
			t.Fatal(err)
		}
		var told []string
		for e, err := range g.Events(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			change, is := e.Event.(console.StateChange)
			if is && e.Server == "b" && change.To == console.StateClosed {
				if told = append(told, "b closed"); len(told) > 1 {
					continue // it was removed
				}
				if !errors.Is(change.Err, console.ErrSuspended) {
					t.Errorf("b ended with %v", change.Err)
				}
				if err := g.Add("b", gone); err != nil {
					t.Errorf("the name is not free: %v", err)
				}
				g.Remove("b")
			}
			if is && e.Server == "a" && change.To == console.StateLive {
				told = append(told, "a live")
				break
			}
		}
		if !strings.Contains(strings.Join(told, ", "), "b closed") {
			t.Errorf("told: %q", told)
		}
	})
}
