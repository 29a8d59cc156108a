package wings

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"testing"
)

// The recorded game of 1.12 prints "spam 1/3000" and so on by the clock, so that
// where they stand among each other is left to chance. What is not: those that
// are sent live come in their order, without a gap, and so does each log.

var spamPattern = regexp.MustCompile(`"?spam (\d+)/`)

// spamNumber returns the number of a line, 0 for others.
func spamNumber(text string) int {
	match := spamPattern.FindStringSubmatch(text)
	if match == nil {
		return 0
	}
	n, err := strconv.Atoi(match[1])
	if err != nil {
		return 0
	}
	return n
}

// spam is what came of the lines of a spam on one socket.
type spam struct {
	first, last int // the smallest and the largest number
	lines       int
}

var errSpam = errors.New("it is no log within live lines")

// logLines is how many lines a log has.
const logLines = 150

// unravel tells live lines and a log apart.
func unravel(messages []socketMessage) (spam, error) {
	var numbers []int
	for _, message := range messages {
		if message.Event == eventOutput && spamNumber(message.Args[0]) > 0 {
			numbers = append(numbers, spamNumber(message.Args[0]))
		}
	}
	if len(numbers) == 0 {
		return spam{}, nil
	}
	came := spam{slices.Min(numbers), slices.Max(numbers), len(numbers)}
	if consecutive(numbers) {
		return came, nil
	}
	for begin := range numbers {
		rest := append([]int(nil), numbers[:begin]...)
		first, next := numbers[begin], numbers[begin]
		for _, n := range numbers[begin:] {
			if n == next && n < first+logLines {
				next++
			} else {
				rest = append(rest, n)
			}
		}
		if consecutive(rest) && (next == first+logLines || first == 1 && next == came.last+1) { // or all that there is
			return came, nil
		}
	}
	return spam{}, errSpam
}

func consecutive(numbers []int) bool {
	for i, n := range numbers {
		if n != numbers[0]+i {
			return false
		}
	}
	return true
}

// spamTolerance is by how many lines it may be off: the recorded game was not as
// even as the one that plays it.
const spamTolerance = 20

func compareSpam(t *testing.T, conn int, recorded, came []socketMessage) {
	t.Helper()
	want, err := unravel(recorded)
	if err != nil {
		t.Errorf("socket %d as recorded: %v", conn, err)
	}
	got, err := unravel(came)
	if err != nil {
		t.Errorf("socket %d: %v", conn, err)
	}
	far := func(a, b int) bool { return max(a-b, b-a) > spamTolerance }
	if far(got.first, want.first) || far(got.last, want.last) || far(got.lines, want.lines) {
		t.Errorf("socket %d: recorded %+v, came %+v", conn, want, got)
	}
}
