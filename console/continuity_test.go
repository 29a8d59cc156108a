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
			seekLog, verdictSure, nil,
			[]int{1, 2, 3},
		},
		"a full log that begins with the last line known is too little": {
			evidence{size: logSize{4, 4, true}, known: prints("a", "b"), second: prints("b", "c", "d", "e"), gapped: true},
			seekMissing, verdictAmbiguous,
			[]int{1, 2, 3},
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
