package top

import (
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/cmd/ptero/internal/consoleui"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
	"github.com/ptero-go/ptero/console"
)

// Actions is what the screen can have done. Each returns a command that ends in
// one of the messages of this package.
type Actions struct {
	// Power sends a signal to a server. It ends in a [Note].
	Power func(r *Row, signal client.PowerSignal) tea.Cmd

	// Open opens the console of a server. It ends in an [Opened] or a [Note].
	Open func(r *Row) tea.Cmd

	// Close closes a console that was opened.
	Close func(s *consoleui.Session)
}

// Messages to the screen.
type (
	// Servers are those of the account now.
	Servers []*Row

	// Updates are what the consoles brought.
	Updates []console.GroupEvent

	// Note is shown in the last line for a while.
	Note struct {
		Text string
		Bad  bool
	}

	// Opened is a console that was opened for the server of that name.
	Opened struct {
		Name    string
		Session *consoleui.Session
	}
)

// mode is what the keys mean.
type mode int

const (
	listing mode = iota
	filtering
	confirming
	helping
	attached
)

// Model is the screen.
type Model struct {
	term     *ui.Terminal
	title    string
	readOnly bool
	actions  Actions
	describe func() consoleui.Describe

	width, height int
	rows          []*Row
	byUUID        map[string]*Row
	loaded        bool
	marked        map[string]bool
	current       string // UUID
	order         order
	mode          mode
	filter        consoleui.Editor
	signal        client.PowerSignal // to be confirmed
	asked         []*Row             // which servers it is for, whatever is marked or shown since
	note          Note
	noteAt        time.Time
	console       consoleui.Model
	session       *consoleui.Session
}

// New returns the screen of a Panel. describe is called for each console that is
// opened.
func New(term *ui.Terminal, title string, readOnly bool, describe func() consoleui.Describe, actions Actions) *Model {
	return &Model{term: term, title: title, readOnly: readOnly, describe: describe, actions: actions, byUUID: make(map[string]*Row), marked: make(map[string]bool)}
}

// Init implements [tea.Model].
func (m *Model) Init() tea.Cmd { return nil }

// Update implements [tea.Model].
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
		m.console.SetSize(msg.Width, msg.Height)
	case Servers:
		m.setServers(msg)
	case Updates:
		for _, update := range msg {
			if row := m.byUUID[update.Server]; row != nil {
				row.take(update.Event)
			}
		}
		m.sort()
	case Note:
		m.note, m.noteAt = msg, m.term.Now()
	case Opened:
		if m.mode != listing { // somebody went elsewhere meanwhile
			m.actions.Close(msg.Session)
			return m, nil
		}
		m.mode, m.session = attached, msg.Session
		m.console = consoleui.New(m.term, msg.Name, msg.Session, m.describe())
		m.console.ReadOnly = m.readOnly
		m.console.SetSize(m.width, m.height)
	case consoleui.Detached:
		m.detach()
	case tea.KeyPressMsg:
		return m, m.key(msg)
	default:
		if m.mode == attached {
			return m, m.pass(msg)
		}
	}
	return m, nil
}

// pass hands a message to the console.
func (m *Model) pass(msg tea.Msg) tea.Cmd {
	var cmd tea.Cmd
	m.console, cmd = m.console.Update(msg)
	return cmd
}

func (m *Model) detach() {
	if m.session != nil {
		m.actions.Close(m.session)
		m.session = nil
	}
	m.mode = listing
}

// setServers keeps the rows of servers that are still there.
func (m *Model) setServers(fresh Servers) {
	m.loaded = true
	rows := make([]*Row, 0, len(fresh))
	byUUID := make(map[string]*Row, len(fresh))
	for _, row := range fresh {
		if old := m.byUUID[row.UUID]; old != nil {
			old.update(row)
			row = old
		}
		rows = append(rows, row)
		byUUID[row.UUID] = row
	}
	m.rows, m.byUUID = rows, byUUID
	for uuid := range m.marked {
		if byUUID[uuid] == nil {
			delete(m.marked, uuid)
		}
	}
	m.sort()
}

// shown returns the rows that the filter keeps: those whose name, node or state
// holds each of its words.
func (m *Model) shown() []*Row {
	words := strings.Fields(strings.ToLower(m.filter.Text()))
	if len(words) == 0 {
		return m.rows
	}
	var rows []*Row
	for _, row := range m.rows {
		text := strings.ToLower(row.Name + " " + row.Node + " " + string(row.shownState()))
		if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) }) {
			rows = append(rows, row)
		}
	}
	return rows
}

// cursor returns where the current server stands among the rows that are shown.
func (m *Model) cursor(rows []*Row) int {
	return max(0, slices.IndexFunc(rows, func(r *Row) bool { return r.UUID == m.current }))
}

// chosen returns the marked servers, or else the current one.
func (m *Model) chosen() []*Row {
	var rows []*Row
	shown := m.shown()
	for _, row := range m.rows {
		if m.marked[row.UUID] {
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 && len(shown) > 0 {
		rows = append(rows, shown[m.cursor(shown)])
	}
	return rows
}
