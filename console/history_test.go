package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"
)

// What is remembered is bounded, and what falls out of it is no longer known.
func TestHistoryForgets(t *testing.T) {
	t.Parallel()
	var h history
	h.add(fingerprintOf("of an earlier run"))
	h.begin(true)
	for i := range 2*memory - 1 {
		h.add(fingerprint(i))
	}
	if !h.whole || len(h.known()) != 2*memory-1 {
		t.Fatalf("%d lines are known, all of them: %t", len(h.known()), h.whole)
	}
	h.add(fingerprint(2*memory - 1))
	known := h.known()
	if h.whole || len(known) != memory+1 || known[0] != memory-1 || known[memory] != 2*memory-1 {
		t.Errorf("%d lines are known, from %d on, all of them: %t", len(known), known[0], h.whole)
	}
	for i := range 10 * memory {
		h.add(fingerprint(i))
		if len(h.prints) > 2*memory || len(h.prints) < memory {
			t.Fatalf("%d lines are remembered", len(h.prints))
		}
	}
}

// Lines that were printed before the known ones come before them, and after those
// of which it is unknown what followed.
func TestHistoryExtends(t *testing.T) {
	t.Parallel()
	var h history
	h.add(1)
	h.begin(false)
	h.add(4)
	h.extend([]fingerprint{2, 3}, true)
	if !slices.Equal(h.known(), []fingerprint{2, 3, 4}) || !slices.Equal(h.prints, []fingerprint{1, 2, 3, 4}) || !h.whole {
		t.Errorf("%v", h)
	}
	h.extend(nil, false)
	if h.whole {
		t.Error("they are no longer all")
	}
}

// The start of a server is told by the earliest sample; a later start is another
// one, unless the clocks of the two machines just run apart.
func TestRunClock(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var r runClock
	if r.sample(begin, 0) || r.known {
		t.Error("a server without an uptime has started")
	}
	if r.sample(begin.Add(time.Hour), time.Hour) || !r.start.Equal(begin) {
		t.Errorf("start %v", r.start)
	}
	late := begin.Add(time.Hour + time.Second)
	if r.sample(late.Add(2*time.Second), time.Hour+time.Second) || !r.start.Equal(begin.Add(10*time.Millisecond)) {
		t.Errorf("a sample that comes late makes the start %v", r.start)
	}
	if r.sample(late, time.Hour+1100*time.Millisecond) || !r.start.Equal(begin.Add(-100*time.Millisecond)) {
		t.Errorf("an earlier start counts, it is %v", r.start)
	}
	drift := begin
	for i := range 24 * 3600 { // 5 ms a second, far more than clocks drift
		drift = drift.Add(time.Second)
		if r.sample(drift, time.Duration(i)*995*time.Millisecond+time.Second) {
			t.Fatalf("started anew after %v", drift.Sub(begin))
		}
	}
	if !r.sample(drift, time.Minute) || !r.start.Equal(drift.Add(-time.Minute)) {
		t.Errorf("not started anew, start %v", r.start)
	}
	if r.later(r.start.Add(runSlack), 0) || !r.later(r.start.Add(runSlack+1), 0) || r.later(r.start.Add(runSlack+time.Second), 1000*time.Second) {
		t.Error("another start is one that is later by more than the slack")
	}
}

// reading is one whose second socket brought lines, 10 ms apart from the question
// on.
func reading(second, live []string) (*logRead, time.Time) {
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	r := &logRead{asked: begin, live: prints(live...)}
	for i, line := range second {
		at := begin.Add(time.Duration(i+1) * 10 * time.Millisecond)
		if line == "" {
			r.blanks = append(r.blanks, len(r.prints))
			continue
		}
		r.prints = append(r.prints, fingerprintOf(line))
		r.at2 = append(r.at2, at)
	}
	return r, begin
}

// The end of the log is its last line that is not a live one.
func TestEndOfTheLog(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		second, live []string
		early        int
		last         int // of second, counted from 1, 0 for none
	}{
		"nothing":                        {},
		"no live line":                   {second: []string{"a", "b"}, last: 2},
		"live lines after it":            {second: []string{"a", "b", "x", "y"}, live: []string{"x", "y"}, last: 2},
		"live lines not yet on the main": {second: []string{"a", "b", "x", "y"}, live: []string{"x"}, last: 4},
		"fewer live lines":               {second: []string{"a", "b", "x"}, live: []string{"x", "y"}, last: 2},
		"only live lines":                {second: []string{"x", "y"}, live: []string{"x", "y"}},
		"live lines before the question": {second: []string{"x", "y"}, live: []string{"w", "x", "y"}, early: 1},
		"a line of the log after one":    {second: []string{"a", "x", "b"}, live: []string{"x"}, last: 3},
		"blank lines at the end":         {second: []string{"a", "x", "y", ""}, live: []string{"x", "y"}, last: 3},
		"nothing but a blank line":       {second: []string{""}, last: -1},
	} {
		r, begin := reading(c.second, c.live)
		r.early = c.early
		got := r.lastOfLog(begin.Add(time.Hour), logSkew)
		want := time.Time{}
		if c.last != 0 {
			want = begin.Add(time.Duration(max(c.last, 0)) * 10 * time.Millisecond)
		}
		if !got.Equal(want) {
			t.Errorf("%s: the last came at %v, want %v", name, got, want)
		}
	}
	// A line may come to the second socket first.
	r, begin := reading([]string{"a", "b", "x"}, nil)
	soon := begin.Add(30*time.Millisecond + logSkew/2)
	if got := r.lastOfLog(soon, logSkew); !got.Equal(begin.Add(10*time.Millisecond)) && !got.IsZero() {
		t.Errorf("a line that has just come is taken for one of the log: %v", got)
	}
	if got := r.quiet(begin.Add(time.Hour)); !got.Equal(begin.Add(30*time.Millisecond + logPause)) {
		t.Errorf("quiet at %v", got)
	}
	r, begin = reading(nil, nil)
	if got := r.quiet(begin); !got.Equal(begin.Add(logLimit)) {
		t.Errorf("a log of which nothing comes is waited for until %v", got)
	}
}

// After both sockets have answered, the log has ended, unless it went on
// meanwhile.
func TestLogIsAskedAgain(t *testing.T) {
	t.Parallel()
	r, begin := reading([]string{"a", "b"}, nil)
	last := begin.Add(20 * time.Millisecond)
	r.pinged = last.Add(logPause)
	if at := r.again(r.pinged); !at.IsZero() {
		t.Errorf("it is asked again at %v", at)
	}
	r.pinged = last.Add(logPause - 1)
	if at := r.again(r.pinged); !at.Equal(last.Add(logPause)) {
		t.Errorf("it is asked again at %v", at)
	}
}

// What came after the question to both sockets does not count, and what is known
// and live at once counts as live.
func TestEvidence(t *testing.T) {
	t.Parallel()
	c := newCore(settings{}, nil)
	for _, line := range prints("k", "l", "m", "x") {
		c.lines.add(line)
	}
	r, begin := reading([]string{"l", "m", "x", "y"}, []string{"x"})
	r.pinged = begin.Add(30 * time.Millisecond)
	if ev := r.evidence(c); len(ev.second) != 3 || len(ev.known) != 4 || !ev.gapped {
		t.Errorf("%+v", ev)
	}
	for _, purpose := range []logPurpose{logBaseline, logRequest} {
		r.purpose = purpose
		if ev := r.evidence(c); len(ev.known) != 3 || ev.gapped {
			t.Errorf("%+v", ev)
		}
	}
	r.purpose, r.live = logRequest, prints("a", "b", "c", "d", "e")
	if ev := r.evidence(c); len(ev.known) != 0 {
		t.Errorf("%+v", ev)
	}
}

// lines returns what came out: lines, and gaps by their reason.
func (p *player) lines() (lines []string) {
	for _, e := range p.out {
		switch e := e.(type) {
		case Output:
			lines = append(lines, e.Line)
		case Gap:
			lines = append(lines, "gap: "+string(e.Reason))
		}
	}
	return lines
}

func (p *player) print(id int, lines ...string) {
	for _, line := range lines {
		text, err := json.Marshal(line)
		if err != nil {
			p.t.Fatal(err)
		}
		p.bring(id, fmt.Sprintf(`{"event":"console output","args":[%s]}`, text))
	}
}

func (p *player) admit(id int) {
	p.bring(id, `{"event":"auth success"}`)
	p.bring(id, `{"event":"status","args":["running"]}`)
}

func (p *player) sample(id int, uptime time.Duration) {
	p.bring(id, fmt.Sprintf(`{"event":"stats","args":["{\"uptime\":%d,\"state\":\"running\"}"]}`, uptime.Milliseconds()))
}

func (p *player) cut(id int) {
	p.core.broken(p.now, id, brokenSocket(errors.New("cut")))
	p.serve()
}

// A line that was live before the second socket was opened is not live on that:
// what it brings is of the log.
func TestLiveLinesFromBeforeTheSecondSocket(t *testing.T) {
	t.Parallel()
	p, id := opened(t, "running")
	p.print(id, "x", "x", "a", "b", "c") // so x is known to repeat
	p.cut(id)
	id = p.open()
	p.admit(id)
	p.print(id, "x")
	second := p.open()
	p.admit(second)
	p.print(second, "x", "x", "a", "b", "c", "x", "x")
	p.wait(3 * time.Second)
	if got, want := fmt.Sprint(p.lines()), "[x x a b c x x]"; got != want {
		t.Errorf("%s came, want %s", got, want)
	}
}

// The log's size is asked for once enough lines are known, so that a smaller log
// than usual is not taken for all that a server has printed.
func TestSizeOfTheLogIsMeasured(t *testing.T) {
	t.Parallel()
	p, id := opened(t, "running")
	p.wait(time.Second)
	p.sample(id, time.Hour)
	second := p.open() // for what was printed before
	p.admit(second)
	p.wait(3 * time.Second)
	var lines []string
	for i := range logLines {
		lines = append(lines, fmt.Sprint("line ", i))
	}
	p.print(id, lines[:logLines-1]...)
	p.sample(id, time.Hour+p.now.Sub(time.Date(2026, 1, 1, 0, 0, 1, 0, time.UTC)))
	if len(p.dial) != 0 {
		t.Fatal("it is asked for early")
	}
	p.print(id, lines[logLines-1])
	p.sample(id, time.Hour+p.now.Sub(time.Date(2026, 1, 1, 0, 0, 1, 0, time.UTC)))
	second = p.open()
	p.admit(second)
	p.print(second, lines[logLines-50:]...)
	p.wait(3 * time.Second)
	if want := (logSize{logLines, 50, true}); p.core.log != want {
		t.Errorf("size %v, want %v", p.core.log, want)
	}
	p.sample(id, time.Hour+p.now.Sub(time.Date(2026, 1, 1, 0, 0, 1, 0, time.UTC)))
	if len(p.dial) != 0 {
		t.Error("it is asked for again")
	}
}
