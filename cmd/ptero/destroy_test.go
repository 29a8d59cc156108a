package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
	"github.com/ptero-go/ptero/paneltest"
)

// destroying are the commands that destroy something, with arguments for the
// Panel of the scripts.
var destroying = []string{
	"account keys delete IDENTIFIER", "account ssh-keys delete FINGERPRINT", "backups delete lobby b2", "backups prune lobby --keep-last 1", "backups restore lobby b2",
	"backups restore lobby b2 --truncate", "databases delete lobby stats", "files rm lobby:/server.properties", "files rm lobby:/*", "files sync EMPTY lobby:/ --delete",
	"network delete lobby SPARE", "schedules delete lobby 1", "schedules delete-task lobby 1 TASK", "settings reinstall lobby", "subusers delete lobby subuser@example.org",
	"stop --all", "restart --all", "kill --all", "kill --filter *",
	"admin allocations delete 1 FREE", "admin databases delete 1 1", "admin locations delete 1", "admin nodes delete 1", "admin servers delete 1", "admin servers force-delete 1", "admin servers reinstall 1", "admin users delete 1",
}

// What destroys is refused where nobody can be asked, before anything is sent
// that changes something, and --dry-run sends nothing either.
func TestWhatDestroysIsRefusedInAPipe(t *testing.T) {
	t.Parallel()
	seed := testSeed(time.Now())
	seed.Servers[0].Allocations = []int{1, 9}
	panel, err := paneltest.New(paneltest.WithSeed(seed))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(panel.Close)
	run := func(args ...string) (int, string, string) {
		key := panel.UserKey
		if args[0] == "admin" {
			key = panel.AdminKey
		}
		return here(t, panel, key, false, args...)
	}
	first := func(args ...string) string {
		code, out, errs := run(append(args, "-q")...)
		id, _, _ := strings.Cut(out, "\n")
		if code != exitOK || id == "" {
			t.Fatalf("ptero %q: %d\n%s%s", args, code, out, errs)
		}
		return id
	}
	if code, _, errs := here(t, panel, panel.UserKey, false, "schedules", "add-task", "lobby", "1", "backup"); code != exitOK {
		t.Fatal(errs)
	}
	values := map[string]string{"IDENTIFIER": first("account", "keys", "list"), "EMPTY": t.TempDir(), "TASK": "1", "SPARE": "9", "FREE": "10"}
	covered := make(map[string]bool)
	for _, line := range destroying {
		args := strings.Fields(line)
		if strings.Contains(line, "ssh-keys") {
			continue // there are none; the code is that of the API keys
		}
		for i := range args {
			if value, ok := values[args[i]]; ok {
				args[i] = value
			}
		}
		before := len(panel.Requests())
		code, out, errs := run(args...)
		if code != exitUsage || !strings.Contains(errs, "Error: refusing to ") || !strings.Contains(errs, "Add --yes to do it.") {
			t.Errorf("ptero %q: %d\n%s%s", args, code, out, errs)
		}
		cmd, _, err := newRoot(newApp(&ui.Terminal{}, func(string) string { return "" })).Find(args)
		if err != nil {
			t.Fatal(err)
		}
		covered[cmd.CommandPath()] = true
		if cmd.Flags().Lookup("dry-run") != nil {
			if code, out, errs := run(append(args, "--dry-run")...); code != exitOK || !strings.Contains(out, "Would ") {
				t.Errorf("ptero %q --dry-run: %d\n%s%s", args, code, out, errs)
			}
		}
		for _, r := range panel.Requests()[before:] {
			if r.Method != http.MethodGet {
				t.Errorf("ptero %q sent %s %s", args, r.Method, r.Path)
			}
		}
	}
	// No command that destroys is forgotten here.
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		for _, child := range cmd.Commands() {
			walk(child)
		}
		name, path := cmd.Name(), cmd.CommandPath()
		if slices.ContainsFunc([]string{"delete", "remove", "prune", "restore", "reinstall", "purge", "reset"}, func(word string) bool { return name == "rm" || strings.Contains(name, word) }) &&
			!covered[path] && path != "ptero account ssh-keys delete" {
			t.Errorf("%s destroys something, and is not tried here", path)
		}
	}
	walk(newRoot(newApp(&ui.Terminal{}, func(string) string { return "" })))
}

// What --dry-run prints is what is done without it.
func TestADryRunIsTrue(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"backups prune lobby --keep-last 1", "backups prune lobby --keep-daily 2", "backups prune lobby --keep-weekly 1 --keep-last 2", "backups delete lobby b3 weekly",
	} {
		panel := newPanel(t)
		ids := func(args ...string) []string {
			code, out, errs := runHere(t, panel, append(args, "-q")...)
			if code != exitOK {
				t.Fatalf("ptero %q: %d\n%s", args, code, errs)
			}
			return strings.Fields(out)
		}
		args := strings.Fields(line)
		before, doomed := ids("backups", "list", "lobby"), ids(append(args, "--dry-run")...)
		ids(append(args, "--yes")...)
		var gone []string
		after := ids("backups", "list", "lobby")
		for _, id := range before {
			if !slices.Contains(after, id) {
				gone = append(gone, id)
			}
		}
		slices.Sort(gone)
		slices.Sort(doomed)
		if !slices.Equal(gone, doomed) || len(gone) == 0 {
			t.Errorf("ptero %s deleted %q, and would delete %q", line, gone, doomed)
		}
	}
	// The same for folders.
	panel := newPanel(t)
	dir := t.TempDir()
	plan := func(more ...string) string {
		code, out, errs := runHere(t, panel, append([]string{"files", "sync", dir, "lobby:/", "--delete", "-o", "json"}, more...)...)
		if code != exitOK {
			t.Fatalf("%v: %d\n%s", more, code, errs)
		}
		return out
	}
	if out := plan("--dry-run"); !strings.Contains(out, `"action": "delete"`) || !strings.Contains(out, "server.properties") {
		t.Errorf("the plan is %s", out)
	}
	plan("--yes")
	if out := plan("--dry-run"); out != "[]\n" {
		t.Errorf("after it was done, the plan is %s", out)
	}
}
