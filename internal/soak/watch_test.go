package soak

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ptero-go/ptero/console"
)

// watcher reads the events of all consoles and holds the lines against each
// other: none comes twice or goes missing unless a Gap says so.
type watcher struct {
	ledger *ledger

	mu       sync.Mutex
	servers  map[string]*watched
	acts     []act // of the chaos
	troubles []string
	lines    int
	some     chan struct{} // closed when a line has come
	gaps     map[console.GapReason]int
}

// act is something that was done to sockets or tokens.
type act struct {
	what string
	at   time.Time
}

// watched is what came from one console.
type watched struct {
	last     int // the number of the last line
	gap      bool
	seen     map[int]bool
	excused  [][2]int    // numbers between which lines may be missing
	troubled []time.Time // when it noticed that something is wrong
}

func newWatcher(ledger *ledger, servers []string) *watcher {
	w := &watcher{ledger: ledger, servers: make(map[string]*watched), some: make(chan struct{}), gaps: make(map[console.GapReason]int)}
	for _, server := range servers {
		w.servers[server] = &watched{seen: make(map[int]bool), gap: true}
	}
	return w
}

// watch reads until the group has ended.
func (w *watcher) watch(group *console.Group) {
	for e, err := range group.Events(context.Background()) {
		if err != nil {
			w.trouble("the events ended with %v", err)
			return
		}
		w.take(e.Server, e.Event)
	}
}

func (w *watcher) trouble(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.troubles = append(w.troubles, fmt.Sprintf(format, args...))
}

func (w *watcher) take(server string, event console.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.servers[server]
	switch e := event.(type) {
	case console.Dropped:
		w.troubles = append(w.troubles, "events were dropped, though all are to be kept")
	case console.StateChange:
		if e.To == console.StateWaiting || e.To == console.StateClosed {
			s.troubled = append(s.troubled, time.Now())
		}
		if e.Err != nil && !typed(e.Err) {
			w.troubles = append(w.troubles, fmt.Sprintf("%s: a change to %s with %T %v", server, e.To, e.Err, e.Err))
		}
		if e.To == console.StateClosed && e.Err != nil && !errors.Is(e.Err, console.ErrClosed) {
			w.troubles = append(w.troubles, fmt.Sprintf("the console of %s gave up: %v", server, e.Err))
		}
	case console.JWTError, console.TokenExpired:
		s.troubled = append(s.troubled, time.Now())
	case console.Gap:
		w.gaps[e.Reason]++
		s.gap = true
	case console.Output:
		sender, n, ok := parse(strings.Replace(e.Line, "did ", "do ", 1))
		if !ok || sender != server || strings.HasPrefix(e.Line, "do ") {
			return
		}
		if w.lines++; w.lines == 1 {
			close(w.some)
		}
		if s.gap {
			s.excused = append(s.excused, [2]int{s.last, n})
			s.gap = false
		} else if n <= s.last && (s.seen[n] || !w.ledger.wasOvertaken(text(sender, n))) {
			w.troubles = append(w.troubles, fmt.Sprintf("%s: line %d came after line %d, and no Gap says so", server, n, s.last))
		}
		s.last, s.seen[n] = max(s.last, n), true
	}
}

// act notes that something is being done to sockets or tokens.
func (w *watcher) act(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.acts = append(w.acts, act{what, time.Now()})
}

// ignorance is how long it may take a console to learn that its token is worth
// nothing. A server that runs sends something every second.
const ignorance = 2 * time.Second

// excuses returns what tells whether a command that was sent at a time may be
// lost, and if not, what it knows: it may be in the moment of an act of the chaos,
// and after it as long as the console could not know.
func (w *watcher) excuses(grace time.Duration) func(server string, sent time.Time) (bool, string) {
	return func(server string, sent time.Time) (bool, string) {
		w.mu.Lock()
		defer w.mu.Unlock()
		why := "without any act of the chaos just before"
		for _, act := range w.acts {
			if sent.Before(act.at.Add(-grace)) || sent.After(act.at.Add(ignorance)) {
				continue
			}
			troubled := w.servers[server].troubled
			i := slices.IndexFunc(troubled, func(at time.Time) bool { return !at.Before(act.at) })
			if i < 0 || !sent.After(troubled[i].Add(grace)) {
				return true, ""
			}
			why = fmt.Sprintf("after %s at %s, which the console knew of at %s", act.what, clock(act.at), clock(troubled[i]))
		}
		return false, why
	}
}

// judge looks for lines that went missing.
func (w *watcher) judge(t *testing.T, l *ledger) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	missing := 0
	for _, server := range slices.Sorted(maps.Keys(w.servers)) {
		s := w.servers[server]
		for n := 1; n < s.last; n++ {
			c := l.commands[text(server, n)]
			if c == nil || c.arrived == 0 || s.seen[n] {
				continue
			}
			missing++
			if !slices.ContainsFunc(s.excused, func(between [2]int) bool { return between[0] < n && n < between[1] }) {
				w.troubles = append(w.troubles, fmt.Sprintf("%s: line %d of %d did not come, and no Gap says so", server, n, s.last))
			}
		}
	}
	t.Logf("lines: %d came, %d are missing where a Gap says so; gaps: %v", w.lines, missing, w.gaps)
	report(t, w.troubles)
	if w.lines == 0 {
		t.Error("no line came")
	}
}
