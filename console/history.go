package console

import (
	"slices"
	"time"
)

// memory is how many of the lines handed out are remembered, at least. More than
// the log holds, so that lines that repeat are known to.
const memory = 256

// history is what was handed out of the lines that the daemon's log may hold: not
// its own lines, nor blank ones.
type history struct {
	prints []fingerprint // the oldest first
	from   int           // from here on, none is missing
	whole  bool          // these are all since the server was started
}

func (h *history) add(line fingerprint) {
	if len(h.prints) == 2*memory {
		h.prints = h.prints[:copy(h.prints, h.prints[memory:])]
		if h.from -= memory; h.from < 0 {
			h.from, h.whole = 0, false
		}
	}
	h.prints = append(h.prints, line)
}

// known are the last lines of which none is missing.
func (h *history) known() []fingerprint { return h.prints[h.from:] }

// begin notes that lines are missing here. Whole is for a server that is just
// being started: its log begins anew. The lines before are remembered only to know
// which ones repeat.
func (h *history) begin(whole bool) { h.from, h.whole = len(h.prints), whole }

// extend notes lines that were printed before those known.
func (h *history) extend(older []fingerprint, whole bool) {
	h.prints = slices.Insert(h.prints, h.from, older...)
	h.whole = whole
}

// logSize is how many lines the daemon's log has when it is full. The operator of
// the node can set that, so it is what the readings of it have shown.
type logSize struct {
	usual int // what Wings comes with
	least int // so many at least, from 1 on
	exact bool
}

func newLogSize(usual int) logSize { return logSize{usual: usual, least: 1} }

// runClock knows when the server was started, by its samples. A sample that comes
// late makes the start appear later, so the earliest counts.
type runClock struct {
	start time.Time
	known bool
}

// runSlack is how much later a start may appear and be the same. Samples are up
// to a second old.
const runSlack = 3 * time.Second

// sample notes an uptime. It reports whether the server was started anew.
func (r *runClock) sample(now time.Time, uptime time.Duration) (again bool) {
	if uptime <= 0 {
		return false
	}
	start := now.Add(-uptime)
	switch {
	case !r.known:
		r.start, r.known = start, true
	case r.later(start, 0):
		r.start, again = start, true
	case start.Before(r.start):
		r.start = start
	default: // the clocks of the two machines run apart
		r.start = r.start.Add(min(start.Sub(r.start), 10*time.Millisecond))
	}
	return again
}

// later reports whether a start is another, after some time without samples.
func (r *runClock) later(start time.Time, passed time.Duration) bool {
	return start.Sub(r.start) > runSlack+passed/1000
}

// logPurpose is what the daemon's log is read for.
type logPurpose int

const (
	logResume   logPurpose = iota // to make up for an interruption
	logFirst                      // to begin with
	logBaseline                   // to know what came before the first line
	logRequest                    // for a caller
)

// holds reports whether live lines wait for the end of the reading.
func (p logPurpose) holds() bool { return p == logResume || p == logFirst }

// Times of reading a log. Its lines come within milliseconds of each other.
const (
	logPause    = 100 * time.Millisecond  // without a new line, it has ended
	logSkew     = 50 * time.Millisecond   // live lines come to one socket so much later than to another, at most
	logLimit    = 1000 * time.Millisecond // to wait for its first line
	logAnswer   = 3 * time.Second         // for each step of opening its socket
	logSample   = 1200 * time.Millisecond // to wait for the uptime
	logTries    = 3
	mostHeld    = 8192    // live lines that wait
	mostHeldMem = 8 << 20 // bytes of them
)

// logRead is one reading of the daemon's log, on a socket of its own.
type logRead struct {
	purpose logPurpose
	want    *outgoing // the request, for logRequest
	tries   int
	cause   error     // why the last one failed
	at      time.Time // when it may begin
	id      int       // of the socket, 0 if none is open or being opened
	open    bool
	step    time.Time // when the last step was done
	asked   time.Time
	pinged  time.Time // when both sockets were asked whether anything is on its way, zero if not
	pongs   int
	tag     int // of these questions

	held  []Event       // live lines that wait, and what stands among them
	bytes int           // of them
	live  []fingerprint // the live lines since it began

	// What the second socket brought.
	lines  []Output
	at2    []time.Time
	prints []fingerprint
	blanks []int // for each blank line, how many others came before it
	before int
	due    int
	early  int

	run runClock // by the samples since it began
	ran bool     // the server was not offline
}

// lastOfLog returns when the last line came that is no live one. It is zero if
// there was none.
//
// Live lines come in the order of the main socket and none is left out, so the
// lines at the end that stand in a row in live are taken for live ones. Lines as
// new as skew may have come to this socket first.
func (r *logRead) lastOfLog(now time.Time, skew time.Duration) time.Time {
	n := len(r.prints)
	ahead := n // from here on
	for ahead > r.early && now.Sub(r.at2[ahead-1]) < skew {
		ahead--
	}
	first := n
	for end := ahead; end <= n; end++ {
		first = min(first, r.row(end, len(r.live)))
	}
	for end := r.before; end < len(r.live); end++ {
		first = min(first, r.row(n, end))
	}
	var last time.Time
	if first > r.early {
		last = r.at2[first-1]
	}
	if len(r.blanks) > 0 && r.lastBlank().After(last) {
		last = r.lastBlank()
	}
	return last
}

// row returns where the lines begin that end at an index of second, and stand in a
// row in live, ending there at another.
func (r *logRead) row(end, live int) int {
	for end > r.early && live > r.before && r.prints[end-1] == r.live[live-1] {
		end--
		live--
	}
	return end
}

// quiet returns when the log seems to have ended, as far as can be told now.
func (r *logRead) quiet(now time.Time) time.Time {
	last := r.lastOfLog(now, logSkew)
	if last.IsZero() {
		return r.asked.Add(logLimit)
	}
	return last.Add(logPause)
}

// again returns when to ask both sockets again, now that both have answered: zero
// if nothing of the log came since the pause before.
func (r *logRead) again(now time.Time) time.Time {
	last := r.lastOfLog(now, 0)
	if last.IsZero() || !last.Add(logPause).After(r.pinged) {
		return time.Time{}
	}
	return last.Add(logPause)
}

func (r *logRead) lastBlank() time.Time {
	if n := r.blanks[len(r.blanks)-1]; n > 0 {
		return r.at2[n-1]
	}
	return r.asked
}

// evidence is what is known of the lines when the log has ended. What came after
// the last question to both sockets is left out.
func (r *logRead) evidence(c *core) *evidence {
	n := len(r.prints)
	for n > r.early && r.at2[n-1].After(r.pinged) {
		n--
	}
	ev := &evidence{
		size: c.log, trust: c.trust,
		known: c.lines.known(), whole: c.lines.whole, past: c.lines.prints[:c.lines.from],
		live: r.live, before: r.before, due: r.due, second: r.prints[:n], early: r.early, blank: len(r.blanks),
		gapped: r.purpose == logResume,
	}
	if r.purpose == logBaseline || r.purpose == logRequest {
		// The lines since it began are both known and live.
		ev.known = ev.known[:max(0, len(ev.known)-len(r.live))]
	}
	return ev
}
