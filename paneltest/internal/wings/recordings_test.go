package wings

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/ptero-go/ptero/paneltest/internal/jwt"
	"github.com/ptero-go/ptero/paneltest/internal/protocol"
	"github.com/ptero-go/ptero/testdata"
)

// The conversations with a real Wings in testdata.Console are held again, from
// the client's side: what was sent then is sent now, at the same time. What
// comes back must be the same messages in the same order, but for what follows.

// replayExceptions change what was recorded and what comes alike, so that only
// what Wings always does the same is compared. The first ones are for all files.
var replayExceptions = []struct {
	file   string // "" for all
	reason string
	change func(lines []string) []string
}{
	{"", "live samples and the lines that a game prints by itself come by the clock, not by the conversation", without(
		`^stats: live`, `^console output: tick$`)},
	{"", "a bare error stands for an event that comes by the clock", func(lines []string) []string {
		return slices.CompactFunc(lines, func(a, b string) bool { return a == b && strings.HasPrefix(a, "jwt error: jwt: ") })
	}},
	{"02-console", "these are sent within a millisecond, and Wings handles each message in a goroutine of its own", sorted(
		`(two|line|ansi|\(empty\)|bold|output: $)`)},
	{
		"03-install", "Wings let the game be started in the moment before the installation; the daemon refuses that",
		without(`^(console output|status|stats|daemon error)`),
	},
	{"03-install", "the script of the recorded egg prints more", func(lines []string) []string {
		return slices.CompactFunc(lines, func(a, b string) bool { return a == b && a == "install output: …" })
	}},
	{"10-odd", "some sockets were closed before the state arrived", func(lines []string) []string {
		if len(lines) == 2 && lines[1] == "status: running" {
			return lines[:1]
		}
		return lines
	}},
	{"20-backup", "a backup ends when it ends; the recorded ones took 30 ms, the daemon's take none", without(`^backup completed`)},
	{
		"20-backup", "the recorded game had large files, so that a start came while they were restored; the daemon's are restored at once",
		without(`^daemon error`),
	},
	{"20-backup", "the order of files is that of the folder", sorted(`\(restoring\)`)},
}

func without(patterns ...string) func([]string) []string {
	pattern := regexp.MustCompile(strings.Join(patterns, "|"))
	return func(lines []string) []string { return slices.DeleteFunc(lines, pattern.MatchString) }
}

// sorted sorts lines that come one after another and match.
func sorted(text string) func([]string) []string {
	pattern := regexp.MustCompile(text)
	return func(lines []string) []string {
		for begin := 0; begin < len(lines); begin++ {
			end := begin
			for end < len(lines) && pattern.MatchString(lines[end]) {
				end++
			}
			slices.Sort(lines[begin:end])
			begin = max(begin, end-1)
		}
		return lines
	}
}

// replayEvent is a line of a recording.
type replayEvent struct {
	MS     float64
	T      string
	Conn   int
	Dir    string // open, dial-failed, in, out, closed, http, note
	Raw    string
	Type   string
	Origin string
	Status int
	Code   int
	Error  string
	Note   string
	Req    string
	Body   string
	Resp   string
}

// replayCase says what a recording does not.
type replayCase struct {
	token    func(r *replayRun, conn int, note string) string // by default an admin's
	at       map[float64]func(r *replayRun)                   // what happened besides, by time in ms
	skip     []int                                            // what is not sent, by time in whole ms
	late     int                                              // a socket that is not closed when it was then
	stopTime time.Duration                                    // by default 300 ms
}

var replayCases = map[string]replayCase{
	"01-auth": {token: func(_ *replayRun, _ int, note string) string {
		switch note {
		case "bad signature":
			token := []byte(sign(claims()))
			token[len(token)-5] ^= 1
			return string(token)
		case "signed with other key":
			return jwt.Sign("another", claims())
		}
		if change := map[string]func(map[string]any){
			"panel token (admin, not owner)": asAdmin,
			"expired":                        claim("exp", time.Now().Unix()-10),
			"no websocket.connect":           permissions("control.console"),
			"token of another server":        claim("server_uuid", "another"),
			"issued before wings boot":       claim("iat", int64(1000)),
			"no iat":                         claim("iat", nil),
			"no exp":                         claim("exp", nil),
			"nbf in future":                  claim("nbf", time.Now().Unix()+1000),
		}[note]; change != nil {
			return sign(claims(change))
		}
		return sign(claims())
	}, at: map[float64]func(*replayRun){0: func(r *replayRun) { r.tokens.started = time.Unix(2000, 0) }}},
	"03-install": {token: func(_ *replayRun, conn int, _ string) string {
		if conn == 26 {
			return sign(claims())
		}
		return sign(claims(asAdmin))
	}},
	"04-expiry": {token: func(r *replayRun, conn int, _ string) string {
		life := map[int]int64{2: 50, 4: 20}[conn]
		if r.sent[conn]++; r.sent[conn] > 1 {
			life = 600
		}
		return sign(claims(claim("exp", time.Now().Unix()+life)))
	}, at: map[float64]func(*replayRun){95400: func(r *replayRun) { must(r.t, r.m.Power("kill")) }}},
	"11-deny": {token: func(r *replayRun, conn int, _ string) string {
		if r.sent[conn]++; r.sent[conn] != 2 {
			r.old = sign(claims())
		}
		return r.old
	}},
	"12-power": {late: 23, stopTime: 4 * time.Second, token: func(_ *replayRun, conn int, _ string) string {
		if conn == 24 {
			return sign(claims())
		}
		return sign(claims(asAdmin))
	}},
	"20-backup": {token: func(_ *replayRun, conn int, _ string) string {
		if conn == 3 {
			return sign(claims(permissions("websocket.connect")))
		}
		return sign(claims())
	}, skip: []int{3920}},
	"21a-close-sigterm": {token: func(r *replayRun, conn int, _ string) string {
		if r.sent[conn]++; conn != 7 || r.sent[conn] > 1 {
			r.old = sign(claims())
		}
		return r.old
	}, at: map[float64]func(*replayRun){
		2515: func(r *replayRun) { r.SetDown(true) },
		5022: func(r *replayRun) { r.Restart(); r.SetDown(false) },
	}},
	"21c-close-deleted": {at: map[float64]func(*replayRun){3049: func(r *replayRun) { r.Delete(testServer) }}},
	"next-19-suspended": {at: map[float64]func(*replayRun){1300: func(r *replayRun) { r.m.SetSuspended(true) }}},
}

// replayRun is a conversation that is held again.
type replayRun struct {
	*testDaemon
	m     *Server
	conns map[int]*testClient
	sent  map[int]int // tokens, by socket
	old   string      // a token
}

func TestReplayConsole(t *testing.T) {
	t.Parallel()
	folders := []fs.FS{testdata.Console()}
	if dir := os.Getenv("PTERO_RECORDINGS"); dir != "" {
		folders = append(folders, os.DirFS(dir), os.DirFS(filepath.Join(dir, "console")))
	}
	for i, folder := range folders {
		files, err := fs.Glob(folder, "*.jsonl")
		if err != nil || i == 0 && len(files) == 0 {
			t.Fatalf("%v, %v", files, err)
		}
		for _, file := range files {
			name := strings.TrimSuffix(file, ".jsonl")
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { holdAgain(t, name, readReplay(t, folder, file)) })
			})
		}
	}
}

func readReplay(t *testing.T, folder fs.FS, file string) []replayEvent {
	t.Helper()
	f, err := folder.Open(file)
	must(t, err)
	defer f.Close()
	var events []replayEvent
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var event replayEvent
		must(t, json.Unmarshal(lines.Bytes(), &event))
		events = append(events, event)
	}
	must(t, lines.Err())
	return events
}

func holdAgain(t *testing.T, name string, events []replayEvent) {
	t.Helper()
	// Tokens have whole seconds, so the fraction of the second matters.
	first, err := time.Parse("15:04:05.999999", events[0].T)
	must(t, err)
	begin := time.Now().Add(time.Hour + time.Duration(first.Nanosecond()) - time.Duration(events[0].MS*1e6))
	test := replayCases[name]
	test.stopTime = max(test.stopTime, 300*time.Millisecond)
	running := false
	for _, event := range slices.Backward(events) {
		if strings.Contains(event.Raw, `{"event":"status"`) {
			running = strings.Contains(event.Raw, "running") // as the first one says
		}
	}
	for _, event := range events {
		if strings.Contains(event.Raw, "tick") {
			// The game ticks as it did.
			time.Sleep(time.Until(begin.Add(time.Duration(event.MS*1e6)%time.Second - time.Second)))
			break
		}
	}
	version := Version111
	if strings.HasPrefix(name, "next-") {
		version = Version1120
	}
	r := &replayRun{testDaemon: startDaemon(t, Config{Version: version}), conns: make(map[int]*testClient), sent: make(map[int]int)}
	game := newRecordedGame(t)
	r.m = r.create(testServer, protocol.ServerConfig{Memory: 512 << 20, Running: running, Game: game.spec(test.stopTime)})
	game.attach(r.m)
	for file, text := range map[string]string{
		"evil.txt": "", "dir/a.txt": "a", "w2 copy.txt": "", "empty.txt": "", "installed.txt": "", "d1/d2/x.txt": "", "w2.txt": "", "archive-2026-11-21T225109Z.tar.gz": "", "a.txt": "",
	} {
		must(t, r.m.Files().Write(file, []byte(text)))
	}

	var note string
	hooks := slices.Sorted(maps.Keys(test.at))
	recorded := make(map[int][]socketMessage)
	var came map[int][]socketMessage
	for _, event := range events {
		for len(hooks) > 0 && hooks[0] <= event.MS {
			time.Sleep(time.Until(begin.Add(time.Duration(hooks[0] * 1e6))))
			test.at[hooks[0]](r)
			hooks = hooks[1:]
		}
		time.Sleep(time.Until(begin.Add(time.Duration(event.MS * 1e6))))
		switch event.Dir {
		case "note":
			if name, ok := strings.CutPrefix(event.Note, "case "); ok {
				note = name
			}
		case "open", "dial-failed":
			r.dialAgain(event)
		case "in":
			var message socketMessage
			must(t, json.Unmarshal([]byte(event.Raw), &message))
			recorded[event.Conn] = append(recorded[event.Conn], message)
		case "out":
			if !slices.Contains(test.skip, int(event.MS)) {
				r.sendAgain(test, event, note)
			}
		case "http":
			r.requestAgain(event)
		case "closed":
			r.closeAgain(test, event)
		}
		if event.Dir != "closed" {
			synctest.Wait()
		}
	}
	time.Sleep(5 * time.Second) // what takes longer than it did then
	for len(r.remote.restores) > 0 {
		if !<-r.remote.restores {
			t.Error("a restore fails")
		}
	}
	came = make(map[int][]socketMessage)
	for number, c := range r.conns {
		came[number] = c.take()
	}
	for number, want := range recorded {
		got := replayLines(name, came[number])
		want := replayLines(name, want)
		// The state and the line that causes it are sent by different goroutines
		// of Wings, and arrive in either order.
		compareReplay(t, number, "status", without(`^status`), want, got)
		compareReplay(t, number, "output", without(`^console output`), want, got)
	}
}

// compareReplay compares lines, but for some that are compared separately.
func compareReplay(t *testing.T, conn int, but string, change func([]string) []string, want, got []string) {
	t.Helper()
	want, got = change(slices.Clone(want)), change(slices.Clone(got))
	if !slices.Equal(want, got) {
		t.Errorf("socket %d, all but %s: recorded\n\t%s\ncame\n\t%s", conn, but, strings.Join(want, "\n\t"), strings.Join(got, "\n\t"))
	}
}

var (
	replayTick  = regexp.MustCompile(`tick \d+ \S+`)
	replayID    = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	replayValue = regexp.MustCompile(`"(checksum|file_size|uuid)":("[^"]*"|\d+)`)
)

// replayLines returns messages as text, without what is never the same.
func replayLines(name string, messages []socketMessage) []string {
	var lines []string
	for _, message := range messages {
		line := message.Event
		if message.Args != nil {
			line += ": " + strings.Join(message.Args, "|")
		}
		switch {
		case message.Event == "stats" && strings.HasPrefix(message.Args[0], `{"cpu`) && !strings.Contains(line, `"state":"offline"`):
			line = "stats: live"
		case message.Event == "stats":
			line = "stats: " + strings.Join(regexp.MustCompile(`"\w+":`).FindAllString(line, -1), "")
		case message.Event == "install output":
			line = "install output: …"
		case strings.Contains(line, "env PATH="):
			line = "console output: env"
		default:
			line = replayValue.ReplaceAllString(replayID.ReplaceAllString(replayTick.ReplaceAllString(line, "tick"), "id"), "$1")
		}
		lines = append(lines, line)
	}
	for _, exception := range replayExceptions {
		if exception.file == "" || exception.file == name {
			lines = exception.change(lines)
		}
	}
	return lines
}

func (r *replayRun) dialAgain(event replayEvent) {
	server, origin := testServer, strings.ReplaceAll(event.Origin, "http://127.0.0.1:8081", testPanel)
	if event.Status == 404 {
		server = "unknown"
	}
	c, resp, err := r.tryDial(server, origin)
	switch {
	case event.Status == 0:
		if err == nil {
			r.t.Errorf("%s: socket %d opens, but nobody listened", event.T, event.Conn)
		}
	case resp == nil || resp.status != event.Status:
		r.t.Errorf("%s: socket %d: %v, recorded %d", event.T, event.Conn, err, event.Status)
	case err != nil:
		if got, want := replayID.ReplaceAllString(resp.body, "id"), replayID.ReplaceAllString(event.Body, "id"); got != want {
			r.t.Errorf("%s: socket %d: %q, recorded %q", event.T, event.Conn, got, want)
		}
	default:
		r.conns[event.Conn] = c
	}
}

func (r *replayRun) sendAgain(test replayCase, event replayEvent, note string) {
	c := r.conns[event.Conn]
	if c.ended() != nil {
		return // as then
	}
	raw := event.Raw
	var message socketMessage
	if json.Unmarshal([]byte(raw), &message) == nil && message.Event == "auth" && strings.Contains(raw, "header.payload") {
		token := ""
		if test.token != nil {
			token = test.token(r, event.Conn, note)
		} else {
			token = sign(claims(asAdmin))
		}
		message.Args = slices.Insert(message.Args[1:], 0, token)
		for i := 1; i < len(message.Args); i++ { // it was split
			message.Args[0], message.Args[i] = token[:100], token[100:]
		}
		raw = string(message.encode())
	}
	kind := websocket.MessageText
	if event.Type == "MessageBinary" {
		kind = websocket.MessageBinary
	}
	c.raw(kind, raw)
}

func (r *replayRun) requestAgain(event replayEvent) {
	if event.Status >= 400 || strings.HasPrefix(event.Req, "GET ") {
		return
	}
	var sent struct {
		Signal, Command string
		Truncate        bool
	}
	_ = json.Unmarshal([]byte(event.Body), &sent)
	switch path := event.Req[strings.LastIndex(event.Req, "/")+1:]; path {
	case "power":
		_ = r.m.Power(sent.Signal) // errors are lost
	case "command":
		must(r.t, r.m.Command(sent.Command))
	case "deny":
		r.Revoke("owner")
	case "reinstall":
		r.m.Install()
	case "suspend", "unsuspend":
		r.m.SetSuspended(path == "suspend")
	case "backups":
		var answer struct{ Attributes struct{ UUID string } }
		_ = json.Unmarshal([]byte(event.Resp), &answer)
		r.m.Backup(answer.Attributes.UUID, nil)
	case "restore":
		parts := strings.Split(event.Req, "/")
		r.m.Restore(parts[len(parts)-2], sent.Truncate)
	default:
		if !strings.HasPrefix(event.Req, "DELETE ") {
			r.t.Errorf("%s %s", event.T, event.Req)
		}
	}
}

func (r *replayRun) closeAgain(test replayCase, event replayEvent) {
	c := r.conns[event.Conn]
	switch {
	case strings.Contains(event.Error, "use of closed"):
		if event.Conn != test.late {
			_ = c.conn.CloseNow() // by the client
		}
	case c.ended() != nil:
		if got := int(c.code()); got != event.Code {
			r.t.Errorf("%s: socket %d ends with %d, recorded %d: %v", event.T, event.Conn, got, event.Code, c.ended())
		}
		var closed websocket.CloseError
		if errors.As(c.ended(), &closed) && !strings.Contains(event.Error, strconv.Quote(closed.Reason)) {
			r.t.Errorf("%s: socket %d: %v", event.T, event.Conn, c.ended())
		}
	case event.Code > 0: // the client closed it
		if err := c.conn.Close(websocket.StatusCode(event.Code), ""); err != nil || int(c.code()) != event.Code {
			r.t.Errorf("%s: socket %d: %v, %v", event.T, event.Conn, err, c.ended())
		}
	default:
		r.t.Errorf("%s: socket %d is open, but %s", event.T, event.Conn, event.Error)
	}
}

// recordedGame behaves as the game that was recorded. It handles one command
// after another, some of them slowly.
type recordedGame struct {
	commands chan string

	mu      sync.Mutex
	server  *Server
	delay   time.Duration // of a stop
	partial bool          // a line has no end yet
}

func newRecordedGame(t *testing.T) *recordedGame {
	t.Helper()
	g := &recordedGame{commands: make(chan string, 100), delay: 300 * time.Millisecond}
	ctx := t.Context()
	go func() {
		for {
			select {
			case command := <-g.commands:
				g.handle(command)
			case <-ctx.Done():
				return
			}
		}
	}()
	return g
}

func (g *recordedGame) spec(stopTime time.Duration) protocol.Game {
	return protocol.Game{
		Boot: []string{"booting fake game"}, Done: "Server is ready! (done)", BootTime: 1100 * time.Millisecond, StopTime: stopTime, Rate: 1,
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

func (g *recordedGame) handle(command string) {
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
	default:
		srv.print("> " + command)
	}
}
