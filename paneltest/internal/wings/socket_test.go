package wings

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/ptero-go/ptero/paneltest/internal/jwt"
	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

func TestSocketHandshake(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{AllowOrigins: []string{"https://other.example"}})
		d.create(testServer, protocol.ServerConfig{})
		unexpected := regexp.MustCompile(`^Forbidden\n{"error":"An unexpected error was encountered while processing this request","request_id":"[0-9a-f-]{36}"}$`)
		for _, tt := range []struct {
			name, server, origin string
			status               int
			body                 string
		}{
			{"Panel", testServer, testPanel, 101, ""},
			{"allowed", testServer, "https://other.example", 101, ""},
			{"none", testServer, "", 403, ""},
			{"slash", testServer, testPanel + "/", 403, ""},
			{"case", testServer, "HTTP://panel.example", 403, ""},
			{"other", testServer, "https://panel.example", 403, ""},
			{"short id", testServer[:8], testPanel, 404, `{"error":"The requested resource does not exist on this instance."}`},
			{"unknown before origin", "9" + testServer[1:], "", 404, `{"error":"The requested resource does not exist on this instance."}`},
		} {
			_, resp, err := d.tryDial(tt.server, tt.origin)
			if resp == nil || resp.status != tt.status || (err == nil) != (tt.status == 101) {
				t.Fatalf("%s: %v, err = %v", tt.name, resp, err)
			}
			if extensions := resp.header.Get("Sec-WebSocket-Extensions"); extensions != "" {
				t.Errorf("%s: extensions = %s", tt.name, extensions)
			}
			switch tt.status {
			case 403:
				if !unexpected.MatchString(resp.body) || !strings.HasPrefix(resp.header.Get("Content-Type"), "text/plain") {
					t.Errorf("%s: %+v", tt.name, resp)
				}
			case 404:
				if resp.body != tt.body {
					t.Errorf("%s: %q", tt.name, resp.body)
				}
			}
		}
	})
}

func TestSocketAnyOrigin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{AllowOrigins: []string{"*"}})
		d.create(testServer, protocol.ServerConfig{})
		if _, _, err := d.tryDial(testServer, "https://whoever.example"); err != nil {
			t.Error(err)
		}
	})
}

func TestSocketTokens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		d.create(testServer, protocol.ServerConfig{})
		const unexpected = "daemon error: Error Event ["
		good := sign(claims())
		for _, tt := range []struct {
			name string
			args []string
			want []string
		}{
			{"owner", []string{sign(claims())}, []string{"auth success", "status: offline", "stats: offline"}},
			{"split", []string{"", good[:40], good[40:]}, []string{"auth success", "status: offline", "stats: offline"}},
			{"none", nil, []string{unexpected}},
			{"empty", []string{""}, []string{unexpected}},
			{"garbage", []string{"abc"}, []string{unexpected}},
			{"three parts", []string{"a.b.c"}, []string{unexpected}},
			{"other key", []string{jwt.Sign("other", claims())}, []string{unexpected}},
			{"expired", []string{sign(claims(claim("exp", time.Now().Unix()-1)))}, []string{"jwt error: Error Event ["}},
			{"no exp", []string{sign(claims(claim("exp", nil)))}, []string{"jwt error: Error Event ["}},
			{"no iat", []string{sign(claims(claim("iat", nil)))}, []string{"jwt error: Error Event ["}},
			{"no connect", []string{sign(claims(permissions("control.console")))}, []string{"jwt error: Error Event ["}},
			{"nbf in the future", []string{sign(claims(claim("nbf", time.Now().Unix()+100)))}, []string{"auth success", "status: offline", "stats: offline"}},
			{"other server", []string{sign(claims(claim("server_uuid", "x")))}, []string{"auth success", "jwt error: jwt: server uuid mismatch", "jwt error: jwt: server uuid mismatch"}},
		} {
			t.Log(tt.name)
			c := d.dial()
			c.send("auth", tt.args...)
			c.expect(tt.want...)
			if c.ended() != nil {
				t.Error(c.ended())
			}
		}
	})
}

func TestSocketBeforeAuth(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		srv := d.create(testServer, protocol.ServerConfig{Running: true})
		c := d.dial()
		for _, event := range []string{"send stats", "send logs", "set state", "send command", "nonsense"} {
			c.send(event, "x")
			c.expect("jwt error: jwt: no jwt present")
		}
		srv.print("not for those who are not known")
		time.Sleep(time.Hour) // there is no time-out
		c.expect()
		c.send("auth", "abc")
		c.expect("daemon error")
		c.send("auth", sign(claims()))
		c.expect("auth success", "status: running")
		c.send("auth", "abc")
		c.expect("daemon error")
		c.send("send stats") // the old token stays
		c.expect("stats: running")
		c.send("auth", sign(claims()))
		c.expect("auth success") // and no status
	})
}

func TestSocketPermissions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		srv := d.create(testServer, protocol.ServerConfig{Running: true})
		c := d.join(permissions("websocket.connect"))
		for _, signal := range []string{"start", "stop", "restart", "kill"} {
			c.send("set state", signal)
		}
		c.send("send command", "hello")
		c.expect()
		if srv.State() != "running" {
			t.Error(srv.State())
		}
		c.send("set state", "bogus") // is an error for all
		c.expect("daemon error: Error Event [")
		c.send("send logs")
		c.expect("console output: Starting the game", "console output: The game is ready")
		srv.Backup("b", nil)
		srv.tell(eventInstallOutput, "x")
		srv.tell(eventTransferLogs, "x")
		c.expect()

		c.send("auth", sign(claims(permissions("websocket.connect", "backup.read", "control.console", "control.stop"))))
		c.expect("auth success")
		srv.Backup("c", nil)
		c.expect(`backup completed: {"checksum":"`)
		c.send("send command", "hello")
		c.expect("console output: hello", "console output: > hello")
		c.send("set state", "kill")
		c.expect("status: stopping")
		time.Sleep(time.Second)
		c.expect("status: offline", "stats: offline")
		c.send("send command", "hello")
		c.send("send logs")
		c.send("set state", "stop")
		c.send("set state", "kill")
		c.expect()

		c.send("auth", sign(claims(asAdmin)))
		c.expect("auth success")
		srv.tell(eventInstallOutput, "x")
		srv.tell(eventTransferLogs, "x")
		c.expect("install output: x", "transfer logs: x")
	})
}

func TestSocketErrorTexts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		srv := d.create(testServer, protocol.ServerConfig{Running: true, Game: protocol.Game{StopTime: time.Second, BootTime: time.Second}})
		owner, admin := d.join(), d.join(asAdmin)
		text := func(c *testClient) string {
			t.Helper()
			messages := c.take()
			if len(messages) != 1 || messages[0].Event != "daemon error" {
				t.Fatalf("got %v", messages)
			}
			_, text, _ := strings.Cut(messages[0].Args[0], "]: ")
			return text
		}
		const hidden = "an unexpected error was encountered while handling this request"
		for signal, want := range map[string]string{
			"start": "server is running", "bogus": "attempting to handle unknown power action", "": "attempting to handle unknown power action", "START": "attempting to handle unknown power action",
		} {
			owner.send("set state", signal)
			admin.send("set state", signal)
			if got := text(owner); got != hidden {
				t.Errorf("%s: %s", signal, got)
			}
			if got := text(admin); got != want {
				t.Errorf("%s: %s", signal, got)
			}
		}
		if err := srv.Power("stop"); err != nil {
			t.Fatal(err)
		}
		owner.take()
		owner.send("set state", "start") // and this is shown to all
		if got := text(owner); got != "another power action is currently being processed for this server, please try again later" {
			t.Error(got)
		}
		time.Sleep(2 * time.Second)
		srv.SetSuspended(true)
		admin.take()
		admin.send("set state", "start")
		if got := text(admin); got != "server is currently in a suspended state" {
			t.Error(got)
		}
		if admin.ended() != nil {
			t.Error("1.11 leaves the sockets of a suspended server open")
		}
		srv.SetSuspended(false)
		srv.Install()
		admin.take()
		admin.send("set state", "start")
		if got := text(admin); got != "server is currently installing" {
			t.Error(got)
		}
	})
}

// A node that does not have a server asks the Panel before it says so.
func TestSocketOfAServerThatIsWanted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		var wanted []string
		d.remote.wanted = func(server string) {
			if wanted = append(wanted, server); server == testServer {
				d.Create(server, protocol.ServerConfig{})
			}
		}
		d.join()
		d.join()
		if _, resp, _ := d.tryDial("another", testPanel); resp.status != 404 {
			t.Errorf("%+v", resp)
		}
		if want := []string{testServer, "another"}; !slices.Equal(wanted, want) {
			t.Errorf("the Panel was asked for %q, want %q", wanted, want)
		}
	})
}

func TestSocketTokenLife(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		srv := d.create(testServer, protocol.ServerConfig{})
		begin := time.Now()
		c := d.join()
		at := func(seconds int) { time.Sleep(time.Until(begin.Add(time.Duration(seconds) * time.Second))) }
		at(539)
		c.expect()
		at(541)
		c.expect("token expiring")
		at(571)
		c.expect("token expiring")
		at(599)
		srv.tell(eventDaemonMessage, "still")
		c.expect("daemon message: still")
		at(602)
		srv.tell(eventDaemonMessage, "lost")
		c.send("send stats")
		c.send("set state", "start")
		c.send("send command", "x")
		const expired = "jwt error: jwt: exp claim is invalid"
		c.expect(expired, expired, expired, expired, expired) // the first is that of the check at 600
		at(661)
		c.expect(expired, expired) // on a quiet server one at each check
		c.send("auth", sign(claims()))
		c.expect("auth success")
		srv.tell(eventDaemonMessage, "again")
		c.expect("daemon message: again")
	})
}

func TestSocketExpireTokens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		srv := d.create(testServer, protocol.ServerConfig{Running: true})
		used := sign(claims())
		c := d.dial()
		c.send("auth", used)
		c.expect("auth success", "status: running")
		d.ExpireTokens()
		srv.print("lost")
		c.expect("jwt error: jwt: exp claim is invalid")
		c.send("auth", used)
		c.expect("jwt error: Error Event [")
		c.send("auth", sign(claims())) // in the same second
		c.expect("auth success")
		srv.print("back")
		c.expect("console output: back")
	})
}

func TestSocketRevocation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		srv := d.create(testServer, protocol.ServerConfig{Running: true})
		time.Sleep(200 * time.Millisecond)
		c, other := d.join(), d.join(claim("jti", "other"))
		d.Revoke("owner")
		c.expect() // nothing at once
		srv.print("line")
		const denied = "jwt: created too far in past (denylist)"
		c.expect("jwt error: " + denied)
		other.expect("console output: line")
		c.send("send command", "x")
		c.expect("jwt error: " + denied)
		for range 4 { // new tokens of the same second
			time.Sleep(190 * time.Millisecond)
			c.send("auth", sign(claims()))
			c.expect("jwt error: Error Event [")
		}
		time.Sleep(50 * time.Millisecond)
		c.expect("jwt error: " + denied) // in place of a sample
		c.send("auth", sign(claims()))
		c.expect("auth success")
		srv.print("line")
		c.expect("console output: line")
		if c.ended() != nil {
			t.Error(c.ended())
		}
	})
}

func TestSocketRestartOfDaemon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		srv := d.create(testServer, protocol.ServerConfig{Running: true})
		time.Sleep(300 * time.Millisecond)
		old := sign(claims())
		c := d.join()
		d.Restart()
		if c.code() != -1 {
			t.Errorf("code %d, err = %v", c.code(), c.ended())
		}
		c = d.dial()
		c.send("auth", old)
		c.send("auth", sign(claims())) // of the same second
		c.expect("jwt error: Error Event [", "jwt error: Error Event [")
		time.Sleep(time.Second)
		c.send("auth", sign(claims()))
		c.expect("auth success", "status: running")
		if srv.State() != "running" {
			t.Error("the server must run on")
		}
	})
}

func TestSocketDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		d.create(testServer, protocol.ServerConfig{})
		c := d.join()
		d.SetDown(true)
		if c.code() != -1 {
			t.Errorf("code %d, err = %v", c.code(), c.ended())
		}
		if _, resp, err := d.tryDial(testServer, testPanel); err == nil || resp != nil {
			t.Errorf("resp = %v, err = %v", resp, err)
		}
		d.SetDown(false)
		d.join()
	})
}

func TestSocketDropAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		d.create(testServer, protocol.ServerConfig{})
		known, unknown := d.join(), d.dial()
		d.DropSockets()
		if known.code() != -1 || unknown.code() != -1 {
			t.Error(known.ended(), unknown.ended())
		}
		d.join()
	})
}

func TestSocketOfDeletedMachine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		d.create(testServer, protocol.ServerConfig{Running: true})
		c := d.join()
		d.Delete(testServer)
		d.Delete(testServer)
		again, _, err := d.tryDial(testServer, testPanel)
		if err != nil {
			t.Fatal(err)
		}
		var closed websocket.CloseError
		for _, c := range []*testClient{c, again} {
			if c.code() != 1001 || !errors.As(c.ended(), &closed) || closed.Reason != "server deleted" {
				t.Error(c.ended())
			}
		}
		time.Sleep(20 * time.Millisecond)
		if _, resp, _ := d.tryDial(testServer, testPanel); resp.status != 404 {
			t.Error(resp.status)
		}
		if d.server(testServer) != nil {
			t.Error("the server must be gone")
		}
	})
}

func TestSocketEchoesCloseCodes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		d.create(testServer, protocol.ServerConfig{})
		for _, code := range []websocket.StatusCode{1000, 1001, 1008, 3000, 4000} {
			c := d.join()
			if err := c.conn.Close(code, "bye"); err != nil || c.code() != code {
				t.Errorf("close %d: %v, %v", code, err, c.ended())
			}
		}
		synctest.Wait()
		if len(d.sockets()) != 0 {
			t.Error("sockets are left")
		}
	})
}

func TestSocketPing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		d.create(testServer, protocol.ServerConfig{})
		if err := d.join().conn.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestSocketSlowClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		srv := d.create(testServer, protocol.ServerConfig{Running: true})
		fast := d.join()
		slow, _, err := websocket.Dial(t.Context(), "ws://node.example/api/servers/"+testServer+"/ws", //nolint:bodyclose // nothing to close
			&websocket.DialOptions{HTTPClient: d.client, HTTPHeader: http.Header{"Origin": {testPanel}}})
		if err != nil {
			t.Fatal(err)
		}
		defer slow.CloseNow()
		if err := slow.Write(t.Context(), websocket.MessageText, socketMessage{"auth", []string{sign(claims())}}.encode()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		lines := make([]string, 1000)
		for i := range lines {
			lines[i] = "line"
		}
		begin := time.Now()
		for range 8 { // fills what holds frames for it, below the throttle
			srv.print(lines...)
			time.Sleep(time.Second)
		}
		fast.take()
		if d := time.Since(begin); d <= 8*time.Second {
			t.Errorf("nothing is slowed down: %v", d)
		}
		begin = time.Now()
		srv.print(lines[:100]...)
		synctest.Wait()
		if d := time.Since(begin); d < 100*slowClient || d > 102*slowClient {
			t.Errorf("100 lines took %v", d)
		}
		if got := len(fast.take()); got < 100 {
			t.Errorf("the fast client got %d lines", got)
		}
		slow.SetReadLimit(-1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		got := 0
		for range outboxSize {
			if _, _, err := slow.Read(ctx); err != nil {
				t.Fatal(err)
			}
			got++
		}
		if got != outboxSize {
			t.Errorf("the slow client got %d", got)
		}
	})
}
