package paneltest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/ptero-go/ptero/paneltest"
)

func TestVersion07(t *testing.T) {
	t.Parallel()
	panel := newPanel(t, paneltest.WithVersion("0.7"))
	servers := must(t, panel, panel.UserKey, http.MethodGet, "/api/client", "")
	if servers.header.Get("X-RateLimit-Limit") != "60" || len(servers.items()) != 4 {
		t.Errorf("%v %s", servers.header, servers.body)
	}
	for _, after := range []string{"status", "internal_id", "node", "sftp_details", "relationships"} {
		if _, there := servers.items()[0][after]; there {
			t.Errorf("a server has %s, which came later", after)
		}
	}
	pagination := servers.document()["meta"].(map[string]any)["pagination"].(map[string]any)
	if links, isList := pagination["links"].([]any); !isList || len(links) != 0 {
		t.Errorf("the links are %v, not PHP's empty array", pagination["links"])
	}
	server := "/api/client/servers/" + servers.items()[0]["identifier"].(string)
	if state := must(t, panel, panel.UserKey, http.MethodGet, server+"/utilization", "").attributes()["state"]; state != "on" {
		t.Errorf("the state is %v", state)
	}
	must(t, panel, panel.UserKey, http.MethodPost, server+"/command", `{"command":"list"}`)
	for _, later := range []string{"/api/client/account", server + "/resources", server + "/files/list", "/api/application/nodes/deployable"} {
		if answer := do(t, panel, panel.AdminKey, http.MethodGet, later, ""); answer.status != http.StatusNotFound {
			t.Errorf("%s, which came later, answers %d", later, answer.status)
		}
	}
	refused := do(t, panel, panel.ApplicationKey, http.MethodPost, "/api/application/users", `{"email":"none"}`).document()
	entry := refused["errors"].([]any)[0].(map[string]any)
	if entry["code"] != "email" || entry["source"].(map[string]any)["field"] != "email" {
		t.Errorf("an error is %v", entry)
	}
	must(t, panel, panel.ApplicationKey, http.MethodPost, "/api/application/servers/1/rebuild", "")
	if users := must(t, panel, panel.ApplicationKey, http.MethodGet, "/api/application/users?search=subuser", "").items(); len(users) != 1 {
		t.Errorf("the search finds %d users", len(users))
	}
}

// What Panel 0.7 is documented to answer has the keys of what is played.
func TestVersion07HasTheDocumentedShapes(t *testing.T) {
	t.Parallel()
	seed := paneltest.DefaultSeed()
	seed.Servers[0].Databases = []paneltest.SeedDatabase{{Name: "stats"}}
	panel := newPanel(t, paneltest.WithVersion("0.7"), paneltest.WithSeed(seed))
	server := "/api/client/servers/" + must(t, panel, panel.UserKey, http.MethodGet, "/api/client", "").items()[0]["identifier"].(string)
	for file, test := range map[string]struct{ key, path string }{
		"clientListServers":                {panel.UserKey, "/api/client"},
		"clientGetServerUtilizationLegacy": {panel.UserKey, server + "/utilization"},
		"applicationGetNode":               {panel.ApplicationKey, "/api/application/nodes/1"},
		"applicationGetEgg":                {panel.ApplicationKey, "/api/application/nests/1/eggs/1"},
		"applicationListAllocations":       {panel.ApplicationKey, "/api/application/nodes/1/allocations"},
		"applicationListServers":           {panel.ApplicationKey, "/api/application/servers"},
		"applicationListServerDatabases":   {panel.ApplicationKey, "/api/application/servers/1/databases"},
	} {
		text, err := os.ReadFile("../testdata/panel07/" + file + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var documented any
		if err := json.Unmarshal(text, &documented); err != nil {
			t.Fatal(err)
		}
		compareKeys(t, file, documented, any(must(t, panel, test.key, http.MethodGet, test.path, "").document()))
	}
}

// anyKeys are objects with keys of their owner's choice.
var anyKeys = []string{".environment", ".config.files", ".config.startup", ".config.logs", ".cpu"}

// compareKeys compares the keys of two documents, in lists of the first entries.
func compareKeys(t *testing.T, at string, documented, ours any) {
	t.Helper()
	for _, suffix := range anyKeys {
		if strings.HasSuffix(at, suffix) {
			return
		}
	}
	switch documented := documented.(type) {
	case map[string]any:
		ours, isObject := ours.(map[string]any)
		if !isObject {
			t.Errorf("%s is no object", at)
			return
		}
		for key, value := range documented {
			if _, there := ours[key]; !there {
				t.Errorf("%s.%s is missing", at, key)
				continue
			}
			compareKeys(t, at+"."+key, value, ours[key])
		}
		for key := range ours {
			if _, there := documented[key]; !there {
				t.Errorf("%s.%s is not documented", at, key)
			}
		}
	case []any:
		if ours, isList := ours.([]any); isList && len(ours) > 0 && len(documented) > 0 {
			compareKeys(t, at+"[0]", documented[0], ours[0])
		}
	}
}

func TestVersionsThatDoNotExist(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"", "1", "2.0"} {
		if panel, err := paneltest.New(paneltest.WithVersion(version)); err == nil {
			panel.Close()
			t.Errorf("there is a version %q", version)
		}
	}
}

// authenticate opens a socket of a server, and returns what answers its token.
func authenticate(t *testing.T, panel *paneltest.Panel, server string) string {
	t.Helper()
	var credentials struct {
		Data struct{ Token, Socket string }
	}
	if err := json.Unmarshal(must(t, panel, panel.UserKey, http.MethodGet, server+"/websocket", "").body, &credentials); err != nil {
		t.Fatal(err)
	}
	conn, _, err := websocket.Dial(t.Context(), credentials.Data.Socket, &websocket.DialOptions{ //nolint:bodyclose // there is none
		HTTPClient: panel.HTTPClient(), HTTPHeader: http.Header{"Origin": {panel.URL}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }()
	if err := conn.Write(t.Context(), websocket.MessageText, []byte(`{"event":"auth","args":["`+credentials.Data.Token+`"]}`)); err != nil {
		t.Fatal(err)
	}
	_, message, err := conn.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return string(message)
}

// Wings 1.12.2 and later want to know what a token is for, which Panels before
// 1.12.3 do not say.
func TestWingsThatDoesNotFit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		panel, wings string
		fits         bool
	}{
		{"1.11", "", true},
		{"1.12.0", "", true},
		{"1.12.3", "", true},
		{"1.12.3", "1.11", true},
		{"1.12.3", "1.12.0", true},
		{"1.11", "1.12.0", true},
		{"1.11", "1.12.3", false},
		{"1.12.0", "1.12.3", false},
	} {
		options := []paneltest.Option{paneltest.WithVersion(test.panel)}
		if test.wings != "" {
			options = append(options, paneltest.WithWings(test.wings))
		}
		panel := newPanel(t, options...)
		server := "/api/client/servers/" + identify(t, panel, "lobby")
		want := `{"event":"auth success"}`
		if !test.fits {
			want = `: jwt: missing connect permission"]}`
		}
		if answer := strings.TrimSpace(authenticate(t, panel, server)); !strings.HasSuffix(answer, want) {
			t.Errorf("Panel %s, Wings %s: a token is answered by %s", test.panel, test.wings, answer)
		}
		backup, _ := must(t, panel, panel.UserKey, http.MethodPost, server+"/backups", "{}").attributes()["uuid"].(string)
		for _, path := range []string{"/files/download?file=server.properties", "/files/upload", "/backups/" + backup + "/download"} {
			signed, _ := must(t, panel, panel.UserKey, http.MethodGet, server+path, "").attributes()["url"].(string)
			method := http.MethodGet
			if strings.HasSuffix(path, "upload") {
				method = http.MethodPost
			}
			req, err := http.NewRequestWithContext(t.Context(), method, signed, nil)
			if err != nil {
				t.Fatal(err)
			}
			if answer := send(t, panel, req); (answer.status == http.StatusNotFound) == test.fits {
				t.Errorf("Panel %s, Wings %s: %s answers %d %s", test.panel, test.wings, path, answer.status, answer.body)
			}
		}
	}
	for _, version := range []string{"", "0.7", "1.12.9"} {
		if panel, err := paneltest.New(paneltest.WithWings(version)); err == nil {
			panel.Close()
			t.Errorf("there is a Wings %q", version)
		}
	}
}

func TestWingsOf111ListsFilesFirst(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{"1.11": "server.properties logs", "1.12.3": "logs server.properties"} {
		panel := newPanel(t, paneltest.WithVersion(version))
		var names []string
		for _, file := range must(t, panel, panel.UserKey, http.MethodGet, "/api/client/servers/"+identify(t, panel, "lobby")+"/files/list", "").items() {
			names = append(names, fmt.Sprint(file["name"]))
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s lists %s, want %s", version, got, want)
		}
	}
}

func TestLongIdentifiers(t *testing.T) {
	t.Parallel()
	seed := paneltest.DefaultSeed()
	seed.Servers[0].UUID = "efe3326a-35eb-4ac8-9708-d6b8f06cc77e"
	const long = "serv_57rte2rv5nfmrfyi224pa3ghpy" // as recorded
	panel := newPanel(t, paneltest.WithSeed(seed))
	for _, path := range []string{"/" + long, "/efe3326a", "/" + seed.Servers[0].UUID} {
		shown := must(t, panel, panel.UserKey, http.MethodGet, "/api/client/servers"+path, "").attributes()
		if shown["server_identifier"] != long || shown["__deprecated_uuid_short"] != "efe3326a" || shown["identifier"] != "efe3326a" {
			t.Errorf("%s: %v", path, shown)
		}
	}
	must(t, panel, panel.UserKey, http.MethodPost, "/api/client/servers/"+long+"/power", `{"signal":"kill"}`)
	for _, nothing := range []string{"serv_", "serv_57rte2rv5nfmrfyi224pa3ghp", "SERV_57RTE2RV5NFMRFYI224PA3GHPY", "user_57rte2rv5nfmrfyi224pa3ghpy", "serv_aaaaaaaaaaaaaaaaaaaaaaaaaa"} {
		if answer := do(t, panel, panel.UserKey, http.MethodGet, "/api/client/servers/"+nothing, ""); answer.status != http.StatusNotFound {
			t.Errorf("%s is a server: %d", nothing, answer.status)
		}
	}
	subuser := must(t, panel, panel.UserKey, http.MethodGet, "/api/client/servers/efe3326a/users", "").items()[0]
	if id, _ := subuser["identifier"].(string); !strings.HasPrefix(id, "user_") || len(id) != len(long) {
		t.Errorf("a subuser is %v", subuser)
	}
	line := must(t, panel, panel.UserKey, http.MethodGet, "/api/client/servers/efe3326a/activity?include=actor", "").items()[0]
	actor, _ := line["relationships"].(map[string]any)["actor"].(map[string]any)["attributes"].(map[string]any)
	if id, _ := actor["identifier"].(string); !strings.HasPrefix(id, "user_") {
		t.Errorf("an actor is %v", actor)
	}
	older := newPanel(t, paneltest.WithSeed(seed), paneltest.WithVersion("1.11"))
	if answer := do(t, older, older.UserKey, http.MethodGet, "/api/client/servers/"+long, ""); answer.status != http.StatusNotFound {
		t.Errorf("1.11 knows %s: %d", long, answer.status)
	}
	shown := must(t, older, older.UserKey, http.MethodGet, "/api/client/servers/efe3326a", "").attributes()
	if _, there := shown["server_identifier"]; there || shown["__deprecated_uuid_short"] != nil {
		t.Errorf("1.11 shows %v", shown)
	}
}

func TestRefusalsByVersion(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]struct {
		unknownVariable int
		notTold         string
	}{
		"1.11":   {http.StatusInternalServerError, "<strong>has been updated</strong>"},
		"1.12.3": {http.StatusBadRequest, "has been updated, however"},
	} {
		panel := newPanel(t, paneltest.WithVersion(version))
		server := "/api/client/servers/" + identify(t, panel, "lobby")
		if answer := do(t, panel, panel.UserKey, http.MethodPut, server+"/startup/variable", `{"key":"NONE","value":"1"}`); answer.status != want.unknownVariable {
			t.Errorf("%s: an unknown variable gets %d %s", version, answer.status, answer.body)
		}
		if answer := do(t, panel, panel.UserKey, http.MethodPut, accountPath+"/email", `{"email":"a@example.org","password":"wrong"}`); answer.first() != "InvalidPasswordProvidedException" {
			t.Errorf("%s: a wrong password gets %d %s", version, answer.status, answer.body)
		}
		if err := panel.StopNode(2); err != nil {
			t.Fatal(err)
		}
		node := `{"name":"moved","location_id":1,"fqdn":"node.example.org","scheme":"http","memory":1024,"disk":1024,"memory_overallocate":0,` +
			`"disk_overallocate":0,"daemon_sftp":2022,"daemon_listen":8080}`
		answer := do(t, panel, panel.ApplicationKey, http.MethodPatch, "/api/application/nodes/2", node)
		if answer.first() != "ConfigurationNotPersistedException" || answer.status != http.StatusBadRequest || !strings.Contains(detail(answer), want.notTold) {
			t.Errorf("%s: a node out of reach gets %d %s", version, answer.status, answer.body)
		}
		if name := must(t, panel, panel.ApplicationKey, http.MethodGet, "/api/application/nodes/2", "").attributes()["name"]; name != "moved" {
			t.Errorf("%s: it was not stored: %v", version, name)
		}
	}
}

// detail is what the first error says.
func detail(answer reply) string {
	var document struct{ Errors []struct{ Detail string } }
	if json.Unmarshal(answer.body, &document) != nil || len(document.Errors) == 0 {
		return ""
	}
	return document.Errors[0].Detail
}

// What the Panel knows of a server's use may be 20 s old, whatever was done to it.
func TestResourcesAreCached(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		panel := newPanel(t, paneltest.InMemory())
		server := "/api/client/servers/" + identify(t, panel, "lobby")
		state := func() any {
			return must(t, panel, panel.UserKey, http.MethodGet, server+"/resources", "").attributes()["current_state"]
		}
		if now := state(); now != "running" {
			t.Fatal(now)
		}
		must(t, panel, panel.UserKey, http.MethodPost, server+"/power", `{"signal":"kill"}`)
		time.Sleep(20*time.Second - time.Millisecond)
		if now := state(); now != "running" {
			t.Errorf("within 20 s it is %v", now)
		}
		if answer := do(t, panel, panel.UserKey, http.MethodPost, server+"/command", `{"command":"list"}`); answer.status != http.StatusBadGateway ||
			!strings.Contains(string(answer.body), "Server must be online in order to send commands.") || answer.first() != "HttpException" {
			t.Errorf("a command gets %d %s", answer.status, answer.body)
		}
		time.Sleep(time.Millisecond)
		if now := state(); now != "offline" {
			t.Errorf("after 20 s it is %v", now)
		}
	})
}

func TestPermissionsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	panel := newPanel(t)
	users := "/api/client/servers/" + identify(t, panel, "lobby") + "/users"
	permissions := func(answer reply) string { return strings.Trim(fmt.Sprint(answer.attributes()["permissions"]), "[]") }
	created := must(t, panel, panel.UserKey, http.MethodPost, users, `{"email":"new@example.org","permissions":["file.read","control.start","unknown","backup.read"]}`)
	if got := permissions(created); got != "file.read control.start backup.read websocket.connect" {
		t.Errorf("they are %s", got)
	}
	user := users + "/" + fmt.Sprint(created.attributes()["uuid"])
	for _, step := range []struct{ sent, want string }{
		{`"websocket.connect","backup.read","file.read"`, "websocket.connect backup.read file.read"},
		{`"file.read","backup.read"`, "websocket.connect backup.read file.read"}, // the same ones: nothing is changed
		{`"file.read"`, "file.read websocket.connect"},
	} {
		if got := permissions(must(t, panel, panel.UserKey, http.MethodPost, user, `{"permissions":[`+step.sent+`]}`)); got != step.want {
			t.Errorf("%s became %s, want %s", step.sent, got, step.want)
		}
	}
}
