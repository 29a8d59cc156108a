package console_test

import (
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/console"
	"github.com/ptero-go/ptero/paneltest"
)

// fleet is a group of the consoles of running servers, on nodes 1, 2, ….
type fleet struct {
	panel  *paneltest.Panel
	group  *console.Group
	states *console.GroupSubscription
	nodes  [][]string // the servers of each node
}

// newFleet returns a fleet all of which is live, in the bubble of a test.
func newFleet(t *testing.T, nodes, servers int, opts ...paneltest.Option) *fleet {
	t.Helper()
	seed := paneltest.GenerateSeed(nodes * servers)
	all := seed.Nodes[0].Allocations
	seed.Nodes = nil
	for part := range slices.Chunk(all, servers) {
		seed.Nodes = append(seed.Nodes, paneltest.SeedNode{
			Name: "node-" + strconv.Itoa(len(seed.Nodes)+1), Memory: 1 << 24, Disk: 1 << 24, Allocations: part,
		})
	}
	for i := range seed.Servers {
		seed.Servers[i].Running = true
	}
	panel, err := paneltest.New(append(opts, paneltest.InMemory(), paneltest.WithSeed(seed))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(panel.Close)
	api, err := client.New(panel.URL, panel.AdminKey, client.WithHTTPClient(panel.HTTPClient()))
	if err != nil {
		t.Fatal(err)
	}
	f := &fleet{panel: panel, nodes: make([][]string, nodes)}
	if f.group, err = console.NewGroup(t.Context(), console.WithPolicy(console.DropOldest(1))); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.group.Close() })
	if f.states, err = f.group.Subscribe(console.KeepAll(), console.StateChange{}); err != nil {
		t.Fatal(err)
	}
	for server, err := range api.Servers.All(t.Context(), client.ServerListOptions{Scope: client.ServerScopeAdminAll, PerPage: 100}) {
		if err != nil {
			t.Fatal(err)
		}
		node := slices.IndexFunc(seed.Nodes, func(n paneltest.SeedNode) bool { return n.Name == server.Node })
		f.nodes[node] = append(f.nodes[node], server.Identifier)
		if err := f.group.Add(server.Identifier, api.Servers.Console(server.Identifier)); err != nil {
			t.Fatal(err)
		}
	}
	f.live(t, slices.Concat(f.nodes...))
	return f
}

// live waits until consoles become live, and returns how long each took, the
// shortest time first.
func (f *fleet) live(t *testing.T, servers []string) []time.Duration {
	t.Helper()
	begin := time.Now()
	var took []time.Duration
	for e, err := range f.states.Events(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		change := e.Event.(console.StateChange)
		if change.To != console.StateLive || change.From == console.StateRenewing || !slices.Contains(servers, e.Server) {
			continue
		}
		if took = append(took, time.Since(begin)); len(took) == len(servers) {
			break
		}
	}
	return took
}

// All consoles of 300 servers are live again soon after a restart of Wings, which
// makes each of them need a new token: as soon as the Panel's rate limit allows.
func TestFleetAfterARestartOfWings(t *testing.T) {
	t.Parallel()
	servers, share := 300, 1
	if testing.Short() {
		servers, share = 30, 10
	}
	for version, c := range map[string]struct {
		limit, first int           // requests a minute, and so many consoles
		rest         time.Duration // when all are
	}{
		"1.11": {720, 300, 15 * time.Second},
		"1.12": {256, 250, time.Minute + 5*time.Second},
	} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(t, 1, servers, paneltest.WithVersion(version), paneltest.WithRateLimits(c.limit/share, 1000, time.Minute))
				time.Sleep(61 * time.Second) // the limit is at rest
				f.panel.RestartWings()
				took := f.live(t, f.nodes[0])
				first, all := took[c.first/share-1], took[len(took)-1]
				t.Logf("%d of %d after %v, all after %v", c.first/share, len(took), first, all)
				if first > 15*time.Second || all > c.rest {
					t.Errorf("%d of %d were live after %v, all after %v", c.first/share, len(took), first, all)
				}
			})
		})
	}
}

// The consoles of a node are live again as soon if another node is dead.
func TestFleetWithADeadNode(t *testing.T) {
	t.Parallel()
	for name, kill := range map[string]func(*paneltest.Panel) error{
		"refusing":   func(p *paneltest.Panel) error { return p.StopNode(2) },
		"black hole": func(p *paneltest.Panel) error { return p.BlackHole(time.Hour, 2) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			servers := 60
			if testing.Short() {
				servers = 12
			}
			times := make(map[bool][]time.Duration)
			for _, dead := range []bool{false, true} {
				synctest.Test(t, func(t *testing.T) {
					f := newFleet(t, 2, servers, paneltest.WithVersion("1.12"))
					time.Sleep(61 * time.Second)
					if dead {
						if err := kill(f.panel); err != nil {
							t.Fatal(err)
						}
						time.Sleep(10 * time.Second)
					}
					f.panel.RestartWings()
					times[dead] = f.live(t, f.nodes[0])
				})
			}
			alone, beside := times[false], times[true]
			t.Logf("the last of %d after %v, beside a dead node after %v", len(alone), alone[len(alone)-1], beside[len(beside)-1])
			for i := range alone {
				if beside[i] > alone[i]+100*time.Millisecond {
					t.Errorf("number %d was live after %v, beside a dead node after %v", i+1, alone[i], beside[i])
				}
			}
		})
	}
}
