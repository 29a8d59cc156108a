package console

import (
	"errors"
	"testing"
	"time"
)

// opened returns a player whose console is live.
func opened(t *testing.T, power string) (*player, int) {
	t.Helper()
	p := newPlayer(t)
	id := p.open()
	p.bring(id, `{"event":"auth success"}`)
	p.bring(id, `{"event":"status","args":["`+power+`"]}`)
	if p.core.state != StateLive {
		t.Fatalf("it is %s", p.core.state)
	}
	return p, id
}

// A daemon that does not answer a ping but sends something else is there.
func TestMessagesAnswerPings(t *testing.T) {
	t.Parallel()
	p, id := opened(t, "offline")
	p.mute = true
	for range 10 {
		p.wait(KeepAlive + Patience/2)
		if p.core.main == nil || p.core.main.asked.IsZero() {
			t.Fatal("the daemon was not asked")
		}
		p.bring(id, `{"event":"console output","args":["here"]}`)
	}
	p.wait(KeepAlive + Patience)
	if p.core.main != nil || !errors.Is(p.core.cause, ErrSilent) {
		t.Errorf("it is %s, after %v", p.core.state, p.core.cause)
	}
}

// A dial without an answer does not keep others from being made.
func TestDialsBesideEachOther(t *testing.T) {
	t.Parallel()
	p, id := opened(t, "running")
	p.core.broken(p.now, id, brokenSocket(errors.New("cut")))
	p.serve()
	p.wait(DialPatience * 3)
	if n := len(p.dial); n != 3 {
		t.Errorf("%d dials are under way", n)
	}
	p.wait(time.Minute)
	if n := len(p.dial); n != mostDials {
		t.Errorf("%d dials are under way", n)
	}
	late := p.dial[0]
	p.dial = p.dial[1:]
	p.core.opened(p.now, late) // a slow one wins
	p.serve()
	if p.core.main == nil || p.core.main.id != late || len(p.dial) != 0 {
		t.Errorf("it is %s, %d dials are left", p.core.state, len(p.dial))
	}
}

// Connections that end as soon as they are live do not follow each other without
// a pause, but the one after a connection that lasted is made at once.
func TestUnsteadyConnections(t *testing.T) {
	t.Parallel()
	p, id := opened(t, "offline")
	again := func(lasts time.Duration) (wait time.Duration) {
		t.Helper()
		p.wait(lasts)
		p.cut(id)
		began := p.now
		id = p.open()
		wait = p.now.Sub(began)
		p.bring(id, `{"event":"auth success"}`)
		p.bring(id, `{"event":"status","args":["offline"]}`)
		return wait
	}
	if wait := again(time.Minute); wait > MinBackoff {
		t.Errorf("the first wait is %v", wait)
	}
	began := p.now
	for range 60 {
		again(0)
	}
	if took := p.now.Sub(began); took < 3*time.Second {
		t.Errorf("sixty connections that ended at once were made in %v", took)
	}
	again(steady)
	if wait := again(0); wait > MinBackoff {
		t.Errorf("after a connection that lasted the wait is %v", wait)
	}
}

// A reading of the log that never ends, because a flood hides its end, is given
// up, and what waited is handed out.
func TestHeldLinesAreBounded(t *testing.T) {
	t.Parallel()
	p, id := opened(t, "running")
	p.bring(id, `{"event":"console output","args":["before"]}`)
	p.core.broken(p.now, id, brokenSocket(errors.New("cut")))
	p.serve()
	id = p.open()
	p.bring(id, `{"event":"auth success"}`)
	p.bring(id, `{"event":"status","args":["running"]}`)
	for range mostHeld + 1 {
		p.bring(id, `{"event":"console output","args":["flood"]}`)
	}
	lines, gaps := 0, 0
	for _, e := range p.out {
		switch e.(type) {
		case Output:
			lines++
		case Gap:
			gaps++
		}
	}
	if lines != mostHeld+2 || gaps != 1 || p.core.read != nil {
		t.Errorf("%d lines, %d gaps, reading %v", lines, gaps, p.core.read)
	}
}

// sends returns the commands that the core wants written, without writing them.
func (p *player) sends() (commands []*outgoing) {
	for _, a := range p.core.actions {
		if a.do == doSend && a.out != nil {
			commands = append(commands, a.out)
		}
	}
	p.core.actions = nil
	return commands
}

// A command is not written before the last one has been for a while.
func TestCommandsWaitForEachOther(t *testing.T) {
	t.Parallel()
	p, id := opened(t, "running")
	first, second := newCommand("one"), newCommand("two")
	p.core.request(p.now, first)
	p.core.request(p.now, second)
	if got := p.sends(); len(got) != 1 || got[0] != first {
		t.Fatalf("%d are to be written", len(got))
	}
	p.now = p.now.Add(time.Second) // it takes so long
	p.core.tick(p.now)
	if got := p.sends(); len(got) != 0 {
		t.Fatalf("%d are to be written", len(got))
	}
	p.core.written(p.now, id, first, nil)
	if got := p.sends(); len(got) != 0 || !p.core.wake.Equal(p.now.Add(CommandSpacing)) {
		t.Fatalf("%d are to be written, the next at %v", len(got), p.core.wake)
	}
	p.core.tick(p.core.wake)
	if got := p.sends(); len(got) != 1 || got[0] != second {
		t.Fatalf("%d are to be written", len(got))
	}
}

// A command whose answer is collected is not sent while older lines are still to
// come.
func TestRunWaitsForOlderLines(t *testing.T) {
	t.Parallel()
	p, id := opened(t, "running")
	p.bring(id, `{"event":"console output","args":["before"]}`)
	p.core.broken(p.now, id, brokenSocket(errors.New("cut")))
	p.serve()
	id = p.open()
	p.bring(id, `{"event":"auth success"}`)
	p.bring(id, `{"event":"status","args":["running"]}`)
	out := newCommand("list")
	out.after = true
	p.core.request(p.now, out)
	p.serve()
	if !out.written.IsZero() {
		t.Error("it was sent while the log is being read")
	}
	second := p.open()
	p.bring(second, `{"event":"auth success"}`)
	p.bring(second, `{"event":"status","args":["running"]}`)
	p.bring(second, `{"event":"console output","args":["before"]}`)
	p.wait(3 * time.Second)
	if out.written.IsZero() {
		t.Error("it was not sent")
	}
}
