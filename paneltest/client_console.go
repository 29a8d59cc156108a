package paneltest

import (
	"math"
	"net/http"
	"strings"
	"time"
)

// ClientGetServerWebsocket implements the operation.
func (a clientAPI) ClientGetServerWebsocket(w http.ResponseWriter, r *http.Request, id string) {
	a.onServerIn(w, r, id, "", tolerateForAdmins, func(c *serverCall) (*answer, error) {
		if !c.may(c.server, "websocket.connect") {
			return nil, forbidden("You do not have permission to connect to this server's websocket.")
		}
		c.p.machine(c.server)
		address := strings.Replace(c.server.node.address(), "http", "ws", 1) + "/api/servers/" + c.server.uuid + "/ws"
		return ok(object{"data": object{"token": c.socketToken(c.server), "socket": address}}), nil
	})
}

// ClientGetServerResources implements the operation. The Panel asks Wings once
// in a while only.
func (a clientAPI) ClientGetServerResources(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "", func(c *serverCall) (*answer, error) {
		stats, err := c.stats()
		if err != nil {
			return nil, err
		}
		return ok(item("stats", object{
			"current_state": stats.State, "is_suspended": c.server.status == statusSuspended,
			"resources": object{
				"memory_bytes": stats.MemoryBytes, "cpu_absolute": stats.CPU, "disk_bytes": stats.DiskBytes,
				"network_rx_bytes": stats.Rx, "network_tx_bytes": stats.Tx, "uptime": stats.Uptime,
			},
		})), nil
	})
}

// stats returns what the Panel last heard of a server's use.
func (c *serverCall) stats() (*machineStats, error) {
	s := c.server
	if s.stats != nil && time.Since(s.statsTime) < c.p.state.settings.resourcesCachePeriod {
		return s.stats, nil
	}
	var stats machineStats
	if err := c.onDaemon(s, func(m *machine) error {
		stats = m.stats()
		return nil
	}); err != nil {
		return nil, errNodeDown
	}
	s.stats, s.statsTime = &stats, time.Now()
	return s.stats, nil
}

// ClientGetServerUtilizationLegacy implements the operation of Panel 0.7.
func (a clientAPI) ClientGetServerUtilizationLegacy(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "", func(c *serverCall) (*answer, error) {
		stats, err := c.stats()
		if err != nil {
			return nil, err
		}
		states := map[string]string{stateOffline: "off", stateRunning: "on", stateStarting: "starting", stateStopping: "stopping"}
		limits := c.server.limits
		return ok(item("stats", object{
			"state":  states[stats.State],
			"memory": object{"current": stats.MemoryBytes >> 20, "limit": limits.memory},
			"cpu":    object{"current": stats.CPU, "cores": []float64{math.Floor(stats.CPU)}, "limit": limits.cpu},
			"disk":   object{"current": stats.DiskBytes >> 20, "limit": limits.disk},
		})), nil
	})
}

// errOffline is for commands that nobody reads.
var errOffline = refuse(http.StatusBadGateway, "HttpException", "Server must be online in order to send commands.")

// ClientSendCommand implements the operation.
func (a clientAPI) ClientSendCommand(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "control.console", func(c *serverCall) (*answer, error) {
		if err := c.in.validate(field{name: "command", rules: "required|string|min:1"}); err != nil {
			return nil, err
		}
		command, offline := c.in.text("command"), false
		if err := c.onDaemon(c.server, func(m *machine) error {
			if offline = m.state() == stateOffline; offline {
				return nil
			}
			return m.command(command)
		}); err != nil {
			return nil, err
		}
		switch {
		case offline && !c.server.hadContainer:
			return nil, daemonRefusal(errUnexpected)
		case offline && c.p.legacy():
			return nil, refuse(http.StatusPreconditionFailed, "HttpException", "Server must be online in order to send commands.")
		case offline:
			return nil, errOffline
		}
		c.note("server:console.command", with("command", command))
		return none, nil
	})
}

// powerPermissions are what a signal needs. An unknown one needs what nobody
// has but those who may all.
var powerPermissions = map[string]string{
	"start": "control.start", "stop": "control.stop", "restart": "control.restart", "kill": "control.stop",
}

// ClientSetPowerState implements the operation.
func (a clientAPI) ClientSetPowerState(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "", func(c *serverCall) (*answer, error) {
		signal := c.in.text("signal")
		if !c.may(c.server, powerPermissions[signal]) {
			return nil, errUnauthorized
		}
		if err := c.in.validate(field{name: "signal", rules: "required|string|in:start,stop,restart,kill"}); err != nil {
			return nil, err
		}
		if !c.server.node.up() {
			return nil, errNodeDown
		}
		// Wings takes it, and does it or not.
		_ = c.p.power(c.server, c.p.machine(c.server), signal)
		c.note("server:power." + signal)
		return none, nil
	})
}
