package console_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/console"
	"github.com/ptero-go/ptero/paneltest"
)

// Nothing that any test of this package opened is left at its end.
func TestMain(m *testing.M) {
	if os.Getenv(floodVariable) != "" {
		runFlood()
		return
	}
	goleak.VerifyTestMain(m)
}

// Consoles on real sockets end without a trace, however they end.
func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	panel, err := paneltest.New(paneltest.WithoutRateLimits())
	if err != nil {
		t.Fatal(err)
	}
	defer panel.Close()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	api, err := client.New(panel.URL, panel.UserKey, client.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		t.Fatal(err)
	}
	lobby, err := api.Servers.List(t.Context(), client.ServerListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	server := lobby.Items[0].Identifier
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	g, err := console.NewGroup(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		if err := g.Add(fmt.Sprint("console ", i), api.Servers.Console(server)); err != nil {
			t.Fatal(err)
		}
	}
	var alone []*console.Console
	for range 3 {
		c, err := console.Dial(ctx, api.Servers.Console(server))
		if err != nil {
			t.Fatal(err)
		}
		alone = append(alone, c)
	}
	live := 0
	for e, err := range g.Events(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		if change, is := e.Event.(console.StateChange); is && change.To == console.StateLive {
			if live++; live == 10 {
				panel.DropSockets()
			}
			if live == 20 {
				break // all are back
			}
		}
	}
	_ = alone[0].Close()
	channel := alone[1].Channel() // nobody reads on
	<-channel
	cancel()
	<-g.Done()
	_ = g.Close()
	_ = alone[1].Close()
	_ = alone[2].Close()
}
