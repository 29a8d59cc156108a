package page

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// changingWorld is a World that a test changes.
type changingWorld struct {
	mu      sync.Mutex
	servers []Server // replaced, never changed
	changed chan struct{}
}

func newChangingWorld() *changingWorld {
	return &changingWorld{servers: []Server{{Name: "lobby"}}, changed: make(chan struct{}, 1)}
}

func (w *changingWorld) State() State {
	w.mu.Lock()
	defer w.mu.Unlock()
	return State{Servers: slices.Clone(w.servers)}
}

func (w *changingWorld) Changes(context.Context) <-chan struct{} { return w.changed }

// print adds a line to the only server.
func (w *changingWorld) print(line string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.servers = []Server{{Lines: append(slices.Clone(w.servers[0].Lines), line)}}
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// names returns the events of messages, in their order.
func names(messages []string) string {
	var all []string
	for line := range strings.Lines(strings.Join(messages, "")) {
		if name, isName := strings.CutPrefix(line, "event: "); isName {
			all = append(all, strings.TrimSpace(name))
		}
	}
	return strings.Join(all, " ")
}

func TestStreamSendsWhatChanged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		world := newChangingWorld()
		ctx, cancel := context.WithCancel(t.Context())
		messages := make(chan string, 20)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			stream(ctx, world, func(message []byte) error { messages <- string(message); return nil })
		}()
		take := func() []string {
			synctest.Wait()
			var all []string
			for len(messages) > 0 {
				all = append(all, <-messages)
			}
			return all
		}
		if first := take(); names(first) != "panel accounts nodes servers requests pending" || first[0] != "retry: 1000\n\n" {
			t.Errorf("at first came %q", first)
		}

		// Not more often than at the pace, but all that changed meanwhile.
		world.print("one")
		world.print("two")
		time.Sleep(pace - time.Nanosecond)
		if early := take(); len(early) > 0 {
			t.Errorf("before its time came %q", early)
		}
		time.Sleep(time.Nanosecond)
		if next := take(); names(next) != "servers" || !strings.Contains(next[0], `"lines":["one","two"]`) || !strings.HasSuffix(next[0], "\n\n") {
			t.Errorf("then came %q", next)
		}
		time.Sleep(pace)
		world.print("three")
		if next := take(); names(next) != "servers" {
			t.Errorf("after a pause came %q", next)
		}

		// A change of nothing is no news, and silence is broken.
		world.changed <- struct{}{}
		time.Sleep(pace)
		if nothing := take(); len(nothing) > 0 {
			t.Errorf("without news came %q", nothing)
		}
		time.Sleep(heartbeat)
		if beat := take(); len(beat) != 1 || !strings.HasPrefix(beat[0], ":") {
			t.Errorf("in the silence came %q", beat)
		}
		cancel()
		<-ended
	})
}

// A stream whose reader is gone ends with the next message at the latest.
func TestStreamEndsWithItsReader(t *testing.T) {
	t.Parallel()
	for name, good := range map[string]int{"at the beginning": 0, "with the state": 1, "with a change": 2, "with a heartbeat": 3} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				world := newChangingWorld()
				sent := 0
				begin := time.Now()
				stream(t.Context(), world, func([]byte) error {
					if sent++; sent > good {
						return errors.New("gone")
					}
					if sent == 2 {
						world.print("a change")
					}
					return nil
				})
				if sent != good+1 || time.Since(begin) > heartbeat {
					t.Errorf("it ended after %d messages and %v", sent, time.Since(begin))
				}
			})
		})
	}
}

func TestStreamEndsWithTheWorld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		world := newChangingWorld()
		close(world.changed)
		stream(t.Context(), world, func([]byte) error { return nil })
	})
}
