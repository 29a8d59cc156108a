package main

import (
	"context"
	"errors"
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

// ready leaves out the servers that take no signals, as they are suspended, being
// installed or moved.
func (a *app) ready(servers []*client.Server) []*client.Server {
	var kept []*client.Server
	for _, s := range servers {
		if status := serverStatus(s); status != "ready" {
			a.Messagef("Left out %s, which is not ready: %s.", s.Name, status)
			continue
		}
		kept = append(kept, s)
	}
	return kept
}

func serverID(s *client.Server) string   { return s.Identifier }
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
			if len(names) == 0 {
				if servers = a.ready(servers); len(servers) == 0 {
					return &failure{code: exitNotFound, err: errors.New("none of the servers that fit is ready"), hint: "See: ptero servers list"}
				}
			}
			if dryRun {
				return a.wouldDo(verb, "", outcomes(servers, serverID, serverName))
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
			return each(ctx, a, servers, serverID, serverName, func(ctx context.Context, s *client.Server) (string, error) {
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
