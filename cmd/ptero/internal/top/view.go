package top

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

// frameLines are those above and below the rows: title, heads, last line.
const frameLines = 3

// page is how many rows fit.
func (m *Model) page() int { return max(1, m.height-frameLines) }

// View implements [tea.Model].
func (m *Model) View() tea.View {
	if m.mode == attached {
		return m.console.View()
	}
	var v tea.View
	if m.mode == helping {
		v = tea.NewView(m.help())
	} else {
		v = tea.NewView(m.list())
		if m.mode == filtering {
			_, column := m.filter.View(max(1, m.width-len(filterPrompt)-1))
			v.Cursor = tea.NewCursor(len(filterPrompt)+column, m.height-1)
		}
	}
	v.AltScreen = true
	v.WindowTitle = "ptero top"
	return v
}

// column is a column of the screen.
type column struct {
	title string
	width int
	right bool
	value func(r *Row) (text string, style ui.Style)
}

// columns returns those that fit, the name as wide as there is room. The last
// ones are the first to go.
func (m *Model) columns() []column {
	plain := func(f func(r *Row) string) func(r *Row) (string, ui.Style) {
		return func(r *Row) (string, ui.Style) {
			if r.stats.Uptime == 0 {
				return "", ui.Plain
			}
			return f(r), ui.Plain
		}
	}
	graphWidth := 8
	if m.width >= 120 {
		graphWidth = 20
	}
	all := []column{
		{"STATE", 13, false, func(r *Row) (string, ui.Style) { s := r.shownState(); return string(s), s.Style() }},
		{"CPU", 7, true, plain(func(r *Row) string { return ui.Percent(r.stats.CPUPercent).String() })},
		{"MEMORY", 9, true, plain(func(r *Row) string { return ui.Bytes(r.stats.MemoryBytes).String() })},
		{"UPTIME", 8, true, plain(func(r *Row) string { return ui.Uptime(r.stats.Uptime) })},
		{"CPU", graphWidth, false, func(r *Row) (string, ui.Style) {
			most := r.CPULimit
			if most == 0 {
				most = 100
			}
			return graph(r.cpu, graphWidth, most), ui.Info
		}},
		{"MEMORY", graphWidth, false, func(r *Row) (string, ui.Style) {
			return graph(r.memory, graphWidth, float64(max(r.MemoryLimit, r.stats.MemoryLimitBytes))), ui.Info
		}},
		{"IN/S", 9, true, plain(func(r *Row) string { return ui.Bytes(r.receive).String() })},
		{"OUT/S", 9, true, plain(func(r *Row) string { return ui.Bytes(r.send).String() })},
		{"NODE", 12, false, func(r *Row) (string, ui.Style) { return r.Node, ui.Dim }},
		{"DISK", 9, true, func(r *Row) (string, ui.Style) {
			if r.stats.DiskBytes == 0 {
				return "", ui.Plain
			}
			return ui.Bytes(r.stats.DiskBytes).String(), ui.Plain
		}},
		{"NETWORK", graphWidth, false, func(r *Row) (string, ui.Style) { return graph(r.network, graphWidth, 0), ui.Info }},
	}
	longest := 4
	for _, row := range m.rows {
		longest = max(longest, ui.Width(row.Name))
	}
	const marker, leastName = 2, 12
	room := m.width - marker - min(leastName, longest)
	fits := 0
	for _, c := range all {
		if room -= c.width + 2; room < 0 {
			break
		}
		fits++
	}
	name := m.width - marker
	for _, c := range all[:fits] {
		name -= c.width + 2
	}
	name = max(1, min(name, longest))
	return append([]column{{"NAME", name, false, func(r *Row) (string, ui.Style) { return r.Name, ui.Bold }}}, all[:fits]...)
}

// list draws the servers.
func (m *Model) list() string {
	rows, columns := m.shown(), m.columns()
	at := m.cursor(rows)
	first := max(0, min(at-m.page()/2, len(rows)-m.page()))
	var b strings.Builder
	b.WriteString(ansi.Truncate(m.summary(len(rows)), m.width, "…") + "\n")
	var heads strings.Builder
	for i, c := range columns {
		if i > 0 {
			heads.WriteString("  ")
		}
		heads.WriteString(pad(c.title, c.width, c.right))
	}
	b.WriteString(m.term.Paint(ui.Dim, strings.TrimRight("  "+heads.String(), " ")) + "\n")
	last := min(len(rows), first+m.page())
	for i := first; i < last; i++ {
		b.WriteString(m.line(rows[i], columns, i == at) + "\n")
	}
	if len(rows) == 0 {
		b.WriteString(m.empty() + "\n")
		last++
	}
	b.WriteString(strings.Repeat("\n", max(0, m.page()-(last-first))))
	b.WriteString(m.lastLine())
	return b.String()
}

func (m *Model) empty() string {
	switch {
	case !m.loaded:
		return "  Asking the Panel …"
	case len(m.rows) == 0:
		return "  There are no servers."
	}
	return "  No server fits the filter; esc ends it."
}

// line draws one server.
func (m *Model) line(r *Row, columns []column, current bool) string {
	marker := " "
	if current {
		marker = ">"
	}
	if m.marked[r.UUID] {
		marker += "*"
	} else {
		marker += " "
	}
	var b strings.Builder
	b.WriteString(m.term.Paint(ui.Warn, marker))
	for i, c := range columns {
		if i > 0 {
			b.WriteString("  ")
		}
		text, style := c.value(r)
		if current && style == ui.Plain {
			style = ui.Bold
		}
		b.WriteString(m.term.Paint(style, pad(text, c.width, c.right)))
	}
	return strings.TrimRight(b.String(), " ")
}

func pad(text string, width int, right bool) string {
	text = ansi.Truncate(text, width, "…")
	space := strings.Repeat(" ", width-ansi.StringWidth(text))
	if right {
		return space + text
	}
	return text + space
}

// summary is the first line.
func (m *Model) summary(shown int) string {
	running, cpu, memory := 0, 0.0, int64(0)
	for _, row := range m.rows {
		if row.Blocked == "" && row.state == client.PowerStateRunning {
			running++
		}
		cpu += row.stats.CPUPercent
		memory += row.stats.MemoryBytes
	}
	text := fmt.Sprintf("%s  %s, %d running  CPU %s  memory %s", m.term.Paint(ui.Bold, m.title), ui.Count(len(m.rows), "server"), running, ui.Percent(cpu), ui.Bytes(memory))
	if shown != len(m.rows) {
		text += m.term.Paint(ui.Warn, fmt.Sprintf("  %d shown", shown))
	}
	if len(m.marked) > 0 {
		text += m.term.Paint(ui.Warn, fmt.Sprintf("  %d marked", len(m.marked)))
	}
	if m.readOnly {
		text += m.term.Paint(ui.Dim, "  read-only")
	}
	return text
}

const filterPrompt = "/"

// noteTime is how long a note is shown.
const noteTime = 6 * time.Second

// lastLine is a question, the filter, a note, what is wrong with the current
// server, or the keys.
func (m *Model) lastLine() string {
	text, style := "? help  q quit  / filter  enter console  space mark  s start  x stop  r restart  k kill  c m n sort", ui.Dim
	rows := m.shown()
	switch {
	case m.mode == confirming:
		text, style = m.question(), ui.Warn
	case m.mode == filtering:
		typed, _ := m.filter.View(max(1, m.width-len(filterPrompt)-1))
		return filterPrompt + typed
	case m.note.Text != "" && m.term.Now().Sub(m.noteAt) < noteTime:
		if text, style = m.note.Text, ui.Info; m.note.Bad {
			style = ui.Bad
		}
	case len(rows) > 0 && rows[m.cursor(rows)].problem != "":
		row := rows[m.cursor(rows)]
		text, style = row.Name+": "+row.problem, ui.Bad
	case m.filter.Text() != "":
		text, style = "Filter: "+m.filter.Text()+"  (esc ends it)", ui.Warn
	case m.readOnly:
		text = "? help  q quit  / filter  enter console  c m n sort"
	}
	return m.term.Paint(style, ansi.Truncate(ui.Clean(text), m.width, "…"))
}

// keys are those of the list, and what they do.
var keys = [][2]string{
	{"up down", "move; pgup, pgdown, home and end move further"},
	{"space", "mark a server"},
	{"a", "mark all that are shown"},
	{"s x r k", "start, stop, restart, kill the marked servers, or the current one; asks before"},
	{"enter", "open the console; esc comes back, and the server goes on"},
	{"/", "show servers whose name, node or state holds each word; esc ends it"},
	{"n c m", "sort by name, CPU or memory"},
	{"q", "quit"},
}

func (m *Model) help() string {
	const indent = 10
	lines := []string{m.term.Paint(ui.Bold, "Keys"), ""}
	for _, key := range keys {
		text := ansi.Wordwrap(key[1], max(1, m.width-indent), "")
		for i, line := range strings.Split(text, "\n") {
			name := ""
			if i == 0 {
				name = key[0]
			}
			lines = append(lines, pad(name, indent, false)+line)
		}
	}
	about := `
The graphs show the last seconds: CPU against the limit of the server, or one core, memory against its limit, the network against its busiest second. All of it comes from the consoles of the servers, and costs the Panel no requests but a token now and then.

Any key goes back.`
	lines = append(lines, strings.Split(ansi.Wordwrap(about, m.width, ""), "\n")...)
	if m.height > 0 && len(lines) > m.height {
		lines = append(lines[:m.height-1], m.term.Paint(ui.Dim, "A higher window shows the rest; any key goes back."))
	}
	for i, line := range lines {
		lines[i] = ansi.Truncate(line, m.width, "…")
	}
	return strings.Join(lines, "\n")
}
