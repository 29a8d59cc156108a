package paneltest

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

// ClientListSchedules implements the operation.
func (a clientAPI) ClientListSchedules(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "schedule.read", func(c *serverCall) (*laravel.Answer, error) {
		return laravel.OK(laravel.ListOf(c.server.schedules, showSchedule)), nil
	})
}

// scheduleFields are what a schedule is made of. The month is not looked at.
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
func (c *serverCall) readSchedule(s *schedule) error {
	if err := c.in.Validate(scheduleFields...); err != nil {
		return err
	}
	if !c.in.Has("month") || c.in.Text("month") == "" {
		return laravel.Crashed("TypeError")
	}
	read := *s
	read.name, read.active, read.onlyOnline = c.in.Text("name"), c.in.Boolean("is_active"), c.in.Boolean("only_when_online")
	read.cron.Minute, read.cron.Hour, read.cron.DayOfMonth = c.in.Text("minute"), c.in.Text("hour"), c.in.Text("day_of_month")
	read.cron.Month, read.cron.DayOfWeek = c.in.Text("month"), c.in.Text("day_of_week")
	next, err := read.cron.Next(time.Now())
	if err != nil {
		return laravel.Display("The cron data provided does not evaluate to a valid expression.")
	}
	read.nextRun, read.updated = &next, time.Now()
	*s = read
	return nil
}

// ClientCreateSchedule implements the operation.
func (a clientAPI) ClientCreateSchedule(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "schedule.create", func(c *serverCall) (*laravel.Answer, error) {
		s := &schedule{server: c.server, created: time.Now()}
		if err := c.readSchedule(s); err != nil {
			return nil, err
		}
		s.id = c.state.schedules.next()
		c.state.schedules.add(s.id, s)
		c.server.schedules = append(c.server.schedules, s)
		c.note("server:schedule.create", with("name", s.name))
		return laravel.OK(showSchedule(s)), nil
	})
}

// onSchedule is onServer for an operation on a schedule.
func (a clientAPI) onSchedule(w http.ResponseWriter, r *http.Request, id string, number int, permission string, handle func(*serverCall, *schedule) (*laravel.Answer, error)) {
	a.onServer(w, r, id, permission, func(c *serverCall) (*laravel.Answer, error) {
		s := c.state.schedules.get(number)
		if s == nil || s.server != c.server {
			return nil, laravel.ErrNotFound
		}
		return handle(c, s)
	})
}

// ClientGetSchedule implements the operation.
func (a clientAPI) ClientGetSchedule(w http.ResponseWriter, r *http.Request, id string, scheduleID int) {
	a.onSchedule(w, r, id, scheduleID, "schedule.read", func(_ *serverCall, s *schedule) (*laravel.Answer, error) {
		return laravel.OK(showSchedule(s)), nil
	})
}

// ClientUpdateSchedule implements the operation.
func (a clientAPI) ClientUpdateSchedule(w http.ResponseWriter, r *http.Request, id string, scheduleID int) {
	a.onSchedule(w, r, id, scheduleID, "schedule.update", func(c *serverCall, s *schedule) (*laravel.Answer, error) {
		old := s.name
		if err := c.readSchedule(s); err != nil {
			return nil, err
		}
		c.note("server:schedule.update", with("name", old), with("active", s.active))
		return laravel.OK(showSchedule(s)), nil
	})
}

// ClientDeleteSchedule implements the operation.
func (a clientAPI) ClientDeleteSchedule(w http.ResponseWriter, r *http.Request, id string, scheduleID int) {
	a.onSchedule(w, r, id, scheduleID, "schedule.delete", func(c *serverCall, s *schedule) (*laravel.Answer, error) {
		c.state.removeSchedule(s)
		c.server.schedules = slices.DeleteFunc(c.server.schedules, func(other *schedule) bool { return other == s })
		c.note("server:schedule.delete", with("name", s.name))
		return laravel.NoContent, nil
	})
}

// ClientExecuteSchedule implements the operation.
func (a clientAPI) ClientExecuteSchedule(w http.ResponseWriter, r *http.Request, id string, scheduleID int) {
	a.onSchedule(w, r, id, scheduleID, "schedule.update", func(c *serverCall, s *schedule) (*laravel.Answer, error) {
		if len(s.tasks) == 0 {
			return nil, laravel.Display("Cannot process schedule for task execution: no tasks are registered.")
		}
		c.run(s)
		c.note("server:schedule.execute", with("name", s.name))
		return laravel.Accepted, nil
	})
}

// taskFields are what a task is made of.
var taskFields = []laravel.Field{
	{Name: "action", Rules: "required|in:command,power,backup"},
	{Name: "payload", Rules: "required_unless:action,backup|string|nullable"},
	{Name: "time_offset", Rules: "required|numeric|min:0|max:900"},
	{Name: "sequence_id", Rules: "sometimes|required|numeric|min:1"},
	{Name: "continue_on_failure", Rules: "sometimes|boolean"},
}

// readTask changes a task to what a request says.
func (c *serverCall) readTask(t *task) {
	t.action, t.payload, t.offset = c.in.Text("action"), c.in.Text("payload"), c.in.Integer("time_offset")
	t.continueOnFailure, t.updated = c.in.Boolean("continue_on_failure"), time.Now()
}

// checkTask refuses what no task may be.
func (c *serverCall) checkTask() error {
	if c.server.backupLimit == 0 && c.in.Text("action") == "backup" {
		return laravel.Forbidden("A backup task cannot be created when the server's backup limit is set to 0.")
	}
	return nil
}

// ClientCreateScheduleTask implements the operation.
func (a clientAPI) ClientCreateScheduleTask(w http.ResponseWriter, r *http.Request, id string, scheduleID int) {
	a.onSchedule(w, r, id, scheduleID, "schedule.update", func(c *serverCall, s *schedule) (*laravel.Answer, error) {
		if err := c.in.Validate(taskFields...); err != nil {
			return nil, err
		}
		if limit := c.state.settings.maxTasks; len(s.tasks) >= limit {
			return nil, laravel.Refuse(http.StatusBadRequest, "ServiceLimitExceededException", "Schedules may not have more than "+
				strconv.Itoa(limit)+" tasks associated with them. Creating this task would put this schedule over the limit.")
		}
		if err := c.checkTask(); err != nil {
			return nil, err
		}
		t := &task{id: c.state.tasks.next(), schedule: s, sequence: 1, created: time.Now()}
		for _, other := range s.tasks {
			t.sequence = max(t.sequence, other.sequence+1)
		}
		if wanted := c.in.Integer("sequence_id"); wanted >= 1 && wanted < t.sequence {
			t.sequence = wanted
			for _, other := range s.tasks {
				if other.sequence >= wanted {
					other.sequence++
				}
			}
		}
		c.readTask(t)
		c.state.tasks.add(t.id, t)
		s.tasks = append(s.tasks, t)
		c.noteTask("server:task.create", t.action, t.payload, s)
		return laravel.OK(showTask(t)), nil
	})
}

func (c *serverCall) noteTask(event, action, payload string, s *schedule) {
	s.updated = time.Now()
	c.note(event, with("name", s.name), with("action", action), with("payload", payload))
}

// onTask is onSchedule for an operation on a task.
func (a clientAPI) onTask(w http.ResponseWriter, r *http.Request, id string, scheduleID, taskID int, handle func(*serverCall, *task) (*laravel.Answer, error)) {
	a.onSchedule(w, r, id, scheduleID, "schedule.update", func(c *serverCall, s *schedule) (*laravel.Answer, error) {
		t := c.state.tasks.get(taskID)
		if t == nil || t.schedule != s {
			return nil, laravel.ErrNotFound
		}
		return handle(c, t)
	})
}

// ClientUpdateScheduleTask implements the operation.
func (a clientAPI) ClientUpdateScheduleTask(w http.ResponseWriter, r *http.Request, id string, scheduleID, taskID int) {
	a.onTask(w, r, id, scheduleID, taskID, func(c *serverCall, t *task) (*laravel.Answer, error) {
		if err := c.in.Validate(taskFields...); err != nil {
			return nil, err
		}
		if err := c.checkTask(); err != nil {
			return nil, err
		}
		if wanted := c.in.Integer("sequence_id"); wanted >= 1 {
			t.move(wanted)
		}
		action, payload := t.action, t.payload // the log has what was before
		c.readTask(t)
		c.noteTask("server:task.update", action, payload, t.schedule)
		return laravel.OK(showTask(t)), nil
	})
}

// ClientDeleteScheduleTask implements the operation.
func (a clientAPI) ClientDeleteScheduleTask(w http.ResponseWriter, r *http.Request, id string, scheduleID, taskID int) {
	a.onTask(w, r, id, scheduleID, taskID, func(c *serverCall, t *task) (*laravel.Answer, error) {
		s := t.schedule
		for _, other := range s.tasks {
			if other.sequence > t.sequence {
				other.sequence--
			}
		}
		c.state.tasks.remove(t.id)
		s.tasks = slices.DeleteFunc(s.tasks, func(other *task) bool { return other == t })
		s.updated = time.Now()
		c.note("server:task.delete", with("name", s.name))
		return laravel.NoContent, nil
	})
}
