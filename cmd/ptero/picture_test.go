package main

import (
	"errors"
	"fmt"
	"html"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/cmd/ptero/internal/consoleui"
	"github.com/ptero-go/ptero/cmd/ptero/internal/top"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
	"github.com/ptero-go/ptero/console"
)

// TestPicturesAreCurrent holds the pictures of the README against what the
// screens draw. PTERO_UPDATE=1 draws them.
func TestPicturesAreCurrent(t *testing.T) {
	t.Parallel()
	for name, frame := range map[string]string{"top.svg": topPicture(), "console.svg": consolePicture()} {
		file, want := filepath.Join(referenceDir, name), picture(frame)
		if os.Getenv("PTERO_UPDATE") != "" {
			if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != want {
			t.Errorf("%s is not what the screen draws (%v); PTERO_UPDATE=1 go test -run Pictures draws it", file, err)
		}
	}
}

func pictureTerminal() *ui.Terminal {
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	return &ui.Terminal{OutColor: true, Now: func() time.Time { return now }, Location: time.UTC}
}

func topPicture() string {
	m := top.New(pictureTerminal(), "panel.example.org", false, newDescriber, top.Actions{})
	m.Update(tea.WindowSizeMsg{Width: 118, Height: 12})
	var rows top.Servers
	var updates top.Updates
	for i, name := range []string{"creative", "event", "lobby", "minigames", "proxy", "survival", "staging", "unpaid"} {
		blocked := map[string]string{"staging": "installing", "unpaid": "suspended"}[name]
		rows = append(rows, &top.Row{UUID: name, Name: name, Node: []string{"eu-1", "us-1"}[i%2], MemoryLimit: 4 << 30, CPULimit: 200, Blocked: blocked})
		updates = append(updates, console.GroupEvent{Server: name, Event: console.StateChange{To: console.StateLive}})
		if blocked != "" {
			continue
		}
		if name == "event" {
			updates = append(updates, console.GroupEvent{Server: name, Event: console.Status{State: client.PowerStateOffline}})
			continue
		}
		for second := range 30 {
			wave := math.Sin(float64(second)/(1+float64(i)/3)+float64(i)) + 1 + math.Sin(float64(second*(i+2)))/3
			updates = append(updates, console.GroupEvent{Server: name, Event: console.Stats{
				State: client.PowerStateRunning, CPUPercent: 10 + wave*float64(20+10*i), MemoryBytes: int64(float64(1<<30) * (0.5 + float64(second)/20 + wave*0.2 + float64(i)*0.2)),
				MemoryLimitBytes: 4 << 30, ReceivedBytes: int64(second * (i + 1) * 3000), SentBytes: int64(second * (i + 1) * 90000),
				Uptime: time.Duration(i+1)*7*time.Hour + time.Duration(second)*time.Second,
			}})
		}
	}
	m.Update(rows)
	m.Update(updates)
	for _, code := range []rune{tea.KeyDown, tea.KeyDown, tea.KeySpace} {
		m.Update(tea.KeyPressMsg{Code: code})
	}
	return m.View().Content
}

func consolePicture() string {
	m := consoleui.New(pictureTerminal(), "lobby", nil, newDescriber())
	m.SetSize(100, 11)
	lines := []string{
		"[12:00:01 INFO]: Starting the server", "[12:00:04 INFO]: Done (2.9s)! For help, type \"help\"", "[12:00:31 INFO]: Ada joined the game",
		"[12:00:35 INFO]: <Ada> hello", "[12:01:02 \x1b[33mWARN\x1b[m]: Can't keep up! Is the server overloaded?", "list",
		"[12:01:10 INFO]: There are 1 of a max of 20 players online: Ada",
	}
	var events consoleui.Events
	for _, line := range lines {
		events = append(events, console.Output{Line: line})
	}
	events = append(events,
		console.StateChange{From: console.StateLive, To: console.StateWaiting, Err: errors.New("the connection to the daemon ended")},
		console.StateChange{To: console.StateLive}, console.Output{Line: "[12:01:40 INFO]: Saved the game"},
		console.Stats{State: client.PowerStateRunning, CPUPercent: 34.5, MemoryBytes: 1300 << 20, MemoryLimitBytes: 4 << 30, Uptime: 101 * time.Second})
	m, _ = m.Update(events)
	for _, letter := range "say Welcome" {
		m, _ = m.Update(tea.KeyPressMsg{Code: letter, Text: string(letter)})
	}
	return m.View().Content
}

// The look of a picture.
const (
	letterWidth  = 8.4
	lineHeight   = 18
	border       = 14
	background   = "#16181d"
	ordinaryText = "#d6d9e0"
)

// colors are those of the styles of package ui.
var colors = map[string]string{
	"1": `fill="#ffffff" font-weight="bold"`, "2": `fill="#7d8590"`, "31": `fill="#f47067"`, "32": `fill="#57ab5a"`, "33": `fill="#d6a63f"`, "36": `fill="#4fb8c8"`,
}

// styled matches a text with the style before it.
var styled = regexp.MustCompile(`\x1b\[([0-9;]*)m([^\x1b]*)`)

// picture draws a frame as SVG.
func picture(frame string) string {
	lines := strings.Split(strings.TrimRight(frame, "\n"), "\n")
	columns := 0
	for _, line := range lines {
		columns = max(columns, ansi.StringWidth(line))
	}
	var b strings.Builder
	width, height := float64(columns)*letterWidth+2*border, len(lines)*lineHeight+2*border
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%d" font-family="Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14">`+"\n", width, height)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" rx="8" fill="%s"/>`+"\n", background)
	for i, line := range lines {
		column := 0
		for _, part := range styled.FindAllStringSubmatch("\x1b[m"+line, -1) {
			text := part[2]
			if strings.TrimSpace(text) != "" {
				attributes := colors[part[1]]
				if attributes == "" {
					attributes = `fill="` + ordinaryText + `"`
				}
				fmt.Fprintf(&b, `<text x="%.1f" y="%d" textLength="%.1f" lengthAdjust="spacingAndGlyphs" xml:space="preserve" %s>%s</text>`+"\n",
					border+float64(column)*letterWidth, border+i*lineHeight+lineHeight-4, float64(ansi.StringWidth(text))*letterWidth, attributes, html.EscapeString(text))
			}
			column += ansi.StringWidth(text)
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}
