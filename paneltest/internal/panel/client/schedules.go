package client

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// ClientListSchedules implements the operation.
func (a API) ClientListSchedules(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "schedule.read", func(c *serverCall) (*laravel.Answer, error) {
		return laravel.OK(laravel.ListOf(c.server.Schedules, showSchedule)), nil
	})
}

// scheduleFields are what a schedule is made of. Only Pelican looks at the month.
var scheduleFields = []laravel.Field{
	{Name: "name", Rules: "required|string|max:191"},
	{Name: "is_active", Rules: "filled|boolean"},
	{Name: "only_when_online", Rules: "boolean"},
	{Name: "minute", Rules: "required|string"},
	{Name: "hour", Rules: "required|string"},
	{Name: "day_of_month", Rules: "required|string"},
	{Name: "day_of_week", Rules: "required|string"},
}

// readSchedule changes a schedule to what a request says. All that it does not
// say falls back.
func (c *serverCall) readSchedule(s *model.Schedule) error {
	fields := scheduleFields
	if c.Traits.DeletingTasks {
		fields = slices.Insert(slices.Clone(fields), len(fields)-1, laravel.Field{Name: "month", Rules: "required|string"})
	}
	if err := c.Input.Validate(fields...); err != nil {
		return err
	}
	if !c.Input.Has("month") || c.Input.Text("month") == "" {
		return laravel.Crashed("TypeError")
	}
	read := *s
	read.Name, read.Active, read.OnlyOnline = c.Input.Text("name"), c.Input.Boolean("is_active"), c.Input.Boolean("only_when_online")
	read.Cron.Minute, read.Cron.Hour, read.Cron.DayOfMonth = c.Input.Text("minute"), c.Input.Text("hour"), c.Input.Text("day_of_month")
	read.Cron.Month, read.Cron.DayOfWeek = c.Input.Text("month"), c.Input.Text("day_of_week")
	next, err := read.Cron.Next(time.Now())
	if err != nil {
		return laravel.Display("The cron data provided does not evaluate to a valid expression.")
	}
	read.NextRun, read.Updated = &next, time.Now()
	*s = read
	return nil
}

// ClientCreateSchedule implements the operation.
func (a API) ClientCreateSchedule(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "schedule.create", func(c *serverCall) (*laravel.Answer, error) {
		s := &model.Schedule{Server: c.server, Created: time.Now()}
		if err := c.readSchedule(s); err != nil {
			return nil, err
		}
		s.ID = c.State.Schedules.Next()
		c.State.Schedules.Add(s.ID, s)
		c.server.Schedules = append(c.server.Schedules, s)
		c.note("server:schedule.create", model.With("name", s.Name))
		return laravel.OK(showSchedule(s)), nil
	})
}

// onSchedule is onServer for an operation on a schedule.
func (a API) onSchedule(w http.ResponseWriter, r *http.Request, id string, number int, permission string, handle func(*serverCall, *model.Schedule) (*laravel.Answer, error)) {
	a.onServer(w, r, id, permission, func(c *serverCall) (*laravel.Answer, error) {
		s := c.State.Schedules.Get(number)
		if s == nil || s.Server != c.server {
			return nil, c.NotFound(s != nil)
		}
		return handle(c, s)
	})
}

// ClientGetSchedule implements the operation.
func (a API) ClientGetSchedule(w http.ResponseWriter, r *http.Request, id string, scheduleID int) {
	a.onSchedule(w, r, id, scheduleID, "schedule.read", func(_ *serverCall, s *model.Schedule) (*laravel.Answer, error) {
		return laravel.OK(showSchedule(s)), nil
	})
}

// ClientUpdateSchedule implements the operation.
func (a API) ClientUpdateSchedule(w http.ResponseWriter, r *http.Request, id string, scheduleID int) {
	a.onSchedule(w, r, id, scheduleID, "schedule.update", func(c *serverCall, s *model.Schedule) (*laravel.Answer, error) {
		old := s.Name
		if err := c.readSchedule(s); err != nil {
			return nil, err
		}
		c.note("server:schedule.update", model.With("name", old), model.With("active", s.Active))
		return laravel.OK(showSchedule(s)), nil
	})
}

// ClientDeleteSchedule implements the operation.
func (a API) ClientDeleteSchedule(w http.ResponseWriter, r *http.Request, id string, scheduleID int) {
	a.onSchedule(w, r, id, scheduleID, "schedule.delete", func(c *serverCall, s *model.Schedule) (*laravel.Answer, error) {
		c.State.RemoveSchedule(s)
		c.server.Schedules = slices.DeleteFunc(c.server.Schedules, func(other *model.Schedule) bool { return other == s })
		c.note("server:schedule.delete", model.With("name", s.Name))
		return laravel.NoContent, nil
	})
}

// ClientExecuteSchedule implements the operation.
func (a API) ClientExecuteSchedule(w http.ResponseWriter, r *http.Request, id string, scheduleID int) {
	a.onSchedule(w, r, id, scheduleID, "schedule.update", func(c *serverCall, s *model.Schedule) (*laravel.Answer, error) {
		if len(s.Tasks) == 0 {
			return nil, laravel.Display("Cannot process schedule for task execution: no tasks are registered.")
		}
		c.Run(s)
		c.note("server:schedule.execute", model.With("name", s.Name))
		return laravel.Accepted, nil
	})
}

// taskFields are what a task is made of.
func (c *serverCall) taskFields() []laravel.Field {
	actions := "command,power,backup"
	if c.Traits.DeletingTasks {
		actions += ",delete_files"
	}
	return []laravel.Field{
		{Name: "action", Rules: "required|in:" + actions},
		{Name: "payload", Rules: "required_unless:action,backup|string|nullable"},
		{Name: "time_offset", Rules: "required|numeric|min:0|max:900"},
		{Name: "sequence_id", Rules: "sometimes|required|numeric|min:1"},
		{Name: "continue_on_failure", Rules: "sometimes|boolean"},
	}
}

// readTask changes a task to what a request says.
func (c *serverCall) readTask(t *model.Task) {
	t.Action, t.Payload, t.Offset = c.Input.Text("action"), c.Input.Text("payload"), c.Input.Integer("time_offset")
	t.ContinueOnFailure, t.Updated = c.Input.Boolean("continue_on_failure"), time.Now()
}

// checkTask refuses what no task may be.
func (c *serverCall) checkTask() error {
	if c.server.BackupLimit == 0 && c.Input.Text("action") == "backup" {
		return laravel.Forbidden("A backup task cannot be created when the server's backup limit is set to 0.")
	}
	return nil
}

// ClientCreateScheduleTask implements the operation.
func (a API) ClientCreateScheduleTask(w http.ResponseWriter, r *http.Request, id string, scheduleID int) {
	a.onSchedule(w, r, id, scheduleID, "schedule.update", func(c *serverCall, s *model.Schedule) (*laravel.Answer, error) {
		if err := c.Input.Validate(c.taskFields()...); err != nil {
			return nil, err
		}
		if limit := c.State.Settings.MaxTasks; len(s.Tasks) >= limit {
			return nil, laravel.Refuse(http.StatusBadRequest, "ServiceLimitExceededException", "Schedules may not have more than "+
				strconv.Itoa(limit)+" tasks associated with them. Creating this task would put this schedule over the limit.")
		}
		if err := c.checkTask(); err != nil {
			return nil, err
		}
		t := &model.Task{ID: c.State.Tasks.Next(), Schedule: s, Sequence: 1, Created: time.Now()}
		for _, other := range s.Tasks {
			t.Sequence = max(t.Sequence, other.Sequence+1)
		}
		if wanted := c.Input.Integer("sequence_id"); wanted >= 1 && wanted < t.Sequence {
			t.Sequence = wanted
			for _, other := range s.Tasks {
				if other.Sequence >= wanted {
					other.Sequence++
				}
			}
		}
		c.readTask(t)
		c.State.Tasks.Add(t.ID, t)
		s.Tasks = append(s.Tasks, t)
		c.noteTask("server:task.create", t.Action, t.Payload, s)
		return laravel.OK(showTask(t)), nil
	})
}

func (c *serverCall) noteTask(event, action, payload string, s *model.Schedule) {
	s.Updated = time.Now()
	c.note(event, model.With("name", s.Name), model.With("action", action), model.With("payload", payload))
}

// onTask is onSchedule for an operation on a task.
func (a API) onTask(w http.ResponseWriter, r *http.Request, id string, scheduleID, taskID int, permission string, handle func(*serverCall, *model.Task) (*laravel.Answer, error)) {
	a.onSchedule(w, r, id, scheduleID, permission, func(c *serverCall, s *model.Schedule) (*laravel.Answer, error) {
		t := c.State.Tasks.Get(taskID)
		if t == nil || t.Schedule != s {
			return nil, c.NotFound(t != nil)
		}
		return handle(c, t)
	})
}

// ClientUpdateScheduleTask implements the operation.
func (a API) ClientUpdateScheduleTask(w http.ResponseWriter, r *http.Request, id string, scheduleID, taskID int) {
	a.onTask(w, r, id, scheduleID, taskID, "schedule.update", func(c *serverCall, t *model.Task) (*laravel.Answer, error) {
		if err := c.Input.Validate(c.taskFields()...); err != nil {
			return nil, err
		}
		if err := c.checkTask(); err != nil {
			return nil, err
		}
		if wanted := c.Input.Integer("sequence_id"); wanted >= 1 {
			t.Move(wanted)
		}
		action, payload := t.Action, t.Payload // the log has what was before
		c.readTask(t)
		c.noteTask("server:task.update", action, payload, t.Schedule)
		return laravel.OK(showTask(t)), nil
	})
}

// ClientDeleteScheduleTask implements the operation.
func (a API) ClientDeleteScheduleTask(w http.ResponseWriter, r *http.Request, id string, scheduleID, taskID int) {
	permission := "schedule.update"
	if a.Traits.DeletingTasks {
		permission = "schedule.delete"
	}
	a.onTask(w, r, id, scheduleID, taskID, permission, func(c *serverCall, t *model.Task) (*laravel.Answer, error) {
		s := t.Schedule
		for _, other := range s.Tasks {
			if other.Sequence > t.Sequence {
				other.Sequence--
			}
		}
		c.State.Tasks.Remove(t.ID)
		s.Tasks = slices.DeleteFunc(s.Tasks, func(other *model.Task) bool { return other == t })
		s.Updated = time.Now()
		c.note("server:task.delete", model.With("name", s.Name))
		return laravel.NoContent, nil
	})
}
