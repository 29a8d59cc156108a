package console_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/console"
	"github.com/ptero-go/ptero/paneltest"
)

// quietGames returns the default seed without lines that the games print by
// themselves.
func quietGames() paneltest.Seed {
	seed := paneltest.DefaultSeed()
	for i := range seed.Nests {
		for j := range seed.Nests[i].Eggs {
			seed.Nests[i].Eggs[j].Game = paneltest.SeedGame{}
		}
	}
	seed.Servers = seed.Servers[:1]
	seed.Servers[0].Running = true
	return seed
}

// A Panel that cannot be reached while a token is wanted is asked again soon after
// it is back, although nobody ever answers the first question.
func TestPanelInABlackHole(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		panel, err := paneltest.New(paneltest.InMemory(), paneltest.WithSeed(quietGames()))
		if err != nil {
			t.Fatal(err)
		}
		defer panel.Close()
		api, err := client.New(panel.URL, panel.UserKey, client.WithHTTPClient(panel.HTTPClient()))
		if err != nil {
			t.Fatal(err)
		}
		con, err := console.Dial(t.Context(), api.Servers.Console(panel.Servers()[0].Identifier))
		if err != nil {
			t.Fatal(err)
		}
		defer con.Close()
		until(t, con, console.StateLive)
		const outage = 4 * time.Second
		begin := time.Now()
		if err := panel.BlackHole(outage); err != nil {
			t.Fatal(err)
		}
		panel.RevokeTokens()
		until(t, con, console.StateLive)
		noticed := console.RunningSilence + console.Patience
		if took := time.Since(begin); took > max(outage, noticed)+console.PanelPatience+2*time.Second {
			t.Errorf("live after %v", took)
		}
	})
}

// A server prints numbered lines for twelve minutes while its node is cut off,
// frozen and restarted, and while tokens lapse: none comes twice, and none is
// missing without a Gap.
func TestLinesInTroubledTimes(t *testing.T) {
	t.Parallel()
	const every, kinds = 50 * time.Millisecond, 8
	lines, seeds := 14_000, uint64(5)
	if testing.Short() {
		lines, seeds = 3000, 2
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				random := rand.New(rand.NewPCG(seed, 1))
				panel, err := paneltest.New(paneltest.InMemory(), paneltest.WithSeed(quietGames()), paneltest.WithChance(seed))
				if err != nil {
					t.Fatal(err)
				}
				defer panel.Close()
				api, err := client.New(panel.URL, panel.UserKey, client.WithHTTPClient(panel.HTTPClient()))
				if err != nil {
					t.Fatal(err)
				}
				server := panel.Servers()[0].Identifier
				con, err := console.Dial(t.Context(), api.Servers.Console(server), console.WithPolicy(console.KeepAll()))
				if err != nil {
					t.Fatal(err)
				}
				defer con.Close()
				var back []time.Time // when the node could be reached again
				go func() {
					next := 400
					for n := 1; n <= lines; n++ {
						time.Sleep(every)
						if n == next+1 {
							next = n + 400 + random.IntN(200) // lines, 20 to 30 s
							d := time.Second + time.Duration(random.Int64N(int64(5*time.Second)))
							switch random.IntN(kinds) {
							case 0:
								panel.DropSockets()
								d = 0
							case 1:
								err = panel.RefuseDials(d, 1)
								panel.DropSockets()
							case 2:
								err = panel.BlackHole(d, 1)
							case 3:
								err = panel.Freeze(d, 1)
								d = -1 // nothing has to be opened again
							case 4:
								d = 300 * time.Millisecond
								err = panel.RestartWingsAfter(d)
							case 5:
								panel.ExpireTokens()
								d = -1
							case 6:
								panel.RevokeTokens()
								d = -1
							case 7:
								err = panel.CutSockets(random.IntN(3000), 1)
								d = -1
							}
							if err != nil {
								t.Error(err)
							}
							if d >= 0 {
								back = append(back, time.Now().Add(d))
							}
						}
						if err := panel.Print(server, fmt.Sprint("line ", n)); err != nil {
							t.Error(err)
						}
					}
					time.Sleep(time.Minute)
					if err := panel.Print(server, "the end"); err != nil {
						t.Error(err)
					}
				}()
				var live []time.Time
				gaps, missing, last := make(map[console.GapReason]int), 0, 0
				excused := false
				for e, err := range con.Events(t.Context()) {
					if err != nil {
						t.Fatal(err)
					}
					switch e := e.(type) {
					case console.Gap:
						gaps[e.Reason]++
						if excused = true; e.Reason != console.GapLost {
							t.Errorf("after line %d: %v", last, e)
						}
					case console.StateChange:
						if e.To == console.StateLive {
							live = append(live, time.Now())
						}
						var told *console.Error
						if e.Err != nil && !errors.As(e.Err, &told) {
							t.Errorf("%T %v", e.Err, e.Err)
						}
					case console.Output:
						if e.Line == "the end" {
							var late []time.Duration
							for _, at := range back {
								if i := slices.IndexFunc(live, func(l time.Time) bool { return !l.Before(at) }); i >= 0 {
									late = append(late, live[i].Sub(at))
								}
							}
							slices.Sort(late)
							t.Logf("%d lines, %d missing, gaps %v, live again after %v, at worst %v",
								last, missing, gaps, late[len(late)/2], late[len(late)-1])
							if last != lines && !excused {
								t.Errorf("the last of %d lines is %d", lines, last)
							}
							if missing > lines/100 || len(late) == 0 || late[len(late)-1] > 5*time.Second {
								t.Errorf("%d of %d lines are missing, live again after %v", missing, lines, late)
							}
							return
						}
						n := 0
						if _, err := fmt.Sscanf(e.Line, "line %d", &n); err != nil {
							continue // one of the daemon's own
						}
						switch {
						case n <= last:
							t.Errorf("line %d came after %d", n, last)
						case n > last+1 && !excused:
							t.Errorf("line %d came after %d, and there is no Gap", n, last)
						}
						missing += n - last - 1
						last, excused = n, false
					}
				}
			})
		})
	}
}
