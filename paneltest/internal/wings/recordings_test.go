package wings

import (
	"encoding/json"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/ptero-go/ptero/internal/recorded/conversation"
	"github.com/ptero-go/ptero/paneltest/internal/jwt"
	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// The recorded conversations with a real Wings are held again, from the client's
// side: what was sent then is sent now, at the same time. What comes back must be
// the same messages in the same order, but for what follows.

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
	{"pelican-14-install-admin", "the script of the recorded egg prints more", func(lines []string) []string {
		return slices.CompactFunc(lines, func(a, b string) bool { return a == b && a == "install output: …" })
	}},
	{"pelican-08-flood", "these are sent together, and carried out in any order", sorted(`^(throttled|console output: (echo: )?c\d)`)},
	{"pelican-01-auth", "these are sent together", sorted(`^(throttled|daemon error)`)},
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
	{"backup-and-install", "the order of files is that of the folder", sorted(`\(restoring\)`)},
	{"command-burst", "these are sent together, and carried out in any order", sorted(`(console output: |echo: )order-`)},
	{"too-fast", "these are sent together", sorted(`^(throttled|stats)`)},
	{"renew", "these are sent together", sorted(`^(auth success|daemon error)`)},
	{"pelican-05-feature-match", "Wings tells of each match in a goroutine of its own", sorted(`^feature match`)},
	{"pelican-07-backup", "the order of files is that of the folder", sorted(`\(restoring\)`)},
	{"", "lines that come by the clock are compared by compareSpam", without(`^console output: spam \d+/`)},
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

// replayCase says what a recording does not.
type replayCase struct {
	token    func(r *replayRun, conn int, note string) string // by default an admin's, with 1.12 the owner's
	at       map[float64]func(r *replayRun)                   // what happened besides, by time in ms
	skip     []int                                            // what is not sent, by time in whole ms
	late     int                                              // a socket that is not closed when it was then
	stopTime time.Duration                                    // by default 300 ms
	quiet    bool                                             // nothing comes for a long time after it
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
	"backup-and-install": {at: map[float64]func(*replayRun){
		50:   func(r *replayRun) { r.m.Backup("b", nil) },
		2130: func(r *replayRun) { r.m.Restore("b", true) },
		7220: func(r *replayRun) { r.m.Install() },
	}},
	"bad-token": {token: func(*replayRun, int, string) string { return "not.a.token" }},
	"no-auth":   {quiet: true},
	"pelican-01-auth": {token: func(_ *replayRun, _ int, note string) string {
		if note == "wrong signature" {
			return jwt.Sign("another", claims())
		}
		if change := map[string]func(map[string]any){
			"expired token":               claim("exp", time.Now().Unix()-10),
			"issued before Wings started": claim("iat", int64(1000)),
			"token of another server":     claim("server_uuid", "another"),
			"no scope":                    claim("scope", nil),
			"without websocket.connect":   permissions("control.console"),
		}[note]; change != nil {
			return sign(claims(change))
		}
		return sign(claims())
	}, at: map[float64]func(*replayRun){0: func(r *replayRun) { r.tokens.started = time.Unix(2000, 0) }}},
	"pelican-03-install": {at: map[float64]func(*replayRun){104: func(r *replayRun) { r.m.Install() }}},
	"pelican-04-expiry": {token: func(r *replayRun, conn int, _ string) string {
		life := int64(50)
		if r.sent[conn]++; r.sent[conn] > 1 {
			life = 600
		}
		return sign(claims(claim("exp", time.Now().Unix()+life)))
	}},
	"pelican-07-backup": {at: map[float64]func(*replayRun){
		483:  func(r *replayRun) { r.m.Backup("b", nil) },
		2060: func(r *replayRun) { r.m.Restore("b", false) },
	}},
	"pelican-10-suspended": {at: map[float64]func(*replayRun){1240: func(r *replayRun) { r.m.SetSuspended(true) }}},
	"pelican-11-deleted":   {at: map[float64]func(*replayRun){5128: func(r *replayRun) { r.Delete(testServer) }}},
	"pelican-13-close-sigterm": {token: func(r *replayRun, conn int, _ string) string {
		if conn != 32 {
			r.old = sign(claims())
		}
		return r.old
	}, at: map[float64]func(*replayRun){
		1925: func(r *replayRun) { r.SetDown(true) },
		7000: func(r *replayRun) { r.Restart(); r.SetDown(false) },
	}},
	"pelican-14-install-admin": {
		token: func(*replayRun, int, string) string { return sign(claims(asAdmin)) },
		at:    map[float64]func(*replayRun){93: func(r *replayRun) { r.m.Install() }},
	},
	"same-lines": {at: map[float64]func(*replayRun){-1000: func(r *replayRun) {
		for n := range 3000 {
			r.m.print("spam " + strconv.Itoa(n+1) + "/3000")
		}
	}}},
	"suspend": {at: map[float64]func(*replayRun){1080: func(r *replayRun) { r.m.SetSuspended(true) }}},
	"too-many": {at: map[float64]func(*replayRun){0: func(r *replayRun) {
		for range 6 { // which were open before
			r.dial()
		}
	}}},
	"wings-restart": {token: func(r *replayRun, conn int, _ string) string {
		if conn != 2 {
			r.old = sign(claims())
		}
		return r.old
	}, at: map[float64]func(*replayRun){
		2050: func(r *replayRun) { r.SetDown(true) },
		2270: func(r *replayRun) { r.Restart(); r.SetDown(false) },
	}},
	"wrong-server":      {token: func(*replayRun, int, string) string { return sign(claims(claim("server_uuid", "another"))) }},
	"next-19-suspended": {at: map[float64]func(*replayRun){1300: func(r *replayRun) { r.m.SetSuspended(true) }}},
}

// filesOf are the files that the recorded server had.
var filesOf = map[Version]map[string]string{
	Version111: {
		"evil.txt": "", "dir/a.txt": "a", "w2 copy.txt": "", "empty.txt": "", "installed.txt": "", "d1/d2/x.txt": "", "w2.txt": "", "archive-2026-11-21T225109Z.tar.gz": "", "a.txt": "",
	},
	Version1123: {"readme.txt": "x", "world/level.dat": "x", "server.properties": "x"},
	Pelican:     {"readme.txt": "x", "world/level.dat": "x", "server.properties": "x"},
}

// replayRun is a conversation that is held again.
type replayRun struct {
	*testDaemon
	m     *Server
	conns map[int]*testClient
	sent  map[int]int  // tokens, by socket
	asked map[int]bool // sockets whose `auth` is not answered yet
	old   string       // a token
}

func TestReplayConsole(t *testing.T) {
	t.Parallel()
	for _, set := range []conversation.Set{conversation.Wings111, conversation.Wings112, conversation.Pelican, conversation.Further} {
		all, err := conversation.Load(set)
		must(t, err)
		if len(all) == 0 && set != conversation.Further {
			t.Fatalf("%s is empty", set)
		}
		for _, c := range all {
			version := Version111
			switch {
			case set == conversation.Wings112:
				version = Version1123
			case set == conversation.Pelican:
				version = Pelican
			case strings.HasPrefix(c.Name, "next-"):
				version = Version1120
			}
			t.Run(string(set)+"/"+c.Name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { holdAgain(t, c, version) })
			})
		}
	}
}

func holdAgain(t *testing.T, c *conversation.Conversation, version Version) {
	t.Helper()
	name, events := c.Name, c.Entries
	test := replayCases[name]
	begin := time.Now().Add(time.Hour)
	if events[0].Clock != "" {
		// Tokens have whole seconds, so the fraction of the second matters.
		first, err := time.Parse("15:04:05.999999", events[0].Clock)
		must(t, err)
		begin = begin.Add(time.Duration(first.Nanosecond()) - events[0].At())
	}
	test.stopTime = max(test.stopTime, 300*time.Millisecond)
	running := false
	for _, event := range slices.Backward(events) {
		if event.Event == eventStatus {
			running = strings.Contains(event.Raw, "running") // as the first one says
		}
	}
	for _, event := range events {
		if strings.Contains(event.Raw, "tick") {
			// The game ticks as it did.
			time.Sleep(time.Until(begin.Add(event.At()%time.Second - time.Second)))
			break
		}
	}
	r := &replayRun{testDaemon: startDaemon(t, Config{Version: version}), conns: make(map[int]*testClient), sent: make(map[int]int), asked: make(map[int]bool)}
	game := newRecordedGame(t, version, c)
	r.m = r.create(testServer, protocol.ServerConfig{Memory: 512 << 20, Disk: game.disk, Running: running, Game: game.spec(test.stopTime), Features: game.features})
	game.attach(r.m)
	for file, text := range filesOf[version] {
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
		time.Sleep(time.Until(begin.Add(event.At())))
		switch event.Kind {
		case conversation.Note:
			if name, ok := strings.CutPrefix(event.Note, "case "); ok {
				note = name
			}
		case conversation.Open, conversation.DialFailed:
			r.dialAgain(event)
		case conversation.In:
			var message socketMessage
			must(t, json.Unmarshal([]byte(event.Raw), &message))
			recorded[event.Conn] = append(recorded[event.Conn], message)
			if r.asked[event.Conn] {
				delete(r.asked, event.Conn)
				time.Sleep(messageTime) // what was sent next was sent after the answer
			}
		case conversation.Out:
			if !slices.Contains(test.skip, int(event.MS)) {
				r.sendAgain(test, event, note)
			}
		case conversation.HTTP:
			r.requestAgain(event)
		case conversation.Closed:
			r.closeAgain(test, event)
		}
		if event.Kind != conversation.Closed {
			synctest.Wait()
		}
	}
	if test.quiet {
		time.Sleep(45 * time.Second) // in which nothing happens
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
		compareSpam(t, number, want, came[number])
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

func (r *replayRun) dialAgain(event conversation.Entry) {
	server, origin := testServer, strings.NewReplacer("http://127.0.0.1:8081", testPanel, "http://127.0.0.1:8181", testPanel).Replace(event.Origin)
	if event.Status == 404 {
		server = "unknown"
	}
	c, resp, err := r.tryDial(server, origin)
	switch {
	case event.Status == 0:
		if err == nil {
			r.t.Errorf("%s: socket %d opens, but nobody listened", event.Clock, event.Conn)
		}
	case resp == nil || resp.status != event.Status:
		r.t.Errorf("%s: socket %d: %v, recorded %d", event.Clock, event.Conn, err, event.Status)
	case err != nil:
		if got, want := replayID.ReplaceAllString(resp.body, "id"), replayID.ReplaceAllString(event.Body, "id"); got != want && want != "" {
			r.t.Errorf("%s: socket %d: %q, recorded %q", event.Clock, event.Conn, got, want)
		}
	default:
		r.conns[event.Conn] = c
	}
}

func (r *replayRun) sendAgain(test replayCase, event conversation.Entry, note string) {
	c := r.conns[event.Conn]
	if c.peek() != nil {
		return // as then
	}
	raw := event.Raw
	var message socketMessage
	if json.Unmarshal([]byte(raw), &message) == nil && message.Event == "auth" && strings.Contains(raw, "header.payload") {
		r.asked[event.Conn] = true
		token := sign(claims(asAdmin))
		switch {
		case test.token != nil:
			token = test.token(r, event.Conn, note)
		case r.cfg.Version >= Version1123:
			token = sign(claims())
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

func (r *replayRun) requestAgain(event conversation.Entry) {
	if event.Status >= 400 || strings.HasPrefix(event.Request, "GET ") {
		return
	}
	var sent struct {
		Signal, Command string
		Truncate        bool
	}
	_ = json.Unmarshal([]byte(event.Body), &sent)
	switch path := event.Request[strings.LastIndex(event.Request, "/")+1:]; path {
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
		_ = json.Unmarshal([]byte(event.Response), &answer)
		r.m.Backup(answer.Attributes.UUID, nil)
	case "restore":
		parts := strings.Split(event.Request, "/")
		r.m.Restore(parts[len(parts)-2], sent.Truncate)
	default:
		if !strings.HasPrefix(event.Request, "DELETE ") {
			r.t.Errorf("%s %s", event.Clock, event.Request)
		}
	}
}

func (r *replayRun) closeAgain(test replayCase, event conversation.Entry) {
	c := r.conns[event.Conn]
	switch {
	case strings.Contains(event.Error, "use of closed"), strings.Contains(event.Error, "connection reset"), event.Error == "closed here":
		if event.Conn != test.late {
			_ = c.conn.CloseNow() // by the client
		}
	case c.peek() != nil:
		if got := int(c.code()); got != event.Code {
			r.t.Errorf("%s: socket %d ends with %d, recorded %d: %v", event.Clock, event.Conn, got, event.Code, c.ended())
		}
		var closed websocket.CloseError
		if errors.As(c.ended(), &closed) && !strings.Contains(event.Error, closed.Reason) {
			r.t.Errorf("%s: socket %d: %v", event.Clock, event.Conn, c.ended())
		}
	case event.Code > 0: // the client closed it
		if err := c.conn.Close(websocket.StatusCode(event.Code), ""); err != nil || int(c.code()) != event.Code {
			r.t.Errorf("%s: socket %d: %v, %v", event.Clock, event.Conn, err, c.ended())
		}
	default:
		r.t.Errorf("%s: socket %d is open, but %s", event.Clock, event.Conn, event.Error)
	}
}
