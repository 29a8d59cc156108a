package client_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/client"
)

// The settings of these things are all unlike what their absence would mean.
const (
	fullSchedule = `{"object":"server_schedule","attributes":{"id":2,"name":"nightly",
		"cron":{"minute":"1","hour":"2","day_of_month":"3","month":"4","day_of_week":"5"},
		"is_active":true,"is_processing":false,"only_when_online":true,"last_run_at":null,"next_run_at":null,
		"created_at":"2026-11-21T22:44:11+00:00","updated_at":"2026-11-21T22:44:11+00:00",
		"relationships":{"tasks":{"object":"list","data":[{"object":"schedule_task","attributes":` + fullTask + `}]}}}}`
	fullTask = `{"id":7,"sequence_id":3,"action":"command","payload":"say hi","time_offset":60,"is_queued":false,
		"continue_on_failure":true,"created_at":"2026-11-21T22:44:12+00:00","updated_at":"2026-11-21T22:44:12+00:00"}`
	taskItem = `{"object":"schedule_task","attributes":` + fullTask + `}`
)

// holdsEveryField reports whether a request in JSON has each field of its type, so
// that a field which the type gets one day is not lost.
func holdsEveryField[Request any](t *testing.T, request string) {
	t.Helper()
	_, body, _ := strings.Cut(request, "{")
	var sent map[string]any
	if err := json.Unmarshal([]byte("{"+body), &sent); err != nil {
		t.Fatal(err)
	}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Request]()) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if _, ok := sent[name]; !ok {
			t.Errorf("%s lacks %s", request, name)
		}
	}
}

func TestScheduleUpdate(t *testing.T) {
	t.Parallel()
	const replace = `POST /servers/abc/schedules/2 {"day_of_month":"3","day_of_week":"5","hour":"2","is_active":true,` +
		`"minute":"1","month":"4","name":"weekly","only_when_online":true}`
	holdsEveryField[client.UpdateScheduleRequest](t, replace)
	c := scripted(t, step{"GET /servers/abc/schedules/2", 200, fullSchedule}, step{replace, 200, answerOf(t, "202-cl-sched-update")})
	schedule, err := c.Schedules.Update(t.Context(), "abc", 2, func(req *client.UpdateScheduleRequest) error { req.Name = "weekly"; return nil })
	if err != nil || schedule.Name != "renamed" {
		t.Errorf("schedule = %+v, %v", schedule, err)
	}
}

// Panels before 1.3.0 know no month, and ignore it.
func TestScheduleUpdateWithoutMonth(t *testing.T) {
	t.Parallel()
	old := edited(t, fullSchedule, `"month":"4"`, `"other":"4"`)
	c := scripted(t, step{"GET /servers/abc/schedules/2", 200, old}, step{
		`POST /servers/abc/schedules/2 {"day_of_month":"3","day_of_week":"5","hour":"2","is_active":false,` +
			`"minute":"1","month":"*","name":"nightly","only_when_online":true}`, 200, old,
	})
	_, err := c.Schedules.Update(t.Context(), "abc", 2, func(req *client.UpdateScheduleRequest) error { req.IsActive = false; return nil })
	if err != nil {
		t.Error(err)
	}
}

// Replace says what the Panel would else take from an absence.
func TestReplaceSendsFlags(t *testing.T) {
	t.Parallel()
	c := scripted(t, step{
		`POST /servers/abc/schedules/2 {"day_of_month":"*","day_of_week":"*","hour":"*","is_active":false,` +
			`"minute":"*","month":"*","name":"x","only_when_online":false}`, 200, fullSchedule,
	}, step{
		`POST /servers/abc/schedules/2/tasks/7 {"action":"backup","continue_on_failure":false,"payload":"","time_offset":0}`, 200, taskItem,
	})
	if _, err := c.Schedules.Replace(t.Context(), "abc", 2, client.UpdateScheduleRequest{
		Name: "x", Minute: "*", Hour: "*", DayOfMonth: "*", Month: "*", DayOfWeek: "*",
	}); err != nil {
		t.Error(err)
	}
	req := client.UpdateScheduleTaskRequest{Action: client.TaskActionBackup}
	if _, err := c.Schedules.ReplaceTask(t.Context(), "abc", 2, 7, req); err != nil {
		t.Error(err)
	}
}

func TestTaskUpdate(t *testing.T) {
	t.Parallel()
	const (
		read    = "GET /servers/abc/schedules/2"
		replace = `POST /servers/abc/schedules/2/tasks/7 {"action":"command","continue_on_failure":true,` +
			`"payload":"say bye","sequence_id":3,"time_offset":60}`
		replaceOther = `POST /servers/abc/schedules/2/tasks/7 {"action":"command","continue_on_failure":false,` +
			`"payload":"say hi","sequence_id":3,"time_offset":60}`
	)
	holdsEveryField[client.UpdateScheduleTaskRequest](t, replace)
	c := scripted(t, step{read, 200, fullSchedule}, step{replace, 200, answerOf(t, "199-cl-task-update")},
		step{read, 200, fullSchedule}, step{replaceOther, 200, taskItem})
	task, err := c.Schedules.UpdateTask(t.Context(), "abc", 2, 7, func(req *client.UpdateScheduleTaskRequest) error {
		req.Payload = "say bye"
		return nil
	})
	if err != nil || task.Payload != "say bye" {
		t.Errorf("task = %+v, %v", task, err)
	}
	_, err = c.Schedules.UpdateTask(t.Context(), "abc", 2, 7, func(req *client.UpdateScheduleTaskRequest) error { req.ContinueOnFailure = false; return nil })
	if err != nil {
		t.Error(err)
	}
}

func TestTaskUpdateOfNoTask(t *testing.T) {
	t.Parallel()
	c := scripted(t, step{"GET /servers/abc/schedules/2", 200, fullSchedule})
	_, err := c.Schedules.UpdateTask(t.Context(), "abc", 2, 8, func(*client.UpdateScheduleTaskRequest) error {
		t.Error("there was something to change")
		return nil
	})
	if !errors.Is(err, client.ErrNotFound) || !strings.Contains(err.Error(), "schedule 2 has no task 8") {
		t.Errorf("err = %v, want ErrNotFound", err)
	}
}

func TestSettingsUpdate(t *testing.T) {
	t.Parallel()
	server := answerOf(t, "167-cl-server")
	for name, tt := range map[string]struct {
		server, rename string
		change         func(*client.RenameServerRequest) error
	}{
		"name": {
			server, `{"description":"Server ref-user","name":"new"}`,
			func(req *client.RenameServerRequest) error { req.Name = "new"; return nil },
		},
		"description": {
			server, `{"description":"new","name":"ref-user"}`,
			func(req *client.RenameServerRequest) error { req.Description = "new"; return nil },
		},
		"no description": {
			server, `{"description":"","name":"ref-user"}`,
			func(req *client.RenameServerRequest) error { req.Description = ""; return nil },
		},
		"none before": {
			edited(t, server, `"Server ref-user"`, `null`), `{"description":"","name":"new"}`,
			func(req *client.RenameServerRequest) error { req.Name = "new"; return nil },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			holdsEveryField[client.RenameServerRequest](t, tt.rename)
			c := scripted(t, step{"GET /servers/abc", 200, tt.server}, step{"POST /servers/abc/settings/rename " + tt.rename, 204, ""})
			if err := c.Settings.Update(t.Context(), "abc", tt.change); err != nil {
				t.Error(err)
			}
		})
	}
}

// What does not change is not sent.
func TestUpdateThatChangesNothing(t *testing.T) {
	t.Parallel()
	read := step{"GET /servers/abc/schedules/2", 200, fullSchedule}
	c := scripted(t, read, read, step{"GET /servers/abc", 200, answerOf(t, "167-cl-server")})
	schedule, err := c.Schedules.Update(t.Context(), "abc", 2, func(req *client.UpdateScheduleRequest) error { req.Hour = "2"; return nil })
	if err != nil || schedule.Name != "nightly" {
		t.Errorf("schedule = %+v, %v", schedule, err)
	}
	task, err := c.Schedules.UpdateTask(t.Context(), "abc", 2, 7, func(*client.UpdateScheduleTaskRequest) error { return nil })
	if err != nil || task.ID != 7 {
		t.Errorf("task = %+v, %v", task, err)
	}
	if err := c.Settings.Update(t.Context(), "abc", func(*client.RenameServerRequest) error { return nil }); err != nil {
		t.Error(err)
	}
}

// What cannot be read is not replaced.
func TestUpdateOfWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	notFound := answerOf(t, "207-cl-sched-404")
	c := scripted(t, step{"GET /servers/abc/schedules/2", 404, notFound}, step{"GET /servers/abc/schedules/2", 404, notFound},
		step{"GET /servers/abc", 404, notFound})
	_, scheduleErr := c.Schedules.Update(t.Context(), "abc", 2, func(*client.UpdateScheduleRequest) error { return nil })
	_, taskErr := c.Schedules.UpdateTask(t.Context(), "abc", 2, 7, func(*client.UpdateScheduleTaskRequest) error { return nil })
	settingsErr := c.Settings.Update(t.Context(), "abc", func(*client.RenameServerRequest) error { return nil })
	for _, err := range []error{scheduleErr, taskErr, settingsErr} {
		if !errors.Is(err, client.ErrNotFound) {
			t.Errorf("err = %v, want ErrNotFound", err)
		}
	}
}

// notKnown answers as a Panel does to a route that it does not have.
func notKnown(t *testing.T, request string, status int) step {
	t.Helper()
	if status == http.StatusNotFound {
		return step{request, status, answerOf(t, "122-err-404-route")}
	}
	return step{request, status, answerOf(t, "124-err-405")}
}

func TestDisableTwoFactorOnOlderPanels(t *testing.T) {
	t.Parallel()
	const (
		present = `POST /account/two-factor/disable {"password":"secret"}`
		older   = `DELETE /account/two-factor {"password":"secret"}`
	)
	wrong := answerOf(t, "144-cl-account-2fa-disable-wrong")
	for name, tt := range map[string]struct {
		steps  []step
		status int
	}{
		"new":                 {[]step{{present, 204, ""}}, 0},
		"new, wrong password": {[]step{{present, 400, wrong}}, 400},
		"old, 404":            {[]step{notKnown(t, present, 404), {older, 204, ""}}, 0},
		"old, 405":            {[]step{notKnown(t, present, 405), {older, 204, ""}}, 0},
		"old, wrong password": {[]step{notKnown(t, present, 405), {older, 400, wrong}}, 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := scripted(t, tt.steps...).Account.DisableTwoFactor(t.Context(), "secret")
			wantStatus(t, err, tt.status)
		})
	}
}

func TestRemoveSSHKeyOnOlderPanels(t *testing.T) {
	t.Parallel()
	const (
		fingerprint = "vHxnyQ9g4ihzEMNQ/JBZ4cx7NgNJCT1tWd3vUQ+iqd4"
		present     = `POST /account/ssh-keys/remove {"fingerprint":"` + fingerprint + `"}`
		older       = "DELETE /account/ssh-keys/vHxnyQ9g4ihzEMNQ%2FJBZ4cx7NgNJCT1tWd3vUQ+iqd4"
	)
	for name, tt := range map[string]struct {
		steps  []step
		status int
	}{
		"new":        {[]step{{present, 204, ""}}, 0},
		"new, fails": {[]step{{present, 500, answerOf(t, "194-cl-sched-create-nomonth")}}, 500},
		"1.8.1":      {[]step{notKnown(t, present, 405), {older, 204, ""}}, 0},
		"1.7":        {[]step{notKnown(t, present, 404), notKnown(t, older, 404)}, 404},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := scripted(t, tt.steps...).SSHKeys.Delete(t.Context(), fingerprint)
			wantStatus(t, err, tt.status)
		})
	}
}

// wantStatus checks for an error of the Panel, or none where status is 0.
func wantStatus(t *testing.T, err error, status int) {
	t.Helper()
	var e *client.Error
	if status == 0 && err != nil || status != 0 && (!errors.As(err, &e) || e.StatusCode != status) {
		t.Errorf("err = %v, want status %d", err, status)
	}
}
