package paneltest_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ptero-go/ptero/internal/recorded"
	"github.com/ptero-go/ptero/paneltest"
)

// The state that the recordings of Panel 1.11 imply, taken from their own answers.

// world111 is the Panel 1.11 that was recorded.
var world111 = recordedWorld{
	set: recorded.Panel111, further: recorded.Further, version: "1.11",
	start: time.Date(2026, 11, 21, 22, 44, 0, 0, time.UTC),
	keys: map[string]string{
		"client_admin": admin111Key, "client_user": user111Key, "client_user_ip": ip111Key,
		"client_sub": sub111Key, "application": application111Key, "application_ro": readOnly111Key,
	},
	passwords: map[string]string{"client_user": user111Password},
	seed:      seed111,
	begin: func(d *differential, answers recordedAnswers) {
		seedActivity111(d, answers)
		d.panel.AddDeletedBackup(server111, d.world.start.Add(-3*time.Minute-11*time.Second))
		d.panel.NextIDs(4, 2, 3, 5, 14)
	},
	steps: steps111,
}

// setUp111 is when the recorded Panel was set up.
var setUp111 = time.Date(2026, 11, 21, 22, 34, 20, 0, time.UTC)

// The keys and passwords that stand for the recorded ones, which are not in the
// recordings.
const (
	admin111Key       = "ptlc_recordedAdm" + "00000000000000000000000000000001"
	user111Key        = "ptlc_MOVW1kyRFmo" + "00000000000000000000000000000002"
	ip111Key          = "ptlc_z74kpExolnQ" + "00000000000000000000000000000003"
	sub111Key         = "ptlc_5Pfw0YgkrS6" + "00000000000000000000000000000004"
	application111Key = "ptla_recordedApp" + "00000000000000000000000000000005"
	readOnly111Key    = "ptla_recordedRO0" + "00000000000000000000000000000006"

	user111Password = "Us3rPass!word"
	sub111Password  = "pppppppppppppp"
)

// seed111 makes a Seed of the recorded answers.
func seed111(t *testing.T, answers recordedAnswers) paneltest.Seed {
	t.Helper()
	seed := paneltest.Seed{DatabaseHosts: []paneltest.SeedDatabaseHost{
		{ID: 1, Name: "localdb", Host: "127.0.0.1", Port: 3306, Username: "dbhost", Created: setUp111},
	}}
	keys := map[int][]paneltest.SeedKey{
		1: {
			{Key: admin111Key, Description: "ref admin", Created: setUp111},
			{Key: application111Key, Description: "ref app", Created: setUp111},
			{Key: readOnly111Key, Description: "ref ro", Rights: map[string]string{"users": "read"}, Created: setUp111},
		},
		2: {
			{Key: user111Key, Description: "ref user", Created: setUp111},
			{Key: ip111Key, Description: "only 10.9.9.9", AllowedIPs: []string{"10.9.9.9"}, Created: setUp111},
		},
		6: {{Key: sub111Key, Description: "ref sub", Created: setUp111}},
	}
	passwords := map[int]string{2: user111Password, 6: sub111Password}
	for _, item := range answers.list(t, "001") {
		u := item.Attributes
		seed.Users = append(seed.Users, paneltest.SeedUser{
			ID: u.ID, UUID: u.UUID, Username: u.Username, Email: u.Email, FirstName: u.FirstName, LastName: u.LastName,
			Admin: u.RootAdmin, Created: u.Created, Keys: keys[u.ID], Password: passwords[u.ID],
		})
	}
	for _, item := range answers.list(t, "025") {
		l := item.Attributes
		seed.Locations = append(seed.Locations, paneltest.SeedLocation{ID: l.ID, Short: l.Short, Long: l.Long, Created: l.Created})
	}
	seed.Nodes = nodes111(t, answers)
	seed.Nests = nests111(t, answers)
	seed.Servers = servers111(t, answers)
	return seed
}

func nodes111(t *testing.T, answers recordedAnswers) []paneltest.SeedNode {
	t.Helper()
	var nodes []paneltest.SeedNode
	var sizes struct{ Data []recordedMemory }
	answers.decode(t, "038", &sizes)
	for i, item := range answers.list(t, "038") {
		n := item.Attributes
		node := paneltest.SeedNode{
			ID: n.ID, UUID: n.UUID, Name: n.Name, Description: n.Description, Location: 1, Private: !n.Public,
			Memory: sizes.Data[i].Attributes.Memory, Disk: sizes.Data[i].Attributes.Disk, Down: n.Name == "deadnode", Created: n.Created,
		}
		for _, item := range n.Relationships["allocations"].Data {
			a := item.Attributes
			node.Allocations = append(node.Allocations, paneltest.SeedAllocation{ID: a.ID, IP: a.IP, Port: a.Port, Alias: a.Alias})
		}
		nodes = append(nodes, node)
	}
	return nodes
}

// game111 is how the servers of the recorded Panel behaved. Its images
// could not be pulled but for that of one egg.
func game111(egg int) paneltest.SeedGame {
	if egg != 16 {
		return paneltest.SeedGame{CannotStart: true}
	}
	return paneltest.SeedGame{Done: "Server is ready!", BootTime: 1300 * time.Millisecond, StopTime: 100 * time.Millisecond}
}

func nests111(t *testing.T, answers recordedAnswers) []paneltest.SeedNest {
	t.Helper()
	// The first server's include names all variables of its egg, the list of
	// servers those of another that users see.
	variables := map[int][]paneltest.SeedVariable{}
	for _, item := range answers.list(t, "073")[0].Attributes.Relationships["variables"].Data {
		v := item.Attributes
		variables[15] = append(variables[15], paneltest.SeedVariable{
			ID: v.ID, Name: v.Name, Description: *v.Description, Env: v.Env, Default: v.Default, Hidden: !v.Viewable, ReadOnly: !v.Editable, Rules: v.Rules,
		})
	}
	features := map[int][]string{}
	for _, item := range answers.list(t, "130") {
		if item.Attributes.Name != "mc-user" {
			continue
		}
		features[4] = item.Attributes.EggFeatures
		for _, item := range item.Attributes.Relationships["variables"].Data {
			v := item.Attributes
			variables[4] = append(variables[4], paneltest.SeedVariable{
				Name: v.Name, Description: *v.Description, Env: v.Env, Default: v.Default, ReadOnly: !v.IsEditable, Rules: v.Rules,
			})
		}
	}
	var nests []paneltest.SeedNest
	for _, item := range answers.list(t, "065") {
		n := item.Attributes
		nest := paneltest.SeedNest{ID: n.ID, UUID: n.UUID, Author: n.Author, Name: n.Name, Description: n.Description, Created: n.Created}
		for _, item := range n.Relationships["eggs"].Data {
			e := item.Attributes
			nest.Eggs = append(nest.Eggs, paneltest.SeedEgg{
				ID: e.ID, UUID: e.UUID, Name: e.Name, Author: e.Author, Description: e.Description, Images: e.DockerImgs,
				Features: features[e.ID], FileDenylist: e.Config.Denylist, Startup: e.Startup, Stop: e.Config.Stop,
				ConfigFiles: e.Config.Files, ConfigStart: e.Config.Startup, ConfigLogs: e.Config.Logs,
				InstallScript: e.Script.Install, InstallEntry: e.Script.Entry, InstallContainer: e.Script.Container,
				Variables: variables[e.ID], Game: game111(e.ID), Created: e.Created,
			})
		}
		nests = append(nests, nest)
	}
	return nests
}

func servers111(t *testing.T, answers recordedAnswers) []paneltest.SeedServer {
	t.Helper()
	var servers []paneltest.SeedServer
	for _, item := range answers.list(t, "071") {
		s := item.Attributes
		server := paneltest.SeedServer{
			ID: s.ID, UUID: s.UUID, ExternalID: s.ExternalID, Name: s.Name, Owner: s.User, Egg: s.Egg,
			Allocations: []int{s.Allocation}, Status: s.Status, Running: s.Name == "game-a",
			Memory: s.Limits.Memory, Disk: s.Limits.Disk, CPU: s.Limits.CPU,
			DatabaseLimit: s.FeatureLimits.Databases, AllocationLimit: s.FeatureLimits.Allocations, BackupLimit: s.FeatureLimits.Backups,
			Image: s.Container.Image, Startup: s.Container.Startup, Environment: make(map[string]string), Created: s.Created,
		}
		if s.Description != nil {
			server.Description = *s.Description
		}
		for name, value := range s.Container.Environment {
			if text, isText := value.(string); isText {
				server.Environment[name] = text
			}
		}
		if s.ID == 1 {
			for _, item := range answers.list(t, "073")[0].Attributes.Relationships["subusers"].Data {
				sub := item.Attributes
				server.Subusers = append(server.Subusers, paneltest.SeedSubuser{ID: sub.ID, User: sub.UserID, Permissions: sub.Permissions, Created: sub.Created})
			}
			backup := answers.list(t, "262")[0].Attributes
			server.Backups = []paneltest.SeedBackup{{UUID: backup.UUID, Name: backup.Name, Created: backup.Created}}
		}
		servers = append(servers, server)
	}
	return servers
}

// Of the activity on the first server that was before the recordings, only the
// first page is recorded.
const (
	server111   = "3d2f6345"
	activity111 = 47
)

// seedActivity111 notes what the recorded lists of activity hold from before the
// recordings.
func seedActivity111(d *differential, answers recordedAnswers) {
	for number, server := range map[string]string{"151": "", "177": server111} {
		var lines struct{ Data []recordedActivity }
		answers.decode(d.t, number, &lines)
		for _, line := range lines.Data {
			a := line.Attributes
			if !a.Timestamp.Before(d.world.start) {
				continue
			}
			maps.DeleteFunc(a.Properties, func(key string, _ any) bool {
				return key == "count" || strings.HasSuffix(key, "_count") // which are worked out
			})
			d.panel.AddActivity(a.Event, 2, server, a.Properties, slices.Sorted(maps.Keys(a.Properties)), a.Timestamp)
		}
	}
	for n := d.panel.CountActivity(server111); n < activity111; n++ {
		d.panel.AddActivity("server:power.start", 2, server111, nil, nil, d.world.start.Add(-time.Minute))
	}
}
