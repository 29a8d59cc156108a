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
