package main

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

func variableColumns(a *app) []ui.Column[*client.EggVariable] {
	value := func(v *client.EggVariable, text *string) any {
		if text != nil && ui.IsSecret(v.EnvVariable) {
			return a.Secret(*text)
		}
		return text
	}
	return []ui.Column[*client.EggVariable]{
		{Title: "VARIABLE", Value: func(v *client.EggVariable) any { return v.EnvVariable }},
		{Title: "NAME", Value: func(v *client.EggVariable) any { return v.Name }},
		{Title: "VALUE", Value: func(v *client.EggVariable) any { return value(v, v.ServerValue) }},
		{Title: "DEFAULT", Value: func(v *client.EggVariable) any { return value(v, v.DefaultValue) }},
		{Title: "EDITABLE", Value: func(v *client.EggVariable) any { return v.IsEditable }},
		{Title: "RULES", Value: func(v *client.EggVariable) any { return v.Rules }, Level: ui.Wide},
		{Title: "DESCRIPTION", Value: func(v *client.EggVariable) any { return v.Description }, Level: ui.Wide},
	}
}

func variableKeys(v *client.EggVariable) []string { return []string{v.EnvVariable, v.Name} }

func startupCommand(a *app) *cobra.Command {
	return group("startup", "Show and change how servers start", startupShowCommand(a), startupSetCommand(a), startupImageCommand(a))
}

func startupShowCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "show SERVER", Aliases: []string{"list", "get"}, Short: "Show the command, the images and the variables of a server", Args: args("SERVER"), ValidArgsFunction: completeArgs(a, 1),
		RunE: runE(func(ctx context.Context, args []string) error {
			s, _, err := ofServer.split(ctx, a, args)
			if err != nil {
				return err
			}
			startup, err := s.client.Startup.Get(ctx, s.server.UUID)
			if err != nil {
				return err
			}
			switch a.listFormat() {
			case ui.JSON, ui.YAML:
				return ui.Value(a.Terminal, a.format, startup)
			case ui.Table, ui.WideList:
				columns := []ui.Column[*client.Startup]{
					{Title: "COMMAND", Value: func(x *client.Startup) any { return a.hideVariables(x, x.StartupCommand) }},
					{Title: "IMAGE", Value: func(*client.Startup) any { return s.server.DockerImage }},
					{Title: "IMAGES", Value: func(x *client.Startup) any { return strings.Join(slices.Sorted(maps.Keys(x.DockerImages)), ", ") }},
				}
				if err := ui.Show(a.Terminal, a.format, columns, startup, nil); err != nil {
					return err
				}
				a.Printf("\n")
			}
			return ui.List(a.Terminal, a.listFormat(), variableColumns(a), startup.Variables, func(v *client.EggVariable) string { return v.EnvVariable })
		}),
	}
}

// hideVariables hides the values of secret variables within a command.
func (a *app) hideVariables(startup *client.Startup, command string) string {
	for _, v := range startup.Variables {
		if v.ServerValue != nil && *v.ServerValue != "" && ui.IsSecret(v.EnvVariable) {
			command = strings.ReplaceAll(command, *v.ServerValue, a.Secret(*v.ServerValue))
		}
	}
	return command
}

func startupSetCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "set SERVER VARIABLE=VALUE...", Short: "Set variables, for the next start", Args: args("SERVER", "VARIABLE=VALUE..."),
		Example: "  ptero startup set lobby VERSION=1.21.4",
		ValidArgsFunction: func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return completeArgs(a, 1)(cmd, args, typed)
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), completionPatience)
			defer cancel()
			_, server, err := a.server(ctx, args[0])
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var names []string
			for _, v := range server.Variables() {
				names = append(names, cobra.CompletionWithDesc(v.EnvVariable+"=", ui.Clean(v.Name)))
			}
			return names, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		},
		RunE: runE(func(ctx context.Context, args []string) error {
			s, rest, err := ofServer.split(ctx, a, args)
			if err != nil {
				return err
			}
			startup, err := s.client.Startup.Get(ctx, s.server.UUID)
			if err != nil {
				return err
			}
			values := make(map[string]string)
			var chosen []*client.EggVariable
			for _, text := range rest {
				name, value, ok := strings.Cut(text, "=")
				if !ok {
					return usagef("%q is not VARIABLE=VALUE", text)
				}
				v, err := choose("variable", name, startup.Variables, variableKeys, "ptero startup show "+quote(s.label))
				if err != nil {
					return err
				}
				values[v.EnvVariable] = value
				chosen = append(chosen, v)
			}
			return each(ctx, a, chosen, noID, func(v *client.EggVariable) string { return v.EnvVariable }, func(ctx context.Context, v *client.EggVariable) (string, error) {
				_, err := s.client.Startup.Set(ctx, s.server.UUID, v.EnvVariable, values[v.EnvVariable])
				return "set, for the next start", err
			})
		}),
	}
}

func startupImageCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "image SERVER IMAGE", Short: "Choose one of the images that the egg offers, for the next start", Args: args("SERVER", "IMAGE"), ValidArgsFunction: completeArgs(a, 1),
		Example: "  ptero startup image lobby 'Java 21'",
		RunE: runE(func(ctx context.Context, args []string) error {
			s, rest, err := ofServer.split(ctx, a, args)
			if err != nil {
				return err
			}
			startup, err := s.client.Startup.Get(ctx, s.server.UUID)
			if err != nil {
				return err
			}
			labels := slices.Sorted(maps.Keys(startup.DockerImages))
			label, err := choose("image", rest[0], labels, func(label string) []string { return []string{label, startup.DockerImages[label]} }, "ptero startup show "+quote(s.label))
			if err != nil {
				return err
			}
			if err := s.client.Settings.SetDockerImage(ctx, s.server.UUID, startup.DockerImages[label]); err != nil {
				return err
			}
			a.Messagef("%s uses %s (%s) from its next start on.", s.label, label, startup.DockerImages[label])
			return nil
		}),
	}
}
