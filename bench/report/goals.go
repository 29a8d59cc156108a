package main

import (
	"fmt"
	"strings"
)

// goal is what a benchmark is to reach.
type goal struct {
	work, limit string
	ours, other value   // other is the contestant; none for a goal that is no ratio
	most, least float64 // one of them counts
	difference  bool    // ours less other, not ours over other
	spread      bool    // the worse end of the spread counts, not the median
	unit        string  // in which the limit and the outcome are written
	scale       float64 // of unit, 0 for 1
}

const mib = 1 << 20

var goals = []goal{
	{work: "Get one server over loopback: time, with its spread", limit: "at most 1.00 of raw", ours: v("Get/ptero", "sec/op"), other: v("Get/raw", "sec/op"), most: 1.00, spread: true},
	{work: "— bytes allocated", limit: "at most 1.15 of raw", ours: v("Get/ptero", "B/op"), other: v("Get/raw", "B/op"), most: 1.15},
	{work: "— allocations", limit: "at most 1.05 of hand-written structs", ours: v("Get/ptero", "allocs/op"), other: v("Get/handwritten", "allocs/op"), most: 1.05},
	{work: "Decode a page of 100 application servers: time", limit: "at most 0.70 of encoding/json", ours: v("DecodePage/ptero", "sec/op"), other: v("DecodePage/raw", "sec/op"), most: 0.70},
	{work: "— bytes allocated", limit: "at most 0.80 of encoding/json", ours: v("DecodePage/ptero", "B/op"), other: v("DecodePage/raw", "B/op"), most: 0.80},
	{work: "All of 100 pages, 20 ms each, 4 ahead: time", limit: "at most 0.30 of one after another", ours: v("Walk/ptero_ahead=4", "sec/op"), other: v("Walk/ptero_ahead=0", "sec/op"), most: 0.30},
	{work: "— peak of the heap, in pages", limit: "below 6", ours: v("WalkHeap/ptero_ahead=4", "peak-pages"), most: 6},
	{work: "— 1 ahead, the caller works 20 ms a page: time", limit: "at most 0.55 of fetch, then work", ours: v("Walk/ptero_working", "sec/op"), other: v("Walk/ptero_ahead=0_working", "sec/op"), most: 0.55},
	{work: "300 calls, 8 goroutines, 60 in 2 s: errors", limit: "0", ours: v("RateLimit", "errors"), most: 0},
	{work: "— requests refused with 429", limit: "at most 1 %", ours: v("RateLimit", "%-refused"), most: 1, unit: " %"},
	{work: "— time", limit: "at most 1.05 of the ideal", ours: v("RateLimit", "of-ideal"), most: 1.05},
	{work: "Download of 256 MiB: throughput", limit: "at least 0.95 of raw", ours: v("Transfer/download/ptero", "B/s"), other: v("Transfer/download/raw", "B/s"), least: 0.95},
	{work: "— peak of the heap", limit: "within 1 MiB of raw", ours: v("TransferHeap/download/ptero", "peak-B"), other: v("TransferHeap/download/raw", "peak-B"), most: mib, difference: true, unit: " MiB", scale: mib},
	{work: "Upload of 256 MiB: throughput", limit: "at least 0.95 of raw", ours: v("Transfer/upload/ptero", "B/s"), other: v("Transfer/upload/raw", "B/s"), least: 0.95},
	{work: "— peak of the heap", limit: "within 1 MiB of raw", ours: v("TransferHeap/upload/ptero", "peak-B"), other: v("TransferHeap/upload/raw", "peak-B"), most: mib, difference: true, unit: " MiB", scale: mib},
	{work: "Console, 200,000 lines: lines a second", limit: "at least 2.3 of raw with json.Unmarshal", ours: v("Lines/unmarshal", "sec/op"), other: v("Lines/console", "sec/op"), least: 2.3},
	{work: "— lines a second", limit: "at least 0.75 of raw without JSON", ours: v("Lines/no_JSON", "sec/op"), other: v("Lines/console", "sec/op"), least: 0.75},
	{work: "— allocations a line", limit: "at most 2", ours: v("Lines/console", "allocs/op"), most: 2},
	{work: "1,000 idle consoles: goroutines each", limit: "at most 1", ours: v("Idle/console", "goroutines/each"), most: 1},
	{work: "— memory each", limit: "at most 20 KiB", ours: v("Idle/console", "B/each"), most: 20 << 10, unit: " KiB", scale: 1 << 10},
	{work: "12,000 lines, one in 5 ms, 12 kills: delivered", limit: "100 %", ours: v("Chaos/kills", "%lines"), least: 100, unit: " %"},
	{work: "— delivered twice", limit: "0", ours: v("Chaos/kills", "twice"), most: 0},
	{work: "2,800 lines, one in 50 ms, cuts, black holes, restarts: delivered", limit: "100 %", ours: v("Chaos/all", "%lines"), least: 100, unit: " %"},
	{work: "— delivered twice", limit: "0", ours: v("Chaos/all", "twice"), most: 0},
	{work: "Live again after refused dials, at worst", limit: "at most 2 s", ours: v("Chaos/refused", "ms-live-worst"), most: 2000, unit: " s", scale: 1000},
	{work: "— in the median", limit: "at most 0.7 s", ours: v("Chaos/refused", "ms-live-median"), most: 700, unit: " s", scale: 1000},
	{work: "Live again after a black hole, at worst", limit: "at most 5 s", ours: v("Chaos/black_hole", "ms-live-worst"), most: 5000, unit: " s", scale: 1000},
	{work: "Group of 300 after a restart of Wings, Panel 1.11: all live", limit: "at most 15 s", ours: v("Fleet/1.11", "s-all-live"), most: 15, unit: " s"},
	{work: "— Panel 1.12, 256 requests a minute: 250 live", limit: "at most 15 s", ours: v("Fleet/1.12", "s-250-live"), most: 15, unit: " s"},
	{work: "— all live", limit: "at most 5 s after the next window", ours: v("Fleet/1.12", "s-all-live"), most: 65, unit: " s"},
	{work: "— 150 beside a dead node with as many, Panel 1.11: all live", limit: "at most 15 s", ours: v("Fleet/1.11_dead_node", "s-all-live"), most: 15, unit: " s"},
	{work: "Importer's binary", limit: "at most 1.0 MB over raw", ours: v("Importer/client", "binary-B"), other: v("Importer/raw", "binary-B"), most: 1e6, difference: true, unit: " MB", scale: 1e6},
	{work: "— third-party packages in the build", limit: "at most 4", ours: v("Importer/client", "packages"), most: 4},
	{work: "— cold build, processor time", limit: "at most 1.5 of raw", ours: v("ColdBuild/client", "cpu-s"), other: v("ColdBuild/raw", "cpu-s"), most: 1.5},
}

func v(benchmark, unit string) value { return value{benchmark, unit} }

// outcome returns what was reached of a goal in each round: the contestants of a
// round ran within a moment, so they are held against each other.
func (r *results) outcome(g *goal) []float64 {
	ours := r.values[g.ours]
	if g.other == (value{}) {
		return ours
	}
	other := r.values[g.other]
	reached := make([]float64, min(len(ours), len(other)))
	for i := range reached {
		if g.difference {
			reached[i] = ours[i] - other[i]
		} else {
			reached[i] = ours[i] / other[i]
		}
	}
	return reached
}

// verdict returns whether a goal is reached, in words.
func (g *goal) verdict(x float64) string {
	if g.least > 0 && x >= g.least || g.least == 0 && x <= g.most {
		return "yes"
	}
	return "**no**"
}

// goals returns the table of goals.
func (r *results) goals() string {
	var table strings.Builder
	table.WriteString("| work | goal | reached | spread | |\n|---|---|---|---|---|\n")
	for _, g := range goals {
		rounds := r.outcome(&g)
		x := median(rounds)
		wide, judged := "one round", x
		if len(rounds) > 1 {
			wide = fmt.Sprintf("± %.2f", width(rounds)/max(g.scale, 1))
			if g.spread {
				judged = highest(rounds)
			}
		}
		_, _ = fmt.Fprintf(&table, "| %s | %s | %.2f%s | %s | %s |\n", g.work, g.limit, x/max(g.scale, 1), g.unit, wide, g.verdict(judged))
	}
	return table.String()
}
