package client

import (
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// ClientGetServerWebsocket implements the operation.
func (a API) ClientGetServerWebsocket(w http.ResponseWriter, r *http.Request, id string) {
	a.onServerIn(w, r, id, "", tolerateForAdmins, func(c *serverCall) (*laravel.Answer, error) {
		if !c.may(c.server, "websocket.connect") {
			return nil, laravel.Forbidden("You do not have permission to connect to this server's websocket.")
		}
		c.OnNode(c.server)
		address := strings.Replace(c.server.Node.Address(), "http", "ws", 1) + "/api/servers/" + c.server.UUID + "/ws"
		return laravel.OK(laravel.Object{"data": laravel.Object{"token": c.socketToken(c.server), "socket": address}}), nil
	})
}

// ClientGetServerResources implements the operation. The Panel asks Wings once
// in a while only.
func (a API) ClientGetServerResources(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "", func(c *serverCall) (*laravel.Answer, error) {
		stats, err := c.stats()
		if err != nil {
			return nil, err
		}
		return laravel.OK(laravel.Item("stats", laravel.Object{
			"current_state": stats.State, "is_suspended": c.server.Status == model.StatusSuspended,
			"resources": laravel.Object{
				"memory_bytes": stats.MemoryBytes, "cpu_absolute": stats.CPU, "disk_bytes": stats.DiskBytes,
				"network_rx_bytes": stats.Rx, "network_tx_bytes": stats.Tx, "uptime": stats.Uptime,
			},
		})), nil
	})
}

// stats returns what the Panel last heard of a server's use.
func (c *serverCall) stats() (*protocol.Stats, error) {
	s := c.server
	if s.Stats != nil && time.Since(s.StatsTime) < c.State.Settings.ResourcesCachePeriod {
		return s.Stats, nil
	}
	var stats protocol.Stats
	if err := c.AskNode(s, func(srv protocol.Server) error {
		stats = srv.Stats()
		return nil
	}); err != nil {
		if c.Traits.BareFailures {
			return &protocol.Stats{State: stateMissing}, nil
		}
		return nil, c.NodeDown()
	}
	s.Stats, s.StatsTime = &stats, time.Now()
	return s.Stats, nil
}

// stateMissing is the state of a server on a node that does not answer.
const stateMissing = "missing"

// ClientGetServerUtilizationLegacy implements the operation of Panel 0.7.
func (a API) ClientGetServerUtilizationLegacy(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "", func(c *serverCall) (*laravel.Answer, error) {
		stats, err := c.stats()
		if err != nil {
			return nil, err
		}
		states := map[string]string{protocol.StateOffline: "off", protocol.StateRunning: "on", protocol.StateStarting: "starting", protocol.StateStopping: "stopping"}
		limits := c.server.Limits
		return laravel.OK(laravel.Item("stats", laravel.Object{
			"state":  states[stats.State],
			"memory": laravel.Object{"current": stats.MemoryBytes >> 20, "limit": limits.Memory},
			"cpu":    laravel.Object{"current": stats.CPU, "cores": []float64{math.Floor(stats.CPU)}, "limit": limits.CPU},
			"disk":   laravel.Object{"current": stats.DiskBytes >> 20, "limit": limits.Disk},
		})), nil
	})
}

// errOffline is for commands that nobody reads.
var errOffline = laravel.Refuse(http.StatusBadGateway, "HttpException", "Server must be online in order to send commands.")

// ClientSendCommand implements the operation.
func (a API) ClientSendCommand(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "control.console", func(c *serverCall) (*laravel.Answer, error) {
		if err := c.Input.Validate(laravel.Field{Name: "command", Rules: "required|string|min:1"}); err != nil {
			return nil, err
		}
		command, offline := c.Input.Text("command"), false
		if err := c.AskNode(c.server, func(srv protocol.Server) error {
			if offline = srv.State() == protocol.StateOffline; offline {
				return nil
			}
			return srv.Command(command)
		}); err != nil {
			return nil, err
		}
		switch {
		case offline && c.Traits.BareFailures: // it goes nowhere
		case offline && !c.server.HadContainer:
			return nil, c.DaemonRefusal(protocol.ErrUnexpected)
		case offline && c.Legacy():
			return nil, laravel.Refuse(http.StatusPreconditionFailed, "HttpException", "Server must be online in order to send commands.")
		case offline:
			return nil, errOffline
		}
		c.note("server:console.command", model.With("command", command))
		return laravel.NoContent, nil
	})
}

// powerPermissions are what a signal needs. An unknown one needs what nobody
// has but those who may all.
var powerPermissions = map[string]string{
	"start": "control.start", "stop": "control.stop", "restart": "control.restart", "kill": "control.stop",
}

// ClientSetPowerState implements the operation.
func (a API) ClientSetPowerState(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "", func(c *serverCall) (*laravel.Answer, error) {
		signal := c.Input.Text("signal")
		if !c.may(c.server, powerPermissions[signal]) {
			return nil, laravel.ErrUnauthorized
		}
		if err := c.Input.Validate(laravel.Field{Name: "signal", Rules: "required|string|in:start,stop,restart,kill"}); err != nil {
			return nil, err
		}
		if !c.server.Node.Up() {
			return nil, c.NodeDown()
		}
		// Wings takes it, and does it or not.
		_ = c.Power(c.server, c.OnNode(c.server), signal)
		c.note("server:power." + signal)
		return laravel.NoContent, nil
	})
}
