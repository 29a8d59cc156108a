package console

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
)

// Group keeps the consoles of any number of servers and merges their events. It
// is safe for concurrent use. Make one with [NewGroup].
//
// A console connects as often as it takes. Those of one node, and those of one
// Panel, take turns, [GroupDials] at a time, so that a node that does not answer
// is in nobody else's way.
type Group struct {
	cfg  *config
	ctx  context.Context //nolint:containedctx // bounds the life of the group
	stop func() bool     // keeps the end of ctx from closing it again
	done chan struct{}
	own  *GroupSubscription

	ending sync.WaitGroup // consoles that have left it

	mu       sync.Mutex
	consoles map[string]*Console
	readers  []*GroupSubscription // replaced, never changed
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
	cfg.persistent = true
	cfg.gates = newGates(GroupDials)
	g := &Group{cfg: cfg, ctx: ctx, done: make(chan struct{}), consoles: make(map[string]*Console)}
	g.own = g.attach(cfg.policy, ^eventSet(0))
	g.stop = context.AfterFunc(ctx, func() { g.end(context.Cause(ctx)) })
	return g, nil
}

// Add opens the console of a server under a name. It returns at once; what
// becomes of the console shows in the events. A console that has ended is no
// longer part of the group, and its name is free again then.
func (g *Group) Add(server string, source Source) error {
	cfg := *g.cfg
	if err := cfg.prepare(source); err != nil {
		return err
	}
	g.mu.Lock()
	if g.closed || g.ctx.Err() != nil {
		g.mu.Unlock()
		return &Error{Op: "group", Kind: ErrClosed}
	}
	if g.consoles[server] != nil {
		g.mu.Unlock()
		return fmt.Errorf("console: the group has a console named %q", server)
	}
	c := newConsole(source, &cfg)
	c.readers = []sink{&member{g, c, server}}
	g.consoles[server] = c
	g.mu.Unlock()
	c.begin()
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
func (g *Group) Events(ctx context.Context) iter.Seq2[GroupEvent, error] { return g.own.Events(ctx) }

// GroupSubscription is one reader of a group's events. It must be closed when it
// is no longer needed.
type GroupSubscription struct {
	group  *Group
	events queue[GroupEvent]
	wanted eventSet
}

// Subscribe adds a reader, who gets the events from now on: those of the types
// of the values given, such as Output{}, or all if there are none. A reader that is
// too slow gets one [Dropped] per server with the number of its dropped events.
func (g *Group) Subscribe(policy Policy, wanted ...Event) (*GroupSubscription, error) {
	set, err := eventsOf(wanted)
	if err == nil {
		err = policy.check()
	}
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	return g.attach(policy, set), nil
}

func (g *Group) attach(policy Policy, wanted eventSet) *GroupSubscription {
	s := &GroupSubscription{
		group: g, wanted: wanted,
		events: queue[GroupEvent]{
			policy: policy, wake: make(chan struct{}, 1),
			size: func(e GroupEvent) int { return sizeOf(e.Event) },
			of:   func(e GroupEvent) string { return e.Server },
			lost: func(server string, n int) GroupEvent { return GroupEvent{server, Dropped{n}} },
		},
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		s.events.end(errEnded)
		return s
	}
	g.readers = append(slices.Clone(g.readers), s)
	return s
}

// Events is [Group.Events] for this reader.
func (s *GroupSubscription) Events(ctx context.Context) iter.Seq2[GroupEvent, error] {
	return func(yield func(GroupEvent, error) bool) { s.events.each(ctx, yield) }
}

// Close ends the subscription. Events still hands out what came before.
func (s *GroupSubscription) Close() {
	g := s.group
	g.mu.Lock()
	g.readers = slices.DeleteFunc(slices.Clone(g.readers), func(other *GroupSubscription) bool { return other == s })
	g.mu.Unlock()
	s.events.end(errEnded)
}

// Done is closed when the group has ended.
func (g *Group) Done() <-chan struct{} { return g.done }

// Err returns why the group ended, an error that matches [ErrClosed], or nil
// while it lives.
func (g *Group) Err() error {
	select {
	case <-g.done:
		return &Error{Op: "group", Kind: ErrClosed, cause: context.Cause(g.ctx)}
	default:
		return nil
	}
}

// Close closes all consoles and returns when nothing of them is left. It always
// returns nil.
func (g *Group) Close() error {
	g.stop()
	g.end(nil)
	<-g.done
	return nil
}

// end closes all consoles. The first call does it.
func (g *Group) end(cause error) {
	g.mu.Lock()
	if g.closed {
		g.mu.Unlock()
		return
	}
	g.closed = true
	consoles := slices.Collect(maps.Values(g.consoles))
	g.mu.Unlock()
	var all sync.WaitGroup
	for _, c := range consoles {
		all.Go(func() { _ = c.shut(cause) })
	}
	all.Wait()
	g.ending.Wait()
	g.mu.Lock()
	readers := g.readers
	g.readers = nil
	g.mu.Unlock()
	for _, s := range readers {
		s.events.end(errEnded)
	}
	close(g.done)
}

// member hands the events of a console to its group. It is called by one
// goroutine at a time.
type member struct {
	group   *Group
	console *Console
	server  string
}

func (m *member) put(events []Event) {
	g := m.group
	g.mu.Lock()
	if change, is := events[len(events)-1].(StateChange); is && change.To == StateClosed && g.consoles[m.server] == m.console {
		delete(g.consoles, m.server) // before anybody is told, who may use the name again
		g.ending.Go(m.console.all.Wait)
	}
	readers := g.readers
	g.mu.Unlock()
	for _, s := range readers {
		if s.wanted == ^eventSet(0) && len(events) == 1 {
			s.events.put(GroupEvent{m.server, events[0]})
			continue
		}
		var wanted []GroupEvent
		for _, e := range events {
			if s.wanted.has(e) {
				wanted = append(wanted, GroupEvent{m.server, e})
			}
		}
		s.events.put(wanted...)
	}
}

// end has nothing to do: the last event was a change of state.
func (*member) end(error) {}
