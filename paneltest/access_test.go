package paneltest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/paneltest"
)

// permissionTable has the requests about a server that need a permission. Their
// bodies are often wrong: what matters is which refusal comes first.
const permissionTable = `
websocket.connect       GET    /websocket
control.console         POST   /command {"command":"hi"}
control.start           POST   /power {"signal":"start"}
control.stop            POST   /power {"signal":"stop"}
control.stop            POST   /power {"signal":"kill"}
control.restart         POST   /power {"signal":"restart"}
activity.read           GET    /activity
database.read           GET    /databases
database.create         POST   /databases
database.update         POST   /databases/1/rotate-password
database.delete         DELETE /databases/1
file.read               GET    /files/list
file.read-content       GET    /files/contents
file.read-content       GET    /files/download
file.create             GET    /files/upload
file.create             POST   /files/write
file.create             POST   /files/copy
file.create             POST   /files/create-folder
file.create             POST   /files/decompress
file.create             POST   /files/pull
file.update             PUT    /files/rename
file.update             POST   /files/chmod
file.archive            POST   /files/compress
file.delete             POST   /files/delete
schedule.read           GET    /schedules
schedule.read           GET    /schedules/1
schedule.create         POST   /schedules
schedule.update         POST   /schedules/1
schedule.update         POST   /schedules/1/execute
schedule.update         POST   /schedules/1/tasks
schedule.update         POST   /schedules/1/tasks/1
schedule.update         DELETE /schedules/1/tasks/1
schedule.delete         DELETE /schedules/1
allocation.read         GET    /network/allocations
allocation.create       POST   /network/allocations
allocation.update       POST   /network/allocations/1
allocation.update       POST   /network/allocations/1/primary
allocation.delete       DELETE /network/allocations/1
user.read               GET    /users
user.read               GET    /users/none
user.create             POST   /users
user.update             POST   /users/none
user.delete             DELETE /users/none
backup.read             GET    /backups
backup.read             GET    /backups/none
backup.create           POST   /backups
backup.delete           POST   /backups/none/lock
backup.delete           DELETE /backups/none
backup.download         GET    /backups/none/download
backup.restore          POST   /backups/none/restore
startup.read            GET    /startup
startup.update          PUT    /startup/variable
startup.docker-image    PUT    /settings/docker-image
settings.rename         POST   /settings/rename
settings.reinstall      POST   /settings/reinstall`

// hasEverything is a panel with a server that has something of everything, and
// a subuser with no permission.
func hasEverything(t *testing.T, opts ...paneltest.Option) *paneltest.Panel {
	t.Helper()
	seed := paneltest.DefaultSeed()
	lobby := &seed.Servers[0]
	lobby.Databases = []paneltest.SeedDatabase{{Name: "stats"}}
	lobby.Backups = []paneltest.SeedBackup{{Name: "first"}}
	lobby.Subusers = []paneltest.SeedSubuser{{User: 3}}
	lobby.Allocations = []int{1, 10}
	return newPanel(t, append([]paneltest.Option{paneltest.WithSeed(seed)}, opts...)...)
}

func TestSubusersNeedPermissions(t *testing.T) {
	t.Parallel()
	for line := range strings.SplitSeq(strings.TrimSpace(permissionTable), "\n") {
		fields := strings.Fields(line)
		permission, method, path, body := fields[0], fields[1], fields[2], strings.Join(fields[3:], "")
		t.Run(method+path, func(t *testing.T) {
			t.Parallel()
			panel := hasEverything(t)
			server := "/api/client/servers/" + identify(t, panel, "lobby")
			if answer := do(t, panel, panel.SubuserKey, method, server+path, body); answer.status != http.StatusForbidden {
				t.Errorf("without the permission: %d %s", answer.status, answer.body)
			}
			subusers := must(t, panel, panel.UserKey, http.MethodGet, server+"/users", "").items()
			uuid, _ := subusers[0]["uuid"].(string)
			must(t, panel, panel.UserKey, http.MethodPost, server+"/users/"+uuid, `{"permissions":["`+permission+`"]}`)
			if answer := do(t, panel, panel.SubuserKey, method, server+path, body); answer.status == http.StatusForbidden {
				t.Errorf("with the permission: %s", answer.body)
			}
		})
	}
}

func TestWhatSubusersSeeOfAServer(t *testing.T) {
	t.Parallel()
	panel := hasEverything(t)
	server := "/api/client/servers/" + identify(t, panel, "lobby")
	must(t, panel, panel.UserKey, http.MethodPost, server+"/network/allocations/1", `{"notes":"secret"}`)
	for key, want := range map[string]struct {
		allocations int
		note        any
		hidden      bool
	}{
		panel.UserKey:    {2, "secret", false},
		panel.SubuserKey: {1, nil, true},
	} {
		attributes := must(t, panel, key, http.MethodGet, server+"?include=subusers", "").attributes()
		related := attributes["relationships"].(map[string]any)
		allocations := related["allocations"].(map[string]any)["data"].([]any)
		note := allocations[0].(map[string]any)["attributes"].(map[string]any)["notes"]
		if len(allocations) != want.allocations || note != want.note {
			t.Errorf("%d allocations with the note %v, want %+v", len(allocations), note, want)
		}
		for _, relation := range []string{"variables", "subusers"} {
			if kind := related[relation].(map[string]any)["object"]; (kind == "null_resource") != want.hidden {
				t.Errorf("%s is a %v", relation, kind)
			}
		}
		if invocation := attributes["invocation"].(string); strings.Contains(invocation, "[hidden]") != want.hidden {
			t.Errorf("the invocation is %s", invocation)
		}
	}
}

func TestSubusersGrantNoMoreThanTheyHave(t *testing.T) {
	t.Parallel()
	seed := paneltest.DefaultSeed()
	seed.Servers[0].Subusers[0].Permissions = []string{"user.create", "user.update", "file.read"}
	panel := newPanel(t, paneltest.WithSeed(seed))
	users := "/api/client/servers/" + identify(t, panel, "lobby") + "/users"
	if answer := do(t, panel, panel.SubuserKey, http.MethodPost, users,
		`{"email":"new@example.org","permissions":["file.delete"]}`); answer.first() != "HttpForbiddenException" {
		t.Errorf("%d %s", answer.status, answer.body)
	}
	must(t, panel, panel.SubuserKey, http.MethodPost, users, `{"email":"new@example.org","permissions":["file.read"]}`)
	own, _ := must(t, panel, panel.UserKey, http.MethodGet, users, "").items()[0]["uuid"].(string)
	if answer := do(t, panel, panel.SubuserKey, http.MethodPost, users+"/"+own, `{"permissions":["file.read"]}`); answer.status != http.StatusForbidden {
		t.Errorf("subusers change themselves: %d %s", answer.status, answer.body)
	}
}

func TestKeysByTheirKinds(t *testing.T) {
	t.Parallel()
	panel := newPanel(t)
	for _, test := range []struct {
		name, key, path string
		status          int
	}{
		{"no key", "", "/api/client/account", http.StatusUnauthorized},
		{"an unknown key", "ptlc_unknown", "/api/client/account", http.StatusUnauthorized},
		{"a user's key", panel.UserKey, "/api/client/account", http.StatusOK},
		{"a user's key", panel.UserKey, "/api/application/users", http.StatusForbidden},
		{"an admin's key", panel.AdminKey, "/api/application/users", http.StatusOK},
		{"an application key", panel.ApplicationKey, "/api/application/users", http.StatusOK},
		{"an application key", panel.ApplicationKey, "/api/client/account", http.StatusForbidden},
		{"an unknown key, for nothing", "", "/api/application/nothing", http.StatusNotFound},
	} {
		if answer := do(t, panel, test.key, http.MethodGet, test.path, ""); answer.status != test.status {
			t.Errorf("%s for %s: %d %s", test.name, test.path, answer.status, answer.body)
		}
	}
	if other := do(t, panel, panel.UserKey, http.MethodGet, "/api/client/servers/"+identify(t, panel, "proxy"), ""); other.status != http.StatusNotFound {
		t.Errorf("somebody else's server: %d %s", other.status, other.body)
	}
}

func TestKeysWorkFromTheirAddresses(t *testing.T) {
	t.Parallel()
	panel := newPanel(t)
	keys := "/api/client/account/api-keys"
	for address, status := range map[string]int{"127.0.0.0/8": http.StatusOK, "127.0.0.1": http.StatusOK, "10.0.0.0/8": http.StatusForbidden} {
		document := must(t, panel, panel.UserKey, http.MethodPost, keys, `{"description":"x","allowed_ips":["`+address+`"]}`).document()
		key := document["attributes"].(map[string]any)["identifier"].(string) + document["meta"].(map[string]any)["secret_token"].(string)
		if answer := do(t, panel, key, http.MethodGet, "/api/client/account", ""); answer.status != status {
			t.Errorf("from %s: %d %s", address, answer.status, answer.body)
		}
	}
	if answer := do(t, panel, panel.UserKey, http.MethodPost, keys, `{"description":"x","allowed_ips":["home"]}`); answer.first() != "ValidationException allowed_ips.0" {
		t.Errorf("%d %s", answer.status, answer.body)
	}
}

func TestApplicationKeysHaveRights(t *testing.T) {
	t.Parallel()
	const readKey, noneKey = "ptla_readonly000" + "0123456789abcdef0123456789abcdef", "ptla_nothing0000" + "0123456789abcdef0123456789abcdef"
	seed := paneltest.DefaultSeed()
	seed.Users[0].Keys = append(seed.Users[0].Keys,
		paneltest.SeedKey{Key: readKey, Rights: map[string]string{
			"users": "read", "nodes": "read", "allocations": "read", "locations": "read", "nests": "read", "eggs": "read", "databases": "read",
		}},
		paneltest.SeedKey{Key: noneKey, Rights: map[string]string{}},
	)
	panel := newPanel(t, paneltest.WithSeed(seed))
	for _, test := range []struct {
		method, path string
		read         bool // is enough
	}{
		{http.MethodGet, "users", true},
		{http.MethodGet, "users/1", true},
		{http.MethodPost, "users", false},
		{http.MethodPatch, "users/1", false},
		{http.MethodDelete, "users/1", false},
		{http.MethodGet, "nodes", true},
		{http.MethodGet, "nodes/1/configuration", true},
		{http.MethodPost, "nodes", false},
		{http.MethodGet, "nodes/1/allocations", true},
		{http.MethodPost, "nodes/1/allocations", false},
		{http.MethodDelete, "nodes/1/allocations/9", false},
		{http.MethodGet, "locations", true},
		{http.MethodPost, "locations", false},
		{http.MethodGet, "nests", true},
		{http.MethodGet, "nests/1/eggs", true},
		{http.MethodGet, "nests/1/eggs/1", true},
		{http.MethodGet, "servers", false}, // a right that the key has not
		{http.MethodPost, "servers/1/suspend", false},
		{http.MethodGet, "servers/1/databases", true},
		{http.MethodPost, "servers/1/databases", false},
	} {
		want := http.StatusForbidden
		if test.read {
			want = http.StatusOK
		}
		if answer := do(t, panel, readKey, test.method, "/api/application/"+test.path, ""); answer.status != want {
			t.Errorf("%s %s: %d %s", test.method, test.path, answer.status, answer.body)
		}
		if answer := do(t, panel, noneKey, test.method, "/api/application/"+test.path, ""); answer.status != http.StatusForbidden {
			t.Errorf("%s %s, with no right: %d %s", test.method, test.path, answer.status, answer.body)
		}
	}
	related := must(t, panel, readKey, http.MethodGet, "/api/application/users/2?include=servers", "").attributes()["relationships"].(map[string]any)
	if kind := related["servers"].(map[string]any)["object"]; kind != "null_resource" {
		t.Errorf("servers that the key may not read are a %v", kind)
	}
}

func TestTwoFactorCanBeRequired(t *testing.T) {
	t.Parallel()
	seed := paneltest.DefaultSeed()
	seed.RequireTwoFactor = true
	panel := newPanel(t, paneltest.WithSeed(seed))
	if answer := do(t, panel, panel.UserKey, http.MethodGet, "/api/client", ""); answer.first() != "TwoFactorAuthRequiredException" {
		t.Errorf("%d %s", answer.status, answer.body)
	}
	must(t, panel, panel.UserKey, http.MethodGet, "/api/client/account", "")
	must(t, panel, panel.UserKey, http.MethodGet, "/api/client/account/two-factor", "")
}
