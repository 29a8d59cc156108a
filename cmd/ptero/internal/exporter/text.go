// Package exporter keeps metrics of servers for Prometheus, from their consoles.
package exporter

import (
	"bufio"
	"io"
	"math"
	"strconv"
	"strings"
)

// kind is the type of a metric.
type kind string

const (
	gauge   kind = "gauge"
	counter kind = "counter"
)

// family is a metric with all its samples, in the text format of Prometheus.
type family struct {
	name    string
	kind    kind
	help    string
	samples []sample
}

type sample struct {
	labels []string // name, value, name, value …
	value  float64
}

// add adds a sample.
func (f *family) add(value float64, labels ...string) {
	f.samples = append(f.samples, sample{labels, value})
}

var (
	escapeLabel = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
	escapeHelp  = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
)

// write writes the metrics that have samples.
func write(to io.Writer, families []*family) error {
	w := bufio.NewWriter(to)
	for _, f := range families {
		if len(f.samples) == 0 {
			continue
		}
		_, _ = w.WriteString("# HELP " + f.name + " " + escapeHelp.Replace(f.help) + "\n# TYPE " + f.name + " " + string(f.kind) + "\n")
		for _, s := range f.samples {
			_, _ = w.WriteString(f.name)
			for i := 0; i < len(s.labels); i += 2 {
				separator := ","
				if i == 0 {
					separator = "{"
				}
				_, _ = w.WriteString(separator + s.labels[i] + `="` + escapeLabel.Replace(strings.ToValidUTF8(s.labels[i+1], "�")) + `"`)
			}
			if len(s.labels) > 0 {
				_ = w.WriteByte('}')
			}
			_, _ = w.WriteString(" " + number(s.value) + "\n")
		}
	}
	return w.Flush()
}

func number(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return strconv.FormatInt(int64(v), 10)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
