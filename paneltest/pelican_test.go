package paneltest_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/console"
	"github.com/ptero-go/ptero/paneltest"
)

func TestPelicanIsKnownByItsKeys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, paneltest.WithPelican())
		expect(t, "version", w.panel.Version(), "pelican")
		expect(t, "flavor of a client key", w.user.Flavor(), client.Pelican)
		expect(t, "flavor of an application key", w.application.Flavor(), client.Pelican)
		key := get(w.user.APIKeys.Create(t.Context(), "new"))(t)
		expect(t, "beginning of a new key", key.Identifier[:5], "pacc_")
	})
}

func TestPelicanServesNoLocationsOrNests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, paneltest.WithPelican())
		for _, path := range []string{"/api/application/locations", "/api/application/nests", "/api/application/nests/1/eggs/1"} {
			answer := do(t, w.panel, w.panel.ApplicationKey, http.MethodGet, path, "")
			expect(t, path, answer.status, http.StatusNotFound)
		}
		for _, operation := range []string{"clientGetTwoFactorSetup", "applicationListLocations", "applicationListNests"} {
			if slices.Contains(w.panel.Operations(), operation) {
				t.Errorf("%s is served", operation)
			}
			if err := w.panel.Fail(operation, 1, paneltest.FaultReset); err == nil {
				t.Errorf("%s can fail", operation)
			}
		}
		check(t, w.panel.Fail("applicationListRoles", 1, paneltest.FaultStatus(http.StatusServiceUnavailable)))
		answer := do(t, w.panel, w.panel.ApplicationKey, http.MethodGet, "/api/application/roles", "")
		expect(t, "a request that is to fail", answer.status, http.StatusServiceUnavailable)
	})
}

func TestPterodactylServesNothingOfPelican(t *testing.T) {
	t.Parallel()
	panel := newPanel(t)
	for _, path := range []string{"/api/application/roles", "/api/application/mounts", "/api/application/plugins", "/api/application/eggs", "/api/application/database-hosts"} {
		answer := do(t, panel, panel.ApplicationKey, http.MethodGet, path, "")
		expect(t, path, answer.status, http.StatusNotFound)
	}
}

func TestPelicanRoles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, paneltest.WithPelican())
		ctx, roles := t.Context(), w.application.Roles
		made := get(roles.Create(ctx, "Support"))(t)
		expect(t, "roles", get(roles.List(ctx, application.RoleListOptions{}))(t).Total, 2)
		get(roles.Assign(ctx, 2, made.ID, 1))(t) // the first one is that of administrators
		user := get(w.application.Users.Get(ctx, 2, application.UserIncludeRoles))(t)
		expect(t, "roles of the user", len(user.Relationships.Roles.All()), 1)
		expect(t, "administrator", user.RootAdmin, false)
		get(roles.Remove(ctx, 2, made.ID))(t)
		user = get(w.application.Users.Get(ctx, 2, application.UserIncludeRoles))(t)
		expect(t, "roles that are left", len(user.Relationships.Roles.All()), 0)
		answer := do(t, w.panel, w.panel.UserKey, http.MethodGet, "/api/application/users", "")
		if !strings.Contains(string(answer.body), "This account does not have permission") {
			t.Errorf("an account that has no role gets %s", answer.body)
		}
		if err := roles.Delete(ctx, made.ID); !errors.Is(err, client.ErrServer) {
			t.Errorf("a role of the API is deleted: %v", err)
		}
		admin := get(w.application.Users.Get(ctx, 1, application.UserIncludeRoles))(t)
		expect(t, "role of the administrator", admin.Relationships.Roles.All()[0].Name, "Root Admin")
	})
}

func TestPelicanSeedsRoles(t *testing.T) {
	t.Parallel()
	seed := paneltest.DefaultSeed()
	seed.Roles = []paneltest.SeedRole{{Name: "Helper", Permissions: []string{"viewList user"}}}
	seed.Users[1].Roles = []int{2}
	panel := newPanel(t, paneltest.WithPelican(), paneltest.WithSeed(seed))
	role := must(t, panel, panel.ApplicationKey, http.MethodGet, "/api/application/roles/2?include=permissions", "")
	if !strings.Contains(string(role.body), "viewList user") {
		t.Errorf("the role is %s", role.body)
	}
	must(t, panel, panel.ApplicationKey, http.MethodDelete, "/api/application/roles/2", "")
	user := must(t, panel, panel.ApplicationKey, http.MethodGet, "/api/application/users/2?include=roles", "")
	if strings.Contains(string(user.body), "Helper") {
		t.Errorf("the user still has the role: %s", user.body)
	}
	seed.Users[1].Roles = []int{9}
	if _, err := paneltest.New(paneltest.WithPelican(), paneltest.WithSeed(seed)); err == nil {
		t.Error("a role that is not there is planted")
	}
}

func TestPelicanEggsTravel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, paneltest.WithPelican())
		ctx, eggs := t.Context(), w.application.Eggs
		blocks := get(eggs.GetByID(ctx, 1, application.EggIncludeVariables))(t)
		text := get(eggs.Export(ctx, 1, application.EggFormatJSON))(t)
		made := get(eggs.Import(ctx, bytes.ReplaceAll(text, []byte(blocks.UUID), []byte("11111111-2222-4333-8444-555555555555"))))(t)
		if made.ID == 1 {
			t.Fatal("the egg replaced itself")
		}
		again := get(eggs.GetByID(ctx, made.ID, application.EggIncludeVariables))(t)
		expect(t, "startup", *again.Startup, *blocks.Startup)
		expect(t, "image", again.DockerImage, blocks.DockerImage)
		variables, old := again.Relationships.Variables.All(), blocks.Relationships.Variables.All()
		expect(t, "variables", len(variables), len(old))
		for i := range variables {
			expect(t, "rules", *variables[i].Rules, *old[i].Rules)
			expect(t, "value", *variables[i].DefaultValue, *old[i].DefaultValue)
		}
		same := get(eggs.Import(ctx, text))(t)
		expect(t, "the egg that was there", same.ID, 1)
		check(t, eggs.DeleteByUUID(ctx, made.UUID))
		if err := eggs.Delete(ctx, 1); !hasCode(err, "HasActiveServersException") {
			t.Errorf("an egg with servers is deleted: %v", err)
		}
		expect(t, "eggs", len(get(eggs.ListAll(ctx))(t)), 2)
	})
}

func TestPelicanMountsAndHosts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, paneltest.WithPelican())
		ctx, admin := t.Context(), w.application
		_, err := admin.Mounts.Create(ctx, application.CreateMountRequest{Name: "maps", Source: "/srv/maps", Target: "/maps"})
		if !errors.Is(err, client.ErrServer) {
			t.Errorf("a mount is created without the failure of a real one: %v", err)
		}
		mounts := get(admin.Mounts.List(ctx, application.MountListOptions{}))(t).Items
		expect(t, "mounts", len(mounts), 1)
		id := mounts[0].ID
		get(admin.Mounts.AddServers(ctx, id, 1))(t)
		get(admin.Mounts.AddNodes(ctx, id, 1))(t)
		expect(t, "servers", get(admin.Mounts.Servers(ctx, id))(t)[0].ID, 1)
		if err := admin.Mounts.Delete(ctx, id); !hasCode(err, "HasActiveServersException") {
			t.Errorf("a mount of servers is deleted: %v", err)
		}
		check(t, admin.Mounts.RemoveServer(ctx, id, 1))
		check(t, admin.Mounts.Delete(ctx, id))

		host := get(admin.DatabaseHosts.Create(ctx, application.CreateDatabaseHostRequest{
			Name: "second", Host: "db.example.org", Port: 3306, Username: "panel", NodeIDs: []int{2},
		}))(t)
		expect(t, "nodes of the host", len(get(admin.DatabaseHosts.Get(ctx, host.ID, application.DatabaseHostIncludeNodes))(t).Relationships.Nodes.All()), 1)
		_, err = admin.DatabaseHosts.Create(ctx, application.CreateDatabaseHostRequest{Name: "third", Host: "db.example.org", Port: 3307, Username: "panel"})
		if !errors.Is(err, client.ErrServer) {
			t.Errorf("a port where nobody listens is taken: %v", err)
		}
		check(t, admin.DatabaseHosts.Delete(ctx, host.ID))
	})
}

func TestPelicanPlugins(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, paneltest.WithPelican())
		ctx, plugins := t.Context(), w.application.Plugins
		if err := plugins.ImportFile(ctx, "none.zip", strings.NewReader("no archive")); !errors.Is(err, client.ErrServer) {
			t.Errorf("what is no archive is imported: %v", err)
		}
		check(t, plugins.ImportFile(ctx, "labplug.zip", bytes.NewReader(pluginPelican(""))))
		plugin := get(plugins.Install(ctx, "labplug"))(t)
		expect(t, "status", plugin.Meta.Status, "enabled")
		expect(t, "can be disabled", plugin.Meta.CanDisable, true)
		expect(t, "status", get(plugins.Disable(ctx, "labplug"))(t).Meta.Status, "disabled")
		get(plugins.Uninstall(ctx, "labplug", true))(t)
		if _, err := plugins.Get(ctx, "labplug"); !errors.Is(err, client.ErrNotFound) {
			t.Errorf("the plugin is still there: %v", err)
		}
	})
}

func TestPelicanTransfers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, paneltest.WithPelican())
		ctx, admin := t.Context(), w.application
		lobby := get(admin.Servers.Get(ctx, 1))(t)
		free := get(admin.Allocations.List(ctx, 2, application.AllocationListOptions{}))(t).Items[3]
		to := application.TransferServerRequest{NodeID: 2, AllocationID: free.ID}
		here := must(t, w.panel, w.panel.ApplicationKey, http.MethodPost, "/api/application/nodes/1/allocations", `{"ip":"10.9.9.9","ports":["4000"]}`)
		expect(t, "an allocation that is made", here.status, http.StatusNoContent)
		all := get(admin.Allocations.List(ctx, 1, application.AllocationListOptions{}))(t).Items
		elsewhere := application.TransferServerRequest{NodeID: 2, AllocationID: all[len(all)-1].ID}
		var refused *client.Error
		if err := admin.Transfers.Start(ctx, lobby.ID, elsewhere); !errors.As(err, &refused) || refused.StatusCode != http.StatusNotAcceptable {
			t.Errorf("a transfer to an allocation of another node: %v", err)
		}
		check(t, admin.Transfers.Start(ctx, lobby.ID, to))
		if err := admin.Transfers.Start(ctx, lobby.ID, to); !errors.Is(err, client.ErrConflict) {
			t.Errorf("a second transfer begins: %v", err)
		}
		check(t, admin.Transfers.Cancel(ctx, lobby.ID))
		time.Sleep(time.Minute)
		expect(t, "node after the end of a transfer that was cancelled", get(admin.Servers.Get(ctx, lobby.ID))(t).NodeID, 1)
		check(t, admin.Transfers.Start(ctx, lobby.ID, to))
		time.Sleep(time.Minute)
		moved := get(admin.Servers.Get(ctx, lobby.ID, application.ServerIncludeAllocations))(t)
		expect(t, "node", moved.NodeID, 2)
		expect(t, "allocation", moved.AllocationID, free.ID)
		expect(t, "allocations", len(moved.Relationships.Allocations.All()), 1)
		content := get(w.user.Files.Read(ctx, lobby.Identifier, "/server.properties"))(t)
		if !bytes.Contains(content, []byte("motd=Hello")) {
			t.Errorf("its file is %q", content)
		}
	})
}

// An allocation that a deleted server was on its way to belongs to who took it.
func TestPelicanForgetsTransfersOfDeletedServers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, paneltest.WithPelican())
		ctx, admin := t.Context(), w.application
		free := get(admin.Allocations.List(ctx, 2, application.AllocationListOptions{}))(t).Items[3]
		check(t, admin.Transfers.Start(ctx, 1, application.TransferServerRequest{NodeID: 2, AllocationID: free.ID}))
		must(t, w.panel, w.panel.ApplicationKey, http.MethodDelete, "/api/application/servers/1/force", "")
		var taker, primary int
		for s, err := range admin.Servers.All(ctx, application.ServerListOptions{}) {
			check(t, err)
			if s.NodeID == 2 {
				taker, primary = s.ID, s.AllocationID
			}
		}
		must(t, w.panel, w.panel.ApplicationKey, http.MethodPatch, fmt.Sprintf("/api/application/servers/%d/build", taker),
			fmt.Sprintf(`{"add_allocations":[%d],"allocation":%d,"oom_killer":false,"limits":{"memory":1024,"swap":0,"disk":1024,"io":500,"cpu":0},"feature_limits":{"databases":1,"allocations":1,"backups":1}}`, free.ID, primary))
		time.Sleep(time.Minute)
		expect(t, "assigned", get(admin.Allocations.List(ctx, 2, application.AllocationListOptions{}))(t).Items[3].Assigned, true)
	})
}

func TestPelicanTokens(t *testing.T) {
	t.Parallel()
	panel := newPanel(t, paneltest.WithPelican())
	answer := must(t, panel, panel.UserKey, http.MethodGet, "/api/client/servers/"+panel.Servers()[0].Identifier+"/websocket", "")
	var socket struct {
		Data struct{ Token string }
	}
	check(t, json.Unmarshal(answer.body, &socket))
	payload := get(base64.RawURLEncoding.DecodeString(strings.Split(socket.Data.Token, ".")[1]))(t)
	var claims map[string]any
	check(t, json.Unmarshal(payload, &claims))
	if id, _ := claims["jti"].(string); len(id) != 64 {
		t.Errorf("the token is named %q", id)
	}
	if _, ok := claims["user_id"]; ok {
		t.Errorf("the token says %s", payload)
	}
}

func TestPelicanAccountsAndSettings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, paneltest.WithPelican())
		ctx, c := t.Context(), w.user
		check(t, c.Account.SetUsername(ctx, "ursula", "password"))
		account := get(c.Account.Get(ctx))(t)
		expect(t, "username", account.Username, "ursula")
		expect(t, "id", account.ID, 0)
		check(t, c.Settings.SetDescription(ctx, w.lobby, "Something else."))
		server := get(c.Servers.Get(ctx, w.lobby))(t)
		expect(t, "description", *server.Description, "Something else.")
		// A description beside the name is passed over, whatever it is.
		must(t, w.panel, w.panel.UserKey, http.MethodPost, "/api/client/servers/"+w.lobby+"/settings/rename", `{"name":"hall","description":5}`)
		server = get(c.Servers.Get(ctx, w.lobby))(t)
		expect(t, "name", server.Name, "hall")
		expect(t, "description", *server.Description, "Something else.")
		backup := get(c.Backups.Create(ctx, w.lobby, client.CreateBackupRequest{Name: "one"}))(t)
		expect(t, "name", get(c.Backups.Rename(ctx, w.lobby, backup.UUID, "two"))(t).Name, "two")

		long := strings.Repeat("x", 255)
		expect(t, "a long name", get(c.Backups.Rename(ctx, w.lobby, backup.UUID, long))(t).Name, long)
		must(t, w.panel, w.panel.UserKey, http.MethodPost, "/api/client/servers/"+w.lobby+"/settings/rename", `{"name":"`+long+`"}`)

		_ = get(w.application.Users.Update(ctx, 2, managed))(t)
		if err := c.Account.SetUsername(ctx, "uma", "password"); !errors.Is(err, client.ErrForbidden) {
			t.Errorf("an account that is managed elsewhere changes its name: %v", err)
		}
	})
}

// hasCode reports whether an error has a code of the Panel's.
func hasCode(err error, code string) bool {
	var failure *client.Error
	return errors.As(err, &failure) && failure.HasCode(code)
}

// managed makes an account one that is managed elsewhere.
func managed(r *application.UpdateUserRequest) error {
	yes := true
	r.IsManagedExternally = &yes
	return nil
}

func TestPelicanFailuresOfNodes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, paneltest.WithPelican())
		ctx, c := t.Context(), w.user
		check(t, c.Servers.Command(ctx, w.survival, "nobody hears it"))
		if _, err := c.Files.Read(ctx, w.lobby, "/missing"); !errors.Is(err, client.ErrServer) {
			t.Error(err)
		}
		check(t, w.panel.StopNode(1))
		if err := c.Servers.Signal(ctx, w.survival, client.PowerSignalStart); !errors.Is(err, client.ErrDaemon) {
			t.Error(err)
		}
		stats := get(c.Servers.Resources(ctx, w.survival))(t)
		expect(t, "state", string(stats.CurrentState), "missing")
		if err := w.application.Servers.Suspend(ctx, 2); !errors.Is(err, client.ErrDaemon) {
			t.Error(err)
		}
		expect(t, "suspended all the same", get(w.application.Servers.Get(ctx, 2))(t).Suspended, true)
	})
}

func TestPelicanArchives(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, paneltest.WithPelican())
		ctx, panel := t.Context(), w.panel
		path := "/api/client/servers/" + w.lobby + "/files/"
		for _, extension := range []string{"zip", "tar.gz", "txz"} {
			made := must(t, panel, panel.UserKey, http.MethodPost, path+"compress", `{"root":"/","files":["logs"],"name":"packed","extension":"`+extension+`"}`)
			expect(t, "name", made.attributes()["name"], any("packed."+extension))
			check(t, w.user.Files.Delete(ctx, w.lobby, "/logs"))
			must(t, panel, panel.UserKey, http.MethodPost, path+"decompress", `{"root":"/","file":"packed.`+extension+`"}`)
			content := get(w.user.Files.Read(ctx, w.lobby, "/logs/latest.log"))(t)
			expect(t, "content", string(content), "[12:00:00] started\n")
		}
		answer := do(t, panel, panel.UserKey, http.MethodPost, path+"compress", `{"root":"/","files":["logs"],"extension":"rar"}`)
		expect(t, "an extension that is not known", answer.status, http.StatusUnprocessableEntity)

		check(t, w.user.Files.Write(ctx, w.lobby, "/binary", strings.NewReader("a\xffb")))
		if content := get(w.user.Files.Read(ctx, w.lobby, "/binary"))(t); bytes.Contains(content, []byte{0xff}) {
			t.Errorf("what is no UTF-8 comes as it is: %q", content)
		}
	})
}

func TestPelicanConsole(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, paneltest.WithPelican())
		con := dial(t, w.user, w.lobby)
		events := get(con.Subscribe(console.KeepAll()))(t)
		defer events.Close()
		check(t, w.panel.Print("lobby", "You need to agree to the EULA in order to run the server. Go to eula.txt"))
		time.Sleep(time.Second)
		check(t, con.Signal(t.Context(), client.PowerSignalStop))
		time.Sleep(time.Minute)
		check(t, con.Signal(t.Context(), client.PowerSignalStart))
		time.Sleep(time.Minute)
		_ = con.Close()
		var matches, daemonLines int
		var written int64
		for e := range events.Channel() {
			switch e := e.(type) {
			case console.FeatureMatch:
				matches++
				expect(t, "feature", e.Feature, "eula")
			case console.Stats:
				written = max(written, e.DiskWrittenBytes)
			case console.Output:
				if strings.HasPrefix(e.Text(), "[pelican Daemon]:") {
					daemonLines++
				}
			}
		}
		expect(t, "matches", matches, 1)
		if written == 0 || daemonLines == 0 {
			t.Errorf("%d bytes were written, %d lines are of the daemon", written, daemonLines)
		}
	})
}

// Servers that a schedule backs up, and files that one deletes, are what Pelican
// adds to tasks.
func TestPelicanSchedules(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, paneltest.WithPelican())
		ctx, c := t.Context(), w.user
		schedule := get(c.Schedules.Create(ctx, w.lobby, client.CreateScheduleRequest{Name: "tidy", Minute: "0", Hour: "0", DayOfMonth: "1", Month: "1", DayOfWeek: "*", IsActive: true}))(t)
		path := "/api/client/servers/" + w.lobby + "/schedules/"
		tasks := path + strconv.Itoa(schedule.ID) + "/tasks"
		must(t, w.panel, w.panel.UserKey, http.MethodPost, tasks, `{"action":"delete_files","payload":"server.properties","time_offset":0}`)
		must(t, w.panel, w.panel.UserKey, http.MethodPost, tasks, `{"action":"backup","payload":"","time_offset":0}`)
		check(t, c.Schedules.Execute(ctx, w.lobby, schedule.ID))
		time.Sleep(time.Second)
		files := get(c.Files.List(ctx, w.lobby, "/"))(t)
		if slices.ContainsFunc(files, func(f *client.File) bool { return f.Name == "server.properties" }) {
			t.Error("the file is still there")
		}
		backups := get(c.Backups.List(ctx, w.lobby, client.BackupListOptions{}))(t)
		expect(t, "scheduled", backups.Items[0].IsScheduled, true)
	})
}

// Nodes know the Panel by their tokens, each its own servers alone.
func TestPelicanAnswersNodes(t *testing.T) {
	t.Parallel()
	panel := newPanel(t, paneltest.WithPelican())
	token := func(node string) string {
		answer := must(t, panel, panel.ApplicationKey, http.MethodGet, "/api/application/nodes/"+node+"/configuration", "").document()
		return fmt.Sprint(answer["token_id"], ".", answer["token"])
	}
	lobby := get(panel.Server("lobby"))(t)
	for _, test := range []struct {
		node, method, path, body string
		status                   int
	}{
		{token("1"), "GET", "servers/" + lobby.UUID, "", http.StatusOK},
		{token("2"), "GET", "servers/" + lobby.UUID, "", http.StatusNotFound},
		{"wrong.token", "GET", "servers", "", http.StatusForbidden},
		{"", "GET", "servers", "", http.StatusUnauthorized},
		{token("1"), "GET", "nothing", "", http.StatusNotFound},
		{token("1"), "POST", "sftp/auth", `{"type":"password","username":"user.` + lobby.Identifier + `","password":"password"}`, http.StatusOK},
		{token("1"), "POST", "sftp/auth", `{"type":"password","username":"user.` + lobby.Identifier + `","password":"wrong"}`, http.StatusForbidden},
		{token("2"), "POST", "sftp/auth", `{"type":"password","username":"user.` + lobby.Identifier + `","password":"password"}`, http.StatusForbidden},
		{token("1"), "POST", "activity", `{"data":[{"server":"` + lobby.UUID + `","event":"server:sftp.write","timestamp":"2026-11-24T15:49:37Z"}]}`, http.StatusOK},
	} {
		answer := do(t, panel, test.node, test.method, "/api/remote/"+test.path, test.body)
		if answer.status != test.status {
			t.Errorf("%s %s %s: %d %s, want %d", test.method, test.path, test.body, answer.status, answer.body, test.status)
		}
	}
	activity := must(t, panel, panel.UserKey, http.MethodGet, "/api/client/servers/"+lobby.Identifier+"/activity", "")
	if !strings.Contains(string(activity.body), "server:sftp.write") {
		t.Errorf("the activity of the node is not there: %s", activity.body)
	}
	if answer := do(t, newPanel(t), "", http.MethodGet, "/api/remote/servers", ""); answer.status != http.StatusNotFound {
		t.Errorf("Pterodactyl answers %d", answer.status)
	}
}
