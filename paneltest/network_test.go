package paneltest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/ptero-go/ptero/paneltest"
)

// socket is a plain client of a server's console.
type socket struct {
	*websocket.Conn
	t *testing.T
}

// credentials asks the Panel for the address of a server's sockets and a token.
func credentials(t *testing.T, panel *paneltest.Panel, key, server string) (address, token string) {
	t.Helper()
	var answer struct {
		Data struct{ Token, Socket string }
	}
	body := must(t, panel, key, http.MethodGet, "/api/client/servers/"+server+"/websocket", "").body
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Data.Socket, answer.Data.Token
}

// open opens a socket and authenticates. What is left of it ends with the test.
func open(t *testing.T, panel *paneltest.Panel, address, token string) (*socket, error) {
	t.Helper()
	conn, resp, err := websocket.Dial(t.Context(), address, &websocket.DialOptions{
		HTTPClient: panel.HTTPClient(), HTTPHeader: http.Header{"Origin": {panel.URL}},
	})
	if resp != nil && resp.Body != nil {
		_ = resp.Body.Close()
	}
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	s := &socket{conn, t}
	s.send("auth", token)
	return s, nil
}

// joinConsole opens the console of a server.
func joinConsole(t *testing.T, panel *paneltest.Panel, key, server string) *socket {
	t.Helper()
	address, token := credentials(t, panel, key, server)
	s, err := open(t, panel, address, token)
	if err != nil {
		t.Fatal(err)
	}
	s.await("auth success")
	return s
}

func (s *socket) send(event string, args ...string) {
	s.t.Helper()
	message, err := json.Marshal(map[string]any{"event": event, "args": args})
	if err == nil {
		err = s.Write(s.t.Context(), websocket.MessageText, message)
	}
	if err != nil {
		s.t.Error(err)
	}
}

// next returns the next message as "event: argument", or how the socket ended.
func (s *socket) next(patience time.Duration) (string, error) {
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	_, data, err := s.Read(ctx)
	if err != nil {
		return "", err
	}
	var message struct {
		Event string
		Args  []string
	}
	err = json.Unmarshal(data, &message)
	return message.Event + ": " + strings.Join(message.Args, "|"), err
}

// await reads until a message begins with a text, which it returns.
func (s *socket) await(begin string) string {
	s.t.Helper()
	for {
		text, err := s.next(time.Minute)
		if err != nil {
			s.t.Fatalf("instead of %q: %v", begin, err)
		}
		if strings.HasPrefix(text, begin) {
			return text
		}
	}
}

// ended reads until the socket ends, and returns how.
func (s *socket) ended() error {
	for {
		if _, err := s.next(time.Minute); err != nil {
			return err
		}
	}
}

func TestChance(t *testing.T) {
	t.Parallel()
	order := func(seed uint64) string {
		var order strings.Builder
		synctest.Test(t, func(t *testing.T) {
			panel := spoiled(t, paneltest.InMemory(), paneltest.WithChance(seed))
			s := joinConsole(t, panel, panel.UserKey, identify(t, panel, "lobby"))
			for i := range 8 {
				s.send("send command", fmt.Sprint("say ", i))
			}
			for range 8 {
				order.WriteString(strings.TrimPrefix(s.await("console output: > say"), "console output: > say"))
			}
		})
		return order.String()
	}
	if one, again, two := order(1), order(1), order(2); one == " 0 1 2 3 4 5 6 7" || one != again || one == two {
		t.Errorf("%s and %s, with another seed %s", one, again, two)
	}
}

// networkFaults are the faults of the network, each on a node.
var networkFaults = []struct {
	name, order string
	cause       func(panel *paneltest.Panel, nodes ...int) error
	socket      string // what becomes of an open one: "lives", "late", "lost" or "ends"
	dial        string // and of a dial: "works", "waits" or "fails"
}{
	{
		"black-hole", `{"for":"10s","nodes":[1]}`,
		func(p *paneltest.Panel, nodes ...int) error { return p.BlackHole(10*time.Second, nodes...) }, "lost", "waits",
	},
	{
		"freeze", `{"for":"10s","nodes":[1]}`,
		func(p *paneltest.Panel, nodes ...int) error { return p.Freeze(10*time.Second, nodes...) }, "late", "waits",
	},
	{
		"refuse-dials", `{"for":"10s","nodes":[1]}`,
		func(p *paneltest.Panel, nodes ...int) error { return p.RefuseDials(10*time.Second, nodes...) }, "lives", "fails",
	},
	{
		"cut-sockets", `{"after":100,"nodes":[1]}`,
		func(p *paneltest.Panel, nodes ...int) error { return p.CutSockets(100, nodes...) }, "ends", "works",
	},
	{
		"restart-wings", `{"for":"10s"}`,
		func(p *paneltest.Panel, _ ...int) error { return p.RestartWingsAfter(10 * time.Second) }, "ends", "fails",
	},
}

func TestNetworkFaults(t *testing.T) {
	t.Parallel()
	for _, test := range networkFaults {
		for _, controlled := range []bool{false, true} {
			t.Run(fmt.Sprint(test.name, " ", controlled), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					panel := spoiled(t, paneltest.InMemory(), paneltest.WithControl())
					lobby := identify(t, panel, "lobby")
					address, token := credentials(t, panel, panel.UserKey, lobby)
					s := joinConsole(t, panel, panel.UserKey, lobby)
					time.Sleep(time.Second)
					if controlled {
						check(t, control(t, panel, test.name, test.order))
					} else {
						check(t, test.cause(panel, 1))
					}
					begin := time.Now()
					if test.dial != "fails" || test.socket != "ends" { // else it has ended
						s.send("send command", "say "+strings.Repeat("x", 50)) // which is echoed and answered
					}
					var err error
					switch test.socket {
					case "lost":
						_, err = s.next(time.Hour)
					case "ends":
						err = s.ended()
					default:
						s.await("console output: > say")
					}
					took := time.Since(begin)
					switch {
					case test.socket == "lives" && took > time.Second,
						test.socket == "late" && took < 10*time.Second,
						test.socket == "lost" && !errors.Is(err, context.DeadlineExceeded),
						test.socket == "ends" && (took > time.Second || websocket.CloseStatus(err) != -1):
						t.Errorf("a socket: %v after %v", err, took)
					}
					if test.socket != "ends" && test.socket != "lives" { // the time is over
						check(t, test.cause(panel, 1))
					}
					begin = time.Now()
					_, err = open(t, panel, address, token)
					took = time.Since(begin)
					switch {
					case (test.dial == "fails") != (err != nil), test.dial != "waits" && took > 0, test.dial == "waits" && took != 10*time.Second:
						t.Errorf("a dial: %v after %v", err, took)
					}
					time.Sleep(11 * time.Second)
					joinConsole(t, panel, panel.UserKey, lobby).send("send logs")
				})
			})
		}
	}
}

// Without a node it is the Panel too that cannot be reached, with one it is that
// node alone.
func TestNetworkFaultsStrikeWhatTheyName(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		panel := spoiled(t, paneltest.InMemory())
		proxy := identify(t, panel, "proxy")
		check(t, panel.BlackHole(time.Minute, 1))
		begin := time.Now()
		s := joinConsole(t, panel, panel.AdminKey, proxy)
		if took := time.Since(begin); took > time.Second {
			t.Errorf("another node answers after %v", took)
		}
		check(t, panel.Freeze(time.Minute))
		begin = time.Now()
		must(t, panel, panel.UserKey, http.MethodGet, accountPath, "")
		if took := time.Since(begin); took < 59*time.Second {
			t.Errorf("the Panel answers after %v", took)
		}
		s.send("send command", "x")
		s.await("console output: > x")
		for name, err := range map[string]error{
			"node": panel.Freeze(time.Second, 99), "no time": panel.BlackHole(0), "less": panel.CutSockets(-1),
			"negative": panel.RefuseDials(-1, 1), "restart": panel.RestartWingsAfter(0),
		} {
			if err == nil {
				t.Errorf("%s: no error", name)
			}
		}
	})
}

// While Wings is down the game goes on, and what it prints is in the log.
func TestRestartOfWings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		panel := spoiled(t, paneltest.InMemory())
		lobby := identify(t, panel, "lobby")
		address, old := credentials(t, panel, panel.UserKey, lobby)
		s := joinConsole(t, panel, panel.UserKey, lobby)
		time.Sleep(5200 * time.Millisecond)
		check(t, panel.RestartWingsAfter(226*time.Millisecond))
		if err := s.ended(); websocket.CloseStatus(err) != -1 {
			t.Error(err)
		}
		check(t, panel.Print(lobby, "meanwhile"))
		time.Sleep(227 * time.Millisecond)
		const denied = "jwt: created too far in past (denylist)"
		refused := func(token string) {
			t.Helper()
			s, err := open(t, panel, address, token)
			check(t, err)
			if text, err := s.next(time.Second); !strings.HasPrefix(text, "jwt error: Error Event [") || !strings.HasSuffix(text, denied) {
				t.Errorf("%q, %v", text, err)
			}
		}
		refused(old)
		_, young := credentials(t, panel, panel.UserKey, lobby)
		refused(young)
		time.Sleep(time.Second)
		s = joinConsole(t, panel, panel.UserKey, lobby)
		s.send("send logs")
		s.await("console output: meanwhile")
	})
}

func TestFaultsOfTheNetworkOnRealSockets(t *testing.T) {
	t.Parallel()
	panel := spoiled(t)
	lobby := identify(t, panel, "lobby")
	address, token := credentials(t, panel, panel.UserKey, lobby)
	s := joinConsole(t, panel, panel.UserKey, lobby)
	check(t, panel.StopNode(1))
	if _, err := open(t, panel, address, token); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Error(err)
	}
	check(t, panel.StartNode(1))
	if err := s.ended(); err == nil {
		t.Error("the socket lives")
	}
	s = joinConsole(t, panel, panel.UserKey, lobby)
	check(t, panel.BlackHole(10*time.Millisecond, 1))
	s.send("send command", "say something")
	other := joinConsole(t, panel, panel.UserKey, lobby) // when it is over
	other.send("send command", "say something else")
	other.await("console output: > say something else")
	check(t, panel.CutSockets(30, 1))
	other.send("send command", "say what is not heard")
	if err := other.ended(); err == nil {
		t.Error("the socket lives")
	}
}

// A transfer was not measured on Pterodactyl: what comes here is what its source
// says, and what a deletion looks like.
func TestTransfer(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1.11", "1.12.3"} {
		for _, controlled := range []bool{false, true} {
			t.Run(fmt.Sprint(version, " ", controlled), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					panel := spoiled(t, paneltest.InMemory(), paneltest.WithControl(), paneltest.WithVersion(version), paneltest.WithFilesDir(t.TempDir()))
					lobby := identify(t, panel, "lobby")
					before, token := credentials(t, panel, panel.UserKey, lobby)
					s := joinConsole(t, panel, panel.UserKey, lobby)
					if controlled {
						check(t, control(t, panel, "transfer", `{"server":"`+lobby+`","node":2}`))
					} else {
						check(t, panel.Transfer(lobby, 2))
					}
					var closed websocket.CloseError
					if err := s.ended(); !errors.As(err, &closed) || closed.Code != websocket.StatusGoingAway || closed.Reason != "server deleted" {
						t.Error(err)
					}
					time.Sleep(time.Second)
					if _, err := open(t, panel, before, token); err == nil || !strings.Contains(err.Error(), "404") {
						t.Errorf("the old node: %v", err)
					}
					after, _ := credentials(t, panel, panel.UserKey, lobby)
					if after == before {
						t.Errorf("it is still at %s", after)
					}
					old, err := open(t, panel, after, token)
					check(t, err)
					old.await("daemon error")
					s = joinConsole(t, panel, panel.UserKey, lobby)
					s.await("status: offline")
					files := must(t, panel, panel.UserKey, http.MethodGet, "/api/client/servers/"+lobby+"/files/contents?file=logs/latest.log", "")
					if !strings.Contains(string(files.body), "started") {
						t.Errorf("its files: %s", files.body)
					}
					for name, err := range map[string]error{
						"there": panel.Transfer(lobby, 2), "no node": panel.Transfer(lobby, 99), "no server": panel.Transfer("none", 1),
						"down": func() error { check(t, panel.StopNode(1)); return panel.Transfer(lobby, 1) }(),
					} {
						if err == nil {
							t.Errorf("%s: no error", name)
						}
					}
				})
			})
		}
	}
}

// Wings 1.11 leaves the socket of a subuser who is removed open, 1.12 ends it.
func TestSocketOfARemovedSubuser(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1.11", "1.12.3"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				panel := spoiled(t, paneltest.InMemory(), paneltest.WithVersion(version))
				lobby := identify(t, panel, "lobby")
				owner, s := joinConsole(t, panel, panel.UserKey, lobby), joinConsole(t, panel, panel.SubuserKey, lobby)
				time.Sleep(time.Second)
				subuser := must(t, panel, panel.UserKey, http.MethodGet, "/api/client/servers/"+lobby+"/users", "").items()[0]
				must(t, panel, panel.UserKey, http.MethodDelete, fmt.Sprintf("/api/client/servers/%s/users/%s", lobby, subuser["uuid"]), "")
				check(t, panel.Print(lobby, "more"))
				owner.await("console output: more")
				if version == "1.11" {
					s.await("jwt error: jwt: created too far in past (denylist)")
					return
				}
				if err := s.ended(); websocket.CloseStatus(err) != -1 || errors.Is(err, context.DeadlineExceeded) {
					t.Error(err)
				}
			})
		})
	}
}
