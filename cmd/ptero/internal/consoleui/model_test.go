package consoleui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
	"github.com/ptero-go/ptero/console"
)

func testModel(width int) Model {
	term := &ui.Terminal{OutColor: true, Now: time.Now, Location: time.UTC}
	m := New(term, "lobby", &Session{commands: make(chan string, 2)}, func(e console.Event) string {
		if gap, ok := e.(console.Gap); ok {
			return string(gap.Reason)
		}
		return ""
	})
	m.SetSize(width, 5)
	return m
}

func press(m Model, keys ...string) (Model, tea.Msg) {
	var cmd tea.Cmd
	for _, key := range keys {
		msg := tea.KeyPressMsg{Text: key, Code: []rune(key)[0]}
		switch key {
		case "enter":
			msg = tea.KeyPressMsg{Code: tea.KeyEnter}
		case "up":
			msg = tea.KeyPressMsg{Code: tea.KeyUp}
		case "down":
			msg = tea.KeyPressMsg{Code: tea.KeyDown}
		case "left":
			msg = tea.KeyPressMsg{Code: tea.KeyLeft}
		case "pgup":
			msg = tea.KeyPressMsg{Code: tea.KeyPgUp}
		case "pgdown":
			msg = tea.KeyPressMsg{Code: tea.KeyPgDown}
		case "ctrl+c", "ctrl+d", "ctrl+w", "ctrl+a", "ctrl+k":
			msg = tea.KeyPressMsg{Code: rune(key[len(key)-1]), Mod: tea.ModCtrl}
		}
		m, cmd = m.Update(msg)
	}
	if cmd == nil {
		return m, nil
	}
	return m, cmd()
}

func lines(texts ...string) Events {
	var events Events
	for _, text := range texts {
		events = append(events, console.Output{Line: text})
	}
	return events
}

func TestFrames(t *testing.T) {
	t.Parallel()
	for width, want := range map[int]string{
		100: "red  and a line that is wid\n-- lines are missing\nlast\n> say hi\n" +
			"lobby  ● running  CPU 12.5%  memory 512 MiB of 1 GiB  up 1h 0m     ctrl-d leaves, the server goes on",
		40: "red  and a line that is wid\n-- lines are missing\nlast\n> say hi\n" +
			"lobby  ● running  CPU 12.5%  memory 512…",
		20: "red  and a line tha…\n-- lines are missing\nlast\n> say hi\n" +
			"lobby  ● running  C…",
	} {
		m := testModel(width)
		m, _ = m.Update(lines("gone", "\x1b[31mred\x1b[0m \x1b[2J\x07 and a line that is wid"))
		m, _ = m.Update(Events{
			console.Gap{Reason: "lines are missing"},
			console.Output{Line: "10%\r50%\rlast"},
			console.Status{State: client.PowerStateRunning},
			console.Stats{State: client.PowerStateRunning, CPUPercent: 12.5, MemoryBytes: 512 << 20, MemoryLimitBytes: 1 << 30, Uptime: time.Hour},
		})
		m, _ = press(m, "s", "a", "y", " ", "h", "i")
		if got := ansi.Strip(m.View().Content); got != want {
			t.Errorf("width %d:\n%s\nwant:\n%s", width, got, want)
		}
	}
}

func TestScrollingStaysWhereItIs(t *testing.T) {
	t.Parallel()
	m := testModel(80)
	for i := range 20 {
		m, _ = m.Update(lines(fmt.Sprint("line ", i)))
	}
	m, _ = press(m, "pgup", "pgup")
	top := func() string { return strings.SplitN(m.View().Content, "\n", 2)[0] }
	if top() != "line 11" {
		t.Errorf("two pages up is %q", top())
	}
	m, _ = m.Update(lines("new", "newer"))
	if top() != "line 11" {
		t.Errorf("new lines moved the view to %q", top())
	}
	if !strings.Contains(m.View().Content, "8 lines back") {
		t.Errorf("it does not say that there are newer lines:\n%s", m.View().Content)
	}
	m, _ = press(m, "pgup", "pgup", "pgup", "pgup", "pgup", "pgup", "pgup", "pgup")
	if top() != "line 0" {
		t.Errorf("the top is %q", top())
	}
	m, _ = press(m, "pgdown", "pgdown", "pgdown", "pgdown", "pgdown", "pgdown", "pgdown", "pgdown")
	if top() != "line 19" {
		t.Errorf("the end is %q", top())
	}
}

func TestCommandsAndTheirHistory(t *testing.T) {
	t.Parallel()
	m := testModel(80)
	m, _ = press(m, "a", "enter", "b", "enter", "b", "enter", " ", "enter")
	if first, second := <-m.session.commands, <-m.session.commands; first != "a" || second != "b" {
		t.Errorf("sent %q and %q", first, second)
	}
	if !strings.Contains(m.View().Content, "Too many commands") {
		t.Errorf("the command for which there was no room is lost in silence:\n%s", m.View().Content)
	}
	check := func(want string) {
		t.Helper()
		if got := m.editor.Text(); got != want {
			t.Errorf("the line is %q, want %q", got, want)
		}
	}
	m, _ = press(m, "n", "e", "w", "up")
	check("b")
	m, _ = press(m, "up", "up")
	check("a")
	m, _ = press(m, "down", "down")
	check("new")
	m, _ = press(m, "left", "left", "X")
	check("nXew")
	m, _ = press(m, "ctrl+d")
	check("nXw")
	m, _ = press(m, "ctrl+k")
	check("nX")
	m, _ = m.Update(tea.PasteMsg{Content: " one\ntwo\x1b\x00"})
	check("nX one two")
	m, _ = press(m, "ctrl+w")
	check("nX one ")
	m, msg := press(m, "ctrl+c")
	check("")
	if msg != nil {
		t.Errorf("ctrl-c on a line gives %v", msg)
	}
	for _, key := range []string{"ctrl+c", "ctrl+d"} {
		if _, msg := press(m, key); msg != (Detached{}) {
			t.Errorf("%s on an empty line gives %v", key, msg)
		}
	}
}

func TestALongLineScrollsUnderTheCursor(t *testing.T) {
	t.Parallel()
	var e Editor
	e.SetText(strings.Repeat("0123456789", 3) + "世界")
	if text, column := e.View(10); text != "56789世界" || column != 9 {
		t.Errorf("the end shows %q with the cursor at %d", text, column)
	}
	for range 20 {
		e.Key(tea.KeyPressMsg{Code: tea.KeyLeft})
	}
	text, column := e.View(10)
	if text != "3456789012" || column != 9 {
		t.Errorf("the middle shows %q with the cursor at %d", text, column)
	}
	e.Key(tea.KeyPressMsg{Code: 'a', Mod: tea.ModCtrl})
	if text, column := e.View(10); text != "0123456789" || column != 0 {
		t.Errorf("the start shows %q with the cursor at %d", text, column)
	}
}

func TestInlineLinesGoAboveTheView(t *testing.T) {
	t.Parallel()
	m := testModel(10)
	m.above = true
	m, cmd := m.Update(lines("short", "a line of 20 letters"))
	if cmd == nil {
		t.Fatal("nothing is printed")
	}
	if printed := fmt.Sprintf("%v", cmd()); !strings.Contains(printed, "short\na line of \n20 letters") {
		t.Errorf("printed %q", printed)
	}
	if strings.Contains(m.View().Content, "short") || m.View().AltScreen {
		t.Errorf("the view is %q", m.View().Content)
	}
}
