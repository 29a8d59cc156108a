package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

var schedules = resource[client.Schedule]{
	one: "schedule", path: "schedules", owner: ofServer,
	columns: []ui.Column[*client.Schedule]{
		{Title: "ID", Value: func(s *client.Schedule) any { return s.ID }},
		{Title: "NAME", Value: func(s *client.Schedule) any { return s.Name }},
		{Title: "CRON", Value: func(s *client.Schedule) any { return cronText(s.Cron) }},
		{Title: "ACTIVE", Value: func(s *client.Schedule) any { return s.IsActive }},
		{Title: "NEXT RUN", Value: func(s *client.Schedule) any { return clock(s.NextRunAt) }},
		{Title: "LAST RUN", Value: func(s *client.Schedule) any { return s.LastRunAt }},
		{Title: "TASKS", Value: func(s *client.Schedule) any { return len(s.Tasks()) }},
		{Title: "ONLY ONLINE", Value: func(s *client.Schedule) any { return s.OnlyWhenOnline }, Level: ui.Wide},
		{Title: "RUNS NOW", Value: func(s *client.Schedule) any { return s.IsProcessing }, Level: ui.Wide},
		{Title: "CREATED", Value: func(s *client.Schedule) any { return s.CreatedAt }, Level: ui.Detail},
	},
	keys: func(s *client.Schedule) []string { return []string{strconv.Itoa(s.ID), s.Name} },
	list: func(ctx context.Context, s scope) ([]*client.Schedule, error) {
		return s.client.Schedules.List(ctx, s.server.UUID)
	},
	remove: func(ctx context.Context, s scope, schedule *client.Schedule) error {
		return s.client.Schedules.Delete(ctx, s.server.UUID, schedule.ID)
	},
}

var taskColumns = []ui.Column[*client.Task]{
	{Title: "ID", Value: func(t *client.Task) any { return t.ID }},
	{Title: "STEP", Value: func(t *client.Task) any { return t.SequenceID }},
	{Title: "ACTION", Value: func(t *client.Task) any { return string(t.Action) }},
	{Title: "PAYLOAD", Value: func(t *client.Task) any { return t.Payload }},
	{Title: "AFTER", Value: func(t *client.Task) any { return time.Duration(t.TimeOffset) * time.Second }},
	{Title: "GOES ON IF IT FAILS", Value: func(t *client.Task) any { return t.ContinueOnFailure }},
}

func taskKeys(t *client.Task) []string { return []string{strconv.Itoa(t.ID)} }

// clock returns a time for a cell where the hour matters more than how far it is.
func clock(t *time.Time) any {
	if t == nil {
		return nil
	}
	return ui.Clock(*t)
}

func cronText(c client.Cron) string {
	month := c.Month
	if month == "" {
		month = "*"
	}
	return strings.Join([]string{c.Minute, c.Hour, c.DayOfMonth, month, c.DayOfWeek}, " ")
}

// parseCron reads the five fields of a cron expression.
func parseCron(text string) (client.Cron, error) {
	fields := strings.Fields(text)
	if len(fields) != 5 {
		return client.Cron{}, &failure{code: exitUsage, err: fmt.Errorf("%q has %s instead of 5", text, ui.Count(len(fields), "field")), hint: `Minute, hour, day of the month, month and day of the week, e.g. "0 4 * * *" for each day at 4:00 of the Panel's time`}
	}
	return client.Cron{Minute: fields[0], Hour: fields[1], DayOfMonth: fields[2], Month: fields[3], DayOfWeek: fields[4]}, nil
}

func schedulesCommand(a *app) *cobra.Command {
	cmd := group("schedules", "Make, change and run schedules of servers",
		schedules.listCommand(a), scheduleShowCommand(a), scheduleSetCommand(a, false), scheduleSetCommand(a, true), scheduleRunCommand(a),
		taskAddCommand(a), taskDeleteCommand(a), schedules.deleteCommand(a))
	cmd.Aliases = []string{"schedule"}
	return cmd
}

func scheduleShowCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "show SERVER SCHEDULE", Aliases: []string{"get"}, Short: "Show a schedule and its tasks", Args: args("SERVER", "SCHEDULE"), ValidArgsFunction: schedules.complete(a, 1),
		RunE: runE(func(ctx context.Context, args []string) error {
			_, schedule, err := schedules.named(ctx, a, args)
			if err != nil {
				return err
			}
			if err := schedules.print(a, schedule); err != nil || a.format != ui.Table && a.format != ui.WideList || len(schedule.Tasks()) == 0 {
				return err
			}
			a.Printf("\n")
			return ui.List(a.Terminal, a.format, taskColumns, schedule.Tasks(), func(t *client.Task) string { return taskKeys(t)[0] })
		}),
	}
}

// scheduleSetCommand makes a schedule or changes one.
func scheduleSetCommand(a *app, change bool) *cobra.Command {
	var name, cron string
	var active, onlyOnline bool
	cmd := &cobra.Command{
		Use: "create SERVER NAME", Short: "Make a schedule", Args: args("SERVER", "NAME"), ValidArgsFunction: completeArgs(a, 1),
		Example: "  ptero schedules create lobby nightly --cron '0 4 * * *'\n  ptero schedules add-task lobby nightly backup",
	}
	if change {
		cmd.Use, cmd.Short = "update SERVER SCHEDULE", "Change a schedule"
		cmd.Args, cmd.ValidArgsFunction = args("SERVER", "SCHEDULE"), schedules.complete(a, 1)
		cmd.Example = "  ptero schedules update lobby nightly --active=false"
		cmd.Flags().StringVar(&name, "name", "", "a new `name`")
	}
	cmd.Flags().StringVar(&cron, "cron", "", "when to run, in five `fields`: minute, hour, day of month, month, day of week")
	cmd.Flags().BoolVar(&active, "active", true, "run at its times")
	cmd.Flags().BoolVar(&onlyOnline, "only-online", false, "run only while the server is online")
	if !change {
		must(cmd.MarkFlagRequired("cron"))
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		ctx := cmd.Context()
		apply := func(req *client.UpdateScheduleRequest) error {
			if cron != "" {
				c, err := parseCron(cron)
				if err != nil {
					return err
				}
				req.Minute, req.Hour, req.DayOfMonth, req.Month, req.DayOfWeek = c.Minute, c.Hour, c.DayOfMonth, c.Month, c.DayOfWeek
			}
			if name != "" {
				req.Name = name
			}
			if !change || cmd.Flags().Changed("active") {
				req.IsActive = active
			}
			if !change || cmd.Flags().Changed("only-online") {
				req.OnlyWhenOnline = onlyOnline
			}
			return nil
		}
		if err := apply(&client.UpdateScheduleRequest{}); err != nil {
			return err
		}
		if change {
			s, schedule, err := schedules.named(ctx, a, args)
			if err != nil {
				return err
			}
			schedule, err = s.client.Schedules.Update(ctx, s.server.UUID, schedule.ID, apply)
			if err != nil {
				return err
			}
			return schedules.print(a, schedule)
		}
		s, rest, err := ofServer.split(ctx, a, args)
		if err != nil {
			return err
		}
		req := client.UpdateScheduleRequest{Name: rest[0]}
		if err := apply(&req); err != nil {
			return err
		}
		schedule, err := s.client.Schedules.Create(ctx, s.server.UUID, client.CreateScheduleRequest(req))
		if err != nil {
			return err
		}
		return schedules.print(a, schedule)
	}
	return cmd
}

func scheduleRunCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "run SERVER SCHEDULE", Short: "Run a schedule now", Args: args("SERVER", "SCHEDULE"), ValidArgsFunction: schedules.complete(a, 1),
		RunE: runE(func(ctx context.Context, args []string) error {
			s, schedule, err := schedules.named(ctx, a, args)
			if err != nil {
				return err
			}
			if err := s.client.Schedules.Execute(ctx, s.server.UUID, schedule.ID); err != nil {
				return err
			}
			a.Messagef("%s of %s runs now.", schedule.Name, s.label)
			return nil
		}),
	}
}

// taskActions are what a task can do.
var taskActions = []string{"command", "power", "backup"}

func taskAddCommand(a *app) *cobra.Command {
	var after time.Duration
	var goOn bool
	cmd := &cobra.Command{
		Use: "add-task SERVER SCHEDULE command|power|backup [PAYLOAD]", Short: "Add a task to a schedule",
		Args:    args("SERVER", "SCHEDULE", "ACTION", "[PAYLOAD]"),
		Example: "  ptero schedules add-task lobby nightly command 'say Good night'\n  ptero schedules add-task lobby nightly power restart --after 60s",
		ValidArgsFunction: func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			switch {
			case len(args) == 2:
				return taskActions, cobra.ShellCompDirectiveNoFileComp
			case len(args) == 3 && args[2] == "power":
				return []string{"start", "stop", "restart", "kill"}, cobra.ShellCompDirectiveNoFileComp
			}
			return schedules.complete(a, 1)(cmd, args, typed)
		},
		RunE: runE(func(ctx context.Context, args []string) error {
			if !slices.Contains(taskActions, args[2]) {
				return usagef("%q is none of command, power and backup", args[2])
			}
			s, schedule, err := schedules.named(ctx, a, args)
			if err != nil {
				return err
			}
			req := client.CreateScheduleTaskRequest{Action: client.TaskAction(args[2]), TimeOffset: int(after.Seconds()), ContinueOnFailure: goOn}
			if len(args) > 3 {
				req.Payload = args[3]
			}
			task, err := s.client.Schedules.CreateTask(ctx, s.server.UUID, schedule.ID, req)
			if err != nil {
				return err
			}
			return ui.List(a.Terminal, a.listFormat(), taskColumns, []*client.Task{task}, func(t *client.Task) string { return taskKeys(t)[0] })
		}),
	}
	cmd.Flags().DurationVar(&after, "after", 0, "how long after the task before it, at most 15m")
	cmd.Flags().BoolVar(&goOn, "continue-on-failure", false, "run the next task even if this one fails")
	return cmd
}

func taskDeleteCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "delete-task SERVER SCHEDULE TASK", Short: "Delete a task of a schedule", Args: args("SERVER", "SCHEDULE", "TASK"), ValidArgsFunction: schedules.complete(a, 1),
		RunE: runE(func(ctx context.Context, args []string) error {
			s, schedule, err := schedules.named(ctx, a, args)
			if err != nil {
				return err
			}
			task, err := choose("task", args[2], schedule.Tasks(), taskKeys, "ptero schedules show "+quote(s.label)+" "+strconv.Itoa(schedule.ID))
			if err != nil {
				return err
			}
			if err := a.confirm(ctx, "delete", "task", []string{strconv.Itoa(task.ID)}); err != nil {
				return err
			}
			if err := s.client.Schedules.DeleteTask(ctx, s.server.UUID, schedule.ID, task.ID); err != nil {
				return err
			}
			a.Messagef("Deleted task %d of %s.", task.ID, schedule.Name)
			return nil
		}),
	}
}
