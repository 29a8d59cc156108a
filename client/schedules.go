package client

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/ptero-go/ptero/internal/rest"
)

// SchedulesService manages the schedules of a server and their tasks. Schedules
// and tasks are named by their numbers. The times of a schedule are the fields
// of a cron expression in the time zone of the Panel.
type SchedulesService service

// List returns all schedules of a server. The tasks are always included; see the
// method Tasks of [Schedule].
//
// Endpoint: GET /api/client/servers/{server}/schedules
func (s *SchedulesService) List(ctx context.Context, server string) ([]*Schedule, error) {
	return rest.List[Schedule](s.api.ClientListSchedules(ctx, server, rest.ID("server", server)))
}

// Get returns one schedule. The tasks are always included.
//
// Endpoint: GET /api/client/servers/{server}/schedules/{schedule}
func (s *SchedulesService) Get(ctx context.Context, server string, schedule int) (*Schedule, error) {
	return s.get(ctx, server, schedule)
}

func (s *SchedulesService) get(ctx context.Context, server string, schedule int, checks ...rest.Editor) (*Schedule, error) {
	return rest.Item[Schedule](s.api.ClientGetSchedule(ctx, server, schedule,
		rest.ID("server", server), rest.ID("schedule", schedule), rest.Checks(checks...)))
}

// Create creates a schedule without tasks. The name and all five times are
// required; "*" stands for every minute, hour, day or month. Unless IsActive is
// set, the schedule does not run at its times. Times that are not a cron
// expression give an error with status 400.
//
// Endpoint: POST /api/client/servers/{server}/schedules
func (s *SchedulesService) Create(ctx context.Context, server string, req CreateScheduleRequest) (*Schedule, error) {
	return rest.Item[Schedule](s.api.ClientCreateSchedule(ctx, server, req,
		rest.ID("server", server), scheduleChecks(UpdateScheduleRequest(req))))
}

// Replace replaces all settings of a schedule by those of the request; only its
// tasks stay. Without IsActive the schedule is switched off.
// [SchedulesService.Update] keeps what is not to change.
//
// Endpoint: POST /api/client/servers/{server}/schedules/{schedule}
func (s *SchedulesService) Replace(ctx context.Context, server string, schedule int,
	req UpdateScheduleRequest,
) (*Schedule, error) {
	return rest.Item[Schedule](s.api.ClientUpdateSchedule(ctx, server, schedule, req,
		rest.ID("server", server), rest.ID("schedule", schedule), scheduleChecks(req)))
}

// Update changes some settings of a schedule: it reads the schedule, calls
// change with a request that holds all its settings, and sends that with
// Replace. What change leaves alone stays.
func (s *SchedulesService) Update(ctx context.Context, server string, schedule int,
	change func(*UpdateScheduleRequest) error,
) (*Schedule, error) {
	return rest.Update(change,
		func() (*Schedule, error) { return s.Get(ctx, server, schedule) },
		scheduleRequest,
		func(req UpdateScheduleRequest) (*Schedule, error) { return s.Replace(ctx, server, schedule, req) })
}

// scheduleRequest returns the request that keeps all settings of a schedule.
func scheduleRequest(x *Schedule) UpdateScheduleRequest {
	return UpdateScheduleRequest{
		Name:           x.Name,
		Minute:         x.Cron.Minute,
		Hour:           x.Cron.Hour,
		DayOfMonth:     x.Cron.DayOfMonth,
		Month:          cmp.Or(x.Cron.Month, "*"), // Panels before 1.3.0 run it in every month
		DayOfWeek:      x.Cron.DayOfWeek,
		IsActive:       x.IsActive,
		OnlyWhenOnline: x.OnlyWhenOnline,
	}
}

// scheduleChecks refuses texts that are empty or consist of spaces: the Panel
// trims them, and answers 500 if the month is missing.
func scheduleChecks(req UpdateScheduleRequest) rest.Editor {
	notBlank := func(argument, text string) rest.Editor { return rest.NotEmpty(argument, strings.TrimSpace(text)) }
	return rest.Checks(
		notBlank("Name", req.Name), notBlank("Minute", req.Minute), notBlank("Hour", req.Hour),
		notBlank("DayOfMonth", req.DayOfMonth), notBlank("Month", req.Month), notBlank("DayOfWeek", req.DayOfWeek))
}

// Execute runs a schedule now, even an inactive one. It does not wait for the
// tasks, and the request is never sent twice. A schedule without tasks gives an
// error.
//
// Endpoint: POST /api/client/servers/{server}/schedules/{schedule}/execute
func (s *SchedulesService) Execute(ctx context.Context, server string, schedule int) error {
	return rest.None(s.api.ClientExecuteSchedule(ctx, server, schedule,
		rest.ID("server", server), rest.ID("schedule", schedule)))
}

// Delete deletes a schedule and its tasks.
//
// Endpoint: DELETE /api/client/servers/{server}/schedules/{schedule}
func (s *SchedulesService) Delete(ctx context.Context, server string, schedule int) error {
	return rest.None(s.api.ClientDeleteSchedule(ctx, server, schedule,
		rest.ID("server", server), rest.ID("schedule", schedule)))
}

// CreateTask adds a task to a schedule, as the last one unless SequenceID gives
// its position. TimeOffset is the wait after the preceding task in seconds, at
// most 900. The payload is a command, a [PowerSignal] or, for a backup, the
// patterns of files to leave out, one per line, or "". An eleventh task gives an
// error with code "ServiceLimitExceededException", a backup task for a server
// that may have no backups [ErrForbidden].
//
// Endpoint: POST /api/client/servers/{server}/schedules/{schedule}/tasks
func (s *SchedulesService) CreateTask(ctx context.Context, server string, schedule int,
	req CreateScheduleTaskRequest,
) (*Task, error) {
	return rest.Item[Task](s.api.ClientCreateScheduleTask(ctx, server, schedule, req,
		rest.ID("server", server), rest.ID("schedule", schedule),
		taskChecks(req.Action, req.Payload, req.TimeOffset, req.SequenceID)))
}

// ReplaceTask replaces all settings of a task by those of the request; its
// position stays if SequenceID is 0. [SchedulesService.UpdateTask] keeps what is
// not to change. The errors are those of CreateTask.
//
// Endpoint: POST /api/client/servers/{server}/schedules/{schedule}/tasks/{task}
func (s *SchedulesService) ReplaceTask(ctx context.Context, server string, schedule, task int,
	req UpdateScheduleTaskRequest,
) (*Task, error) {
	return rest.Item[Task](s.api.ClientUpdateScheduleTask(ctx, server, schedule, task, req,
		rest.ID("server", server), rest.ID("schedule", schedule), rest.ID("task", task),
		taskChecks(req.Action, req.Payload, req.TimeOffset, req.SequenceID)))
}

// UpdateTask changes some settings of a task: it reads the schedule, calls
// change with a request that holds all settings of the task, and sends that with
// ReplaceTask. What change leaves alone stays. A task that the schedule does not
// have gives [ErrNotFound].
func (s *SchedulesService) UpdateTask(ctx context.Context, server string, schedule, task int,
	change func(*UpdateScheduleTaskRequest) error,
) (*Task, error) {
	return rest.Update(change,
		func() (*Task, error) { return s.task(ctx, server, schedule, task) },
		taskRequest,
		func(req UpdateScheduleTaskRequest) (*Task, error) {
			return s.ReplaceTask(ctx, server, schedule, task, req)
		})
}

// task finds a task in its schedule: the Panel has no operation for a single
// task.
func (s *SchedulesService) task(ctx context.Context, server string, schedule, task int) (*Task, error) {
	in, err := s.get(ctx, server, schedule, rest.ID("task", task))
	if err != nil {
		return nil, err
	}
	for _, x := range in.Tasks() {
		if x.ID == task {
			return x, nil
		}
	}
	// What the Panel would answer to the change.
	return nil, rest.NotFound("clientUpdateScheduleTask", fmt.Sprintf("schedule %d has no task %d", schedule, task))
}

// taskRequest returns the request that keeps all settings of a task.
func taskRequest(x *Task) UpdateScheduleTaskRequest {
	return UpdateScheduleTaskRequest{
		Action:            x.Action,
		Payload:           x.Payload,
		TimeOffset:        x.TimeOffset,
		SequenceID:        x.SequenceID,
		ContinueOnFailure: x.ContinueOnFailure,
	}
}

// taskChecks refuses what would fail when the task runs.
func taskChecks(action TaskAction, payload string, timeOffset, sequenceID int) rest.Editor {
	checks := []rest.Editor{
		rest.Enum("Action", action), rest.NotNegative("TimeOffset", timeOffset), rest.NotNegative("SequenceID", sequenceID),
	}
	switch action {
	case TaskActionCommand:
		checks = append(checks, rest.NotEmpty("Payload", payload))
		for line := range strings.Lines(payload) { // the Panel's own form takes several commands
			if line = strings.TrimRight(line, "\r\n"); line != "" {
				checks = append(checks, rest.Command("Payload", line))
			}
		}
	case TaskActionPower:
		checks = append(checks, rest.Enum("Payload", PowerSignal(payload)))
	case TaskActionBackup:
	}
	return rest.Checks(checks...)
}

// DeleteTask deletes a task. The tasks after it move up by one.
//
// Endpoint: DELETE /api/client/servers/{server}/schedules/{schedule}/tasks/{task}
func (s *SchedulesService) DeleteTask(ctx context.Context, server string, schedule, task int) error {
	return rest.None(s.api.ClientDeleteScheduleTask(ctx, server, schedule, task,
		rest.ID("server", server), rest.ID("schedule", schedule), rest.ID("task", task)))
}
