package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/console"
	"github.com/ptero-go/ptero/paneltest"
)

// weather is what the network between a console and the node is like.
type weather struct {
	mu      sync.Mutex
	refuses bool
	hole    bool // nothing comes through, and nobody says so
	changed chan struct{}
	conns   []*weathered
}

func newWeather() *weather { return &weather{changed: make(chan struct{})} }

// turn changes it. Connections end where the network refuses, and stand still in a
// hole; those that stood still are lost.
func (w *weather) turn(refuses, hole bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if refuses || w.hole && !hole {
		for _, c := range w.conns {
			_ = c.Conn.Close()
		}
		w.conns = nil
	}
	w.refuses, w.hole = refuses, hole
	close(w.changed)
	w.changed = make(chan struct{})
}

func (w *weather) now() (refuses, hole bool, changed chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.refuses, w.hole, w.changed
}

func (w *weather) dial(ctx context.Context, network, address string) (net.Conn, error) {
	refuses, hole, _ := w.now()
	switch {
	case refuses:
		return nil, errors.New("connection refused")
	case hole: // as a lost SYN: it is not sent again in time
		<-ctx.Done()
		return nil, ctx.Err()
	}
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	c := &weathered{Conn: conn, weather: w}
	w.mu.Lock()
	w.conns = append(w.conns, c)
	w.mu.Unlock()
	return c, nil
}

// weathered is a connection through it.
type weathered struct {
	net.Conn
	weather *weather
}

func (c *weathered) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	for {
		_, hole, changed := c.weather.now()
		if !hole {
			return n, err
		}
		<-changed
	}
}

func (c *weathered) Write(p []byte) (int, error) {
	if _, hole, _ := c.weather.now(); hole {
		return len(p), nil
	}
	return c.Conn.Write(p)
}

// trouble makes the network or the node fail, and returns for how long.
type trouble func(panel *paneltest.Panel, w *weather, random *rand.Rand) time.Duration

func someSeconds(random *rand.Rand) time.Duration {
	return time.Second + time.Duration(random.Int64N(int64(5*time.Second)))
}

func kill(panel *paneltest.Panel, _ *weather, _ *rand.Rand) time.Duration {
	panel.DropSockets()
	return 0
}

func refuse(_ *paneltest.Panel, w *weather, random *rand.Rand) time.Duration {
	w.turn(true, false)
	return someSeconds(random)
}

func blackHole(_ *paneltest.Panel, w *weather, random *rand.Rand) time.Duration {
	w.turn(false, true)
	return someSeconds(random)
}

func restartWings(panel *paneltest.Panel, _ *weather, _ *rand.Rand) time.Duration {
	panel.RestartWings()
	return 0
}

// BenchmarkChaos is a server that prints numbered lines while its sockets are
// killed again and again. It reports how many of the lines came, how many twice,
// and how long after the end of each trouble the console was live again.
//
// "all" is a fifth of a run of 14,000 lines, which package console tests in
// simulated time.
func BenchmarkChaos(b *testing.B) {
	for _, c := range []struct {
		name            string
		lines, troubles int
		every           time.Duration
		of              []trouble // in turn
	}{
		{"kills", 12000, 12, 5 * time.Millisecond, []trouble{kill}},
		{"refused", 1200, 5, 50 * time.Millisecond, []trouble{refuse}},
		{"black hole", 1200, 5, 50 * time.Millisecond, []trouble{blackHole}},
		{"all", 2800, 10, 50 * time.Millisecond, []trouble{kill, refuse, blackHole, restartWings}},
	} {
		b.Run(c.name, func(b *testing.B) {
			for i := range b.N {
				chaos(b, uint64(i), c.lines, c.troubles, c.every, c.of)
			}
		})
	}
}

func chaos(b *testing.B, seed uint64, lines, troubles int, every time.Duration, of []trouble) {
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
	sky := newWeather()
	api, err := client.New(panel.URL, panel.UserKey, client.WithHTTPClient(&http.Client{Transport: &http.Transport{}}))
	if err != nil {
		b.Fatal(err)
	}
	page, err := api.Servers.List(b.Context(), client.ServerListOptions{})
	if err != nil {
		b.Fatal(err)
	}
	server := page.Items[0].Identifier
	if err := console.Start(b.Context(), api.Servers.Console(server)); err != nil {
		b.Fatal(err)
	}
	outside := &http.Client{Transport: &http.Transport{DialContext: sky.dial, DisableKeepAlives: true}}
	con, err := console.Dial(b.Context(), api.Servers.Console(server), console.WithPolicy(console.KeepAll()), console.WithHTTPClient(outside))
	if err != nil {
		b.Fatal(err)
	}
	defer con.Close()
	at := make(map[int]bool)
	for len(at) < troubles {
		n := lines / (troubles + 1) * (len(at) + 1)
		at[n+random.IntN(lines/(4*troubles))] = true
	}
	var mu sync.Mutex
	var back []time.Time // when the network was back
	go func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for n := 1; n <= lines; n++ {
			<-tick.C
			if at[n] {
				over := of[(n*(troubles+1)/lines-1)%len(of)](panel, sky, random)
				time.AfterFunc(over, func() {
					sky.turn(false, false)
					mu.Lock()
					back = append(back, time.Now())
					mu.Unlock()
				})
			}
			if err := panel.Print(server, "line "+strconv.Itoa(n)); err != nil {
				b.Error(err)
				return
			}
		}
		time.Sleep(10 * time.Second)
		_ = panel.Print(server, "the end")
	}()
	seen := make([]int, lines+1)
	gaps, unordered, last := 0, 0, 0
	var live []time.Time
	for e, err := range con.Events(b.Context()) {
		if err != nil {
			b.Fatal(err)
		}
		switch e := e.(type) {
		case console.Gap:
			gaps++
		case console.StateChange:
			if e.To == console.StateLive && e.From != console.StateRenewing {
				live = append(live, time.Now())
			}
		case console.Output:
			if e.Line == "the end" {
				mu.Lock()
				report(b, seen[1:], gaps, unordered, back, live)
				mu.Unlock()
				return
			}
			n := 0
			if _, err := fmt.Sscanf(e.Line, "line %d", &n); err != nil {
				continue
			}
			seen[n]++
			if n <= last {
				unordered++
			}
			last = n
		}
	}
}

func report(b *testing.B, seen []int, gaps, unordered int, back, live []time.Time) {
	b.Helper()
	came, twice := 0, 0
	for _, n := range seen {
		if n > 0 {
			came++
		}
		if n > 1 {
			twice++
		}
	}
	var late []time.Duration
	for _, at := range back {
		if i := slices.IndexFunc(live, func(l time.Time) bool { return !l.Before(at) }); i >= 0 {
			late = append(late, live[i].Sub(at))
		}
	}
	slices.Sort(late)
	b.ReportMetric(100*float64(came)/float64(len(seen)), "%lines")
	b.ReportMetric(float64(twice), "twice")
	b.ReportMetric(float64(unordered), "disorder")
	b.ReportMetric(float64(gaps), "gaps")
	if len(late) > 0 {
		b.ReportMetric(late[len(late)/2].Seconds()*1000, "ms-live-median")
		b.ReportMetric(late[len(late)-1].Seconds()*1000, "ms-live-worst")
	}
}

// BenchmarkFleet is a group of 300 servers on two nodes after a restart of Wings. It
// reports when the consoles were live again: the first 250, and all.
//
// In the row "dead node" the second node is dead by then, and only the consoles of
// the first count.
func BenchmarkFleet(b *testing.B) {
	for _, c := range []struct {
		name, version string
		dead          bool
	}{{"1.11", "1.11", false}, {"1.11 dead node", "1.11", true}, {"1.12", "1.12", false}} {
		b.Run(c.name, func(b *testing.B) {
			for range b.N {
				fleet(b, c.version, c.dead)
			}
		})
	}
}

func fleet(b *testing.B, version string, dead bool) {
	b.Helper()
	const servers, first = 300, 250
	seed := paneltest.GenerateSeed(servers)
	allocations := seed.Nodes[0].Allocations
	seed.Nodes[0].Allocations = allocations[:servers/2]
	seed.Nodes = append(seed.Nodes, paneltest.SeedNode{Name: "node-2", Memory: 1 << 24, Disk: 1 << 24, Allocations: allocations[servers/2:]})
	for i := range seed.Servers {
		seed.Servers[i].Running = true
	}
	panel, err := paneltest.New(paneltest.WithSeed(seed), paneltest.WithVersion(version))
	if err != nil {
		b.Fatal(err)
	}
	defer panel.Close()
	api, err := client.New(panel.URL, panel.AdminKey)
	if err != nil {
		b.Fatal(err)
	}
	g, err := console.NewGroup(b.Context(), console.WithPolicy(console.DropOldest(1)))
	if err != nil {
		b.Fatal(err)
	}
	defer g.Close()
	s, err := g.Subscribe(console.KeepAll(), console.StateChange{})
	if err != nil {
		b.Fatal(err)
	}
	counts := make(map[string]bool) // the servers whose consoles count
	for server, err := range api.Servers.All(b.Context(), client.ServerListOptions{Scope: client.ServerScopeAdminAll, PerPage: 100}) {
		if err != nil {
			b.Fatal(err)
		}
		counts[server.Identifier] = !dead || server.Node != "node-2"
		if err := g.Add(server.Identifier, api.Servers.Console(server.Identifier)); err != nil {
			b.Fatal(err)
		}
	}
	awaitLive(b, s, func(string) bool { return true }, servers)
	time.Sleep(time.Minute) // the Panel's limit is at rest
	if dead {
		if err := panel.StopNode(2); err != nil {
			b.Fatal(err)
		}
		time.Sleep(5 * time.Second)
	}
	panel.RestartWings()
	took := awaitLive(b, s, func(server string) bool { return counts[server] }, map[bool]int{false: servers, true: servers / 2}[dead])
	b.ReportMetric(took[min(first, len(took))-1].Seconds(), "s-250-live")
	b.ReportMetric(took[len(took)-1].Seconds(), "s-all-live")
}

// awaitLive waits until so many consoles have become live, and returns how long
// each took.
func awaitLive(b *testing.B, s *console.GroupSubscription, counts func(server string) bool, many int) []time.Duration {
	b.Helper()
	begin := time.Now()
	var took []time.Duration
	for e, err := range s.Events(b.Context()) {
		if err != nil {
			b.Fatal(err)
		}
		if change := e.Event.(console.StateChange); change.To == console.StateLive && change.From != console.StateRenewing && counts(e.Server) {
			if took = append(took, time.Since(begin)); len(took) == many {
				break
			}
		}
	}
	return took
}
