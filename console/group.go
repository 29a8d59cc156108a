package console

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
)

// groupDials is how many consoles of a group connect at the same time.
const groupDials = 8

// Group keeps the consoles of any number of servers and merges their events. It
// is safe for concurrent use. Make one with [NewGroup].
type Group struct {
	ctx    context.Context //nolint:containedctx // bounds the life of the consoles
	cancel context.CancelFunc
	cfg    *config
	events *queue[GroupEvent]
	all    sync.WaitGroup // the consoles' goroutines

	mu       sync.Mutex
	consoles map[string]*Console
	closed   bool
}

// GroupEvent is an event of one of a group's consoles.
type GroupEvent struct {
	// Server is the name under which the console was added.
	Server string

	Event Event
}

// NewGroup returns an empty group, which lives until ctx ends or until
// [Group.Close]. The options are those of every console in it; the policy is
// that of the merged events.
func NewGroup(ctx context.Context, opts ...Option) (*Group, error) {
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	cfg.slots = make(chan struct{}, groupDials)
	g := &Group{cfg: cfg, events: newQueue[GroupEvent](cfg.policy.limit()), consoles: make(map[string]*Console)}
	g.ctx, g.cancel = context.WithCancel(ctx)
	return g, nil
}

// Add adds the console of a server under a name, such as the server's
// identifier. It does not wait: the console connects as often as it takes, a few
// of a group at a time, and its events tell how it goes. A name can be added
// once. The last event of a console that gives up, or is removed, is its change
// to [StateClosed]; the name is free again then.
func (g *Group) Add(server string, source Source) error {
	cfg := *g.cfg
	if err := cfg.prepare(source); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return &Error{Op: "group", Kind: ErrClosed}
	}
	if g.consoles[server] != nil {
		return fmt.Errorf("console: the group has a console named %q", server)
	}
	c := newConsole(g.ctx, source, &cfg)
	c.readers = []sink{&member{g, server}}
	g.consoles[server] = c
	g.all.Go(func() { c.keep(true) })
	return nil
}

// Remove closes a console and takes it out of the group. A name that is not
// there is no error.
func (g *Group) Remove(server string) {
	if c := g.Console(server); c != nil {
		_ = c.Close()
	}
}

// Console returns the console of that name, or nil. It may not be connected yet:
// what is sent waits for that. Its Events begin with the first call of them.
func (g *Group) Console(server string) *Console {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.consoles[server]
}

// Servers returns the names of the consoles, sorted.
func (g *Group) Servers() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Sorted(maps.Keys(g.consoles))
}

// Events hands out the events of all consoles one by one, those of one console in
// their order, and waits for more. It ends without an error when the group is
// closed, and with an error, which comes last, when ctx ends.
func (g *Group) Events(ctx context.Context) iter.Seq2[GroupEvent, error] {
	return func(yield func(GroupEvent, error) bool) {
		g.events.each(ctx, func(n int) GroupEvent { return GroupEvent{"", Dropped{n}} }, yield)
	}
}

// Close closes all consoles and returns when nothing of them is left. It always
// returns nil.
func (g *Group) Close() error {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.cancel()
	g.all.Wait()
	g.events.end(errEnded)
	return nil
}

// member hands the events of a console to its group.
type member struct {
	group  *Group
	server string
}

func (m *member) put(e Event) {
	if change, ok := e.(StateChange); ok && change.To == StateClosed { // the last event
		m.group.mu.Lock()
		delete(m.group.consoles, m.server)
		m.group.mu.Unlock()
	}
	m.group.events.put(GroupEvent{m.server, e})
}

func (*member) end(error) {}
