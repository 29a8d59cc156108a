package console

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
)

// Policy decides what a subscription keeps for a slow reader. No policy makes the
// console wait, because the daemon slows down all clients of a server if one of them
// stops reading.
type Policy struct {
	events int // 0 is for the zero value, negative for no limit
	bytes  int
}

// DropOldest keeps the last events, up to the given number and [BufferBytes] of
// memory. The reader gets the number of dropped events as [Dropped].
func DropOldest(events int) Policy { return Policy{events, BufferBytes} }

// KeepAll keeps every event until it is read. Its memory has no limit.
func KeepAll() Policy { return Policy{events: -1} }

func (p Policy) check() error {
	if p.events == 0 || p.events < -1 {
		return errors.New("DropOldest: the number of events must be positive")
	}
	return nil
}

// sink takes the events of a console. It must not wait, nor keep the slice.
type sink interface {
	put(events []Event)
	end(err error)
}

// Subscription is one reader of a console's events. It must be closed when it is
// no longer needed.
type Subscription struct {
	console *Console
	events  queue[Event]
	wanted  eventSet
	pumping sync.Once
	channel chan Event // made when it is asked for
	stop    sync.Once
	stopped chan struct{}
}

func newSubscription(c *Console, policy Policy, wanted eventSet) *Subscription {
	return &Subscription{
		console: c, wanted: wanted, stopped: make(chan struct{}),
		events: queue[Event]{
			policy: policy, size: sizeOf, wake: make(chan struct{}, 1),
			of:   func(Event) string { return "" },
			lost: func(_ string, n int) Event { return Dropped{n} },
		},
	}
}

// Subscribe adds a reader, who gets the events from now on: those of the types
// of the values given, such as Output{}, or all if there are none.
func (c *Console) Subscribe(policy Policy, wanted ...Event) (*Subscription, error) {
	set, err := eventsOf(wanted)
	if err == nil {
		err = policy.check()
	}
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	s := newSubscription(c, policy, set)
	c.attach(s)
	return s, nil
}

func (s *Subscription) put(events []Event) {
	if s.wanted == ^eventSet(0) {
		s.events.put(events...)
		return
	}
	for _, e := range events {
		if s.wanted.has(e) {
			s.events.put(e)
		}
	}
}

func (s *Subscription) end(err error) { s.events.end(err) }

// Events hands out the events one by one, and waits for more. It ends without an
// error when the console or the subscription is closed, and with an error, which
// comes last, when the console ends for another reason or ctx ends. What was not
// read is there for another call; several readers at once share the events.
func (s *Subscription) Events(ctx context.Context) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) { s.events.each(ctx, yield) }
}

// Channel returns the events as a channel, which is closed when the console or the
// subscription ends. Use either Channel or Events, not both. A reader that stops
// early must call Close.
func (s *Subscription) Channel() <-chan Event {
	s.pumping.Do(func() {
		s.channel = make(chan Event)
		go s.pump()
	})
	return s.channel
}

func (s *Subscription) pump() {
	defer close(s.channel)
	for event, err := range s.Events(context.Background()) {
		if err != nil {
			return
		}
		select {
		case s.channel <- event:
		case <-s.stopped:
			return
		}
	}
}

// Close ends the subscription. Events still hands out what came before.
func (s *Subscription) Close() {
	s.console.detach(s)
	s.end(errEnded)
	s.discard()
}

// discard ends the channel, whether or not somebody reads it.
func (s *Subscription) discard() { s.stop.Do(func() { close(s.stopped) }) }
