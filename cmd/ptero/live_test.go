package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
	"github.com/ptero-go/ptero/paneltest"
)

// lobby is a server of the scripts' Panel.
const lobby = "11a11c4d"

// newPanel starts a Panel with the servers of the scripts.
func newPanel(t *testing.T, options ...paneltest.Option) *paneltest.Panel {
	t.Helper()
	panel, err := paneltest.New(append(options, paneltest.WithSeed(testSeed(time.Now())))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(panel.Close)
	return panel
}

// program is a ptero that runs within the test.
type program struct {
	t     *testing.T
	lines *bufio.Scanner
	stop  context.CancelFunc
	code  chan int
}

// start runs a command line as the user; its output is read line by line.
func start(t *testing.T, panel *paneltest.Panel, args ...string) *program {
	t.Helper()
	return startAs(t, panel, panel.UserKey, args...)
}

func startAs(t *testing.T, panel *paneltest.Panel, key string, args ...string) *program {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	env := map[string]string{envURL: panel.URL, envKey: key, envCache: t.TempDir()}
	a := newApp(&ui.Terminal{In: strings.NewReader(""), Out: in, Err: in, Now: time.Now, Location: time.UTC}, func(name string) string { return env[name] })
	root := newRoot(a)
	root.SetArgs(args)
	p := &program{t: t, lines: bufio.NewScanner(out), stop: stop, code: make(chan int, 1)}
	go func() {
		cmd, err := root.ExecuteContextC(ctx)
		p.code <- a.report(ctx, cmd, err)
		_ = in.Close()
	}()
	t.Cleanup(stop)
	// Rather an end than a test that hangs.
	impatient := time.AfterFunc(30*time.Second, func() { _ = out.CloseWithError(errors.New("nothing arrived for too long")) })
	t.Cleanup(func() { impatient.Stop() })
	return p
}

// until reads to the line that matches and returns the lines before it.
func (p *program) until(pattern string) []string {
	p.t.Helper()
	var before []string
	for p.lines.Scan() {
		if regexp.MustCompile(pattern).MatchString(p.lines.Text()) {
			return before
		}
		before = append(before, p.lines.Text())
	}
	p.t.Fatalf("it ended before a line matched %s:\n%s", pattern, strings.Join(before, "\n"))
	return nil
}

// find reads to the line that matches and returns what the pattern's group holds.
func (p *program) find(pattern string) string {
	p.t.Helper()
	p.until(pattern)
	return regexp.MustCompile(pattern).FindStringSubmatch(p.lines.Text())[1]
}

// end interrupts it and returns the exit code.
func (p *program) end() int {
	p.stop()
	for p.lines.Scan() {
		_ = p.lines.Text() // the last words
	}
	return <-p.code
}

func TestLogsFollowThroughACut(t *testing.T) {
	t.Parallel()
	panel := newPanel(t)
	p := start(t, panel, "logs", "lobby", "survival", "--follow", "--tail", "2", "--timestamps")
	before := p.until(`^ +lobby    \| Done`)
	if len(before) != 1 || !strings.HasSuffix(before[0], "lobby    | Preparing the world") {
		t.Errorf("before the last line of the log came %q", before)
	}
	print := func(line string) {
		if err := panel.Print(lobby, line); err != nil {
			t.Fatal(err)
		}
	}
	print("\x1b[31mhello\x1b[0m\x1b[2J")
	p.until(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} lobby    \| hello$`)
	panel.DropSockets()
	print("during the cut")
	p.until(`lobby    \| during the cut$`)
	print("after the cut")
	if between := p.until(`lobby    \| after the cut$`); strings.Contains(strings.Join(between, "\n"), "hello") {
		t.Errorf("a line came twice: %q", between)
	}
	if code := p.end(); code != exitInterrupted {
		t.Errorf("exit code %d", code)
	}
}

func TestLogsEndWithTheServer(t *testing.T) {
	t.Parallel()
	panel := newPanel(t, paneltest.WithVersion("1.12"))
	p := start(t, panel, "logs", "lobby", "-f")
	p.until("Done")
	if err := panel.Suspend(lobby); err != nil {
		t.Fatal(err)
	}
	p.until("^Error: .*suspended")
	if code := p.end(); code != exitError {
		t.Errorf("exit code %d", code)
	}
}

// An interrupt says what goes on, and ends in the code for it.
func TestInterruptOfALongAct(t *testing.T) {
	t.Parallel()
	panel := newPanel(t)
	if err := panel.Fail("clientGetBackup", 100, paneltest.FaultDelay(time.Hour)); err != nil {
		t.Fatal(err)
	}
	p := start(t, panel, "backups", "create", "lobby", "--wait", "--verbose")
	p.until("operation=clientCreateBackup .*status=200")
	p.stop()
	p.until(`^Interrupted\. The backup [0-9a-f]{8} goes on without ptero\.$`)
	if code := p.end(); code != exitInterrupted {
		t.Errorf("exit code %d", code)
	}
}

// inTmux runs a command line in a real terminal of a size, and returns how to
// type keys, to wait for a screen that matches, and to run commands of tmux. The
// exit code follows on the screen.
func inTmux(t *testing.T, panel *paneltest.Panel, width, height int, args ...string) (keys func(...string), screen func(pattern string) string, tmux func(...string) (string, error)) {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("there is no tmux")
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(t.TempDir(), "tmux")
	tmux = func(args ...string) (string, error) {
		out, err := exec.Command("tmux", append([]string{"-f", os.DevNull, "-S", socket}, args...)...).CombinedOutput()
		return string(out), err
	}
	line := fmt.Sprintf("%s=1 %s=%s %s=%s %s='%s' '%s' %s; echo \"=> $?\"; cat", asPtero, envURL, panel.URL, envKey, panel.UserKey, envCache, t.TempDir(), program, strings.Join(args, " "))
	if out, err := tmux("new-session", "-d", "-x", strconv.Itoa(width), "-y", strconv.Itoa(height), line); err != nil {
		t.Fatalf("tmux: %v: %s", err, out)
	}
	t.Cleanup(func() { _, _ = tmux("kill-server") })
	keys = func(keys ...string) {
		t.Helper()
		if out, err := tmux(append([]string{"send-keys"}, keys...)...); err != nil {
			t.Fatalf("tmux: %v: %s", err, out)
		}
	}
	screen = func(pattern string) string {
		t.Helper()
		wanted := regexp.MustCompile(pattern)
		deadline := time.Now().Add(30 * time.Second)
		for {
			out, err := tmux("capture-pane", "-p")
			if err == nil && wanted.MatchString(out) {
				return out
			}
			if time.Now().After(deadline) {
				t.Fatalf("no screen matches %s; the last is:\n%s%v", pattern, out, err)
			}
		}
	}
	return keys, screen, tmux
}

func TestConsoleInARealTerminal(t *testing.T) {
	t.Parallel()
	panel := newPanel(t)
	keys, screen, _ := inTmux(t, panel, 90, 16, "console", "lobby")
	screen(`(?s)Preparing the world\nDone \(0.4s\)! .*\n> *\nlobby  ● running `)
	keys("lisst", "Left", "BSpace", "Enter")
	screen(`(?s)\nlist\nThere are 0 of a max of 20 players online:\n> *\n`)
	keys("Up")
	screen(`\n> list *\n`)
	keys("C-c")
	screen(`\n> *\n`)
	keys("say bye", "Enter")
	screen(`\nsay bye\n`)
	panel.DropSockets()
	if err := panel.Print(lobby, "still here"); err != nil {
		t.Fatal(err)
	}
	if text := screen(`still here\n`); strings.Count(text, "There are 0") != 1 {
		t.Errorf("a line came twice:\n%s", text)
	}
	keys("C-c")
	if text := screen(`Left the console of lobby, which goes on\.\n`); regexp.MustCompile(`\n>[^\n]*\nLeft`).MatchString(text) {
		t.Errorf("the line of the editor is left:\n%s", text)
	}
}

func TestTopInARealTerminal(t *testing.T) {
	t.Parallel()
	panel := newPanel(t)
	keys, screen, _ := inTmux(t, panel, 120, 12, "top")
	screen(`(?m)^127\.0\.0\.1:\d+  4 servers, 1 running  CPU .*\n  NAME .*\n> installing  installing *\n  lobby       running  .*\n  survival    offline `)
	keys("/", "surv", "Enter", "s")
	screen(`Start survival\?  y/n`)
	keys("y")
	screen(`(?s)survival: start sent.*`)
	screen(`(?m)^> survival  +running `)
	keys("Escape")
	screen(`(?m)^  lobby `)
	keys("Enter")
	screen(`(?s)Done \(0.4s\)! .*\n> *\nsurvival  ● running `)
	keys("list", "Enter")
	screen(`There are 0 of a max of 20 players online:`)
	panel.DropSockets()
	screen(`survival  ● running  CPU`)
	keys("Escape")
	screen(`(?s)4 servers, 2 running .*  lobby  +running .*> survival  +running `)
	keys("x", "y")
	screen(`(?m)^> survival  +offline`)
	keys("q")
}

// An outage is worth two lines, not one for each attempt.
func TestLogsMentionAnOutageOnce(t *testing.T) {
	t.Parallel()
	panel := newPanel(t)
	p := start(t, panel, "logs", "lobby", "--follow", "--tail", "1")
	p.until(`^Done`)
	if err := panel.RestartWingsAfter(time.Second); err != nil { // long enough for several attempts
		t.Fatal(err)
	}
	p.until(`^-- not connected, trying again: `)
	if again := p.until(`^-- connected again$`); len(again) != 0 {
		t.Errorf("during the outage came %q", again)
	}
	panel.DropSockets()
	p.until(`^-- not connected, trying again: the connection to the daemon ended: (EOF|read tcp .*)$`)
	p.until(`^-- connected again$`)
	if code := p.end(); code != exitInterrupted {
		t.Errorf("exit code %d", code)
	}
}

// A question waits for an answer, and for nothing else.
func TestQuestionsCanBeInterrupted(t *testing.T) {
	t.Parallel()
	panel := newPanel(t)
	for _, key := range []string{"C-c", "C-d"} {
		keys, screen, _ := inTmux(t, panel, 80, 12, "stop", "--all")
		screen(`(?m)^Left out suspended, which is not ready: suspended\.\nThis will stop:\n  lobby\n  survival\nType 2 to stop 2 servers:`)
		keys(key)
		screen(`(?m)^Interrupted\.\n=> 130`)
	}
	if commands := panel.Requests(); slices.ContainsFunc(commands, func(r paneltest.Request) bool { return r.Method != http.MethodGet }) {
		t.Errorf("something was done: %v", commands)
	}
}

// A program that is told to end leaves the terminal as it was, and says that it
// was interrupted.
func TestTheTerminalIsRestoredAfterASignal(t *testing.T) {
	t.Parallel()
	panel := newPanel(t)
	for command, shown := range map[string]string{"console": `lobby  ● running`, "top": `survival +offline`} {
		args := []string{command}
		if command == "console" {
			args = append(args, "lobby")
		}
		keys, screen, tmux := inTmux(t, panel, 80, 12, args...)
		screen(shown)
		shell, err := tmux("display-message", "-p", "#{pane_pid}")
		if err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("pkill", "-TERM", "-P", strings.TrimSpace(shell)).CombinedOutput(); err != nil {
			t.Fatalf("pkill: %v: %s", err, out)
		}
		screen(`(?m)^=> 130`)
		keys("typed") // is echoed
		if text := screen(`typed`); strings.Contains(text, "● running") || strings.Contains(text, "offline") {
			t.Errorf("%s left something:\n%s", command, text)
		}
	}
}

// An administrator's exporter can serve all servers of the Panel.
func TestExporterOfAllServers(t *testing.T) {
	t.Parallel()
	panel := newPanel(t)
	p := startAs(t, panel, panel.AdminKey, "exporter", "--listen", "127.0.0.1:0", "--scope", "all", "--filter", "name=l*")
	address := p.find(`^Metrics at (http://127\.0\.0\.1:\d+/metrics)$`)
	for deadline := time.Now().Add(30 * time.Second); ; {
		resp, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), `pterodactyl_server_state{server="11a11c4d",name="lobby",state="running"} 1`) {
			if strings.Contains(string(text), "survival") {
				t.Errorf("a server that the filter leaves out is there:\n%s", text)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server of another does not appear:\n%s", text)
		}
	}
	if code := p.end(); code != exitInterrupted {
		t.Errorf("exit code %d", code)
	}
}
