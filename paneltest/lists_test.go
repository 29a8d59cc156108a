package paneltest_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/paneltest"
)

// pageOf is what the meta of a list says.
func pageOf(t *testing.T, answer reply) map[string]any {
	t.Helper()
	meta, _ := answer.document()["meta"].(map[string]any)
	pagination, isPage := meta["pagination"].(map[string]any)
	if !isPage {
		t.Fatalf("there are no pages: %.200s", answer.body)
	}
	return pagination
}

func TestPages(t *testing.T) {
	t.Parallel()
	panel := newPanel(t, paneltest.WithSeed(paneltest.GenerateSeed(120)))
	for _, test := range []struct {
		path                     string
		size, count, page, total float64
		next                     string
	}{
		{"/api/client?type=admin-all", 50, 50, 1, 120, "?type=admin-all&page=2"},
		{"/api/client?type=admin-all&per_page=500", 100, 100, 1, 120, "?type=admin-all&per_page=500&page=2"},
		{"/api/client?type=admin-all&page=3", 50, 20, 3, 120, ""},
		{"/api/client?type=admin-all&page=9", 50, 0, 9, 120, ""},
		{"/api/client?type=admin-all&page=x&per_page=-1", 50, 50, 1, 120, "?type=admin-all&per_page=-1&page=2"},
		{"/api/application/servers?per_page=500", 500, 120, 1, 120, ""},
		{"/api/application/servers?per_page=0", 15, 15, 1, 120, "?page=2"},
		{"/api/application/servers?page=2&sort=-id", 50, 50, 2, 120, "?page=3"},
		{"/api/application/nodes/1/allocations?filter[port]=10000", 50, 1, 1, 1, ""},
	} {
		answer := must(t, panel, panel.AdminKey, http.MethodGet, test.path, "")
		page := pageOf(t, answer)
		next, _ := page["links"].(map[string]any)["next"].(string)
		if page["per_page"] != test.size || page["count"] != test.count || page["current_page"] != test.page || page["total"] != test.total ||
			len(answer.items()) != int(test.count) || !strings.HasSuffix(next, test.next) || (next == "") != (test.next == "") {
			t.Errorf("%s: %v", test.path, page)
		}
	}
	for _, path := range []string{"/api/application/servers?per_page=-1", "/api/application/users?per_page=many"} {
		if answer := do(t, panel, panel.AdminKey, http.MethodGet, path, ""); answer.status != http.StatusInternalServerError {
			t.Errorf("%s: %d", path, answer.status)
		}
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	panel := newPanel(t)
	user, application := panel.UserKey, panel.ApplicationKey
	id := identify(t, panel, "survival")
	for _, test := range []struct{ key, path, name, found string }{
		{user, "/api/client?filter[name]=a", "name", "survival installing"},
		{user, "/api/client?filter[name]=lob,sus", "name", "lobby suspended"},
		{user, "/api/client?filter[external_id]=lobby-1", "name", "lobby"},
		{user, "/api/client?filter[description]=begins", "name", "lobby"},
		{user, "/api/client?filter[uuid]=" + id, "name", "survival"},
		{user, "/api/client?filter[*]=" + id, "name", "survival"},
		{user, "/api/client?filter[*]=SURV", "name", "survival"},
		{user, "/api/client?filter[*]=:25566", "name", "survival"},
		{user, "/api/client?filter[*]=127.0.0.1:25565", "name", "lobby"},
		{user, "/api/client?filter[*]=127.0.0.1", "name", "lobby survival installing suspended"},
		{user, "/api/client?type=owner", "name", "lobby survival installing suspended"},
		{user, "/api/client?type=admin", "name", ""},
		{panel.SubuserKey, "/api/client", "name", "lobby"},
		{panel.AdminKey, "/api/client", "name", "proxy"},
		{panel.AdminKey, "/api/client?type=admin", "name", "lobby survival installing suspended"},
		{panel.AdminKey, "/api/client?type=admin-all&filter[name]=o", "name", "lobby proxy"},
		{application, "/api/application/users?filter[email]=user@", "username", "user subuser"},
		{application, "/api/application/users?filter[username]=adm", "username", "admin"},
		{application, "/api/application/nodes?filter[name]=2", "name", "node-2"},
		{application, "/api/application/locations?filter[short]=home", "short", "home"},
		{application, "/api/application/locations?filter[long]=nowhere", "short", ""},
		{application, "/api/application/servers?filter[image]=debian", "name", "proxy"},
		{application, "/api/application/servers?filter[uuidShort]=" + id, "name", "survival"},
		{application, "/api/application/nodes/1/allocations?filter[server_id]=1", "id", "1"},
		{application, "/api/application/nodes/2/allocations?filter[server_id]=0", "id", "12 13 14 15"},
		{application, "/api/application/nodes/2/allocations?filter[port]=25566", "id", "12"},
	} {
		var found []string
		for _, item := range must(t, panel, test.key, http.MethodGet, test.path, "").items() {
			found = append(found, fmt.Sprint(item[test.name]))
		}
		if got := strings.Join(found, " "); got != test.found {
			t.Errorf("%s finds %q, want %q", test.path, got, test.found)
		}
	}
	for path, code := range map[string]string{
		"/api/client?filter[color]=red":             "InvalidFilterQuery",
		"/api/application/users?filter[color]=red":  "InvalidFilterQuery",
		"/api/application/users?sort=color":         "InvalidSortQuery",
		"/api/application/servers?sort=-name":       "InvalidSortQuery",
		"/api/client/account/activity?sort=-id":     "InvalidSortQuery",
		"/api/client?filter[*]=a,b":                 "ErrorException",
		"/api/application/servers?include=transfer": "TypeError",
	} {
		if answer := do(t, panel, panel.AdminKey, http.MethodGet, path, ""); answer.first() != code {
			t.Errorf("%s: %d %s", path, answer.status, answer.body)
		}
	}
}

func TestSorts(t *testing.T) {
	t.Parallel()
	panel := newPanel(t)
	for path, by := range map[string]func(a, b map[string]any) int{
		"/api/application/users?sort=-id":          func(a, b map[string]any) int { return cmp.Compare(b["id"].(float64), a["id"].(float64)) },
		"/api/application/users?sort=uuid":         func(a, b map[string]any) int { return cmp.Compare(a["uuid"].(string), b["uuid"].(string)) },
		"/api/application/servers?sort=-uuid":      func(a, b map[string]any) int { return cmp.Compare(b["uuid"].(string), a["uuid"].(string)) },
		"/api/application/nodes?sort=memory":       func(a, b map[string]any) int { return cmp.Compare(a["memory"].(float64), b["memory"].(float64)) },
		"/api/application/nodes?sort=disk,id":      func(a, b map[string]any) int { return cmp.Compare(a["disk"].(float64), b["disk"].(float64)) },
		"/api/application/locations?sort=id":       func(a, b map[string]any) int { return cmp.Compare(a["id"].(float64), b["id"].(float64)) },
		"/api/application/nodes?sort=-memory,uuid": func(a, b map[string]any) int { return cmp.Compare(b["memory"].(float64), a["memory"].(float64)) },
	} {
		if items := must(t, panel, panel.ApplicationKey, http.MethodGet, path, "").items(); !slices.IsSortedFunc(items, by) {
			t.Errorf("%s: %v", path, items)
		}
	}
}

func TestIncludes(t *testing.T) {
	t.Parallel()
	seed := paneltest.DefaultSeed()
	seed.Servers[0].Databases = []paneltest.SeedDatabase{{Name: "stats"}}
	panel := newPanel(t, paneltest.WithSeed(seed))
	lobby := "/api/client/servers/" + identify(t, panel, "lobby")
	const admin = "/api/application"
	for _, test := range []struct{ path, related string }{
		{lobby, "allocations variables"},
		{lobby + "?include=egg,subusers", "allocations egg subusers variables"},
		{lobby + "?include[]=egg&include[]=nonsense", "allocations egg variables"},
		{lobby + "/databases?include=password", "password"},
		{lobby + "/schedules", "tasks"},
		{lobby + "/activity?include=actor", "actor"},
		{admin + "/users/2?include=servers", "servers"},
		{admin + "/nodes/1?include=allocations,location,servers", "allocations location servers"},
		{admin + "/nodes/1/allocations?include=node,server", "node server"},
		{admin + "/locations/1?include=nodes,servers", "nodes servers"},
		{
			admin + "/servers/1?include=allocations,user,subusers,nest,egg,variables,location,node,databases",
			"allocations databases egg location nest node subusers user variables",
		},
		{admin + "/servers/1?include=egg.variables,subusers.user", "egg subusers"},
		{admin + "/servers/1/databases?include=password,host", "host password"},
		{admin + "/nests/1?include=eggs,servers", "eggs servers"},
		{admin + "/nests/1/eggs/1?include=nest,servers,config,script,variables", "config nest script servers variables"},
	} {
		must(t, panel, panel.AdminKey, http.MethodPost, lobby+"/command", `{"command":"say hi"}`) // for the activity
		answer := must(t, panel, panel.AdminKey, http.MethodGet, test.path, "")
		attributes := answer.attributes()
		if attributes == nil {
			attributes = answer.items()[0]
		}
		related, _ := attributes["relationships"].(map[string]any)
		names := make([]string, 0, len(related))
		for name := range related {
			names = append(names, name)
		}
		slices.Sort(names)
		if got := strings.Join(names, " "); got != test.related {
			t.Errorf("%s: %q, want %q", test.path, got, test.related)
		}
	}
}

// Slashes are escaped, as PHP escapes them, and mean the same.
func TestSlashesAreEscaped(t *testing.T) {
	t.Parallel()
	seed := paneltest.DefaultSeed()
	long, startup := `a/b\/c`, json.RawMessage(`{"done":"once\/twice/ \\/"}`)
	seed.Locations[0].Long = &long
	seed.Nests[0].Eggs[0].ConfigStart = startup
	panel := newPanel(t, paneltest.WithSeed(seed))
	got := must(t, panel, panel.ApplicationKey, "GET", "/api/application/locations/1", "")
	if got.attributes()["long"] != long || strings.Contains(strings.ReplaceAll(string(got.body), `\/`, ""), "/") {
		t.Errorf("a location is %s", got.body)
	}
	got = must(t, panel, panel.ApplicationKey, "GET", "/api/application/nests/1/eggs/1", "")
	var egg struct {
		Attributes struct {
			Config struct{ Startup map[string]string }
		}
	}
	if err := json.Unmarshal(got.body, &egg); err != nil || egg.Attributes.Config.Startup["done"] != `once/twice/ \/` {
		t.Errorf("an egg is %s, %v", got.body, err)
	}
}
