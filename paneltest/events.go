package paneltest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/network"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
	"github.com/ptero-go/ptero/paneltest/internal/wings"
)

// ExpireTokens expires the tokens of all open sockets.
func (p *Panel) ExpireTokens() { p.eachNode((*wings.Daemon).ExpireTokens) }

// RevokeTokens makes Wings refuse all socket tokens issued so far, as it refuses
// those of a subuser whose permissions have changed.
func (p *Panel) RevokeTokens() { p.core.RevokeTokens() }

// DropSockets ends all WebSocket connections without a close frame, as a failing
// network does.
func (p *Panel) DropSockets() { p.eachNode((*wings.Daemon).DropSockets) }

// RestartWings ends all sockets without a close frame and makes the nodes refuse
// all tokens issued so far, including those of the current second. Games keep
// running.
func (p *Panel) RestartWings() { p.eachNode((*wings.Daemon).Restart) }

// RestartWingsAfter is like [Panel.RestartWings], but Wings is down for a while
// first, as if [Panel.StopNode] had stopped all nodes that are up. Games keep
// running, so the log holds what they print meanwhile.
func (p *Panel) RestartWingsAfter(down time.Duration) error {
	if down <= 0 {
		return errFaultTime
	}
	var up []int
	_ = p.core.Update(func(s *model.State) error { // nor does it fail
		for _, n := range s.Nodes.All() {
			if n.Up() {
				up = append(up, n.ID)
			}
		}
		return nil
	})
	for _, id := range up {
		if err := p.StopNode(id); err != nil {
			return err
		}
		time.AfterFunc(down, func() {
			p.node(id).Restart()
			_ = p.StartNode(id) // fails if the Panel is closed, or the node gone
		})
	}
	return nil
}

// BlackHole drops all packets to and from the given nodes for a time, or to and
// from the Panel and all nodes if none is given. Connections that are open now
// are lost silently and for good: nothing sent over them arrives, and they do not
// close. Dials wait until it is over, or until their client gives up; on real
// sockets they succeed, and it is the answer to the request that waits.
func (p *Panel) BlackHole(d time.Duration, nodes ...int) error {
	return p.strikeHosts(nodes, d, (*network.Host).BlackHole)
}

// Freeze is like [Panel.BlackHole], but connections survive, and what was sent
// meanwhile arrives when it is over.
func (p *Panel) Freeze(d time.Duration, nodes ...int) error {
	return p.strikeHosts(nodes, d, (*network.Host).Freeze)
}

// RefuseDials refuses new connections for a time, to the given nodes or, without
// any, to the Panel and all nodes. Open connections stay open.
func (p *Panel) RefuseDials(d time.Duration, nodes ...int) error {
	return p.strikeHosts(nodes, d, (*network.Host).Refuse)
}

// CutSockets ends each open connection to the given nodes, or to all nodes if
// none is given, once it has carried that many more bytes of an answer or of
// frames, so most likely in the middle of a frame. Connections opened later are
// not cut.
func (p *Panel) CutSockets(after int, nodes ...int) error {
	if after < 0 {
		return errors.New("paneltest: there are no less bytes than none")
	}
	return p.strike(nodes, func(h *network.Host) { h.Cut(after) })
}

// strike makes the network of the given nodes fail, or of all without any.
func (p *Panel) strike(nodes []int, do func(*network.Host)) error {
	p.mu.Lock()
	struck := slices.Collect(maps.Values(p.nodes))
	p.mu.Unlock()
	if len(nodes) > 0 {
		struck = nil
	}
	for _, id := range nodes {
		w := p.node(id)
		if w == nil {
			return fmt.Errorf("paneltest: there is no Wings on node %d", id)
		}
		struck = append(struck, w)
	}
	for _, w := range struck {
		do(w.host)
	}
	return nil
}

// errFaultTime is for faults that would not last.
var errFaultTime = errors.New("paneltest: a fault must take some time")

// strikeHosts makes the network fail for a time: that of the Panel too, unless
// nodes are given.
func (p *Panel) strikeHosts(nodes []int, d time.Duration, do func(*network.Host, time.Duration)) error {
	if d <= 0 {
		return errFaultTime
	}
	if err := p.strike(nodes, func(h *network.Host) { do(h, d) }); err != nil {
		return err
	}
	if len(nodes) == 0 {
		do(p.host, d)
	}
	return nil
}

// onNode does something to a node, while no request does.
func (p *Panel) onNode(id int, do func(*model.Node) error) error {
	defer p.changes.notify()
	return p.core.Update(func(s *model.State) error {
		n := s.Nodes.Get(id)
		if n == nil {
			return fmt.Errorf("paneltest: there is no node %d", id)
		}
		return do(n)
	})
}

// StopNode makes a node unreachable for the Panel and for its clients.
func (p *Panel) StopNode(id int) error {
	if err := p.onNode(id, func(n *model.Node) error {
		n.Down = true
		return nil
	}); err != nil {
		return err
	}
	if w := p.node(id); w != nil {
		w.host.SetStopped(true)
		w.SetDown(true)
	}
	return nil
}

// StartNode undoes [Panel.StopNode]. A node without Wings, such as one created
// through the API, gets one, and with it a new address.
func (p *Panel) StartNode(id int) error {
	return p.onNode(id, func(n *model.Node) error {
		if p.isClosed() {
			return errClosed
		}
		if n.Daemon == nil {
			if err := p.startNode(n); err != nil {
				return err
			}
		}
		n.Down = false
		w := p.node(id)
		w.SetDown(false)
		w.host.SetStopped(false)
		return nil
	})
}

// SetRateLimits changes how many requests an account may make to each API in a
// window. Requests already made in the current window still count.
func (p *Panel) SetRateLimits(client, application int) error {
	if client < 1 || application < 1 {
		return errors.New("paneltest: rate limits must be above 0")
	}
	p.core.SetRateLimits(client, application)
	return nil
}

// onServer does something to a server, which is named as in [Panel.Server], while
// no request does.
func (p *Panel) onServer(name string, do func(*model.Server) error) error {
	defer p.changes.notify()
	return p.core.Update(func(state *model.State) error {
		if s := state.ServersByUUID[model.UUIDOf(name)]; s != nil {
			return do(s)
		}
		switch called := state.Servers.Where(func(s *model.Server) bool { return s.Name == name }); len(called) {
		case 0:
			return fmt.Errorf("paneltest: there is no server %q", name)
		case 1:
			return do(called[0])
		default:
			return fmt.Errorf("paneltest: %d servers are called %q, so name an identifier", len(called), name)
		}
	})
}

// Suspend suspends a server, which is named as in [Panel.Server].
func (p *Panel) Suspend(id string) error {
	return p.onServer(id, func(s *model.Server) error { return p.core.Suspend(s, true) })
}

// Unsuspend lifts the suspension of a server.
func (p *Panel) Unsuspend(id string) error {
	return p.onServer(id, func(s *model.Server) error { return p.core.Suspend(s, false) })
}

// Transfer moves a server to another node, with its files and backups. Its game
// is stopped, its sockets are closed with 1001 "server deleted", and from then on
// the Panel names the other node in its credentials.
func (p *Panel) Transfer(server string, node int) error {
	return p.onServer(server, func(s *model.Server) error {
		to := p.core.State.Nodes.Get(node)
		if to == nil {
			return fmt.Errorf("paneltest: there is no node %d", node)
		}
		if err := p.core.Transfer(s, to); err != nil {
			return fmt.Errorf("paneltest: server %q stays: %w", server, err)
		}
		return nil
	})
}

// Crash makes the game of a server exit by itself.
func (p *Panel) Crash(id string) error {
	return p.onGame(id, (*wings.Daemon).Crash)
}

// Print makes the game of a server print lines.
func (p *Panel) Print(id string, lines ...string) error {
	return p.onGame(id, func(d *wings.Daemon, uuid string) { d.Print(uuid, lines...) })
}

// onGame does something to the game of a server, while requests go on: those who
// listen may be slow.
func (p *Panel) onGame(id string, do func(d *wings.Daemon, uuid string)) error {
	var on *runningNode
	var uuid string
	if err := p.onServer(id, func(s *model.Server) error {
		if p.core.OnNode(s) == nil {
			return errors.New("paneltest: the server's node has no Wings")
		}
		on, uuid = p.node(s.Node.ID), s.UUID
		return nil
	}); err != nil {
		return err
	}
	do(on.Daemon, uuid)
	return nil
}
