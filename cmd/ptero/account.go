package main

import (
	"context"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

var accountColumns = []ui.Column[*client.Account]{
	{Title: "ID", Value: accountID},
	{Title: "USERNAME", Value: func(x *client.Account) any { return x.Username }},
	{Title: "EMAIL", Value: func(x *client.Account) any { return x.Email }},
	{Title: "NAME", Value: func(x *client.Account) any { return strings.TrimSpace(x.FirstName + " " + x.LastName) }},
	{Title: "LANGUAGE", Value: func(x *client.Account) any { return x.Language }},
	{Title: "ADMINISTRATOR", Value: func(x *client.Account) any { return x.Admin }},
}

// accountID returns the number of an account, or the UUID that Pelican has instead.
func accountID(x *client.Account) any {
	if x.ID == 0 {
		return x.UUID
	}
	return x.ID
}

var apiKeys = resource[client.APIKey]{
	one: "key", path: "account keys", owner: ofAccount,
	columns: []ui.Column[*client.APIKey]{
		{Title: "ID", Value: func(k *client.APIKey) any { return k.Identifier }},
		{Title: "DESCRIPTION", Value: func(k *client.APIKey) any { return k.Description }},
		{Title: "LAST USED", Value: func(k *client.APIKey) any { return k.LastUsedAt }},
		{Title: "CREATED", Value: func(k *client.APIKey) any { return k.CreatedAt }},
		{Title: "ALLOWED FROM", Value: func(k *client.APIKey) any {
			if len(k.AllowedIPs) == 0 {
				return "anywhere"
			}
			return k.AllowedIPs
		}},
	},
	keys: func(k *client.APIKey) []string { return []string{k.Identifier, k.Description} },
	list: func(ctx context.Context, s scope) ([]*client.APIKey, error) { return s.client.APIKeys.List(ctx) },
	remove: func(ctx context.Context, s scope, k *client.APIKey) error {
		return s.client.APIKeys.Delete(ctx, k.Identifier)
	},
}

var sshKeys = resource[client.SSHKey]{
	one: "SSH key", path: "account ssh-keys", owner: ofAccount,
	columns: []ui.Column[*client.SSHKey]{
		{Title: "FINGERPRINT", Value: func(k *client.SSHKey) any { return k.Fingerprint }},
		{Title: "NAME", Value: func(k *client.SSHKey) any { return k.Name }},
		{Title: "CREATED", Value: func(k *client.SSHKey) any { return k.CreatedAt }},
		{Title: "PUBLIC KEY", Value: func(k *client.SSHKey) any { return k.PublicKey }, Level: ui.Wide},
	},
	keys: func(k *client.SSHKey) []string { return []string{k.Fingerprint, k.Name} },
	list: func(ctx context.Context, s scope) ([]*client.SSHKey, error) { return s.client.SSHKeys.List(ctx) },
	remove: func(ctx context.Context, s scope, k *client.SSHKey) error {
		return s.client.SSHKeys.Delete(ctx, k.Fingerprint)
	},
}

func accountCommand(a *app) *cobra.Command {
	return group("account", "Show your account, and manage its keys",
		accountShowCommand(a), accountActivityCommand(a),
		group("keys", "Manage API keys", apiKeys.listCommand(a), keyCreateCommand(a), apiKeys.deleteCommand(a)),
		group("ssh-keys", "Manage SSH keys, for SFTP", sshKeys.listCommand(a), sshKeyAddCommand(a), sshKeys.deleteCommand(a)))
}

func accountShowCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "show", Aliases: []string{"get"}, Short: "Show your account", Args: args(),
		RunE: runE(func(ctx context.Context, _ []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			account, err := c.Account.Get(ctx)
			if err != nil {
				return err
			}
			return ui.Show(a.Terminal, a.format, accountColumns, account, func(x *client.Account) string { return x.Username })
		}),
	}
}

func accountActivityCommand(a *app) *cobra.Command {
	var flags activityFlags
	cmd := &cobra.Command{
		Use: "activity", Short: "Show what was done with your account", Args: args(),
		RunE: runE(func(ctx context.Context, _ []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			return flags.print(a, func(options client.ActivityListOptions) iter.Seq2[*client.Activity, error] {
				return c.Account.AllActivity(ctx, options)
			})
		}),
	}
	flags.add(cmd)
	return cmd
}

// newKeyColumns show a key that was just made, the only time that it is known.
var newKeyColumns = []ui.Column[*client.NewAPIKey]{
	{Title: "ID", Value: func(k *client.NewAPIKey) any { return k.Identifier }},
	{Title: "DESCRIPTION", Value: func(k *client.NewAPIKey) any { return k.Description }},
	{Title: "KEY", Value: func(k *client.NewAPIKey) any { return k.Key }},
}

func keyCreateCommand(a *app) *cobra.Command {
	var from []string
	cmd := &cobra.Command{
		Use: "create DESCRIPTION", Short: "Make an API key, and print it: it is shown only once", Args: args("DESCRIPTION"), ValidArgsFunction: cobra.NoFileCompletions,
		RunE: runE(func(ctx context.Context, args []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			key, err := c.APIKeys.Create(ctx, args[0], from...)
			if err != nil {
				return err
			}
			a.ShowSecrets = true // this once
			return ui.Show(a.Terminal, a.format, newKeyColumns, key, func(k *client.NewAPIKey) string { return k.Identifier })
		}),
	}
	cmd.Flags().StringSliceVar(&from, "from", nil, "`addresses` or networks that may use it; by default any")
	return cmd
}

func sshKeyAddCommand(a *app) *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use: "add FILE", Short: "Add a public key, e.g. ~/.ssh/id_ed25519.pub", Args: args("FILE"),
		RunE: runE(func(ctx context.Context, args []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			var text []byte
			if args[0] == "-" {
				text, err = io.ReadAll(a.In)
			} else {
				text, err = os.ReadFile(args[0])
			}
			if err != nil {
				return err
			}
			if strings.Contains(string(text), "PRIVATE KEY") {
				return &failure{code: exitUsage, err: usagef("%s is a private key, which must stay here", args[0]), hint: "Add the public one, which ends in .pub"}
			}
			if name == "" {
				name = filepath.Base(args[0])
				if fields := strings.Fields(string(text)); len(fields) > 2 {
					name = fields[2] // the comment, such as user@host
				}
			}
			key, err := c.SSHKeys.Create(ctx, client.CreateSSHKeyRequest{Name: name, PublicKey: strings.TrimSpace(string(text))})
			if err != nil {
				return err
			}
			return sshKeys.print(a, key)
		}),
	}
	cmd.Flags().StringVar(&name, "name", "", "`name` of the key; by default its comment")
	return cmd
}
