package paneltest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/console"
	"github.com/ptero-go/ptero/paneltest"
)

// dial opens the console of a server until the test ends.
func dial(t *testing.T, c *client.Client, server string) *console.Console {
	t.Helper()
	con := get(console.Dial(t.Context(), c.Servers.Console(server)))(t)
	t.Cleanup(func() { _ = con.Close() })
	return con
}

// starts is the until of a line with a beginning.
func starts(text string) func(console.Output) bool {
	return func(o console.Output) bool { return strings.HasPrefix(o.Text(), text) }
}

// history notes what a console tells, in words.
type history struct{ words []string }

// watch makes a history of a console, up to now with every read.
func watch(t *testing.T, con *console.Console) func() string {
	t.Helper()
	s := get(con.Subscribe(console.KeepAll()))(t)
	t.Cleanup(s.Close)
	events := s.Channel()
	return func() string {
		synctest.Wait()
		var h history
		for {
			select {
			case e, open := <-events:
				if !open {
					return strings.Join(h.words, "\n")
				}
				h.note(e)
			default:
				return strings.Join(h.words, "\n")
			}
			synctest.Wait()
		}
	}
}

func (h *history) note(e console.Event) {
	switch e := e.(type) {
	case console.Output:
		h.words = append(h.words, e.Text())
	case console.Status:
		h.words = append(h.words, "status "+string(e.State))
	case console.StateChange:
		h.words = append(h.words, "now "+string(e.To))
	case console.Gap:
		h.words = append(h.words, "gap "+string(e.Reason))
	}
}

func TestSDKConsole(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx := t.Context()
		con := dial(t, w.user, w.survival)
		seen := watch(t, con)
		if err := con.SendCommand(ctx, "list"); !errors.Is(err, console.ErrOffline) {
			t.Error(err)
		}
		check(t, con.Signal(ctx, client.PowerSignalStart))
		check(t, con.WaitPower(ctx, client.PowerStateRunning))
		if words := seen(); !strings.Contains(words, "Preparing the world") || !strings.Contains(words, "status starting") {
			t.Errorf("a start is\n%s", words)
		}
		check(t, con.SendCommand(ctx, "help"))
		lines := get(con.Run(ctx, "list", starts("There are")))(t)
		expect(t, "answer", lines[len(lines)-1].Text(), "There are 0 of a max of 20 players online:")
		lines, err := con.Run(ctx, "unknown", nil)
		if err != nil || len(lines) != 1 || lines[0].Text() != "> unknown" {
			t.Errorf("%v, %v", lines, err)
		}
		time.Sleep(time.Minute)
		stats := get(con.RequestStats(ctx))(t)
		if stats.State != client.PowerStateRunning || stats.Uptime < time.Minute || stats.MemoryBytes == 0 {
			t.Errorf("%+v", stats)
		}
		check(t, con.Signal(ctx, client.PowerSignalStop))
		check(t, w.user.Servers.WaitPower(ctx, w.survival, client.PowerStateOffline, client.WaitOptions{Console: con}))
	})
}

func TestSDKConsoleOfASubuser(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		con := dial(t, w.subuser, w.lobby)
		get(con.Run(t.Context(), "list", starts("There are")))(t)
		if err := con.Signal(t.Context(), client.PowerSignalStop); !errors.Is(err, console.ErrPermission) {
			t.Error(err)
		}
		if _, err := console.Dial(t.Context(), w.subuser.Servers.Console(w.survival)); !errors.Is(err, client.ErrNotFound) {
			t.Error(err)
		}
		_, err := console.Dial(t.Context(), w.user.Servers.Console(identify(t, w.panel, "suspended")))
		if !errors.Is(err, client.ErrConflict) {
			t.Error(err)
		}
		uuid := get(w.user.Subusers.List(t.Context(), w.lobby))(t)[0].UUID
		check(t, w.user.Subusers.Delete(t.Context(), w.lobby, uuid))
		<-con.Done()
		if err := con.Err(); !errors.Is(err, client.ErrNotFound) {
			t.Errorf("without its permission it ends with %v", err)
		}
	})
}

// Hours of a console: its tokens are renewed, and no line is lost or comes twice.
func TestSDKConsoleForHours(t *testing.T) {
	t.Parallel()
	const hours = 2
	seed := paneltest.DefaultSeed()
	seed.Nests[0].Eggs[0].Game.Rate = 1.0 / 60
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, paneltest.WithSeed(seed))
		con := dial(t, w.user, w.lobby)
		lines := 0
		s := get(con.Subscribe(console.KeepAll()))(t)
		defer s.Close()
		end := time.After(hours * time.Hour)
		for events := s.Channel(); ; {
			select {
			case e := <-events:
				switch e := e.(type) {
				case console.Output:
					if lines++; e.Line != fmt.Sprintf("tick %d", lines) {
						t.Fatalf("line %d is %q", lines, e.Line)
					}
				case console.Gap:
					t.Fatal(e.Reason)
				case console.StateChange:
					if e.To != console.StateRenewing && e.To != console.StateLive {
						t.Fatal(e)
					}
				}
				continue
			case <-end:
			}
			break
		}
		if lines < hours*60-1 {
			t.Errorf("%d lines", lines)
		}
	})
}

func TestSDKGroup(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx := t.Context()
		group := get(console.NewGroup(ctx))(t)
		defer group.Close()
		servers := []string{w.lobby, w.survival, identify(t, w.panel, "proxy")}
		for _, server := range servers {
			check(t, group.Add(server, w.admin.Servers.Console(server)))
		}
		get(group.Console(w.lobby).Run(ctx, "list", starts("There are")))(t)
		get(group.Console(servers[2]).Run(ctx, "hello", starts("> hello")))(t)
		check(t, group.Console(w.survival).Signal(ctx, client.PowerSignalStart))
		check(t, group.Console(w.survival).WaitPower(ctx, client.PowerStateRunning))
		heard := make(map[string]bool)
		for e, err := range group.Events(ctx) {
			check(t, err)
			if status, is := e.Event.(console.Status); is && status.State == client.PowerStateRunning {
				heard[e.Server] = true
			}
			if len(heard) == len(servers) {
				break
			}
		}
	})
}

// What happens to sockets, by the method of a Panel and by the control method.
func TestSDKConsoleLivesOn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		cause func(*paneltest.Panel, string) error
		order string // with the server in place of SERVER
		want  string // in what is seen then
		gone  string // what is not seen
	}{
		{"drop-sockets", func(p *paneltest.Panel, _ string) error { p.DropSockets(); return nil }, "", "now live", "gap"},
		{"restart-wings", func(p *paneltest.Panel, _ string) error { p.RestartWings(); return nil }, "", "now live", "gap"},
		{"expire-tokens", func(p *paneltest.Panel, _ string) error { p.ExpireTokens(); return nil }, "", "", ""},
		{"revoke-tokens", func(p *paneltest.Panel, _ string) error { p.RevokeTokens(); return nil }, "", "", ""},
		{"crash", func(p *paneltest.Panel, id string) error { return p.Crash(id) }, `{"server":"SERVER"}`, "Detected server process in a crashed state!", ""},
		{"print", func(p *paneltest.Panel, id string) error { return p.Print(id, "one", "two") }, `{"server":"SERVER","lines":["one","two"]}`, "one\ntwo", "now"},
		{"suspend", func(p *paneltest.Panel, id string) error { return p.Suspend(id) }, `{"server":"SERVER"}`, "now closed", ""},
	} {
		for _, controlled := range []bool{false, true} {
			t.Run(fmt.Sprint(test.name, " ", controlled), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, paneltest.WithControl())
					con := dial(t, w.user, w.lobby)
					seen := watch(t, con)
					get(con.Run(t.Context(), "list", starts("There are")))(t) // lines to go on from
					time.Sleep(time.Minute)
					_ = seen()
					if controlled {
						check(t, control(t, w.panel, test.name, strings.ReplaceAll(test.order, "SERVER", w.lobby)))
					} else {
						check(t, test.cause(w.panel, w.lobby))
					}
					time.Sleep(2 * time.Minute)
					words := seen()
					if !strings.Contains(words, test.want) || test.gone != "" && strings.Contains(words, test.gone) {
						t.Errorf("it tells\n%s", words)
					}
					if test.name == "suspend" {
						return
					}
					check(t, con.WaitPower(t.Context(), client.PowerStateRunning))
					get(con.Run(t.Context(), "list", starts("There are")))(t)
				})
			})
		}
	}
}

func TestSDKConsoleOutlivesItsNode(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		con := dial(t, w.user, w.lobby)
		seen := watch(t, con)
		get(con.Run(t.Context(), "list", starts("There are")))(t) // lines to go on from
		check(t, w.panel.StopNode(1))
		time.Sleep(10 * time.Minute)
		if words := seen(); !strings.Contains(words, "now "+string(console.StateWaiting)) {
			t.Errorf("it tells\n%s", words)
		}
		check(t, w.panel.StartNode(1))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		get(con.Run(ctx, "help", starts("help,")))(t)
	})
}

// Panel and Wings 1.12, whose limits the SDK keeps to.
func TestSDKConsoleOf112(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, paneltest.WithVersion("1.12"))
		con := dial(t, w.user, w.lobby)
		seen := watch(t, con)
		for i := range 30 {
			check(t, con.SendCommand(t.Context(), fmt.Sprintf("say %d", i)))
		}
		time.Sleep(time.Second) // for the last one to be carried out
		if words := seen(); strings.Count(words, "> say ") != 30 {
			t.Errorf("it tells\n%s", words)
		}
		check(t, w.application.Servers.Suspend(t.Context(), 1))
		<-con.Done()
		if err := con.Err(); !errors.Is(err, console.ErrSuspended) && !errors.Is(err, client.ErrConflict) {
			t.Error(err)
		}
	})
}
