package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/paneltest"
)

// exampleServer starts a Panel and returns a client of it and the UUID of a server.
func exampleServer(ctx context.Context) (c *client.Client, server string, shutDown func()) {
	panel, err := paneltest.New()
	if err != nil {
		log.Fatal(err)
	}
	if c, err = client.New(panel.URL, panel.UserKey); err != nil {
		log.Fatal(err)
	}
	found, err := c.Servers.List(ctx, client.ServerListOptions{Filter: client.ServerFilter{Name: "lobby"}})
	if err != nil {
		log.Fatal(err)
	}
	return c, found.Items[0].UUID, panel.Close
}

// A folder goes up, and a second run transfers only what has changed.
func ExampleFilesService_SyncFolder() {
	ctx := context.Background()
	c, server, shutDown := exampleServer(ctx)
	defer shutDown()
	plugins, err := os.MkdirTemp("", "plugins-*")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(plugins) }()
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(plugins, name), []byte(content), 0o600); err != nil {
			fmt.Println(err)
			return
		}
	}
	sync := func() {
		result, err := c.Files.SyncFolder(ctx, server, client.SyncUp, plugins, "/plugins", client.SyncOptions{
			Exclude: []string{"*.log"},
			Before: func(change client.SyncChange) error {
				fmt.Println(change)
				return nil
			},
		})
		var failed *client.SyncError
		if errors.As(err, &failed) {
			for _, failure := range failed.Failures {
				fmt.Println(failure.Change, failure.Err)
			}
		}
		fmt.Println(result.Files, "transferred,", result.Unchanged, "unchanged")
	}

	write("chat.jar", "PK not real")
	write("chat.yml", "greeting: hello\n")
	write("debug.log", "noise\n")
	sync()
	write("chat.yml", "greeting: good morning\n")
	sync()
	// Output:
	// transfer chat.jar
	// transfer chat.yml
	// 2 transferred, 0 unchanged
	// transfer chat.yml
	// 1 transferred, 1 unchanged
}

// All that is below a folder, but for what is below one of its folders.
func ExampleFilesService_Walk() {
	ctx := context.Background()
	c, server, shutDown := exampleServer(ctx)
	defer shutDown()

	for entry, err := range c.Files.Walk(ctx, server, "/") {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(entry.Path)
		if entry.Path == "/logs" {
			entry.SkipFolder()
		}
	}
	// Output:
	// /logs
	// /server.properties
}
