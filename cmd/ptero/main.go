// Command ptero is a command line for the Pterodactyl Panel: servers, their
// consoles, files and backups, and the administration of a Panel.
//
//	go install github.com/ptero-go/ptero/cmd/ptero@latest
//	ptero --demo servers list
//	ptero auth login https://panel.example.org
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

func main() {
	os.Exit(run(ui.New(os.Getenv, os.Stdin, os.Stdout, os.Stderr)))
}

// run carries out a command line and returns the exit code.
func run(terminal *ui.Terminal) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The second interrupt ends the program at once.
	context.AfterFunc(ctx, stop)

	a := newApp(terminal, os.Getenv)
	defer a.close()
	root := newRoot(a)
	cmd, err := root.ExecuteContextC(ctx)
	return a.report(ctx, cmd, err)
}
