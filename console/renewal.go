package console

import (
	"slices"
	"time"

	"github.com/ptero-go/ptero/client"
)

// renew fetches a new token, if that is not under way.
func (c *core) renew(at time.Time) {
	if c.fetch.wanted || c.fetch.busy || c.token.send || !c.token.sent.IsZero() {
		return
	}
	c.fetch.at = time.Time{}
	c.wantFetch(at)
	if !c.main.lived.IsZero() {
		c.enter(StateChange{To: StateRenewing})
	}
}

// accepted is auth success. It may answer a token that was given up already.
func (c *core) accepted() {
	w, t := c.main, &c.token
	barred := t.barred
	w.authed, t.barred = true, false
	if !t.sent.IsZero() {
		c.token = tokenState{renewAt: c.creds.renewal(c.chance())}
	}
	if w.lived.IsZero() {
		return // the power state follows, if the token is for this server
	}
	if !t.send && !c.fetch.wanted && !c.fetch.busy {
		c.enter(StateChange{To: StateLive})
	}
	if barred {
		c.told = time.Time{} // a renewal tells no power state: the next sample does
		c.startRead(logResume)
		c.send(kindStats, "send stats", nil, nil)
	}
}

// refused is a jwt error.
func (c *core) refused(text string) {
	t := &c.token
	why, answersAuth := refusalOf(text)
	t.problem = text
	live := !c.main.lived.IsZero()
	if why == refusalServer {
		c.creds.refused = true
		c.attemptFailed(&Error{Op: "auth", Kind: ErrWrongServer, Problem: text})
		return
	}
	if !answersAuth && live {
		c.bar(text)
	}
	switch {
	case answersAuth && t.sent.IsZero(), !answersAuth && !t.sent.IsZero():
		return // of an older one
	case c.fetch.wanted || c.fetch.busy || t.send:
		return // a new one is on its way
	}
	t.sent = time.Time{}
	c.creds.refused = true
	t.refused++
	if !live && why == refusalNoConnect && t.refused > 1 {
		c.attemptFailed(&Error{Op: "auth", Kind: ErrPermission, Problem: "the account lacks " + string(client.PermissionWebsocketConnect) +
			" on this server, or Wings is newer than the Panel: Wings 1.12.2 and later take tokens of Panel 1.12.3 and later only"})
		return
	}
	at := c.now
	switch {
	case why == refusalRevoked: // tokens of the same second are refused, too
		at = c.now.Add(revokedPause + time.Duration(c.chance()*float64(revokedPause/10)))
	case t.refused > 1:
		at = c.now.Add(c.wait(c.now, renewPause))
	}
	c.fetch.at = time.Time{}
	c.wantFetch(at)
	if live {
		c.enter(StateChange{To: StateRenewing})
	}
}

// rejected is a token that the daemon could not read, or that is signed by
// another key: it answers that with an error that does not say so.
func (c *core) rejected(text string) {
	if c.token.sent.IsZero() {
		return
	}
	c.token.sent, c.token.problem = time.Time{}, text
	c.creds.refused = true
	if c.token.refused++; c.token.refused > 1 {
		c.attemptFailed(&Error{Op: "auth", Kind: ErrToken, Problem: "does the node have another token than the Panel knows? " + text})
		return
	}
	c.wantFetch(c.now)
}

// bar notes that the daemon takes nothing but a new token, and withholds events.
func (c *core) bar(text string) {
	if !c.token.barred {
		c.interrupted(c.now)
		c.dropRead()
	}
	c.token.barred = true
	err := &Error{Op: "send", Kind: ErrToken, Problem: "the token is not in force any more and is being renewed: " + text}
	c.loseCommands(err)
	for _, k := range []kind{kindPower, kindCommand} {
		for _, out := range c.outbox[k] {
			c.answer(out, c.barredError(out.event))
		}
		c.outbox[k] = nil
	}
}

func (c *core) barredError(event string) error {
	return &Error{Op: event, Kind: ErrToken, Problem: "it was not sent: the daemon does not take the token any more, which is being renewed"}
}

// remark remembers a command or signal until it is known that the daemon read it
// with a good token.
func (c *core) remark(out *outgoing) {
	if out.kind != kindCommand && out.kind != kindPower || c.main == nil {
		return
	}
	c.recent = slices.DeleteFunc(c.recent, c.arrived)
	if len(c.recent) == mostDoubtful {
		c.recent = slices.Delete(c.recent, 0, 1)
	}
	c.recent = append(c.recent, out)
}

// arrived reports whether a message was written so long before the last good event
// that it was read before that.
func (c *core) arrived(out *outgoing) bool {
	return c.main == nil || out.written.Before(c.main.good.Add(-doubtful))
}

// loseCommands tells of commands and signals that the daemon may not have taken.
func (c *core) loseCommands(err error) {
	var lost []string
	for _, out := range slices.DeleteFunc(c.recent, c.arrived) {
		lost = append(lost, out.args[0])
	}
	c.recent = nil
	if len(lost) > 0 {
		c.publish(CommandsLost{Commands: lost, Err: err})
	}
}

func (t *tokenState) doubt() string {
	if t.problem == "" {
		return "no answer"
	}
	return t.problem
}
