// Package network is where a Panel and its nodes listen: on this machine, or in
// memory. It can fail as networks do.
package network

import (
	"context"
	"errors"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Network is where a Panel and its nodes listen: on this server, or in memory.
type Network struct {
	InMemory bool

	mu    sync.Mutex
	hosts map[string]*Host // by address, in memory alone
}

// Host serves the Panel or one node.
type Host struct {
	Address string // host and port

	network  *Network
	server   *http.Server      // nil until it serves
	opened   chan net.Listener // one that was opened again, has room for it
	accepted chan net.Conn
	end      chan struct{}  // is closed when the host is
	done     sync.WaitGroup // what serves its connections, and accepts them

	mu       sync.Mutex   // guards what follows
	listener net.Listener // nil while dials are refused
	closed   bool
	conns    map[*conn]bool // that are open, and whether they are served
	stopped  bool
	refused  time.Time // until when dials are refused
	hole     time.Time // until when packets vanish
	frozen   time.Time // until when nothing is delivered
}

// headerTimeout bounds how long the head of a request may take.
const headerTimeout = 10 * time.Second

// Listen opens a host. An address in memory is taken as it is; others may leave
// the port to chance. Who connects waits until the host serves.
func (n *Network) Listen(address string) (*Host, error) {
	h := &Host{
		network: n, opened: make(chan net.Listener, 1), accepted: make(chan net.Conn), end: make(chan struct{}),
		conns: make(map[*conn]bool),
	}
	listener, err := n.open(address, h)
	if err != nil {
		return nil, err
	}
	h.listener = listener
	h.Address = listener.Addr().String()
	return h, nil
}

// open opens the listener of a host.
func (n *Network) open(address string, h *Host) (net.Listener, error) {
	if !n.InMemory {
		return new(net.ListenConfig).Listen(context.Background(), "tcp", address)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.hosts == nil {
		n.hosts = make(map[string]*Host)
	}
	n.hosts[address] = h
	return &memoryListener{address: memoryAddress(address), conns: make(chan net.Conn), closed: make(chan struct{})}, nil
}

// Serve begins to serve a host.
func (h *Host) Serve(handler http.Handler) {
	h.server = &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTimeout, ErrorLog: log.New(io.Discard, "", 0), ConnState: h.count,
	}
	h.done.Go(h.accept)
	h.done.Go(func() { _ = h.server.Serve(hostListener{h}) }) // ends with http.ErrServerClosed
}

// accept takes connections until the host is closed.
func (h *Host) accept() {
	h.mu.Lock()
	listener := h.listener
	h.mu.Unlock()
	for {
		if listener == nil {
			select {
			case listener = <-h.opened:
			case <-h.end:
				return
			}
		}
		raw, err := listener.Accept()
		if err != nil {
			listener = nil // until it is opened again
			continue
		}
		c := h.take(raw)
		if c == nil {
			_ = raw.Close() // it came too late
			return
		}
		if h.held() > 0 {
			h.done.Go(func() { h.deliver(c) })
		} else {
			h.deliver(c)
		}
	}
}

// take counts a connection in, unless the host is closed.
func (h *Host) take(raw net.Conn) *conn {
	c := &conn{Conn: raw, host: h, left: -1, closed: make(chan struct{}), stirred: make(chan struct{}, 1)}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil
	}
	h.conns[c] = false
	return c
}

// held returns how long new connections are not served yet.
func (h *Host) held() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return max(time.Until(h.hole), time.Until(h.frozen))
}

// deliver hands a connection to the server, when connections are.
func (h *Host) deliver(c *conn) {
	for held := h.held(); held > 0; held = h.held() {
		timer := time.NewTimer(held)
		select {
		case <-timer.C:
		case <-h.end:
			timer.Stop()
			return // who closes the host ends it too
		}
	}
	h.mu.Lock()
	h.conns[c] = true
	h.mu.Unlock()
	select {
	case h.accepted <- c:
	case <-h.end:
	}
}

func (h *Host) isClosed() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.closed
}

// count counts the connections in, until nobody serves them any more. Those
// that are taken over are up to who does that.
func (h *Host) count(conn net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		h.done.Add(1)
		if h.isClosed() {
			_ = conn.Close() // the server does not know it yet
		}
	case http.StateClosed, http.StateHijacked:
		h.done.Done()
	case http.StateActive, http.StateIdle:
	}
}

// Close ends all connections, and waits until nobody serves them any more.
func (h *Host) Close() {
	h.mu.Lock()
	if !h.closed {
		h.closed = true
		close(h.end)
	}
	h.shut()
	conns := slices.Collect(maps.Keys(h.conns))
	h.mu.Unlock()
	if h.server != nil {
		_ = h.server.Close() // it is to end, however it does
	}
	for _, c := range conns {
		_ = c.destroy() // it is to end, however it does
	}
	h.done.Wait()
}

// shut closes the listener, so that dials are refused. The caller holds mu.
func (h *Host) shut() {
	if h.listener == nil {
		return
	}
	_ = h.listener.Close() // it is to end, however it does
	h.listener = nil
	h.network.mu.Lock()
	defer h.network.mu.Unlock()
	if h.network.hosts[h.Address] == h {
		delete(h.network.hosts, h.Address)
	}
}

// Dial connects to a host of the network.
func (n *Network) Dial(ctx context.Context, kind, address string) (net.Conn, error) {
	if !n.InMemory {
		return new(net.Dialer).DialContext(ctx, kind, address)
	}
	n.mu.Lock()
	h := n.hosts[address]
	n.mu.Unlock()
	if h == nil {
		return nil, &net.OpError{Op: "dial", Net: kind, Err: errRefused}
	}
	conn, err := h.dial(ctx)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: kind, Err: err}
	}
	return conn, nil
}

var errRefused = errors.New("connection refused")

// dial connects to a host in memory. What a black hole swallows is sent again at
// its end.
func (h *Host) dial(ctx context.Context) (net.Conn, error) {
	for {
		h.mu.Lock()
		listener, hole := h.listener, time.Until(h.hole)
		h.mu.Unlock()
		if hole <= 0 {
			memory, isOpen := listener.(*memoryListener)
			if !isOpen {
				return nil, errRefused
			}
			return memory.dial(ctx)
		}
		timer := time.NewTimer(hole)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		}
	}
}

// hostListener hands the connections of a host to its server.
type hostListener struct{ host *Host }

// Accept implements [net.Listener].
func (l hostListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.host.accepted:
		return c, nil
	case <-l.host.end:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener]. It is the host that is closed.
func (hostListener) Close() error { return nil }

// Addr implements [net.Listener].
func (l hostListener) Addr() net.Addr { return memoryAddress(l.host.Address) }

// memoryAddress is an address in memory.
type memoryAddress string

// Network implements [net.Addr].
func (memoryAddress) Network() string { return "memory" }

// String implements [net.Addr].
func (a memoryAddress) String() string { return string(a) }

// memoryListener hands out the ends of pipes.
type memoryListener struct {
	address memoryAddress
	conns   chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

// Accept implements [net.Listener].
func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener].
func (l *memoryListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr implements [net.Listener].
func (l *memoryListener) Addr() net.Addr { return l.address }

func (l *memoryListener) dial(ctx context.Context) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-l.closed:
		return nil, errRefused
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
