package console

import (
	"hash/maphash"
	"slices"
	"strings"
)

// This is why a console can hand out each line once although the daemon's messages
// carry no numbers.
//
// After an interruption there are three sequences of lines:
//
//	known   the last lines that were handed out before it
//	live    what the main socket has brought since
//	second  what a second socket, opened later, brought after it asked for the log
//
// Blank lines and the daemon's own lines are left out of all three: blank lines are
// never sent live, the daemon's own lines are never in the log.
//
// The premises, each measured on a real Wings:
//
//	(1) Every socket gets all live lines from some line on, in the order in which
//	    they were printed.
//	(2) The log is a run of consecutive lines. It has as many as the node's
//	    operator set (150 unless changed), or it begins with the first line that
//	    the server printed since it was started.
//	(3) The log holds each line that was live before it was asked for.
//	(4) The second socket brings the lines of the log in order. Live lines stand
//	    before, among and after them.
//
// An explanation assigns each line of second to the log or to the live lines, so
// that by (1) and (4) the live ones are live[j:] for some j, as far as they have
// come, and by (2) and (3) those of the log are a run of  known · missing · live
// with none left out. What really happened is one of the explanations. So what all
// of them agree on is true: if all have the same missing lines, these are the
// missing lines. The function explain goes through all explanations at once, line
// by line of second; a hypothesis is the part of an explanation so far.
//
// A server may always print the same lines again, so one more premise rules out
// what nobody would believe:
//
//	(5) A line was printed once if no socket brought it twice and it was not among
//	    the known lines before.
//
// (5) makes one line of two sightings, in known and the log or in the log and live,
// and thereby places all lines around it. Lines that repeat within what is
// remembered (at least the last 256 lines) are exempt: for them all explanations
// count. A log without a known line may follow lines that are lost, and while that
// is an explanation nothing is sure.
//
// The size of the log is not assumed but learned. A log of at least as many lines
// as any before it may be full, so lines may be lost before its first one. A log
// that begins after the first known line is full, which gives the exact size.
//
// What is left:
//
//   - (5) can fail. A line that is printed again after more than a whole log was
//     missed may be taken for the known one if it is the first of the log, with the
//     two lines before it being alike as well (see trust).
//   - Wings ends a log before a line of more than 64 KiB. If such a line was printed
//     during the interruption, by a server whose log is not full yet, and nothing
//     has been printed since, then it and what followed it are lost unnoticed. In
//     all other cases (3) or the size of the log shows it.
//   - An operator who makes the log smaller and restarts Wings deceives a console
//     that learned its size before, until the next log that (2) does not allow.
//
// Why the log is never read on the main socket, not even if the daemon refuses a
// second one: live lines stand among those of the log, and a line that comes once
// after the last known one can be either. Take known a, b and the main socket
// bringing a, b, m, n: if m was printed before the log was read and n after it,
// the order is m, n; but if n is of the log and m was live first, it is n, m. Only
// the second socket shows which. So a refused second socket leads to a Gap,
// after three attempts.

// mostHypotheses bounds the work. Only lines that nearly all repeat come near it,
// and nothing would be sure of these anyway.
const mostHypotheses = 600

// fingerprint stands for a line, so that a console need not keep its text.
type fingerprint uint64

var fingerprintSeed = maphash.MakeSeed()

func fingerprintOf(line string) fingerprint {
	return fingerprint(maphash.String(fingerprintSeed, line))
}

// counts returns how often each line occurs.
func counts(lists ...[]fingerprint) map[fingerprint]int {
	n := make(map[fingerprint]int)
	for _, list := range lists {
		for _, line := range list {
			n[line]++
		}
	}
	return n
}

// inLog reports whether a line of a live connection can be found in the daemon's
// log: lines of the daemon itself cannot.
func inLog(line string) bool {
	return !strings.HasPrefix(line, "\x1b[33m\x1b[1m[") || !strings.Contains(line, "]:\x1b[39m ")
}

// evidence is what is known of the lines around an interruption.
type evidence struct {
	size    logSize
	trust   int // of a log that is full for all we know, so many lines must have been known: fewer may be alike by chance
	known   []fingerprint
	whole   bool          // known are all lines since the server was started
	past    []fingerprint // lines from before those, to know which repeat
	live    []fingerprint
	before  int // so many of live came before the second socket was opened
	due     int // so many of live came before the log was asked for
	second  []fingerprint
	early   int  // so many of second came before the log was asked for
	blank   int  // so many blank lines came with the log
	anew    bool // the server may have been started anew, so that even a short log may lack lines
	certain bool // a log of which nothing came does not count as empty
	gapped  bool // lines may be missing between known and live
}

// zone is a part of the lines that a log may hold, in their order.
type zone uint8

const (
	zoneNone    zone = iota // nothing of the log has come
	zoneLost                // after lines that nobody saw: nothing known is in the log
	zoneOlder               // before the lines known
	zoneKnown               // the lines known
	zoneMissing             // between the lines known and the live ones
	zoneLive                // live lines
)

// hypothesis is an explanation of the first lines of second.
type hypothesis struct {
	next int32  // the index in live of the next live line, -1 if none has come
	pos  int32  // how many lines of the zone have come, for zoneKnown the index of the next
	from int32  // the index in known where the log begins, or fromOlder, fromLost
	log  int32  // how many lines of the log have come
	zone zone   //
	text uint64 // stands for the lines that are sought
}

// Where the log begins, if not among the lines known.
const (
	fromOlder = -1 // before them
	fromLost  = -2 // after them, and after lines that nobody saw
)

// step is how a hypothesis came about.
type step struct {
	last  *step
	index int
	zone  zone
}

// explanation is what can be told of the lines of second.
type explanation struct {
	older, missing []int // indices in second
	log            []int // all lines of the log, these included
	meets          int   // so many of live are at the end of the log
	full           bool  // the log is as long as it can be
	size           logSize
	lost           bool // lines were missed that the log does not hold
	agreed         bool // all explanations have the same lines
}

// verdict is how far explanations agree.
type verdict int

const (
	verdictNone      verdict = iota // nothing explains the lines
	verdictLost                     // only lines lost before the log do
	verdictAmbiguous                // several do
	verdictSure
)

// sought is what explanations must agree on.
type sought int

const (
	seekMissing sought = iota
	seekOlder
)

// explain finds all explanations. It returns the likeliest, and whether all agree
// on what is sought.
func (ev *evidence) explain(seek sought) (*explanation, verdict) {
	repeats, elsewhere := ev.repeats()
	current := map[hypothesis]*step{{next: -1, from: fromOlder}: nil}
	for i, line := range ev.second {
		following := make(map[hypothesis]*step, len(current))
		free := repeats[line] || !elsewhere[line] // may be anywhere
		for h, s := range current {
			ev.advance(h, s, i, line, free, seek, following)
		}
		if len(following) > mostHypotheses {
			return ev.guess()
		}
		current = following
	}
	return ev.judge(current)
}

// repeats returns the lines that are exempt from (5), and those that are not new.
func (ev *evidence) repeats() (repeats, elsewhere map[fingerprint]bool) {
	past, known, live, second := counts(ev.past), counts(ev.known), counts(ev.live), counts(ev.second)
	repeats, elsewhere = make(map[fingerprint]bool), make(map[fingerprint]bool)
	for line, n := range second {
		k, l := known[line], live[line]
		elsewhere[line] = k+l > 0
		repeats[line] = past[line] > 1 || k > 1 || l > 1 || k+l > 1 || n > l+1
	}
	return repeats, elsewhere
}

// advance adds all hypotheses that follow from one with one more line.
func (ev *evidence) advance(h hypothesis, s *step, i int, line fingerprint, free bool, seek sought, to map[hypothesis]*step) {
	// The line is live.
	if h.next >= 0 {
		if int(h.next) < len(ev.live) && ev.live[h.next] == line {
			n := h
			n.next++
			put(to, n, s)
		}
	} else {
		for m := ev.before; m < len(ev.live); m++ {
			if ev.live[m] == line {
				n := h
				n.next = int32(m) + 1 //nolint:gosec // there are few
				put(to, n, s)
			}
		}
	}
	if i < ev.early {
		return
	}
	// It is one of the log.
	add := func(z zone, pos, from int32) {
		n := h
		n.zone, n.pos, n.from = z, pos, from
		n.log++
		if seek == seekOlder && z == zoneOlder || seek == seekMissing && (z == zoneMissing || z == zoneLost) {
			n.text = (n.text ^ uint64(line)) * 1099511628211
		}
		put(to, n, &step{s, i, z})
	}
	complete := h.zone == zoneMissing || h.zone == zoneKnown && int(h.pos) == len(ev.known)
	switch h.zone {
	case zoneNone:
		if len(ev.known) == 0 {
			complete = true
		}
		for q := range ev.known {
			if ev.known[q] == line {
				add(zoneKnown, int32(q)+1, int32(q))
			}
		}
		if free && !ev.whole {
			add(zoneOlder, 1, fromOlder)
		}
		if ev.gapped && (len(ev.known) > 0 || ev.whole) {
			if free {
				add(zoneLost, 1, fromLost)
			}
		}
		for m, l := range ev.live { // it may begin with any live line
			if l == line && (m > 0 || ev.gapped) {
				add(zoneLive, int32(m)+1, fromLost)
			}
		}
	case zoneOlder:
		if free {
			add(zoneOlder, 1, fromOlder)
		}
		if len(ev.known) > 0 && ev.known[0] == line {
			add(zoneKnown, 1, fromOlder)
		}
		complete = len(ev.known) == 0
	case zoneLost:
		if free {
			add(zoneLost, 1, fromLost)
		}
		complete = true
	case zoneKnown:
		if int(h.pos) < len(ev.known) && ev.known[h.pos] == line {
			add(zoneKnown, h.pos+1, h.from)
		}
	case zoneMissing, zoneLive:
	}
	if complete && free && ev.gapped && h.zone != zoneLost && (len(ev.known) > 0 || ev.whole) {
		add(zoneMissing, 1, h.from)
	}
	if complete && len(ev.live) > 0 && ev.live[0] == line {
		add(zoneLive, 1, h.from)
	}
	if h.zone == zoneLive && int(h.pos) < len(ev.live) && ev.live[h.pos] == line {
		add(zoneLive, h.pos+1, h.from)
	}
}

func put(to map[hypothesis]*step, h hypothesis, s *step) {
	if _, there := to[h]; !there {
		to[h] = s
	}
}

// judge compares the explanations that hold to the end.
func (ev *evidence) judge(found map[hypothesis]*step) (*explanation, verdict) {
	var best *explanation
	var bestOf hypothesis
	sure, lost, texts := true, false, make(map[uint64]bool)
	anyFull, sizes := false, make(map[logSize]bool)
	for h, s := range found {
		lines := int(h.log) + ev.blank
		full := lines >= ev.size.least
		isLost := h.from == fromLost
		overlap := len(ev.known)
		if h.from >= 0 {
			overlap -= int(h.from)
		}
		meets := 0
		if h.zone == zoneLive {
			meets = int(h.pos)
		}
		switch {
		case meets < ev.due, ev.size.exact && lines > ev.size.least:
			continue
		case isLost:
			if !full && !ev.anew {
				continue // it goes back to the start
			}
			lost = lost || ev.gapped
		case len(ev.known) == 0:
			if ev.whole && ev.gapped && full {
				continue // lines may be lost before it, which is another explanation
			}
			lost = lost || ev.certain && h.zone == zoneNone // the log may be late
		case h.zone == zoneNone:
			continue // what is known must be in it, or be lost
		case h.zone == zoneOlder, h.zone == zoneKnown && int(h.pos) < len(ev.known):
			continue // it ends too early
		case h.from > 0 && !full:
			continue // it begins in the middle
		case ev.gapped && full && (ev.size.exact || lines >= ev.size.usual) && overlap < ev.trust:
			sure = false
		case h.from > 0 && ev.gapped && meets == 0 && !ev.size.exact && lines != ev.size.usual:
			sure = false // a long line may have ended it
		}
		texts[h.text] = true
		anyFull = anyFull || full
		sizes[logSize{ev.size.usual, lines, h.from > 0}] = true
		if best == nil || better(h, bestOf, isLost, best.lost) {
			best = ev.explanation(s, meets, isLost)
			bestOf = h
		}
	}
	if best != nil {
		best.full, best.size, best.agreed = anyFull, ev.size, len(texts) == 1
		for size := range sizes {
			if len(sizes) == 1 && (size.exact || size.least > ev.size.least) {
				best.size = size
			}
		}
	}
	switch {
	case best == nil:
		return nil, verdictNone
	case best.lost && ev.gapped:
		return best, verdictLost // no other explanation
	case lost || !sure || len(texts) > 1:
		return best, verdictAmbiguous
	}
	return best, verdictSure
}

// better reports whether h is to be preferred as a guess: nothing lost, most of
// the live lines met, and then by any order that is always the same.
func better(h, other hypothesis, lost, otherLost bool) bool {
	if lost != otherLost {
		return !lost
	}
	if a, b := meetsOf(h), meetsOf(other); a != b {
		return a > b
	}
	if h.from != other.from {
		return h.from < other.from
	}
	if h.next != other.next {
		return h.next > other.next
	}
	if h.log != other.log {
		return h.log < other.log
	}
	return h.text < other.text
}

func meetsOf(h hypothesis) int32 {
	if h.zone == zoneLive {
		return h.pos
	}
	return 0
}

func (ev *evidence) explanation(s *step, meets int, lost bool) *explanation {
	e := &explanation{meets: meets, lost: lost}
	for ; s != nil; s = s.last {
		e.log = append(e.log, s.index)
		switch s.zone {
		case zoneOlder:
			e.older = append(e.older, s.index)
		case zoneMissing, zoneLost:
			e.missing = append(e.missing, s.index)
		case zoneNone, zoneKnown, zoneLive:
		}
	}
	slices.Reverse(e.log)
	slices.Reverse(e.older)
	slices.Reverse(e.missing)
	return e
}

// guess gives up: too many lines repeat. It takes as many lines as it can for
// known ones.
func (ev *evidence) guess() (*explanation, verdict) {
	live := counts(ev.live)
	e := new(explanation)
	var prints []fingerprint
	for i, line := range ev.second {
		if live[line] > 0 {
			live[line]--
			continue
		}
		e.log = append(e.log, i)
		prints = append(prints, line)
	}
	overlap := min(len(ev.known), len(prints))
	for overlap > 0 && !slices.Equal(ev.known[len(ev.known)-overlap:], prints[:overlap]) {
		overlap--
	}
	e.missing = e.log[overlap:]
	e.full, e.size = true, ev.size
	return e, verdictAmbiguous
}
