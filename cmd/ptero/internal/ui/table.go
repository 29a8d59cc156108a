package ui

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// Level says where a column is shown.
type Level int

// The levels: in every table, in wide tables, and only where one thing is shown.
const (
	Always Level = iota
	Wide
	Detail
)

// Column is a fact about a T.
type Column[T any] struct {
	// Title is in capitals, as the head of a column.
	Title string

	// Value returns the fact: a string, number, bool, time or one of the types
	// of this package, or a pointer to one. Nil and "" are shown as a dash.
	Value func(T) any

	// Level says where it is shown.
	Level Level
}

// cell is a text in a table.
type cell struct {
	text  string
	style Style
	right bool // numbers stand to the right
}

// cell formats a value. Times are relative in tables and exact in details.
func (t *Terminal) cell(value any, exact bool) cell {
	if v := reflect.ValueOf(value); v.IsValid() && v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return cell{text: "-", style: Dim}
		}
		value = v.Elem().Interface()
	}
	switch v := value.(type) {
	case nil:
		return cell{text: "-", style: Dim}
	case string:
		if v = Clean(v); v == "" {
			return cell{text: "-", style: Dim}
		}
		return cell{text: v}
	case bool:
		if v {
			return cell{text: "yes"}
		}
		return cell{text: "no", style: Dim}
	case int:
		return cell{text: strconv.Itoa(v), right: true}
	case time.Time:
		if v.IsZero() {
			return cell{text: "-", style: Dim}
		}
		text := Age(v, t.Now(), t.Recent, t.Location)
		if exact {
			text = v.In(t.Location).Format("2006-01-02 15:04:05 MST") + " (" + text + ")"
		}
		return cell{text: text}
	case Clock:
		form := "2006-01-02 15:04"
		if exact {
			form += " MST"
		}
		return cell{text: time.Time(v).In(t.Location).Format(form)}
	case time.Duration:
		return cell{text: Uptime(v)}
	case Bytes:
		return cell{text: v.String(), right: true}
	case MiB:
		return cell{text: v.String(), right: true}
	case Percent:
		return cell{text: v.String(), right: true}
	case State:
		return cell{text: Clean(string(v)), style: v.Style()}
	case []string:
		return t.cell(strings.Join(v, ", "), exact)
	}
	return cell{text: Clean(fmt.Sprint(value))}
}

// table writes the items as a table whose columns are as wide as they need and
// whose lines fit the terminal.
func table[T any](t *Terminal, columns []Column[T], level Level, items []T) {
	var shown []Column[T]
	for _, column := range columns {
		if column.Level <= level {
			shown = append(shown, column)
		}
	}
	rows := make([][]cell, 0, len(items)+1)
	head := make([]cell, len(shown))
	for i, column := range shown {
		head[i] = cell{text: column.Title, style: Bold}
	}
	rows = append(rows, head)
	for _, item := range items {
		row := make([]cell, len(shown))
		for i, column := range shown {
			row[i] = t.cell(column.Value(item), false)
			head[i].right = head[i].right || row[i].right
		}
		rows = append(rows, row)
	}
	t.writeRows(rows, level == Always)
}

// gap stands between columns.
const gap = "  "

// writeRows writes the head and the rows of a table. Those who ask for a wide
// table get all of it.
func (t *Terminal) writeRows(rows [][]cell, fits bool) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, c := range row {
			widths[i] = max(widths[i], ansi.StringWidth(c.text))
		}
	}
	if fits && t.Width > 0 {
		widths = fit(widths, rows[0], t.Width)
	}
	var b strings.Builder
	for _, row := range rows {
		var line strings.Builder
		for i, c := range row[:len(widths)] {
			text := ansi.Truncate(c.text, widths[i], "…")
			pad := strings.Repeat(" ", widths[i]-ansi.StringWidth(text))
			if i > 0 {
				line.WriteString(gap)
			}
			switch {
			case rows[0][i].right:
				line.WriteString(pad + t.Paint(c.style, text))
			case i < len(widths)-1:
				line.WriteString(t.Paint(c.style, text) + pad)
			default:
				line.WriteString(t.Paint(c.style, text))
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	_, _ = io.WriteString(t.Out, b.String())
}

// fit narrows the widest columns until all fit, and drops the last ones if they
// still do not. Numbers and the first column, which has the identifiers, are
// never cut.
func fit(natural []int, head []cell, width int) []int {
	const narrowest = 8
	widths := slices.Clone(natural)
	for {
		total, widest := len(gap)*(len(widths)-1), -1
		for i, w := range widths {
			total += w
			if i > 0 && !head[i].right && w > narrowest && (widest < 0 || w > widths[widest]) {
				widest = i
			}
		}
		switch {
		case total <= width || len(widths) == 1:
			return widths
		case widest >= 0:
			widths[widest]--
		default:
			widths = slices.Clone(natural[:len(widths)-1]) // there is more room for the others now
		}
	}
}

// details writes one item as lines of a title and a value.
func details[T any](t *Terminal, columns []Column[T], item T) {
	width := 0
	for _, column := range columns {
		width = max(width, ansi.StringWidth(column.Title)+1)
	}
	for _, column := range columns {
		c := t.cell(column.Value(item), true)
		title := sentence(column.Title) + ":"
		t.Printf("%s%s %s\n", t.Paint(Bold, title), strings.Repeat(" ", width-ansi.StringWidth(title)), t.Paint(c.style, c.text))
	}
}

// sentence turns the head of a column, such as "LAST RUN", into "Last run".
// Short words such as ID stay as they are.
func sentence(title string) string {
	words := strings.Fields(title)
	for i, word := range words {
		switch {
		case len(word) <= 2 || word == "UUID" || word == "CPU" || word == "2FA" || word == "URL" || word == "SFTP":
		case i == 0:
			words[i] = word[:1] + strings.ToLower(word[1:])
		default:
			words[i] = strings.ToLower(word)
		}
	}
	return strings.Join(words, " ")
}
