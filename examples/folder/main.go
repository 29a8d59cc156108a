// Command folder makes a folder of a server like a local one, or the local one
// like the server's. It transfers what has changed, shows how far it is, and goes on
// where it ended when it is run again.
//
//	export PTERODACTYL_URL=https://panel.example.org PTERODACTYL_KEY=ptlc_…
//	go run ./examples/folder up ./plugins 1a2b3c4d /plugins
//	go run ./examples/folder -delete -exclude '*.log' down ./world 1a2b3c4d /world
//	go run ./examples/folder -dry up ./plugins 1a2b3c4d /plugins
//
// Without the two variables it takes a folder up and down again on a Panel within
// this program.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"

	"github.com/ptero-go/ptero/client"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, os.Getenv, os.Args[1:])
	stop()
	if err != nil {
		log.Fatal("folder: ", err)
	}
}

// run does what the arguments say, or the demo without a Panel.
func run(ctx context.Context, out io.Writer, getenv func(string) string, args []string) error {
	panelURL, key := getenv("PTERODACTYL_URL"), getenv("PTERODACTYL_KEY")
	if panelURL == "" && key == "" {
		return demo(ctx, out)
	}
	c, err := client.New(panelURL, key)
	if err != nil {
		return err
	}
	return command(ctx, out, c, args)
}

// command carries out one command line.
func command(ctx context.Context, out io.Writer, c *client.Client, args []string) error {
	var opts client.SyncOptions
	flags := flag.NewFlagSet("folder", flag.ContinueOnError)
	flags.BoolVar(&opts.Delete, "delete", false, "delete what the source does not have")
	dry := flags.Bool("dry", false, "only print what would be done")
	flags.Func("exclude", "leave alone what this `pattern` matches, such as *.log or /cache; may be repeated", func(pattern string) error {
		opts.Exclude = append(opts.Exclude, pattern)
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 4 {
		return errors.New("usage: folder [options] up|down LOCAL SERVER DIRECTORY")
	}
	direction, err := parseDirection(flags.Arg(0))
	if err != nil {
		return err
	}
	// The Panel keeps all names as they are only if it gets the whole UUID.
	server, err := c.Servers.Get(ctx, flags.Arg(2))
	if err != nil {
		return err
	}

	opts.Before = func(change client.SyncChange) error {
		if *dry {
			fmt.Fprintln(out, "would", change)
			return client.ErrSkip
		}
		if change.Action == client.SyncDelete {
			fmt.Fprintln(out, change)
		}
		return nil
	}
	done := 0
	opts.Progress = func(p client.SyncProgress) {
		if p.Files > done {
			done = p.Files
			fmt.Fprintf(out, "%d of %d files, %d of %d bytes: %s\n", p.Files, p.TotalFiles, p.Bytes, p.TotalBytes, p.Path)
		}
	}
	result, err := c.Files.SyncFolder(ctx, server.UUID, direction, flags.Arg(1), flags.Arg(3), opts)
	for _, name := range result.LeftOut {
		fmt.Fprintf(out, "left out %s, which is neither a file nor a folder\n", name)
	}
	fmt.Fprintf(out, "%s: %d files transferred, %d unchanged, %d deleted\n", direction, result.Files, result.Unchanged, result.Deleted)

	var failed *client.SyncError
	if errors.As(err, &failed) && failed.Stopped == nil {
		for _, failure := range failed.Failures {
			fmt.Fprintf(out, "failed to %s: %v\n", failure.Change, failure.Err)
		}
	}
	return err
}

func parseDirection(text string) (client.SyncDirection, error) {
	for _, direction := range []client.SyncDirection{client.SyncUp, client.SyncDown} {
		if direction.String() == text {
			return direction, nil
		}
	}
	return 0, fmt.Errorf("%q is neither up nor down", text)
}
