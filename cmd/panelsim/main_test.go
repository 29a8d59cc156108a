package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/cmd/panelsim/page"
)

// program is a panelsim that runs.
type program struct {
	t     *testing.T
	intro string
	url   string
	end   func() error
}

var address = regexp.MustCompile(`http://[0-9.:]+`)

// start runs the program on a free port, and reads what it prints.
func start(t *testing.T, args ...string) *program {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), in, io.Discard)
		in.CloseWithError(err)
		ended <- err
	}()
	p := &program{t: t, end: func() error { cancel(); return <-ended }}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		p.intro += lines.Text() + "\n"
		if strings.HasPrefix(lines.Text(), "Interrupt") {
			break
		}
	}
	p.url = address.FindString(p.intro)
	if p.url == "" {
		t.Fatalf("it printed no address but %q: %v", p.intro, p.end())
	}
	return p
}

// do sends a request with a key, and returns the answer's status and body.
func (p *program) do(method, path, key, body string) (int, string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Authorization", "Bearer "+key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func TestServesAClient(t *testing.T) {
	t.Parallel()
	p := start(t, "-control", "-rate-limits", "7,5")
	curl := regexp.MustCompile(`curl -H 'Accept: application/json' -H 'Authorization: Bearer (ptlc_\w{43})' (\S+)`).FindStringSubmatch(p.intro)
	if curl == nil {
		t.Fatalf("it does not tell how to ask it: %s", p.intro)
	}
	key, path := curl[1], strings.TrimPrefix(curl[2], p.url)
	status, body := p.do(http.MethodGet, path, key, "")
	var servers struct {
		Data []struct{ Attributes struct{ Name string } }
	}
	if err := json.Unmarshal([]byte(body), &servers); err != nil || status != http.StatusOK || len(servers.Data) != 4 {
		t.Errorf("GET %s: %d %s", path, status, body)
	}
	if status, _ := p.do(http.MethodPost, "/control/fail", "", `{"operation":"clientGetAccount","times":1,"faults":["503"]}`); status != http.StatusNoContent {
		t.Errorf("control: status %d", status)
	}
	for _, want := range []int{503, 200} {
		if status, _ := p.do(http.MethodGet, "/api/client/account", key, ""); status != want {
			t.Errorf("status %d, want %d", status, want)
		}
	}
	application := regexp.MustCompile(`ptla_\w{43}`).FindString(p.intro)
	for range 5 {
		p.do(http.MethodGet, "/api/application/nodes", application, "")
	}
	if status, _ := p.do(http.MethodGet, "/api/application/nodes", application, ""); status != http.StatusTooManyRequests {
		t.Errorf("the sixth request got %d, want 429", status)
	}
	if err := p.end(); err != nil {
		t.Error(err)
	}
}

func TestServesPelican(t *testing.T) {
	t.Parallel()
	p := start(t, "-version", "pelican")
	for path, pattern := range map[string]string{"/api/client/account": `pacc_\w{43}`, "/api/application/roles": `papp_\w{43}`} {
		key := regexp.MustCompile(pattern).FindString(p.intro)
		if status, body := p.do(http.MethodGet, path, key, ""); status != http.StatusOK {
			t.Errorf("GET %s with %q: %d %s, of\n%s", path, key, status, body, p.intro)
		}
	}
	if !strings.HasPrefix(p.intro, "Pelican at "+p.url+"\n") || !strings.Contains(p.intro, "/docs/pelican.html\n") {
		t.Errorf("the introduction is\n%s", p.intro)
	}
	var state page.State
	_, body := p.do(http.MethodGet, "/panelsim/state", "", "")
	if err := json.Unmarshal([]byte(body), &state); err != nil {
		t.Fatal(err)
	}
	if keys := state.Accounts[0].Keys; keys[0].Kind != "client" || keys[1].Kind != "application" {
		t.Errorf("the keys of the administrator are %+v", keys)
	}
	if err := p.end(); err != nil {
		t.Error(err)
	}
}

func TestFrontPageShowsWhatHappens(t *testing.T) {
	t.Parallel()
	p := start(t, "-control")
	key := regexp.MustCompile(`ptlc_\w{43}`).FindString(p.intro)
	if status, body := p.do(http.MethodGet, "/panelsim/", "", ""); status != http.StatusOK || !strings.Contains(body, "<!doctype html>") {
		t.Errorf("the page: %d %.100s", status, body)
	}
	for _, order := range [][2]string{{"print", `{"server":"lobby","lines":["hello"]}`}, {"fail", `{"operation":"clientGetAccount","times":2,"faults":["delay 1ms","502"]}`}} {
		if status, body := p.do(http.MethodPost, "/control/"+order[0], "", order[1]); status != http.StatusNoContent {
			t.Fatalf("%s: %d %s", order[0], status, body)
		}
	}
	p.do(http.MethodGet, "/api/client/account?x=1", key, "")
	var state page.State
	_, body := p.do(http.MethodGet, "/panelsim/state", "", "")
	if err := json.Unmarshal([]byte(body), &state); err != nil {
		t.Fatal(err)
	}
	if panel := state.Panel; panel.URL != p.url || panel.Version != "1.12.3" || !panel.Control || panel.Servers != 5 || !slices.Contains(panel.Operations, "clientGetAccount") {
		t.Errorf("the Panel is %+v", panel)
	}
	user := state.Accounts[1]
	if user.Username != "user" || user.Password != "password" || user.Admin || !slices.Contains(user.Keys, page.Key{Name: "user", Kind: "client", Key: key}) {
		t.Errorf("the user is %+v", user)
	}
	if admin := state.Accounts[0]; !admin.Admin || admin.Keys[1].Name != "application" || admin.Keys[1].Kind != "application" {
		t.Errorf("the admin is %+v", admin)
	}
	if len(state.Nodes) != 2 || state.Nodes[0].Name != "node-1" || !state.Nodes[0].Up || !strings.HasPrefix(state.Nodes[0].URL, "http://127.0.0.1:") {
		t.Errorf("the nodes are %+v", state.Nodes)
	}
	lobby := state.Servers[0]
	if lobby.Name != "lobby" || lobby.Owner != "user" || lobby.Node != "node-1" || lobby.Power != "running" || lobby.Status != "" ||
		lobby.Lines[len(lobby.Lines)-1] != "hello" || lobby.Printed != len(lobby.Lines) || len(lobby.Lines) < 2 {
		t.Errorf("lobby is %+v", lobby)
	}
	if suspended := state.Servers[3]; suspended.Status != "suspended" || suspended.Power != "offline" {
		t.Errorf("suspended is %+v", suspended)
	}
	last := state.Requests[len(state.Requests)-1]
	if last.Method != "GET" || last.Path != "/api/client/account?x=1" || last.Operation != "clientGetAccount" || last.Key != "user" ||
		last.Status != http.StatusBadGateway || last.Fault != "delay 1ms, 502" || last.Milliseconds < 1 || last.Number != 1 {
		t.Errorf("the last request is %+v", last)
	}
	if len(state.Pending) != 1 || state.Pending[0].Operation != "clientGetAccount" || state.Pending[0].Times != 1 || !slices.Equal(state.Pending[0].Faults, []string{"delay 1ms", "502"}) {
		t.Errorf("what waits is %+v", state.Pending)
	}
	if err := p.end(); err != nil {
		t.Error(err)
	}
}

func TestSeedAndFilesAreThoseOfTheFlags(t *testing.T) {
	t.Parallel()
	const key, uuid = "ptlc_0123456789a" + "0123456789abcdef0123456789abcdef", "11111111-2222-4333-8444-555555555555"
	seed := filepath.Join(t.TempDir(), "seed.json")
	if err := os.WriteFile(seed, []byte(`{
		"users": [{"username": "alice", "keys": [{"key": "`+key+`"}]}],
		"locations": [{}], "nodes": [{"allocations": [{"port": 25565}]}], "nests": [{"eggs": [{"startup": "./echo"}]}],
		"servers": [{"uuid": "`+uuid+`", "name": "mine"}]
	}`), 0o600); err != nil {
		t.Fatal(err)
	}
	files := t.TempDir()
	p := start(t, "-seed", seed, "-files", files, "-rate-limits", "off", "-version", "1.12")
	if !strings.Contains(p.intro, "Panel 1.12") || !strings.Contains(p.intro, key) || strings.Contains(p.intro, "/control/") {
		t.Errorf("it says %s", p.intro)
	}
	if status, body := p.do(http.MethodPost, "/api/client/servers/11111111/files/write?file=/a.txt", key, "hello"); status != http.StatusNoContent {
		t.Fatalf("status %d %s", status, body)
	}
	if content, err := os.ReadFile(filepath.Join(files, uuid, "a.txt")); err != nil || string(content) != "hello" {
		t.Errorf("the file holds %q, %v", content, err)
	}
	if err := p.end(); err != nil {
		t.Error(err)
	}
}

func TestOtherMachinesReachWhatItAnnounces(t *testing.T) {
	t.Parallel()
	p := start(t, "-addr", "0.0.0.0:0", "-nodes", "0.0.0.0:0", "-origins", "http://localhost:3000", "-wings", "1.12.0")
	if strings.Contains(p.url, "0.0.0.0") {
		t.Errorf("it says %s", p.intro)
	}
	key := regexp.MustCompile(`ptla_\w{43}`).FindString(p.intro)
	status, body := p.do(http.MethodGet, "/api/application/nodes", key, "")
	host, _, _ := strings.Cut(strings.TrimPrefix(p.url, "http://"), ":")
	if status != http.StatusOK || strings.Count(body, `"fqdn":"`+host+`"`) != 2 {
		t.Errorf("nodes: %d %s", status, body)
	}
	if err := p.end(); err != nil {
		t.Error(err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel() // so that it ends once it has said where it is
	var said strings.Builder
	if err := run(ctx, []string{"-addr", "127.0.0.1:0", "-url", "http://panel.example:8080"}, &said, io.Discard); err != nil ||
		!strings.Contains(said.String(), "Panel 1.12.3 at http://panel.example:8080\n") {
		t.Errorf("it says %s, %v", said.String(), err)
	}
}

func TestRefusesFlagsThatCannotBeRight(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // so that it would end at once, if it ran
	for name, args := range map[string][]string{
		"unknown flag": {"-fly"}, "argument": {"8080"}, "version": {"-version", "2.0"}, "rate limits": {"-rate-limits", "many"},
		"rate limit of 0": {"-rate-limits", "0,0"}, "seed": {"-seed", "no/such/file.json"}, "address": {"-addr", "nowhere:at:all"},
		"URL": {"-url", "panel.example"}, "nodes": {"-nodes", "0.0.0.0"}, "Wings": {"-wings", "2.0"},
	} {
		if err := run(ctx, args, io.Discard, io.Discard); err == nil {
			t.Errorf("%s: no error for %q", name, args)
		}
	}
}
