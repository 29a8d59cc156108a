package client_test

import (
	"context"
	"fmt"

	"github.com/ptero-go/ptero/client"
)

// All servers, and those whose name holds a text.
func Example_listAndFilter() {
	ctx := context.Background()
	c, _, shutDown := exampleServer(ctx)
	defer shutDown()

	for server, err := range c.Servers.All(ctx, client.ServerListOptions{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(server.Name, "has", server.Limits.Memory, "MiB, status", client.Or(server.Status, "none"))
	}
	found, err := c.Servers.List(ctx, client.ServerListOptions{Filter: client.ServerFilter{Name: "surv"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, server := range found.Items {
		fmt.Println("found", server.Name)
	}
	// Output:
	// lobby has 1024 MiB, status none
	// survival has 1024 MiB, status none
	// installing has 1024 MiB, status installing
	// suspended has 1024 MiB, status suspended
	// found survival
}

// A restart each night at four, with a warning a minute before.
func Example_scheduleWithTasks() {
	ctx := context.Background()
	c, server, shutDown := exampleServer(ctx)
	defer shutDown()

	schedule, err := c.Schedules.Create(ctx, server, client.CreateScheduleRequest{
		Name:   "nightly restart",
		Minute: "0", Hour: "4", DayOfMonth: "*", Month: "*", DayOfWeek: "*",
		IsActive: true, OnlyWhenOnline: true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, task := range []client.CreateScheduleTaskRequest{
		{Action: client.TaskActionCommand, Payload: "say restart in a minute"},
		{Action: client.TaskActionPower, Payload: string(client.PowerSignalRestart), TimeOffset: 60},
	} {
		if _, err := c.Schedules.CreateTask(ctx, server, schedule.ID, task); err != nil {
			fmt.Println(err)
			return
		}
	}
	if schedule, err = c.Schedules.Get(ctx, server, schedule.ID); err != nil {
		fmt.Println(err)
		return
	}
	for _, task := range schedule.Tasks() {
		fmt.Println(task.SequenceID, "after", task.TimeOffset, "s:", task.Action, task.Payload)
	}
	// Output:
	// 1 after 0 s: command say restart in a minute
	// 2 after 60 s: power restart
}
