package consoleui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
	"github.com/ptero-go/ptero/console"
)

// Detached is the message that the user wants to leave the console. The server
// goes on.
type Detached struct{}

// Describe puts an event into words, "" for one that needs no line.
type Describe func(console.Event) string

// Model is what is shown of a console.
type Model struct {
	// ReadOnly sends nothing.
	ReadOnly bool

	term     *ui.Terminal
	name     string
	session  *Session
	describe Describe

	// above has new lines printed above the view, where the terminal keeps them,
	// instead of shown within it.
	above bool

	width, height int
	editor        Editor
	history       []string
	at            int    // in the history; its length means the new line
	draft         string // the new line, while an old one is shown

	lines  []string // the last ones, if they are not printed above
	scroll int      // how many lines the view is above the last

	power      string
	stats      console.Stats
	connection console.State
}

// kept is how many lines can be scrolled back to.
const kept = 5000

// New returns a console whose lines fill the screen.
func New(term *ui.Terminal, name string, session *Session, describe Describe) Model {
	return Model{term: term, name: name, session: session, describe: describe, connection: console.StateLive}
}

// NewInline returns a console whose lines stay on the terminal.
func NewInline(term *ui.Terminal, name string, session *Session, describe Describe) Model {
	m := New(term, name, session, describe)
	m.above = true
	return m
}

// SetSession connects the console, once the program runs that it notifies.
func (m *Model) SetSession(session *Session) { m.session = session }

// SetSize sets how much room there is.
func (m *Model) SetSize(width, height int) {
	m.width, m.height = width, height
}

// Update handles a message.
func (m Model) Update(msg tea.Msg) (Model, tea.Cmd) {
	switch msg := msg.(type) {
	case Events:
		return m.take(msg)
	case failed:
		return m.show(m.term.Paint(ui.Bad, fmt.Sprintf("%q was not sent: %v", ui.Clean(msg.command), msg.err)))
	case Ended:
		m.connection = console.StateClosed
		text := "The console has ended."
		if msg.Err != nil {
			text = "The console has ended: " + msg.Err.Error()
		}
		return m.show(m.term.Paint(ui.Bad, ui.Clean(text)))
	case tea.KeyPressMsg:
		return m.key(msg)
	case tea.PasteMsg:
		m.editor.Insert(msg.Content)
	}
	return m, nil
}

func (m Model) key(msg tea.KeyPressMsg) (Model, tea.Cmd) {
	empty := m.editor.Text() == ""
	switch msg.String() {
	case "ctrl+c":
		if empty {
			return m, detach
		}
		m.editor.SetText("")
		m.at = len(m.history)
		return m, nil
	case "ctrl+d":
		if empty {
			return m, detach
		}
	case "enter":
		return m.enter()
	case "up", "ctrl+p":
		return m.recall(-1), nil
	case "down", "ctrl+n":
		return m.recall(1), nil
	case "pgup":
		m.scroll = min(m.scroll+m.page(), max(0, len(m.lines)-m.page()))
		return m, nil
	case "pgdown":
		m.scroll = max(0, m.scroll-m.page())
		return m, nil
	}
	m.editor.Key(msg)
	return m, nil
}

func detach() tea.Msg { return Detached{} }

// enter sends the line. The server repeats it, so it is not shown here.
func (m Model) enter() (Model, tea.Cmd) {
	command := m.editor.Text()
	m.editor.SetText("")
	m.scroll = 0
	if strings.TrimSpace(command) == "" {
		m.at = len(m.history)
		return m, nil
	}
	if n := len(m.history); n == 0 || m.history[n-1] != command {
		m.history = append(m.history, command)
	}
	m.at = len(m.history)
	if m.ReadOnly {
		return m.show(m.term.Paint(ui.Bad, "Read-only: nothing is sent."))
	}
	if !m.session.send(command) {
		return m.show(m.term.Paint(ui.Bad, "Too many commands wait to be sent; this one was not."))
	}
	return m, nil
}

// recall shows an older or newer command.
func (m Model) recall(by int) Model {
	to := m.at + by
	if to < 0 || to > len(m.history) {
		return m
	}
	if m.at == len(m.history) {
		m.draft = m.editor.Text()
	}
	if m.at = to; to == len(m.history) {
		m.editor.SetText(m.draft)
	} else {
		m.editor.SetText(m.history[to])
	}
	return m
}

// take shows what the console brought.
func (m Model) take(events Events) (Model, tea.Cmd) {
	var lines []string
	for _, event := range events {
		switch e := event.(type) {
		case console.Output:
			lines = append(lines, m.term.ConsoleLine(e.Line))
			continue
		case console.Stats:
			m.stats, m.power = e, string(e.State)
		case console.Status:
			m.power = string(e.State)
			if m.power == "offline" {
				m.stats = console.Stats{}
			}
		case console.StateChange:
			m.connection = e.To
		}
		if text := m.describe(event); text != "" {
			lines = append(lines, m.term.Paint(ui.Warn, "-- "+ui.Clean(text)))
		}
	}
	return m.show(lines...)
}

// show shows lines.
func (m Model) show(lines ...string) (Model, tea.Cmd) {
	if len(lines) == 0 {
		return m, nil
	}
	if m.above {
		return m, tea.Println(ansi.Hardwrap(strings.Join(lines, "\n"), max(1, m.width), true))
	}
	if m.scroll > 0 {
		m.scroll += len(lines) // what is read stays where it is
	}
	m.lines = append(m.lines[max(0, len(m.lines)+len(lines)-kept):], lines...)
	return m, nil
}

// page is how many lines fit.
func (m Model) page() int { return max(1, m.height-footer) }

// prompt stands before the line that is edited.
const prompt = "> "

// footer is how many lines the editor and the status take.
const footer = 2

// View draws the console.
func (m Model) View() tea.View {
	var b strings.Builder
	y := 0
	if !m.above {
		last := max(0, len(m.lines)-m.scroll)
		shown := m.lines[max(0, last-m.page()):last]
		for _, line := range shown {
			b.WriteString(ansi.Truncate(line, m.width, "…") + "\n")
		}
		b.WriteString(strings.Repeat("\n", m.page()-len(shown)))
		y = m.page()
	}
	text, column := m.editor.View(max(1, m.width-len(prompt)-1))
	b.WriteString(prompt + text + "\n" + m.status())
	v := tea.NewView(b.String())
	v.AltScreen = !m.above
	v.Cursor = tea.NewCursor(len(prompt)+column, y)
	return v
}

// status is the line about the server.
func (m Model) status() string {
	state := m.power
	if state == "" {
		state = "unknown"
	}
	parts := []string{m.term.Paint(ui.Bold, ui.Clean(m.name)), m.term.Paint(ui.State(state).Style(), "● "+state)}
	if m.stats.Uptime > 0 {
		memory := ui.Bytes(m.stats.MemoryBytes).String()
		if m.stats.MemoryLimitBytes > 0 {
			memory += " of " + ui.Bytes(m.stats.MemoryLimitBytes).String()
		}
		parts = append(parts, "CPU "+ui.Percent(m.stats.CPUPercent).String(), "memory "+memory, "up "+ui.Uptime(m.stats.Uptime))
	}
	switch m.connection {
	case console.StateLive, console.StateRenewing:
	case console.StateClosed:
		parts = append(parts, m.term.Paint(ui.Bad, "closed"))
	default:
		parts = append(parts, m.term.Paint(ui.Warn, string(m.connection)))
	}
	if m.scroll > 0 {
		parts = append(parts, m.term.Paint(ui.Warn, fmt.Sprintf("%d lines back", m.scroll)))
	}
	left, right := strings.Join(parts, "  "), m.term.Paint(ui.Dim, "ctrl-d leaves, the server goes on")
	gap := m.width - ansi.StringWidth(left) - ansi.StringWidth(right)
	if gap < 2 {
		return ansi.Truncate(left, m.width, "…")
	}
	return left + strings.Repeat(" ", gap) + right
}
