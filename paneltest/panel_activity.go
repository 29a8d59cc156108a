package paneltest

import "time"

// note writes a line of the activity log, about a server or an account. A nil
// call stands for the system itself.
func (p *core) note(c *call, event string, s *server, account *user, properties ...property) {
	line := &activity{
		id: len(p.state.activity) + 1, event: event, server: s, account: account,
		properties: properties, at: time.Now(), ip: "127.0.0.1",
	}
	if c != nil {
		line.actor, line.isAPI, line.ip = c.user, true, c.ip()
	}
	p.state.activity = append(p.state.activity, line)
}
