package console

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ptero-go/ptero/client"
)

// reconnected returns a player whose console has shown some lines, was cut and is
// live again. It has yet to read the log.
func reconnected(t *testing.T, lines ...string) (*player, int) {
	t.Helper()
	p, id := opened(t, "running")
	p.core.log.least = logLines // a short log is all of it
	p.print(id, lines...)
	p.cut(id)
	id = p.open()
	p.admit(id)
	p.core.main.baselined, p.core.main.measured = true, true // no other reading follows
	return p, id
}

// asking returns a request for the log.
func (p *player) asking() *outgoing {
	out := &outgoing{kind: kindLogs, event: "send logs", done: make(chan error, 1)}
	p.core.request(p.now, out)
	p.serve()
	return out
}

// outcome returns that of a request, and whether there is one.
func outcome(out *outgoing) (err error, answered bool) {
	select {
	case err := <-out.done:
		return err, true
	default:
		return nil, false
	}
}

// Whatever keeps the log from coming is tried again, twice, and then a Gap stands
// for it and the lines that waited follow.
func TestReadingFails(t *testing.T) {
	t.Parallel()
	admit := func(p *player) int {
		second := p.open()
		p.admit(second)
		return second
	}
	for name, c := range map[string]struct {
		try  func(p *player, main int)
		most time.Duration // that three tries take
	}{
		"the socket is refused": {func(p *player, _ int) {
			id := p.dial[0]
			p.dial = p.dial[1:]
			p.core.failed(p.now, id, errors.New("refused"))
			p.serve()
		}, time.Second},
		"the socket is not opened": {func(p *player, _ int) { p.wait(logAnswer) }, 11 * time.Second},
		"the token is not taken": {func(p *player, _ int) {
			p.open()
			p.wait(logAnswer)
		}, 11 * time.Second},
		"the token is refused": {func(p *player, _ int) {
			p.bring(p.open(), `{"event":"jwt error","args":["Error Event [x]: jwt: exp claim is invalid"]}`)
		}, time.Second},
		"the token is not understood": {func(p *player, _ int) {
			p.bring(p.open(), `{"event":"daemon error","args":["an error"]}`)
		}, time.Second},
		"the question is dropped": {func(p *player, _ int) {
			p.bring(admit(p), `{"event":"throttled","args":["send logs"]}`)
		}, time.Second},
		"all is dropped": {func(p *player, _ int) {
			p.bring(admit(p), `{"event":"throttled","args":["global"]}`)
		}, time.Second},
		"the socket breaks": {func(p *player, _ int) {
			p.cut(admit(p))
		}, time.Second},
		"pings are not answered": {func(p *player, main int) {
			second := admit(p)
			p.print(second, "a", "b", "c")
			p.mute = true
			for range 10 {
				p.wait((logAnswer + logSample) / 10)
				p.sample(main, p.now.Sub(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC))) // it is there
			}
			p.mute = false
		}, 15 * time.Second},
		"the log never ends": {func(p *player, main int) {
			second := admit(p)
			for i := range 60 {
				p.print(second, fmt.Sprint("flood ", i))
				p.wait(80 * time.Millisecond)
				p.sample(main, p.now.Sub(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)))
			}
		}, 17 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, main := reconnected(t, "a", "b", "c")
			p.print(main, "held")
			begin := p.now
			for try := range logTries {
				if p.core.read == nil {
					t.Fatalf("given up after %d tries", try)
				}
				for i := 0; len(p.dial) == 0; i++ {
					if i == 100 {
						t.Fatalf("no try %d", try+1)
					}
					p.wait(10 * time.Millisecond)
				}
				c.try(p, main)
			}
			if p.core.read != nil || p.core.lost.open {
				t.Fatalf("not given up: %+v", p.core.read)
			}
			if took := p.now.Sub(begin); took > c.most {
				t.Errorf("given up after %v", took)
			}
			if got, want := p.lines(), []string{"a", "b", "c", "gap: " + string(GapNoLog), "held"}; !slices.Equal(got, want) {
				t.Errorf("%q, want %q", got, want)
			}
			if known := p.core.lines.known(); !slices.Equal(known, prints("held")) {
				t.Errorf("%d lines are known", len(known))
			}
			// A caller who asks gets an error, of the same cause.
			out := p.asking()
			for range logTries {
				for range 100 {
					if len(p.dial) == 0 {
						p.wait(10 * time.Millisecond)
					}
				}
				c.try(p, main)
			}
			if err, is := outcome(out); name != "the log never ends" && (!is || !errors.Is(err, ErrSilent)) {
				t.Errorf("the caller gets %v", err)
			}
		})
	}
}

// A second socket that waits for its turn is not late.
func TestReadingWaitsForItsTurn(t *testing.T) {
	t.Parallel()
	p, main := reconnected(t, "a", "b", "c")
	p.turn = true
	p.wait(time.Millisecond)
	for range 60 {
		p.wait(time.Second)
		p.sample(main, time.Hour)
	}
	if p.core.read == nil || p.core.read.tries > 1 {
		t.Fatalf("%+v", p.core.read)
	}
}

// The log has ended when both sockets have been silent of it for a while, and the
// uptime reports whether it is of the same run: without a sample that is waited for.
func TestReadingTakesNoLongerThanItMust(t *testing.T) {
	t.Parallel()
	for _, sampled := range []bool{true, false} {
		p, main := reconnected(t, "a", "b", "c")
		second := p.open()
		p.admit(second)
		if sampled {
			p.sample(main, time.Hour)
		}
		begin := p.now
		p.print(second, "a", "b", "c", "d")
		for p.core.read != nil {
			p.wait(time.Millisecond)
		}
		took, want := p.now.Sub(begin), logPause
		if !sampled {
			want = logSample
		}
		if took < want || took > want+5*time.Millisecond {
			t.Errorf("sampled %t: it took %v", sampled, took)
		}
		if got := p.lines(); !slices.Equal(got, []string{"a", "b", "c", "d"}) {
			t.Errorf("%q", got)
		}
	}
}

// A log that pauses is read on.
func TestLogThatPauses(t *testing.T) {
	t.Parallel()
	p, main := reconnected(t, "a", "b", "c")
	second := p.open()
	p.admit(second)
	p.sample(main, time.Hour)
	p.print(second, "a", "b")
	p.mute = true // the answer is under way
	p.wait(logPause + time.Millisecond)
	asked := p.core.read.tag
	p.print(second, "c", "d")
	p.mute = false
	p.core.pong(p.now, main, asked, nil)
	p.core.pong(p.now, main, asked-1, nil) // of another question
	p.core.pong(p.now, main, asked, errors.New("none"))
	p.serve()
	if p.core.read == nil || p.core.read.pongs != 1 {
		t.Fatalf("%+v", p.core.read)
	}
	p.core.pong(p.now, second, asked, nil)
	p.serve()
	if p.core.read == nil {
		t.Fatal("it has ended")
	}
	p.wait(logPause)
	if got := p.lines(); !slices.Equal(got, []string{"a", "b", "c", "d"}) {
		t.Errorf("%q", got)
	}
}

// A caller's question for the log outlives the connection, but not the console, and
// is not asked while the token is not in force.
func TestRequestForTheLogOutlivesTheConnection(t *testing.T) {
	t.Parallel()
	p, id := opened(t, "running")
	out, next := p.asking(), p.asking()
	p.open()
	p.cut(id)
	id = p.open()
	p.admit(id)
	second := p.open()
	p.admit(second)
	p.print(second, "a")
	p.wait(3 * time.Second) // it makes up for the interruption first
	second = p.open()
	p.admit(second)
	p.print(second, "a")
	p.wait(3 * time.Second)
	if err, is := outcome(out); !is || err != nil || len(out.log) != 1 {
		t.Fatalf("%v, %v, %t", out.log, err, is)
	}
	p.open()
	p.bring(id, `{"event":"jwt error","args":["jwt: exp claim is invalid"]}`)
	p.wait(time.Second)
	if len(p.dial) > 0 || p.core.read != nil {
		t.Error("it is asked without a token")
	}
	p.core.close(p.now, nil)
	p.serve()
	if err, is := outcome(next); !is || !errors.Is(err, ErrClosed) {
		t.Errorf("%v, %t", err, is)
	}

	p, _ = opened(t, "running")
	out = p.asking()
	p.open()
	p.core.close(p.now, nil)
	p.serve()
	if err, is := outcome(out); !is || !errors.Is(err, ErrClosed) {
		t.Errorf("%v, %t", err, is)
	}
}

// A server that is offline has no log: who asked gets an empty one.
func TestLogOfAServerThatGoesOffline(t *testing.T) {
	t.Parallel()
	p, id := opened(t, "running")
	out := p.asking()
	second := p.open()
	p.admit(second)
	p.print(second, "a")
	p.status(id, "offline")
	p.wait(time.Millisecond)
	if err, is := outcome(out); !is || err != nil || len(out.log) != 0 || p.core.read != nil {
		t.Errorf("%v, %v, %t", out.log, err, is)
	}
	if got := p.lines(); len(got) != 0 {
		t.Errorf("%q", got)
	}
	out = p.asking()
	if err, is := outcome(out); !is || err != nil {
		t.Errorf("%v, %t", err, is)
	}
}

// A flood on the second socket is not kept for ever.
func TestFloodOnTheSecondSocket(t *testing.T) {
	t.Parallel()
	p, main := reconnected(t, "a", "b", "c")
	second := p.open()
	p.admit(second)
	for range mostHeld + 1 {
		p.print(second, "flood")
	}
	if p.core.read != nil {
		t.Fatal("it is read on")
	}
	p.print(main, "d")
	if got, want := p.lines(), []string{"a", "b", "c", "gap: " + string(GapNoLog), "d"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// The signs that a server was started anew during an interruption.
func TestRestarted(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	const off, up, down, on = client.PowerStateOffline, client.PowerStateStarting, client.PowerStateStopping, client.PowerStateRunning
	for name, c := range map[string]struct {
		before, after  client.PowerState
		start, started time.Duration // by the samples before and after, from the interruption on; 0 for none
		again, perhaps bool
	}{
		"nothing told":             {before: on, after: on},
		"it was offline":           {before: off, after: on, again: true},
		"it was stopping":          {before: down, after: on, again: true},
		"it is stopping still":     {before: down, after: down},
		"it is starting":           {before: on, after: up, again: true},
		"it was starting":          {before: up, after: on},
		"the same run":             {before: on, after: on, start: -time.Hour, started: -time.Hour},
		"nearly the same time":     {before: on, after: on, start: -time.Hour, started: -time.Hour + runSlack},
		"another run":              {before: on, after: on, start: -time.Hour, started: -time.Hour + runSlack + time.Second, again: true},
		"surely after":             {before: on, after: on, started: runSlack + 1, again: true, perhaps: true},
		"at about that time":       {before: up, after: on, started: runSlack, perhaps: true},
		"at that very time":        {before: up, after: on, started: 1, perhaps: true},
		"before":                   {before: up, after: on, started: -1},
		"a sample before, no more": {before: on, after: on, start: -time.Hour},
	} {
		k := newCore(settings{}, nil)
		k.now = at.Add(10 * time.Second)
		k.lost = interruption{open: true, power: c.before, at: at}
		k.power = c.after
		r := new(logRead)
		if c.start != 0 {
			k.run = runClock{at.Add(c.start), true}
		}
		if c.started != 0 {
			r.run = runClock{at.Add(c.started), true}
		}
		again, perhaps := k.restarted(r)
		if again != c.again || !again && perhaps != c.perhaps {
			t.Errorf("%s: again %t, perhaps %t", name, again, perhaps)
		}
	}
}

// What becomes of a log, by what is known when it has been read.
func TestOutcomesOfTheLog(t *testing.T) {
	t.Parallel()
	const ambiguous, lost, none, restarted, unknown = "gap: " + string(GapAmbiguous), "gap: " + string(GapLost), "gap: " + string(GapNoLog),
		"gap: " + string(GapRestarted), "gap: " + string(GapUnknown)
	full := make([]string, logLines) // of other lines
	for i := range full {
		full[i] = fmt.Sprint("other ", i)
	}
	for name, c := range map[string]struct {
		power          string
		before, log    []string
		uptime         time.Duration // before the cut, 0 for none told
		after          time.Duration // after it
		want           []string
		known          []string // "" first for all since the start
		whole, unsized bool
	}{
		"nothing missed": {power: "running", before: []string{"a", "b", "c"}, log: []string{"a", "b", "c"}, want: []string{"a", "b", "c"}, known: []string{"a", "b", "c"}, whole: true},
		"older lines": {
			power: "running", before: []string{"a", "b", "c"}, log: []string{"o", "a", "b", "c", "d"}, want: []string{"a", "b", "c", "d"},
			known: []string{"o", "a", "b", "c", "d"}, whole: true,
		},
		"older lines, and perhaps more": {
			power: "running", before: []string{"a", "b", "c"}, log: []string{"o", "a", "b", "c", "d"}, want: []string{"a", "b", "c", "d"},
			known: []string{"a", "b", "c", "d"}, unsized: true,
		},
		"nothing known in it": {
			power: "running", before: []string{"a", "b", "c"}, log: full, want: append([]string{"a", "b", "c", lost}, full...), known: full,
		},
		"only blank lines": {power: "running", before: []string{}, log: []string{"", ""}, uptime: time.Hour, after: time.Hour, want: []string{unknown}},
		"no log":           {power: "running", before: []string{"a"}, log: nil, want: []string{"a", none}},
		"nothing known":    {power: "running", before: nil, log: []string{"a"}, uptime: time.Hour, after: time.Hour, want: []string{unknown}, known: []string{"a"}, whole: true},
		"another run": {
			power: "running", before: []string{"a"}, log: []string{"b"}, uptime: time.Hour, after: 5 * time.Second,
			want: []string{"a", restarted, "b"}, known: []string{"b"}, whole: true,
		},
		"started at once": {
			power: "offline", log: []string{"b"}, after: 10 * time.Second, want: []string{"b"}, known: []string{"b"}, whole: true,
		},
		"started late": {
			power: "offline", log: []string{"b"}, after: 8 * time.Second, want: []string{restarted, "b"}, known: []string{"b"}, whole: true,
		},
		"started at some time":    {power: "offline", log: []string{"b"}, want: []string{restarted, "b"}, known: []string{"b"}, whole: true},
		"started, nothing to see": {power: "offline", log: nil, after: 10 * time.Second, want: []string{none}},
		"what cannot be": {
			power: "running", before: []string{"a", "b", "c"}, log: []string{"a", "c", "d"}, want: []string{"a", "b", "c", lost, "d"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, id := opened(t, c.power)
			p.core.main.baselined = true
			if !c.unsized {
				p.core.log.least = logLines
			}
			if c.uptime > 0 {
				p.sample(id, c.uptime)
			}
			p.print(id, c.before...)
			p.cut(id)
			p.take()
			began := p.now
			p.wait(10*time.Second - 50*time.Millisecond)
			id = p.open()
			p.admit(id)
			p.core.main.baselined, p.core.main.measured = true, true
			p.wait(began.Add(10 * time.Second).Sub(p.now))
			after := c.after
			if after > time.Minute {
				after += 10 * time.Second
			}
			for try := 0; try < logTries && p.core.read != nil; try++ {
				second := p.open()
				p.admit(second)
				if after > 0 {
					p.sample(id, after+p.now.Sub(began.Add(10*time.Second)))
				}
				p.print(second, c.log...)
				for p.core.read != nil && p.core.read.id == second {
					p.wait(10 * time.Millisecond)
				}
			}
			got := append(slices.Clone(c.before), p.lines()...)
			if !slices.Equal(got, c.want) && fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
			if known := p.core.lines.known(); !slices.Equal(known, prints(c.known...)) || p.core.lines.whole != c.whole {
				t.Errorf("%d lines are known, all %t", len(known), p.core.lines.whole)
			}
		})
	}
}

// Lines that are a guess are not looked for in the next log. That would contradict
// them, and so the lines of one log after the other would come again.
func TestGuessIsForgotten(t *testing.T) {
	t.Parallel()
	p, main := opened(t, "running")
	clock := func() time.Duration { return time.Hour + p.now.Sub(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) }
	read := func(live []string, log ...string) {
		t.Helper()
		second := p.open()
		p.admit(second)
		p.sample(main, clock())
		p.print(main, live...)
		p.print(second, log...)
		for range 300 {
			if p.core.read == nil || p.core.read.id != second {
				return
			}
			p.wait(10 * time.Millisecond)
		}
		t.Fatal("the reading never ends")
	}
	before := []string{"a", "b", "x", "c", "x"}
	p.print(main, before...)
	p.cut(main)
	main = p.open()
	p.admit(main)
	p.core.main.baselined = true // as on a socket that has had a lapse
	log := slices.Concat(before, []string{"y", "x", "x"})
	read([]string{"x"}, log...) // was one x missed, or did the live one come again?
	if got := p.lines(); !slices.Equal(got, slices.Concat(before, []string{"gap: " + string(GapAmbiguous), "y", "x"})) {
		t.Fatalf("%q came", got)
	}
	log = append(log, "e")
	p.print(main, "e")
	p.wait(baselineAfter)
	p.sample(main, clock())
	read(nil, log...)
	p.take()
	p.cut(main)
	main = p.open()
	p.admit(main)
	read(nil, append(log, "f")...)
	if got := p.lines(); !slices.Equal(got, []string{"f"}) {
		t.Errorf("%q came, want f alone", got)
	}
}

// A console that begins with the log says so if it is not clear where that ends.
func TestLogAtTheBeginning(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ live, log, want []string }{
		"clear":     {[]string{"c"}, []string{"a", "b", "c"}, []string{"a", "b", "c"}},
		"ambiguous": {[]string{"x"}, []string{"x", "x", "x"}, []string{"gap: " + string(GapAmbiguous)}},
	} {
		p := newPlayer(t)
		p.core.withLog = true
		id := p.open()
		p.admit(id)
		p.core.main.baselined = true
		second := p.open()
		p.print(id, c.live...)
		p.admit(second)
		p.print(second, c.log...)
		p.wait(3 * time.Second)
		got := p.lines()
		if name == "ambiguous" && len(got) > 0 && got[0] == c.want[0] {
			continue // how many x there are nobody knows
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
