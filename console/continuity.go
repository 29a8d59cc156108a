package console

import (
	"hash/maphash"
	"slices"
	"strings"
)

// What follows is why a console may be sure that it handed out each line once,
// although nothing in the daemon's messages numbers the lines.
//
// After an interruption there are three sequences of lines:
//
//	known   what was handed out before, the last lines of it
//	live    what the main socket brought since
//	second  what a second socket, opened later, brought after it asked for the log
//
// Blank lines and lines of the daemon itself are left out; the former are never
// live, the latter never in the log. What was measured on a real daemon:
//
//	(1) Every socket gets the live lines, all of them from its beginning on, in
//	    the order in which they were printed.
//	(2) The log is a run of consecutive printed lines. It has logLines lines, or
//	    goes back to the start of the server.
//	(3) The lines that were live before the log was asked for are in it.
//	(4) The second socket brings the lines of the log in their order, and live
//	    lines stand before, among and after them.
//
// So there is a number j and an assignment of each line of second to the log or
// to the live lines such that the latter are live[j:], as far as it has come (1,
// 4), and the former are a run of  known · missing · live  with no line left out
// (2, 3). Such an assignment is an explanation. The truth is one of them, so what
// all explanations agree on is true: if all give the same missing lines, these
// are the lines missing. explain goes through all of them at once.
//
// Two sequences of lines never exclude that a server printed the same again, so
// one more assumption rules out explanations nobody would believe:
//
//	(5) A line of which no two were seen on one socket, and that was not known
//	    before, was not printed twice.
//
// Lines that repeat within what is remembered, memory lines at least, are exempt
// from (5): for these, all explanations count. It is (5) that makes two sights of
// a line, in known and in the log or in the log and live, one line, and with it
// the place of all lines around it. A log that holds no line of known may be
// explained by lines lost before its first; as long as it may, nothing is sure.
// Where (5) fails, because a line is printed for the second time after more than
// the log holds was missed, and is the first of the log with the two before it,
// and was the last of known, a loss goes unnoticed: trust makes that so rare.

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
	limit   int // lines of a full log
	trust   int // so many lines of a full log must have been known before: fewer may be alike by chance
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
	lost           bool  // lines were missed that the log does not hold
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
	seekLog
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
		if seek == seekLog || seek == seekOlder && z == zoneOlder || seek == seekMissing && (z == zoneMissing || z == zoneLost) {
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
		for q := max(0, len(ev.known)-ev.limit); q < len(ev.known); q++ {
			if ev.known[q] == line {
				add(zoneKnown, int32(q)+1, int32(q)) //nolint:gosec // there are few
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
	for h, s := range found {
		full := int(h.log)+ev.blank >= ev.limit
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
		case meets < ev.due:
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
		case full && overlap < ev.trust:
			sure = false
		}
		texts[h.text] = true
		if best == nil || better(h, bestOf, isLost, best.lost) {
			best = ev.explanation(s, meets, full, isLost)
			bestOf = h
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

func (ev *evidence) explanation(s *step, meets int, full, lost bool) *explanation {
	e := &explanation{meets: meets, full: full, lost: lost}
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
	e.full = len(e.log)+ev.blank >= ev.limit
	return e, verdictAmbiguous
}
