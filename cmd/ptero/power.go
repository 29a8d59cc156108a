package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/client"
)

// powerSignal is a command that sends a signal.
type powerSignal struct {
	signal client.PowerSignal
	short  string
	sent   string // what to say when it was sent
}

func powerCommands(a *app) []*cobra.Command {
	var commands []*cobra.Command
	for _, p := range []powerSignal{
		{client.PowerSignalStart, "Start servers", "starting"},
		{client.PowerSignalStop, "Stop servers", "stopping"},
		{client.PowerSignalRestart, "Restart servers", "restarting"},
		{client.PowerSignalKill, "Kill servers that do not stop; what they have not saved is lost", "killed"},
	} {
		commands = append(commands, powerCommand(a, p))
	}
	return commands
}

func serverName(s *client.Server) string { return s.Name }

func powerCommand(a *app, p powerSignal) *cobra.Command {
	var filter serverFilter
	var dryRun, wait bool
	var timeout time.Duration
	verb := string(p.signal)
	cmd := &cobra.Command{
		Use: verb + " [SERVER...]", Short: p.short, Args: args("[SERVER...]"), ValidArgsFunction: completeArgs(a, -1),
		Example: "  ptero " + verb + " lobby --wait\n  ptero " + verb + " --filter 'lobby-*' --dry-run",
		RunE: runE(func(ctx context.Context, names []string) error {
			if timeout <= 0 {
				return usagef("--timeout must be above 0")
			}
			c, servers, err := a.servers(ctx, names, filter)
			if err != nil {
				return err
			}
			if dryRun {
				return a.wouldDo(verb, "", labels(servers, serverName))
			}
			if len(names) == 0 && p.signal != client.PowerSignalStart {
				if err := a.confirm(ctx, verb, "server", labels(servers, serverName)); err != nil {
					return err
				}
			}
			if wait {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, timeout)
				defer cancel()
			}
			return each(ctx, a, servers, serverName, func(ctx context.Context, s *client.Server) (string, error) {
				if wait && len(servers) == 1 {
					defer a.waiting(p.sent + " " + s.Name)()
				}
				if wait {
					return a.signalAndWait(ctx, c, s, p.signal)
				}
				return p.sent, sendSignal(ctx, c, s, p.signal)
			})
		}),
	}
	filter.addFlags(cmd, true)
	cmd.Flags().BoolVar(&wait, "wait", false, "return when it has happened")
	cmd.Flags().DurationVar(&timeout, "timeout", 5*time.Minute, "how long to wait")
	addDryRun(cmd, &dryRun)
	return cmd
}
