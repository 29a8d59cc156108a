package soak

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/console"
)

// ledger knows of each command what its sender was told, and how often it
// arrived.
type ledger struct {
	mu       sync.Mutex
	commands map[string]*command
	last     map[string]int // the highest number that arrived, by sender
	troubles []string

	// mayJoin is set in real time: a busy machine reads commands together that
	// were sent apart, and Wings carries out such in any order.
	mayJoin   bool
	overtaken map[string]bool // those that were
}

// command is one command. Its text names its sender and its number.
type command struct {
	server    string
	byConsole bool
	ended     time.Time
	err       error
	arrived   int
}

func newLedger() *ledger {
	return &ledger{commands: make(map[string]*command), last: make(map[string]int), overtaken: make(map[string]bool)}
}

// text is that of a sender's nth command.
func text(sender string, n int) string { return "do " + sender + " " + strconv.Itoa(n) }

// parse is the inverse of text.
func parse(line string) (sender string, n int, ok bool) {
	fields := strings.Fields(line)
	if len(fields) != 3 || fields[0] != "do" {
		return "", 0, false
	}
	n, err := strconv.Atoi(fields[2])
	return fields[1], n, err == nil
}

// begin notes that a command is about to be sent.
func (l *ledger) begin(text, server string, byConsole bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.commands[text] = &command{server: server, byConsole: byConsole}
}

// end notes what its sender was told.
func (l *ledger) end(text string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.commands[text]
	c.ended, c.err = time.Now(), err
}

// wasOvertaken reports whether a command was carried out after a later one, and
// may have been.
func (l *ledger) wasOvertaken(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.overtaken[text]
}

// arrive is what the game does with a command: it counts it and says so.
func (l *ledger) arrive(line string) []string {
	sender, n, ok := parse(line)
	if !ok {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.commands[line]
	if c == nil {
		l.troubles = append(l.troubles, fmt.Sprintf("%q arrived, which nobody sent", line))
		return nil
	}
	c.arrived++
	// A request whose sender gave up may still arrive, long after the next one.
	switch {
	case !c.byConsole || n > l.last[sender]:
	case l.mayJoin:
		l.overtaken[line] = true
	default:
		l.troubles = append(l.troubles, fmt.Sprintf("%q arrived after number %d", line, l.last[sender]))
	}
	l.last[sender] = max(l.last[sender], n)
	return []string{"did " + sender + " " + strconv.Itoa(n)}
}

// judge holds what arrived against what the senders were told. A console may have
// been wrong that a command is sent only if excused.
func (l *ledger) judge(t *testing.T, excused func(text string, sent time.Time) bool) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	var sent, unsure, refused, excuses, mayHave int
	troubles := slices.Clone(l.troubles)
	for text, c := range l.commands {
		if c.arrived > 1 {
			troubles = append(troubles, fmt.Sprintf("%q arrived %d times (%v)", text, c.arrived, c.err))
		}
		var apiError *client.Error
		switch {
		case c.ended.IsZero():
			troubles = append(troubles, fmt.Sprintf("%q has no outcome", text))
		case c.err == nil:
			sent++
			if c.arrived == 1 {
				break
			}
			if c.byConsole && excused(text, c.ended) {
				excuses++
			} else {
				troubles = append(troubles, fmt.Sprintf("%q was sent at %s and is lost", text, clock(c.ended)))
			}
		case errors.Is(c.err, console.ErrMayHaveArrived):
			unsure++
			mayHave += c.arrived
		case c.byConsole: // it says that nothing was sent
			refused++
			if c.arrived > 0 {
				troubles = append(troubles, fmt.Sprintf("%q arrived in spite of %v", text, c.err))
			}
		case errors.As(c.err, &apiError) && apiError.StatusCode >= 400 && apiError.StatusCode < 500:
			refused++
			if c.arrived > 0 {
				troubles = append(troubles, fmt.Sprintf("%q arrived in spite of %v", text, c.err))
			}
		default:
			unsure++
			mayHave += c.arrived
		}
	}
	t.Logf("commands: %d sent, of which %d were lost, as a CommandsLost said; "+
		"%d refused, %d of unknown outcome, of which %d had arrived", sent, excuses, refused, unsure, mayHave)
	report(t, troubles)
	if sent == 0 {
		t.Error("no command was sent")
	}
}

func clock(at time.Time) string { return at.Format("15:04:05.000") }

// report fails the test for the first few of any number of troubles.
func report(t *testing.T, troubles []string) {
	t.Helper()
	slices.Sort(troubles)
	for i, trouble := range troubles {
		if i == 20 {
			t.Errorf("… and %d more", len(troubles)-i)
			return
		}
		t.Error(trouble)
	}
}
