package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/paneltest"
)

var complete = regexp.MustCompile(`(?m)^Order 17 is complete\. The customer gets:
  panel     http://127\.0\.0\.1:\d+/server/[0-9a-f]{8}, as nova
  address   127\.0\.0\.1:\d+
  files     sftp://nova\.[0-9a-f]{8}@\S+:\d+
  database  s6_game at 127\.0\.0\.1:3306, as u6_\w+ with the password \S+
  schedule  nightly, of 2 tasks, at 4:30
  backup    as delivered, of [1-9]\d* bytes
$`)

func TestProvisionOnItsOwnPanel(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), &out, func(string) string { return "" }, nil); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, made := range []string{"user nova", "server ", "database s6_game", "schedule nightly", "task power", "task backup", `backup "as delivered"`} {
		if strings.Count(out.String(), "made "+made) != 1 {
			t.Errorf("%q was not made once", made)
		}
	}
	if !complete.MatchString(out.String()) {
		t.Errorf("it printed\n%s", out.String())
	}
}

// shop runs the order 17 on a Panel and returns what is printed.
func shop(t *testing.T, panel *paneltest.Panel, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	env := map[string]string{
		"PTERODACTYL_URL": panel.URL, "PTERODACTYL_APPLICATION_KEY": panel.ApplicationKey, "PTERODACTYL_KEY": panel.AdminKey,
	}
	err := run(t.Context(), &out, func(name string) string { return env[name] }, append([]string{"-order", "17"}, args...))
	return out.String(), err
}

func newPanel(t *testing.T) *paneltest.Panel {
	t.Helper()
	panel, err := paneltest.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(panel.Close)
	return panel
}

// delivered returns what the customer has, as numbers of each thing.
func delivered(t *testing.T, panel *paneltest.Panel) string {
	t.Helper()
	admin, err := application.New(panel.URL, panel.ApplicationKey)
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(panel.URL, panel.AdminKey)
	if err != nil {
		t.Fatal(err)
	}
	user, err := admin.Users.GetByExternalID(t.Context(), "customer-1001", application.UserIncludeServers)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, server := range user.Servers() {
		databases, err := c.Databases.List(t.Context(), server.Identifier)
		if err != nil {
			t.Fatal(err)
		}
		schedules, err := c.Schedules.List(t.Context(), server.Identifier)
		if err != nil {
			t.Fatal(err)
		}
		var tasks []client.TaskAction
		for _, schedule := range schedules {
			for _, task := range schedule.Tasks() {
				tasks = append(tasks, task.Action)
			}
		}
		backups, err := c.Backups.List(t.Context(), server.Identifier, client.BackupListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("server of %d MiB: %d databases, %d schedules, tasks %v, %d backups",
			server.Limits.Memory, len(databases), len(schedules), tasks, backups.Total))
	}
	return strings.Join(all, "\n")
}

const wanted = "server of 1024 MiB: 1 databases, 1 schedules, tasks [power backup], 1 backups"

// Whatever fails, and whether or not it was done all the same, a second run
// completes the order, and a third one finds nothing left to do.
func TestProvisionGoesOnAfterAFailure(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{
		"applicationCreateUser", "applicationCreateServer", "clientCreateDatabase",
		"clientCreateSchedule", "clientCreateScheduleTask", "clientCreateBackup",
	} {
		for _, fault := range []paneltest.Fault{paneltest.FaultStatus(500), paneltest.FaultLost} {
			t.Run(operation+" "+string(fault), func(t *testing.T) {
				t.Parallel()
				panel := newPanel(t)
				if err := panel.Fail(operation, 1, fault); err != nil {
					t.Fatal(err)
				}
				out, err := shop(t, panel)
				made := "what was made stays: user nova"
				if operation == "applicationCreateUser" {
					made = "nothing was made"
				}
				if err == nil || !strings.Contains(err.Error(), operation) || !strings.Contains(err.Error(), "Order 17 is not complete; "+made) {
					t.Fatalf("err = %v, which does not tell %q, after\n%s", err, made, out)
				}
				if out, err = shop(t, panel); err != nil || !complete.MatchString(out) {
					t.Fatalf("the second run: %v\n%s", err, out)
				}
				if out, err = shop(t, panel); err != nil || strings.Contains(out, "made ") || !complete.MatchString(out) {
					t.Errorf("the third run: %v\n%s", err, out)
				}
				if got := delivered(t, panel); got != wanted {
					t.Errorf("the customer has\n%s\nwant\n%s", got, wanted)
				}
			})
		}
	}
}

// A customer whose e-mail address somebody else has is a matter for a person.
func TestProvisionWhereTheAddressIsTaken(t *testing.T) {
	t.Parallel()
	_, err := shop(t, newPanel(t), "-email", "user@example.org")
	if !errors.Is(err, client.ErrValidation) || !strings.Contains(err.Error(), "nothing was made") {
		t.Errorf("err = %v", err)
	}
}

func TestProvisionNeedsAnAdministrator(t *testing.T) {
	t.Parallel()
	panel := newPanel(t)
	panel.AdminKey = panel.UserKey
	_, err := shop(t, panel)
	if !errors.Is(err, client.ErrNotFound) || !strings.Contains(err.Error(), "root administrator") {
		t.Errorf("err = %v", err)
	}
}

func TestProvisionNeedsAnOrder(t *testing.T) {
	t.Parallel()
	err := run(t.Context(), io.Discard, func(string) string { return "set" }, nil)
	if err == nil || !strings.Contains(err.Error(), "-help") {
		t.Errorf("err = %v", err)
	}
}
