package top

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/cmd/ptero/internal/consoleui"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
	"github.com/ptero-go/ptero/console"
)

// screen is a screen whose actions are noted.
type screen struct {
	*Model
	now    time.Time
	done   []string
	closed int
}

func newScreen(width, height int, readOnly bool) *screen {
	s := &screen{now: time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)}
	term := &ui.Terminal{OutColor: true, Now: func() time.Time { return s.now }, Location: time.UTC}
	s.Model = New(term, "panel.example.org", readOnly, func() consoleui.Describe { return func(console.Event) string { return "" } }, Actions{
		Power: func(r *Row, signal client.PowerSignal) tea.Cmd {
			return func() tea.Msg {
				s.done = append(s.done, string(signal)+" "+r.Name)
				return Note{Text: r.Name + ": sent"}
			}
		},
		Open:  func(r *Row) tea.Cmd { return func() tea.Msg { return Opened{Name: r.Name} } },
		Close: func(*consoleui.Session) { s.closed++ },
	})
	s.Update(tea.WindowSizeMsg{Width: width, Height: height})
	return s
}

// do handles a message and what comes of it.
func (s *screen) do(msg tea.Msg) {
	_, cmd := s.Update(msg)
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case tea.BatchMsg:
		for _, cmd := range msg {
			s.Update(cmd())
		}
	default:
		s.Update(msg)
	}
}

func (s *screen) press(keys ...string) {
	for _, key := range keys {
		msg := tea.KeyPressMsg{Text: key, Code: []rune(key)[0]}
		if special, ok := map[string]rune{
			"enter": tea.KeyEnter, "esc": tea.KeyEscape, "up": tea.KeyUp, "down": tea.KeyDown, "space": tea.KeySpace,
			"pgdown": tea.KeyPgDown, "end": tea.KeyEnd, "home": tea.KeyHome,
		}[key]; ok {
			msg = tea.KeyPressMsg{Code: special}
		}
		s.do(msg)
	}
}

func (s *screen) frame() string { return ansi.Strip(s.View().Content) }

// sample is a second of a server.
func sample(uuid string, second int, cpu float64, memory int64) console.GroupEvent {
	return console.GroupEvent{Server: uuid, Event: console.Stats{
		State: client.PowerStateRunning, CPUPercent: cpu, MemoryBytes: memory, MemoryLimitBytes: 2 << 30, DiskBytes: 3 << 30,
		ReceivedBytes: int64(second) * 2048, SentBytes: int64(second) * 1 << 20, Uptime: 26*time.Hour + time.Duration(second)*time.Second,
	}}
}

// world is a screen with servers in all states.
func world(width, height int) *screen {
	s := newScreen(width, height, false)
	live := console.StateChange{From: console.StateAuthenticating, To: console.StateLive}
	s.do(Servers{
		{UUID: "1", Name: "lobby", Node: "eu-1", MemoryLimit: 2 << 30, CPULimit: 200},
		{UUID: "2", Name: "a server with a long name", Node: "eu-1", MemoryLimit: 2 << 30},
		{UUID: "3", Name: "offline", Node: "us-1"},
		{UUID: "4", Name: "unpaid", Node: "us-1", Blocked: "suspended"},
		{UUID: "5", Name: "broken", Node: "us-1"},
		{UUID: "6", Name: "lost", Node: "us-2"},
	})
	var updates Updates
	for _, uuid := range []string{"1", "2", "3", "5", "6"} {
		updates = append(updates, console.GroupEvent{Server: uuid, Event: live})
	}
	for second := range 70 {
		updates = append(updates, sample("1", second, float64(second*3), int64(second)<<24), sample("2", second, 12.5, 1<<30))
	}
	updates = append(updates,
		console.GroupEvent{Server: "3", Event: console.Status{State: client.PowerStateOffline}},
		console.GroupEvent{Server: "5", Event: console.Status{State: client.PowerStateOffline}},
		console.GroupEvent{Server: "5", Event: console.Crash{ExitCode: 1}},
		console.GroupEvent{Server: "6", Event: console.Status{State: client.PowerStateRunning}},
		console.GroupEvent{Server: "6", Event: console.StateChange{From: console.StateLive, To: console.StateWaiting, Err: errors.New("node is down\x1b[2J")}},
		console.GroupEvent{Server: "gone", Event: live},
	)
	s.do(updates)
	return s
}

func TestGoldenFrames(t *testing.T) {
	t.Parallel()
	for _, width := range []int{50, 90, 160, 200} {
		s := world(width, 10)
		frames := []string{s.frame()}
		for _, keys := range [][]string{{"space", "c"}, {"x"}, {"n", "/", "u", "s"}, {"enter"}, {"esc", "esc", "end", "up", "up"}, {"?"}} {
			s.press(keys...)
			frames = append(frames, s.frame())
		}
		for _, frame := range frames {
			if n := strings.Count(frame, "\n") + 1; n > 10 {
				t.Errorf("a frame of 10 lines has %d:\n%s", n, frame)
			}
		}
		got := strings.Join(frames, "\n"+strings.Repeat("=", width)+"\n") + "\n"
		for line := range strings.Lines(got) {
			if w := ansi.StringWidth(strings.TrimSuffix(line, "\n")); w > width {
				t.Errorf("a line is %d wide, in a frame of %d: %s", w, width, line)
			}
		}
		file := filepath.Join("testdata", fmt.Sprintf("frames-%d.txt", width))
		if os.Getenv("PTERO_UPDATE") != "" {
			if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil || got != string(want) {
			t.Errorf("width %d: the frames differ from %s (%v):\n%s", width, file, err, got)
		}
	}
}

func TestPowerAsksFirst(t *testing.T) {
	t.Parallel()
	s := world(100, 12)
	s.press("s", "n")
	if len(s.done) != 0 || !strings.Contains(s.frame(), "Nothing was done.") {
		t.Errorf("a no did %q", s.done)
	}
	s.press("s", "y")
	if want := []string{"start a server with a long name"}; !slices.Equal(s.done, want) {
		t.Errorf("did %q, want %q", s.done, want)
	}
	s.done = nil
	s.press("space", "space", "k")
	if !strings.Contains(s.frame(), "Kill 2 servers? What is not saved is lost.  y/n") {
		t.Errorf("the question is missing:\n%s", s.frame())
	}
	s.press("y")
	if want := []string{"kill a server with a long name", "kill broken"}; !slices.Equal(s.done, want) {
		t.Errorf("did %q, want %q", s.done, want)
	}
	if len(s.marked) != 0 {
		t.Error("the marks are left")
	}
	s.done = nil
	s.press("/", "u", "s", "-", "1", "enter", "a", "r", "y")
	if want := []string{"restart broken", "restart offline", "restart unpaid"}; !slices.Equal(s.done, want) {
		t.Errorf("did %q, want %q", s.done, want)
	}
}

func TestReadOnlySendsNothing(t *testing.T) {
	t.Parallel()
	s := newScreen(100, 10, true)
	s.do(Servers{{UUID: "1", Name: "lobby"}})
	s.press("s", "y", "x", "y", "r", "y", "k", "y")
	if len(s.done) != 0 || !strings.Contains(s.frame(), "read-only") {
		t.Errorf("did %q\n%s", s.done, s.frame())
	}
	s.press("enter")
	if s.mode != attached || !s.console.ReadOnly {
		t.Error("the console is not open, or not read-only")
	}
}

func TestTheCursorStaysOnItsServer(t *testing.T) {
	t.Parallel()
	s := world(100, 12)
	current := func() string {
		for line := range strings.Lines(s.frame()) {
			if name, ok := strings.CutPrefix(line, "> "); ok {
				return strings.Fields(name)[0]
			}
		}
		return ""
	}
	s.press("down", "down")
	if current() != "lobby" {
		t.Fatalf("the cursor is on %q", current())
	}
	s.press("m") // now it is the first or second
	if current() != "lobby" {
		t.Errorf("sorting moved the cursor to %q", current())
	}
	s.do(Updates{sample("1", 71, 1, 1)})
	if current() != "lobby" {
		t.Errorf("an update moved the cursor to %q", current())
	}
	// A server is gone, and one is new.
	s.do(Servers{{UUID: "0", Name: "aaa"}, {UUID: "1", Name: "lobby", MemoryLimit: 1}, {UUID: "3", Name: "offline", Blocked: "installing"}})
	if current() != "lobby" || s.byUUID["1"].stats.Uptime == 0 {
		t.Errorf("a new list moved the cursor to %q, or lost what is known", current())
	}
	if len(s.marked) != 0 || !strings.Contains(s.frame(), "installing") {
		t.Errorf("the list is stale:\n%s", s.frame())
	}
}

func TestConsoleAndBack(t *testing.T) {
	t.Parallel()
	s := world(100, 10)
	s.press("end", "enter")
	if s.mode != listing || !strings.Contains(s.frame(), "unpaid is suspended and has no console.") {
		t.Errorf("a suspended server opened:\n%s", s.frame())
	}
	s.press("home", "enter")
	s.do(consoleui.Events{console.Output{Line: "hello"}})
	if !strings.Contains(s.frame(), "hello") {
		t.Errorf("the console shows nothing:\n%s", s.frame())
	}
	s.press("q") // a letter there
	if s.mode != attached {
		t.Error("q left the console")
	}
	s.session = &consoleui.Session{}
	s.press("esc")
	if s.mode != listing || s.closed != 1 {
		t.Errorf("esc did not come back, or left %d consoles open", 1-s.closed)
	}
	// A console that opens too late is closed.
	s.press("?")
	s.do(Opened{Name: "late", Session: &consoleui.Session{}})
	if s.mode == attached || s.closed != 2 {
		t.Error("a console opened over the help")
	}
}

func TestRestartsAndRates(t *testing.T) {
	t.Parallel()
	s := world(100, 10)
	row := s.byUUID["1"]
	if row.receive != 2048 || row.send != 1<<20 {
		t.Errorf("rates are %v and %v a second", row.receive, row.send)
	}
	if len(row.cpu) != samples || row.cpu[samples-1] != 207 {
		t.Errorf("the graph has %d samples and ends in %v", len(row.cpu), row.cpu)
	}
	s.do(Updates{{Server: "1", Event: console.Stats{State: client.PowerStateStarting, Uptime: time.Second}}})
	if row.receive != 0 || row.send != 0 {
		t.Errorf("a restart gives the rates %v and %v", row.receive, row.send)
	}
	if got := graph([]float64{0, 50, 100, 200}, 6, 100); got != "  ▁▃▅█" {
		t.Errorf("a graph is %q", got)
	}
}

func TestNaturalOrder(t *testing.T) {
	t.Parallel()
	names := []string{"server-10", "b", "Server-2", "server-1", "server", "a", "server-010x", "server-2b"}
	slices.SortStableFunc(names, natural)
	if want := []string{"a", "b", "server", "server-1", "Server-2", "server-2b", "server-10", "server-010x"}; !slices.Equal(names, want) {
		t.Errorf("the order is %q, want %q", names, want)
	}
}

// A yes is for the servers that were asked about, whatever happened on the screen
// since.
func TestAYesIsForWhatWasAsked(t *testing.T) {
	t.Parallel()
	s := world(100, 12)
	s.press("/", "o", "f", "f", "l", "i", "n", "e", "enter", "s")
	if !strings.Contains(s.frame(), "Start offline?") {
		t.Fatalf("the question is missing:\n%s", s.frame())
	}
	// It starts by itself, so the filter hides it, and another one is the first.
	s.do(Updates{{Server: "3", Event: console.Status{State: client.PowerStateStarting}}, {Server: "2", Event: console.Status{State: client.PowerStateOffline}}})
	if !strings.Contains(s.frame(), "Start offline?") {
		t.Errorf("the question changed:\n%s", s.frame())
	}
	s.press("y")
	if want := []string{"start offline"}; !slices.Equal(s.done, want) {
		t.Errorf("done was %q, want %q", s.done, want)
	}
	// One that is deleted meanwhile is not replaced by its neighbour.
	s = world(100, 12)
	s.press("end", "k")
	s.do(Servers{{UUID: "1", Name: "lobby"}, {UUID: "2", Name: "a server with a long name"}})
	s.press("y")
	if want := []string{"kill unpaid"}; !slices.Equal(s.done, want) {
		t.Errorf("done was %q, want %q", s.done, want)
	}
}
