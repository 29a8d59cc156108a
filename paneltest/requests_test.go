package paneltest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/paneltest"
)

func TestRequestsAreKept(t *testing.T) {
	t.Parallel()
	panel := spoiled(t, paneltest.WithControl())
	server := "/api/client/servers/" + identify(t, panel, "lobby")
	from := len(panel.Requests())
	if err := panel.Fail("clientGetAccount", 1, paneltest.FaultDelay(time.Millisecond), paneltest.FaultStatus(http.StatusBadGateway)); err != nil {
		t.Fatal(err)
	}
	if err := panel.Fail("clientSendCommand", 1, paneltest.FaultLost); err != nil {
		t.Fatal(err)
	}
	do(t, panel, panel.UserKey, http.MethodGet, accountPath+"?include=a,b", "")
	do(t, panel, "no key at all", http.MethodGet, "/api/client/none", "")
	_, _ = try(panel, newRequest(t, panel, panel.AdminKey, http.MethodPost, server+"/command", `{"command":"help"}`)) // which fails
	do(t, panel, panel.UserKey, http.MethodPut, accountPath+"/password", `{"current_password":"password","password":"s3cret-s3cret","password_confirmation":"s3cret-s3cret"}`)
	must(t, panel, panel.UserKey, http.MethodPost, server+"/files/write?file=/big", strings.Repeat("x", 100_000))
	requests := panel.Requests()[from:]
	want := []string{
		"GET /api/client/account?include=a,b 502 (delay 1ms, 502)",
		"GET /api/client/none 404",
		"POST " + server + "/command 0 (lost)",
		"PUT /api/client/account/password 204",
		"POST " + server + "/files/write?file=/big 204",
	}
	var got []string
	for i, r := range requests {
		got = append(got, r.String())
		if r.Number != from+i+1 || r.Time.IsZero() {
			t.Errorf("%s has the number %d, and the time %v", r, r.Number, r.Time)
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if r := requests[0]; r.Operation != "clientGetAccount" || r.Key != panel.UserKey[:16] || r.Took < time.Millisecond || r.Body != "" {
		t.Errorf("%#v", r)
	}
	if r := requests[1]; r.Operation != "" || r.Key != "" {
		t.Errorf("%#v", r)
	}
	if r := requests[2]; r.Operation != "clientSendCommand" || r.Key != panel.AdminKey[:16] || r.Body != `{"command":"help"}` {
		t.Errorf("%#v", r)
	}
	if text := fmt.Sprintf("%v %+v %s", requests[3], requests[3], requests); strings.Contains(text, "s3cret") || !strings.Contains(requests[3].Body, "s3cret") {
		t.Errorf("%s", text)
	}
	if length := len(requests[4].Body); length != 16<<10 {
		t.Errorf("%d bytes of a large body are kept", length)
	}
	var told []paneltest.Request
	if err := json.Unmarshal(do(t, panel, "", http.MethodGet, "/control/requests", "").body, &told); err != nil || len(told) != from+len(want) {
		t.Errorf("the control method tells of %d requests, %v", len(told), err)
	}
}

func TestRequestsAreBounded(t *testing.T) {
	t.Parallel()
	panel := newPanel(t, paneltest.WithoutRateLimits())
	for range 1003 {
		must(t, panel, panel.UserKey, http.MethodGet, accountPath, "")
	}
	requests := panel.Requests()
	if len(requests) != 1000 || requests[0].Number != 4 || requests[999].Number != 1003 {
		t.Errorf("%d requests, from %d to %d", len(requests), requests[0].Number, requests[len(requests)-1].Number)
	}
}

func TestCommandsAndLinesAreKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, paneltest.WithControl())
		con := dial(t, w.user, w.lobby)
		get(con.Run(t.Context(), "list", starts("There are")))(t)
		must(t, w.panel, w.panel.UserKey, http.MethodPost, "/api/client/servers/"+w.lobby+"/command", `{"command":"say one\nsay two"}`)
		synctest.Wait()
		commands := get(w.panel.Commands("lobby"))(t)
		expect(t, "commands", strings.Join(commands, ", "), "list, say one, say two")
		expect(t, "of another server", len(get(w.panel.Commands("proxy"))(t)), 0)

		_, before, err := w.panel.Lines("lobby")
		check(t, err)
		check(t, w.panel.Print("lobby", "one", "two"))
		lines, printed, err := w.panel.Lines(w.lobby)
		check(t, err)
		expect(t, "lines", strings.Join(lines[len(lines)-2:], ", "), "one, two")
		expect(t, "printed", printed, before+2)
		for i := range 400 {
			check(t, w.panel.Print("lobby", fmt.Sprint("line ", i)))
		}
		lines, printed, err = w.panel.Lines("lobby")
		check(t, err)
		expect(t, "lines kept", len(lines), 150)
		expect(t, "the last one", lines[149], "line 399")
		expect(t, "printed", printed, before+402)
		expect(t, "of the control method", strings.TrimSpace(string(do(t, w.panel, "", http.MethodGet, "/control/commands?server=lobby", "").body)), `["list","say one","say two"]`)
		if text := string(do(t, w.panel, "", http.MethodGet, "/control/lines?server=lobby", "").body); !strings.Contains(text, `"line 399"],"printed":`) {
			t.Error(text)
		}
	})
}

func TestServersAreFoundByAnyName(t *testing.T) {
	t.Parallel()
	seed := paneltest.DefaultSeed()
	seed.Servers = append(seed.Servers, paneltest.SeedServer{Name: "twin"}, paneltest.SeedServer{Name: "twin"})
	panel := newPanel(t, paneltest.WithSeed(seed), paneltest.WithControl())
	lobby, err := panel.Server("lobby")
	if err != nil {
		t.Fatal(err)
	}
	shown := must(t, panel, panel.UserKey, http.MethodGet, "/api/client/servers/"+lobby.Identifier, "").attributes()
	if shown["uuid"] != lobby.UUID || lobby.Name != "lobby" || lobby.ID != 1 || lobby.Owner != "user" || lobby.Node != "node-1" ||
		lobby.Power != string(client.PowerStateRunning) || lobby.Status != "" {
		t.Errorf("%+v is shown as %v", lobby, shown)
	}
	for _, name := range []string{lobby.Identifier, lobby.UUID, fmt.Sprint(shown["server_identifier"])} {
		if same, err := panel.Server(name); err != nil || same != lobby {
			t.Errorf("%s is %+v, %v", name, same, err)
		}
	}
	for name, want := range map[string]string{"none": `there is no server "none"`, "": `there is no server ""`, "twin": `2 servers are called "twin", so name an identifier`} {
		_, err := panel.Server(name)
		_, errCommands := panel.Commands(name)
		_, _, errLines := panel.Lines(name)
		for _, err := range []error{err, errCommands, errLines, panel.Suspend(name), panel.Crash(name), panel.Print(name, "x")} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q: %v", name, err)
			}
		}
		if answer := do(t, panel, "", http.MethodGet, "/control/server?server="+name, ""); answer.status != http.StatusBadRequest || !strings.Contains(string(answer.body), want) {
			t.Errorf("%q: %d %s", name, answer.status, answer.body)
		}
	}
	if err := panel.Suspend("survival"); err != nil {
		t.Fatal(err)
	}
	var states []string
	for _, s := range panel.Servers() {
		states = append(states, s.Name+" "+s.Power+" "+s.Status)
	}
	want := "lobby running ,survival offline suspended,installing offline installing,suspended offline suspended,proxy running ,twin offline ,twin offline "
	if got := strings.Join(states, ","); got != want {
		t.Errorf("the servers are %s, want %s", got, want)
	}
}

func TestAccountsAndNodes(t *testing.T) {
	t.Parallel()
	panel := newPanel(t)
	accounts := panel.Accounts()
	if len(accounts) != 3 || !slices.Equal(accounts[0].Keys, []string{panel.AdminKey, panel.ApplicationKey}) || !accounts[0].Admin ||
		accounts[1].Username != paneltest.DefaultUser || accounts[1].Email != "user@example.org" || accounts[1].Password != "password" || accounts[1].Keys[0] != panel.UserKey {
		t.Errorf("%#v", accounts)
	}
	if text := fmt.Sprintf("%v %+v", accounts, accounts[0]); strings.Contains(text, panel.UserKey[20:]) || strings.Contains(text, "password") {
		t.Errorf("%s", text)
	}
	if err := panel.StopNode(2); err != nil {
		t.Fatal(err)
	}
	nodes := panel.Nodes()
	if len(nodes) != 2 || nodes[0].Name != "node-1" || !nodes[0].Up || nodes[1].Up || !strings.HasPrefix(nodes[0].URL, "http://127.0.0.1:") {
		t.Errorf("%+v", nodes)
	}
	if panel.Version() != "1.12.3" || !slices.Contains(panel.Operations(), "clientGetServer") || !slices.Contains(panel.Operations(), "wingsUploadFiles") {
		t.Errorf("%s has %v", panel.Version(), panel.Operations())
	}
}

// Each change wakes whoever waits for one.
func TestChanges(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*testing.T, *world){
		"a request": func(t *testing.T, w *world) {
			t.Helper()
			must(t, w.panel, w.panel.UserKey, http.MethodGet, accountPath, "")
		},
		"a line":      func(t *testing.T, w *world) { t.Helper(); check(t, w.panel.Print("lobby", "x")) },
		"a crash":     func(t *testing.T, w *world) { t.Helper(); check(t, w.panel.Crash("lobby")) },
		"a node":      func(t *testing.T, w *world) { t.Helper(); check(t, w.panel.StopNode(1)) },
		"a fault":     func(t *testing.T, w *world) { t.Helper(); check(t, w.panel.Fail("", 1, paneltest.FaultReset)) },
		"no fault":    func(_ *testing.T, w *world) { w.panel.ClearFaults() },
		"a suspended": func(t *testing.T, w *world) { t.Helper(); check(t, w.panel.Suspend("survival")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				var listening sync.WaitGroup
				heard := make([]bool, 2)
				for i := range heard {
					changes := w.panel.Changes(t.Context())
					listening.Go(func() { <-changes; heard[i] = true })
				}
				synctest.Wait()
				if heard[0] || heard[1] {
					t.Error("something has changed already")
				}
				change(t, w)
				listening.Wait()
			})
		})
	}
}

func TestClearedFaultsDoNotStrike(t *testing.T) {
	t.Parallel()
	panel := newPanel(t, paneltest.WithControl())
	for range 2 {
		if err := panel.Fail("clientGetAccount", 3, paneltest.FaultDelay(0), paneltest.FaultReset); err != nil {
			t.Fatal(err)
		}
	}
	waiting := panel.Faults()
	if len(waiting) != 2 || waiting[0].Operation != "clientGetAccount" || waiting[0].Times != 3 || !slices.Equal(waiting[0].Faults, []paneltest.Fault{"delay 0s", "reset"}) {
		t.Errorf("%+v wait", waiting)
	}
	if text := strings.TrimSpace(string(do(t, panel, "", http.MethodGet, "/control/faults", "").body)); !strings.HasPrefix(text, `[{"operation":"clientGetAccount","times":3,"faults":["delay 0s","reset"]},`) {
		t.Error(text)
	}
	if err := control(t, panel, "clear-faults", ""); err != nil {
		t.Fatal(err)
	}
	must(t, panel, panel.UserKey, http.MethodGet, accountPath, "")
	if waiting := panel.Faults(); len(waiting) != 0 {
		t.Errorf("%+v wait", waiting)
	}
}

// A fault for a file strikes requests about it, however they name it, and no
// others.
func TestFaultsOfAFile(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ operation, method, path, body, other string }{
		"read":       {"clientGetFileContents", "GET", "/contents?file=dir/../dir/a.txt", "", "/contents?file=/dir/b.txt"},
		"list":       {"clientListFiles", "GET", "/list?directory=/dir/a.txt", "", "/list?directory=/dir"},
		"write":      {"clientWriteFile", "POST", "/write?file=/dir/a.txt", "x", "/write?file=/a.txt"},
		"delete":     {"clientDeleteFiles", "POST", "/delete", `{"root":"/dir","files":["b.txt","a.txt"]}`, `{"root":"/","files":["a.txt"]}`},
		"rename":     {"clientRenameFiles", "PUT", "/rename", `{"root":"/","files":[{"from":"b.txt","to":"dir/a.txt"}]}`, `{"root":"/","files":[{"from":"b.txt","to":"c.txt"}]}`},
		"chmod":      {"clientChmodFiles", "POST", "/chmod", `{"root":"/dir","files":[{"file":"a.txt","mode":"600"}]}`, `{"root":"/","files":[{"file":"b.txt","mode":"600"}]}`},
		"copy":       {"clientCopyFile", "POST", "/copy", `{"location":"/dir/a.txt"}`, `{"location":"/dir/b.txt"}`},
		"decompress": {"clientDecompressFile", "POST", "/decompress", `{"root":"/dir","file":"a.txt"}`, `{"root":"/","file":"a.txt"}`},
		"folder":     {"clientCreateFolder", "POST", "/create-folder", `{"root":"/dir","name":"a.txt"}`, `{"name":"a.txt"}`},
		"any":        {"", "GET", "/download?file=/dir/a.txt", "", "/download?file=/dir/b.txt"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			panel := spoiled(t)
			files := "/api/client/servers/" + identify(t, panel, "lobby") + "/files"
			if err := panel.Fail(test.operation, 1, paneltest.FaultFor("/dir/a.txt"), paneltest.FaultStatus(http.StatusTeapot)); err != nil {
				t.Fatal(err)
			}
			other := newRequest(t, panel, panel.UserKey, test.method, files+test.other, test.body)
			if test.body != "" && strings.HasPrefix(test.other, "{") {
				other = newRequest(t, panel, panel.UserKey, test.method, files+test.path, test.other)
			}
			if answer := send(t, panel, other); answer.status == http.StatusTeapot {
				t.Error("another file is struck")
			}
			if answer := do(t, panel, panel.UserKey, test.method, files+test.path, test.body); answer.status != http.StatusTeapot {
				t.Errorf("the file is not struck: %d %s", answer.status, answer.body)
			}
			if answer := do(t, panel, panel.UserKey, test.method, files+test.path, test.body); answer.status == http.StatusTeapot {
				t.Error("it is struck twice")
			}
		})
	}
	panel := spoiled(t)
	for _, faults := range [][]paneltest.Fault{{paneltest.FaultFor("/a")}, {paneltest.FaultFor("a"), paneltest.FaultReset}, {"for", paneltest.FaultReset}} {
		if err := panel.Fail("", 1, faults...); err == nil {
			t.Errorf("%v can happen", faults)
		}
	}
}

// Transfers by signed URLs fail as they are told, one file of several.
func TestFaultsOfTransfers(t *testing.T) {
	t.Parallel()
	panel := spoiled(t)
	server := "/api/client/servers/" + identify(t, panel, "lobby")
	must(t, panel, panel.UserKey, http.MethodPost, server+"/files/write?file=/dir/a.txt", strings.Repeat("x", 100_000))
	signed := func(path string) string {
		return fmt.Sprint(must(t, panel, panel.UserKey, http.MethodGet, server+path, "").attributes()["url"])
	}
	download := func(file string) (reply, error) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, signed("/files/download?file="+file), nil)
		if err != nil {
			t.Fatal(err)
		}
		return try(panel, req)
	}
	upload := func(folder, name string) (reply, error) {
		var form bytes.Buffer
		w := multipart.NewWriter(&form)
		part, err := w.CreateFormFile("files", name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write(bytes.Repeat([]byte("y"), 200_000)) // to memory
		_ = w.Close()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, signed("/files/upload")+"&directory="+folder, &form)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", w.FormDataContentType())
		return try(panel, req)
	}
	size := func(name string) int {
		return len(do(t, panel, panel.UserKey, http.MethodGet, server+"/files/contents?file="+name, "").body)
	}
	fail := func(operation string, faults ...paneltest.Fault) {
		t.Helper()
		if err := panel.Fail(operation, 1, faults...); err != nil {
			t.Fatal(err)
		}
	}
	fail("wingsDownloadFile", paneltest.FaultFor("/dir/a.txt"), paneltest.FaultTruncated)
	if answer, err := download("/server.properties"); err != nil || answer.status != http.StatusOK {
		t.Errorf("another file: %d, %v", answer.status, err)
	}
	if answer, err := download("/dir/a.txt"); err == nil || len(answer.body) == 0 || len(answer.body) == 100_000 {
		t.Errorf("%d bytes, %v", len(answer.body), err)
	}
	if answer, err := download("/dir/a.txt"); err != nil || len(answer.body) != 100_000 {
		t.Errorf("then %d bytes, %v", len(answer.body), err)
	}
	fail("wingsUploadFiles", paneltest.FaultFor("/up/b.txt"), paneltest.FaultLost)
	fail("wingsUploadFiles", paneltest.FaultFor("/up/c.txt"), paneltest.FaultReset)
	fail("wingsUploadFiles", paneltest.FaultFor("/up/d.txt"), paneltest.FaultStatus(http.StatusBadGateway))
	if answer, err := upload("/up", "a.txt"); err != nil || answer.status != http.StatusOK || size("/up/a.txt") != 200_000 {
		t.Errorf("another file: %d %s, %v", answer.status, answer.body, err)
	}
	if answer, err := upload("/up", "b.txt"); err == nil || size("/up/b.txt") != 200_000 {
		t.Errorf("lost: %d, %d bytes", answer.status, size("/up/b.txt"))
	}
	if answer, err := upload("/up", "c.txt"); err == nil || size("/up/c.txt") == 200_000 {
		t.Errorf("reset: %d", answer.status)
	}
	if answer, err := upload("/up", "d.txt"); err != nil || answer.status != http.StatusBadGateway || string(answer.body) != `{"error":"Bad Gateway"}` {
		t.Errorf("502: %d %s, %v", answer.status, answer.body, err)
	}
	// What is meant for any operation waits for one of the Panel.
	url := signed("/files/download?file=/dir/a.txt")
	fail("", paneltest.FaultStatus(http.StatusTeapot))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := try(panel, req); err != nil || answer.status != http.StatusOK {
		t.Errorf("a transfer: %d, %v", answer.status, err)
	}
	if answer := do(t, panel, panel.UserKey, http.MethodGet, accountPath, ""); answer.status != http.StatusTeapot {
		t.Errorf("the Panel: %d", answer.status)
	}
}
