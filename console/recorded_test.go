package console

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/internal/recorded/conversation"
)

// player plays recorded conversations to a core: the messages at their times, with
// what the core does at its own.
type player struct {
	t    *testing.T
	core *core
	now  time.Time
	dial []int // sockets that the core wants and has not got
	mute bool  // pings are not answered
	turn bool  // dials wait for their turn
	out  []Event
}

func newPlayer(t *testing.T) *player {
	t.Helper()
	p := &player{t: t, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	p.core = newCore(settings{keepAlive: KeepAlive, patience: Patience, least: MinBackoff, most: MaxBackoff, persistent: true}, func() float64 { return 0 })
	p.core.start(p.now)
	p.serve()
	return p
}

func (p *player) serve() {
	for len(p.core.actions) > 0 || len(p.core.events) > 0 {
		p.out = append(p.out, p.core.events...)
		actions := p.core.actions
		p.core.events, p.core.actions = nil, nil
		for _, a := range actions {
			switch a.do {
			case doFetch:
				p.core.fetched(p.now, &client.WebsocketCredentials{Socket: "ws://node/x", Token: "token"}, p.now, nil)
			case doDial:
				if !p.turn {
					p.core.dialBegins(p.now, a.id)
				}
				p.dial = append(p.dial, a.id)
			case doDrop:
				p.dial = slices.DeleteFunc(p.dial, func(id int) bool { return id == a.id })
			case doPing:
				if !p.mute {
					p.core.pong(p.now, a.id, a.tag, nil)
				}
			case doSend:
				p.core.written(p.now, a.id, a.out, nil)
			case doAnswer:
				a.out.finish(a.err)
			case doReady, doEnd, doLog:
			}
		}
	}
}

// wait lets time pass.
func (p *player) wait(d time.Duration) {
	end := p.now.Add(d)
	for !p.core.wake.IsZero() && !p.core.wake.After(end) {
		if p.core.wake.After(p.now) {
			p.now = p.core.wake
		}
		p.core.tick(p.now)
		p.serve()
	}
	p.now = end
}

// open opens the next socket that the core wants.
func (p *player) open() int {
	p.t.Helper()
	for i := 0; len(p.dial) == 0; i++ {
		if i == 100 {
			p.t.Fatalf("it wants no socket: %s", p.core.state)
		}
		p.wait(10 * time.Millisecond)
	}
	id := p.dial[0]
	p.dial = p.dial[1:]
	p.core.opened(p.now, id)
	p.serve()
	return id
}

func (p *player) bring(id int, raw string) {
	d := decoder{now: p.now}
	p.core.frames(p.now, id, []Event{d.decode([]byte(raw))})
	p.serve()
}

// said are the messages of a connection that came, with their times.
func said(entries []conversation.Entry) []conversation.Entry {
	return slices.DeleteFunc(slices.Clone(entries), func(e conversation.Entry) bool { return e.Kind != conversation.In || !e.Whole() })
}

// Each recorded connection, as the first one of a console: every event of it comes
// out, in its order, and nothing else but what a state of the token calls for.
func TestRecordedConnections(t *testing.T) {
	t.Parallel()
	all, err := conversation.Load(conversation.Wings111, conversation.Wings112, conversation.Pelican)
	if err != nil {
		t.Fatal(err)
	}
	played := 0
	for _, c := range all {
		for _, entries := range c.Connections() {
			frames := said(entries)
			if len(frames) < 2 || frames[0].Event != "auth success" || frames[1].Event == "jwt error" {
				continue // the daemon never let it in, or said no more
			}
			if slices.ContainsFunc(frames, func(e conversation.Entry) bool { return e.Event == "jwt error" }) {
				continue // lines are held back until there is another token, see the model
			}
			played++
			t.Run(fmt.Sprintf("%s/%d", c.Name, frames[0].Conn), func(t *testing.T) {
				t.Parallel()
				p := newPlayer(t)
				id := p.open()
				var want []Event
				at := frames[0].At()
				for _, e := range frames {
					p.wait(e.At() - at)
					at = e.At()
					p.bring(id, e.Raw)
					if e.Event != "auth success" {
						d := decoder{now: p.now}
						want = append(want, d.decode([]byte(e.Raw)))
					}
				}
				i := 0
				for _, e := range p.out {
					switch e := e.(type) {
					case StateChange, Crash:
						continue
					case Gap:
						said := func(w Event) bool {
							output, is := w.(Output)
							return is && strings.Contains(output.Line, "outputting console data too quickly")
						}
						if e.Reason == GapThrottled && slices.ContainsFunc(want, said) {
							continue
						}
						t.Fatalf("%v without a reason", e)
					}
					if i == len(want) {
						t.Fatalf("%v came in addition", e)
					}
					if got, w := fmt.Sprintf("%T %v", e, e), fmt.Sprintf("%T %v", want[i], want[i]); got != w {
						if status, is := e.(Status); !is || status.State != want[i].(Status).State {
							t.Fatalf("%s came, want %s", got, w)
						}
					}
					i++
				}
				if i < len(want) && want[i].(Deleted) != (Deleted{}) {
					t.Fatalf("%v never came", want[i:])
				}
			})
		}
	}
	if played < 40 {
		t.Errorf("only %d connections", played)
	}
}

// numberOf reads the number of a line such as "spam 12/3000".
func numberOf(line string) int {
	n, of := 0, 0
	if _, err := fmt.Sscanf(line, "spam %d/%d", &n, &of); err != nil {
		return -1
	}
	return n
}

// The recorded interruptions of a server that prints numbered lines. Each line comes
// once and in order, and there is no gap, however log and live lines are mixed.
//
// Where the recording has the log on the socket of the live lines, the latter are
// played as if they had come on a socket of their own as well.
func TestRecordedInterruptions(t *testing.T) {
	t.Parallel()
	for name, apart := range map[string]bool{"kills": false, "two-sockets": true, "wings-restart": false, "logs-among-live": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all, err := conversation.Load(conversation.Wings112)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(all, func(c *conversation.Conversation) bool { return c.Name == name })
			var connections [][]conversation.Entry
			for _, entries := range all[i].Connections() {
				if frames := said(entries); len(frames) > 1 && frames[0].Event == "auth success" {
					connections = append(connections, frames)
				}
			}
			for i := range connections[1:] {
				if !apart { // it was open beside the next one
					next := connections[i+1][0].At()
					connections[i] = slices.DeleteFunc(connections[i], func(e conversation.Entry) bool { return e.At() >= next })
				}
			}
			p := newPlayer(t)
			p.play(connections, apart)
			next, gaps := 1, 0
			for _, e := range p.out {
				switch e := e.(type) {
				case Gap:
					gaps++
				case Output:
					if n := numberOf(e.Line); n == next {
						next++
					} else if n >= 0 {
						t.Fatalf("line %d came, want %d", n, next)
					}
				}
			}
			if gaps > 0 || next < 400 {
				t.Errorf("%d gaps, lines up to %d", gaps, next-1)
			}
			t.Logf("%d lines, %d interruptions", next-1, len(connections)-1)
		})
	}
}

// event is a message at its time, on the main or the second socket.
type playedEvent struct {
	at     time.Duration
	second bool
	raw    string
}

func (p *player) play(connections [][]conversation.Entry, apart bool) {
	p.t.Helper()
	// The first connection, up to its end.
	main := p.open()
	last := connections[0][0].At()
	newest := 0
	for _, e := range connections[0] {
		if n := rawNumber(e.Raw); n >= 0 && n <= newest {
			continue // of a log that was asked for on this socket
		} else if n > newest {
			newest = n
		}
		p.wait(e.At() - last)
		last = e.At()
		p.bring(main, e.Raw)
	}
	for i := 1; i < len(connections); i++ {
		frames, live := connections[i], connections[i]
		if apart {
			i++
			frames = connections[i]
		} else {
			live = liveOf(frames)
		}
		var events []playedEvent
		for _, e := range live {
			events = append(events, playedEvent{e.At(), false, e.Raw})
		}
		for _, e := range frames {
			events = append(events, playedEvent{e.At(), true, e.Raw})
		}
		slices.SortStableFunc(events, func(a, b playedEvent) int { return int(a.at - b.at) })
		if !apart { // the second socket is opened when the main one is live
			status := slices.IndexFunc(events, func(e playedEvent) bool { return !e.second && strings.Contains(e.raw, `"status"`) })
			opening := func(e playedEvent) bool {
				return e.second && (strings.Contains(e.raw, `"status"`) || strings.Contains(e.raw, `"auth success"`))
			}
			rest := events[status+1:]
			events = slices.DeleteFunc(slices.Clone(events[:status+1]), opening)
			at := events[len(events)-1].at
			events = append(events, playedEvent{at, true, `{"event":"auth success"}`}, playedEvent{at, true, `{"event":"status","args":["running"]}`})
			events = append(events, slices.DeleteFunc(slices.Clone(rest), opening)...)
		}
		p.core.broken(p.now, main, brokenSocket(errors.New("killed")))
		p.serve()
		main = p.open()
		second := 0
		last = events[0].at
		for _, e := range events {
			p.wait(e.at - last)
			last = e.at
			switch {
			case !e.second:
				p.bring(main, e.raw)
				continue
			case second == 0:
				second = p.open()
			}
			p.bring(second, e.raw)
		}
		p.wait(2 * time.Second) // the log has ended if the recording has
	}
}

// liveOf takes the lines of the log out of a connection: these are numbered in a
// row from the lowest number on, 150 at most.
func liveOf(frames []conversation.Entry) []conversation.Entry {
	numbers := make([]int, len(frames))
	lowest, last := 1<<30, make(map[int]int)
	first := 0 // the first live line: from there on, lines of the log come twice
	for i, e := range frames {
		numbers[i] = -1
		if o, is := new(decoder).decode([]byte(e.Raw)).(Output); is {
			numbers[i] = numberOf(o.Line)
		}
		if n := numbers[i]; n >= 0 {
			lowest = min(lowest, n)
			if _, twice := last[n]; twice && (first == 0 || n < first) {
				first = n
			}
			last[n] = i
		}
	}
	if first == 0 {
		first = lowest + logLines
	}
	var live []conversation.Entry
	var lines []int // indices in live
	for i, e := range frames {
		n := numbers[i]
		switch {
		case e.Event != "console output":
			live = append(live, e)
		case n >= first && last[n] == i:
			lines = append(lines, len(live))
			live = append(live, e)
		}
	}
	// One line may be both the last of the log and the first live one to come.
	sorted := make([]string, len(lines))
	for i, at := range lines {
		sorted[i] = live[at].Raw
	}
	slices.SortStableFunc(sorted, func(a, b string) int { return rawNumber(a) - rawNumber(b) })
	for i, at := range lines {
		live[at].Raw = sorted[i]
	}
	return live
}

func rawNumber(raw string) int {
	o, _ := new(decoder).decode([]byte(raw)).(Output)
	return numberOf(o.Line)
}
