// Command tail prints what a server prints, for days: it outlives the console's
// tokens, failures of the network and restarts of the Panel and the node, and
// says where lines may be missing.
//
//	PTERODACTYL_URL=https://panel.example.org PTERODACTYL_KEY=ptlc_… go run ./examples/tail 1a2b3c4d
//
// Without the two it tails a server of a Panel within this program, whose network
// fails every few seconds.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"os/signal"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/console"
)

// tail prints the lines of a server's console until ctx ends, or until there is
// no such console any more.
func tail(ctx context.Context, out io.Writer, c *client.Client, server string) error {
	con, err := console.Dial(ctx, c.Servers.Console(server), console.WithLog(), console.WithLogger(slog.Default()))
	if err != nil {
		return err
	}
	defer con.Close()
	for event, err := range con.Events(ctx) {
		switch e := event.(type) {
		case console.Output:
			fmt.Fprintln(out, e.Text())
		case console.Gap:
			fmt.Fprintf(out, "-- lines may be missing: %s\n", e.Reason)
		case console.Dropped:
			fmt.Fprintf(out, "-- %d events came too fast to be printed\n", e.Count)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Getenv("PTERODACTYL_URL"), os.Getenv("PTERODACTYL_KEY"), os.Args[1:])
	interrupted := ctx.Err() != nil
	stop()
	if err != nil && !interrupted {
		log.Fatal("tail: ", err)
	}
}

// run tails the server that the arguments name, or that of the demo.
func run(ctx context.Context, panelURL, key string, args []string) error {
	at := target{url: panelURL, key: key}
	switch {
	case panelURL == "" && key == "":
		demo, err := startDemo(ctx)
		if err != nil {
			return err
		}
		at = demo
	case len(args) != 1:
		return errors.New("give the identifier of one server, such as 1a2b3c4d")
	default:
		at.server = args[0]
	}
	c, err := client.New(at.url, at.key)
	if err != nil {
		return err
	}
	return tail(ctx, os.Stdout, c, at.server)
}
