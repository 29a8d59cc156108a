package wings

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ptero-go/ptero/internal/recorded/conversation"
	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// recordedGame behaves as the game that was recorded. It handles one command
// after another, some of them slowly.
type recordedGame struct {
	commands chan string

	mu      sync.Mutex
	server  *Server
	echo    string        // before what it answers
	rate    float64       // of its ticks
	pace    time.Duration // between the lines of a spam
	delay   time.Duration // of a stop
	partial bool          // a line has no end yet
}

func newRecordedGame(t *testing.T, version Version, c *conversation.Conversation) *recordedGame {
	t.Helper()
	g := &recordedGame{commands: make(chan string, 100), delay: 300 * time.Millisecond, echo: "> ", rate: 1}
	if version == Version1123 {
		g.echo, g.pace, g.rate = "echo: ", spamPace(c), 0
	}
	ctx := t.Context()
	go func() {
		for {
			select {
			case command := <-g.commands:
				g.handle(ctx, command)
			case <-ctx.Done():
				return
			}
		}
	}()
	return g
}

// spamPace returns the time between the lines of a spam, as it was.
func spamPace(c *conversation.Conversation) time.Duration {
	var begin, end time.Duration
	n := 0
	for _, entry := range c.Entries {
		if entry.Kind != conversation.In {
			continue
		}
		if strings.Contains(entry.Raw, `"spam 1/`) {
			begin = entry.At()
		}
		if number := spamNumber(entry.Raw); number > n && begin > 0 {
			n, end = number, entry.At()
		}
	}
	return (end - begin) / time.Duration(max(n-1, 1))
}

func (g *recordedGame) spec(stopTime time.Duration) protocol.Game {
	return protocol.Game{
		Boot: []string{"booting fake game"}, Done: "Server is ready! (done)", BootTime: 1100 * time.Millisecond, StopTime: stopTime, Rate: g.rate,
		Line: func(n int) string {
			g.mu.Lock()
			defer g.mu.Unlock()
			line := "tick " + strconv.Itoa(n) + " now"
			if g.partial {
				g.partial = false
				line = "no newline yet..." + line
			}
			return line
		},
		Answer: func(command string) []string { g.commands <- command; return nil },
	}
}

func (g *recordedGame) attach(srv *Server) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.server = srv
}

func (g *recordedGame) handle(ctx context.Context, command string) {
	g.mu.Lock()
	srv, delay := g.server, g.delay
	g.mu.Unlock()
	word, value, _ := strings.Cut(command, " ")
	number, _ := strconv.Atoi(value)
	switch {
	case command == "stop":
		srv.print("stopping in " + delay.String())
	case srv.State() == protocol.StateStopping: // it sleeps
	case command == "":
		srv.print("> (empty)")
	case command == "ansi":
		srv.print("\x1b[31mred\x1b[0m \x1b[1mbold\x1b[0m utf8: é 漢 😀 bad:\xff\xfe nul:\x00 bell:\a end")
	case command == "env":
		srv.print("env PATH=/bin")
	case command == "cr":
		time.Sleep(225 * time.Millisecond)
		var line strings.Builder
		for percent := 0; percent <= 100; percent += 10 {
			line.WriteString("\rprogress " + strconv.Itoa(percent) + "%")
		}
		srv.print(line.String())
	case command == "partial":
		g.mu.Lock()
		g.partial = true
		g.mu.Unlock()
		time.Sleep(1500 * time.Millisecond)
		srv.print(" now there is")
	case word == "stopdelay":
		g.mu.Lock()
		g.delay = time.Duration(number) * time.Millisecond
		g.mu.Unlock()
		srv.print("stop delay " + (time.Duration(number) * time.Millisecond).String())
	case word == "exit":
		srv.print("exiting with code " + value)
		time.Sleep(50 * time.Millisecond)
		srv.exit(number)
	case word == "spam":
		count, _, _ := strings.Cut(value, " ")
		number, _ := strconv.Atoi(count)
		for n := range number {
			srv.print("spam " + strconv.Itoa(n+1) + "/" + count)
			if !wait(ctx, g.pace) {
				return
			}
		}
	default:
		srv.print(g.echo + command)
	}
}
