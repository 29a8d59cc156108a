package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

func settingsCommand(a *app) *cobra.Command {
	return group("settings", "Rename and reinstall servers", settingsRenameCommand(a), settingsReinstallCommand(a))
}

func settingsRenameCommand(a *app) *cobra.Command {
	var description string
	cmd := &cobra.Command{
		Use: "rename SERVER [NAME]", Short: "Change the name or the description of a server", Args: args("SERVER", "[NAME]"), ValidArgsFunction: completeArgs(a, 1),
		Example: "  ptero settings rename lobby hub --description 'Where all begins.'",
	}
	cmd.Flags().StringVar(&description, "description", "", "a new `text`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		ctx := cmd.Context()
		described := cmd.Flags().Changed("description")
		if len(args) < 2 && !described {
			return usagef("give a new name or --description")
		}
		s, rest, err := ofServer.split(ctx, a, args)
		if err != nil {
			return err
		}
		err = s.client.Settings.Update(ctx, s.server.UUID, func(req *client.RenameServerRequest) error {
			if len(rest) > 0 {
				req.Name = rest[0]
			}
			if described {
				req.Description = description
			}
			return nil
		})
		if err != nil {
			return err
		}
		a.Messagef("Changed %s.", s.label)
		return nil
	}
	return cmd
}

func settingsReinstallCommand(a *app) *cobra.Command {
	var wait bool
	cmd := &cobra.Command{
		Use: "reinstall SERVER", Short: "Run the installation script of the egg again, which may delete files", Args: args("SERVER"), ValidArgsFunction: completeArgs(a, 1),
		RunE: runE(func(ctx context.Context, args []string) error {
			s, _, err := ofServer.split(ctx, a, args)
			if err != nil {
				return err
			}
			if err := a.confirm(ctx, "reinstall", "server", []string{s.label}); err != nil {
				return err
			}
			if err := s.client.Settings.Reinstall(ctx, s.server.UUID); err != nil {
				return err
			}
			if !wait {
				a.Messagef("Reinstalling %s. See how it goes with: ptero servers show %s", s.label, quote(s.label))
				return nil
			}
			stop := a.waiting("Reinstalling " + s.label)
			found, err := s.client.Servers.WaitReady(ctx, s.server.UUID, client.WaitOptions{})
			if stop(); err != nil {
				return goesOn(ctx, err, "The installation goes on without ptero.")
			}
			a.Messagef("%s: %s", ui.Clean(s.label), serverStatus(&found.Server))
			return nil
		}),
	}
	cmd.Flags().BoolVar(&wait, "wait", false, "return when it is done")
	return cmd
}
