package paneltest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/console"
	"github.com/ptero-go/ptero/paneltest"
)

// A Panel with servers that run, for a program that would need a real one.
func ExampleNew() {
	panel, err := paneltest.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer panel.Close()
	c, err := client.New(panel.URL, panel.UserKey)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()

	page, err := c.Servers.List(ctx, client.ServerListOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, server := range page.Items {
		fmt.Println(server.InternalID, server.Name)
	}

	con, err := console.Dial(ctx, c.Servers.Console(page.Items[0].Identifier))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer con.Close()
	lines, err := con.Run(ctx, "list", func(line console.Output) bool { return strings.HasPrefix(line.Text(), "There are") })
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(lines[0].Text())
	// Output:
	// 1 lobby
	// 2 survival
	// 3 installing
	// 4 suspended
	// There are 0 of a max of 20 players online:
}

// A program that reports what it cannot reach, and what makes it do so.
func ExamplePanel_Fail() {
	report := func(c *client.Client) {
		_, err := c.Servers.List(context.Background(), client.ServerListOptions{})
		var e *client.Error
		switch {
		case err == nil:
			fmt.Println("all is well")
		case errors.As(err, &e) && e.StatusCode > 0:
			fmt.Println("the Panel answered", e.StatusCode)
		default:
			fmt.Println("the Panel did not answer")
		}
	}

	panel, err := paneltest.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer panel.Close()
	c, err := client.New(panel.URL, panel.UserKey, client.WithRetries(0))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, fault := range []paneltest.Fault{paneltest.FaultStatus(502), paneltest.FaultReset} {
		if err := panel.Fail("clientListServers", 1, fault); err != nil {
			fmt.Println(err)
			return
		}
		report(c)
	}
	report(c)
	// Output:
	// the Panel answered 502
	// the Panel did not answer
	// all is well
}

// A Panel that holds just what a test is about, here a host that suspends the
// servers of those who do not pay.
func ExampleWithSeed() {
	panel, err := paneltest.New(paneltest.WithSeed(paneltest.Seed{
		Users: []paneltest.SeedUser{
			{Username: "host", Admin: true},
			{Username: "alice"},
		},
		Locations: []paneltest.SeedLocation{{Short: "home"}},
		Nodes:     []paneltest.SeedNode{{Allocations: []paneltest.SeedAllocation{{Port: 25565}}}},
		Nests:     []paneltest.SeedNest{{Eggs: []paneltest.SeedEgg{{Name: "Echo", Startup: "./echo"}}}},
		Servers:   []paneltest.SeedServer{{Name: "alices", Owner: 2, Running: true}},
	}))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer panel.Close()
	ctx := context.Background()
	admin, err := application.New(panel.URL, panel.AdminKey)
	if err != nil {
		fmt.Println(err)
		return
	}
	alice, err := client.New(panel.URL, panel.UserKey)
	if err != nil {
		fmt.Println(err)
		return
	}

	if err := admin.Servers.Suspend(ctx, 1); err != nil {
		fmt.Println(err)
		return
	}
	page, err := alice.Servers.List(ctx, client.ServerListOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = alice.Servers.Signal(ctx, page.Items[0].Identifier, client.PowerSignalStart)
	fmt.Println(page.Items[0].IsSuspended, errors.Is(err, client.ErrConflict))
	// Output: true true
}

// A test of a program that waits. It takes no time, as all of it is in a bubble
// of testing/synctest.
func ExampleInMemory() {
	var t *testing.T // of your test

	synctest.Test(t, func(t *testing.T) {
		panel, err := paneltest.New(paneltest.InMemory(), paneltest.WithRateLimits(10, 10, time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		defer panel.Close()
		c, err := client.New(panel.URL, panel.UserKey,
			client.WithHTTPClient(panel.HTTPClient()), client.WithRetryBudget(2*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		for range 25 { // which takes two hours of the bubble
			if _, err := c.Account.Get(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
}
