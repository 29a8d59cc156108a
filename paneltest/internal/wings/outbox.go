package wings

import (
	"slices"
	"sync"

	"github.com/coder/websocket"
)

// outgoing is something that a socket's writer does: it sends a frame, or it
// ends the socket.
type outgoing struct {
	frame []byte

	// event reports whether the frame answers nothing, so that it may be lost.
	event bool

	close  websocket.StatusCode // if not 0
	reason string
	drop   bool // ends it without a close frame
}

// outboxSize is how many frames wait for a client that is slow to read. It is
// more than one period of the console's throttle lets through, so that clients
// that read lose nothing.
const outboxSize = 4096

// outbox holds what a socket's writer has yet to do.
type outbox struct {
	mu     sync.Mutex
	items  []outgoing
	filled chan struct{} // has an element if there may be items
	room   chan struct{} // has an element if there may be room
}

func newOutbox() *outbox {
	return &outbox{filled: make(chan struct{}, 1), room: make(chan struct{}, 1)}
}

// offer adds an item unless the outbox is full.
func (o *outbox) offer(item outgoing) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.items) >= outboxSize {
		return false
	}
	o.items = append(o.items, item)
	signal(o.filled)
	if len(o.items) < outboxSize {
		signal(o.room) // for the next who waits
	}
	return true
}

// waitForRoom returns when there is room, or when the socket ends.
func (o *outbox) waitForRoom(ended <-chan struct{}) {
	for {
		o.mu.Lock()
		full := len(o.items) >= outboxSize
		if !full {
			signal(o.room) // for the next who waits
		}
		o.mu.Unlock()
		if !full {
			return
		}
		select {
		case <-o.room:
		case <-ended:
			return
		}
	}
}

// add adds an item whether there is room or not.
func (o *outbox) add(item outgoing) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.items = append(o.items, item)
	signal(o.filled)
}

// replace adds an item in place of the oldest event.
func (o *outbox) replace(item outgoing) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if i := slices.IndexFunc(o.items, func(item outgoing) bool { return item.event }); i >= 0 {
		o.items = slices.Delete(o.items, i, i+1)
	}
	o.items = append(o.items, item)
	signal(o.filled)
}

// take removes all items, in their order.
func (o *outbox) take() []outgoing {
	o.mu.Lock()
	defer o.mu.Unlock()
	items := o.items
	o.items = nil
	signal(o.room)
	return items
}

// signal puts an element into a channel that has room for one.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
