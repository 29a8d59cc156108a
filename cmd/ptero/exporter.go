package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/cmd/ptero/internal/exporter"
)

func exporterCommand(a *app) *cobra.Command {
	var listen string
	var refresh, backups time.Duration
	var filter serverFilter
	var scope serverScope
	cmd := &cobra.Command{
		Use: "exporter", Short: "Serve metrics of all servers for Prometheus", Args: args(),
		Long: `Serve metrics of all servers for Prometheus at /metrics.

What servers use comes from their consoles, each second and without requests to the
Panel but a token for each server every ten minutes. The Panel is asked for the list
of servers and nodes now and then, and for the backups of each server once an hour.
A scrape is answered from memory. What is not known to be true any more, e.g. as a
node is down, is left out; pterodactyl_server_console_connected says so.`,
		Example: "  ptero exporter --listen 127.0.0.1:9120\n  ptero exporter --scope all --filter node=eu-1",
		RunE: runE(func(ctx context.Context, _ []string) error {
			if refresh < time.Second {
				return usagef("--refresh must be a second at least")
			}
			calls := &exporter.Calls{}
			c, err := a.client(client.WithMiddleware(calls.Middleware))
			if err != nil {
				return err
			}
			admin, err := a.admin(client.WithMiddleware(calls.Middleware))
			if err != nil {
				return err
			}
			if _, err := filter.apply(nil); err != nil {
				return err
			}
			e := exporter.New(exporter.Options{
				Client: c, Admin: admin, List: scope.options(), Refresh: refresh, Backups: backups, Version: version(),
				Keep: func(s *client.Server) bool {
					kept, err := filter.apply([]*client.Server{s})
					return err == nil && len(kept) == 1
				},
				Status: func(s *client.Server) string { return string(serverStatus(s)) },
				Log:    slog.New(slog.NewTextHandler(a.Err, nil)),
			}, calls)
			return a.serve(ctx, listen, e)
		}),
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:9120", "`address` to listen on")
	cmd.Flags().DurationVar(&refresh, "refresh", 5*time.Minute, "how often to list servers and nodes")
	cmd.Flags().DurationVar(&backups, "backups", time.Hour, "how often to list the backups of each server; 0 leaves them out")
	filter.addFlags(cmd, false)
	scope.addFlag(cmd)
	return cmd
}

// serve runs an exporter and its HTTP server until the context ends.
func (a *app) serve(ctx context.Context, address string, e *exporter.Exporter) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return &failure{err: err, hint: "Listen on another address with --listen"}
	}
	const headerTimeout = 10 * time.Second
	server := &http.Server{Handler: e, ReadHeaderTimeout: headerTimeout}
	a.Messagef("Metrics at http://%s/metrics", listener.Addr())
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ran := make(chan error, 1)
	go func() { ran <- e.Run(ctx) }()
	select {
	case err = <-served:
		cancel()
		err = errors.Join(err, ignoreCanceled(<-ran))
	case err = <-ran:
		err = errors.Join(err, server.Close())
		if closed := <-served; !errors.Is(closed, http.ErrServerClosed) {
			err = errors.Join(err, closed)
		}
	}
	if errors.Is(err, context.Canceled) {
		return &failure{code: exitInterrupted, err: err} // that is how it is meant to end
	}
	return fmt.Errorf("serve metrics: %w", err)
}

func ignoreCanceled(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
