package paneltest

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
)

func TestDaemonUnderManyClients(t *testing.T) {
	t.Parallel()
	d := newDaemon(daemonConfig{PanelURL: testPanel, Token: "secret"})
	server := httptest.NewServer(d)
	defer server.Close()
	defer d.close()
	uuids := make([]string, 4)
	for i := range uuids {
		uuids[i] = fmt.Sprintf("%08d%s", i, testServer[8:])
		d.create(uuids[i], machineSpec{Running: true, Game: gameSpec{Rate: 50, BootTime: 10 * time.Millisecond}})
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var clients sync.WaitGroup
	for i := range 200 {
		clients.Go(func() {
			if err := useSocket(ctx, d, server.URL, uuids[i%len(uuids)], fmt.Sprintf("hello from %d", i)); err != nil {
				t.Error(err)
			}
		})
	}
	clients.Go(func() {
		for i := range 50 {
			m := d.machine(uuids[i%2])
			_ = m.power([]string{"restart", "start", "stop"}[i%3]) // which may be busy
			m.stats()
			if err := m.files().write(fmt.Sprint("/", i), []byte("x")); err != nil {
				t.Error(err)
			}
			m.backup(strconv.Itoa(i), nil, func(backupResult) {})
		}
	})
	clients.Wait()
}

// useSocket opens a socket, authenticates, and types a command until the game
// answers it.
func useSocket(ctx context.Context, d *daemon, address, uuid, command string) error {
	conn, _, err := websocket.Dial(ctx, address+"/api/servers/"+uuid+"/ws", //nolint:bodyclose // nothing to close
		&websocket.DialOptions{HTTPHeader: http.Header{"Origin": {testPanel}}})
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	token := d.sign(claims(claim("server_uuid", uuid)))
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
		d := startDaemon(t, daemonConfig{})
		m := d.create(testServer, machineSpec{Running: true, Game: gameSpec{Rate: 10, BootTime: time.Hour, StopTime: time.Hour}})
		other := d.create("other", machineSpec{Game: gameSpec{BootTime: time.Hour}})
		installing := d.create("installing", machineSpec{Game: gameSpec{BootTime: time.Hour}})
		must(t, m.power("stop"))
		must(t, other.power("start"))
		installing.install(func(bool) { t.Error("it never ends") })
		c, waiting := d.join(), d.dial()
		begin := time.Now()
		d.close()
		d.close()
		if c.code() != -1 || waiting.code() != -1 || time.Since(begin) != 0 {
			t.Error(c.ended(), waiting.ended(), time.Since(begin))
		}
		for _, m := range []*machine{m, other} {
			if m.state() != "offline" {
				t.Error(m.state())
			}
			must(t, m.power("start")) // nothing happens any more
			m.install(func(bool) { t.Error("it is closed") })
			m.print("x")
			m.crash()
		}
		if _, _, err := d.tryDial(testServer, testPanel); err == nil {
			t.Error("it must be closed")
		}
		d.remove(testServer)
		synctest.Wait()
	})
}

func TestDaemonCloseWithSlowClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, daemonConfig{})
		m := d.create(testServer, machineSpec{Running: true})
		conn, _, err := websocket.Dial(t.Context(), "ws://node.example/api/servers/"+testServer+"/ws", //nolint:bodyclose // nothing to close
			&websocket.DialOptions{HTTPClient: d.client, HTTPHeader: http.Header{"Origin": {testPanel}}})
		must(t, err)
		defer conn.CloseNow()
		must(t, conn.Write(t.Context(), websocket.MessageText, socketMessage{"auth", []string{d.sign(claims())}}.encode()))
		synctest.Wait()
		m.print("x") // nobody reads
		d.remove(testServer)
		d.close()
	})
}

func TestDaemonOfManyMachines(t *testing.T) {
	t.Parallel()
	d := newDaemon(daemonConfig{})
	defer d.close()
	for i := range 10_000 {
		d.create(strconv.Itoa(i), machineSpec{Running: i%10 == 0})
	}
	if d.create("1", machineSpec{}) != d.machine("1") || d.machine("none") != nil {
		t.Error("machines are known by their uuid")
	}
}
