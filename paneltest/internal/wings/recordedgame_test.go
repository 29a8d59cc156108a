package wings

import (
	"context"
	"encoding/json"
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

	// Of Pelican.
	boot     []string // what it prints when it starts
	disk     int64
	features map[string][]string
	hung     bool // it handles no commands; of the goroutine that does
}

func newRecordedGame(t *testing.T, version Version, c *conversation.Conversation) *recordedGame {
	t.Helper()
	g := &recordedGame{commands: make(chan string, 100), delay: 300 * time.Millisecond, echo: "> ", rate: 1}
	if version >= Version1123 {
		g.echo, g.pace, g.rate = "echo: ", spamPace(c), 0
	}
	if version == Pelican {
		g.boot, g.disk, g.delay = bootOf(t, c), 1<<30, 200*time.Millisecond
		g.pace = min(g.pace, 10*time.Microsecond) // it was held up, for Wings to throttle it
		g.features = map[string][]string{"eula": {"you need to agree to the eula in order to run the server"}}
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

// bootOf returns what the game printed when it started.
func bootOf(t *testing.T, c *conversation.Conversation) []string {
	t.Helper()
	var lines []string
	for _, entry := range c.Entries {
		var message socketMessage
		if entry.Kind != conversation.In || json.Unmarshal([]byte(entry.Raw), &message) != nil || message.Event != eventOutput {
			continue
		}
		line := message.Args[0]
		if strings.HasPrefix(line, ":/home/container$") || len(lines) > 0 {
			lines = append(lines, line)
		}
		if strings.HasPrefix(line, "Done! ") {
			break
		}
	}
	return lines
}

func (g *recordedGame) spec(stopTime time.Duration) protocol.Game {
	if len(g.boot) > 0 {
		last := len(g.boot) - 1
		return protocol.Game{
			Boot: g.boot[:last], Done: g.boot[last], BootTime: 1000 * time.Millisecond, StopTime: g.delay, Answer: func(command string) []string { g.commands <- command; return nil },
		}
	}
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
	case command == "hang" && len(g.boot) > 0:
		srv.print("hanging: further commands are ignored, only kill helps")
		g.hung = true
	case g.hung:
	case command == "stop" && len(g.boot) > 0:
		srv.print("Stopping the game")
		time.Sleep(delay - time.Millisecond)
		srv.print("Saved. Bye")
	case command == "stop":
		srv.print("stopping in " + delay.String())
	case srv.State() == protocol.StateStopping: // it sleeps
	case command == "":
		srv.print("> (empty)")
	case command == "color":
		srv.print("\x1b[31mred\x1b[0m \x1b[1;32mgreen\x1b[0m <b>&amp;</b>")
	case command == "utf8":
		srv.print("grüße 世界 🚀 \xff\xfe end")
	case word == "big":
		srv.print(strings.Repeat("x", number))
	case command == "ansi":
		srv.print("\x1b[31mred\x1b[0m \x1b[1mbold\x1b[0m utf8: é 漢 😀 bad:\xff\xfe nul:\x00 bell:\a end")
	case command == "env":
		srv.print("env PATH=/bin")
	case command == "progress":
		time.Sleep(325 * time.Millisecond) // and what the other one takes
		fallthrough
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
