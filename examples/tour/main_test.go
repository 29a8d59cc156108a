package main

import (
	"bytes"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/internal/recorded"
	"github.com/ptero-go/ptero/paneltest"
	"github.com/ptero-go/ptero/testdata"
)

// The whole tour of the embedded Panel, over real sockets. Numbers vary.
var embeddedTour = regexp.MustCompile(`(?s)^This is live: .*
user        nova was created, number 4
server      "Nova's world" was created: [0-9a-f]{8}, of the egg "Blocks", with 1024 MiB
install     done after [0-9.]+ seconds
console     connected; the server is offline
start       the signal was sent; the console prints:
.*
          \| Starting the server
          \| Loading properties
          \| Preparing the world
          \| Done \(0\.4s\)! For help, type "help"
running     after [0-9.]+ seconds
command     "list" is answered with:
          \| There are 0 of a max of 20 players online:
upload      server\.properties and world\.dat, 6 MiB
read        server\.properties begins with "motd=Welcome to Nova's world"
backup      "the first" is complete, [1-9][0-9]* KiB
refusal     a second such user gives the error
            applicationCreateUser: 422 Unprocessable Entity: email: [^\n]*; username: [^\n]*taken
rate limit  the Panel answered 429 \(1×\) and asked for a second; the client waited 1\.[0-9] seconds,
            sent the request again and got the account of Uma User
clean-up    server and user were deleted

All that took [0-9.]+ seconds\.
$`)

func TestTourOfTheEmbeddedPanel(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := tour(t.Context(), &out, "", ""); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if !embeddedTour.MatchString(out.String()) {
		t.Errorf("the tour went otherwise:\n%s", out.String())
	}
}

// A live Panel, as somebody may run one, of either kind.
func TestTourOfALivePanel(t *testing.T) {
	t.Parallel()
	t.Run("Pterodactyl", func(t *testing.T) { tourLive(t) })
	t.Run("Pelican", func(t *testing.T) { tourLive(t, paneltest.WithPelican()) })
}

func tourLive(t *testing.T, opts ...paneltest.Option) {
	t.Helper()
	t.Parallel()
	panel, err := paneltest.New(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(panel.Close)
	var out bytes.Buffer
	if err := tour(t.Context(), &out, panel.URL, panel.UserKey); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, want := range []string{
		"lobby       running     1024 MiB  2048 MiB  200 %  127.0.0.1:25565\n", "suspended   suspended ", "survival    offline ",
		"\nlobby, live\n", `The command "hello" was typed`, `field "public_key", rule `,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}

	// It did no more than it says.
	c, err := client.New(panel.URL, panel.UserKey)
	if err != nil {
		t.Fatal(err)
	}
	servers, err := c.Servers.List(t.Context(), client.ServerListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	did := make(map[string]string)
	for _, server := range servers.Items {
		for entry, err := range c.Servers.AllActivity(t.Context(), server.Identifier, client.ActivityListOptions{}) {
			if errors.Is(err, client.ErrConflict) { // it is suspended or being installed
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			did[entry.Event] = server.Name
		}
	}
	if want := map[string]string{"server:console.command": "lobby", "server:power.start": "lobby"}; !maps.Equal(did, want) {
		t.Errorf("it did %v, want %v", did, want)
	}
	if keys, err := c.SSHKeys.List(t.Context()); err != nil || len(keys) > 0 {
		t.Errorf("the account has the SSH keys %v, %v", keys, err)
	}
}

// The answers of a real Panel, as recorded.
func TestTourOfARecordedPanel(t *testing.T) {
	t.Parallel()
	replay, err := recorded.NewReplay(testdata.Panel())
	if err != nil {
		t.Fatal(err)
	}
	panel := httptest.NewServer(replay)
	t.Cleanup(panel.Close)
	var out bytes.Buffer
	if err := tour(t.Context(), &out, panel.URL, replay.Key("client_user")); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, want := range []string{
		"  52f3a19b  suspended   suspended     512 MiB  1024 MiB   100 %      127.0.0.1:25505\n",
		"  80d59215  dead-user   node is down  ",
		"up for   1 minute 5 seconds",
		"memory   4.8 MiB of 512 MiB",
		`field "name", rule "required": The name field is required.`,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

func TestTourFailsInOneLine(t *testing.T) {
	t.Parallel()
	panel := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(panel.Close)
	for _, tt := range []struct{ url, key, want string }{
		{"panel.example.org", "ptlc_x", "must begin with https://"},
		{"https://panel.example.org", "", "the API key is empty"},
		{"", "ptlc_x", "the Panel's URL is empty"},
		{panel.URL, "ptla_x", "is an application key"},
		{panel.URL, "ptlc_x", "check the API key"},
	} {
		var out bytes.Buffer
		err := tour(t.Context(), &out, tt.url, tt.key)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") || out.Len() > 0 {
			t.Errorf("%s %s: err = %v, want %q in one line; printed %q", tt.url, tt.key, err, tt.want, out.String())
		}
	}
}

func TestInWords(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0:                            "less than a second",
		999 * time.Millisecond:       "less than a second",
		time.Second:                  "1 second",
		65 * time.Second:             "1 minute 5 seconds",
		time.Hour + time.Second:      "1 hour 1 second",
		50*time.Hour + 3*time.Minute: "2 days 2 hours",
		49 * 24 * time.Hour:          "49 days",
	} {
		if got := inWords(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}
