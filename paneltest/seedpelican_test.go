package paneltest_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ptero-go/ptero/internal/recorded"
	"github.com/ptero-go/ptero/paneltest"
)

// The state that the recordings of Pelican imply, taken from their own answers.

// worldPelican is the Pelican that was recorded.
var worldPelican = recordedWorld{
	set: recorded.Pelican, further: recorded.FurtherPelican, version: "pelican",
	start: time.Date(2026, 11, 24, 15, 47, 49, 0, time.UTC),
	keys:  keysPelican,
	seed:  seedPelican,
	begin: func(d *differential, answers recordedAnswers) {
		d.seedActivity(answers, map[string]string{"433": serverPelican, "434": serverPelican})
	},
	steps: stepsPelican,
	serve: []func(http.ResponseWriter, *http.Request) bool{servePlugin},
}

// keysPelican stand for the recorded keys, which are not in the recordings.
var keysPelican = map[string]string{
	"client_admin":   "pacc_labadmin001" + "00000000000000000000000000000001",
	"client_user":    "pacc_labuser0001" + "00000000000000000000000000000002",
	"client_user2":   "pacc_labuser0002" + "00000000000000000000000000000003",
	"client_sub":     "pacc_labsub00001" + "00000000000000000000000000000004",
	"application":    "papp_labapp00001" + "00000000000000000000000000000005",
	"application_ro": "papp_labappro001" + "00000000000000000000000000000006",
	"application_ip": "papp_labappip001" + "00000000000000000000000000000007",
}

// setUpPelican is when the recorded Pelican was set up.
var setUpPelican = time.Date(2026, 11, 24, 15, 37, 23, 0, time.UTC)

// What the recordings of Pelican have besides.
type pelicanItem struct {
	Attributes struct {
		recordedAttributes

		Tags     []string
		Features []string
		Startups json.RawMessage `json:"startup_commands"`
		Rules    []string
	}
}

func seedPelican(t *testing.T, answers recordedAnswers) paneltest.Seed {
	t.Helper()
	seed := paneltest.Seed{
		Roles:         []paneltest.SeedRole{{ID: 2, Name: "Helper", Permissions: []string{"viewList user"}, Created: setUpPelican}},
		DatabaseHosts: []paneltest.SeedDatabaseHost{{ID: 1, Name: "lab-db", Host: "127.0.0.1", Port: 3307, Username: "pelicanuser", Created: setUpPelican}},
	}
	key := func(name, description string) paneltest.SeedKey {
		return paneltest.SeedKey{Key: keysPelican[name], Description: description, Created: setUpPelican}
	}
	readOnly, elsewhere := key("application_ro", ""), key("application_ip", "")
	readOnly.Rights, elsewhere.AllowedIPs = map[string]string{"servers": "read"}, []string{"10.9.9.9"}
	keys := map[int][]paneltest.SeedKey{
		1: {key("client_admin", ""), key("application", ""), readOnly, elsewhere},
		2: {key("client_user", "")}, 3: {key("client_user2", "lab user2 client")}, 4: {key("client_sub", "")},
	}
	for _, item := range answers.list(t, "001") {
		u := item.Attributes
		seed.Users = append(seed.Users, paneltest.SeedUser{
			ID: u.ID, UUID: u.UUID, Username: u.Username, Email: u.Email, Admin: u.RootAdmin, Created: u.Created, Keys: keys[u.ID], Password: "pppppppppppp",
		})
	}
	node := paneltest.SeedNode{
		ID: 1, UUID: "8d59f5af-6742-4dda-b6cf-67456cf01092", Name: "lab-node", Description: some("Lab node"),
		Memory: 8192, Disk: 40960, Tags: []string{"lab"}, Created: setUpPelican,
	}
	for _, item := range answers.list(t, "075") {
		a := item.Attributes
		node.Allocations = append(node.Allocations, paneltest.SeedAllocation{ID: a.ID, IP: a.IP, Port: a.Port, Alias: a.Alias})
	}
	seed.Nodes = []paneltest.SeedNode{node}
	seed.Nests = []paneltest.SeedNest{{Eggs: []paneltest.SeedEgg{eggPelican(t, answers)}}}
	seed.Servers = serversPelican(t, answers)
	return seed
}

func eggPelican(t *testing.T, answers recordedAnswers) paneltest.SeedEgg {
	t.Helper()
	var item pelicanItem
	answers.decode(t, "091", &item)
	e := item.Attributes
	egg := paneltest.SeedEgg{
		ID: e.ID, UUID: e.UUID, Name: e.Name, Author: e.Author, Description: e.Description, Images: e.DockerImgs, Features: e.Features, Tags: e.Tags,
		FileDenylist: e.Config.Denylist, Stop: e.Config.Stop, ConfigFiles: e.Config.Files, ConfigStart: e.Config.Startup,
		Unprivileged: !e.Script.Privileged, InstallScript: e.Script.Install, InstallEntry: e.Script.Entry, InstallContainer: e.Script.Container,
		Game: paneltest.SeedGame{Done: "Done! ", BootTime: 300 * time.Millisecond}, Created: e.Created,
	}
	var startups recordedImages
	if err := json.Unmarshal(e.Startups, &startups); err != nil {
		t.Fatal(err)
	}
	for _, startup := range startups {
		egg.Startups = append(egg.Startups, paneltest.SeedStartup{Label: startup.Label, Command: startup.Image})
	}
	var servers struct {
		Data []struct {
			Attributes struct {
				Relationships struct{ Variables struct{ Data []pelicanItem } }
			}
		}
	}
	answers.decode(t, "471", &servers)
	for _, item := range servers.Data[0].Attributes.Relationships.Variables.Data {
		v := item.Attributes
		egg.Variables = append(egg.Variables, paneltest.SeedVariable{
			ID: v.ID, Name: v.Name, Description: *v.Description, Env: v.Env, Default: v.Default, Hidden: !v.Viewable, ReadOnly: !v.Editable, Rules: strings.Join(v.Rules, "|"),
		})
	}
	slices.SortFunc(egg.Variables, func(a, b paneltest.SeedVariable) int { return a.ID - b.ID })
	return egg
}

func serversPelican(t *testing.T, answers recordedAnswers) []paneltest.SeedServer {
	t.Helper()
	var servers []paneltest.SeedServer
	for _, item := range answers.list(t, "473") {
		s := item.Attributes
		server := paneltest.SeedServer{
			ID: s.ID, UUID: s.UUID, ExternalID: s.ExternalID, Name: s.Name, Owner: s.User, Egg: s.Egg, Allocations: []int{s.Allocation},
			Memory: s.Limits.Memory, Disk: s.Limits.Disk, CPU: s.Limits.CPU,
			DatabaseLimit: s.FeatureLimits.Databases, AllocationLimit: s.FeatureLimits.Allocations, BackupLimit: s.FeatureLimits.Backups,
			Image: s.Container.Image, Startup: s.Container.Startup, Environment: make(map[string]string), Created: s.Created, Running: s.ID == 1,
			Files: map[string]string{"readme.txt": "hello\n", "server.properties": "server-port=1\nmotd=none\n", "world/level.dat": "level"},
		}
		for name, value := range s.Container.Environment {
			if text, isText := value.(string); isText {
				server.Environment[name] = text
			}
		}
		if s.ID == 1 {
			backup := answers.list(t, "325")[0].Attributes
			server.Backups = []paneltest.SeedBackup{{UUID: backup.UUID, Name: backup.Name, Created: backup.Created}}
		}
		servers = append(servers, server)
	}
	return servers
}

// some returns a pointer to a value.
func some[T any](value T) *T { return &value }

// seedActivity notes what the recorded lists of activity hold from before the
// recordings. An empty server stands for the account of the user.
func (d *differential) seedActivity(answers recordedAnswers, lists map[string]string) {
	d.t.Helper()
	for _, number := range slices.Sorted(maps.Keys(lists)) {
		var lines struct{ Data []recordedActivity }
		answers.decode(d.t, number, &lines)
		for _, line := range lines.Data {
			a := line.Attributes
			if !a.Timestamp.Before(d.world.start) {
				continue
			}
			actor := 2
			if !a.IsAPI {
				actor = 0 // the system
			}
			d.panel.AddActivity(a.Event, actor, lists[number], a.Properties, slices.Sorted(maps.Keys(a.Properties)), a.Timestamp)
		}
	}
}
