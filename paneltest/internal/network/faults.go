package network

import "time"

// BlackHole makes all packets to and from the host vanish for a time. Connections
// that are open now are lost for good, and neither end is told. Those that are
// dialed meanwhile are made when it is over.
func (h *Host) BlackHole(d time.Duration) {
	h.extend(&h.hole, d)
	for _, c := range h.open() {
		c.lose()
	}
}

// Freeze holds all that is sent to the host and by it for a time. Then it
// arrives.
func (h *Host) Freeze(d time.Duration) {
	h.extend(&h.frozen, d)
	for _, c := range h.open() {
		c.freeze()
	}
	time.AfterFunc(d, func() {
		h.mu.Lock()
		over := !time.Now().Before(h.frozen)
		h.mu.Unlock()
		if !over {
			return // there is another one
		}
		for _, c := range h.open() {
			c.melt()
		}
	})
}

// Refuse refuses new connections for a time. Those that are open stay so. When
// it is over, and before the first connection, ready is called.
func (h *Host) Refuse(d time.Duration, ready func()) {
	h.extend(&h.refused, d)
	h.update()
	time.AfterFunc(d, func() {
		ready()
		h.update()
	})
}

// SetStopped refuses new connections until it is called again.
func (h *Host) SetStopped(stopped bool) {
	h.mu.Lock()
	h.stopped = stopped
	h.mu.Unlock()
	h.update()
}

// Cut ends each connection that is open now after so many more bytes to its
// client.
func (h *Host) Cut(after int) {
	for _, c := range h.open() {
		c.cut(after)
	}
}

// extend makes a time be over in a while, or later.
func (h *Host) extend(until *time.Time, d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if end := time.Now().Add(d); end.After(*until) {
		*until = end
	}
}

// open returns the connections that are open, but for those that are not served
// yet.
func (h *Host) open() []*conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	conns := make([]*conn, 0, len(h.conns))
	for c, served := range h.conns {
		if served {
			conns = append(conns, c)
		}
	}
	return conns
}

// listenAgain is how soon a host tries again whose address is taken by somebody
// else.
const listenAgain = 20 * time.Millisecond

// update opens or closes the listener, as the host refuses connections or not.
func (h *Host) update() {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch refuses := h.stopped || time.Now().Before(h.refused); {
	case h.closed:
	case refuses:
		h.shut()
	case h.listener == nil:
		listener, err := h.network.open(h.Address, h)
		if err != nil {
			time.AfterFunc(listenAgain, h.update)
			return
		}
		h.listener = listener
		select {
		case <-h.opened: // it is closed already
		default:
		}
		h.opened <- listener // has room, as only the holder of mu sends
	}
}
