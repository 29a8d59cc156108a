package main

import (
	"context"
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

func activityColumns(a *app) []ui.Column[*client.Activity] {
	return []ui.Column[*client.Activity]{
		{Title: "WHEN", Value: func(x *client.Activity) any { return x.Timestamp }},
		{Title: "EVENT", Value: func(x *client.Activity) any { return x.Event }},
		{Title: "WHO", Value: func(x *client.Activity) any {
			if x.Actor() == nil {
				return nil
			}
			return x.Actor().Username
		}},
		{Title: "BY KEY", Value: func(x *client.Activity) any { return x.IsAPI }},
		{Title: "IP", Value: func(x *client.Activity) any { return x.IP }, Level: ui.Wide},
		{Title: "DETAILS", Value: func(x *client.Activity) any { return properties(a, x) }},
	}
}

// properties returns what an event was about, as name=value.
func properties(a *app, x *client.Activity) string {
	var parts []string
	text := func(name string) string {
		var text string
		if json.Unmarshal(x.Properties[name], &text) != nil {
			text = string(x.Properties[name])
		}
		return text
	}
	variable := text("variable") // of the egg, which old and new are values of
	for _, name := range slices.Sorted(maps.Keys(x.Properties)) {
		value := text(name)
		if ui.IsSecret(name) || (name == "old" || name == "new") && ui.IsSecret(variable) {
			value = a.Secret(value)
		}
		parts = append(parts, name+"="+value)
	}
	return strings.Join(parts, " ")
}

// activityFlags are those of both activity logs.
type activityFlags struct {
	number int
	event  string
}

func (f *activityFlags) add(cmd *cobra.Command) {
	cmd.Flags().IntVarP(&f.number, "number", "n", 25, "how many entries, the newest first")
	cmd.Flags().StringVar(&f.event, "event", "", "only events that hold a `text`, e.g. server:power")
}

// print writes the newest entries of a log.
func (f *activityFlags) print(a *app, walk func(client.ActivityListOptions) iter.Seq2[*client.Activity, error]) error {
	if f.number <= 0 {
		return usagef("--number must be above 0")
	}
	options := client.ActivityListOptions{
		PerPage: min(f.number, 100), Sort: client.ActivitySortByTimestampDescending,
		Filter: client.ActivityFilter{Event: f.event}, Include: []client.ActivityInclude{client.ActivityIncludeActor},
	}
	var entries []*client.Activity
	for entry, err := range walk(options) {
		if err != nil {
			return err
		}
		if entries = append(entries, entry); len(entries) == f.number {
			break
		}
	}
	if len(entries) == 0 && (a.format == ui.Table || a.format == ui.WideList) {
		a.Messagef("Nothing was done yet.")
		return nil
	}
	return ui.List(a.Terminal, a.listFormat(), activityColumns(a), entries, func(x *client.Activity) string { return x.ID })
}

func activityCommand(a *app) *cobra.Command {
	var flags activityFlags
	cmd := &cobra.Command{
		Use: "activity SERVER", Short: "Show who did what with a server", Args: args("SERVER"), ValidArgsFunction: completeArgs(a, 1),
		RunE: runE(func(ctx context.Context, args []string) error {
			s, _, err := ofServer.split(ctx, a, args)
			if err != nil {
				return err
			}
			return flags.print(a, func(options client.ActivityListOptions) iter.Seq2[*client.Activity, error] {
				return s.client.Servers.AllActivity(ctx, s.server.UUID, options)
			})
		}),
	}
	flags.add(cmd)
	return cmd
}
