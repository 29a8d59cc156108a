package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
	"github.com/ptero-go/ptero/paneltest"
)

// commandsNamed returns the command lines of all commands of a name, with their
// arguments for the Panel of the scripts.
func commandsNamed(t *testing.T, name string) [][]string {
	t.Helper()
	var lines [][]string
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		for _, child := range cmd.Commands() {
			walk(child)
		}
		if cmd.Name() != name {
			return
		}
		line := strings.Fields(cmd.CommandPath())[1:]
		for _, arg := range strings.Fields(cmd.Use)[1:] {
			value, ok := map[string]string{"SERVER": "lobby", "NODE": "1", "NEST": "1"}[arg]
			if !ok {
				t.Fatalf("%s has the argument %s, which this test does not know", cmd.CommandPath(), arg)
			}
			line = append(line, value)
		}
		lines = append(lines, line)
	}
	walk(newRoot(newApp(&ui.Terminal{}, func(string) string { return "" })))
	return lines
}

// Every list is an array in JSON, even if it is empty, and the same one in YAML;
// -q is -o name, and has a line for each.
func TestEveryListInEveryFormat(t *testing.T) {
	t.Parallel()
	empty := testSeed(time.Now())
	empty.Servers[0].Backups, empty.Servers[0].Databases, empty.Servers[0].Schedules, empty.Servers[0].Subusers = nil, nil, nil, nil
	full := testSeed(time.Now())
	lines := commandsNamed(t, "list")
	if len(lines) < 15 {
		t.Fatalf("only %d lists were found", len(lines))
	}
	filled := 0
	for _, seed := range []paneltest.Seed{full, empty} {
		panel, err := paneltest.New(paneltest.WithSeed(seed))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(panel.Close)
		for _, line := range lines {
			key := panel.UserKey
			if line[0] == "admin" {
				key = panel.AdminKey
			}
			print := func(more ...string) string {
				code, out, errs := here(t, panel, key, false, append(slices.Clone(line), more...)...)
				if code != exitOK {
					t.Errorf("ptero %q %q: %d\n%s", line, more, code, errs)
				}
				if errs != "" && (!strings.HasSuffix(errs, ".\n") || out != "" && more[0] != "-q") {
					t.Errorf("ptero %q %q says %q", line, more, errs)
				}
				return out
			}
			var items []any
			text := print("-o", "json")
			if err := json.Unmarshal([]byte(text), &items); err != nil || items == nil {
				t.Errorf("ptero %q prints no array: %v\n%s", line, err, text)
			}
			var again []any
			if err := yaml.Unmarshal([]byte(print("-o", "yaml")), &again); err != nil || len(again) != len(items) {
				t.Errorf("ptero %q prints %d items as YAML, and %d as JSON: %v", line, len(again), len(items), err)
			}
			names := print("-o", "name")
			if got := strings.Count(names, "\n"); got != len(items) {
				t.Errorf("ptero %q prints %d names of %d items:\n%s", line, got, len(items), names)
			}
			if quiet := print("-q"); quiet != names {
				t.Errorf("ptero %q -q prints %q, want %q", line, quiet, names)
			}
			for _, format := range []string{"table", "wide"} {
				if got := strings.Count(print("-o", format), "\n"); got != len(items)+min(len(items), 1) {
					t.Errorf("ptero %q -o %s prints %d lines for %d items", line, format, got, len(items))
				}
			}
			filled += min(len(items), 1)
		}
	}
	if filled < len(lines) {
		t.Errorf("only %d lists of %d had something in them", filled, 2*len(lines))
	}
}
