package main

import (
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// completionPatience is how long a shell may wait for names of servers.
const completionPatience = 3 * time.Second

// The groups of commands in the help.
const (
	groupStart   = "start"
	groupServers = "servers"
	groupData    = "data"
	groupAdmin   = "admin"
)

func init() { cobra.EnableCommandSorting = false } // the help shows the usual ones first

func newRoot(a *app) *cobra.Command {
	root := group("ptero", "Game servers of a Pterodactyl Panel, from the command line")
	root.Long = `ptero is a command line for the Pterodactyl Panel: servers, their consoles, files
and backups, and the administration of a Panel.

Log in once with "ptero auth login https://panel.example.org", or add --demo to
any command to try it on a Panel inside this program.`
	root.Example = `  ptero --demo servers list
  ptero start lobby --wait
  ptero console lobby
  ptero files get lobby:/server.properties`
	// A command that only has others below it is not to be used alone.
	root.SetUsageTemplate(strings.Replace(root.UsageTemplate(), "{{if .Runnable}}", "{{if and .Runnable (not .HasAvailableSubCommands)}}", 1))
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SuggestionsMinimumDistance = 2
	root.SetIn(a.In)
	root.SetOut(a.Out)
	root.SetErr(a.Err)
	root.SetFlagErrorFunc(flagError)

	flags := root.PersistentFlags()
	flags.VarP(&a.format, "output", "o", "`format` of data: table, wide, json, yaml or name")
	flags.BoolVarP(&a.Quiet, "quiet", "q", false, "print identifiers only, and no messages")
	flags.StringVar(&a.profileName, "profile", "", "`name` of the profile to use (PTERO_PROFILE)")
	flags.BoolVar(&a.demo, "demo", false, "use a Panel inside this program, which is gone afterwards")
	flags.BoolVarP(&a.yes, "yes", "y", false, "do not ask before something is destroyed")
	flags.BoolVar(&a.ShowSecrets, "show-secrets", false, "print passwords, tokens and keys")
	flags.BoolVar(&a.verbose, "verbose", false, "log every request")
	must(root.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"table", "wide", "json", "yaml", "name"}, cobra.ShellCompDirectiveNoFileComp)))
	must(root.RegisterFlagCompletionFunc("profile", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		store, err := a.profiles()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return store.Names(), cobra.ShellCompDirectiveNoFileComp
	}))

	root.AddGroup(
		&cobra.Group{ID: groupStart, Title: "Getting started:"},
		&cobra.Group{ID: groupServers, Title: "Servers:"},
		&cobra.Group{ID: groupData, Title: "What servers and accounts have:"},
		&cobra.Group{ID: groupAdmin, Title: "For administrators and programs:"},
	)
	add := func(id string, commands ...*cobra.Command) {
		for _, cmd := range commands {
			cmd.GroupID = id
			root.AddCommand(cmd)
		}
	}
	add(groupStart, authCommand(a), doctorCommand(a))
	add(groupServers, serversCommand(a), topCommand(a))
	add(groupServers, powerCommands(a)...)
	add(groupServers, logsCommand(a), runCommandOf(a), consoleCommand(a))
	add(groupData, filesCommand(a), backupsCommand(a), databasesCommand(a), schedulesCommand(a), networkCommand(a), subusersCommand(a),
		startupCommand(a), settingsCommand(a), activityCommand(a), accountCommand(a))
	add(groupAdmin, adminCommand(a), apiCommand(a), exporterCommand(a))
	root.AddCommand(versionCommand(a))
	root.InitDefaultHelpCmd()
	if help, _, err := root.Find([]string{"help"}); err == nil {
		help.Args = func(_ *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			if err == nil && len(rest) > 0 {
				err = unknownCommand(cmd, rest[0])
			}
			return err
		}
	}
	root.InitDefaultCompletionCmd()
	root.CompletionOptions.HiddenDefaultCmd = false
	return root
}

// must is for calls that fail only if this program is wrong.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
