package console

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ptero-go/ptero/client"
)

// take returns the events that came out since the last call.
func (p *player) take() []Event {
	out := p.out
	p.out = nil
	return out
}

func statuses(events []Event) (found []Status) {
	for _, e := range events {
		if status, is := e.(Status); is {
			found = append(found, status)
		}
	}
	return found
}

func (p *player) status(id int, state string) {
	p.bring(id, fmt.Sprintf(`{"event":"status","args":[%q]}`, state))
}

// A power state proves nothing before the token was taken.
func TestStatusBeforeTheToken(t *testing.T) {
	t.Parallel()
	p := newPlayer(t)
	id := p.open()
	p.status(id, "running")
	if p.core.state != StateAuthenticating || p.core.power != "" {
		t.Errorf("it is %s, the server %q", p.core.state, p.core.power)
	}
	p.admit(id)
	if p.core.state != StateLive || p.core.power != client.PowerStateRunning {
		t.Errorf("it is %s, the server %q", p.core.state, p.core.power)
	}
}

// A status is an event after each connection, and otherwise if it is a change.
func TestStatusIsToldOnce(t *testing.T) {
	t.Parallel()
	p, id := opened(t, "running")
	p.status(id, "running")
	p.status(id, "stopping")
	p.status(id, "stopping")
	if got, want := fmt.Sprint(statuses(p.take())), fmt.Sprint([]Status{{"running", ""}, {"stopping", "running"}}); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	p.cut(id)
	id = p.open()
	p.bring(id, `{"event":"auth success"}`)
	p.status(id, "stopping")
	if got, want := fmt.Sprint(statuses(p.take())), fmt.Sprint([]Status{{"stopping", "stopping"}}); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// A sample may be older than the last status. One that is too new for that tells
// the state, and so does the first after a renewal that made up for a lapse.
func TestSamplesTellThePower(t *testing.T) {
	t.Parallel()
	p, id := opened(t, "stopping")
	p.wait(statusFresh - time.Millisecond)
	p.status(id, "offline")
	p.wait(statusFresh)
	p.sample(id, time.Hour)
	if p.core.power != client.PowerStateOffline {
		t.Errorf("a late sample made it %s", p.core.power)
	}
	p.wait(time.Millisecond)
	p.sample(id, time.Hour)
	if p.core.power != client.PowerStateRunning {
		t.Errorf("it is %s still", p.core.power)
	}
	p.status(id, "offline")
	p.bring(id, `{"event":"jwt error","args":["jwt: exp claim is invalid"]}`)
	p.bring(id, `{"event":"auth success"}`)
	p.sample(id, time.Hour)
	if p.core.power != client.PowerStateRunning {
		t.Errorf("after a renewal it is %s still", p.core.power)
	}
	p.bring(id, `{"event":"stats","args":["{\"uptime\":1,\"state\":\"melting\"}"]}`)
	p.wait(time.Minute)
	p.bring(id, `{"event":"stats","args":["{\"uptime\":1,\"state\":\"melting\"}"]}`)
	if p.core.power != client.PowerStateRunning {
		t.Errorf("it is %s, which is no state", p.core.power)
	}
}

// A start ends the reading of a log that begins anew with it, and what was known.
func TestStartEndsTheReadingOfTheLog(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"offline", "starting"} {
		p, id := opened(t, "running")
		p.print(id, "before")
		p.cut(id)
		id = p.open()
		p.admit(id)
		if p.core.read == nil {
			t.Fatal("the log is not read")
		}
		p.print(id, "held")
		p.status(id, state)
		if p.core.read != nil || p.core.lost.open {
			t.Errorf("%s: the log is read still", state)
		}
		lines := p.lines()
		if len(lines) != 3 || lines[0] != "before" || lines[2] != "held" {
			t.Errorf("%s: %q", state, lines)
		}
		if p.core.lines.whole != (state == "starting") {
			t.Errorf("%s: all lines since the start are known: %t", state, p.core.lines.whole)
		}
	}
	// A reading for a caller begins anew.
	p, id := opened(t, "running")
	want := &outgoing{kind: kindLogs, event: "send logs", done: make(chan error, 1)}
	p.core.request(p.now, want)
	p.serve()
	second := p.open()
	p.admit(second)
	p.print(second, "of the last run")
	p.status(id, "starting")
	p.print(id, "of this run")
	p.wait(250 * time.Millisecond)
	second = p.open()
	p.admit(second)
	p.print(second, "of this run")
	p.wait(3 * time.Second)
	if len(want.log) != 1 || want.log[0].Line != "of this run" {
		t.Errorf("the log is %v", want.log)
	}
}

// A server that was started anew, as its uptime tells, has a log that begins anew.
func TestUptimeTellsOfAStart(t *testing.T) {
	t.Parallel()
	p, id := opened(t, "running")
	p.print(id, "before")
	p.sample(id, time.Hour)
	p.wait(time.Second)
	p.sample(id, time.Hour+time.Second)
	if len(p.core.lines.known()) != 1 {
		t.Fatal("nothing is known")
	}
	p.wait(10 * time.Second)
	p.sample(id, 2*time.Second)
	if len(p.core.lines.known()) != 0 || p.core.lines.whole {
		t.Errorf("%d lines are known", len(p.core.lines.known()))
	}
}

// What the daemon says of a crash is one event, which does not wait for ever.
func TestCrashEnds(t *testing.T) {
	t.Parallel()
	said := func(p *player, id int, text string) {
		p.print(id, "\x1b[33m\x1b[1m[Pterodactyl Daemon]:\x1b[39m "+text+"\x1b[0m")
	}
	crashes := func(p *player) (found []Crash) {
		for _, e := range p.take() {
			if crash, is := e.(Crash); is {
				found = append(found, crash)
			}
		}
		return found
	}
	p, id := opened(t, "running")
	said(p, id, "Exit code: 7") // of nothing
	said(p, id, "---------- Detected server process in a crashed state! ----------")
	said(p, id, "Exit code: 137")
	said(p, id, "Out of memory: true")
	p.wait(crashPause - time.Millisecond)
	if got := crashes(p); len(got) != 0 {
		t.Fatalf("it is told of early: %v", got)
	}
	p.wait(time.Millisecond)
	got := crashes(p)
	if len(got) != 1 || got[0].ExitCode != 137 || !got[0].OutOfMemory || got[0].Restarts || len(got[0].Lines) != 3 {
		t.Fatalf("%+v", got)
	}
	said(p, id, "Detected server process in a crashed state")
	said(p, id, "Exit code: many")
	said(p, id, "Out of memory: false")
	p.status(id, "offline")
	p.status(id, "starting")
	got = crashes(p)
	if len(got) != 1 || got[0].ExitCode != -1 || got[0].OutOfMemory || !got[0].Restarts {
		t.Fatalf("%+v", got)
	}
	said(p, id, "Detected server process in a crashed state")
	said(p, id, "Aborting automatic restart, last crash occurred less than 60 seconds ago.")
	if got = crashes(p); len(got) != 1 || got[0].Restarts {
		t.Fatalf("%+v", got)
	}
	said(p, id, "Detected server process in a crashed state")
	said(p, id, "Detected server process in a crashed state") // two in a row
	p.core.close(p.now, nil)
	p.serve()
	if got = crashes(p); len(got) != 2 {
		t.Fatalf("%+v", got)
	}
}

// A long line and the daemon's throttling tear the lines: what is known ends there,
// and a log that is being read for something else is given up.
func TestTornLines(t *testing.T) {
	t.Parallel()
	long := make([]byte, longLine)
	for i := range long {
		long[i] = 'x'
	}
	for reason, line := range map[GapReason]string{
		GapLongLine:  string(long),
		GapThrottled: "\x1b[33m\x1b[1m[Pterodactyl Daemon]:\x1b[39m Server is outputting console data too quickly -- throttling...\x1b[0m",
	} {
		p, id := opened(t, "running")
		p.print(id, "before")
		want := &outgoing{kind: kindLogs, event: "send logs", done: make(chan error, 1)}
		p.core.request(p.now, want)
		p.serve()
		p.print(id, line)
		if got := p.lines(); len(got) != 3 || got[2] != "gap: "+string(reason) {
			t.Errorf("%.100q", got)
		}
		if len(p.core.lines.known()) != 0 || p.core.read != nil && p.core.read.live != nil {
			t.Errorf("%s: %d lines are known", reason, len(p.core.lines.known()))
		}
		second := p.open()
		p.admit(second)
		p.print(second, "before", "after")
		p.wait(3 * time.Second)
		if len(want.log) != 2 {
			t.Errorf("the log is %v", want.log)
		}
	}
	// One byte less is a line like any other.
	p, id := opened(t, "running")
	p.print(id, string(long[1:]))
	if got := p.lines(); len(got) != 1 {
		t.Errorf("%.100q", got)
	}
}

// Lines that wait for the log are bounded in bytes.
func TestHeldBytesAreBounded(t *testing.T) {
	t.Parallel()
	p, id := opened(t, "running")
	p.print(id, "before")
	p.cut(id)
	id = p.open()
	p.admit(id)
	long := make([]byte, longLine-1)
	for i := range long {
		long[i] = 'x'
	}
	n := 0
	for p.core.read != nil {
		p.print(id, string(long))
		if n++; n > mostHeldMem/longLine+1 {
			t.Fatalf("%d lines are held", n)
		}
	}
	if got := p.lines(); n < mostHeldMem/longLine-1 || len(got) != n+2 || got[1] != "gap: "+string(GapNoLog) {
		t.Errorf("after %d lines: %.100q", n, got)
	}
}

// After a lapse of the token nothing is lost, and it is known whether the server
// was started anew meanwhile.
func TestLapseIsMadeUpFor(t *testing.T) {
	t.Parallel()
	for _, again := range []bool{false, true} {
		p, id := opened(t, "running")
		p.wait(time.Second)
		p.core.main.baselined = true
		p.print(id, "a", "b", "c")
		p.sample(id, time.Hour)
		p.bring(id, `{"event":"jwt error","args":["jwt: exp claim is invalid"]}`)
		p.print(id, "out of place") // of a token that is not in force
		p.wait(10 * time.Second)
		p.bring(id, `{"event":"auth success"}`)
		if again {
			p.sample(id, time.Second)
		} else {
			p.sample(id, time.Hour+10*time.Second)
		}
		second := p.open()
		p.admit(second)
		if again {
			p.print(second, "anew")
		} else {
			p.print(second, "a", "b", "c", "d")
		}
		p.wait(3 * time.Second)
		want := []string{"a", "b", "c", "d"}
		if again {
			want = []string{"a", "b", "c", "gap: " + string(GapRestarted), "anew"}
		}
		if got := p.lines(); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// While the daemon does not take the token, requests that it would drop fail, and
// earlier ones that it may have dropped are told of, with what is known of the
// moment at which it stopped.
func TestBarredRequests(t *testing.T) {
	t.Parallel()
	p, id := opened(t, "running")
	p.core.creds.permissions = []string{"*"}
	send := func(out *outgoing) *outgoing {
		out.done = make(chan error, 1)
		p.core.request(p.now, out)
		p.serve()
		return out
	}
	early := send(newCommand("early"))
	p.wait(doubtful + time.Millisecond)
	p.print(id, "the daemon answers")
	late := send(newCommand("late"))
	p.wait(time.Second)
	p.bring(id, `{"event":"jwt error","args":["jwt: exp claim is invalid"]}`)
	var lost []string
	for _, e := range p.take() {
		if e, is := e.(CommandsLost); is {
			lost = append(lost, e.Commands...)
			if !errors.Is(e.Err, ErrToken) {
				t.Error(e.Err)
			}
		}
	}
	if fmt.Sprint(lost) != "[late]" {
		t.Errorf("lost: %q", lost)
	}
	if early.written.IsZero() || late.written.IsZero() {
		t.Error("not written")
	}
	refused := send(newCommand("refused"))
	if err := <-refused.done; !errors.Is(err, ErrToken) {
		t.Errorf("while barred: %v", err)
	}
	if got := p.core.outbox[kindCommand]; len(got) != 0 {
		t.Errorf("%d wait", len(got))
	}
}

// What was printed before the first line is asked for once, when it is likely that
// the server is at rest, and only where it is not known.
func TestBaseline(t *testing.T) {
	t.Parallel()
	hour := func(p *player) time.Duration {
		return time.Hour + p.now.Sub(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	}
	p, id := opened(t, "running")
	p.sample(id, hour(p))
	p.wait(baselineAfter)
	p.sample(id, hour(p))
	if len(p.dial) != 0 {
		t.Fatal("it is asked for at once")
	}
	p.print(id, "c")
	p.wait(time.Millisecond)
	p.sample(id, 0)
	if len(p.dial) != 0 {
		t.Fatal("it is asked for although nothing tells that the server runs")
	}
	p.sample(id, hour(p))
	second := p.open()
	p.admit(second)
	p.print(second, "a", "b", "c")
	p.sample(id, hour(p)) // one reading is enough
	if len(p.dial) != 0 {
		t.Fatal("it is asked for twice")
	}
	p.wait(3 * time.Second)
	if want := prints("a", "b", "c"); !slices.Equal(p.core.lines.known(), want) || p.core.lines.whole {
		t.Errorf("%d lines are known", len(p.core.lines.known()))
	}
	if got := p.lines(); !slices.Equal(got, []string{"c"}) {
		t.Errorf("%q came", got)
	}
	p.sample(id, hour(p))
	if len(p.dial) != 0 {
		t.Error("it is asked for again")
	}

	// All lines of a server that has just been started are known.
	p, id = opened(t, "offline")
	p.status(id, "starting")
	p.status(id, "running")
	p.wait(time.Second)
	p.sample(id, time.Second)
	if len(p.dial) != 0 {
		t.Error("it is asked for although all lines are known")
	}
}

// A running server is asked for its use as soon as the console is live: the uptime
// tells of a start. One that is offline has none, and no lines before those to come.
func TestUseIsAskedFor(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]int{"running": 1, "starting": 1, "offline": 0} {
		p := newPlayer(t)
		id := p.open()
		p.bring(id, `{"event":"auth success"}`)
		d := decoder{now: p.now}
		p.core.frames(p.now, id, []Event{d.decode([]byte(`{"event":"status","args":["` + state + `"]}`))})
		asked := 0
		for _, a := range p.core.actions {
			if a.do == doSend && a.event == "send stats" {
				asked++
			}
		}
		if asked != want {
			t.Errorf("%s: asked %d times", state, asked)
		}
	}
	p, id := opened(t, "running")
	p.print(id, "before")
	p.cut(id)
	id = p.open()
	p.bring(id, `{"event":"auth success"}`)
	p.status(id, "offline")
	if got := p.lines(); !slices.Equal(got, []string{"before", "gap: " + string(GapOffline)}) || len(p.core.lines.known()) != 0 {
		t.Errorf("%q, %d known", got, len(p.core.lines.known()))
	}
}

// Commands wait for the first line of each start.
func TestEachStartIsWaitedFor(t *testing.T) {
	t.Parallel()
	p, id := opened(t, "running")
	p.print(id, "attached")
	for range 2 {
		p.status(id, "offline")
		p.status(id, "starting")
		out := newCommand("early")
		out.done = make(chan error, 1)
		p.core.request(p.now, out)
		p.serve()
		if err := <-out.done; !errors.Is(err, ErrStarting) {
			t.Errorf("before the first line: %v", err)
		}
		p.print(id, "\x1b[33m\x1b[1m[Pterodactyl Daemon]:\x1b[39m Pulling the image\x1b[0m") // not the server's
		p.core.request(p.now, out)
		p.serve()
		if err := <-out.done; !errors.Is(err, ErrStarting) {
			t.Errorf("after a line of the daemon: %v", err)
		}
		p.print(id, "booting")
		out = newCommand("in time")
		out.done = make(chan error, 1)
		p.core.request(p.now, out)
		p.serve()
		if out.written.IsZero() {
			t.Error("it was not sent")
		}
		p.wait(time.Second)
	}
}
