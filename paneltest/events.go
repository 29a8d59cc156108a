package paneltest

import (
	"errors"
	"fmt"

	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
	"github.com/ptero-go/ptero/paneltest/internal/wings"
)

// ExpireTokens makes the tokens that sockets use now count as expired.
func (p *Panel) ExpireTokens() { p.eachNode((*wings.Daemon).ExpireTokens) }

// RevokeTokens makes Wings refuse all tokens that were issued for sockets so
// far, as it does with those of a subuser whose permissions changed.
func (p *Panel) RevokeTokens() { p.core.RevokeTokens() }

// DropSockets ends all sockets without a close frame, as a network that fails.
func (p *Panel) DropSockets() { p.eachNode((*wings.Daemon).DropSockets) }

// RestartWings ends all sockets without a close frame, and makes the nodes
// refuse the tokens of before, those of this very second included.
func (p *Panel) RestartWings() { p.eachNode((*wings.Daemon).Restart) }

// onNode does something to a node, while no request does.
func (p *Panel) onNode(id int, do func(*model.Node) error) error {
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
		w.SetDown(true)
	}
	return nil
}

// StartNode ends what [Panel.StopNode] began. A node without Wings, such as one
// that was created through the API, gets it, and with it another address.
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
		p.node(id).SetDown(false)
		return nil
	})
}

// SetRateLimits changes how many requests an account may make to each API in a
// window, from now on. What was used of a window stays used.
func (p *Panel) SetRateLimits(client, application int) error {
	if client < 1 || application < 1 {
		return errors.New("paneltest: rate limits must be above 0")
	}
	p.core.SetRateLimits(client, application)
	return nil
}

// onServer does something to a server, which is named by its identifier or its
// UUID, while no request does.
func (p *Panel) onServer(id string, do func(*model.Server) error) error {
	return p.core.Update(func(state *model.State) error {
		s := state.ServersByUUID[id]
		if s == nil {
			return fmt.Errorf("paneltest: there is no server %q", id)
		}
		return do(s)
	})
}

// Suspend suspends a server, which is named by its identifier or its UUID.
func (p *Panel) Suspend(id string) error {
	return p.onServer(id, func(s *model.Server) error { return p.core.Suspend(s, true) })
}

// Unsuspend lifts the suspension of a server.
func (p *Panel) Unsuspend(id string) error {
	return p.onServer(id, func(s *model.Server) error { return p.core.Suspend(s, false) })
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
