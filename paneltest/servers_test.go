package paneltest_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/paneltest"
)

func TestSDKServers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx, servers := t.Context(), w.user.Servers
		var names []string
		for server, err := range servers.All(ctx, client.ServerListOptions{PerPage: 2}) {
			check(t, err)
			names = append(names, server.Name)
		}
		if want := []string{"lobby", "survival", "installing", "suspended"}; !slices.Equal(names, want) {
			t.Errorf("the servers are %q", names)
		}
		lobby := get(servers.Get(ctx, w.lobby, client.ServerIncludeEgg, client.ServerIncludeSubusers))(t)
		expect(t, "owner", lobby.IsServerOwner, true)

		check(t, servers.Signal(ctx, w.survival, client.PowerSignalStart))
		check(t, servers.WaitPower(ctx, w.survival, client.PowerStateRunning, client.WaitOptions{}))
		check(t, servers.Command(ctx, w.survival, "list"))
		time.Sleep(time.Minute)
		stats := get(servers.Resources(ctx, w.survival))(t)
		if stats.CurrentState != client.PowerStateRunning || stats.Resources.Uptime < 60_000 || stats.Resources.MemoryBytes == 0 {
			t.Errorf("%+v", stats)
		}
		check(t, servers.Signal(ctx, w.survival, client.PowerSignalStop))
		check(t, servers.WaitPower(ctx, w.survival, client.PowerStateOffline, client.WaitOptions{}))
		if err := servers.Command(ctx, w.survival, "list"); !errors.Is(err, client.ErrServer) {
			t.Errorf("a command to a server that is offline: %v", err)
		}
		page := get(servers.Activity(ctx, w.survival, client.ActivityListOptions{Filter: client.ActivityFilter{Event: "power"}}))(t)
		expect(t, "power signals in the log", page.Total, 2)
		for name, want := range map[string]error{"installing": client.ErrConflict, "suspended": client.ErrConflict} {
			if err := servers.Signal(ctx, identify(t, w.panel, name), client.PowerSignalStart); !errors.Is(err, want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := w.subuser.Servers.Signal(ctx, w.lobby, client.PowerSignalStop); !errors.Is(err, client.ErrForbidden) {
			t.Error(err)
		}
	})
}

func TestSDKDatabases(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx, databases := t.Context(), w.user.Databases
		made := get(databases.Create(ctx, w.lobby, client.CreateDatabaseRequest{Database: "stats", Remote: "%"}))(t)
		expect(t, "name", made.Name, "s1_stats")
		listed := get(databases.List(ctx, w.lobby, client.DatabaseIncludePassword))(t)
		expect(t, "databases", len(listed), 1)
		before := listed[0].Relationships.Password.Get().Password
		rotated := get(databases.RotatePassword(ctx, w.lobby, made.ID))(t)
		if rotated.Relationships.Password.Get().Password == before {
			t.Error("the password is what it was")
		}
		get(databases.Create(ctx, w.lobby, client.CreateDatabaseRequest{Database: "more", Remote: "%"}))(t)
		if _, err := databases.Create(ctx, w.lobby, client.CreateDatabaseRequest{Database: "toomany", Remote: "%"}); err == nil {
			t.Error("there is no limit")
		}
		check(t, databases.Delete(ctx, w.lobby, made.ID))
		expect(t, "databases", len(get(databases.List(ctx, w.lobby))(t)), 1)
	})
}

func TestSDKNetwork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx, network := t.Context(), w.user.Network
		made := get(network.Create(ctx, w.lobby))(t)
		noted := get(network.SetNote(ctx, w.lobby, made.ID, "map"))(t)
		expect(t, "note", *noted.Notes, "map")
		primary := get(network.SetPrimary(ctx, w.lobby, made.ID))(t)
		expect(t, "primary", primary.IsDefault, true)
		if err := network.Delete(ctx, w.lobby, made.ID); err == nil {
			t.Error("the primary allocation is deleted")
		}
		listed := get(network.List(ctx, w.lobby))(t)
		expect(t, "allocations", len(listed), 2)
		check(t, network.Delete(ctx, w.lobby, listed[0].ID))
	})
}

func TestSDKSubusers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx, subusers := t.Context(), w.user.Subusers
		known := get(subusers.Permissions(ctx))(t)
		expect(t, "keys of control", len(known["control"].Keys), 4)
		made := get(subusers.Create(ctx, w.survival, "friend@example.org", client.PermissionFileRead))(t)
		changed := get(subusers.Update(ctx, w.survival, made.UUID, client.PermissionControlStart, client.PermissionControlStop))(t)
		if !slices.Contains(changed.Permissions, client.PermissionControlStart) || slices.Contains(changed.Permissions, client.PermissionFileRead) {
			t.Errorf("%q", changed.Permissions)
		}
		expect(t, "e-mail", get(subusers.Get(ctx, w.survival, made.UUID))(t).Email, "friend@example.org")
		expect(t, "subusers", len(get(subusers.List(ctx, w.survival))(t)), 1)
		check(t, subusers.Delete(ctx, w.survival, made.UUID))
		expect(t, "subusers", len(get(subusers.List(ctx, w.survival))(t)), 0)
	})
}

func TestSDKStartupAndSettings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx := t.Context()
		startup := get(w.user.Startup.Get(ctx, w.lobby))(t)
		expect(t, "variables that may be seen", len(startup.Variables), 3)
		changed := get(w.user.Startup.Set(ctx, w.lobby, "VERSION", "1.21"))(t)
		expect(t, "value", *changed.ServerValue, "1.21")
		for variable, value := range map[string]string{"BUILD": "8", "LICENSE": "x", "VERSION": "much too long a version"} {
			if _, err := w.user.Startup.Set(ctx, w.lobby, variable, value); err == nil {
				t.Errorf("%s may be %q", variable, value)
			}
		}
		check(t, w.user.Settings.Rename(ctx, w.lobby, "entry", "Where it begins."))
		check(t, w.user.Settings.Update(ctx, w.lobby, func(r *client.RenameServerRequest) { r.Name = "door" }))
		lobby := get(w.user.Servers.Get(ctx, w.lobby))(t)
		expect(t, "name", lobby.Name, "door")
		expect(t, "description", *lobby.Description, "Where it begins.")
		check(t, w.user.Settings.SetDockerImage(ctx, w.lobby, "ghcr.io/example/yolks:java_17"))
		if err := w.user.Settings.SetDockerImage(ctx, w.lobby, "ghcr.io/example/other"); !errors.Is(err, client.ErrValidation) {
			t.Error(err)
		}
		check(t, w.user.Settings.Reinstall(ctx, w.lobby))
		if _, err := w.user.Files.List(ctx, w.lobby, "/"); !errors.Is(err, client.ErrConflict) {
			t.Errorf("while it is installed: %v", err)
		}
		get(w.user.Servers.WaitReady(ctx, w.lobby, client.WaitOptions{}))(t)
		get(w.user.Files.List(ctx, w.lobby, "/"))(t)
	})
}

func TestSDKSchedules(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx, schedules := t.Context(), w.user.Schedules
		made := get(schedules.Create(ctx, w.lobby, client.CreateScheduleRequest{
			Name: "hourly", Minute: "0", Hour: "*", DayOfMonth: "*", Month: "*", DayOfWeek: "*", IsActive: true,
		}))(t)
		first := get(schedules.CreateTask(ctx, w.lobby, made.ID, client.CreateScheduleTaskRequest{Action: client.TaskActionCommand, Payload: "say hi"}))(t)
		second := get(schedules.CreateTask(ctx, w.lobby, made.ID, client.CreateScheduleTaskRequest{
			Action: client.TaskActionPower, Payload: "stop", TimeOffset: 60,
		}))(t)
		expect(t, "place", second.SequenceID, 2)
		moved := get(schedules.UpdateTask(ctx, w.lobby, made.ID, first.ID, func(r *client.UpdateScheduleTaskRequest) { r.Payload = "say bye" }))(t)
		expect(t, "payload", moved.Payload, "say bye")
		changed := get(schedules.Update(ctx, w.lobby, made.ID, func(r *client.UpdateScheduleRequest) { r.Hour, r.OnlyWhenOnline = "*/2", true }))(t)
		expect(t, "hour", changed.Cron.Hour, "*/2")
		expect(t, "name", changed.Name, "hourly")

		check(t, schedules.Execute(ctx, w.lobby, made.ID))
		time.Sleep(30 * time.Second)
		expect(t, "runs", get(schedules.Get(ctx, w.lobby, made.ID))(t).IsProcessing, true)
		expect(t, "state", get(w.user.Servers.Resources(ctx, w.lobby))(t).CurrentState, client.PowerStateRunning)
		time.Sleep(time.Minute)
		after := get(schedules.Get(ctx, w.lobby, made.ID))(t)
		if after.IsProcessing || after.LastRunAt == nil {
			t.Errorf("%+v", after)
		}
		expect(t, "state", get(w.user.Servers.Resources(ctx, w.lobby))(t).CurrentState, client.PowerStateOffline)
		check(t, schedules.Execute(ctx, w.lobby, made.ID)) // which does nothing, as it is offline
		expect(t, "runs", get(schedules.Get(ctx, w.lobby, made.ID))(t).IsProcessing, false)

		check(t, schedules.DeleteTask(ctx, w.lobby, made.ID, first.ID))
		check(t, schedules.Delete(ctx, w.lobby, made.ID))
		expect(t, "schedules", len(get(schedules.List(ctx, w.lobby))(t)), 1)
		if _, err := schedules.Get(ctx, w.lobby, made.ID); !errors.Is(err, client.ErrNotFound) {
			t.Error(err)
		}
	})
}

func TestSDKAgainst07(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, paneltest.WithVersion("0.7"))
		ctx := t.Context()
		expect(t, "servers", get(w.user.Servers.List(ctx, client.ServerListOptions{}))(t).Total, 4)
		expect(t, "state", get(w.user.Servers.Utilization(ctx, w.lobby))(t).State, client.UtilizationStateOn) //nolint:staticcheck // of this version
		check(t, w.user.Servers.Signal(ctx, w.survival, client.PowerSignalStart))
		check(t, w.application.Servers.Rebuild(ctx, 1)) //nolint:staticcheck // of this version
	})
}
