package client_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/internal/recorded"
	"github.com/ptero-go/ptero/testdata"
)

// replayed returns a client of a replayed Panel, with a recorded key.
func replayed(t *testing.T, key string) *client.Client {
	t.Helper()
	replay, err := recorded.NewReplay(testdata.Panel())
	if err != nil {
		t.Fatal(err)
	}
	panel := httptest.NewServer(replay)
	t.Cleanup(panel.Close)
	c, err := client.New(panel.URL, replay.Key(key))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAccount(t *testing.T) {
	t.Parallel()
	account, err := replayed(t, "client_user").Account.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if account.ID != 2 || account.Username != "normal" || account.Admin {
		t.Errorf("account = %+v", account)
	}
}

func TestServers(t *testing.T) {
	t.Parallel()
	c := replayed(t, "client_user")
	ctx := t.Context()
	page, err := c.Servers.List(ctx, client.ServerListOptions{})
	if err != nil || len(page.Items) != 8 || page.Total != 8 {
		t.Fatalf("page = %+v, %v", page, err)
	}
	first := page.Items[0]
	if first.Name != "ref-user" || first.Limits.Memory != 512 || first.Relationships.Allocations.All()[0].Port != 25500 {
		t.Errorf("first = %+v", first)
	}
	if status := page.Items[3].Status; status == nil || *status != client.ServerStatusSuspended {
		t.Errorf("status = %v, want suspended", status)
	}

	with, err := c.Servers.List(ctx, client.ServerListOptions{
		PerPage: 1, Include: []client.ServerInclude{client.ServerIncludeEgg, client.ServerIncludeSubusers},
	})
	if err != nil {
		t.Fatal(err)
	}
	relations := with.Items[0].Relationships
	if relations.Egg.Attributes.Name != "Tiny Shell" || len(relations.Subusers.All()) == 0 || with.TotalPages != 8 {
		t.Errorf("relations = %+v", relations)
	}

	n := 0
	for server, err := range c.Servers.All(ctx, client.ServerListOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		if server.UUID == "" {
			t.Errorf("server = %+v", server)
		}
		n++
	}
	if n != 8 {
		t.Errorf("All walked %d servers, want 8", n)
	}

	server, err := c.Servers.Get(ctx, "3d2f6345")
	if err != nil || server.Name != "ref-user" || !server.IsServerOwner || server.UserPermissions[0] != client.PermissionAll {
		t.Errorf("server = %+v, %v", server, err)
	}
	if _, err := c.Servers.Get(ctx, "88011ab6"); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("err = %v, want ErrNotFound", err)
	}
}

// A subuser's relations may be null resources.
func TestServersOfSubuser(t *testing.T) {
	t.Parallel()
	server, err := replayed(t, "client_sub").Servers.Get(t.Context(), "3d2f6345")
	if err != nil {
		t.Fatal(err)
	}
	if !server.Relationships.Variables.IsNull() || len(server.Relationships.Variables.All()) != 0 {
		t.Errorf("variables = %+v, want a null resource", server.Relationships.Variables)
	}
}

func TestRunningServer(t *testing.T) {
	t.Parallel()
	c := replayed(t, "client_user")
	ctx := t.Context()
	stats, err := c.Servers.Resources(ctx, "de12968a")
	if err != nil || stats.CurrentState != client.PowerStateRunning || stats.Resources.Uptime != 65592 || stats.Resources.CPUAbsolute != 0.031 {
		t.Errorf("stats = %+v, %v", stats, err)
	}
	if err := c.Servers.Command(ctx, "de12968a", "hello"); err != nil {
		t.Error(err)
	}
	if err := c.Servers.Signal(ctx, "de12968a", client.PowerSignalStart); err != nil {
		t.Error(err)
	}
	credentials, err := c.Servers.Websocket(ctx, "de12968a")
	if err != nil || !strings.HasPrefix(credentials.Socket, "ws://") || credentials.Token == "" {
		t.Errorf("credentials = %+v, %v", credentials, err)
	}
	if _, err := c.Servers.Resources(ctx, "52f3a19b"); !errors.Is(err, client.ErrConflict) {
		t.Errorf("suspended: err = %v, want ErrConflict", err)
	}
	if err := c.Servers.Command(ctx, "3d2f6345", "say hi"); !errors.Is(err, client.ErrDaemon) {
		t.Errorf("without a container: err = %v, want ErrDaemon", err)
	}
}

func TestArgumentsAreChecked(t *testing.T) {
	t.Parallel()
	panel := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s was sent", r.Method, r.URL)
	}))
	t.Cleanup(panel.Close)
	c, err := client.New(panel.URL, "ptlc_x")
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	list := func(opts client.ServerListOptions) error {
		_, err := c.Servers.List(ctx, opts)
		return err
	}
	for want, err := range map[string]error{
		"clientListServers: argument Include ":                  list(client.ServerListOptions{Include: []client.ServerInclude{"eggs"}}),
		"clientListServers: argument Scope ":                    list(client.ServerListOptions{Scope: "mine"}),
		"clientListServers: argument Page is -1":                list(client.ServerListOptions{Page: -1}),
		"clientListServers: argument PerPage is -2":             list(client.ServerListOptions{PerPage: -2}),
		"clientListServers: argument Filter.Any holds a comma":  list(client.ServerListOptions{Filter: client.ServerFilter{Any: "a,b"}}),
		"clientSendCommand: argument server is empty":           c.Servers.Command(ctx, "", "x"),
		"clientSendCommand: argument command is empty":          c.Servers.Command(ctx, "abc", ""),
		"clientSetPowerState: argument signal is \"explode\", ": c.Servers.Signal(ctx, "abc", "explode"),
		"argument server is \"..\", ":                           c.Servers.Signal(ctx, "..", "start"),
	} {
		if !errors.Is(err, client.ErrArgument) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("err = %v, want %q", err, want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]client.Option{
		"nil":         nil,
		"http client": client.WithHTTPClient(nil),
		"user agent":  client.WithUserAgent("a\r\nb"),
		"no agent":    client.WithUserAgent(""),
		"retries":     client.WithRetries(-1),
		"budget":      client.WithRetryBudget(-1),
		"timeout":     client.WithTimeout(-1),
		"read-ahead":  client.WithReadAhead(-1),
		"logger":      client.WithLogger(nil),
		"limiter":     client.WithLimiter((*client.LocalLimiter)(nil)),
		"middleware":  client.WithMiddleware(nil),
	} {
		if _, err := client.New("https://panel.example.org", "ptlc_x", opt); err == nil || !strings.HasPrefix(err.Error(), "client: ") {
			t.Errorf("%s: err = %v, want a refusal", name, err)
		}
	}
	if _, err := client.New("https://panel.example.org", "ptla_x"); err == nil || !strings.Contains(err.Error(), "application key") {
		t.Errorf("err = %v, want a word about application keys", err)
	}
}

func TestUserAgent(t *testing.T) {
	t.Parallel()
	panel := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got, want := r.UserAgent(), "bot/1.2 ptero-go/"+client.Version+" (Panel "; !strings.HasPrefix(got, want) {
			t.Errorf("User-Agent = %q, want %q and a version", got, want)
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(panel.Close)
	c, err := client.New(panel.URL, "ptlc_x", client.WithUserAgent("bot/1.2"))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Servers.Command(t.Context(), "abc", "x"); err != nil {
		t.Error(err)
	}
}
