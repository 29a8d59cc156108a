package soak

import (
	"context"
	"maps"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"
)

func init() {
	runtime.MemProfileRate = 16 << 10 // finer than usual, as it is what the memory is judged by
}

// usage is the memory in use that our packages allocated, by package. What the
// Panel and the tests keep is not of interest: the one never forgets, the others
// must not.
type usage map[string]int64

var ours = regexp.MustCompile(`^github\.com/ptero-go/ptero/((?:client|console|internal/rest|paneltest|internal/soak)\b)`)

// memoryInUse looks at what is left after a collection.
func memoryInUse() usage {
	runtime.GC()
	runtime.GC() // the profile is one collection late
	var records []runtime.MemProfileRecord
	for n, ok := runtime.MemProfile(nil, false); !ok; {
		records = make([]runtime.MemProfileRecord, n+100)
		if n, ok = runtime.MemProfile(records, false); ok {
			records = records[:n]
		}
	}
	u := make(usage)
	for _, record := range records {
		frames := runtime.CallersFrames(record.Stack())
		for more := true; more; {
			var frame runtime.Frame
			frame, more = frames.Next()
			if owner := ours.FindStringSubmatch(frame.Function); owner != nil {
				u[owner[1]] += record.InUseBytes()
				break
			}
		}
	}
	return u
}

// samples are what was in use at several times.
type samples []usage

// measure looks at the memory when all is in swing, halfway, and at the end of
// the time that it takes.
func measure(length time.Duration) samples {
	var s samples
	for range 3 {
		pause(context.Background(), length/3)
		s = append(s, memoryInUse())
	}
	return s
}

// growth is how much more our packages may have in use at one time than at
// another: there are more calls under way, or fewer.
const growth = 4 << 20

func (s samples) judge(t *testing.T) {
	t.Helper()
	for i, u := range s {
		t.Logf("memory in use, %d of %d: %v", i+1, len(s), u)
	}
	for _, name := range slices.Sorted(maps.Keys(s[2])) {
		if name == "paneltest" || name == "internal/soak" {
			continue
		}
		if grew := s[2][name] - s[0][name]; grew > growth {
			t.Errorf("%s has %d bytes more in use than at the beginning", name, grew)
		}
	}
}

// stacks are goroutines, by what they do.
type stacks map[string]int

var goroutineID = regexp.MustCompile(`(?m)^goroutine \d+ .*$|0x[0-9a-f]+|\+0x[0-9a-f]+|in goroutine \d+`)

func goroutines(t *testing.T) stacks {
	t.Helper()
	buffer := make([]byte, 16<<20)
	buffer = buffer[:runtime.Stack(buffer, true)]
	all := make(stacks)
	for stack := range strings.SplitSeq(string(buffer), "\n\n") {
		all[goroutineID.ReplaceAllString(stack, "")]++
	}
	return all
}

// expectNoMore fails if there are goroutines that were not there before. They
// have a moment to end: those of net/http tell nobody when they do.
func (before stacks) expectNoMore(t *testing.T) {
	t.Helper()
	debug.FreeOSMemory()
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		var left []string
		for stack, n := range goroutines(t) {
			if n > before[stack] && !strings.Contains(stack, "soak.goroutines(") {
				left = append(left, stack)
			}
		}
		if len(left) == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Errorf("goroutines are left:\n%s", strings.Join(left, "\n\n"))
			return
		}
	}
}
