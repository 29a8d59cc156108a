package console_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/console"
	"github.com/ptero-go/ptero/paneltest"
)

// countingSource counts how often credentials are fetched.
type countingSource struct {
	console.Source
	fetches atomic.Int64
}

func (s *countingSource) Credentials(ctx context.Context) (*client.WebsocketCredentials, error) {
	s.fetches.Add(1)
	return s.Source.Credentials(ctx)
}

// A week of a server that prints all the time, with tokens of ten minutes and a
// cut every hour: each line comes once, in order, and no gap is reported.
func TestWeek(t *testing.T) {
	t.Parallel()
	days := 7
	if testing.Short() {
		days = 1
	}
	synctest.Test(t, func(t *testing.T) {
		var printed atomic.Int64
		seed := paneltest.DefaultSeed()
		for i := range seed.Nests {
			for j := range seed.Nests[i].Eggs {
				seed.Nests[i].Eggs[j].Game = paneltest.SeedGame{Rate: 0.5, Line: func(int) string {
					return fmt.Sprint("line ", printed.Add(1))
				}}
			}
		}
		// The other servers say nothing.
		seed.Servers = seed.Servers[:1]
		panel, err := paneltest.New(paneltest.InMemory(), paneltest.WithSeed(seed))
		if err != nil {
			t.Fatal(err)
		}
		defer panel.Close()
		api, err := client.New(panel.URL, panel.UserKey, client.WithHTTPClient(panel.HTTPClient()))
		if err != nil {
			t.Fatal(err)
		}
		server := ""
		for s, err := range api.Servers.All(t.Context(), client.ServerListOptions{}) {
			if err != nil {
				t.Fatal(err)
			}
			server = s.Identifier
		}
		source := &countingSource{Source: api.Servers.Console(server)}
		c, err := console.Dial(t.Context(), source, console.WithPolicy(console.KeepAll()))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		cuts := 0
		go func() {
			for range days * 24 {
				time.Sleep(time.Hour)
				panel.DropSockets()
				cuts++
			}
			time.Sleep(time.Minute + time.Second/2) // between two lines
			if err := panel.Print(server, "the end"); err != nil {
				t.Error(err)
			}
		}()
		var first, last int64
		dials := 0
		for e, err := range c.Events(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			switch e := e.(type) {
			case console.Gap:
				t.Errorf("after line %d: %+v", last, e)
			case console.StateChange:
				if e.To == console.StateDialing {
					dials++
				}
			case console.Output:
				if e.Line == "the end" {
					if want := printed.Load(); last != want || first > 2 {
						t.Errorf("lines %d to %d came, %d were printed", first, last, want)
					}
					t.Logf("%d lines, %d connections, %d fetches", last, dials, source.fetches.Load())
					if dials != cuts+1 {
						t.Errorf("%d connections with %d cuts", dials, cuts)
					}
					// A token is replaced at four fifths of its ten minutes at the
					// earliest, and a connection takes one at most.
					if most := int64(days*24*60/8 + cuts + 1); source.fetches.Load() > most {
						t.Errorf("%d fetches, want %d at most", source.fetches.Load(), most)
					}
					return
				}
				var n int64
				if _, err := fmt.Sscanf(e.Line, "line %d", &n); err != nil {
					continue // one of the daemon's own
				}
				if first == 0 {
					first = n
				} else if n != last+1 {
					t.Errorf("line %d came after %d", n, last)
				}
				last = n
			}
		}
	})
}
