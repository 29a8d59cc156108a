package paneltest

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
)

// changes tells those who want to know that something has changed.
type changes struct {
	listened atomic.Bool // whether anybody wants to

	mu        sync.Mutex
	listeners []chan struct{}
}

// Changes returns a channel that receives a value after the requests, servers,
// lines, nodes or faults have changed. Several changes may share one value.
// Nothing is sent once the context has ended.
func (p *Panel) Changes(ctx context.Context) <-chan struct{} { return p.changes.listen(ctx) }

func (c *changes) listen(ctx context.Context) <-chan struct{} {
	listener := make(chan struct{}, 1)
	c.mu.Lock()
	c.listeners = append(c.listeners, listener)
	c.listened.Store(true)
	c.mu.Unlock()
	context.AfterFunc(ctx, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.listeners = slices.DeleteFunc(c.listeners, func(other chan struct{}) bool { return other == listener })
		c.listened.Store(len(c.listeners) > 0)
	})
	return listener
}

func (c *changes) notify() {
	if !c.listened.Load() {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, listener := range c.listeners {
		select {
		case listener <- struct{}{}:
		default: // one is waiting
		}
	}
}
