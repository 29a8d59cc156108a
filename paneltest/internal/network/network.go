// Package network is where a Panel and its nodes listen: on this machine, or in
// memory.
package network

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Network is where a Panel and its nodes listen: on this server, or in memory.
type Network struct {
	InMemory bool

	mu    sync.Mutex
	hosts map[string]*memoryListener // by address, in memory alone
}

// Host serves the Panel or one node.
type Host struct {
	Address  string // host and port
	listener net.Listener
	server   *http.Server // nil until it serves
	closed   atomic.Bool
	done     sync.WaitGroup // what serves its connections
}

// headerTimeout bounds how long the head of a request may take.
const headerTimeout = 10 * time.Second

// Listen opens a host. An address in memory is taken as it is; others may leave
// the port to chance. Who connects waits until the host serves.
func (n *Network) Listen(address string) (*Host, error) {
	h := new(Host)
	if n.InMemory {
		h.listener = n.inMemoryListener(address)
	} else {
		l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", address)
		if err != nil {
			return nil, err
		}
		h.listener = l
	}
	h.Address = h.listener.Addr().String()
	return h, nil
}

// Serve begins to serve a host.
func (h *Host) Serve(handler http.Handler) {
	h.server = &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTimeout, ErrorLog: log.New(io.Discard, "", 0), ConnState: h.count,
	}
	h.done.Go(func() { _ = h.server.Serve(h.listener) }) // ends with http.ErrServerClosed
}

// count counts the connections in, until nobody serves them any more. Those
// that are taken over are up to who does that.
func (h *Host) count(conn net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		h.done.Add(1)
		if h.closed.Load() {
			_ = conn.Close() // the server does not know it yet
		}
	case http.StateClosed, http.StateHijacked:
		h.done.Done()
	case http.StateActive, http.StateIdle:
	}
}

// Close ends all connections, and waits until nobody serves them any more.
func (h *Host) Close() {
	h.closed.Store(true)
	_ = h.listener.Close() // it is to end, however it does
	if h.server != nil {
		_ = h.server.Close() // as are the connections
	}
	h.done.Wait()
}

// Dial connects to a host of the network.
func (n *Network) Dial(ctx context.Context, kind, address string) (net.Conn, error) {
	if !n.InMemory {
		return new(net.Dialer).DialContext(ctx, kind, address)
	}
	n.mu.Lock()
	listener := n.hosts[address]
	n.mu.Unlock()
	if listener == nil {
		return nil, &net.OpError{Op: "dial", Net: kind, Err: errRefused}
	}
	return listener.dial(ctx)
}

var errRefused = errors.New("connection refused")

// inMemoryListener makes a listener in memory.
func (n *Network) inMemoryListener(address string) net.Listener {
	l := &memoryListener{address: memoryAddress(address), network: n, conns: make(chan net.Conn), closed: make(chan struct{})}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.hosts == nil {
		n.hosts = make(map[string]*memoryListener)
	}
	n.hosts[address] = l
	return l
}

// memoryAddress is an address in memory.
type memoryAddress string

// Network implements [net.Addr].
func (memoryAddress) Network() string { return "memory" }

// String implements [net.Addr].
func (a memoryAddress) String() string { return string(a) }

// memoryListener hands out the ends of pipes.
type memoryListener struct {
	address memoryAddress
	network *Network
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
	l.once.Do(func() {
		close(l.closed)
		l.network.mu.Lock()
		defer l.network.mu.Unlock()
		if l.network.hosts[string(l.address)] == l {
			delete(l.network.hosts, string(l.address))
		}
	})
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
