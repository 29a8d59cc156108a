package network

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// conn is the host's end of a connection. It can lose what is sent, or hold it.
type conn struct {
	net.Conn
	host    *Host
	once    sync.Once
	closed  chan struct{} // is closed when the host has closed it
	stirred chan struct{} // has an element if a reader who waits must look again

	mu       sync.Mutex // guards what follows
	lost     bool       // packets vanish from now on, without a word to either side
	thaw     chan struct{}
	kept     []byte    // what came while it was frozen
	keptErr  error     // and how it ended then
	left     int       // bytes that it may still send, -1 for any number
	deadline time.Time // of reads
	woken    bool      // the deadline of Conn is in the past, to end a read
}

// longAgo is a deadline that ends what waits.
var longAgo = time.Unix(1, 0)

// Read implements [net.Conn].
func (c *conn) Read(p []byte) (int, error) {
	for {
		c.mu.Lock()
		switch {
		case c.lost:
			c.mu.Unlock()
			if err := c.waitInVain(); err != nil {
				return 0, err
			}
			continue
		case c.thaw == nil && len(c.kept) > 0:
			n := copy(p, c.kept)
			c.kept = c.kept[n:]
			c.mu.Unlock()
			return n, nil
		case c.thaw == nil && c.keptErr != nil:
			defer c.mu.Unlock()
			return 0, c.keptErr
		case c.keptErr != nil: // nothing more comes, but that is not told yet
			thaw := c.thaw
			c.mu.Unlock()
			select {
			case <-thaw:
			case <-c.closed:
				return 0, net.ErrClosed
			}
			continue
		}
		c.mu.Unlock()
		n, err := c.Conn.Read(p)
		if done := c.read(p[:n], &err); done {
			return n, err
		}
	}
}

// read takes what a read of Conn returned. It reports whether that is to be
// returned.
func (c *conn) read(data []byte, err *error) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	isTimeout := errors.Is(*err, os.ErrDeadlineExceeded)
	switch {
	case c.lost:
		return false
	case isTimeout && c.woken:
		c.woken = false
		_ = c.Conn.SetReadDeadline(c.deadline) // fails if it is closed, as the next read does
		return false
	case isTimeout:
		return true // whatever happens on the network
	case c.thaw == nil && len(c.kept) == 0:
		return true
	}
	c.kept, c.keptErr = append(c.kept, data...), *err
	return false
}

// waitInVain waits for something to read on a connection that is lost: until the
// deadline, or until the host closes it.
func (c *conn) waitInVain() error {
	c.mu.Lock()
	deadline := c.deadline
	c.mu.Unlock()
	var expired <-chan time.Time
	if !deadline.IsZero() {
		timer := time.NewTimer(time.Until(deadline))
		defer timer.Stop()
		expired = timer.C
	}
	select {
	case <-expired:
		return os.ErrDeadlineExceeded
	case <-c.closed:
		return net.ErrClosed
	case <-c.stirred:
		return nil
	}
}

// Write implements [net.Conn].
func (c *conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	lost, thaw, left := c.lost, c.thaw, c.left
	c.mu.Unlock()
	switch {
	case lost:
		return len(p), nil
	case thaw != nil:
		select {
		case <-thaw:
			return c.Write(p)
		case <-c.closed:
			return 0, net.ErrClosed
		}
	case left < 0:
		n, err := c.Conn.Write(p)
		if err != nil && c.isLost() {
			return len(p), nil
		}
		return n, err
	}
	n, err := c.Conn.Write(p[:min(left, len(p))])
	c.mu.Lock()
	c.left -= n
	c.mu.Unlock()
	if err == nil && n == left {
		_ = c.Close() // it is to end, however it does
		err = net.ErrClosed
	}
	return n, err
}

func (c *conn) isLost() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lost
}

// Close implements [net.Conn]. The client does not hear of it if the connection
// is lost.
func (c *conn) Close() error {
	c.once.Do(func() { close(c.closed) })
	if c.isLost() {
		return nil
	}
	return c.destroy()
}

// destroy closes what is below.
func (c *conn) destroy() error {
	c.once.Do(func() { close(c.closed) })
	c.host.mu.Lock()
	delete(c.host.conns, c)
	c.host.mu.Unlock()
	return c.Conn.Close()
}

// lose makes all packets vanish from now on. What the client sends is thrown
// away, until it closes the connection.
func (c *conn) lose() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lost {
		return
	}
	c.lost = true
	_ = c.Conn.SetDeadline(longAgo) // for who reads or writes now; fails if it is closed
	c.host.done.Go(func() {
		defer func() { _ = c.destroy() }() // nobody is there to tell
		buffer := make([]byte, 4<<10)
		for {
			_, err := c.Conn.Read(buffer)
			if errors.Is(err, os.ErrDeadlineExceeded) {
				err = c.Conn.SetReadDeadline(time.Time{})
			}
			if err != nil {
				return
			}
		}
	})
}

// freeze holds what is sent, until melt.
func (c *conn) freeze() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.thaw == nil {
		c.thaw = make(chan struct{})
	}
}

// melt lets what was held go.
func (c *conn) melt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.thaw == nil {
		return
	}
	close(c.thaw)
	c.thaw = nil
	if !c.lost {
		c.woken = true
		_ = c.Conn.SetReadDeadline(longAgo) // fails if it is closed
	}
}

// cut ends the connection after so many more bytes to the client.
func (c *conn) cut(after int) {
	c.mu.Lock()
	c.left = after
	c.mu.Unlock()
	if after == 0 {
		_ = c.Close() // it is to end, however it does
	}
}

// SetReadDeadline implements [net.Conn].
func (c *conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	select {
	case c.stirred <- struct{}{}:
	default: // it will look anyway
	}
	if c.lost || c.woken {
		return nil
	}
	return c.Conn.SetReadDeadline(t)
}

// SetWriteDeadline implements [net.Conn].
func (c *conn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lost {
		return nil
	}
	return c.Conn.SetWriteDeadline(t)
}

// SetDeadline implements [net.Conn].
func (c *conn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// SetLinger is that of [net.TCPConn], if it is one.
func (c *conn) SetLinger(seconds int) error {
	if tcp, is := c.Conn.(*net.TCPConn); is {
		return tcp.SetLinger(seconds)
	}
	return errors.ErrUnsupported
}

// CloseWrite is that of [net.TCPConn], if it is one.
func (c *conn) CloseWrite() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if tcp, is := c.Conn.(*net.TCPConn); is && !c.lost {
		return tcp.CloseWrite()
	}
	return errors.ErrUnsupported
}
