package paneltest_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ptero-go/ptero/internal/recorded"
	"github.com/ptero-go/ptero/paneltest"
)

// The state that the recordings imply, taken from their own answers.

// The times at which the recorded Panel was set up and at which the recordings
// begin.
var (
	recordedSetUp = time.Date(2026, 11, 21, 22, 34, 20, 0, time.UTC)
	recordedStart = time.Date(2026, 11, 21, 22, 44, 0, 0, time.UTC)
)

// The keys and passwords that stand for the recorded ones, which are not in the
// recordings.
const (
	recordedAdminKey       = "ptlc_recordedAdm" + "00000000000000000000000000000001"
	recordedUserKey        = "ptlc_MOVW1kyRFmo" + "00000000000000000000000000000002"
	recordedIPKey          = "ptlc_z74kpExolnQ" + "00000000000000000000000000000003"
	recordedSubKey         = "ptlc_5Pfw0YgkrS6" + "00000000000000000000000000000004"
	recordedApplicationKey = "ptla_recordedApp" + "00000000000000000000000000000005"
	recordedReadOnlyKey    = "ptla_recordedRO0" + "00000000000000000000000000000006"

	recordedUserPassword = "Us3rPass!word"
	recordedSubPassword  = "pppppppppppppp"
)

var recordedKeys = map[string]string{
	"client_admin": recordedAdminKey, "client_user": recordedUserKey, "client_user_ip": recordedIPKey,
	"client_sub": recordedSubKey, "application": recordedApplicationKey, "application_ro": recordedReadOnlyKey,
}

// recordedItem is an item of an answer, with the relations of recorded kinds.
type recordedItem struct {
	Attributes struct {
		ID         int
		ExternalID *string `json:"external_id"`
		UUID       string
		Created    time.Time `json:"created_at"`

		Username, Email string
		FirstName       string `json:"first_name"`
		LastName        string `json:"last_name"`
		RootAdmin       bool   `json:"root_admin"`

		Short, Name, Author string
		Long, Description   *string
		Public              bool
		Limits              struct{ Memory, Disk, CPU int }
		FeatureLimits       struct {
			Databases, Allocations *int
			Backups                int
		} `json:"feature_limits"`
		User, Egg, Allocation int
		Status                string
		Container             struct {
			Startup     string `json:"startup_command"`
			Image       string
			Environment map[string]any
		}

		IP         string
		Port       int
		Alias      *string
		Host       string
		DockerImgs recordedImages `json:"docker_images"`
		Config     struct {
			Files, Startup, Logs json.RawMessage
			Stop                 *string
			Denylist             []string `json:"file_denylist"`
		}
		Startup string
		Script  struct{ Install, Entry, Container string }

		Env         string `json:"env_variable"`
		Default     string `json:"default_value"`
		Viewable    bool   `json:"user_viewable"`
		Editable    bool   `json:"user_editable"`
		IsEditable  bool   `json:"is_editable"`
		Rules       string
		UserID      int `json:"user_id"`
		Permissions []string

		EggFeatures   []string `json:"egg_features"`
		Relationships map[string]recordedList
	}
}

// recordedMemory is memory and disk of a node, which share their names with
// objects of other kinds.
type recordedMemory struct {
	Attributes struct{ Memory, Disk int }
}

// recordedActivity is a line of the activity log.
type recordedActivity struct {
	Attributes struct {
		Event      string
		Properties map[string]any
		Timestamp  time.Time
	}
}

// recordedList is a list, or an item in the place of one.
type recordedList struct{ Data []recordedItem }

// recordedImages are images by label, in the order of the document.
type recordedImages []paneltest.SeedImage

func (i *recordedImages) UnmarshalJSON(data []byte) error {
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	if _, err := decoder.Token(); err != nil {
		return err
	}
	for decoder.More() {
		label, err := decoder.Token()
		if err != nil {
			return err
		}
		var image string
		if err := decoder.Decode(&image); err != nil {
			return err
		}
		*i = append(*i, paneltest.SeedImage{Label: label.(string), Image: image})
	}
	return nil
}

// recordedAnswers finds answers by the number of their recording.
type recordedAnswers map[string]*recorded.Recording

func (a recordedAnswers) decode(t *testing.T, number string, v any) {
	t.Helper()
	recording := a[number]
	if recording == nil {
		t.Fatalf("there is no recording %s", number)
	}
	if err := json.Unmarshal(recording.Response.Body, v); err != nil {
		t.Fatalf("%s: %v", number, err)
	}
}

func (a recordedAnswers) list(t *testing.T, number string) []recordedItem {
	t.Helper()
	var list recordedList
	a.decode(t, number, &list)
	return list.Data
}

// seedRecorded makes a Seed of the recorded answers.
func seedRecorded(t *testing.T, answers recordedAnswers) paneltest.Seed {
	t.Helper()
	seed := paneltest.Seed{DatabaseHosts: []paneltest.SeedDatabaseHost{
		{ID: 1, Name: "localdb", Host: "127.0.0.1", Port: 3306, Username: "dbhost", Created: recordedSetUp},
	}}
	keys := map[int][]paneltest.SeedKey{
		1: {
			{Key: recordedAdminKey, Description: "ref admin", Created: recordedSetUp},
			{Key: recordedApplicationKey, Description: "ref app", Created: recordedSetUp},
			{Key: recordedReadOnlyKey, Description: "ref ro", Rights: map[string]string{"users": "read"}, Created: recordedSetUp},
		},
		2: {
			{Key: recordedUserKey, Description: "ref user", Created: recordedSetUp},
			{Key: recordedIPKey, Description: "only 10.9.9.9", AllowedIPs: []string{"10.9.9.9"}, Created: recordedSetUp},
		},
		6: {{Key: recordedSubKey, Description: "ref sub", Created: recordedSetUp}},
	}
	passwords := map[int]string{2: recordedUserPassword, 6: recordedSubPassword}
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
	seed.Nodes = seedRecordedNodes(t, answers)
	seed.Nests = seedRecordedNests(t, answers)
	seed.Servers = seedRecordedServers(t, answers)
	return seed
}

func seedRecordedNodes(t *testing.T, answers recordedAnswers) []paneltest.SeedNode {
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

// recordedGame is how the servers of the recorded Panel behaved. Its images
// could not be pulled but for that of one egg.
func recordedGame(egg int) paneltest.SeedGame {
	if egg != 16 {
		return paneltest.SeedGame{CannotStart: true}
	}
	return paneltest.SeedGame{Done: "Server is ready!", BootTime: 1300 * time.Millisecond, StopTime: 100 * time.Millisecond}
}

func seedRecordedNests(t *testing.T, answers recordedAnswers) []paneltest.SeedNest {
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
				Variables: variables[e.ID], Game: recordedGame(e.ID), Created: e.Created,
			})
		}
		nests = append(nests, nest)
	}
	return nests
}

func seedRecordedServers(t *testing.T, answers recordedAnswers) []paneltest.SeedServer {
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
	recordedServer         = "3d2f6345"
	recordedServerActivity = 47
)

// seedRecordedActivity notes what the recorded lists of activity hold from
// before the recordings.
func seedRecordedActivity(t *testing.T, panel *paneltest.Panel, answers recordedAnswers) {
	t.Helper()
	for number, server := range map[string]string{"151": "", "177": recordedServer} {
		var lines struct{ Data []recordedActivity }
		answers.decode(t, number, &lines)
		for _, line := range lines.Data {
			a := line.Attributes
			if !a.Timestamp.Before(recordedStart) {
				continue
			}
			maps.DeleteFunc(a.Properties, func(key string, _ any) bool {
				return key == "count" || strings.HasSuffix(key, "_count") // which are worked out
			})
			panel.AddActivity(a.Event, 2, server, a.Properties, slices.Sorted(maps.Keys(a.Properties)), a.Timestamp)
		}
	}
	for n := panel.CountActivity(recordedServer); n < recordedServerActivity; n++ {
		panel.AddActivity("server:power.start", 2, recordedServer, nil, nil, recordedStart.Add(-time.Minute))
	}
}
