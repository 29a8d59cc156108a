package bench

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/console"
	"github.com/ptero-go/ptero/paneltest"
)

// BenchmarkChaos is a server that prints numbered lines while its sockets are
// killed again and again. It reports how many of the lines came, how many twice,
// and how long after a kill the console was live again.
func BenchmarkChaos(b *testing.B) {
	for name, c := range map[string]struct {
		lines, kills int
		every        time.Duration
	}{
		"kills": {12000, 12, 5 * time.Millisecond},
		"quick": {3000, 6, time.Millisecond},
	} {
		b.Run(name, func(b *testing.B) {
			for i := range b.N {
				chaos(b, uint64(i), c.lines, c.kills, c.every)
			}
		})
	}
}

func chaos(b *testing.B, seed uint64, lines, kills int, every time.Duration) {
	b.Helper()
	random := rand.New(rand.NewPCG(seed, 1))
	seeds := paneltest.DefaultSeed()
	for i := range seeds.Nests {
		for j := range seeds.Nests[i].Eggs {
			seeds.Nests[i].Eggs[j].Game = paneltest.SeedGame{}
		}
	}
	panel, err := paneltest.New(paneltest.WithSeed(seeds), paneltest.WithoutRateLimits())
	if err != nil {
		b.Fatal(err)
	}
	defer panel.Close()
	api, err := client.New(panel.URL, panel.UserKey, client.WithHTTPClient(&http.Client{Transport: &http.Transport{}}))
	if err != nil {
		b.Fatal(err)
	}
	page, err := api.Servers.List(b.Context(), client.ServerListOptions{})
	if err != nil {
		b.Fatal(err)
	}
	server := page.Items[0].Identifier
	con, err := console.Dial(b.Context(), api.Servers.Console(server), console.WithPolicy(console.KeepAll()))
	if err != nil {
		b.Fatal(err)
	}
	defer con.Close()
	if con.Power() != client.PowerStateRunning {
		if err := console.Start(b.Context(), api.Servers.Console(server)); err != nil {
			b.Fatal(err)
		}
	}
	at := make(map[int]bool)
	for len(at) < kills {
		at[200+random.IntN(lines-400)] = true
	}
	var killed time.Time
	go func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for n := 1; n <= lines; n++ {
			<-tick.C
			if at[n] {
				killed = time.Now()
				panel.DropSockets()
			}
			if err := panel.Print(server, fmt.Sprintf("line %d", n)); err != nil {
				b.Error(err)
				return
			}
		}
		time.Sleep(3 * time.Second)
		_ = panel.Print(server, "the end")
	}()
	seen := make([]int, lines+1)
	gaps, ordered, last := 0, true, 0
	var live []time.Duration
	var down time.Time
	for e, err := range con.Events(b.Context()) {
		if err != nil {
			b.Fatal(err)
		}
		switch e := e.(type) {
		case console.Gap:
			gaps++
		case console.StateChange:
			if e.To == console.StateWaiting && down.IsZero() {
				down = time.Now()
			}
			if e.To == console.StateLive && !down.IsZero() {
				live = append(live, time.Since(down))
				down = time.Time{}
			}
		case console.Output:
			n := 0
			if _, err := fmt.Sscanf(e.Line, "line %d", &n); err == nil {
				seen[n]++
				ordered = ordered && n > last
				last = n
			}
			if e.Line == "the end" {
				came, twice := 0, 0
				for _, n := range seen[1:] {
					if n > 0 {
						came++
					}
					if n > 1 {
						twice++
					}
				}
				slices.Sort(live)
				b.ReportMetric(100*float64(came)/float64(lines), "%lines")
				b.ReportMetric(float64(twice), "twice")
				b.ReportMetric(float64(gaps), "gaps")
				if len(live) > 0 {
					b.ReportMetric(live[len(live)/2].Seconds()*1000, "ms-live-median")
					b.ReportMetric(live[len(live)-1].Seconds()*1000, "ms-live-worst")
				}
				if !ordered {
					b.ReportMetric(1, "disorder")
				}
				_ = killed
				return
			}
		}
	}
}
