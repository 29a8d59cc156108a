package console_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/console"
	"github.com/ptero-go/ptero/paneltest"
)

// Bursts of commands are carried out in their order by a daemon that carries out
// what comes together in any.
func TestBurstsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	bursts := 1000
	if testing.Short() {
		bursts = 50
	}
	synctest.Test(t, func(t *testing.T) {
		panel, err := paneltest.New(paneltest.InMemory(), paneltest.WithoutRateLimits())
		if err != nil {
			t.Fatal(err)
		}
		defer panel.Close()
		api, err := client.New(panel.URL, panel.UserKey, client.WithHTTPClient(panel.HTTPClient()))
		if err != nil {
			t.Fatal(err)
		}
		page, err := api.Servers.List(t.Context(), client.ServerListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		source := api.Servers.Console(page.Items[0].Identifier)
		if err := console.Start(t.Context(), source); err != nil {
			t.Fatal(err)
		}
		c, err := console.Dial(t.Context(), source)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		s, err := c.Subscribe(console.KeepAll(), console.Output{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		for burst := range bursts {
			var commands, came []string
			for i := range console.CommandBurst {
				commands = append(commands, fmt.Sprintf("say %d-%d", burst, i))
			}
			if err := c.SendCommands(t.Context(), strings.Join(commands, "\n")); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			for e := range s.Events(ctx) { // the terminal repeats each command
				if o, is := e.(console.Output); is && strings.HasPrefix(o.Line, "say ") {
					if came = append(came, o.Line); len(came) == len(commands) {
						break
					}
				}
			}
			cancel()
			if fmt.Sprint(came) != fmt.Sprint(commands) {
				t.Fatalf("carried out as %q", came)
			}
			time.Sleep(10 * time.Second) // until there may be a burst again
		}
	})
}
