package console_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/console"
)

func TestDial(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWings(t, running)
		c := w.dial()
		if c.Connection() != console.StateLive || c.Power() != client.PowerStateRunning || c.Err() != nil {
			t.Errorf("state %q, power %q, err %v", c.Connection(), c.Power(), c.Err())
		}
		var states []string
		for e, err := range c.Events(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if change, is := e.(console.StateChange); is {
				states = append(states, string(change.To))
				if change.To == console.StateLive {
					break
				}
			}
		}
		if got, want := fmt.Sprint(states), "[fetching credentials dialing authenticating live]"; got != want {
			t.Errorf("states %s, want %s", got, want)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if !errors.Is(c.Err(), console.ErrClosed) {
			t.Errorf("Err = %v", c.Err())
		}
		for e, err := range c.Events(t.Context()) {
			if change, is := e.(console.StateChange); err != nil || is && (change.To != console.StateClosed || change.Err != nil) {
				t.Errorf("after Close: %v, %v", e, err)
			}
		}
	})
}

// A daemon that does not open the socket, or does not take the token.
func TestDialFails(t *testing.T) {
	t.Parallel()
	refuse := func(status int, contentType, body string) func(w http.ResponseWriter, r *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			fmt.Fprint(w, body)
			return true
		}
	}
	answer := func(event, text string) func(*peer) {
		return func(p *peer) {
			for p.token() != "" {
				p.send(event, text)
			}
		}
	}
	for name, c := range map[string]struct {
		refuse  func(w http.ResponseWriter, r *http.Request) bool
		script  func(*peer)
		creds   func(ctx context.Context, n int) (*client.WebsocketCredentials, error)
		opts    []console.Option
		is      error
		text    string
		status  int
		fetches int
	}{
		"origin": {
			opts: []console.Option{console.WithOrigin(origin + "/")},
			is:   console.ErrOrigin, status: 403, text: "allowed_origins", fetches: 1,
		},
		"unknown server":   {refuse: refuse(404, "application/json", `{"error":"The requested resource does not exist on this instance."}`), status: 404, text: "no such server", fetches: 1},
		"too many sockets": {refuse: refuse(400, "application/json", `{"error":"Too many open websocket connections."}`), is: console.ErrTooManySockets, status: 400, text: "close another console", fetches: 1},
		"a proxy's page":   {refuse: refuse(502, "text/html", `<html><h1>secret</h1></html>`), status: 502, text: "502 Bad Gateway: a proxy before the daemon", fetches: 1},
		"a site":           {refuse: refuse(200, "text/html", `<html></html>`), status: 200, text: "not the daemon", fetches: 1},
		"in words":         {refuse: refuse(500, "text/plain", "disk  full"), status: 500, text: "500 Internal Server Error: disk full", fetches: 1},
		"a redirect": {refuse: func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, "http://elsewhere.test/", http.StatusMovedPermanently)
			return true
		}, status: 301, text: "scheme that the Panel has", fetches: 1},
		"malformed token": {
			script: answer("daemon error", "Error Event [f7]: an unexpected error was encountered while handling this request"),
			is:     console.ErrToken, text: "another token than the Panel", fetches: 2,
		},
		"other server": {script: func(p *peer) {
			p.token()
			p.send("auth success")
			p.send("jwt error", "jwt: server uuid mismatch")
			p.idle()
		}, is: console.ErrWrongServer, fetches: 1},
		"no permission to connect": {
			script: answer("jwt error", "Error Event [f7]: jwt: missing connect permission"),
			is:     console.ErrPermission, text: "websocket.connect", fetches: 2,
		},
		"expired for ever": {
			script: answer("jwt error", "Error Event [f7]: jwt: exp claim is invalid"),
			is:     console.ErrSilent, text: "exp claim is invalid", fetches: 4,
		},
		"no answer": {script: func(p *peer) {
			for p.token() != "" {
			}
		}, is: console.ErrSilent, text: "no answer", fetches: 1},
		"closed at once":    {script: func(p *peer) { _ = p.conn.CloseNow() }, text: "ended", fetches: 1},
		"deleted":           {script: func(p *peer) { _ = p.conn.Close(websocket.StatusGoingAway, "server deleted") }, is: console.ErrDeleted, fetches: 1},
		"suspended":         {script: func(p *peer) { _ = p.conn.Close(4409, "server is suspended") }, is: console.ErrSuspended, fetches: 1},
		"not wanted":        {script: func(p *peer) { _ = p.conn.Close(4400, "") }, is: console.ErrRefused, fetches: 1},
		"message too big":   {script: func(p *peer) { _ = p.conn.Close(websocket.StatusMessageTooBig, "") }, text: "1009", fetches: 1},
		"deleted, in words": {script: func(p *peer) { p.token(); p.send("deleted", "null"); p.read() }, is: console.ErrDeleted, fetches: 1},
		"the Panel says no": {creds: func(context.Context, int) (*client.WebsocketCredentials, error) {
			return nil, panelError(http.StatusConflict)
		}, is: client.ErrConflict, fetches: 1},
		"the Panel says 404": {creds: func(context.Context, int) (*client.WebsocketCredentials, error) {
			return nil, panelError(http.StatusNotFound)
		}, is: console.ErrDeleted, fetches: 1},
		"no credentials": {creds: func(context.Context, int) (*client.WebsocketCredentials, error) {
			return &client.WebsocketCredentials{Socket: socket}, nil
		}, text: "no token", fetches: 1},
		"a bad address": {creds: func(context.Context, int) (*client.WebsocketCredentials, error) {
			return &client.WebsocketCredentials{Socket: "https://node.test", Token: "x"}, nil
		}, text: "address", fetches: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWings(t, c.script)
				w.refuse, w.fetch = c.refuse, c.creds
				con, err := console.Dial(t.Context(), w, c.opts...)
				if err == nil {
					_ = con.Close()
					t.Fatal("no error")
				}
				t.Log(err)
				var e *console.Error
				if !errors.As(err, &e) || e.StatusCode != c.status {
					t.Errorf("err = %#v", err)
				}
				if c.is != nil && !errors.Is(err, c.is) {
					t.Errorf("err = %v, want %v", err, c.is)
				}
				if !strings.Contains(err.Error(), c.text) || strings.Contains(err.Error(), "SIGNATURE") {
					t.Errorf("err = %v, want %q in it", err, c.text)
				}
				if fetches, _ := w.count(); fetches != c.fetches {
					t.Errorf("%d credentials were fetched, want %d", fetches, c.fetches)
				}
			})
		})
	}
}

// A context that ends first leaves the reason in the error.
func TestDialInVain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		script func(*peer)
		text   string
	}{
		"refused": {func(p *peer) {
			for p.token() != "" {
				p.send("jwt error", "jwt: created too far in past (denylist)")
			}
		}, "did not open in time (authenticating: jwt: created too far in past (denylist)): context deadline exceeded"},
		"no answer": {func(p *peer) { p.idle() }, "did not open in time (authenticating): context deadline exceeded"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWings(t, c.script)
				ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
				defer cancel()
				con, err := console.Dial(ctx, w)
				if err == nil {
					_ = con.Close()
				}
				if err == nil || !strings.HasSuffix(err.Error(), c.text) || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("err = %v, want %q at its end", err, c.text)
				}
			})
		})
	}
}

func panelError(status int) *client.Error {
	return &client.Error{Operation: "clientGetServerWebsocket", StatusCode: status, Entries: []client.ErrorEntry{{Code: "x", Detail: "y"}}}
}

func TestBadOptions(t *testing.T) {
	t.Parallel()
	w := &wings{}
	for name, opts := range map[string][]console.Option{
		"nil":       {nil},
		"client":    {console.WithHTTPClient(nil)},
		"origin":    {console.WithOrigin("panel.test")},
		"policy":    {console.WithPolicy(console.DropOldest(0))},
		"no policy": {console.WithPolicy(console.Policy{})},
		"keepalive": {console.WithKeepAlive(0, time.Second)},
		"backoff":   {console.WithBackoff(time.Minute, time.Second)},
		"logger":    {console.WithLogger(nil)},
	} {
		if _, err := console.Dial(t.Context(), w, opts...); err == nil || !strings.HasPrefix(err.Error(), "console: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := console.Dial(t.Context(), nil); err == nil {
		t.Error("no source: no error")
	}
}

// Tokens that are not taken at first.
func TestTokenIsReplaced(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		event, text string
		least       time.Duration // between the two tokens
	}{
		"malformed":   {"daemon error", "Error Event [f7]: an unexpected error was encountered while handling this request", 0},
		"expired":     {"jwt error", "Error Event [f7]: jwt: exp claim is invalid", 0},
		"same second": {"jwt error", "Error Event [f7]: jwt: created too far in past (denylist)", time.Second},
		"no connect":  {"jwt error", "Error Event [f7]: jwt: missing connect permission", 0},
		"other words": {"jwt error", "Error Event [f7]: jwt: new in Wings 2", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWings(t, func(p *peer) {
					p.token()
					p.send(c.event, c.text)
					running(p)
				})
				begin := time.Now()
				con := w.dial()
				if took := time.Since(begin); took < c.least || took > c.least+2*time.Second {
					t.Errorf("took %v", took)
				}
				if fetches, sockets := w.count(); fetches != 2 || sockets != 1 {
					t.Errorf("%d fetches, %d sockets", fetches, sockets)
				}
				if w.tokens[0] == w.tokens[1] {
					t.Error("the same token was sent again")
				}
				_ = con
			})
		})
	}
}

// The console renews its token by its own clock, and when it is told to.
func TestRenewal(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tell     func(p *peer)
		min, max time.Duration
	}{
		"own clock": {func(*peer) {}, 8 * time.Minute, 9 * time.Minute},
		"expiring":  {func(p *peer) { p.send("token expiring") }, time.Minute, time.Minute},
		"expired":   {func(p *peer) { p.send("token expired") }, time.Minute, time.Minute},
		"jwt error": {func(p *peer) { p.send("jwt error", "jwt: exp claim is invalid") }, time.Minute, time.Minute},
		"revoked":   {func(p *peer) { p.send("jwt error", "jwt: created too far in past (denylist)") }, time.Minute + time.Second, time.Minute + 3*time.Second},
		"unknown":   {func(p *peer) { p.send("jwt error", "jwt: new in Wings 2") }, time.Minute, time.Minute},
		"no token":  {func(p *peer) { p.send("jwt error", "jwt: no jwt present") }, time.Minute, time.Minute},
		"in a flood": {func(p *peer) {
			for range 20 {
				p.send("jwt error", "jwt: exp claim is invalid")
			}
		}, time.Minute, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWings(t, func(p *peer) {
					p.admit("running")
					time.AfterFunc(time.Minute, func() { c.tell(p) })
					p.idle()
				})
				con := w.dial()
				begin := time.Now()
				until(t, con, console.StateRenewing)
				until(t, con, console.StateLive)
				if took := time.Since(begin); took < c.min || took > c.max {
					t.Errorf("renewed after %v", took)
				}
				if fetches, sockets := w.count(); fetches != 2 || sockets != 1 {
					t.Errorf("%d fetches, %d sockets", fetches, sockets)
				}
			})
		})
	}
}

// While the Panel fails, the socket stays and the console tries again.
func TestRenewalWhilePanelIsDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWings(t, running)
		var asked []time.Time
		w.fetch = func(_ context.Context, n int) (*client.WebsocketCredentials, error) {
			asked = append(asked, time.Now())
			switch n {
			case 2, 4:
				return nil, &client.Error{Operation: "clientGetServerWebsocket", StatusCode: http.StatusBadGateway}
			case 3:
				return nil, &client.Error{Operation: "clientGetServerWebsocket", StatusCode: http.StatusTooManyRequests, RetryAfter: 40 * time.Second}
			case 5: // a proxy's page is no word of the Panel
				return nil, &client.Error{Operation: "clientGetServerWebsocket", StatusCode: http.StatusNotFound}
			}
			return nil, nil
		}
		c := w.dial()
		until(t, c, console.StateRenewing)
		until(t, c, console.StateLive)
		if fetches, sockets := w.count(); fetches != 6 || sockets != 1 {
			t.Errorf("%d fetches, %d sockets", fetches, sockets)
		}
		if waited := asked[3].Sub(asked[2]); waited < 40*time.Second {
			t.Errorf("asked %v after a 429 with 40 s", waited)
		}
	})
}

// The Panel ends what it no longer allows.
func TestRenewalIsRefused(t *testing.T) {
	t.Parallel()
	for status, is := range map[int]error{
		404: console.ErrDeleted, 403: console.ErrPermission, 401: console.ErrPermission, 409: console.ErrSuspended,
	} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWings(t, running)
				w.fetch = func(_ context.Context, n int) (*client.WebsocketCredentials, error) {
					if n > 1 {
						err := panelError(status)
						err.Entries[0].Detail = "This server is currently suspended and the functionality requested is unavailable."
						return nil, err
					}
					return nil, nil
				}
				c := w.dial()
				<-c.Done()
				if !errors.Is(c.Err(), is) || !errors.As(c.Err(), new(*client.Error)) {
					t.Errorf("Err = %v, want %v and the Panel's error", c.Err(), is)
				}
				var last error
				for _, err := range c.Events(t.Context()) {
					last = err
				}
				if !errors.Is(last, is) {
					t.Errorf("the events end with %v", last)
				}
			})
		})
	}
}

// Every way in which a live socket may end.
func TestReconnect(t *testing.T) {
	t.Parallel()
	live := func(end func(p *peer)) func(*peer) {
		return func(p *peer) {
			p.admit("running")
			end(p)
		}
	}
	for name, c := range map[string]struct {
		end     func(p *peer)
		gone    bool  // the Panel does not know the server any more
		is      error // for good
		text    string
		fetches int // 0 for one: the token is still good
	}{
		"cut":            {end: func(p *peer) { _ = p.conn.CloseNow() }, text: "ended"},
		"restarted":      {end: func(p *peer) { _ = p.conn.Close(websocket.StatusServiceRestart, "") }, text: "1012"},
		"too big":        {end: func(p *peer) { _ = p.conn.Close(websocket.StatusMessageTooBig, "") }, text: "1009"},
		"proxy goes":     {end: func(p *peer) { _ = p.conn.Close(websocket.StatusGoingAway, "bye") }, text: "1001"},
		"silent":         {end: func(p *peer) { <-p.t.Context().Done() }, text: "no answer"},
		"a huge message": {end: func(p *peer) { p.print(strings.Repeat("x", 9<<20)) }, text: "daemon"},
		"deleted":        {end: func(p *peer) { _ = p.conn.Close(websocket.StatusGoingAway, "server deleted") }, gone: true, is: console.ErrDeleted},
		"deleted, said":  {end: func(p *peer) { p.send("deleted", "null"); _ = p.conn.CloseNow() }, gone: true, is: console.ErrDeleted},
		"moved":          {end: func(p *peer) { _ = p.conn.Close(websocket.StatusGoingAway, "server deleted") }, text: "server deleted", fetches: 2},
		"moved, said":    {end: func(p *peer) { p.send("deleted", "null"); _ = p.conn.CloseNow() }, text: "gone", fetches: 2},
		"suspended":      {end: func(p *peer) { _ = p.conn.Close(4409, "server is suspended") }, is: console.ErrSuspended},
		"not wanted":     {end: func(p *peer) { _ = p.conn.Close(4400, "") }, is: console.ErrRefused},
		"other server":   {end: func(p *peer) { p.send("jwt error", "jwt: server uuid mismatch"); p.read() }, text: "mismatch", fetches: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWings(t, live(c.end), running)
				w.fetch = func(_ context.Context, n int) (*client.WebsocketCredentials, error) {
					if n > 1 && c.gone {
						return nil, panelError(http.StatusNotFound)
					}
					return nil, nil
				}
				con := w.dial()
				until(t, con, console.StateLive)
				begin := time.Now()
				if c.is != nil {
					<-con.Done()
					if _, sockets := w.count(); !errors.Is(con.Err(), c.is) || sockets != 1 {
						t.Errorf("Err = %v after %d sockets, want %v", con.Err(), sockets, c.is)
					}
					return
				}
				change := until(t, con, console.StateWaiting)
				if change.Err == nil || !strings.Contains(change.Err.Error(), c.text) {
					t.Errorf("Err = %v, want %q in it", change.Err, c.text)
				}
				if took := time.Since(begin); took > 10*time.Second {
					t.Errorf("noticed after %v", took)
				}
				if change.Delay > console.MinBackoff {
					t.Errorf("waits %v before the first try", change.Delay)
				}
				until(t, con, console.StateLive)
				if fetches, _ := w.count(); fetches != max(c.fetches, 1) {
					t.Errorf("%d fetches, want %d", fetches, max(c.fetches, 1))
				}
			})
		})
	}
}

// A daemon that was restarted takes no token from before, and none of the second
// in which it came up.
func TestDaemonRestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var up time.Time
		w := newWings(t, func(p *peer) {
			p.admit("running")
			up = time.Now()
			_ = p.conn.CloseNow()
		}, func(p *peer) {
			for {
				if p.token() == "" {
					return
				}
				if time.Since(up) > 1500*time.Millisecond {
					break
				}
				p.send("jwt error", "Error Event [f7]: jwt: created too far in past (denylist)")
			}
			p.send("auth success")
			p.send("status", "running")
			p.idle()
		})
		c := w.dial()
		until(t, c, console.StateLive)
		until(t, c, console.StateLive)
		if fetches, sockets := w.count(); sockets != 2 || fetches > 3 {
			t.Errorf("%d fetches, %d sockets", fetches, sockets)
		}
	})
}

// A node that stays away is asked less and less often, each time within a tenth of
// the time it has been away, and the token at hand is kept as long as it lasts.
func TestBackoff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWings(t, func(p *peer) {
			p.admit("running")
			_ = p.conn.CloseNow()
		}, running)
		c := w.dial()
		gone := time.Now()
		tries := []time.Time{gone}
		w.mu.Lock()
		w.refuse = func(http.ResponseWriter, *http.Request) bool {
			if time.Since(gone) > time.Hour {
				return false
			}
			tries = append(tries, time.Now())
			panic(http.ErrAbortHandler)
		}
		w.mu.Unlock()
		until(t, c, console.StateWaiting)
		until(t, c, console.StateLive)
		if len(tries) < 100 || len(tries) > 250 {
			t.Errorf("%d tries in an hour", len(tries))
		}
		for i := range tries[1:] {
			most := min(max(tries[i].Sub(gone)/10, console.MinBackoff), console.MaxBackoff)
			if pause := tries[i+1].Sub(tries[i]); pause > most || pause < most/2 {
				t.Errorf("a pause of %v after %v", pause, tries[i].Sub(gone))
			}
		}
		if fetches, _ := w.count(); fetches > 8 {
			t.Errorf("%d fetches in an hour", fetches)
		}
	})
}

// What makes no sense is handed out, and harms nothing.
func TestOddMessages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		long := strings.Repeat("\x1b[1mé", 10<<10)
		w := newWings(t, func(p *peer) {
			p.admit("running")
			p.raw(`{"event":"console output","args":["cut`)
			_ = p.conn.Write(context.Background(), websocket.MessageBinary, []byte{1, 2})
			p.raw(`{"event":"brand new","args":["a",{"b":1}]}`)
			p.print(strings.Repeat("x", 40<<10), long, strings.Repeat("y", 2<<20), "end")
			p.idle()
		})
		c := w.dial()
		for i, want := range []console.Event{
			console.Status{State: client.PowerStateRunning},
			console.Unknown{Raw: `{"event":"console output","args":["cut`},
			console.Unknown{Raw: "\x01\x02"},
			console.Unknown{Name: "brand new", Args: []string{"a", `{"b":1}`}, Raw: `{"event":"brand new","args":["a",{"b":1}]}`},
			console.Output{Line: strings.Repeat("x", 40<<10)},
			console.Output{Line: long},
			console.Output{Line: strings.Repeat("y", 2<<20)},
			console.Gap{Reason: console.GapLongLine},
			console.Output{Line: "end"},
		} {
			if got := fmt.Sprintf("%#v", timeless(next(t, c))); got != fmt.Sprintf("%#v", want) {
				t.Errorf("event %d is %.200s, want %.200s", i, got, fmt.Sprintf("%#v", want))
			}
		}
	})
}

// Close returns at once in every state.
func TestEndInEachState(t *testing.T) {
	t.Parallel()
	silent := func(p *peer) { <-p.t.Context().Done() }
	for state, c := range map[console.State]struct {
		script func(*peer)
		fetch  func(ctx context.Context, n int) (*client.WebsocketCredentials, error)
		refuse func(http.ResponseWriter, *http.Request) bool
	}{
		console.StateFetching: {
			fetch: func(ctx context.Context, n int) (*client.WebsocketCredentials, error) {
				if n > 1 {
					<-ctx.Done()
					return nil, ctx.Err()
				}
				return nil, nil
			},
			refuse: func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }, // so the token is not used again
		},
		console.StateDialing:        {refuse: func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true }},
		console.StateAuthenticating: {script: silent},
		console.StateLive:           {script: func(p *peer) { p.admit("running"); silent(p) }},
		console.StateRenewing:       {script: func(p *peer) { p.admit("running"); p.send("token expiring"); silent(p) }},
		console.StateWaiting:        {script: func(p *peer) { _ = p.conn.CloseNow() }},
	} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				script := c.script
				if script == nil {
					script = running
				}
				w := newWings(t, func(p *peer) {
					p.admit("running")
					_ = p.conn.CloseNow()
				}, script)
				w.fetch = c.fetch
				if state == console.StateLive || state == console.StateRenewing {
					w.scripts = w.scripts[1:]
				}
				ctx, cancel := context.WithCancel(t.Context())
				con, err := console.Dial(ctx, w)
				cancel() // which bounds the dialing alone
				if err != nil {
					t.Fatal(err)
				}
				if c.refuse != nil {
					w.mu.Lock()
					w.refuse = c.refuse
					w.mu.Unlock()
				}
				if state != console.StateLive && state != console.StateRenewing {
					until(t, con, console.StateWaiting)
				}
				if con.Connection() != state {
					until(t, con, state)
				}
				time.Sleep(100 * time.Millisecond)
				begin := time.Now()
				_ = con.Close()
				if took := time.Since(begin); took > time.Second {
					t.Errorf("took %v", took)
				}
				if !errors.Is(con.Err(), console.ErrClosed) {
					t.Errorf("Err = %v", con.Err())
				}
			})
		})
	}
}
