package paneltest

import (
	"errors"
	"fmt"
)

// ExpireTokens makes the tokens that sockets use now count as expired.
func (p *Panel) ExpireTokens() { p.eachDaemon((*daemon).expireTokens) }

// RevokeTokens makes Wings refuse all tokens that were issued for sockets so
// far, as it does with those of a subuser whose permissions changed.
func (p *Panel) RevokeTokens() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.state.servers.all() {
		p.revoke(s.owner, s)
		for _, sub := range s.subusers {
			p.revoke(sub.user, s)
		}
		for _, u := range p.state.users.where(func(u *user) bool { return u.admin }) {
			p.revoke(u, s)
		}
	}
}

// DropSockets ends all sockets without a close frame, as a network that fails.
func (p *Panel) DropSockets() { p.eachDaemon((*daemon).dropSockets) }

// RestartWings ends all sockets without a close frame, and makes the nodes
// refuse the tokens of before, those of this very second included.
func (p *Panel) RestartWings() { p.eachDaemon((*daemon).restart) }

// eachDaemon does something to all nodes, without the lock: sockets may ask the
// Panel something meanwhile.
func (p *Panel) eachDaemon(do func(*daemon)) {
	p.mu.Lock()
	var daemons []*daemon
	for _, n := range p.state.nodes.all() {
		if n.daemon != nil {
			daemons = append(daemons, n.daemon)
		}
	}
	p.mu.Unlock()
	for _, d := range daemons {
		do(d)
	}
}

// StopNode makes a node unreachable for the Panel and for its clients.
func (p *Panel) StopNode(id int) error {
	p.mu.Lock()
	n := p.state.nodes.get(id)
	if n == nil {
		p.mu.Unlock()
		return fmt.Errorf("paneltest: there is no node %d", id)
	}
	n.down = true
	d := n.daemon
	p.mu.Unlock()
	if d != nil {
		d.setDown(true)
	}
	return nil
}

// StartNode ends what [Panel.StopNode] began. A node without Wings, such as one
// that was created through the API, gets it, and with it another address.
func (p *Panel) StartNode(id int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.state.nodes.get(id)
	switch {
	case n == nil:
		return fmt.Errorf("paneltest: there is no node %d", id)
	case p.closed:
		return errClosed
	case n.daemon == nil:
		if err := p.startNode(n); err != nil {
			return err
		}
	}
	n.down = false
	n.daemon.setDown(false)
	return nil
}

// SetRateLimits changes how many requests an account may make to each API in a
// window, from now on. What was used of a window stays used.
func (p *Panel) SetRateLimits(client, application int) error {
	if client < 1 || application < 1 {
		return errors.New("paneltest: rate limits must be above 0")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.limits.client, p.limits.application, p.limits.off = client, application, false
	return nil
}

// onServer does something to a server, which is named by its identifier or its
// UUID.
func (p *Panel) onServer(id string, do func(*server) error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.state.serversByUUID[id]
	if s == nil {
		return fmt.Errorf("paneltest: there is no server %q", id)
	}
	return do(s)
}

// Suspend suspends a server, which is named by its identifier or its UUID.
func (p *Panel) Suspend(id string) error {
	return p.onServer(id, func(s *server) error { return p.suspend(s, true) })
}

// Unsuspend lifts the suspension of a server.
func (p *Panel) Unsuspend(id string) error {
	return p.onServer(id, func(s *server) error { return p.suspend(s, false) })
}

// Crash makes the game of a server exit by itself.
func (p *Panel) Crash(id string) error {
	return p.onMachine(id, (*machine).crash)
}

// Print makes the game of a server print lines.
func (p *Panel) Print(id string, lines ...string) error {
	return p.onMachine(id, func(m *machine) { m.print(lines...) })
}

// onMachine does something to the machine of a server, without the lock: those
// who listen may be slow.
func (p *Panel) onMachine(id string, do func(*machine)) error {
	var m *machine
	if err := p.onServer(id, func(s *server) error {
		if m = p.machine(s); m == nil {
			return errors.New("paneltest: the server's node has no Wings")
		}
		return nil
	}); err != nil {
		return err
	}
	do(m)
	return nil
}
