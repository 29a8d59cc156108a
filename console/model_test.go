package console

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ptero-go/ptero/client"
)

// The model is a daemon that shares nothing with the console: it prints lines,
// some of them alike, sends them to its sockets, keeps a log of the last ones,
// withholds lines when a token lapses, and cuts connections, each at any point.
// A chooser decides what happens next, so that all that can happen is tried in
// short runs, and much of it in long ones. The core is given what the daemon
// sends, without sockets and clocks.

// chooser picks one of n possibilities.
type chooser interface{ choose(n int) int }

// random picks by chance.
type random struct{ *rand.Rand }

func (r random) choose(n int) int { return r.IntN(n) }

// all goes through all possibilities, one run after the other, or picks some by
// chance.
type all struct {
	chance      *rand.Rand // may be nil
	path, width []int
	at          int
}

func (a *all) choose(n int) int {
	if a.at == len(a.path) {
		first := 0
		if a.chance != nil {
			first = a.chance.IntN(n)
		}
		a.path, a.width = append(a.path, first), append(a.width, n)
	}
	a.at++
	return a.path[a.at-1]
}

// next begins another run. It reports whether there is one.
func (a *all) next() bool {
	a.path, a.width = a.path[:a.at], a.width[:a.at]
	a.at = 0
	if a.chance != nil {
		a.path, a.width = nil, nil
		return true
	}
	for i := len(a.path) - 1; i >= 0; i-- {
		if a.path[i]+1 < a.width[i] {
			a.path[i]++
			a.path, a.width = a.path[:i+1], a.width[:i+1]
			return true
		}
	}
	return false
}

// line is a printed line. Its index is what tells it from others like it.
type line struct {
	text  string
	index int
	blank bool
}

// modelSocket is the daemon's end of a socket.
type modelSocket struct {
	id      int
	joined  int // it gets the lines from here
	authed  bool
	barred  bool    // its token is not in force
	wire    []Event // written, not delivered
	pongs   []int   // for each answer to a ping on the wire, its tag; 0 elsewhere
	log     []line  // to be written yet
	asks    int     // log requests that were not carried out yet
	dead    bool
	pending []string // what the client wrote, not read yet
}

func (s *modelSocket) write(e Event) { s.wire, s.pongs = append(s.wire, e), append(s.pongs, 0) }

// pongEvent stands for a pong on the wire.
type pongEvent struct{ Unknown }

// model is a daemon with its console.
type model struct {
	t       *testing.T
	pick    chooser
	core    *core
	now     time.Time
	base    time.Time
	limit   int // lines of the log
	sockets []*modelSocket
	dials   []int
	fetches int
	run     []line // printed since the server was started
	all     []line // ever
	joined  int    // the console hears the lines from here
	power   client.PowerState
	started time.Time
	pings   []ping
	epoch   int // tokens of before are refused
	tokens  int
	answers map[*outgoing]error
	out     []Event
	trace   []string
	tracing bool
	refuse  bool // dials

	backwards bool // what came last happens first
}

type ping struct{ id, tag int }

func newModel(t *testing.T, pick chooser, limit, taken, trust int, s settings) *model {
	t.Helper()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s.keepAlive, s.patience, s.least, s.most = KeepAlive, Patience, MinBackoff, MaxBackoff
	s.logLines, s.trust, s.persistent = taken, trust, true
	m := &model{
		t: t, pick: pick, now: now, base: now, limit: limit, power: client.PowerStateRunning, started: now.Add(-time.Hour), joined: -1,
		answers: make(map[*outgoing]error),
	}
	m.core = newCore(s, func() float64 { return 0.5 })
	m.core.start(m.now)
	m.serve()
	return m
}

func (m *model) tell(format string, args ...any) {
	if m.tracing {
		m.trace = append(m.trace, fmt.Sprintf(format, args...))
	}
}

func (m *model) socket(id int) *modelSocket {
	for _, s := range m.sockets {
		if s.id == id {
			return s
		}
	}
	return nil
}

// serve does what the core wants, as far as that takes no time.
func (m *model) serve() {
	for len(m.core.actions) > 0 || len(m.core.events) > 0 {
		if m.joined < 0 && (m.core.ready || m.core.begun) && m.core.main != nil {
			m.joined = m.socket(m.core.main.id).joined
		}
		m.out = append(m.out, m.core.events...)
		actions := m.core.actions
		m.core.events, m.core.actions = nil, nil
		for _, a := range actions {
			switch a.do {
			case doFetch:
				m.fetches++
				m.tokens++
				payload := fmt.Sprintf(`{"iat":1,"exp":601,"permissions":["*"],"n":%d}`, m.tokens)
				token := fmt.Sprintf("e.%s.%d", base64.RawURLEncoding.EncodeToString([]byte(payload)), m.epoch)
				m.core.fetched(m.now, &client.WebsocketCredentials{Socket: "ws://node/x", Token: token}, m.now, nil)
			case doDial:
				m.core.dialBegins(m.now, a.id)
				m.dials = append(m.dials, a.id)
			case doDrop:
				if s := m.socket(a.id); s != nil {
					s.dead, s.wire = true, nil
				}
				for i, id := range m.dials {
					if id == a.id {
						m.dials = append(m.dials[:i], m.dials[i+1:]...)
						break
					}
				}
			case doSend:
				if s := m.socket(a.id); s != nil && !s.dead {
					s.pending = append(s.pending, a.event+" "+strings.Join(a.args, ""))
					m.core.written(m.now, a.id, a.out, nil)
				}
			case doPing:
				m.pings = append(m.pings, ping{a.id, a.tag})
			case doAnswer:
				m.answers[a.out] = a.err
			case doReady, doEnd, doLog:
			}
		}
	}
}

// print prints a line.
func (m *model) print(text string) {
	l := line{text: text, index: len(m.all), blank: text == ""}
	m.tell("print %d %q", l.index, text)
	m.all, m.run = append(m.all, l), append(m.run, l)
	if l.blank {
		return
	}
	for _, s := range m.sockets {
		if s.dead || !s.authed {
			continue
		}
		if s.barred {
			s.write(JWTError{"jwt: exp claim is invalid"})
			continue
		}
		s.write(m.output(l))
	}
}

// output is a line as a message. Its time tells which line it is.
func (m *model) output(l line) Output {
	return Output{Line: l.text, Time: m.base.Add(time.Duration(l.index))}
}

// read carries out the first message that a client wrote.
func (m *model) read(s *modelSocket) {
	message := s.pending[0]
	s.pending = s.pending[1:]
	event, arg, _ := strings.Cut(message, " ")
	for _, e := range []string{"send logs", "send stats", "send command", "set state"} {
		if strings.HasPrefix(message, e) {
			event = e
		}
	}
	m.tell("socket %d: %s", s.id, event)
	if event == "auth" {
		if !strings.HasSuffix(arg, fmt.Sprint(".", m.epoch)) {
			s.write(JWTError{"Error Event [x]: jwt: exp claim is invalid"})
			return
		}
		first := !s.authed
		s.authed, s.barred = true, false
		s.write(authSuccess{})
		if first {
			s.write(Status{State: m.power})
			s.joined = len(m.all)
		}
		return
	}
	if s.barred {
		s.write(JWTError{"jwt: exp claim is invalid"})
		return
	}
	switch event {
	case "send logs":
		s.asks++
	case "send stats":
		m.stats(s)
	}
}

func (m *model) stats(s *modelSocket) {
	if m.power != client.PowerStateOffline {
		s.write(Stats{State: m.power, Uptime: m.now.Sub(m.started) + time.Millisecond})
	}
}

// snapshot reads the log for a socket that asked for it.
func (m *model) snapshot(s *modelSocket) {
	m.tell("socket %d: the log is read", s.id)
	s.asks--
	s.log = append(s.log, m.run[max(0, len(m.run)-m.limit):]...)
}

// writeLog writes the next line of the log.
func (m *model) writeLog(s *modelSocket) {
	l := s.log[0]
	s.log = s.log[1:]
	if s.barred {
		s.write(JWTError{"jwt: exp claim is invalid"})
		return
	}
	s.write(m.output(l))
}

// deliver gives the first message on a wire to the core.
func (m *model) deliver(s *modelSocket) {
	e, tag := s.wire[0], s.pongs[0]
	s.wire, s.pongs = s.wire[1:], s.pongs[1:]
	if o, is := e.(Output); is {
		m.tell("socket %d brings %q (%d)", s.id, o.Line, o.Time.Sub(m.base))
	} else {
		m.tell("socket %d brings %T %.60v", s.id, e, e)
	}
	if _, is := e.(pongEvent); is {
		m.core.pong(m.now, s.id, tag, nil)
	} else {
		m.core.frames(m.now, s.id, []Event{e})
	}
	m.serve()
}

// cut ends a socket, and what is on its way.
func (m *model) cut(s *modelSocket) {
	m.tell("socket %d is cut", s.id)
	s.dead, s.wire, s.log, s.asks, s.pending = true, nil, nil, 0, nil
	m.core.broken(m.now, s.id, brokenSocket(errors.New("cut")))
	m.serve()
}

// lapse makes all tokens be refused.
func (m *model) lapse() {
	m.tell("the tokens lapse")
	m.epoch++
	for _, s := range m.sockets {
		s.barred = s.authed
	}
}

// restart starts the server anew, which nobody is told.
func (m *model) restart() {
	m.tell("the server restarts")
	m.run, m.started = nil, m.now
	for _, s := range m.sockets {
		for _, state := range []client.PowerState{"stopping", "offline", "starting", "running"} {
			if s.authed && !s.dead && !s.barred {
				s.write(Status{State: state})
			}
		}
	}
}

// happening is something that may happen.
type happening struct {
	name string
	do   func()
}

// possible returns what may happen without the daemon's or a test's own accord.
func (m *model) possible() []happening {
	var steps []happening
	for i, id := range m.dials {
		steps = append(steps, happening{"dial", func() {
			m.dials = append(m.dials[:i:i], m.dials[i+1:]...)
			if m.refuse {
				m.core.failed(m.now, id, refusedDial(nil, "", errors.New("connection refused")))
			} else {
				m.sockets = append(m.sockets, &modelSocket{id: id})
				m.core.opened(m.now, id)
			}
			m.serve()
		}})
	}
	for i, p := range m.pings {
		if s := m.socket(p.id); s != nil && !s.dead && len(s.pending) > 0 {
			continue // what was written before is read before
		}
		steps = append(steps, happening{"ping", func() {
			m.pings = append(m.pings[:i:i], m.pings[i+1:]...)
			if s := m.socket(p.id); s != nil && !s.dead {
				s.wire, s.pongs = append(s.wire, pongEvent{}), append(s.pongs, p.tag)
			}
		}})
		break
	}
	for _, s := range m.sockets {
		if s.dead {
			continue
		}
		if len(s.pending) > 0 {
			steps = append(steps, happening{"read", func() { m.read(s) }})
		}
		if s.asks > 0 {
			steps = append(steps, happening{"snapshot", func() { m.snapshot(s) }})
		}
		if len(s.log) > 0 {
			steps = append(steps, happening{"log", func() { m.writeLog(s) }})
		}
		if len(s.wire) > 0 {
			steps = append(steps, happening{"deliver", func() { m.deliver(s) }})
		}
	}
	return steps
}

// busy reports whether the daemon is sending a log: that takes it no time.
func (m *model) busy() bool {
	for _, s := range m.sockets {
		if !s.dead && (s.asks > 0 || len(s.log) > 0) {
			return true
		}
	}
	return false
}

// untold reports whether a socket is yet to hear of a restart. Nothing tells a
// client when what it hears late was sent, so of two restarts within a standstill
// of the network it cannot know.
func (m *model) untold() bool {
	for _, s := range m.sockets {
		for _, e := range s.wire {
			if _, is := e.(Status); is {
				return true
			}
		}
	}
	return false
}

// sleep goes to the time at which the core wants to be woken.
func (m *model) sleep() bool {
	if m.core.wake.IsZero() {
		return false
	}
	if m.core.wake.After(m.now) {
		m.now = m.core.wake
	}
	m.tell("time %v", m.now.Sub(m.base))
	m.core.tick(m.now)
	m.serve()
	return true
}

// settle lets everything happen that is under way, until the console is live and
// reads no log.
func (m *model) settle() {
	for range 10000 {
		if steps := m.possible(); len(steps) > 0 {
			if m.backwards {
				slices.Reverse(steps)
			}
			steps[0].do()
			continue
		}
		if m.core.main != nil && !m.core.main.lived.IsZero() && m.core.read == nil && !m.core.token.barred && !m.core.lost.open {
			return
		}
		if !m.sleep() {
			m.tracing = true
			m.report(fmt.Sprintf("it waits for nothing: %+v %+v %+v fetch %+v creds %+v end %v now %v dialAt %v", m.core.state, m.core.dials, m.dials, m.core.fetch, m.core.creds, m.core.end, m.now, m.core.dialAt))
		}
	}
	m.t.Fatalf("it does not come to rest: %s, %+v", m.core.state, m.core.read)
}

// check compares what came out with what was printed. Gaps are counted.
func (m *model) check() (gaps int, problem string) {
	var printed []line
	for _, l := range m.all {
		if !l.blank {
			printed = append(printed, l)
		}
	}
	place := make(map[int]int)
	at := len(printed)
	for i, l := range printed {
		place[l.index] = i
		if l.index >= m.joined && i < at {
			at = i
		}
	}
	open := false
	for _, e := range m.out {
		switch e := e.(type) {
		case Gap:
			gaps++
			open = true
		case Output:
			index := int(e.Time.Sub(m.base))
			switch {
			case open && e.FromLog:
			case open:
				at, open = place[index]+1, false
			case at >= len(printed):
				return gaps, fmt.Sprintf("%q came after the last line", e.Line)
			case printed[at].text != e.Line:
				return gaps, fmt.Sprintf("%q (%d) came, want %q (%d)", e.Line, index, printed[at].text, printed[at].index)
			default:
				at++
			}
		}
	}
	if !open && at != len(printed) {
		return gaps, fmt.Sprintf("%d lines are missing at the end, from %q", len(printed)-at, printed[at].text)
	}
	return gaps, ""
}

// needless counts, by reason, the gaps in which no line was missing.
func (m *model) needless() map[GapReason]int {
	found := make(map[GapReason]int)
	last, gap := -1, GapReason("")
	for _, e := range m.out {
		switch e := e.(type) {
		case Gap:
			gap = e.Reason
		case Output:
			index := int(e.Time.Sub(m.base))
			if gap != "" && last >= 0 {
				next := last + 1
				for next < len(m.all) && m.all[next].blank {
					next++
				}
				if index <= next {
					found[gap]++
				}
			}
			last, gap = index, ""
		}
	}
	return found
}

// report fails with what happened.
func (m *model) report(problem string) {
	m.t.Helper()
	var texts []string
	for _, l := range m.all {
		texts = append(texts, l.text)
	}
	var out []string
	for _, e := range m.out {
		switch e := e.(type) {
		case Output:
			out = append(out, e.Line)
		case Gap:
			out = append(out, "GAP "+string(e.Reason))
		}
	}
	m.t.Fatalf("%s\nprinted %q from %d\nout %q\n%s", problem, texts, m.joined, out, strings.Join(m.trace, "\n"))
}

// lines makes texts up: new ones, and some that come again and again.
type texts struct {
	n      int
	repeat []string
}

func (x *texts) next(repeat int) string {
	if repeat > 0 && len(x.repeat) > 0 {
		return x.repeat[(repeat-1)%len(x.repeat)]
	}
	x.n++
	return fmt.Sprint("line ", x.n)
}

// Long runs by chance: everything at any point.
func TestModelByChance(t *testing.T) {
	t.Parallel()
	runs := 2000
	if testing.Short() {
		runs = 200
	}
	for name, c := range map[string]struct {
		limit, taken, trust int // the size of the log, and the size the console assumes at first
		repeat              int // of 10 lines, so many repeat
		restarts            bool
		prologue            bool
	}{
		"all different":                {12, 12, 3, 0, false, false},
		"a few repeat":                 {12, 12, 3, 2, false, true},
		"half repeat":                  {12, 12, 3, 5, false, true},
		"most repeat":                  {8, 8, 2, 9, false, true},
		"with restarts":                {12, 12, 3, 2, true, true},
		"different runs":               {12, 12, 3, 0, true, false},
		"smaller, with restarts":       {12, 30, 3, 2, true, true},
		"a long log":                   {150, 150, 3, 3, false, true},
		"smaller than it is taken for": {12, 30, 3, 0, false, false},
		"smaller, and a few repeat":    {12, 30, 3, 2, false, true},
		"smaller, and most repeat":     {8, 30, 2, 9, false, true},
		"larger than it is taken for":  {30, 12, 3, 0, false, false},
		"larger, and a few repeat":     {30, 12, 3, 2, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gapped, all := 0, 0
			needless := make(map[GapReason]int)
			for seed := range uint64(runs) {
				gaps, m := runByChance(t, seed, c.limit, c.taken, c.trust, c.repeat, c.restarts, c.prologue, false)
				for reason, n := range m.needless() {
					needless[reason] += n
				}
				all += gaps
				if gaps > 0 {
					gapped++
				}
			}
			t.Logf("%d of %d runs had gaps, in all %d, needless %v", gapped, runs, all, needless)
		})
	}
}

func runByChance(t *testing.T, seed uint64, limit, taken, trust, repeat int, restarts, prologue, tracing bool) (int, *model) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 7))
	m := newModel(t, random{r}, limit, taken, trust, settings{withLog: seed%5 == 0})
	m.tracing = tracing
	x := &texts{repeat: []string{"x", "y", "", "z"}}
	for range r.IntN(2 * limit) {
		m.print(x.next(0))
	}
	m.settle()
	if prologue { // what repeats is known to
		for range 2 {
			for _, text := range x.repeat {
				m.print(text)
			}
		}
		m.settle()
	}
	if seed%5 == 0 {
		m.joined = m.firstOut()
	}
	text := func() string {
		if r.IntN(10) < repeat {
			return x.next(1 + r.IntN(len(x.repeat)))
		}
		return x.next(0)
	}
	for range 30 + r.IntN(150) {
		switch n := r.IntN(100); {
		case n < 25:
			for range 1 + r.IntN(4) {
				m.print(text())
			}
		case n < 28:
			for _, s := range m.sockets {
				if !s.dead && s.authed && r.IntN(2) == 0 {
					m.cut(s)
				}
			}
		case n < 29:
			m.lapse()
		case n < 30 && restarts && m.now.Sub(m.started) > shortestRun && !m.untold():
			m.restart()
		case n < 32 && !m.busy():
			m.sleep()
		case n < 33:
			m.refuse = !m.refuse
		case n < 36:
			for _, s := range m.sockets {
				if s.authed && !s.dead && !s.barred {
					m.stats(s)
				}
			}
		case n < 37:
			for range r.IntN(2 * limit) {
				m.print(text())
			}
		default:
			if steps := m.possible(); len(steps) > 0 {
				steps[r.IntN(len(steps))].do()
			} else {
				m.sleep()
			}
		}
	}
	m.refuse = false
	m.settle()
	for range 3 {
		m.print(x.next(0))
	}
	m.settle()
	gaps, problem := m.check()
	if problem != "" {
		if !tracing {
			runByChance(t, seed, limit, taken, trust, repeat, restarts, prologue, true)
		}
		m.report(fmt.Sprintf("seed %d: %s", seed, problem))
	}
	return gaps, m
}

// firstOut is the index of the first line that came out: from there on all must.
func (m *model) firstOut() int {
	for _, e := range m.out {
		if o, is := e.(Output); is {
			return int(o.Time.Sub(m.base))
		}
	}
	return len(m.all)
}

// until lets happen what is under way, up to a moment.
func (m *model) until(reached func() bool) {
	for range 1000 {
		if reached() {
			return
		}
		if steps := m.possible(); len(steps) > 0 {
			steps[0].do()
		} else if !m.sleep() {
			break
		}
	}
	m.report("it never gets there")
}

// Short runs, all of them or with -short some: lines that are new or repeat, printed
// at each moment from before an interruption to after the log, with a log of few
// lines.
func TestModelExhaustively(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		limit, taken, trust int
		whole               bool
	}{
		"a log of 2": {2, 2, 1, false}, "a log of 3": {3, 3, 1, false}, "a log of 3, little trust": {3, 3, 2, false},
		"a log of 5": {5, 5, 1, false}, "a log of 9": {9, 9, 1, false}, "from the start": {9, 9, 1, true},
		"a log of 3, taken for 9": {3, 9, 1, false}, "a log of 9, taken for 3": {9, 3, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := new(all)
			if testing.Short() {
				a.chance = rand.New(rand.NewPCG(1, 1))
			}
			runs, gapped, needless := 0, 0, 0
			for {
				gaps, more, problem := runShort(t, a, c.limit, c.taken, c.trust, c.whole, false)
				if problem != "" {
					a.at = 0
					runShort(t, a, c.limit, c.taken, c.trust, c.whole, true)
					t.Fatal(problem)
				}
				runs++
				if gaps > 0 {
					gapped++
				}
				needless += more
				if a.chance != nil && runs >= 1500 || !a.next() {
					break
				}
			}
			t.Logf("%d runs, %d with gaps, %d of them without a line missing", runs, gapped, needless)
		})
	}
}

func runShort(t *testing.T, pick chooser, limit, taken, trust int, whole, tracing bool) (gaps, needless int, problem string) {
	t.Helper()
	m := newModel(t, pick, limit, taken, trust, settings{})
	m.tracing = tracing
	x := &texts{repeat: []string{"x"}}
	alike := false // lines after the first repeat
	text := func() string {
		again := pick.choose(2)
		alike = alike || again == 1
		return x.next(again)
	}
	m.settle()
	if whole {
		m.restart()
	}
	for range 2 { // it is known that x repeats
		m.print("x")
	}
	m.print(x.next(0))
	m.settle()
	print := func(most int) {
		for range pick.choose(most + 1) {
			m.print(text())
		}
	}
	main := func() *modelSocket { return m.socket(m.core.main.id) }
	second := func() *modelSocket {
		if m.core.read == nil || m.core.read.id == 0 {
			return nil
		}
		return m.socket(m.core.read.id)
	}
	lapses := pick.choose(2) == 1
	print(1)
	for len(main().wire) > 0 {
		m.deliver(main())
	}
	if lapses {
		m.lapse()
		m.print(text())
		m.until(func() bool { return main().authed && !main().barred })
	} else {
		m.cut(main())
		print(2)
		m.until(func() bool { return m.core.main != nil && main().authed })
	}
	print(1)
	m.until(func() bool { s := second(); return s != nil && s.authed })
	print(1)
	m.until(func() bool { return second().asks > 0 })
	m.backwards = pick.choose(2) == 1
	print(1)
	m.snapshot(second())
	for range pick.choose(len(second().log) + 1) {
		m.writeLog(second())
	}
	print(1)
	m.settle()
	for range 2 {
		m.print(x.next(0))
	}
	m.settle()
	gaps, problem = m.check()
	for _, n := range m.needless() {
		needless += n
	}
	if problem == "" && needless > 0 && !alike && limit >= 9 && taken >= 9 {
		problem = "lines that are all different leave no doubt, and there is a gap"
	}
	if problem != "" && tracing {
		m.report(problem)
	}
	return gaps, needless, problem
}
