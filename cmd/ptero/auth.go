package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/cmd/ptero/internal/profile"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

func authCommand(a *app) *cobra.Command {
	return group("auth", "Log in to Panels", loginCommand(a), statusCommand(a), switchCommand(a), logoutCommand(a))
}

func loginCommand(a *app) *cobra.Command {
	var inFile bool
	cmd := &cobra.Command{
		Use: "login [URL]", Short: "Store the key to a Panel",
		Long: `Store the key to a Panel in a profile, after trying it.

The key is asked for, or read from standard input where that is no terminal: a
key on the command line could be seen by other users of the machine. It is kept
in the system's keyring, or in a file that only you can read if there is none.

Client keys (ptlc_, in Pelican pacc_) are made under Account, API Credentials, and
application keys (ptla_, in Pelican papp_) under Admin, Application API. A profile
can have one of each.`,
		Example: `  ptero auth login https://panel.example.org
  ptero auth login https://panel.example.org --profile work < key.txt`,
		Args: args("[URL]"), ValidArgsFunction: cobra.NoFileCompletions,
		RunE: runE(func(ctx context.Context, args []string) error {
			if a.demo {
				return usagef("the Panel of --demo needs no login")
			}
			store, err := a.profiles()
			if err != nil {
				return err
			}
			name := a.chosenProfile(store)
			p, _ := store.Get(name)
			address := ""
			if len(args) > 0 {
				address = args[0]
			} else if address, err = a.askAddress(ctx, p.URL); err != nil {
				return err
			}
			if address, err = panelAddress(address); err != nil {
				return err
			}
			if p.URL != "" && p.URL != address {
				p = profile.Profile{} // its keys belong to another Panel
			}
			p.URL = address
			if a.Interactive() {
				a.Messagef("Make a key at %s/account/api, or for administrators at %s/admin/api.", address, address)
			}
			key, err := a.AskSecret(ctx, "Key")
			if errors.Is(err, ui.ErrInterrupted) {
				return err
			}
			if err != nil || key == "" {
				return usagef("no key was given; type it, or pipe it in")
			}
			return a.login(ctx, store, name, p, key, inFile)
		}),
	}
	cmd.Flags().BoolVar(&inFile, "in-file", false, "keep the key in a file of mode 0600, not in the system's keyring")
	return cmd
}

func (a *app) askAddress(ctx context.Context, otherwise string) (string, error) {
	if !a.Interactive() {
		return "", usagef("URL is missing")
	}
	return a.Ask(ctx, "Address of the Panel", otherwise)
}

// panelAddress completes what somebody typed or copied from a browser.
func panelAddress(text string) (string, error) {
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return "", &failure{code: exitUsage, err: fmt.Errorf("%q is no address of a Panel", text), hint: "It looks like https://panel.example.org"}
	}
	u.RawQuery, u.Fragment, u.User = "", "", nil
	u.Path = strings.TrimSuffix(u.Path, "/")
	for _, page := range []string{"/account/api", "/account", "/admin/api", "/admin", "/auth/login"} {
		u.Path = strings.TrimSuffix(u.Path, page)
	}
	return u.String(), nil
}

// login tries a key and stores it.
func (a *app) login(ctx context.Context, store *profile.Store, name string, p profile.Profile, key string, inFile bool) error {
	kind := profile.Client
	who := "with an application key"
	if isApplicationKey(key) {
		kind = profile.Application
		if err := tryApplicationKey(ctx, a, p.URL, key); err != nil {
			return err
		}
	} else {
		c, err := client.New(p.URL, key, a.options()...)
		if err != nil {
			return &failure{code: exitUsage, err: err}
		}
		account, err := c.Account.Get(ctx)
		if err != nil {
			return loginError(err)
		}
		p.Account, who = account.Username, "as "+account.Username
		if account.Admin {
			who += ", an administrator"
		}
	}
	p, err := store.Put(name, p, kind, key, inFile)
	if err != nil {
		return err
	}
	place := p.Client
	if kind == profile.Application {
		place = p.Application
	}
	where := "the system's keyring"
	if place == profile.File {
		where = "a file that only you can read"
	}
	a.Messagef("%s Logged in to %s %s. The key is in %s.", a.PaintErr(ui.Good, "✓"), p.URL, who, where)
	if a.getenv(envURL) != "" {
		a.Messagef("Note: %s and %s are set, and win over every profile.", envURL, envKey)
	}
	if name != store.Current() {
		a.Messagef("Use this profile with --profile %s, or for all commands with: ptero auth switch %s", name, name)
	}
	return nil
}

// tryApplicationKey asks for something. A key may lack the right for just that,
// but the Panel knows it.
func tryApplicationKey(ctx context.Context, a *app, address, key string) error {
	c, err := application.New(address, key, a.options()...)
	if err != nil {
		return &failure{code: exitUsage, err: err}
	}
	_, err = c.Nodes.List(ctx, application.NodeListOptions{PerPage: 1})
	if err != nil && !errors.Is(err, client.ErrForbidden) {
		return loginError(err)
	}
	return nil
}

func loginError(err error) error {
	f := &failure{err: err}
	switch {
	case errors.Is(err, client.ErrUnauthorized):
		f.hint = "Check that the whole key was copied, and that it was made on this Panel."
	case errors.Is(err, client.ErrForbidden):
		f.hint = "The key may be limited to other IP addresses."
	case errors.Is(err, client.ErrNotFound), errors.Is(err, client.ErrBadAnswer), errors.Is(err, client.ErrRedirect):
		f.hint = "Is this the address of a Panel? It looks like https://panel.example.org"
	}
	return f
}

// profileRow is a profile as it is listed.
type profileRow struct {
	Name        string `json:"name"`
	Current     bool   `json:"current"`
	URL         string `json:"url"`
	Account     string `json:"account,omitempty"`
	Client      string `json:"client_key,omitempty"`
	Application string `json:"application_key,omitempty"`
}

var profileColumns = []ui.Column[profileRow]{
	{Title: "PROFILE", Value: func(p profileRow) any { return p.Name }},
	{Title: "CURRENT", Value: func(p profileRow) any { return p.Current }},
	{Title: "PANEL", Value: func(p profileRow) any { return p.URL }},
	{Title: "ACCOUNT", Value: func(p profileRow) any { return p.Account }},
	{Title: "CLIENT KEY", Value: func(p profileRow) any { return p.Client }},
	{Title: "APPLICATION KEY", Value: func(p profileRow) any { return p.Application }},
}

func statusCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Show the profiles and where their keys are kept", Args: args(),
		RunE: runE(func(context.Context, []string) error {
			var rows []profileRow
			if a.demo || a.getenv(envURL) != "" {
				s, err := a.open()
				if err != nil {
					return err
				}
				row := profileRow{Name: "(" + s.source + ")", Current: true, URL: s.url, Account: s.account}
				if s.client != "" {
					row.Client = s.source
				}
				if s.application != "" {
					row.Application = s.source
				}
				rows = append(rows, row)
			}
			store, err := a.profiles()
			if err != nil {
				return err
			}
			overridden := len(rows) > 0
			for _, name := range store.Names() {
				p, _ := store.Get(name)
				rows = append(rows, profileRow{name, !overridden && name == a.chosenProfile(store), p.URL, p.Account, string(p.Client), string(p.Application)})
			}
			if len(rows) == 0 {
				_, err := a.open() // says how to log in
				return err
			}
			return ui.List(a.Terminal, a.listFormat(), profileColumns, rows, func(p profileRow) string { return p.Name })
		}),
	}
}

func switchCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "switch PROFILE", Short: "Use another profile from now on", Args: args("PROFILE"), ValidArgsFunction: completeProfiles(a),
		RunE: runE(func(_ context.Context, args []string) error {
			store, err := a.profiles()
			if err != nil {
				return err
			}
			p, ok := store.Get(args[0])
			if !ok {
				return notFound("profile", args[0], store.Names(), "ptero auth status")
			}
			if err := store.Use(args[0]); err != nil {
				return err
			}
			a.Messagef("Now using %s on %s.", args[0], p.URL)
			return nil
		}),
	}
}

func logoutCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "logout [PROFILE]", Short: "Delete a profile and its keys from this machine", Args: args("[PROFILE]"), ValidArgsFunction: completeProfiles(a),
		Long: `Delete a profile and its keys from this machine.

The Panel still knows the keys. Delete them there with "ptero account keys delete".`,
		RunE: runE(func(_ context.Context, args []string) error {
			store, err := a.profiles()
			if err != nil {
				return err
			}
			name := a.chosenProfile(store)
			if len(args) > 0 {
				name = args[0]
			}
			if _, ok := store.Get(name); !ok {
				return notFound("profile", name, store.Names(), "ptero auth status")
			}
			if err := store.Remove(name); err != nil {
				return err
			}
			forgetTokens(a.cacheDir(), 0)
			a.Messagef("Logged out: the profile %s and its keys are gone from this machine.", name)
			return nil
		}),
	}
}

func completeProfiles(a *app) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		store, err := a.profiles()
		if err != nil || len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return store.Names(), cobra.ShellCompDirectiveNoFileComp
	}
}
