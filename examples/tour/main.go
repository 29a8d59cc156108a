// Command tour shows what the SDK does.
//
// With PTERODACTYL_URL and PTERODACTYL_KEY set it tours that Panel, without
// changing anything: it lists the servers of the account, shows what one of them
// uses, sends it a command and a power signal that do no harm, and shows what a
// refusal looks like.
//
// Without them it starts a Panel of its own, within this program, and does all
// that one does with a server: from its creation to its end.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := tour(ctx, os.Stdout, os.Getenv("PTERODACTYL_URL"), os.Getenv("PTERODACTYL_KEY"))
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "tour:", err)
		os.Exit(1)
	}
}

// tour takes the tour of the Panel at a URL, or of an embedded one if neither
// URL nor key are given.
func tour(ctx context.Context, out io.Writer, panelURL, key string) error {
	if panelURL == "" && key == "" {
		return tourEmbedded(ctx, out)
	}
	return tourOwn(ctx, out, panelURL, key)
}
