package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/client"
)

func TestNewAPIKeyIsNotPrinted(t *testing.T) {
	t.Parallel()
	const secret = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	key, err := replayed(t, "client_sub").APIKeys.Create(t.Context(), "no ips")
	if err != nil || key.Key != "ptlc_7Xb36elBbo1"+secret || key.Description != "no ips" {
		t.Fatalf("key = %q, %v", key.Key, err)
	}
	var logged bytes.Buffer
	slog.New(slog.NewTextHandler(&logged, nil)).Info("text", "key", key)
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("json", "key", *key)
	document, err := json.Marshal(key)
	if err != nil {
		t.Error(err)
	}
	texts := []string{logged.String(), string(document), fmt.Sprint(key, *key)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		texts = append(texts, fmt.Sprintf(verb, key), fmt.Sprintf(verb, *key), fmt.Sprintf(verb, struct{ K *client.NewAPIKey }{key}))
	}
	for _, text := range texts {
		if strings.Contains(text, secret) {
			t.Errorf("the secret is in %s", text)
		}
	}
	for _, want := range []string{"key.identifier=ptlc_7Xb36elBbo1", `"key":{"identifier":"ptlc_7Xb36elBbo1","description":"no ips"}`} {
		if !strings.Contains(logged.String(), want) {
			t.Errorf("the log does not have %s: %s", want, &logged)
		}
	}
	if got := fmt.Sprint(key); got != "API key ptlc_7Xb36elBbo1" {
		t.Errorf("the key is printed as %s", got)
	}
}

// collect takes the first n items of a walk, all of them for 0.
func collect[T any](t *testing.T, walk iter.Seq2[*T, error], n int) []*T {
	t.Helper()
	var all []*T
	for item, err := range walk {
		if err != nil {
			t.Fatal(err)
		}
		if all = append(all, item); len(all) == n {
			break
		}
	}
	return all
}

func TestActivity(t *testing.T) {
	t.Parallel()
	c := replayed(t, "client_user")
	opts := client.ActivityListOptions{Filter: client.ActivityFilter{Event: "user:account"}}
	changes := collect(t, c.Account.AllActivity(t.Context(), opts), 0)
	if len(changes) != 2 || changes[0].Event != "user:account.password-changed" {
		t.Errorf("activity = %+v", changes)
	}
	page, err := c.Servers.ListActivity(t.Context(), "3d2f6345", client.ActivityListOptions{
		Include: []client.ActivityInclude{client.ActivityIncludeActor},
	})
	if err != nil || len(page.Items) == 0 || page.Items[0].Actor().Username != "normal" || page.Total < len(page.Items) {
		t.Errorf("page = %+v, %v", page, err)
	}
}

func TestAllActivityPassesItsOptionsOn(t *testing.T) {
	t.Parallel()
	const (
		query = "?page=%d&per_page=1&filter%%5Bevent%%5D=server%%3Apower&sort=-timestamp&include=actor"
		page  = `{"object":"list","data":[{"object":"activity_log","attributes":{"id":"","event":"e%[1]d","properties":[]}}],` +
			`"meta":{"pagination":{"total":2,"count":1,"per_page":1,"current_page":%[1]d,"total_pages":2,"links":[]}}}`
	)
	opts := client.ActivityListOptions{
		PerPage: 1, Sort: client.ActivitySortByTimestampDescending, Filter: client.ActivityFilter{Event: "server:power"},
		Include: []client.ActivityInclude{client.ActivityIncludeActor},
	}
	for path, walk := range map[string]func(*client.Client) iter.Seq2[*client.Activity, error]{
		"GET /account/activity": func(c *client.Client) iter.Seq2[*client.Activity, error] {
			return c.Account.AllActivity(t.Context(), opts)
		},
		"GET /servers/abc/activity": func(c *client.Client) iter.Seq2[*client.Activity, error] {
			return c.Servers.AllActivity(t.Context(), "abc", opts)
		},
	} {
		c := scripted(t, step{path + fmt.Sprintf(query, 1), 200, fmt.Sprintf(page, 1)},
			step{path + fmt.Sprintf(query, 2), 200, fmt.Sprintf(page, 2)})
		// Old Panels give no ids.
		if all := collect(t, walk(c), 0); len(all) != 2 || all[1].Event != "e2" {
			t.Errorf("%s: activity = %+v", path, all)
		}
	}
}

func TestUtilization(t *testing.T) {
	t.Parallel()
	answer, err := os.ReadFile("../testdata/panel07/clientGetServerUtilizationLegacy.json")
	if err != nil {
		t.Fatal(err)
	}
	c := scripted(t, step{"GET /servers/abc/utilization", 200, string(answer)})
	used, err := c.Servers.Utilization(t.Context(), "abc")
	if err != nil || used.State != client.UtilizationStateOn || used.Memory.Current != 375 || used.CPU.Current != 1.522 {
		t.Errorf("utilization = %+v, %v", used, err)
	}
}

func TestSubuserPermissionsAreDistinct(t *testing.T) {
	t.Parallel()
	const permissions = `"permissions":["websocket.connect","extension.thing","control.start"]`
	given := []client.Permission{
		client.PermissionWebsocketConnect, "extension.thing", client.PermissionWebsocketConnect,
		client.PermissionControlStart, "extension.thing",
	}
	c := scripted(t, step{`POST /servers/abc/users {"email":"a@example.com",` + permissions + `}`, 200, answerOf(t, "217-cl-sub-create")},
		step{`POST /servers/abc/users/u {` + permissions + `}`, 200, answerOf(t, "223-cl-sub-update")})
	if _, err := c.Subusers.Create(t.Context(), "abc", "a@example.com", given...); err != nil {
		t.Error(err)
	}
	if _, err := c.Subusers.SetPermissions(t.Context(), "abc", "u", given...); err != nil {
		t.Error(err)
	}
	if given[2] != client.PermissionWebsocketConnect {
		t.Errorf("the caller's permissions are now %q", given)
	}
}

// Granting and revoking keep what they are not told, and send nothing where there
// is nothing to change.
func TestGrantAndRevoke(t *testing.T) {
	t.Parallel()
	subuser := func(permissions string) string {
		return `{"object":"server_subuser","attributes":{"uuid":"u","permissions":` + permissions + `}}`
	}
	const had = `["control.console","extension.thing","websocket.connect"]`
	read := step{"GET /servers/abc/users/u", 200, subuser(had)}
	store := func(permissions string) step {
		return step{`POST /servers/abc/users/u {"permissions":` + permissions + `}`, 200, subuser(permissions)}
	}
	type call = func(context.Context, *client.SubusersService) (*client.Subuser, error)
	grant := func(permissions ...client.Permission) call {
		return func(ctx context.Context, s *client.SubusersService) (*client.Subuser, error) {
			return s.Grant(ctx, "abc", "u", permissions...)
		}
	}
	revoke := func(permissions ...client.Permission) call {
		return func(ctx context.Context, s *client.SubusersService) (*client.Subuser, error) {
			return s.Revoke(ctx, "abc", "u", permissions...)
		}
	}
	for name, tt := range map[string]struct {
		call  call
		steps []step
		want  string
	}{
		"a new one": {
			grant("file.read", "control.console", "file.read"),
			[]step{read, store(`["control.console","extension.thing","websocket.connect","file.read"]`)},
			"[control.console extension.thing websocket.connect file.read]",
		},
		"none new":              {grant("control.console", "websocket.connect"), []step{read}, "[control.console extension.thing websocket.connect]"},
		"one taken":             {revoke("control.console", "file.read"), []step{read, store(`["extension.thing","websocket.connect"]`)}, "[extension.thing websocket.connect]"},
		"none taken":            {revoke("file.read"), []step{read}, "[control.console extension.thing websocket.connect]"},
		"grant none":            {grant(), nil, ""},
		"revoke none":           {revoke(), nil, ""},
		"revoke what cannot be": {revoke("websocket.connect"), nil, ""},
		"the last one": {
			revoke("control.console"),
			[]step{{"GET /servers/abc/users/u", 200, subuser(`["control.console"]`)}, store(`["websocket.connect"]`)},
			"[websocket.connect]",
		},
		"a list with repetitions is mended": {
			grant("control.console"),
			[]step{{"GET /servers/abc/users/u", 200, subuser(`{"0":"control.console","2":"control.console"}`)}, store(`["control.console"]`)},
			"[control.console]",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.call(t.Context(), scripted(t, tt.steps...).Subusers)
			if tt.steps == nil {
				if !errors.Is(err, client.ErrArgument) {
					t.Errorf("err = %v, want ErrArgument", err)
				}
				return
			}
			if err != nil || fmt.Sprint(got.Permissions) != tt.want {
				t.Errorf("%v, %v; want %s", got, err, tt.want)
			}
		})
	}
}

// The Panel describes every permission that has a constant, but those that
// cannot be given away.
func TestPermissions(t *testing.T) {
	t.Parallel()
	groups, err := replayed(t, "client_user").Subusers.Permissions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for group, described := range groups {
		for key := range described.Keys {
			n++
			if permission := client.Permission(group + "." + key); !permission.Valid() {
				t.Errorf("there is no constant for %s", permission)
			}
		}
	}
	if n != 40 {
		t.Errorf("%d permissions in %d groups, want 40", n, len(groups))
	}
}

func TestNotes(t *testing.T) {
	t.Parallel()
	longest := strings.Repeat("ä", 191)
	c := scripted(t, step{`POST /servers/abc/network/allocations/1 {"notes":"` + longest + `"}`, 200, answerOf(t, "210-cl-net-notes")},
		step{`POST /servers/abc/network/allocations/1 {"notes":null}`, 200, answerOf(t, "211-cl-net-notes-null")})
	for _, note := range []string{longest, ""} {
		if _, err := c.Network.SetNote(t.Context(), "abc", 1, note); err != nil {
			t.Error(err)
		}
	}
}

func TestStartup(t *testing.T) {
	t.Parallel()
	startup, err := replayed(t, "client_user").Startup.Get(t.Context(), "3d2f6345")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"Alpine": "ghcr.io/pterodactyl/yolks:alpine", "Debian": "ghcr.io/pterodactyl/yolks:debian",
	}
	if startup.StartupCommand != `sh run.sh "hello" 3` || startup.RawStartupCommand != `sh run.sh "{{GREETING}}" {{LEVEL}}` ||
		len(startup.Variables) != 2 || !maps.Equal(startup.DockerImages, want) {
		t.Errorf("startup = %+v", startup)
	}
}

func TestBackupPages(t *testing.T) {
	t.Parallel()
	const backup = `{"object":"backup","attributes":{"uuid":"%d"}}`
	page := func(number int) string {
		return fmt.Sprintf(`{"object":"list","data":[`+backup+`],"meta":{"backup_count":7,"pagination":`+
			`{"total":2,"count":1,"per_page":50,"current_page":%[1]d,"total_pages":2,"links":{}}}}`, number)
	}
	c := scripted(t, step{"GET /servers/abc/backups?page=1&per_page=50", 200, page(1)},
		step{"GET /servers/abc/backups?page=2&per_page=50", 200, page(2)},
		step{"GET /servers/abc/backups?page=2", 200, page(2)})
	if all := collect(t, c.Backups.All(t.Context(), "abc", client.BackupListOptions{}), 0); len(all) != 2 || all[1].UUID != "2" {
		t.Errorf("backups = %+v", all)
	}
	list, err := c.Backups.List(t.Context(), "abc", client.BackupListOptions{Page: 2})
	if err != nil || list.Counted != 7 || list.Total != 2 || list.Items[0].UUID != "2" {
		t.Errorf("page = %+v, %v", list, err)
	}
}

// A list with metadata is held to what other lists are held to.
func TestBackupListOfNonsense(t *testing.T) {
	t.Parallel()
	for want, answer := range map[string]string{
		`no "data"`:              `{"object":"list","meta":{"backup_count":0}}`,
		`no "attributes"`:        `{"data":[{}],"meta":{"backup_count":0}}`,
		"got page 1":             `{"data":[],"meta":{"backup_count":0,"pagination":{"current_page":1}}}`,
		"at data[0].attributes.": `{"data":[{"attributes":{"bytes":"x"}}],"meta":{"backup_count":0,"pagination":{"current_page":2}}}`,
		"at meta.backup_count":   `{"data":[],"meta":{"backup_count":"x","pagination":{"current_page":2}}}`,
		"empty":                  ``,
		"not valid JSON":         `{"data":[`,
	} {
		c := scripted(t, step{"GET /servers/abc/backups?page=2", 200, answer})
		_, err := c.Backups.List(t.Context(), "abc", client.BackupListOptions{Page: 2})
		if !errors.Is(err, client.ErrBadAnswer) || !strings.Contains(err.Error(), want) {
			t.Errorf("err = %v, want %s", err, want)
		}
	}
}

func TestBackupLock(t *testing.T) {
	t.Parallel()
	open, shut := answerOf(t, "347-cl-d-backups-unlock"), answerOf(t, "345-cl-d-backups-lock")
	read := func(answer string) step { return step{"GET /servers/abc/backups/b", 200, answer} }
	toggle := func(answer string) step { return step{"POST /servers/abc/backups/b/lock", 200, answer} }
	for name, tt := range map[string]struct {
		steps []step
		lock  bool
	}{
		"lock":                          {[]step{read(open), toggle(shut)}, true},
		"lock what is locked":           {[]step{read(shut)}, true},
		"unlock":                        {[]step{read(shut), toggle(open)}, false},
		"unlock what is open":           {[]step{read(open)}, false},
		"lock what another locks too":   {[]step{read(open), toggle(open), toggle(shut)}, true},
		"unlock what another opens too": {[]step{read(shut), toggle(shut), toggle(open)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := scripted(t, tt.steps...)
			set := c.Backups.Unlock
			if tt.lock {
				set = c.Backups.Lock
			}
			backup, err := set(t.Context(), "abc", "b")
			if err != nil || backup.IsLocked != tt.lock {
				t.Errorf("backup = %+v, %v", backup, err)
			}
		})
	}
	notFound := answerOf(t, "207-cl-sched-404")
	c := scripted(t, step{"GET /servers/abc/backups/b", 404, notFound}, read(open), step{"POST /servers/abc/backups/b/lock", 404, notFound})
	for range 2 {
		if _, err := c.Backups.Lock(t.Context(), "abc", "b"); !errors.Is(err, client.ErrNotFound) {
			t.Errorf("err = %v, want ErrNotFound", err)
		}
	}
}

func TestRestoreModes(t *testing.T) {
	t.Parallel()
	c := scripted(t, step{`POST /servers/abc/backups/b/restore {"truncate":false}`, 204, ""},
		step{`POST /servers/abc/backups/b/restore {"truncate":true}`, 204, ""})
	for _, mode := range []client.RestoreMode{client.RestoreOver, client.RestoreTruncate} {
		if err := c.Backups.Restore(t.Context(), "abc", "b", mode); err != nil {
			t.Error(err)
		}
	}
}

func TestServicesCheckTheirArguments(t *testing.T) {
	t.Parallel()
	panel := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s was sent", r.Method, r.URL)
	}))
	t.Cleanup(panel.Close)
	c, err := client.New(panel.URL, "ptlc_x")
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	schedule := client.CreateScheduleRequest{Name: "x", Minute: "*", Hour: "*", DayOfMonth: "*", Month: "*", DayOfWeek: "*"}
	database := func(req client.CreateDatabaseRequest) error {
		_, err := c.Databases.Create(ctx, "abc", req)
		return err
	}
	without := func(clear func(*client.CreateScheduleRequest)) error {
		req := schedule
		clear(&req)
		_, err := c.Schedules.Create(ctx, "abc", req)
		return err
	}
	activity := client.ActivityListOptions{Sort: "event"}
	withoutPayload := client.UpdateScheduleTaskRequest{Action: client.TaskActionCommand}
	noChange := func(*client.UpdateScheduleTaskRequest) error { return nil }
	task := func(req client.CreateScheduleTaskRequest) error {
		_, err := c.Schedules.CreateTask(ctx, "abc", 1, req)
		return err
	}
	for want, err := range map[string]error{
		"clientEnableTwoFactor: argument code is empty":              second(c.Account.EnableTwoFactor(ctx, "", "p")),
		"clientEnableTwoFactor: argument password is empty":          second(c.Account.EnableTwoFactor(ctx, "1", "")),
		"clientDisableTwoFactor: argument password is empty":         c.Account.DisableTwoFactor(ctx, ""),
		"clientUpdateEmail: argument email is empty":                 c.Account.SetEmail(ctx, "", "p"),
		"clientUpdatePassword: argument newPassword is empty":        c.Account.SetPassword(ctx, "p", ""),
		"clientListAccountActivity: argument Sort is":                second(c.Account.ListActivity(ctx, activity)),
		"clientListServerActivity: argument PerPage is -1":           second(c.Servers.ListActivity(ctx, "abc", client.ActivityListOptions{PerPage: -1})),
		"clientCreateApiKey: argument description is empty":          second(c.APIKeys.Create(ctx, "")),
		"clientCreateApiKey: argument allowedIPs is empty":           second(c.APIKeys.Create(ctx, "x", "10.0.0.1", "")),
		"clientDeleteApiKey: argument identifier is empty":           c.APIKeys.Delete(ctx, ""),
		"clientRemoveSshKey: argument fingerprint is empty":          c.SSHKeys.Delete(ctx, ""),
		"clientRemoveSshKey: argument fingerprint is \"..\", which":  c.SSHKeys.Delete(ctx, ".."),
		"clientListDatabases: argument include is":                   second(c.Databases.List(ctx, "abc", "host")),
		"clientCreateDatabase: argument Database is empty":           database(client.CreateDatabaseRequest{Remote: "%"}),
		"clientCreateDatabase: argument Remote is empty":             database(client.CreateDatabaseRequest{Database: "x"}),
		"clientDeleteDatabase: argument database is \"a/b\"":         c.Databases.Delete(ctx, "abc", "a/b"),
		"clientCreateSchedule: argument Name is empty":               without(func(r *client.CreateScheduleRequest) { r.Name = "" }),
		"clientCreateSchedule: argument Minute is empty":             without(func(r *client.CreateScheduleRequest) { r.Minute = "" }),
		"clientCreateSchedule: argument Hour is empty":               without(func(r *client.CreateScheduleRequest) { r.Hour = "" }),
		"clientCreateSchedule: argument DayOfMonth is empty":         without(func(r *client.CreateScheduleRequest) { r.DayOfMonth = "" }),
		"clientCreateSchedule: argument Month is empty":              without(func(r *client.CreateScheduleRequest) { r.Month = " " }),
		"clientCreateSchedule: argument DayOfWeek is empty":          without(func(r *client.CreateScheduleRequest) { r.DayOfWeek = "" }),
		"clientUpdateSchedule: argument Name is empty":               second(c.Schedules.Replace(ctx, "abc", 1, client.UpdateScheduleRequest{})),
		"clientGetSchedule: argument schedule is 0":                  second(c.Schedules.Get(ctx, "abc", 0)),
		"clientGetSchedule: argument task is 0":                      second(c.Schedules.UpdateTask(ctx, "abc", 1, 0, noChange)),
		"argument change is nil":                                     second(c.Schedules.Update(ctx, "abc", 1, nil)),
		"clientCreateScheduleTask: argument Action is":               task(client.CreateScheduleTaskRequest{}),
		"clientCreateScheduleTask: argument TimeOffset is -1":        task(client.CreateScheduleTaskRequest{Action: "backup", TimeOffset: -1}),
		"clientCreateScheduleTask: argument SequenceID is -1":        task(client.CreateScheduleTaskRequest{Action: "backup", SequenceID: -1}),
		"clientCreateScheduleTask: argument Payload is empty":        task(client.CreateScheduleTaskRequest{Action: "command"}),
		"clientCreateScheduleTask: argument Payload is \"hello\"":    task(client.CreateScheduleTaskRequest{Action: "power", Payload: "hello"}),
		"clientUpdateScheduleTask: argument Payload is empty":        second(c.Schedules.ReplaceTask(ctx, "abc", 1, 2, withoutPayload)),
		"clientUpdateAllocation: argument note has 192 characters":   second(c.Network.SetNote(ctx, "abc", 1, strings.Repeat("ä", 192))),
		"clientDeleteAllocation: argument allocation is -1":          c.Network.Delete(ctx, "abc", -1),
		"clientCreateSubuser: argument email is empty":               second(c.Subusers.Create(ctx, "abc", "", client.PermissionControlStart)),
		"clientCreateSubuser: argument permissions names none":       second(c.Subusers.Create(ctx, "abc", "a@example.com")),
		"clientUpdateSubuser: argument permissions holds an empty":   second(c.Subusers.SetPermissions(ctx, "abc", "u", "control.start", "")),
		"clientListBackups: argument Page is -1":                     second(c.Backups.List(ctx, "abc", client.BackupListOptions{Page: -1})),
		"clientRestoreBackup: argument mode is \"\"":                 c.Backups.Restore(ctx, "abc", "b", ""),
		"clientRestoreBackup: argument mode is \"all\", but must":    c.Backups.Restore(ctx, "abc", "b", "all"),
		"clientUpdateStartupVariable: argument variable is empty":    second(c.Startup.Set(ctx, "abc", "", "x")),
		"clientRenameServer: argument name is empty":                 c.Settings.Rename(ctx, "abc", "", "x"),
		"clientUpdateDockerImage: argument image is empty":           c.Settings.SetDockerImage(ctx, "abc", ""),
		"clientReinstallServer: argument server is \"a/b\", but":     c.Settings.Reinstall(ctx, "a/b"),
		"clientGetServerUtilizationLegacy: argument server is \"\\t": second(c.Servers.Utilization(ctx, "\t")),
	} {
		if !errors.Is(err, client.ErrArgument) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("err = %v, want %q", err, want)
		}
	}
}

func second[T any](_ T, err error) error { return err }
