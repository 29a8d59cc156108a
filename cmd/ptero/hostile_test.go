package main

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
	"github.com/ptero-go/ptero/paneltest"
)

// here runs a command line within the test, and returns what it printed.
func here(t *testing.T, panel *paneltest.Panel, key string, color bool, args ...string) (code int, out, errs string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	env := map[string]string{envURL: panel.URL, envKey: key, envConfig: t.TempDir(), envCache: t.TempDir()}
	var stdout, stderr bytes.Buffer
	a := newApp(&ui.Terminal{
		In: strings.NewReader(""), Out: &stdout, Err: &stderr, OutColor: color, ErrColor: color, Now: time.Now, Location: time.UTC,
	}, func(name string) string { return env[name] })
	defer a.close()
	root := newRoot(a)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	code = a.report(ctx, cmd, err)
	return code, stdout.String(), stderr.String()
}

// runHere runs a command line as the user.
func runHere(t *testing.T, panel *paneltest.Panel, args ...string) (code int, out, errs string) {
	t.Helper()
	return here(t, panel, panel.UserKey, false, args...)
}

// evil is a name that would clear the screen, set the title, ring, and turn what
// follows around.
const evil = "ev\x1b[2J\x1b]0;owned\x07il\u202e\u009b2J"

// hostileSeed is a Panel where everything that somebody can name has that name.
func hostileSeed() paneltest.Seed {
	seed := testSeed(time.Now())
	seed.Users[0].FirstName, seed.Users[0].LastName = evil, evil
	seed.Nodes[0].Name = evil
	name := evil
	seed.Locations[0].Short, seed.Locations[0].Long = evil, &name
	server := &seed.Servers[0]
	server.Name, server.Description = evil, evil
	server.Files = map[string]string{evil: "a", "d/" + evil: "b"}
	for i := range server.Backups {
		server.Backups[i].Name, server.Backups[i].Locked = evil, i == 0
	}
	server.Schedules[0].Name = evil
	server.Schedules[0].Tasks = append(server.Schedules[0].Tasks, paneltest.SeedTask{Action: "command", Payload: evil})
	return seed
}

// Names come from other people, so none of them may act on the terminal of
// whoever lists them, wherever they are printed.
func TestNamesCannotActOnTheTerminal(t *testing.T) {
	t.Parallel()
	const server, backup = lobby, "b2000000"
	lines := [][]string{
		{"servers", "list"},
		{"servers", "list", "-o", "wide"},
		{"servers", "list", "-o", "yaml"},
		{"servers", "list", "--usage"},
		{"servers", "show", server},
		{"servers", "show", "ev"},
		{"servers", "show", "evi"},
		{"servers", "show", "nothing" + evil},
		{"start", server},
		{"stop", "--all"},
		{"stop", "--all", "--dry-run"},
		{"restart", server, "22a21c4d", "44a41c4d"},
		{"files", "ls", server},
		{"files", "ls", server + ":/d"},
		{"files", "du", server},
		{"files", "ls", server + ":/nope" + evil},
		{"files", "rm", server + ":/d", "--dry-run"},
		{"files", "rm", server + ":/d/*"},
		{"files", "rm", server + ":/d/*", "--dry-run"},
		{"files", "cat", server + ":/d"},
		{"files", "zip", server + ":/d"},
		{"files", "get", server + ":/d", t.TempDir() + "/d"},
		{"files", "get", server + ":/d/*", t.TempDir() + "/"},
		{"files", "mv", server + ":/d/*", server + ":/d/x"},
		{"files", "rm", server + ":/d/*", server + ":/d", "--yes"},
		{"files", "sync", server + ":/", t.TempDir(), "--dry-run"},
		{"backups", "list", server},
		{"backups", "show", server, backup},
		{"backups", "show", server, "ev"},
		{"backups", "lock", server, backup},
		{"backups", "unlock", server, backup},
		{"backups", "delete", server, backup},
		{"backups", "restore", server, backup},
		{"backups", "prune", server, "--keep-last", "1", "--dry-run"},
		{"backups", "download", server, backup, "--to", t.TempDir() + "/b"},
		{"backups", "delete", server, backup, "--yes"},
		{"backups", "create", server, "--name", evil},
		{"schedules", "list", server},
		{"schedules", "show", server, "1"},
		{"schedules", "run", server, "1"},
		{"schedules", "delete-task", server, "1", "9"},
		{"schedules", "delete", server, "1"},
		{"schedules", "delete", server, "1", "--yes"},
		{"databases", "list", "22a21c4d"},
		{"network", "list", server},
		{"subusers", "list", server},
		{"startup", "show", server},
		{"activity", server},
		{"settings", "rename", server, evil + "2"},
		{"logs", server},
		{"run", server, "say " + "hi"},
		{"doctor", server},
		{"account", "show"},
		{"api", "GET", "/api/client"},
		{"admin", "users", "list"},
		{"admin", "users", "show", "1"},
		{"admin", "nodes", "list"},
		{"admin", "nodes", "show", "1"},
		{"admin", "nodes", "show", "ev"},
		{"admin", "locations", "list"},
		{"admin", "servers", "list"},
		{"admin", "servers", "show", "1"},
		{"admin", "allocations", "list", "1"},
		{"admin", "locations", "delete", "1"},
		{"admin", "locations", "delete", "1", "--yes"},
	}
	sgr := regexp.MustCompile(`\x1b\[[0-9;]*m`)
	for _, color := range []bool{false, true} {
		panel, err := paneltest.New(paneltest.WithSeed(hostileSeed()))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(panel.Close)
		if err := panel.Print(lobby, evil, "\x1b[31mred\x1b[m"+evil); err != nil {
			t.Fatal(err)
		}
		shown := 0
		for _, line := range lines {
			_, out, errs := here(t, panel, panel.AdminKey, color, line...)
			text := out + errs
			if color {
				text = sgr.ReplaceAllString(text, "")
			}
			shown += strings.Count(text, "evil")
			for _, r := range text {
				if r < ' ' && r != '\n' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x202e {
					t.Errorf("color %v: ptero %q prints %q:\n%q", color, line, r, text)
					break
				}
			}
		}
		if shown < 2*len(lines)/3 { // else nothing was tried
			t.Errorf("color %v: the name was shown %d times only", color, shown)
		}
	}
}
