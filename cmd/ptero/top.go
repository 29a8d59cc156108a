package main

import (
	"context"
	"errors"
	"net/url"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/cmd/ptero/internal/consoleui"
	"github.com/ptero-go/ptero/cmd/ptero/internal/top"
	"github.com/ptero-go/ptero/console"
)

func topCommand(a *app) *cobra.Command {
	var readOnly bool
	var filter serverFilter
	var scope serverScope
	cmd := &cobra.Command{
		Use: "top", Short: "Watch all servers on one screen, live, and control them", Args: args(),
		Long: `Watch all servers on one screen, live from their consoles: state, CPU, memory,
network and uptime. Mark servers to start and stop them, and open their consoles.
The key ? shows all keys.`,
		Example: "  ptero top\n  ptero top --read-only --filter node=eu-1",
		RunE: runE(func(ctx context.Context, _ []string) error {
			if !a.InTTY || !a.OutTTY || a.Dumb {
				return &failure{code: exitUsage, err: errors.New("top needs a terminal"), hint: "For scripts there is: ptero servers list --usage -o json"}
			}
			c, err := a.client()
			if err != nil {
				return err
			}
			group, err := console.NewGroup(ctx)
			if err != nil {
				return err
			}
			defer group.Close()
			w := &watcher{app: a, client: c, group: group, filter: filter, scope: scope}
			title := a.session.url
			if u, err := url.Parse(title); err == nil {
				title = u.Host
			}
			if a.demo {
				title = "demo"
			}
			model := top.New(a.Terminal, title, readOnly, newDescriber, w.actions(ctx))
			w.program = tea.NewProgram(model, a.programOptions(ctx)...)
			first, err := w.servers(ctx) // what cannot work ends here, with a message that stays
			if err != nil {
				return err
			}
			stop, err := w.start(ctx, first)
			if err != nil {
				return err
			}
			defer stop()
			if _, err := w.program.Run(); err != nil && ctx.Err() == nil {
				return err
			}
			return ctx.Err()
		}),
	}
	filter.addFlags(cmd, false)
	scope.addFlag(cmd)
	cmd.Flags().BoolVar(&readOnly, "read-only", false, "send neither signals nor commands")
	return cmd
}

// watcher feeds the screen of top.
type watcher struct {
	app     *app
	client  *client.Client
	group   *console.Group
	filter  serverFilter
	scope   serverScope
	program *tea.Program
}

// How often the list of servers is read again, and how long events are bundled.
const (
	listEvery   = time.Minute
	bundleEvery = 200 * time.Millisecond
)

// start begins to feed the screen, and returns what ends that. The servers are
// those of the first list.
func (w *watcher) start(ctx context.Context, servers top.Servers) (stop func(), err error) {
	ctx, cancel := context.WithCancel(ctx)
	events, err := w.group.Subscribe(console.DropOldest(1<<16), console.Stats{}, console.Status{}, console.StateChange{}, console.Crash{})
	if err != nil {
		cancel()
		return nil, err
	}
	updates := make(chan console.GroupEvent)
	go func() {
		defer close(updates)
		for event, err := range events.Events(ctx) {
			if err != nil {
				return
			}
			updates <- event
		}
	}()
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.feed(ctx, servers, updates)
	}()
	return func() {
		cancel()
		events.Close()
		for range updates { // until it has ended, too
			continue
		}
		<-done
	}, nil
}

// feed passes on what consoles bring, a bundle at a time, and reads the list of
// servers now and then.
func (w *watcher) feed(ctx context.Context, servers top.Servers, updates <-chan console.GroupEvent) {
	bundle, list := time.NewTicker(bundleEvery), time.NewTicker(listEvery)
	defer bundle.Stop()
	defer list.Stop()
	lists := make(chan tea.Msg, 1)
	lists <- servers
	read := func() {
		var msg tea.Msg
		msg, err := w.servers(ctx)
		if err != nil {
			text, _ := explain(err)
			msg = top.Note{Text: text, Bad: true}
		}
		select {
		case lists <- msg:
		case <-ctx.Done():
		}
	}
	var pending top.Updates
	for {
		select {
		case event, ok := <-updates:
			if !ok {
				return
			}
			pending = append(pending, event)
		case <-bundle.C:
			if len(pending) > 0 {
				w.program.Send(pending)
				pending = nil
			}
		case <-list.C:
			go read()
		case msg := <-lists:
			w.program.Send(msg)
		case <-ctx.Done():
			return
		}
	}
}

// servers reads the list of servers and opens the consoles of new ones.
func (w *watcher) servers(ctx context.Context) (top.Servers, error) {
	found, err := collect(w.client.Servers.All(ctx, w.scope.options()))
	if err == nil {
		found, err = w.filter.apply(found)
	}
	if err != nil {
		return nil, err
	}
	var rows top.Servers
	for _, s := range found {
		blocked := ""
		if status := serverStatus(s); status != "ready" {
			blocked = string(status)
		} else if w.group.Console(s.UUID) == nil {
			_ = w.group.Add(s.UUID, w.client.Servers.Console(s.UUID)) // fails only if it is there by now, or all has ended
		}
		rows = append(rows, top.NewRow(s, blocked))
	}
	return rows, nil
}

func (w *watcher) actions(ctx context.Context) top.Actions {
	return top.Actions{
		Power: func(r *top.Row, signal client.PowerSignal) tea.Cmd {
			return func() tea.Msg {
				if err := w.client.Servers.Signal(ctx, r.UUID, signal); err != nil {
					text, _ := explain(err)
					return top.Note{Text: r.Name + ": " + text, Bad: true}
				}
				return top.Note{Text: r.Name + ": " + string(signal) + " sent"}
			}
		},
		Open: func(r *top.Row) tea.Cmd {
			return func() tea.Msg {
				con, err := console.Dial(ctx, w.client.Servers.Console(r.UUID), console.WithLog(), console.WithPatientCommands())
				if err != nil {
					text, _ := explain(err)
					return top.Note{Text: r.Name + ": " + text, Bad: true}
				}
				return top.Opened{Name: r.Name, Session: consoleui.Open(con, w.program.Send)}
			}
		},
		Close: func(s *consoleui.Session) { go s.Close() }, // the screen does not wait for it
	}
}
