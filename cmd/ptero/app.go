package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/cmd/ptero/internal/profile"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

// app is what all commands share: the terminal, the global flags and the
// session with a Panel.
type app struct {
	*ui.Terminal
	getenv func(string) string

	format      ui.Format
	profileName string // of the flag --profile
	demo        bool
	yes         bool
	verbose     bool

	session   *session // nil until it is needed
	demoPanel *demoPanel
}

func newApp(t *ui.Terminal, getenv func(string) string) *app {
	return &app{Terminal: t, getenv: getenv, format: ui.Table}
}

// close ends what a command left running.
func (a *app) close() {
	if a.demoPanel != nil {
		a.demoPanel.close()
	}
}

// session is a Panel and the keys to it.
type session struct {
	url         string
	client      string // key
	application string // key
	profile     string // "" if the keys come from elsewhere
	source      string // where the keys come from, in words
	account     string // as remembered by the profile
}

// The environment variables.
const (
	envURL     = "PTERODACTYL_URL"
	envKey     = "PTERODACTYL_KEY"
	envProfile = "PTERO_PROFILE"
	envConfig  = "PTERO_CONFIG_DIR"
	envCache   = "PTERO_CACHE_DIR"
)

// open finds out which Panel to talk to, and with which keys.
func (a *app) open() (*session, error) {
	if a.session != nil {
		return a.session, nil
	}
	s, err := a.findSession()
	if err != nil {
		return nil, err
	}
	a.session = s
	return s, nil
}

func (a *app) findSession() (*session, error) {
	if a.demo {
		return a.openDemo()
	}
	url, key := a.getenv(envURL), a.getenv(envKey)
	switch {
	case url != "" && key != "":
		if a.profileName != "" {
			a.Messagef("Note: %s and %s are set, so --profile is ignored.", envURL, envKey)
		}
		s := &session{url: url, source: "the environment"}
		if isApplicationKey(key) {
			s.application = key
		} else {
			s.client = key
		}
		return s, nil
	case url != "" || key != "":
		// A key must not go to a Panel that it was not meant for.
		return nil, &failure{code: exitUsage, err: fmt.Errorf("only one of %s and %s is set", envURL, envKey), hint: "Set both, or neither to use a profile."}
	}
	store, err := a.profiles()
	if err != nil {
		return nil, err
	}
	name := a.chosenProfile(store)
	p, ok := store.Get(name)
	if !ok {
		if len(store.Names()) == 0 {
			return nil, &failure{
				code: exitNotAllowed, err: errors.New("not logged in"),
				hint: "Log in with: ptero auth login https://panel.example.org\nOr look around first, on a Panel inside this program: ptero --demo servers list",
			}
		}
		return nil, notFound("profile", name, store.Names(), "ptero auth status")
	}
	s := &session{url: p.URL, profile: name, source: "the profile " + name, account: p.Account}
	if s.client, err = store.Key(name, profile.Client); err != nil && !errors.Is(err, profile.ErrNoKey) {
		return nil, err
	}
	if s.application, err = store.Key(name, profile.Application); err != nil && !errors.Is(err, profile.ErrNoKey) {
		return nil, err
	}
	if store.Exposed != "" {
		a.Errorln(a.PaintErr(ui.Warn, "Warning:") + " other users of this machine could read the keys in " + store.Exposed + " until now. Replace the keys if they may have.")
	}
	return s, nil
}

// isApplicationKey reports whether a key is for the Application API, in Pterodactyl
// or in Pelican.
func isApplicationKey(key string) bool {
	return strings.HasPrefix(key, "ptla_") || strings.HasPrefix(key, "papp_")
}

// chosenProfile returns the name of the profile to use.
func (a *app) chosenProfile(store *profile.Store) string {
	for _, name := range []string{a.profileName, a.getenv(envProfile)} {
		if name != "" {
			return name
		}
	}
	return store.Current()
}

// profiles opens the file with the profiles.
func (a *app) profiles() (*profile.Store, error) {
	dir := a.getenv(envConfig)
	if dir == "" {
		base, err := os.UserConfigDir()
		if err != nil {
			return nil, &failure{err: err, hint: "Name a folder for the profiles in " + envConfig + "."}
		}
		dir = filepath.Join(base, "ptero")
	}
	return profile.Open(dir)
}

// options are those of both kinds of clients.
func (a *app) options(more ...client.Option) []client.Option {
	options := []client.Option{client.WithUserAgent("ptero/" + version())}
	if a.verbose {
		options = append(options, client.WithLogger(slog.New(slog.NewTextHandler(a.Err, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	}
	return append(options, more...)
}

// client returns a client of the Client API.
func (a *app) client(more ...client.Option) (*client.Client, error) {
	s, err := a.open()
	if err != nil {
		return nil, err
	}
	if s.client == "" {
		return nil, &failure{
			code: exitNotAllowed, err: fmt.Errorf("this needs a client key, and %s has an application key only", s.source),
			hint: "Make a client key (ptlc_) under Account, API Credentials, and give it to: ptero auth login",
		}
	}
	return client.New(s.url, s.client, a.options(more...)...)
}

// admin returns a client of the Application API. A client key works there too
// if its account is a root administrator.
func (a *app) admin(more ...client.Option) (*application.Client, error) {
	s, err := a.open()
	if err != nil {
		return nil, err
	}
	key := s.application
	if key == "" {
		key = s.client
	}
	return application.New(s.url, key, a.options(more...)...)
}

// runE makes a cobra function of one that needs no command.
func runE(f func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error { return f(cmd.Context(), args) }
}
