package main

import (
	"strings"
	"testing"
)

const output = `go: go1.26
cores: 2
BenchmarkGet/raw-2   	 100	 1000 ns/op	 100 B/op	 10 allocs/op
BenchmarkGet/handwritten-2 	 100	  900 ns/op	 90 B/op	 10 allocs/op
BenchmarkGet/ptero-2 	 100	  900 ns/op	 110 B/op	 12 allocs/op
BenchmarkGet/raw-2   	 100	 4000 ns/op	 100 B/op	 10 allocs/op
BenchmarkGet/ptero-2 	 100	 4400 ns/op	 110 B/op	 12 allocs/op
BenchmarkGet/raw-2   	 100	 2000 ns/op	 100 B/op	 10 allocs/op
BenchmarkGet/ptero-2 	 100	 1600 ns/op	 110 B/op	 12 allocs/op
load-after: 0.10
`

// Contestants are held against each other round by round, and a goal that is
// missed is said to be.
func TestGoals(t *testing.T) {
	t.Parallel()
	found, err := read([]byte(output))
	if err != nil {
		t.Fatal(err)
	}
	table := found.goals()
	for _, want := range []string{
		"| at most 1.00 of raw | 0.90 | ± 0.20 | **no** |", // 1.10 is within the spread
		"| at most 1.15 of raw | 1.10 | ± 0.00 | yes |",
		"| at most 1.05 of hand-written structs | 1.20 |",
		"| at least 2.3 of raw with json.Unmarshal | NaN", // it did not run
	} {
		if !strings.Contains(table, want) {
			t.Errorf("%q is not in\n%s", want, table)
		}
	}
	page := found.render()
	for _, want := range []string{"2 cores", "The load was  before and 0.10 after", "| Get/raw | sec/op | 2.000µ | ± 100 % | 3 |"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not in\n%s", want, page)
		}
	}
}

func TestRewrite(t *testing.T) {
	t.Parallel()
	got, err := rewrite([]byte("before\n"+begin+"old\n"+end+"after\n"), "new\n")
	if want := "before\n" + begin + "new\n" + end + "after\n"; err != nil || string(got) != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
	if _, err := rewrite([]byte("no marks"), "new"); err == nil {
		t.Error("a page without marks was taken")
	}
}
