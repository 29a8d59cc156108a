package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/paneltest"
)

func TestDemo(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), &out, func(string) string { return "" }, nil); err != nil {
		t.Fatalf("%v after\n%s", err, out.String())
	}
	want := regexp.MustCompile(`^\$ folder -exclude \*\.log up \./plugins \w+ /plugins
1 of 2 files, \d+ of 27 bytes: chat\S*
2 of 2 files, 27 of 27 bytes: chat\S*
up: 2 files transferred, 0 unchanged, 0 deleted
\$ folder -exclude \*\.log up \./plugins \w+ /plugins
up: 0 files transferred, 2 unchanged, 0 deleted
\$ folder -delete down \./copy \w+ /plugins
1 of 2 files, \d+ of 27 bytes: chat\S*
2 of 2 files, 27 of 27 bytes: chat\S*
down: 2 files transferred, 0 unchanged, 0 deleted
$`)
	if !want.MatchString(out.String()) {
		t.Errorf("it printed\n%s", out.String())
	}
}

// stage is a Panel, a client of it, and a server.
func stage(t *testing.T, opts ...paneltest.Option) (c *client.Client, panel *paneltest.Panel, server string) {
	t.Helper()
	panel, err := paneltest.New(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(panel.Close)
	if c, err = client.New(panel.URL, panel.UserKey); err != nil {
		t.Fatal(err)
	}
	for found, err := range c.Servers.All(t.Context(), client.ServerListOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		if found.Name == "lobby" {
			server = found.Identifier
		}
	}
	return c, panel, server
}

func TestCommand(t *testing.T) {
	t.Parallel()
	t.Run("Pterodactyl", func(t *testing.T) { useCommand(t) })
	t.Run("Pelican", func(t *testing.T) { useCommand(t, paneltest.WithPelican()) })
}

func useCommand(t *testing.T, opts ...paneltest.Option) {
	t.Helper()
	t.Parallel()
	c, panel, server := stage(t, opts...)
	local := t.TempDir()
	env := map[string]string{"PTERODACTYL_URL": panel.URL, "PTERODACTYL_KEY": panel.UserKey}
	folder := func(args ...string) (string, error) {
		var out bytes.Buffer
		err := run(t.Context(), &out, func(name string) string { return env[name] }, args)
		return out.String(), err
	}
	if err := os.WriteFile(filepath.Join(local, "a b "), []byte("A"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.Files.CreateFolder(t.Context(), server, "/up/old"); err != nil {
		t.Fatal(err)
	}

	printed, err := folder("-dry", "-delete", "up", local, server, "/up")
	if want := "would transfer a b \nwould delete old\nup: 0 files transferred, 0 unchanged, 0 deleted\n"; err != nil || printed != want {
		t.Errorf("a dry run prints %q, %v", printed, err)
	}
	if _, err := c.Files.Stat(t.Context(), server, "/up/old"); err != nil {
		t.Errorf("a dry run deleted: %v", err)
	}
	printed, err = folder("-delete", "up", local, server, "/up")
	if want := "delete old\n1 of 1 files, 1 of 1 bytes: a b \nup: 1 files transferred, 0 unchanged, 1 deleted\n"; err != nil || printed != want {
		t.Errorf("it prints %q, %v", printed, err)
	}
	for _, args := range [][]string{nil, {"up"}, {"sideways", local, server, "/up"}, {"up", local, "no-such-server", "/up"}, {"-x"}, {"-exclude", "[", "up", local, server, "/up"}} {
		if printed, err := folder(args...); err == nil {
			t.Errorf("%q: no error, %q", args, printed)
		}
	}
	if err := os.Mkdir(filepath.Join(local, "old"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := c.Files.Write(t.Context(), server, "/up/old", strings.NewReader("in the way")); err != nil {
		t.Fatal(err)
	}
	if printed, err = folder("up", local, server, "/up"); err == nil || !strings.Contains(printed, "failed to transfer old: a file stands in its place") {
		t.Errorf("it prints %q, %v", printed, err)
	}
}
