package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// The marks in the page between which the results stand.
const (
	begin = "<!-- results: written by make bench -->\n"
	end   = "<!-- end of results -->\n"
)

// rewrite puts results into the page.
func rewrite(page []byte, results string) ([]byte, error) {
	before, rest, found := bytes.Cut(page, []byte(begin))
	_, after, closed := bytes.Cut(rest, []byte(end))
	if !found || !closed {
		return nil, fmt.Errorf("the page has not the marks %q and %q", begin, end)
	}
	return bytes.Join([][]byte{before, []byte(begin), []byte(results), []byte(end), after}, nil), nil
}

// render writes all results as Markdown.
func (r *results) render() string {
	var text strings.Builder
	_, _ = fmt.Fprintf(&text, "\n%s\n## Medians\n\n", r.goals())
	text.WriteString("Median of all rounds, and the 95 % confidence interval of it; with fewer than six rounds, the range of all.\n\n")
	text.WriteString("| benchmark | value | median | spread | rounds |\n|---|---|---|---|---|\n")
	for _, row := range r.rows {
		if !r.telling(row) {
			continue
		}
		rounds := r.values[row]
		_, _ = fmt.Fprintf(&text, "| %s | %s | %s | %s | %d |\n",
			strings.ReplaceAll(row.benchmark, "_", " "), row.unit, format(median(rounds), row.unit), spread(rounds), len(rounds))
	}
	f := r.facts
	_, _ = fmt.Fprintf(&text, "\n%s cores of %s, %s of memory, %s/%s, kernel %s, %s, on %s. The load was %s before and %s after. All took %s.\n\n",
		f["cores"], f["processor"], f["memory"], f["goos"], f["goarch"], f["kernel"], f["go"], f["date"], f["load-before"], f["load-after"], f["took"])
	return text.String()
}

// untelling are the units that say nothing about a benchmark: they come with all.
var untelling = map[string][]string{
	"Walk":         {"B/op", "allocs/op"},
	"WalkHeap":     {"sec/op", "B/op", "allocs/op"},
	"Transfer":     {"sec/op", "B/op", "allocs/op"},
	"TransferHeap": {"sec/op", "B/op", "allocs/op"},
	"RateLimit":    {"sec/op", "B/op", "allocs/op"},
	"Idle":         {"sec/op", "B/op", "allocs/op"},
	"Chaos":        {"sec/op", "B/op", "allocs/op"},
	"Fleet":        {"sec/op", "B/op", "allocs/op"},
	"Importer":     {"sec/op", "B/op", "allocs/op"},
	"ColdBuild":    {"B/op", "allocs/op"},
	"DecodePage":   {"B/s"},
}

func (r *results) telling(row value) bool {
	family, _, _ := strings.Cut(strings.TrimPrefix(row.benchmark, "WithV2"), "/")
	return !slices.Contains(untelling[family], row.unit)
}
