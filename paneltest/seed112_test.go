package paneltest_test

import (
	"slices"
	"testing"
	"time"

	"github.com/ptero-go/ptero/internal/recorded"
	"github.com/ptero-go/ptero/paneltest"
)

// The state that the recordings of Panel 1.12.3 imply, taken from their own
// answers.

// world112 is the Panel 1.12.3 that was recorded.
var world112 = recordedWorld{
	set: recorded.Panel112, further: recorded.Further112, version: "1.12.3",
	start: time.Date(2026, 11, 24, 15, 54, 22, 0, time.UTC),
	keys:  keys112,
	seed:  seed112,
	begin: func(*differential, recordedAnswers) {},
	steps: steps112,
}

// keys112 stand for the recorded keys, which are not in the recordings.
var keys112 = map[string]string{
	"client_admin": "ptlc_labadmin001" + "00000000000000000000000000000001",
	"client_user":  "ptlc_labuser0001" + "00000000000000000000000000000002",
	"client_user2": "ptlc_labuser0002" + "00000000000000000000000000000003",
	"application":  "ptla_labapp00001" + "00000000000000000000000000000004",
}

// setUp112 is when the recorded Panel was set up.
var setUp112 = time.Date(2026, 11, 24, 15, 54, 15, 0, time.UTC)

func seed112(t *testing.T, answers recordedAnswers) paneltest.Seed {
	t.Helper()
	seed := paneltest.Seed{
		AutoAllocation: true,
		DatabaseHosts:  []paneltest.SeedDatabaseHost{{ID: 1, Name: "lab-db", Host: "127.0.0.1", Port: 3307, Username: "pterodactyluser", Node: 1, Created: setUp112}},
	}
	keys := map[int][]paneltest.SeedKey{
		1: {{Key: keys112["client_admin"], Created: setUp112}, {Key: keys112["application"], Created: setUp112}},
		2: {{Key: keys112["client_user"], Created: setUp112}},
		3: {{Key: keys112["client_user2"], Description: "lab user2 client", Created: setUp112}},
	}
	for _, item := range answers.list(t, "0355") {
		u := item.Attributes
		seed.Users = append(seed.Users, paneltest.SeedUser{
			ID: u.ID, UUID: u.UUID, Username: u.Username, Email: u.Email, FirstName: u.FirstName, LastName: u.LastName,
			Admin: u.RootAdmin, Created: u.Created, Keys: keys[u.ID], Password: "pppppppppppp",
		})
	}
	for _, item := range answers.list(t, "0367") {
		l := item.Attributes
		seed.Locations = append(seed.Locations, paneltest.SeedLocation{ID: l.ID, Short: l.Short, Long: l.Long, Created: l.Created})
	}
	var sizes struct{ Data []recordedMemory }
	answers.decode(t, "0365", &sizes)
	for i, item := range answers.list(t, "0365") {
		n := item.Attributes
		node := paneltest.SeedNode{
			ID: n.ID, UUID: n.UUID, Name: n.Name, Description: n.Description, Location: 1,
			Memory: sizes.Data[i].Attributes.Memory, Disk: sizes.Data[i].Attributes.Disk, Created: n.Created,
		}
		for _, item := range n.Relationships["allocations"].Data {
			a := item.Attributes
			node.Allocations = append(node.Allocations, paneltest.SeedAllocation{ID: a.ID, IP: a.IP, Port: a.Port, Alias: a.Alias})
		}
		seed.Nodes = append(seed.Nodes, node)
	}
	seed.Nests = nests112(t, answers)
	seed.Servers = servers112(t, answers)
	return seed
}

func nests112(t *testing.T, answers recordedAnswers) []paneltest.SeedNest {
	t.Helper()
	// Each egg was asked for with its variables, alone or with all of its nest.
	eggs := map[int]recordedItem{}
	for _, number := range []string{"0036", "0043", "0051", "0055"} {
		for _, item := range answers.list(t, number) {
			eggs[item.Attributes.ID] = item
		}
	}
	var last recordedItem
	answers.decode(t, "0059", &last)
	eggs[last.Attributes.ID] = last
	features := answers.list(t, "0255")[0].Attributes.EggFeatures // of the egg of all servers
	var nests []paneltest.SeedNest
	for _, item := range answers.list(t, "0060") {
		n := item.Attributes
		nest := paneltest.SeedNest{ID: n.ID, UUID: n.UUID, Author: n.Author, Name: n.Name, Description: n.Description, Created: n.Created}
		for _, item := range n.Relationships["eggs"].Data {
			e := item.Attributes
			egg := paneltest.SeedEgg{
				ID: e.ID, UUID: e.UUID, Name: e.Name, Author: e.Author, Description: e.Description, Images: e.DockerImgs,
				FileDenylist: e.Config.Denylist, Startup: e.Startup, Stop: e.Config.Stop,
				ConfigFiles: e.Config.Files, ConfigStart: e.Config.Startup, ConfigLogs: e.Config.Logs, Unprivileged: !e.Script.Privileged,
				InstallScript: e.Script.Install, InstallEntry: e.Script.Entry, InstallContainer: e.Script.Container, Created: e.Created,
			}
			if e.ID == last.Attributes.ID {
				egg.Features = features
				egg.Game = paneltest.SeedGame{Done: "Done! ", BootTime: 300 * time.Millisecond}
			}
			for _, item := range eggs[e.ID].Attributes.Relationships["variables"].Data {
				v := item.Attributes
				egg.Variables = append(egg.Variables, paneltest.SeedVariable{
					ID: v.ID, Name: v.Name, Description: *v.Description, Env: v.Env, Default: v.Default, Hidden: !v.Viewable, ReadOnly: !v.Editable, Rules: v.Rules,
				})
			}
			nest.Eggs = append(nest.Eggs, egg)
		}
		nests = append(nests, nest)
	}
	return nests
}

func servers112(t *testing.T, answers recordedAnswers) []paneltest.SeedServer {
	t.Helper()
	var servers []paneltest.SeedServer
	for _, item := range answers.list(t, "0364") {
		s := item.Attributes
		server := paneltest.SeedServer{
			ID: s.ID, UUID: s.UUID, ExternalID: s.ExternalID, Name: s.Name, Owner: s.User, Egg: s.Egg, Allocations: []int{s.Allocation},
			Memory: s.Limits.Memory, Disk: s.Limits.Disk, CPU: s.Limits.CPU,
			DatabaseLimit: s.FeatureLimits.Databases, AllocationLimit: s.FeatureLimits.Allocations, BackupLimit: s.FeatureLimits.Backups,
			Image: s.Container.Image, Startup: s.Container.Startup, Environment: make(map[string]string), Created: s.Created,
		}
		for name, value := range s.Container.Environment {
			if text, isText := value.(string); isText {
				server.Environment[name] = text
			}
		}
		if s.ID == 1 {
			server.Files = map[string]string{"readme.txt": "Hello\n", "server.properties": "server-port=25565\nmotd=Hello\n\n", "world/level.dat": "level"}
		}
		servers = append(servers, server)
	}
	slices.SortFunc(servers, func(a, b paneltest.SeedServer) int { return a.ID - b.ID })
	return servers
}
