package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/paneltest"
)

// demo takes a folder up to a Panel within this program, twice, and down again to
// another place.
func demo(ctx context.Context, out io.Writer) error {
	panel, err := paneltest.New()
	if err != nil {
		return err
	}
	defer panel.Close()
	c, err := client.New(panel.URL, panel.UserKey)
	if err != nil {
		return err
	}
	servers, err := c.Servers.List(ctx, client.ServerListOptions{})
	if err != nil {
		return err
	}
	server := servers.Items[0].Identifier
	dir, err := os.MkdirTemp("", "folder-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	plugins, copied := filepath.Join(dir, "plugins"), filepath.Join(dir, "copy")
	for name, content := range map[string]string{"chat.jar": "PK not real", "chat/config.yml": "greeting: hello\n", "chat/debug.log": "noise\n"} {
		if err := write(filepath.Join(plugins, name), content); err != nil {
			return err
		}
	}
	up := []string{"-exclude", "*.log", "up", plugins, server, "/plugins"}
	down := []string{"-delete", "down", copied, server, "/plugins"}
	for _, args := range [][]string{up, up, down} {
		fmt.Fprintln(out, "$ folder", strings.ReplaceAll(strings.Join(args, " "), dir, "."))
		if err := command(ctx, out, c, args); err != nil {
			return err
		}
	}
	return nil
}

func write(name, content string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(content), 0o600)
}
