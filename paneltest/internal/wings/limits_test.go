package wings

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

func TestLimitsSockets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{Version: Version1123})
		d.create(testServer, protocol.ServerConfig{})
		var clients []*testClient
		for range 30 {
			clients = append(clients, d.dial())
		}
		for range 2 {
			_, resp, _ := d.tryDial(testServer, testPanel)
			if resp.status != 400 || resp.body != `{"error":"Too many open websocket connections."}` {
				t.Errorf("%+v", resp)
			}
		}
		clients[7].conn.CloseNow()
		clients[8].ended()
		d.dial()
	})
}

func TestLimitsCompression(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{Version: Version1123})
		srv := d.create(testServer, protocol.ServerConfig{Running: true})
		c, resp, err := d.tryDial(testServer, testPanel)
		if err != nil {
			t.Fatal(err)
		}
		if got := resp.header.Get("Sec-WebSocket-Extensions"); got != "permessage-deflate; server_no_context_takeover; client_no_context_takeover" &&
			got != "permessage-deflate; client_no_context_takeover; server_no_context_takeover" {
			t.Error(got)
		}
		c.send("auth", sign(claims()))
		c.expect("auth success", "status: running")
		srv.print(strings.Repeat("x", 5000))
		c.expect("console output: xxx")
	})
}

func TestLimitsMessageSize(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{Version: Version1123})
		srv := d.create(testServer, protocol.ServerConfig{Running: true})
		c, _, err := d.tryDial(testServer, testPanel)
		if err != nil {
			t.Fatal(err)
		}
		c.send("auth", sign(claims()))
		c.expect("auth success", "status: running")
		frame := func(size int) string {
			text := `{"event":"send command","args":[""]}`
			return text[:len(text)-3] + strings.Repeat("x", size-len(text)) + text[len(text)-3:]
		}
		c.raw(websocket.MessageText, frame(4096))
		if got := c.take(); len(got) != 2 {
			t.Errorf("%d frames", len(got))
		}
		c.raw(websocket.MessageBinary, `{"event":"send stats"}`) // is ignored
		c.expect()
		c.raw(websocket.MessageText, frame(4097))
		var closed websocket.CloseError
		if c.code() != 1009 || !errors.As(c.ended(), &closed) || closed.Reason != "" {
			t.Error(c.ended())
		}
		if srv.State() != "running" {
			t.Error(srv.State())
		}
	})
}

func TestLimitsRates(t *testing.T) {
	t.Parallel()
	// As measured: how often a burst of one event is answered, and what the
	// client is told.
	for _, tt := range []struct {
		event     string
		burst     int
		answers   int
		throttled []string
	}{
		{"send stats", 300, 4, []string{"global", "send stats"}},
		{"send command", 300, 10, []string{"global"}},
		{"auth", 100, 2, []string{"global", "auth"}},
		{"send logs", 50, 2, []string{"global", "send logs"}},
		{"nonsense", 300, 0, []string{"global", "nonsense"}},
	} {
		t.Run(tt.event, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := startDaemon(t, Config{Version: Version1123})
				d.create(testServer, protocol.ServerConfig{Running: true, Game: protocol.Game{
					Boot: []string{}, Answer: func(string) []string { return nil },
				}})
				token := sign(claims())
				c := d.join()
				time.Sleep(10*time.Second + 100*time.Millisecond) // all is full again
				c.take()
				count := func() (answers int, throttled []string) {
					for _, message := range c.take() {
						if message.Event == "throttled" {
							throttled = append(throttled, message.Args...)
						} else {
							answers++
						}
					}
					return answers, throttled
				}
				for range tt.burst {
					c.send(tt.event, token)
				}
				if answers, throttled := count(); answers != tt.answers || !slices.Equal(throttled, tt.throttled) {
					t.Errorf("%d answers, throttled %v", answers, throttled)
				}
				time.Sleep(5500 * time.Millisecond)
				c.take()
				c.send(tt.event, token)
				if answers, throttled := count(); answers != min(tt.answers, 1) || throttled != nil {
					t.Errorf("later %d answers, throttled %v", answers, throttled)
				}
			})
		})
	}
}

func TestLimitsOfOneEventAreItsOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{Version: Version1123})
		d.create(testServer, protocol.ServerConfig{Running: true})
		c := d.join()
		time.Sleep(time.Second + 100*time.Millisecond)
		c.take()
		for i := range 4 {
			c.send("odd " + strconv.Itoa(i))
		}
		c.send("send stats") // shares a bucket with all that are odd
		c.expect("throttled: send stats")
		c.send("send command", "x")
		c.expect("console output: x", "console output: > x")
	})
}

func TestNoLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		srv := d.create(testServer, protocol.ServerConfig{Running: true})
		for range 60 {
			d.dial()
		}
		c := d.join()
		for range 300 {
			c.send("send stats")
		}
		if got := len(c.take()); got != 300 {
			t.Errorf("%d answers", got)
		}
		for range 150 {
			srv.print("x")
		}
		c.take()
		for range 50 {
			c.send("send logs")
		}
		if got := len(c.take()); got != 7500 {
			t.Errorf("%d lines", got)
		}
		c.send("send command", strings.Repeat("x", 2<<20))
		if got := c.take(); len(got) != 2 {
			t.Errorf("%d frames", len(got))
		}
		c.raw(websocket.MessageBinary, `{"event":"send stats"}`)
		c.expect("stats: running")
	})
}

func TestLimitsSuspended(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{Version: Version1123})
		srv := d.create(testServer, protocol.ServerConfig{Running: true})
		c := d.join()
		srv.SetSuspended(true)
		if c.code() != -1 {
			t.Error(c.ended())
		}
		c = d.dial()
		var closed websocket.CloseError
		if c.code() != 4409 || !errors.As(c.ended(), &closed) || closed.Reason != "server is suspended" {
			t.Error(c.ended())
		}
		srv.SetSuspended(false)
		d.join()
	})
}

func TestLimitsDeleted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{Version: Version1123})
		d.create(testServer, protocol.ServerConfig{})
		c := d.join()
		d.Delete(testServer)
		if c.code() != -1 {
			t.Error(c.ended())
		}
		c.expect("deleted: null")
	})
}
