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
	lost     map[string]bool // commands that a console said may be lost
	end      time.Time       // when the consoles were closed
	troubles []string
	lines    int
	some     chan struct{} // closed when a line has come
	gaps     map[console.GapReason]int
}

// watched is what came from one console.
type watched struct {
	last    int // the number of the last line
	gap     bool
	seen    map[int]bool
	excused [][2]int // numbers between which lines may be missing
}

func newWatcher(ledger *ledger, servers []string) *watcher {
	w := &watcher{ledger: ledger, servers: make(map[string]*watched), lost: make(map[string]bool), some: make(chan struct{}), gaps: make(map[console.GapReason]int)}
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
		if e.Err != nil && !typed(e.Err) {
			w.troubles = append(w.troubles, fmt.Sprintf("%s: a change to %s with %T %v", server, e.To, e.Err, e.Err))
		}
		if e.To == console.StateClosed && e.Err != nil && !errors.Is(e.Err, console.ErrClosed) {
			w.troubles = append(w.troubles, fmt.Sprintf("the console of %s gave up: %v", server, e.Err))
		}
	case console.CommandsLost:
		for _, command := range e.Commands {
			w.lost[command] = true
		}
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

// close notes that the consoles are about to be closed.
func (w *watcher) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.end = time.Now()
}

// lastMoment is how long before the end a command may be sent and not read.
const lastMoment = time.Second

// excuses returns what reports whether a command whose sender was told that it was
// sent may be lost. There are two excuses, as the daemon acknowledges nothing:
//
//   - a CommandsLost said so later: the connection failed, or the token turned out
//     not to be in force, before the daemon can have been seen to read on
//   - it was sent in the last moment before the consoles were closed
func (w *watcher) excuses() func(text string, sent time.Time) bool {
	return func(text string, sent time.Time) bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.lost[text] || sent.After(w.end.Add(-lastMoment))
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
