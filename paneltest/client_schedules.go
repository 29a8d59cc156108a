package paneltest

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// ClientListSchedules implements the operation.
func (a clientAPI) ClientListSchedules(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "schedule.read", func(c *serverCall) (*answer, error) {
		return ok(each(c.server.schedules, showSchedule)), nil
	})
}

// scheduleFields are what a schedule is made of. The month is not looked at.
var scheduleFields = []field{
	{name: "name", rules: "required|string|max:191"},
	{name: "is_active", rules: "filled|boolean"},
	{name: "only_when_online", rules: "boolean"},
	{name: "minute", rules: "required|string"},
	{name: "hour", rules: "required|string"},
	{name: "day_of_month", rules: "required|string"},
	{name: "day_of_week", rules: "required|string"},
}

// readSchedule changes a schedule to what a request says. All that it does not
// say falls back.
func (c *serverCall) readSchedule(s *schedule) error {
	if err := c.in.validate(scheduleFields...); err != nil {
		return err
	}
	if !c.in.has("month") || c.in.text("month") == "" {
		return crashed("TypeError")
	}
	read := *s
	read.name, read.active, read.onlyOnline = c.in.text("name"), c.in.boolean("is_active"), c.in.boolean("only_when_online")
	read.cron.minute, read.cron.hour, read.cron.dayOfMonth = c.in.text("minute"), c.in.text("hour"), c.in.text("day_of_month")
	read.cron.month, read.cron.dayOfWeek = c.in.text("month"), c.in.text("day_of_week")
	next, err := read.cron.after(time.Now())
	if err != nil {
		return display("The cron data provided does not evaluate to a valid expression.")
	}
	read.nextRun, read.updated = &next, time.Now()
	*s = read
	return nil
}

// ClientCreateSchedule implements the operation.
func (a clientAPI) ClientCreateSchedule(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "schedule.create", func(c *serverCall) (*answer, error) {
		s := &schedule{server: c.server, created: time.Now()}
		if err := c.readSchedule(s); err != nil {
			return nil, err
		}
		s.id = c.p.state.schedules.next()
		c.p.state.schedules.add(s.id, s)
		c.server.schedules = append(c.server.schedules, s)
		c.note("server:schedule.create", with("name", s.name))
		return ok(showSchedule(s)), nil
	})
}

// onSchedule is onServer for an operation on a schedule.
func (a clientAPI) onSchedule(w http.ResponseWriter, r *http.Request, id string, number int, permission string, handle func(*serverCall, *schedule) (*answer, error)) {
	a.onServer(w, r, id, permission, func(c *serverCall) (*answer, error) {
		s := c.p.state.schedules.get(number)
		if s == nil || s.server != c.server {
			return nil, errNotFound
		}
		return handle(c, s)
	})
}

// ClientGetSchedule implements the operation.
func (a clientAPI) ClientGetSchedule(w http.ResponseWriter, r *http.Request, id string, scheduleID int) {
	a.onSchedule(w, r, id, scheduleID, "schedule.read", func(_ *serverCall, s *schedule) (*answer, error) {
		return ok(showSchedule(s)), nil
	})
}

// ClientUpdateSchedule implements the operation.
func (a clientAPI) ClientUpdateSchedule(w http.ResponseWriter, r *http.Request, id string, scheduleID int) {
	a.onSchedule(w, r, id, scheduleID, "schedule.update", func(c *serverCall, s *schedule) (*answer, error) {
		old := s.name
		if err := c.readSchedule(s); err != nil {
			return nil, err
		}
		c.note("server:schedule.update", with("name", old), with("active", s.active))
		return ok(showSchedule(s)), nil
	})
}

// ClientDeleteSchedule implements the operation.
func (a clientAPI) ClientDeleteSchedule(w http.ResponseWriter, r *http.Request, id string, scheduleID int) {
	a.onSchedule(w, r, id, scheduleID, "schedule.delete", func(c *serverCall, s *schedule) (*answer, error) {
		c.p.state.removeSchedule(s)
		c.server.schedules = slices.DeleteFunc(c.server.schedules, func(other *schedule) bool { return other == s })
		c.note("server:schedule.delete", with("name", s.name))
		return none, nil
	})
}

// ClientExecuteSchedule implements the operation.
func (a clientAPI) ClientExecuteSchedule(w http.ResponseWriter, r *http.Request, id string, scheduleID int) {
	a.onSchedule(w, r, id, scheduleID, "schedule.update", func(c *serverCall, s *schedule) (*answer, error) {
		if len(s.tasks) == 0 {
			return nil, display("Cannot process schedule for task execution: no tasks are registered.")
		}
		c.p.run(s)
		c.note("server:schedule.execute", with("name", s.name))
		return begun, nil
	})
}

// run begins the tasks of a schedule, in their order. It is done at once if the
// schedule asks for a game that runs, and none does.
func (p *Panel) run(s *schedule) {
	s.processing = true
	if next, err := s.cron.after(time.Now()); err == nil {
		s.nextRun = &next
	}
	if s.onlyOnline && !p.isOnline(s.server) {
		s.complete()
		return
	}
	p.queue(s, 0)
}

// isOnline tells that the game of a server runs or is about to.
func (p *Panel) isOnline(s *server) bool {
	if !s.node.up() {
		return false
	}
	state := p.machine(s).state()
	return state == stateStarting || state == stateRunning
}

// complete ends a run of a schedule.
func (s *schedule) complete() {
	now := time.Now()
	s.processing, s.lastRun = false, &now
}

// queue waits for the time of a task, counted from the end of the one before.
func (p *Panel) queue(s *schedule, after int) {
	if p.closed || !s.processing { // the lock was not held all the time
		return
	}
	i := slices.IndexFunc(s.sorted(), func(t *task) bool { return t.sequence > after })
	if i < 0 {
		s.complete()
		return
	}
	t := s.sorted()[i]
	t.queued = true
	s.timer = time.AfterFunc(time.Duration(t.offset)*time.Second, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.closed || !s.processing {
			return
		}
		t.queued = false
		if err := p.perform(t); err != nil && !t.continueOnFailure {
			s.complete()
			return
		}
		p.queue(s, t.sequence)
	})
}

// perform does what a task says.
func (p *Panel) perform(t *task) error {
	s := t.schedule.server
	if !s.node.up() {
		return errNodeDown
	}
	m := p.machine(s)
	switch t.action {
	case "power":
		return p.power(s, m, t.payload)
	case "command":
		p.mu.Unlock() // a client that reads slowly may hold it up
		defer p.mu.Lock()
		return m.command(t.payload)
	default:
		b := p.newBackup(s, "", nil, false)
		p.runBackup(s, m, b)
		return nil
	}
}

// taskFields are what a task is made of.
var taskFields = []field{
	{name: "action", rules: "required|in:command,power,backup"},
	{name: "payload", rules: "required_unless:action,backup|string|nullable"},
	{name: "time_offset", rules: "required|numeric|min:0|max:900"},
	{name: "sequence_id", rules: "sometimes|required|numeric|min:1"},
	{name: "continue_on_failure", rules: "sometimes|boolean"},
}

// readTask changes a task to what a request says.
func (c *serverCall) readTask(t *task) {
	t.action, t.payload, t.offset = c.in.text("action"), c.in.text("payload"), c.in.integer("time_offset")
	t.continueOnFailure, t.updated = c.in.boolean("continue_on_failure"), time.Now()
}

// checkTask refuses what no task may be.
func (c *serverCall) checkTask() error {
	if c.server.backupLimit == 0 && c.in.text("action") == "backup" {
		return forbidden("A backup task cannot be created when the server's backup limit is set to 0.")
	}
	return nil
}

// ClientCreateScheduleTask implements the operation.
func (a clientAPI) ClientCreateScheduleTask(w http.ResponseWriter, r *http.Request, id string, scheduleID int) {
	a.onSchedule(w, r, id, scheduleID, "schedule.update", func(c *serverCall, s *schedule) (*answer, error) {
		if err := c.in.validate(taskFields...); err != nil {
			return nil, err
		}
		if limit := c.p.state.settings.maxTasks; len(s.tasks) >= limit {
			return nil, refuse(http.StatusBadRequest, "ServiceLimitExceededException", "Schedules may not have more than "+
				strconv.Itoa(limit)+" tasks associated with them. Creating this task would put this schedule over the limit.")
		}
		if err := c.checkTask(); err != nil {
			return nil, err
		}
		t := &task{id: c.p.state.tasks.next(), schedule: s, sequence: 1, created: time.Now()}
		for _, other := range s.tasks {
			t.sequence = max(t.sequence, other.sequence+1)
		}
		if wanted := c.in.integer("sequence_id"); wanted >= 1 && wanted < t.sequence {
			t.sequence = wanted
			for _, other := range s.tasks {
				if other.sequence >= wanted {
					other.sequence++
				}
			}
		}
		c.readTask(t)
		c.p.state.tasks.add(t.id, t)
		s.tasks = append(s.tasks, t)
		c.noteTask("server:task.create", t.action, t.payload, s)
		return ok(showTask(t)), nil
	})
}

func (c *serverCall) noteTask(event, action, payload string, s *schedule) {
	s.updated = time.Now()
	c.note(event, with("name", s.name), with("action", action), with("payload", payload))
}

// onTask is onSchedule for an operation on a task.
func (a clientAPI) onTask(w http.ResponseWriter, r *http.Request, id string, scheduleID, taskID int, handle func(*serverCall, *task) (*answer, error)) {
	a.onSchedule(w, r, id, scheduleID, "schedule.update", func(c *serverCall, s *schedule) (*answer, error) {
		t := c.p.state.tasks.get(taskID)
		if t == nil || t.schedule != s {
			return nil, errNotFound
		}
		return handle(c, t)
	})
}

// ClientUpdateScheduleTask implements the operation.
func (a clientAPI) ClientUpdateScheduleTask(w http.ResponseWriter, r *http.Request, id string, scheduleID, taskID int) {
	a.onTask(w, r, id, scheduleID, taskID, func(c *serverCall, t *task) (*answer, error) {
		if err := c.in.validate(taskFields...); err != nil {
			return nil, err
		}
		if err := c.checkTask(); err != nil {
			return nil, err
		}
		if wanted := c.in.integer("sequence_id"); wanted >= 1 {
			t.move(wanted)
		}
		action, payload := t.action, t.payload // the log has what was before
		c.readTask(t)
		c.noteTask("server:task.update", action, payload, t.schedule)
		return ok(showTask(t)), nil
	})
}

// move gives a task another place, and shifts those between.
func (t *task) move(place int) {
	for _, other := range t.schedule.tasks {
		switch {
		case other.sequence >= place && other.sequence < t.sequence:
			other.sequence++
		case other.sequence <= place && other.sequence > t.sequence:
			other.sequence--
		}
	}
	t.sequence = place
}

// ClientDeleteScheduleTask implements the operation.
func (a clientAPI) ClientDeleteScheduleTask(w http.ResponseWriter, r *http.Request, id string, scheduleID, taskID int) {
	a.onTask(w, r, id, scheduleID, taskID, func(c *serverCall, t *task) (*answer, error) {
		s := t.schedule
		for _, other := range s.tasks {
			if other.sequence > t.sequence {
				other.sequence--
			}
		}
		c.p.state.tasks.remove(t.id)
		s.tasks = slices.DeleteFunc(s.tasks, func(other *task) bool { return other == t })
		s.updated = time.Now()
		c.note("server:task.delete", with("name", s.name))
		return none, nil
	})
}
