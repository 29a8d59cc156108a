package wings

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

func TestDaemonUnderManyClients(t *testing.T) {
	t.Parallel()
	d := New(Config{PanelURL: testPanel, Token: "secret"})
	server := httptest.NewServer(d)
	defer server.Close()
	defer d.Close()
	uuids := make([]string, 4)
	for i := range uuids {
		uuids[i] = fmt.Sprintf("%08d%s", i, testServer[8:])
		d.create(uuids[i], protocol.ServerConfig{Running: true, Game: protocol.Game{Rate: 50, BootTime: 10 * time.Millisecond}})
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var clients sync.WaitGroup
	for i := range 200 {
		clients.Go(func() {
			if err := useSocket(ctx, server.URL, uuids[i%len(uuids)], fmt.Sprintf("hello from %d", i)); err != nil {
				t.Error(err)
			}
		})
	}
	clients.Go(func() {
		for i := range 50 {
			srv := d.server(uuids[i%2])
			_ = srv.Power([]string{"restart", "start", "stop"}[i%3]) // which may be busy
			srv.Stats()
			if err := srv.Files().Write(fmt.Sprint("/", i), []byte("x")); err != nil {
				t.Error(err)
			}
			srv.Backup(strconv.Itoa(i), nil)
		}
	})
	clients.Wait()
}

// useSocket opens a socket, authenticates, and types a command until the game
// answers it.
func useSocket(ctx context.Context, address, uuid, command string) error {
	conn, _, err := websocket.Dial(ctx, address+"/api/servers/"+uuid+"/ws", //nolint:bodyclose // nothing to close
		&websocket.DialOptions{HTTPHeader: http.Header{"Origin": {testPanel}}})
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	token := sign(claims(claim("server_uuid", uuid)))
	if err := conn.Write(ctx, websocket.MessageText, socketMessage{"auth", []string{token}}.encode()); err != nil {
		return err
	}
	for {
		_, data, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		var message socketMessage
		if err := json.Unmarshal(data, &message); err != nil {
			return err
		}
		switch {
		case message.Event == eventTokenError:
			return fmt.Errorf("%s", data)
		case message.Event == eventOutput && message.Args[0] == "> "+command:
			return nil
		case message.Event == eventStats:
			_ = conn.Write(ctx, websocket.MessageText, socketMessage{"set state", []string{"start"}}.encode()) // if another client stopped it
			fallthrough
		case message.Event == eventStatus:
			if err := conn.Write(ctx, websocket.MessageText, socketMessage{"send command", []string{command}}.encode()); err != nil {
				return err
			}
		}
	}
}

func TestDaemonClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		srv := d.create(testServer, protocol.ServerConfig{Running: true, Game: protocol.Game{Rate: 10, BootTime: time.Hour, StopTime: time.Hour}})
		other := d.create("other", protocol.ServerConfig{Game: protocol.Game{BootTime: time.Hour}})
		installing := d.create("installing", protocol.ServerConfig{Game: protocol.Game{BootTime: time.Hour}})
		must(t, srv.Power("stop"))
		must(t, other.Power("start"))
		installing.Install() // which never ends
		c, waiting := d.join(), d.dial()
		begin := time.Now()
		d.Close()
		d.Close()
		if c.code() != -1 || waiting.code() != -1 || time.Since(begin) != 0 {
			t.Error(c.ended(), waiting.ended(), time.Since(begin))
		}
		for _, srv := range []*Server{srv, other} {
			if srv.State() != "offline" {
				t.Error(srv.State())
			}
			must(t, srv.Power("start")) // nothing happens any more
			srv.Install()
			srv.print("x")
			srv.crash()
		}
		if _, _, err := d.tryDial(testServer, testPanel); err == nil {
			t.Error("it must be closed")
		}
		d.Delete(testServer)
		if synctest.Wait(); len(d.remote.installs) > 0 {
			t.Error("an installation has ended")
		}
	})
}

func TestDaemonCloseWithSlowClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		srv := d.create(testServer, protocol.ServerConfig{Running: true})
		conn, _, err := websocket.Dial(t.Context(), "ws://node.example/api/servers/"+testServer+"/ws", //nolint:bodyclose // nothing to close
			&websocket.DialOptions{HTTPClient: d.client, HTTPHeader: http.Header{"Origin": {testPanel}}})
		must(t, err)
		defer conn.CloseNow()
		must(t, conn.Write(t.Context(), websocket.MessageText, socketMessage{"auth", []string{sign(claims())}}.encode()))
		synctest.Wait()
		srv.print("x") // nobody reads
		d.Delete(testServer)
		d.Close()
	})
}

func TestDaemonOfManyServers(t *testing.T) {
	t.Parallel()
	d := New(Config{})
	defer d.Close()
	for i := range 10_000 {
		d.create(strconv.Itoa(i), protocol.ServerConfig{Running: i%10 == 0})
	}
	if d.create("1", protocol.ServerConfig{}) != d.server("1") || d.server("none") != nil {
		t.Error("servers are known by their uuid")
	}
}
