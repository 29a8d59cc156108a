package network

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// echo serves a host with a handler that takes its connection over and sends
// back what comes, a line at a time.
func echo(t *testing.T, n *Network, address string) *Host {
	t.Helper()
	h, err := n.Listen(address)
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	h.Serve(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		raw, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		served.Go(func() {
			defer raw.Close()
			for {
				line, err := rw.ReadString('\n')
				if err != nil {
					return
				}
				if _, err := raw.Write([]byte("> " + line)); err != nil {
					return
				}
			}
		})
	}))
	t.Cleanup(func() {
		for _, c := range h.open() {
			_ = c.Close() // as who took it over would
		}
		h.Close()
		served.Wait()
	})
	return h
}

// line is a client of echo.
type line struct {
	net.Conn
	r *bufio.Reader
}

// connect makes a connection and sends the head of its request.
func connect(t *testing.T, n *Network, h *Host) *line {
	t.Helper()
	c, err := n.Dial(t.Context(), "tcp", h.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	return &line{c, bufio.NewReader(c)}
}

// say sends a line.
func (l *line) say(t *testing.T, text string) {
	t.Helper()
	if _, err := io.WriteString(l, text+"\n"); err != nil {
		t.Error(err)
	}
}

// hear returns the next line, or the error. It waits no longer than a time.
func (l *line) hear(patience time.Duration) (string, error) {
	_ = l.SetReadDeadline(time.Now().Add(patience))
	text, err := l.r.ReadString('\n')
	return strings.TrimSuffix(text, "\n"), err
}

// expect fails unless the next line is the given one.
func (l *line) expect(t *testing.T, want string) {
	t.Helper()
	if got, err := l.hear(time.Minute); got != want || err != nil {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
}

func inMemory(t *testing.T, f func(t *testing.T, n *Network, h *Host)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &Network{InMemory: true}
		f(t, n, echo(t, n, "host.test:80"))
	})
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

func TestBlackHole(t *testing.T) {
	inMemory(t, func(t *testing.T, n *Network, h *Host) {
		t.Helper()
		before := connect(t, n, h)
		before.say(t, "a")
		before.expect(t, "> a")
		begin := time.Now()
		h.BlackHole(10 * time.Second)
		for range 3 { // which all arrive nowhere
			before.say(t, strings.Repeat("x", 10_000))
		}
		if text, err := before.hear(5 * time.Second); !isTimeout(err) {
			t.Errorf("%q, %v", text, err)
		}
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := n.Dial(impatient, "tcp", h.Address); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		after := connect(t, n, h)
		if took := time.Since(begin); took != 10*time.Second {
			t.Errorf("a dial took %v", took)
		}
		after.say(t, "b")
		after.expect(t, "> b")
		if text, err := before.hear(time.Hour); !isTimeout(err) {
			t.Errorf("what is lost comes back: %q, %v", text, err)
		}
		for _, c := range h.open() { // the host closes it, and the client does not hear of it
			_ = c.Close()
		}
		if text, err := before.hear(time.Hour); !isTimeout(err) {
			t.Errorf("what is lost comes back: %q, %v", text, err)
		}
		_ = before.Close()
		if synctest.Wait(); len(h.open()) != 0 {
			t.Errorf("%d connections are left", len(h.open()))
		}
	})
}

func TestBlackHoleOfAnIdleHost(t *testing.T) {
	inMemory(t, func(t *testing.T, n *Network, h *Host) {
		t.Helper()
		c, err := n.Dial(t.Context(), "tcp", h.Address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		synctest.Wait()
		h.BlackHole(time.Second)
		time.Sleep(2 * headerTimeout) // when the server closes it
		_ = c.SetReadDeadline(time.Now().Add(time.Second))
		if _, err := c.Read(make([]byte, 1)); !isTimeout(err) {
			t.Error(err)
		}
	})
}

func TestFreeze(t *testing.T) {
	inMemory(t, func(t *testing.T, n *Network, h *Host) {
		t.Helper()
		before := connect(t, n, h)
		before.say(t, "a")
		before.expect(t, "> a")
		h.Freeze(10 * time.Second)
		h.Freeze(5 * time.Second) // does not end the other one
		for _, text := range []string{"b", "c", "d"} {
			before.say(t, text)
		}
		if text, err := before.hear(9 * time.Second); !isTimeout(err) {
			t.Errorf("%q, %v", text, err)
		}
		during := connect
		go func() {
			time.Sleep(2 * time.Second)
			before.say(t, "e")
		}()
		for _, want := range []string{"> b", "> c", "> d", "> e"} {
			before.expect(t, want)
		}
		h.Freeze(time.Second)
		begin := time.Now()
		late := during(t, n, h)
		late.say(t, "f")
		late.expect(t, "> f")
		if took := time.Since(begin); took != time.Second {
			t.Errorf("it took %v", took)
		}
		h.Freeze(time.Second)
		late.say(t, "g")
		_ = late.Close()
		time.Sleep(2 * time.Second)
		if synctest.Wait(); len(h.open()) != 1 {
			t.Errorf("%d connections are open", len(h.open()))
		}
	})
}

func TestRefuse(t *testing.T) {
	inMemory(t, func(t *testing.T, n *Network, h *Host) {
		t.Helper()
		before := connect(t, n, h)
		h.Refuse(2 * time.Second)
		h.Refuse(time.Second)
		before.say(t, "a")
		before.expect(t, "> a")
		for range 2 {
			if _, err := n.Dial(t.Context(), "tcp", h.Address); !errors.Is(err, errRefused) {
				t.Error(err)
			}
			time.Sleep(time.Second - time.Nanosecond)
		}
		time.Sleep(2 * time.Nanosecond)
		synctest.Wait()
		connect(t, n, h)
		for range 3 {
			h.SetStopped(true)
			h.SetStopped(false)
		}
		h.SetStopped(true)
		if _, err := n.Dial(t.Context(), "tcp", h.Address); !errors.Is(err, errRefused) {
			t.Error(err)
		}
		h.Refuse(time.Second)
		time.Sleep(2 * time.Second)
		if _, err := n.Dial(t.Context(), "tcp", h.Address); !errors.Is(err, errRefused) {
			t.Error(err)
		}
		h.SetStopped(false)
		connect(t, n, h).say(t, "b")
	})
}

func TestCut(t *testing.T) {
	inMemory(t, func(t *testing.T, n *Network, h *Host) {
		t.Helper()
		c, other := connect(t, n, h), connect(t, n, h)
		c.say(t, "a")
		c.expect(t, "> a")
		h.Cut(7)
		c.say(t, "b")
		c.expect(t, "> b")
		c.say(t, "c")
		if text, err := c.hear(time.Second); text != "> c" || !errors.Is(err, io.EOF) {
			t.Errorf("%q, %v", text, err)
		}
		h.Cut(0)
		if text, err := other.hear(time.Second); text != "" || !errors.Is(err, io.EOF) {
			t.Errorf("%q, %v", text, err)
		}
		last := connect(t, n, h)
		last.say(t, "d")
		last.expect(t, "> d")
	})
}

// On real sockets, where the times are those of the kernel, it is what happens
// that counts.
func TestFaultsOfRealSockets(t *testing.T) {
	t.Parallel()
	n := new(Network)
	h := echo(t, n, "127.0.0.1:0")
	c := connect(t, n, h)
	c.say(t, "a")
	c.expect(t, "> a")

	h.SetStopped(true)
	if _, err := n.Dial(t.Context(), "tcp", h.Address); err == nil {
		t.Error("a dial is not refused")
	}
	h.SetStopped(false)
	h.Refuse(time.Millisecond)
	for {
		again, err := n.Dial(t.Context(), "tcp", h.Address)
		if err == nil {
			_ = again.Close()
			break
		}
		if !strings.Contains(err.Error(), "refused") {
			t.Fatal(err)
		}
	}
	c.say(t, "b")
	c.expect(t, "> b")

	h.Freeze(20 * time.Millisecond)
	c.say(t, "c")
	c.expect(t, "> c")

	h.BlackHole(20 * time.Millisecond)
	c.say(t, "d")
	during := connect(t, n, h)
	during.say(t, "e")
	during.expect(t, "> e")
	if text, err := c.hear(time.Millisecond); !isTimeout(err) {
		t.Errorf("%q, %v", text, err)
	}
	h.Cut(3)
	during.say(t, "f")
	if text, err := during.hear(time.Minute); text != "> f" || err == nil {
		t.Errorf("%q, %v", text, err)
	}
}
