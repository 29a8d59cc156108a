package console

import (
	"slices"
	"testing"
)

func prints(lines ...string) []fingerprint {
	var found []fingerprint
	for _, line := range lines {
		found = append(found, fingerprintOf(line))
	}
	return found
}

// What the order of events rules out leaves fewer explanations, and no gap.
func TestExplain(t *testing.T) {
	t.Parallel()
	repeats := prints("x", "x", "p", "p", "q", "q", "r", "r") // seen to repeat
	for name, c := range map[string]struct {
		ev      evidence
		seek    sought
		want    verdict
		missing []int
		log     []int
	}{
		"lines that were live before the log was asked for are in it": {
			evidence{known: prints("a", "b"), live: prints("x"), before: 1, due: 1, second: prints("a", "b", "x", "x"), gapped: true},
			seekMissing, verdictSure,
			[]int{2},
			[]int{0, 1, 2, 3},
		},
		"they may not be": {
			evidence{known: prints("a", "b"), live: prints("x"), before: 1, second: prints("a", "b", "x", "x"), gapped: true},
			seekMissing, verdictAmbiguous, nil, nil,
		},
		"lines from before the question are live": {
			evidence{known: prints("a", "b"), live: prints("x"), due: 1, early: 1, second: prints("x", "a", "b", "x")},
			seekOlder, verdictSure, nil,
			[]int{1, 2, 3},
		},
		"a full log that begins with the last line known is too little": {
			evidence{size: logSize{4, 4, true}, known: prints("a", "b"), second: prints("b", "c", "d", "e"), gapped: true},
			seekMissing, verdictAmbiguous,
			[]int{1, 2, 3},
			nil,
		},
		"also if more lines are known": {
			evidence{size: logSize{4, 4, true}, known: prints("a", "b", "c"), second: prints("c", "d", "e", "f"), gapped: true},
			seekMissing, verdictAmbiguous,
			[]int{1, 2, 3},
			nil,
		},
		"older lines may be live": {
			evidence{known: prints("x"), live: prints("x"), second: prints("x", "x")}, seekOlder, verdictAmbiguous, nil, nil,
		},
		"it may begin with a live line": {
			evidence{size: logSize{2, 2, true}, known: prints("a", "b"), live: prints("d", "e", "f"), second: prints("e", "f"), gapped: true},
			seekMissing, verdictLost,
			[]int{},
			[]int{0, 1},
		},
		"a full log has no more lines than it can have": {
			evidence{size: logSize{2, 2, true}, known: prints("a", "b"), second: prints("a", "b", "c"), gapped: true},
			seekMissing, verdictNone, nil, nil,
		},
		"one is enough in a log that is smaller than usual": {
			evidence{size: logSize{150, 1, false}, known: prints("b"), second: prints("a", "b", "c"), gapped: true},
			seekMissing, verdictSure,
			[]int{2},
			nil,
		},
		"three of them are enough": {
			evidence{size: logSize{4, 4, true}, known: prints("a", "b", "c", "d"), second: prints("b", "c", "d", "e"), gapped: true},
			seekMissing, verdictSure,
			[]int{3},
			nil,
		},
		"unless they repeat": {
			evidence{size: logSize{4, 4, true}, known: prints("x", "x", "x", "x"), second: prints("x", "x", "x", "e"), gapped: true},
			seekMissing, verdictAmbiguous, nil, nil,
		},
		"or were seen to repeat before": {
			evidence{size: logSize{4, 4, true}, known: prints("p", "q", "r"), second: prints("p", "q", "r", "e"), gapped: true},
			seekMissing, verdictAmbiguous, nil, nil,
		},
		"a log of which nothing came may be late": {
			evidence{whole: true, live: prints("a"), second: prints("a"), gapped: true, certain: true}, seekMissing, verdictAmbiguous, nil, nil,
		},
		"a short log may be that of another run": {
			evidence{whole: true, second: prints("a"), gapped: true, anew: true}, seekMissing, verdictAmbiguous, nil, nil,
		},
		"or of this one": {
			evidence{whole: true, second: prints("a"), gapped: true}, seekMissing, verdictSure, []int{0}, nil,
		},
		"nothing known is in a full log": {
			evidence{size: logSize{2, 2, true}, known: prints("a", "b"), second: prints("d", "e"), gapped: true},
			seekMissing, verdictLost,
			[]int{0, 1},
			nil,
		},
		"a short log without what is known cannot be": {
			evidence{known: prints("a", "b"), second: prints("d", "e"), gapped: true}, seekMissing, verdictNone, nil, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ev := c.ev
			ev.past, ev.trust = repeats, 3
			if ev.size.least == 0 {
				ev.size = logSize{150, 150, true}
			}
			found, got := ev.explain(c.seek)
			if got != c.want {
				t.Fatalf("verdict %d, want %d: %+v", got, c.want, found)
			}
			if c.missing != nil && !slices.Equal(found.missing, c.missing) || c.log != nil && !slices.Equal(found.log, c.log) {
				t.Errorf("%+v", found)
			}
		})
	}
}

// A guess prefers what loses nothing and meets the most live lines, and does not
// depend on the order in which explanations are found.
func TestBetter(t *testing.T) {
	t.Parallel()
	ordered := []struct {
		h    hypothesis
		lost bool
	}{
		{hypothesis{zone: zoneLive, pos: 3, from: 2}, false},
		{hypothesis{zone: zoneLive, pos: 2, from: 1}, false},
		{hypothesis{zone: zoneMissing, pos: 9, from: -1, next: 1}, false},
		{hypothesis{zone: zoneMissing, pos: 1, from: 0, next: 3}, false},
		{hypothesis{zone: zoneMissing, pos: 1, from: 0, next: 2, log: 4}, false},
		{hypothesis{zone: zoneMissing, pos: 1, from: 0, next: 2, log: 5, text: 1}, false},
		{hypothesis{zone: zoneMissing, pos: 1, from: 0, next: 2, log: 5, text: 2}, false},
		{hypothesis{zone: zoneLive, pos: 4, from: fromLost}, true},
	}
	for i, a := range ordered {
		for j, b := range ordered {
			if got := better(a.h, b.h, a.lost, b.lost); got != (i < j) {
				t.Errorf("%d is better than %d: %t", i, j, got)
			}
		}
	}
}

// The best of many explanations is told, whichever was found first.
func TestBestExplanation(t *testing.T) {
	t.Parallel()
	for range 20 { // maps have no order
		ev := evidence{size: logSize{150, 150, true}, trust: 3, known: prints("x", "x"), whole: true, live: prints("x", "x"), second: prints("x", "x", "x", "x"), gapped: true}
		found, v := ev.explain(seekMissing)
		if v != verdictAmbiguous || found.meets != 2 || found.lost || len(found.missing) != 0 {
			t.Fatalf("%d %+v", v, found)
		}
	}
}

// Where too many lines repeat, live lines are left out once each, and what is known
// is not missing.
func TestGuess(t *testing.T) {
	t.Parallel()
	ev := evidence{known: prints("a", "b", "x"), live: prints("x", "y"), second: prints("b", "x", "x", "x", "y", "z"), blank: 2}
	found, v := ev.guess()
	if v != verdictAmbiguous || !slices.Equal(found.log, []int{0, 2, 3, 5}) || !slices.Equal(found.missing, []int{3, 5}) || !found.full {
		t.Errorf("%d %+v", v, found)
	}
}
