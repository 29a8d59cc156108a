package ui

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/term"
)

// Progress shows how far something is, in one line that is drawn over and over.
// On what is no terminal it shows nothing. It is safe for concurrent use.
type Progress struct {
	t     *Terminal
	label string
	live  bool

	mu    sync.Mutex
	drawn time.Time
	begun time.Time
}

// Progress returns the progress of something.
func (t *Terminal) Progress(label string) *Progress {
	return &Progress{t: t, label: Clean(label), live: t.ErrTTY && !t.Dumb && !t.Quiet, begun: t.Now()}
}

// redraw is how long a drawing stays at least.
const redraw = 100 * time.Millisecond

// Bytes shows how many bytes of a total are done; a total below 0 is unknown.
func (p *Progress) Bytes(done, total int64) {
	p.draw(func() string {
		text := Bytes(done).String()
		if total > 0 {
			text = bar(done, total) + " " + text + " of " + Bytes(total).String()
		}
		if elapsed := p.t.Now().Sub(p.begun); elapsed > time.Second {
			text += ", " + Bytes(float64(done)/elapsed.Seconds()).String() + "/s"
		}
		return text
	})
}

// Text shows what is going on.
func (p *Progress) Text(text string) { p.draw(func() string { return text }) }

func (p *Progress) draw(text func() string) {
	if !p.live {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := p.t.Now(); now.Sub(p.drawn) >= redraw {
		p.drawn = now
		fmt.Fprint(p.t.Err, "\r"+ansi.EraseLineRight+ansi.Truncate(p.label+" "+Clean(text()), p.width()-1, "…"))
	}
}

// width is that of the terminal which shows the progress.
func (p *Progress) width() int {
	if file, ok := p.t.Err.(interface{ Fd() uintptr }); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return 80
}

// Done clears the line.
func (p *Progress) Done() {
	if !p.live {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.drawn.IsZero() {
		fmt.Fprint(p.t.Err, "\r"+ansi.EraseLineRight)
	}
}

func bar(done, total int64) string {
	const width = 20
	full := int(min(done, total) * width / total)
	return "[" + strings.Repeat("#", full) + strings.Repeat("-", width-full) + "]"
}
