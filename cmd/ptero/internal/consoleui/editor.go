package consoleui

import (
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

// Editor edits a line, with the keys of a shell. Its zero value is ready to use.
type Editor struct {
	line   []rune
	cursor int
}

// Text returns the line.
func (e *Editor) Text() string { return string(e.line) }

// SetText replaces the line.
func (e *Editor) SetText(text string) {
	e.line = []rune(text)
	e.cursor = len(e.line)
}

// Insert inserts a text. Line breaks become spaces, as each would end a command.
func (e *Editor) Insert(text string) {
	inserted := []rune(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, text))
	e.line = append(e.line[:e.cursor:e.cursor], append(inserted, e.line[e.cursor:]...)...)
	e.cursor += len(inserted)
}

// Key handles a key.
func (e *Editor) Key(key tea.KeyPressMsg) {
	switch key.String() {
	case "left", "ctrl+b":
		e.cursor = max(0, e.cursor-1)
	case "right", "ctrl+f":
		e.cursor = min(len(e.line), e.cursor+1)
	case "home", "ctrl+a":
		e.cursor = 0
	case "end", "ctrl+e":
		e.cursor = len(e.line)
	case "ctrl+left", "alt+left", "alt+b":
		e.cursor = e.wordBefore()
	case "ctrl+right", "alt+right", "alt+f":
		e.cursor = e.wordAfter()
	case "backspace", "ctrl+h":
		e.cut(e.cursor-1, e.cursor)
	case "delete", "ctrl+d":
		e.cut(e.cursor, e.cursor+1)
	case "ctrl+w", "alt+backspace":
		e.cut(e.wordBefore(), e.cursor)
	case "ctrl+k":
		e.cut(e.cursor, len(e.line))
	case "ctrl+u":
		e.cut(0, e.cursor)
	default:
		e.Insert(key.Text)
	}
}

func (e *Editor) cut(from, to int) {
	from, to = max(0, from), min(len(e.line), to)
	e.line = append(e.line[:from:from], e.line[to:]...)
	e.cursor = from
}

func (e *Editor) wordBefore() int {
	i := e.cursor
	for i > 0 && e.line[i-1] == ' ' {
		i--
	}
	for i > 0 && e.line[i-1] != ' ' {
		i--
	}
	return i
}

func (e *Editor) wordAfter() int {
	i := e.cursor
	for i < len(e.line) && e.line[i] == ' ' {
		i++
	}
	for i < len(e.line) && e.line[i] != ' ' {
		i++
	}
	return i
}

// View returns the part of the line around the cursor that fits a width, and the
// column of the cursor in it.
func (e *Editor) View(width int) (text string, column int) {
	start := 0
	for ui.Width(string(e.line[start:e.cursor])) >= width && start < e.cursor {
		start++
	}
	end := len(e.line)
	for end > e.cursor && ui.Width(string(e.line[start:end])) > width {
		end--
	}
	return string(e.line[start:end]), ui.Width(string(e.line[start:e.cursor]))
}
