package paneltest_test

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

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
