package paneltest_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ptero-go/ptero/paneltest"
)

// writeSeed writes a file with a seed.
func writeSeed(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "seed.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// The smallest seed that has a server.
const smallSeed = `{"users":[{}],"locations":[{}],"nodes":[{"allocations":[{}]}],"nests":[{"eggs":[{}]}],"servers":[{}]}`

func TestSeedFromAFile(t *testing.T) {
	t.Parallel()
	const key = "ptlc_0123456789a" + "0123456789abcdef0123456789abcdef"
	panel := newPanel(t, paneltest.WithSeedFile(writeSeed(t, `{
		"users": [
			{"username": "root", "admin": true},
			{"id": 7, "username": "alice", "email": "alice@example.com", "keys": [{"key": "`+key+`"}], "created": "2024-02-29T12:00:00Z"},
			{"username": "bob"}
		],
		"locations": [{"short": "home"}],
		"nodes": [{"name": "node-1", "memory": 4096, "allocations": [{"port": 25565}, {"ip": "10.0.0.1", "port": 25566, "alias": "games"}]}],
		"nests": [{"name": "Games", "eggs": [{
			"name": "Echo", "startup": "./echo {{WORD}}", "config_startup": {"done": "ready"},
			"variables": [{"name": "Word", "env_variable": "WORD", "default_value": "hi", "rules": "required|string|max:5"}],
			"game": {"boot": ["booting"], "done": "ready", "boot_time": "10ms"}
		}]}],
		"servers": [{
			"id": 40, "uuid": "1a2b3c4d-0000-4000-8000-000000000000", "name": "mine", "owner": 7, "allocations": [2],
			"environment": {"WORD": "hello"}, "files": {"a/b.txt": "B"}, "status": "",
			"subusers": [{"user": 8, "permissions": ["file.read"]}],
			"schedules": [{"name": "nightly", "cron": "30 4 * * *", "tasks": [{"action": "power", "payload": "restart"}]}]
		}]
	}`)))
	if panel.UserKey != key {
		t.Errorf("the user's key is %s", panel.UserKey)
	}
	server := must(t, panel, key, http.MethodGet, "/api/client/servers/1a2b3c4d", "").attributes()
	if server["internal_id"] != 40.0 || server["invocation"] != "./echo hello" || server["name"] != "mine" {
		t.Errorf("the server is %v", server)
	}
	if content := must(t, panel, panel.AdminKey, http.MethodGet, "/api/client/servers/1a2b3c4d/files/contents?file=/a/b.txt", "").body; string(content) != "B" {
		t.Errorf("the file holds %q", content)
	}
	schedule := must(t, panel, key, http.MethodGet, "/api/client/servers/1a2b3c4d/schedules", "").items()[0]
	if cron := schedule["cron"].(map[string]any); cron["minute"] != "30" || cron["hour"] != "4" {
		t.Errorf("the schedule is %v", schedule)
	}
	if created := must(t, panel, panel.AdminKey, http.MethodGet, "/api/application/users/7", "").attributes()["created_at"]; created != "2024-02-29T12:00:00+00:00" {
		t.Errorf("the user was made at %v", created)
	}
	must(t, panel, panel.SubuserKey, http.MethodGet, "/api/client/servers/1a2b3c4d/files/list", "")
	if answer := do(t, panel, key, http.MethodPut, "/api/client/servers/1a2b3c4d/startup/variable", `{"key":"WORD","value":"too long"}`); answer.first() != "ValidationException value max" {
		t.Errorf("%d %s", answer.status, answer.body)
	}
}

func TestSmallestSeed(t *testing.T) {
	t.Parallel()
	panel := newPanel(t, paneltest.WithSeedFile(writeSeed(t, smallSeed)))
	if servers := must(t, panel, panel.UserKey, http.MethodGet, "/api/client", "").items(); len(servers) != 1 {
		t.Errorf("there are %d servers", len(servers))
	}
	if panel.AdminKey != "" || panel.SubuserKey != "" || panel.ApplicationKey != "" {
		t.Errorf("there are keys of nobody: %q %q %q", panel.AdminKey, panel.SubuserKey, panel.ApplicationKey)
	}
}

func TestSeedsThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no JSON":          `{`,
		"unknown field":    `{"user":[]}`,
		"unknown in game":  `{"nests":[{"eggs":[{"game":{"boots":[]}}]}]}`,
		"duration":         `{"nests":[{"eggs":[{"game":{"boot_time":5}}]}]}`,
		"bad duration":     `{"nests":[{"eggs":[{"game":{"boot_time":"soon"}}]}]}`,
		"short key":        `{"users":[{"keys":[{"key":"ptlc_short"}]}]}`,
		"no location":      `{"nodes":[{"location":3}]}`,
		"no owner":         strings.Replace(smallSeed, `"servers":[{}]`, `"servers":[{"owner":9}]`, 1),
		"no egg":           strings.Replace(smallSeed, `"servers":[{}]`, `"servers":[{"egg":9}]`, 1),
		"no allocation":    strings.Replace(smallSeed, `"servers":[{}]`, `"servers":[{"allocations":[9]}]`, 1),
		"taken allocation": strings.Replace(smallSeed, `"servers":[{}]`, `"servers":[{},{}]`, 1),
		"status":           strings.Replace(smallSeed, `"servers":[{}]`, `"servers":[{"status":"fine"}]`, 1),
		"uuid":             strings.Replace(smallSeed, `"servers":[{}]`, `"servers":[{"uuid":"short"}]`, 1),
		"cron":             strings.Replace(smallSeed, `"servers":[{}]`, `"servers":[{"schedules":[{"name":"x","cron":"soon"}]}]`, 1),
		"database host":    strings.Replace(smallSeed, `"servers":[{}]`, `"servers":[{"databases":[{"name":"x"}]}]`, 1),
		"subuser":          strings.Replace(smallSeed, `"servers":[{}]`, `"servers":[{"subusers":[{"user":9}]}]`, 1),
		"config":           `{"nests":[{"eggs":[{"config_from":9}]}]}`,
	} {
		panel, err := paneltest.New(paneltest.WithSeedFile(writeSeed(t, text)))
		if err == nil {
			panel.Close()
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := paneltest.New(paneltest.WithSeedFile("no/such/file.json")); err == nil {
		t.Error("no file: no error")
	}
}

// A seed in Go and the same one in JSON are the same.
func TestSeedsAsJSON(t *testing.T) {
	t.Parallel()
	seed := paneltest.DefaultSeed()
	seed.Nests[0].Eggs[0].Game.Rate = 2.5
	seed.Users[0].Created = time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)
	text, err := json.Marshal(seed)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), `"boot_time":"400ms"`) {
		t.Errorf("durations are no texts: %s", text)
	}
	read, err := paneltest.ReadSeed(writeSeed(t, string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(read, seed) {
		t.Errorf("it became\n%+v\nfrom\n%+v", read, seed)
	}
}

func TestGeneratedSeed(t *testing.T) {
	t.Parallel()
	panel := newPanel(t, paneltest.WithSeed(paneltest.GenerateSeed(101)))
	answer := must(t, panel, panel.AdminKey, http.MethodGet, "/api/client?type=admin-all&per_page=100&page=2", "")
	if len(answer.items()) != 1 {
		t.Errorf("the second page holds %d servers", len(answer.items()))
	}
	if users := must(t, panel, panel.ApplicationKey, http.MethodGet, "/api/application/users?filter[username]=player", "").items(); len(users) != 11 {
		t.Errorf("there are %d players", len(users))
	}
}
