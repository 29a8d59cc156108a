package top

import (
	"cmp"
	"fmt"
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

// order is what the rows are sorted by.
type order int

const (
	byName order = iota
	byCPU
	byMemory
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

func (m *Model) sort() {
	slices.SortStableFunc(m.rows, func(a, b *Row) int {
		by := 0
		switch m.order {
		case byCPU:
			by = cmp.Compare(b.stats.CPUPercent, a.stats.CPUPercent)
		case byMemory:
			by = cmp.Compare(b.stats.MemoryBytes, a.stats.MemoryBytes)
		case byName:
		}
		return cmp.Or(by, natural(a.Name, b.Name), cmp.Compare(a.UUID, b.UUID))
	})
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
	for _, row := range m.chosen() {
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
	case len(m.chosen()) > 0:
		m.signal, m.mode = signal, confirming
	}
}

// question is what is asked before a signal is sent.
func (m *Model) question() string {
	rows := m.chosen()
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

// natural compares names as people do: without regard to case, and server-2
// before server-10.
func natural(a, b string) int {
	a, b = strings.ToLower(a), strings.ToLower(b)
	for a != "" && b != "" {
		x, y := digits(a), digits(b)
		if x == 0 || y == 0 {
			if by := cmp.Compare(a[0], b[0]); by != 0 {
				return by
			}
			a, b = a[1:], b[1:]
			continue
		}
		m, n := strings.TrimLeft(a[:x], "0"), strings.TrimLeft(b[:y], "0")
		if by := cmp.Or(cmp.Compare(len(m), len(n)), cmp.Compare(m, n)); by != 0 {
			return by
		}
		a, b = a[x:], b[y:]
	}
	return cmp.Compare(len(a), len(b))
}

// digits returns how many digits a text begins with.
func digits(text string) int {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return n
}
