package main

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"slices"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchmath"
	"golang.org/x/perf/benchunit"
)

// results are what the benchmarks gave.
type results struct {
	facts  map[string]string
	rows   []value // in the order in which they came first
	values map[value][]float64
}

// value is one that a benchmark reports.
type value struct{ benchmark, unit string }

// processors stands at the end of a benchmark's name.
var processors = regexp.MustCompile(`-\d+$`)

// read reads the output of benchmarks.
func read(output []byte) (*results, error) {
	r := &results{facts: make(map[string]string), values: make(map[value][]float64)}
	reader := benchfmt.NewReader(bytes.NewReader(output), resultsFile)
	for reader.Scan() {
		switch record := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			return nil, record
		case *benchfmt.Result:
			name := processors.ReplaceAllString(record.Name.String(), "")
			for _, v := range record.Values {
				key := value{name, v.Unit}
				if r.values[key] == nil {
					r.rows = append(r.rows, key)
				}
				r.values[key] = append(r.values[key], v.Value)
			}
		}
	}
	// The reader gives facts along with results only, but some come last.
	for line := range bytes.Lines(output) {
		if name, text, found := bytes.Cut(line, []byte(": ")); found && !bytes.HasPrefix(name, []byte("Benchmark")) {
			r.facts[string(name)] = string(bytes.TrimSpace(text))
		}
	}
	return r, reader.Err()
}

// confidence is that of benchstat.
const confidence = 0.95

// median returns that of all rounds, NaN if there were none.
func median(rounds []float64) float64 {
	if len(rounds) == 0 {
		return math.NaN()
	}
	return summary(rounds).Center
}

func summary(rounds []float64) benchmath.Summary {
	// NewSample sorts in place.
	sample := benchmath.NewSample(slices.Clone(rounds), &benchmath.DefaultThresholds)
	return benchmath.AssumeNothing.Summary(sample, confidence)
}

// width returns how far the rounds lie apart, on one side: the confidence
// interval of the median, or, where there are too few rounds for that, all of
// them.
func width(rounds []float64) float64 {
	low, high := interval(rounds)
	return max(median(rounds)-low, high-median(rounds))
}

// highest is the upper end of the confidence interval of the median.
func highest(rounds []float64) float64 {
	_, high := interval(rounds)
	return high
}

// interval is the confidence interval of the median, or the range of all rounds
// where they are too few for one.
func interval(rounds []float64) (low, high float64) {
	s := summary(rounds)
	if math.IsInf(s.Lo, 0) || math.IsInf(s.Hi, 0) {
		return slices.Min(rounds), slices.Max(rounds)
	}
	return s.Lo, s.Hi
}

// spread is width in words, in parts of the median.
func spread(rounds []float64) string {
	switch wide := width(rounds); {
	case len(rounds) < 2:
		return "one round"
	case wide == 0:
		return "± 0 %"
	default:
		return fmt.Sprintf("± %.0f %%", 100*wide/math.Abs(median(rounds)))
	}
}

// format writes a value with its unit, as benchstat does.
func format(x float64, unit string) string {
	class := benchunit.ClassOf(unit)
	return benchunit.Scale(x, class)
}
