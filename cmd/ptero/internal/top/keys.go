package top

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

func (m *Model) key(msg tea.KeyPressMsg) tea.Cmd {
	switch m.mode {
	case attached:
		if msg.String() == "esc" {
			m.detach()
			return nil
		}
		return m.pass(msg)
	case filtering:
		m.filterKey(msg)
		return nil
	case confirming:
		return m.confirmKey(msg)
	case helping:
		m.mode = listing
		return nil
	}
	return m.listKey(msg)
}

func (m *Model) filterKey(msg tea.KeyPressMsg) {
	switch msg.String() {
	case "esc", "ctrl+c":
		m.filter.SetText("")
		m.mode = listing
	case "enter":
		m.mode = listing
	default:
		m.filter.Key(msg)
	}
}

func (m *Model) confirmKey(msg tea.KeyPressMsg) tea.Cmd {
	m.mode = listing
	if msg.String() != "y" {
		m.note, m.noteAt = Note{Text: "Nothing was done."}, m.term.Now()
		return nil
	}
	var cmds []tea.Cmd
	for _, row := range m.asked {
		cmds = append(cmds, m.actions.Power(row, m.signal))
	}
	clear(m.marked)
	return tea.Batch(cmds...)
}

// signals are the keys of power signals.
var signals = map[string]client.PowerSignal{
	"s": client.PowerSignalStart, "x": client.PowerSignalStop, "r": client.PowerSignalRestart, "k": client.PowerSignalKill,
}

func (m *Model) listKey(msg tea.KeyPressMsg) tea.Cmd {
	rows := m.shown()
	at := m.cursor(rows)
	if len(rows) > 0 {
		m.current = rows[at].UUID // also after the filter hid the one before
	}
	move := func(to int) {
		if len(rows) > 0 {
			m.current = rows[min(max(0, to), len(rows)-1)].UUID
		}
	}
	key := msg.String()
	switch key {
	case "q", "ctrl+c":
		return tea.Quit
	case "up":
		move(at - 1)
	case "down", "j":
		move(at + 1)
	case "pgup":
		move(at - m.page())
	case "pgdown":
		move(at + m.page())
	case "home", "g":
		move(0)
	case "end", "G":
		move(len(rows) - 1)
	case "space":
		if len(rows) > 0 {
			uuid := rows[at].UUID
			if m.marked[uuid] = !m.marked[uuid]; !m.marked[uuid] {
				delete(m.marked, uuid)
			}
			move(at + 1)
		}
	case "a":
		m.markAll(rows)
	case "esc":
		if len(m.marked) > 0 {
			clear(m.marked)
		} else {
			m.filter.SetText("")
		}
	case "/":
		m.mode = filtering
	case "?", "h":
		m.mode = helping
	case "n":
		m.order = byName
		m.sort()
	case "c":
		m.order = byCPU
		m.sort()
	case "m":
		m.order = byMemory
		m.sort()
	case "enter":
		if len(rows) > 0 {
			return m.open(rows[at])
		}
	default:
		if signal, ok := signals[key]; ok {
			m.ask(signal)
		}
	}
	return nil
}

// markAll marks what is shown, or unmarks it if all of it is marked.
func (m *Model) markAll(rows []*Row) {
	all := !slices.ContainsFunc(rows, func(r *Row) bool { return !m.marked[r.UUID] })
	clear(m.marked)
	if !all {
		for _, row := range rows {
			m.marked[row.UUID] = true
		}
	}
}

func (m *Model) open(row *Row) tea.Cmd {
	if row.Blocked != "" {
		m.note, m.noteAt = Note{Text: row.Name + " is " + row.Blocked + " and has no console.", Bad: true}, m.term.Now()
		return nil
	}
	m.note, m.noteAt = Note{Text: "Opening the console of " + row.Name + " …"}, m.term.Now()
	return m.actions.Open(row)
}

// ask asks before a signal is sent.
func (m *Model) ask(signal client.PowerSignal) {
	switch {
	case m.readOnly:
		m.note, m.noteAt = Note{Text: "Read-only: no signal is sent.", Bad: true}, m.term.Now()
	default:
		if m.asked = m.chosen(); len(m.asked) > 0 {
			m.signal, m.mode = signal, confirming
		}
	}
}

// question is what is asked before a signal is sent.
func (m *Model) question() string {
	rows := m.asked
	what := ui.Count(len(rows), "server")
	if len(rows) == 1 {
		what = rows[0].Name
	}
	verb := string(m.signal)
	warning := ""
	if m.signal == client.PowerSignalKill {
		warning = " What is not saved is lost."
	}
	return fmt.Sprintf("%s%s %s?%s  y/n", strings.ToUpper(verb[:1]), verb[1:], what, warning)
}
