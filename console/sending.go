package console

import (
	"slices"

	"github.com/ptero-go/ptero/client"
)

// flush sends the messages that wait, as far as the pace allows.
func (c *core) flush() {
	for k := range kinds {
		for len(c.outbox[k]) > 0 {
			out := c.outbox[k][0]
			if out.after && c.read != nil && c.read.purpose.holds() {
				break // it is to be followed by nothing older
			}
			problem, later := c.vain(out)
			if later {
				break
			}
			if problem != nil {
				c.outbox[k] = slices.Delete(c.outbox[k], 0, 1)
				c.answer(out, problem)
				continue
			}
			if c.token.barred {
				break
			}
			at := c.main.pace.at(k, c.now)
			if k == kindCommand {
				if c.writing != nil {
					break
				}
				if spaced := c.commands.Add(CommandSpacing); spaced.After(at) {
					at = spaced
				}
			}
			if c.now.Before(at) {
				c.due(at)
				break
			}
			c.outbox[k] = slices.Delete(c.outbox[k], 0, 1)
			if k == kindCommand {
				c.writing = out
			}
			c.send(k, out.event, out.args, out)
		}
	}
}

// vain returns why a message would be dropped by the daemon in silence, and
// whether it is to wait.
func (c *core) vain(out *outgoing) (problem error, later bool) {
	if out.permission != "" && !c.creds.allow(out.permission) {
		return &Error{Op: out.event, Kind: ErrPermission, Problem: "the account lacks " + string(out.permission) + " on this server"}, false
	}
	if c.token.barred && (out.kind == kindCommand || out.kind == kindPower) {
		return c.barredError(out.event), false
	}
	if out.kind != kindCommand {
		return nil, false
	}
	switch {
	case c.power == client.PowerStateOffline:
		return &Error{Op: out.event, Kind: ErrOffline, Problem: "start it first"}, false
	case c.power == client.PowerStateStarting && !c.attached:
		if c.outlastStart {
			return nil, true
		}
		return &Error{Op: out.event, Kind: ErrStarting, Problem: "wait until it is running, or use WithPatientCommands"}, false
	}
	return nil, false
}

// answer gives a request its outcome.
func (c *core) answer(out *outgoing, err error) {
	c.do(action{do: doAnswer, out: out, err: err})
}
