package console

import (
	"hash/maphash"
	"slices"
	"strings"
	"time"

	"github.com/ptero-go/ptero/client"
)

const (
	// logLines is how many lines of the log the daemon sends unless it is set up
	// otherwise.
	logLines = 150

	// longLine is the length at which the daemon cuts a line.
	longLine = 64 << 10

	// logLimit is how long the daemon may take to begin with its log. The lines
	// come within milliseconds of each other, so logPause is its end.
	logLimit = 1500 * time.Millisecond
	logPause = 250 * time.Millisecond

	// sureOverlap is how many lines in a row, met again in the log, are taken for
	// the same lines.
	sureOverlap = 3
)

// fingerprint stands for a line, so that a console need not keep its text.
type fingerprint uint64

var fingerprintSeed = maphash.MakeSeed()

func fingerprintOf(line string) fingerprint {
	return fingerprint(maphash.String(fingerprintSeed, line))
}

// lines is what a console knows of the lines of its server.
type lines struct {
	shown     shown
	fromStart bool // shown holds every line since the server was started
	first     bool // the log is yet to be handed out as a whole
	withheld  bool // the daemon withholds events for want of a token

	interrupted bool              // lines may have been missed since
	powerBefore client.PowerState // when that began

	uptime  time.Duration // of the server, when it was
	sampled time.Time

	reading *reading // of the log, while it is under way
}

// begin notes that the server is being started: its log begins anew.
func (l *lines) begin() {
	l.shown, l.fromStart, l.sampled = shown{}, true, time.Time{}
}

// sample notes how long the server has been running, 0 if that is not known.
func (l *lines) sample(uptime time.Duration) {
	switch {
	case uptime == 0:
	case l.reading == nil:
		l.uptime, l.sampled = uptime, time.Now()
	case l.reading.sampled.IsZero():
		l.reading.uptime, l.reading.sampled = uptime, time.Now()
	}
}

// interrupt notes that lines may be missed from now on.
func (l *lines) interrupt(power client.PowerState) {
	if !l.interrupted {
		l.interrupted, l.powerBefore = true, power
	}
}

// restarted tells whether the server was started anew since the interruption.
func (l *lines) restarted(power client.PowerState) bool {
	if l.powerBefore == client.PowerStateOffline || l.powerBefore == client.PowerStateStopping && power != l.powerBefore {
		return true
	}
	if l.sampled.IsZero() || l.reading.sampled.IsZero() {
		return false
	}
	passed := l.reading.sampled.Sub(l.sampled)
	const slack = 5 * time.Second // samples are up to a second old
	return l.reading.uptime+slack+passed/1000 < l.uptime+passed
}

// conclude ends the reading and returns the lines to hand out, and why they may
// not be all or not all be new. A reason tells that the log did not come.
func (l *lines) conclude(power client.PowerState, reason GapReason) (fresh []string, gap GapReason) {
	r := l.reading
	switch {
	case l.first:
		fresh = r.lines
	case reason != "":
		fresh, gap = r.lines, reason
	case l.restarted(power):
		l.begin()
		l.fromStart = r.sent < logLines
		fresh, gap = r.lines, GapRestarted
	case len(l.shown.lines) > 0:
		fresh, gap = r.resume(l.shown.all())
	case l.fromStart:
		fresh = r.lines
		if r.sent >= logLines {
			gap = GapLost
		}
	default:
		for _, line := range r.lines {
			l.shown.add(line)
		}
		gap = GapUnknown
	}
	if !r.sampled.IsZero() {
		l.uptime, l.sampled = r.uptime, r.sampled
	}
	l.reading, l.first, l.interrupted, l.withheld = nil, false, false, false
	return fresh, gap
}

// shown remembers the last lines that were handed out, without those that are
// never in the daemon's log.
type shown struct {
	lines []fingerprint // a ring once it is full
	next  int           // where the next line goes in a full ring
}

func (s *shown) add(line string) {
	if len(s.lines) < logLines {
		s.lines = append(s.lines, fingerprintOf(line))
		return
	}
	s.lines[s.next] = fingerprintOf(line)
	s.next = (s.next + 1) % logLines
}

// all returns the lines, the oldest first.
func (s *shown) all() []fingerprint {
	return slices.Concat(s.lines[s.next:], s.lines[:s.next])
}

// inLog tells whether a line of a live connection can be found in the daemon's
// log: lines of the daemon itself cannot.
func inLog(line string) bool {
	return !strings.HasPrefix(line, "\x1b[33m\x1b[1m[") || !strings.Contains(line, "]:\x1b[39m ")
}

// reading is what came while the daemon's log was asked for: the log and live
// lines, and nothing tells one from the other.
type reading struct {
	lines []string // without blank ones, which only the log has
	asked int      // how many of lines had come before the log was asked for
	sent  int      // how many lines came after, with blank ones
	full  int      // how many of them were not blank when a full log had come

	askedAt, last time.Time // when the log was asked for, and the last line came

	uptime  time.Duration // of the server, when it was
	sampled time.Time
}

func (r *reading) add(line string) {
	r.sent++
	r.last = time.Now()
	if line != "" {
		r.lines = append(r.lines, line)
	}
	if r.sent == logLines {
		r.full = len(r.lines) - r.asked
	}
}

// ask notes that the log is asked for now.
func (r *reading) ask() { r.asked, r.sent, r.askedAt = len(r.lines), 0, time.Now() }

// until returns when the reading has ended, as far as can be told now: with a
// pause after lines that reach those shown, or after a while.
func (l *lines) until() time.Time {
	const (
		enough    = time.Second
		noMeeting = 3 * time.Second
	)
	r := l.reading
	switch {
	case r.sent == 0:
		return r.askedAt.Add(logLimit)
	case r.sent < logLines && len(l.shown.lines) > 0 && !r.reaches(l.shown.all()) && !l.first:
		return r.askedAt.Add(noMeeting)
	}
	if paused := r.last.Add(logPause); paused.Before(r.askedAt.Add(enough)) {
		return paused
	}
	return r.askedAt.Add(enough)
}

// reaches tells whether the log, as far as it has come, reaches the last line
// shown.
func (r *reading) reaches(shown []fingerprint) bool {
	end, _, _ := meet(shown, fingerprints(r.lines[r.asked:]), false)
	return end > 0
}

// resume works out which lines of a reading were not shown before, in the order
// in which the server printed them. The reason is empty if it is sure of that:
// if lines that occur nowhere else tell where the lines shown end in the log, and
// where the log ends and live lines begin. Live lines may come before the log,
// among its first lines, and after it. Within a millisecond or so they may also
// come among its last lines; then their place, but no more, may be another.
func (r *reading) resume(shown []fingerprint) (fresh []string, reason GapReason) {
	before, got := r.lines[:r.asked], r.lines[r.asked:]
	prints := fingerprints(got)
	end, among, sure := meet(shown, prints, r.sent < logLines)
	switch {
	case end == 0:
		return slices.Concat(before, got), GapLost
	case !sure:
		return slices.Concat(got[end:], before), GapAmbiguous
	}
	fresh = got[end:]
	// A line printed while the daemon read the log comes twice: at the end of the
	// log, and live. Where the log is known to be full, its end is known, too.
	full := len(shown) == logLines
	if !full || r.sent != logLines {
		known := counts(shown, prints)
		from, to := 1, min(len(fresh)-1, logLines)
		if full && len(among) == 0 && r.sent > logLines {
			from, to = r.full-end, r.full-end
		}
		again, count, sure := repeated(prints[end:], from, to, known)
		fresh = slices.Concat(fresh[:again], fresh[again+count:])
		if !sure || twice(fresh, known) {
			reason = GapAmbiguous
		}
	}
	// Lines that came live before the log or in the midst of its beginning were
	// printed after the lines shown, and mostly stand further down in the log.
	live := slices.Clone(before)
	for _, i := range among {
		live = append(live, got[i])
	}
	if len(live) > 0 && !contains(fresh, live) {
		if len(fresh) > 0 {
			reason = GapAmbiguous
		}
		fresh = slices.Concat(fresh, live)
	}
	return fresh, reason
}

// meet finds where the lines shown end in what was received: end is the number
// of lines received up to there, 0 if they do not meet. Among are the indices of
// lines before it that are not part of the log. It is sure if lines tell that
// occur but once, and no other place fits. Whole tells that the log goes back to
// the start of the server.
func meet(shown, got []fingerprint, whole bool) (end int, among []int, sure bool) {
	if len(shown) == 0 {
		return 0, nil, false
	}
	inShown, inGot := counts(shown), counts(got)
	places := 0
	for i := len(got); i > 0; i-- {
		if got[i-1] != shown[len(shown)-1] {
			continue
		}
		skipped, matched := meetAt(shown, got[:i])
		if matched < sureOverlap && matched < len(shown) {
			continue
		}
		places++
		if places > 1 && len(skipped) > len(among) {
			continue
		}
		end, among = i, skipped
		sure = matched >= sureOverlap || whole
		sure = sure && slices.ContainsFunc(shown[len(shown)-matched:], func(line fingerprint) bool {
			return inShown[line] == 1 && inGot[line] == 1
		})
	}
	return end, among, sure && places == 1
}

// meetAt counts the lines at the end of those shown that are the end of what was
// received, and returns the indices of the few that are among these. It counts
// none if what was received begins otherwise.
func meetAt(shown, got []fingerprint) (among []int, matched int) {
	for i := len(got) - 1; i >= 0 && matched < len(shown); i-- {
		if got[i] == shown[len(shown)-1-matched] {
			matched++
			continue
		}
		among = append(among, i)
		if len(among)*sureOverlap > matched {
			return nil, 0
		}
	}
	slices.Reverse(among)
	return among, matched
}

// repeated looks for lines that are followed by themselves, so that the second
// begins at an index between from and to. Those that certainly came twice are
// counted: the index is given, and one of the lines occurs nowhere else. It is
// not sure of others, as the server may have printed them twice.
func repeated(lines []fingerprint, from, to int, counts map[fingerprint]int) (index, count int, sure bool) {
	for i := max(from, 1); i <= to; i++ {
		for n := min(i, len(lines)-i); n > 0; n-- {
			if !slices.Equal(lines[i-n:i], lines[i:i+n]) {
				continue
			}
			once := slices.ContainsFunc(lines[i:i+n], func(line fingerprint) bool { return counts[line] == 2 })
			if from != to || !once {
				return 0, 0, false
			}
			return i, n, true
		}
	}
	return 0, 0, true
}

// twice tells whether there is a line that occurs twice among these, and nowhere
// else: once in the log and once live, perhaps.
func twice(lines []string, counts map[fingerprint]int) bool {
	seen := make(map[fingerprint]bool)
	for _, line := range fingerprints(lines) {
		if seen[line] && counts[line] == 2 {
			return true
		}
		seen[line] = true
	}
	return false
}

// counts tells how often each line occurs.
func counts(lists ...[]fingerprint) map[fingerprint]int {
	n := make(map[fingerprint]int)
	for _, list := range lists {
		for _, line := range list {
			n[line]++
		}
	}
	return n
}

func fingerprints(lines []string) []fingerprint {
	prints := make([]fingerprint, len(lines))
	for i, line := range lines {
		prints[i] = fingerprintOf(line)
	}
	return prints
}

// contains tells whether part stands in lines, in a row.
func contains(lines, part []string) bool {
	for i := range len(lines) - len(part) + 1 {
		if slices.Equal(lines[i:i+len(part)], part) {
			return true
		}
	}
	return false
}
