package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
	"github.com/ptero-go/ptero/console"
	"github.com/ptero-go/ptero/paneltest"
)

func TestChoose(t *testing.T) {
	t.Parallel()
	type thing struct{ id, name string }
	things := []thing{{"abc1", "lobby"}, {"abc2", "lobby-2"}, {"f00d", "Lobby"}, {"lobb", "x"}, {"beef", "twin"}, {"bead", "twin"}}
	keys := func(x thing) []string { return []string{x.id, x.name} }
	for text, want := range map[string]string{
		"lobby":   "abc1", // exactly, though others begin so
		"Lobby":   "f00d",
		"lobb":    "lobb", // an identifier
		"lobby-":  "abc2",
		"ABC2":    "abc2",
		"f0":      "f00d",
		"LOBBY":   "", // two, but for the case
		"abc":     "",
		"twin":    "",
		"be":      "",
		"nothing": "",
		"":        "",
	} {
		got, err := choose("thing", text, things, keys, "")
		if got.id != want || (err == nil) != (want != "") {
			t.Errorf("choose(%q) = %v, %v, want %q", text, got, err, want)
		}
	}
	for text, want := range map[string]string{"lobyb": "lobby", "loby": "lobby", "2": "", "zzzz": "", "twni": "twin"} {
		if got := closest(text, []string{"lobby", "x", "twin", "3"}); got != want {
			t.Errorf("closest(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestPruneKeepsWhatARuleKeeps(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 5, 31, 23, 0, 0, 0, time.UTC)
	var all []*client.Backup
	for hours := range 24 * 20 / 6 { // four a day for twenty days
		at := start.Add(-time.Duration(hours) * 6 * time.Hour)
		all = append(all, &client.Backup{UUID: at.Format("0102-15"), CreatedAt: at, CompletedAt: &at, IsSuccessful: true})
	}
	running := &client.Backup{UUID: "running", CreatedAt: start.Add(-1000 * time.Hour)}
	failedAt := start.Add(-time.Minute)
	failed := &client.Backup{UUID: "failed", CreatedAt: failedAt, CompletedAt: &failedAt}
	locked := *all[79]
	locked.UUID, locked.IsLocked = "locked", true
	all = append(all, running, failed, &locked)

	kept := func(rule retention) []string {
		doomed := make(map[string]bool)
		for _, b := range rule.prune(all, time.UTC) {
			doomed[b.UUID] = true
		}
		var kept []string
		for _, b := range all {
			if !doomed[b.UUID] {
				kept = append(kept, b.UUID)
			}
		}
		return kept
	}
	for want, rule := range map[string]retention{
		"0531-23 0531-17 0531-11 running locked":         {last: 3},
		"0531-23 0530-23 running locked":                 {daily: 2},
		"0531-23 0531-17 0530-23 0529-23 running locked": {last: 2, daily: 3},
		"0531-23 0524-23 0517-23 running locked":         {weekly: 3},
	} {
		if got := strings.Join(kept(rule), " "); got != want {
			t.Errorf("%+v keeps %s, want %s", rule, got, want)
		}
	}
	doomed := (retention{last: 1}).prune(all, time.UTC)
	if !doomed[0].CreatedAt.Before(doomed[1].CreatedAt) {
		t.Error("the newest is deleted first")
	}
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	for want, errs := range map[int][]error{
		exitOK:          {nil},
		exitError:       {errors.New("x"), &client.Error{StatusCode: 500}, &client.Error{StatusCode: 422}, &client.Error{}},
		exitUsage:       {usagef("x"), &client.ArgumentError{}, fmt.Errorf("wrapped: %w", usagef("x"))},
		exitNotFound:    {&client.Error{StatusCode: 404}, notFound("server", "x", nil, "")},
		exitNotAllowed:  {&client.Error{StatusCode: 401}, &client.Error{StatusCode: 403}},
		exitRateLimited: {&client.Error{StatusCode: 429}, &failure{err: &client.Error{StatusCode: 429}, hint: "x"}},
	} {
		for _, err := range errs {
			if got := exitCode(err); got != want {
				t.Errorf("%v gives %d, want %d", err, got, want)
			}
		}
	}
	ctx := t.Context()
	bad := &client.Error{StatusCode: 404}
	for name, tt := range map[string]struct {
		problems []error
		want     int
	}{"none failed": {[]error{nil, nil}, exitOK}, "one of one": {[]error{bad}, exitNotFound}, "all": {[]error{bad, bad}, exitNotFound}, "some": {[]error{nil, bad}, exitPartly}} {
		if got := exitCode(summary(ctx, tt.problems)); got != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	var f *failure
	if err := summary(ended, []error{nil, context.Canceled}); !errors.As(err, &f) || f.hint != "Done: 1 of 2." {
		t.Errorf("an interrupt does not say what was done: %v", err)
	}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]place{
		"lobby:/a/b":    {"lobby", "/a/b"},
		"lobby:a/b":     {"lobby", "/a/b"},
		"lobby:":        {"lobby", "/"},
		"lobby:/../../": {"lobby", "/"},
		"./a:b":         {"", "./a:b"},
		"dir/a:b":       {"", "dir/a:b"},
		":x":            {"", ":x"},
		"file.txt":      {"", "file.txt"},
	} {
		if got := parsePlace(text); got != want {
			t.Errorf("parsePlace(%q) = %v, want %v", text, got, want)
		}
	}
}

func TestFieldsOfRequests(t *testing.T) {
	t.Parallel()
	a := newApp(&ui.Terminal{In: strings.NewReader("new secret\n")}, func(string) string { return "" })
	name := "kept"
	req := application.UpdateUserRequest{Email: "old@example.org", Username: "ann", FirstName: name, ExternalID: client.Value("x")}
	changes, err := a.changesOf(t.Context(), &req, []string{"email=new@example.org", "external_id=null", "root_admin=true", "password=-", "last_name=a=b"})
	if err == nil {
		err = merge(&req, changes)
	}
	if err != nil {
		t.Fatal(err)
	}
	password, _ := req.Password.Get()
	if req.Email != "new@example.org" || req.FirstName != name || req.LastName != "a=b" || !*req.RootAdmin || password != "new secret" {
		t.Errorf("the request is %+v", req)
	}
	if _, ok := req.ExternalID.Get(); ok {
		t.Errorf("null did not clear: %+v", req)
	}
	server := application.CreateServerRequest{}
	changes, err = a.changesOf(t.Context(), &server, []string{
		"limits.memory=512", "environment.A.B=1", "environment.VERSION=1.21", "deploy.locations=1,2", "deploy.port_range=25565, 25570-25580", "deploy.dedicated_ip=false",
	})
	if err == nil {
		err = merge(&server, changes)
	}
	if err != nil {
		t.Fatal(err)
	}
	if server.Limits.Memory != 512 || server.Environment["A.B"] != "1" || server.Environment["VERSION"] != "1.21" || server.Deploy == nil ||
		fmt.Sprint(server.Deploy.Locations, server.Deploy.PortRange) != "[1 2] [25565 25570-25580]" {
		t.Errorf("the request is %+v, %+v", server, server.Deploy)
	}
	for _, wrong := range []string{"email", "emial=x", "root_admin=maybe", "password=plain"} {
		if _, err := a.changesOf(t.Context(), &req, []string{wrong}); exitCode(err) != exitUsage {
			t.Errorf("%q gives %v", wrong, err)
		}
	}
}

func TestAddressesThatPeopleType(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"panel.example.org":                            "https://panel.example.org",
		"https://panel.example.org/":                   "https://panel.example.org",
		"https://panel.example.org/account/api?x=1#y":  "https://panel.example.org",
		"https://user:pw@panel.example.org/auth/login": "https://panel.example.org",
		"http://localhost:8080/panel/admin":            "http://localhost:8080/panel",
	} {
		if got, err := panelAddress(text); err != nil || got != want {
			t.Errorf("panelAddress(%q) = %q, %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"", "ftp://x", "https://", "http://[::1"} {
		if got, err := panelAddress(text); err == nil {
			t.Errorf("panelAddress(%q) = %q", text, got)
		}
	}
}

// What a hint says to type works, whatever the server is called.
func TestHintsQuoteNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"lobby": "lobby", "lobby:/a-b_c.jar": "lobby:/a-b_c.jar", "my server": "'my server'", "it's": `'it'\''s'`, "a;rm": "'a;rm'", "$(x)": "'$(x)'",
		"lobby:/*": "'lobby:/*'", "": "''", "ünï": "ünï", "a\nb": "'a\nb'",
	} {
		if got := quote(name); got != want {
			t.Errorf("quote(%q) = %s, want %s", name, got, want)
		}
	}
	seed := testSeed(time.Now())
	seed.Servers[0].Name = "my  server's"
	panel, err := paneltest.New(paneltest.WithSeed(seed))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(panel.Close)
	for _, args := range [][]string{{"files", "cat", lobby + ":/nothing"}, {"backups", "show", lobby, "nothing"}, {"schedules", "delete-task", lobby, "1", "99"}, {"startup", "set", lobby, "NOTHING=1"}} {
		if _, _, errs := here(t, panel, panel.UserKey, false, args...); !strings.Contains(errs, `'my  server'\''s`) {
			t.Errorf("ptero %q: the hint cannot be copied into a shell:\n%s", args, errs)
		}
	}
}

func TestPatternsAndNames(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"/a*": true, "/a?": true, "/[ab]": true, `/\[ab\]`: false, `/\*`: false, `/\\*`: true, "/a b": false, `/a\b`: false} {
		if got := isPattern(text); got != want {
			t.Errorf("isPattern(%q) = %v", text, got)
		}
	}
	for text, want := range map[string]string{`/\[ab\]`: "/[ab]", `/\*\?`: "/*?", `/a\b`: `/a\b`, `/a\\b`: `/a\b`} {
		if got := literal(text); got != want {
			t.Errorf("literal(%q) = %q, want %q", text, got, want)
		}
	}
}

// What several backups have in common decides nothing by chance.
func TestPruneAtTheEdges(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	backup := func(id string, at time.Time) *client.Backup {
		return &client.Backup{UUID: id, CreatedAt: at, CompletedAt: &at, IsSuccessful: true}
	}
	ids := func(backups []*client.Backup) string {
		var names []string
		for _, b := range backups {
			names = append(names, b.UUID)
		}
		return strings.Join(names, " ")
	}
	same := time.Date(2026, 10, 25, 10, 0, 0, 0, time.UTC)
	a, b, c := backup("a", same), backup("b", same), backup("c", same)
	for _, order := range [][]*client.Backup{{a, b, c}, {c, b, a}, {b, c, a}} {
		if got := ids(retention{last: 1}.prune(order, berlin)); got != "c b" {
			t.Errorf("of three of the same time, %q go", got)
		}
	}
	// The clocks went back on 25 October: the day has 25 hours, and the hour from
	// two to three comes twice.
	var hourly []*client.Backup
	for hour := range 72 {
		at := time.Date(2026, 10, 24, 0, 30, 0, 0, berlin).Add(time.Duration(hour) * time.Hour)
		hourly = append(hourly, backup(at.Format("02T15:04-07"), at))
	}
	kept := func(r retention, all []*client.Backup) string {
		doomed := r.prune(all, berlin)
		left := slices.DeleteFunc(slices.Clone(all), func(b *client.Backup) bool { return slices.Contains(doomed, b) })
		return ids(left)
	}
	if got, want := kept(retention{daily: 3}, hourly), "24T23:30+02 25T23:30+01 26T22:30+01"; got != want {
		t.Errorf("kept are %q, want %q", got, want)
	}
	// More is kept than there is, and failed ones do not count, whatever is locked.
	failedAt := same.Add(time.Hour)
	failed, locked := &client.Backup{UUID: "failed", CreatedAt: failedAt, CompletedAt: &failedAt}, backup("locked", same.Add(-time.Hour))
	locked.IsLocked = true
	if got := kept(retention{last: 2}, []*client.Backup{failed, a, b, locked}); got != "a b locked" {
		t.Errorf("kept are %q", got)
	}
	if got := kept(retention{last: 5}, []*client.Backup{a, b, locked}); got != "a b locked" {
		t.Errorf("kept are %q", got)
	}
	// Years have 52 or 53 weeks, and the first days of one can belong to the other.
	newYear := []*client.Backup{backup("31", time.Date(2026, 12, 31, 12, 0, 0, 0, berlin)), backup("01", time.Date(2027, 1, 1, 12, 0, 0, 0, berlin)), backup("04", time.Date(2027, 1, 4, 12, 0, 0, 0, berlin))}
	if got := kept(retention{weekly: 5}, newYear); got != "01 04" {
		t.Errorf("kept are %q", got)
	}
}

// What is printed and lost is no success.
func TestOutputThatCannotBeWrittenIsAnError(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	panel := newPanel(t)
	for _, args := range [][]string{{"version"}, {"servers", "list"}, {"servers", "list", "-o", "json"}, {"files", "cat", "lobby:/server.properties"}, {"logs", "lobby"}, {"api", "GET", "/api/client"}} {
		cmd := exec.CommandContext(t.Context(), program, args...)
		cmd.Env = append(os.Environ(), asPtero+"=1", envURL+"="+panel.URL, envKey+"="+panel.UserKey, envCache+"="+t.TempDir())
		var errs strings.Builder
		cmd.Stdout, cmd.Stderr = full, &errs
		err := cmd.Run()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != exitError || !strings.Contains(errs.String(), "no space left on device") {
			t.Errorf("ptero %q: %v\n%s", args, err, errs.String())
		}
	}
}

// A command costs few requests: that is what makes it fast, and leaves the rate
// limit to others.
func TestRequestsOfCommands(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"version":                            "",
		"servers list":                       "clientListServers",
		"servers show lobby":                 "clientListServers clientGetServerResources",
		"start lobby":                        "clientListServers clientSetPowerState",
		"files cat lobby:/server.properties": "clientListServers clientGetFileDownload",
		"backups list lobby":                 "clientListServers clientListBackups",
		"run lobby list":                     "clientListServers clientGetServerWebsocket",
	} {
		panel := newPanel(t)
		if code, _, errs := runHere(t, panel, strings.Fields(line)...); code != exitOK {
			t.Errorf("ptero %s: %d\n%s", line, code, errs)
		}
		var operations []string
		for _, r := range panel.Requests() {
			operations = append(operations, r.Operation)
		}
		if got := strings.Join(operations, " "); got != want {
			t.Errorf("ptero %s sends %q, want %q", line, got, want)
		}
	}
}

// A change of a variable that is a secret is in the activity log with its values.
func TestActivityHidesSecretVariables(t *testing.T) {
	t.Parallel()
	seed := testSeed(time.Now())
	for i := range seed.Nests[0].Eggs {
		seed.Nests[0].Eggs[i].Variables = append(seed.Nests[0].Eggs[i].Variables, paneltest.SeedVariable{
			Name: "Password", Env: "RCON_PASSWORD", Default: "first-secret", Rules: "string",
		})
	}
	panel, err := paneltest.New(paneltest.WithSeed(seed))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(panel.Close)
	if code, out, errs := runHere(t, panel, "startup", "set", "lobby", "RCON_PASSWORD=second-secret"); code != exitOK && code != exitUsage {
		t.Fatalf("%d\n%s%s", code, out, errs)
	}
	body := `{"key": "RCON_PASSWORD", "value": "second-secret"}`
	file := t.TempDir() + "/body"
	if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, errs := runHere(t, panel, "api", "PUT", "/api/client/servers/"+lobby+"/startup/variable", "--input", file); code != exitOK {
		t.Fatalf("%d\n%s%s", code, out, errs)
	}
	for _, args := range [][]string{{"activity", "lobby"}, {"activity", "lobby", "-o", "json"}, {"activity", "lobby", "-o", "yaml"}, {"startup", "show", "lobby"}, {"startup", "show", "lobby", "-o", "json"}, {"servers", "show", "lobby", "-o", "json"}, {"api", "GET", "/api/client/servers/" + lobby + "/activity"}} {
		_, out, errs := runHere(t, panel, args...)
		if strings.Contains(out+errs, "second-secret") || strings.Contains(out+errs, "first-secret") {
			t.Errorf("ptero %q prints a secret:\n%s%s", args, out, errs)
		}
		if !strings.Contains(out, "RCON_PASSWORD") {
			t.Errorf("ptero %q does not mention the variable:\n%s", args, out)
		}
		if args[0] == "activity" {
			if _, out, _ := runHere(t, panel, append(args, "--show-secrets")...); !strings.Contains(out, "second-secret") {
				t.Errorf("ptero %q --show-secrets hides:\n%s", args, out)
			}
		}
	}
}

func TestEventsInWords(t *testing.T) {
	t.Parallel()
	lost := &console.Error{Op: "socket", Problem: "the connection to the daemon ended: EOF"}
	describe := newDescriber()
	for _, tt := range []struct {
		event console.Event
		want  string
	}{
		{console.Gap{Reason: "the log begins later"}, "lines may be missing here: the log begins later"},
		{console.Dropped{Count: 1}, "1 event dropped here, as the output was too slow"},
		{console.Status{State: "running"}, ""},
		{console.Status{State: "running", Previous: "running"}, ""},
		{console.Status{State: "offline", Previous: "running"}, "the server is offline"},
		{console.Crash{ExitCode: 137, OutOfMemory: true, Restarts: true}, "the server crashed, as it ran out of memory, exit code 137; it starts again"},
		{console.Crash{ExitCode: -1}, "the server crashed"},
		{console.StateChange{From: console.StateLive, To: console.StateRenewing}, ""},
		{console.StateChange{From: console.StateRenewing, To: console.StateLive}, ""},
		{console.StateChange{From: console.StateLive, To: console.StateWaiting, Err: lost}, "not connected, trying again: the connection to the daemon ended: EOF"},
		{console.StateChange{From: console.StateDialing, To: console.StateWaiting, Err: lost}, ""},
		{console.StateChange{From: console.StateAuthenticating, To: console.StateLive}, "connected again"},
		{console.StateChange{From: console.StateAuthenticating, To: console.StateLive}, ""},
		{console.CommandsLost{Commands: []string{"a", "b"}, Err: lost}, "2 commands may not have arrived: the connection to the daemon ended: EOF"},
		{console.DaemonError{Text: "no"}, "Wings: no"},
		{console.Deleted{}, "the server was deleted"},
		{console.Stats{}, ""},
	} {
		if got := describe(tt.event); got != tt.want {
			t.Errorf("%#v is %q, want %q", tt.event, got, tt.want)
		}
	}
}

// A name that nobody can type is not confirmed by typing nothing.
func TestAnEmptyAnswerConfirmsNothing(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]int{"\n": exitUsage, "yes\n": exitOK} {
		a := newApp(&ui.Terminal{In: strings.NewReader(answer), Out: io.Discard, Err: io.Discard, InTTY: true, ErrTTY: true}, func(string) string { return "" })
		if got := exitCode(a.confirm(t.Context(), "delete", "backup", []string{"\x1b[2J\u202e"})); got != want {
			t.Errorf("%q gives %d, want %d", answer, got, want)
		}
	}
}

func TestTopOfAllServers(t *testing.T) {
	t.Parallel()
	panel := newPanel(t)
	env := map[string]string{envURL: panel.URL, envKey: panel.AdminKey}
	a := newApp(&ui.Terminal{Err: io.Discard}, func(name string) string { return env[name] })
	c, err := a.client()
	if err != nil {
		t.Fatal(err)
	}
	group, err := console.NewGroup(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer group.Close()
	for scope, want := range map[serverScope]int{"": 1, "all": 5} {
		w := &watcher{app: a, client: c, group: group, scope: scope}
		if rows, err := w.servers(t.Context()); err != nil || len(rows) != want {
			t.Errorf("scope %q has %d servers, %v, want %d", scope, len(rows), err, want)
		}
	}
}
