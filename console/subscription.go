package console

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
)

// Policy is what a subscription keeps for a slow reader. There is none that
// makes the console wait: the daemon slows down all clients of a server when
// one of them does not read.
type Policy struct {
	keep int // events; 0 is for the zero value, negative for no limit
}

// DropOldest keeps the last events, as many as told, and counts those that it
// drops. The reader gets the count as [Dropped].
func DropOldest(events int) Policy { return Policy{events} }

// KeepAll keeps every event until it is read, whatever memory that takes.
func KeepAll() Policy { return Policy{-1} }

func (p Policy) check() error {
	if p.keep == 0 || p.keep < -1 {
		return errors.New("DropOldest: the number of events must be positive")
	}
	return nil
}

// limit is what a queue takes.
func (p Policy) limit() int { return max(p.keep, 0) }

// sink takes the events of a console.
type sink interface {
	put(Event)
	end(error)
}

// Subscription is one reader of a console's events. It must be closed when it is
// no longer needed.
type Subscription struct {
	*queue[Event]
	console *Console
	pumping sync.Once
	channel chan Event // made when it is asked for
	stop    sync.Once
	stopped chan struct{}
}

func newSubscription(c *Console, policy Policy) *Subscription {
	return &Subscription{queue: newQueue[Event](policy.limit()), console: c, stopped: make(chan struct{})}
}

// Subscribe adds a reader, who gets the events from now on.
func (c *Console) Subscribe(policy Policy) (*Subscription, error) {
	if err := policy.check(); err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	s := newSubscription(c, policy)
	c.attach(s)
	return s, nil
}

// Events hands out the events one by one, and waits for more. It ends without an
// error when the console or the subscription is closed, and with an error, which
// comes last, when the console ends for another reason or ctx ends. What was not
// read is there for another call; several readers at once share the events.
func (s *Subscription) Events(ctx context.Context) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		s.each(ctx, func(n int) Event { return Dropped{n} }, yield)
	}
}

// Channel hands out the events by a channel, which is closed when the console
// or the subscription ends. Use it or Events, not both. Who stops reading it
// before must call Close.
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
