// Package ui is how ptero talks to people and to programs: the terminal with
// its width and colors, tables, output formats, questions and progress.
package ui

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/term"
)

// Terminal is what a command reads from and writes to. Data goes to Out, and
// everything else to Err.
type Terminal struct {
	In       io.Reader
	Out, Err io.Writer

	// InTTY, OutTTY and ErrTTY report which of them is a terminal.
	InTTY, OutTTY, ErrTTY bool

	// Width is the number of columns of Out, 0 where nothing must be cut.
	Width int

	// OutColor and ErrColor report whether styles are used.
	OutColor, ErrColor bool

	// Dumb reports that the terminal cannot move its cursor.
	Dumb bool

	// Quiet suppresses messages and progress.
	Quiet bool

	// ShowSecrets prints passwords, tokens and keys instead of hiding them.
	ShowSecrets bool

	// Now and Location decide how times are shown. What is less than Recent ago
	// is shown as now.
	Now      func() time.Time
	Location *time.Location
	Recent   time.Duration

	input *os.File
}

const recent = 5 * time.Second

// New returns the terminal of three files, set up by the environment: NO_COLOR,
// CLICOLOR_FORCE, TERM and COLUMNS.
func New(getenv func(string) string, in, out, errs *os.File) *Terminal {
	t := &Terminal{
		In: in, Out: &output{file: out}, Err: errs, input: in,
		InTTY: term.IsTerminal(int(in.Fd())), OutTTY: term.IsTerminal(int(out.Fd())), ErrTTY: term.IsTerminal(int(errs.Fd())),
		Dumb: getenv("TERM") == "dumb",
		Now:  time.Now, Location: time.Local, Recent: recent,
	}
	color := func(tty bool) bool {
		switch {
		case getenv("NO_COLOR") != "":
			return false
		case getenv("CLICOLOR_FORCE") != "" && getenv("CLICOLOR_FORCE") != "0":
			return true
		}
		return tty && !t.Dumb
	}
	t.OutColor, t.ErrColor = color(t.OutTTY), color(t.ErrTTY)
	if t.OutTTY {
		t.Width, _, _ = term.GetSize(int(out.Fd()))
	}
	if columns, err := strconv.Atoi(getenv("COLUMNS")); err == nil && columns > 0 {
		t.Width = columns
	}
	return t
}

// output is standard output. It remembers that it could not be written to.
type output struct {
	file *os.File
	mu   sync.Mutex // guards err
	err  error
}

func (o *output) Write(text []byte) (int, error) {
	n, err := o.file.Write(text)
	if err != nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.err == nil {
			o.err = err
		}
	}
	return n, err
}

// OutErr returns the first error of writing data, which the methods of Terminal
// that write do not.
func (t *Terminal) OutErr() error {
	o, ok := t.Out.(*output)
	if !ok {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}

// Interactive reports whether somebody can be asked.
func (t *Terminal) Interactive() bool { return t.InTTY && t.ErrTTY }

// Printf writes data.
func (t *Terminal) Printf(format string, args ...any) { fmt.Fprintf(t.Out, format, args...) }

// Messagef writes a line for people, unless they want quiet. What else than
// colors could act on the terminal is taken out of it.
func (t *Terminal) Messagef(format string, args ...any) {
	if !t.Quiet {
		t.Errorln(fmt.Sprintf(format, args...))
	}
}

// Errorln writes a message, even for those who want quiet. It may have several
// lines.
func (t *Terminal) Errorln(text string) {
	var b strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		b.WriteString(cleanLine(line, t.ErrColor) + "\n")
	}
	_, _ = io.WriteString(t.Err, b.String())
}

// Style is a meaning that a color can show.
type Style string

// The styles are the parameters of an SGR sequence. The sixteen basic colors
// are those that the user's theme chose to be readable.
const (
	Plain Style = ""
	Bold  Style = "1"
	Dim   Style = "2"
	Bad   Style = "31"
	Good  Style = "32"
	Warn  Style = "33"
	Info  Style = "36"
)

// Paint styles a text for Out.
func (t *Terminal) Paint(style Style, text string) string { return paint(t.OutColor, style, text) }

// PaintErr styles a text for Err.
func (t *Terminal) PaintErr(style Style, text string) string { return paint(t.ErrColor, style, text) }

func paint(color bool, style Style, text string) string {
	if !color || style == Plain || text == "" {
		return text
	}
	return "\x1b[" + string(style) + "m" + text + "\x1b[m"
}

// Clean takes out of a text what could move the cursor or change colors, since
// names and messages come from servers. Line breaks become spaces.
func Clean(text string) string {
	clean := true
	for _, r := range text {
		if isControl(r) {
			clean = false
			break
		}
	}
	if clean {
		return text
	}
	var out []rune
	for _, r := range ansi.Strip(text) {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			out = append(out, ' ')
		case !isControl(r):
			out = append(out, r)
		}
	}
	return string(out)
}

// isControl includes the characters that reorder what follows them.
func isControl(r rune) bool {
	return r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// Width returns how many columns a text takes.
func Width(text string) int { return ansi.StringWidth(text) }

// ConsoleLine makes a line of a game's console fit to be printed: its colors
// stay where colors are used, all else that could act on the terminal goes. Of a
// line that draws over itself, as progress bars do, the last state stays.
func (t *Terminal) ConsoleLine(line string) string {
	line = strings.TrimRight(line, "\r\n")
	if i := strings.LastIndexByte(line, '\r'); i >= 0 {
		line = line[i+1:]
	}
	return cleanLine(line, t.OutColor)
}

// cleanLine cleans a line of all but its colors, which stay where they are used.
func cleanLine(line string, color bool) string {
	if !color {
		return Clean(line)
	}
	var b strings.Builder
	colored := false // at the end of what was written
	for line != "" {
		start := sgr.FindStringIndex(line)
		if start == nil {
			b.WriteString(Clean(line))
			break
		}
		b.WriteString(Clean(line[:start[0]]))
		b.WriteString(line[start[0]:start[1]])
		colored = line[start[0]:start[1]] != "\x1b[m" && line[start[0]:start[1]] != "\x1b[0m"
		line = line[start[1]:]
	}
	if colored {
		b.WriteString("\x1b[m")
	}
	return b.String()
}

// sgr matches the sequences that set colors.
var sgr = regexp.MustCompile(`\x1b\[[0-9;:]*m`)
