package console

import (
	"errors"
	"slices"
	"time"

	"github.com/ptero-go/ptero/client"
)

// wait is how long to wait now, after failures since a moment: a tenth of that,
// within the limits, and not all consoles alike.
func (c *core) wait(since time.Time, least time.Duration) time.Duration {
	d := min(max(c.now.Sub(since)/backoffShare, least), max(c.most, least))
	return d/2 + time.Duration(c.chance()*float64(d/2))
}

// attemptFailed notes that a connection failed, before or after it was live.
func (c *core) attemptFailed(err error) {
	var e *Error
	errors.As(err, &e)
	wasLive := c.main != nil && !c.main.lived.IsZero()
	opened := c.main != nil
	if e != nil {
		suspended := errors.Is(err, ErrSuspended)
		waits := suspended && c.outlastSuspension
		switch {
		case e.final, !waits && (suspended || !c.ready && !c.persistent):
			c.finish(err)
			return
		case suspended:
			c.refuseCredentials(c.now.Add(suspensionPause))
		case errors.Is(err, ErrDeleted), e.StatusCode == 404:
			// It may have moved: the Panel knows.
			c.refuseCredentials(c.now)
		case opened && !wasLive && c.token.refused > 0:
			c.refuseCredentials(c.now)
		}
	}
	c.disconnect(err)
}

// refuseCredentials makes new ones be fetched before the next connection.
func (c *core) refuseCredentials(at time.Time) {
	if c.creds != nil {
		c.creds.refused = true
	}
	c.wantFetch(at)
}

func (c *core) wantFetch(at time.Time) {
	c.fetch.wanted = true
	if at.After(c.fetch.at) {
		c.fetch.at = at
	}
}

// disconnect lets go of the main socket, and plans the next connection.
func (c *core) disconnect(err error) {
	c.cause = err
	c.loseCommands(err)
	if w := c.main; w != nil {
		c.do(action{do: doDrop, id: w.id})
		switch {
		case w.lived.IsZero():
		case c.now.Sub(w.lived) >= steady:
			c.down, c.unsteady = c.now, time.Time{}
		default:
			if c.unsteady.IsZero() {
				c.unsteady = c.now
			}
			c.down = c.unsteady
		}
		if !w.lived.IsZero() || c.begun {
			c.interrupted(w.good)
		}
		c.main = nil
	}
	c.dropRead()
	c.dropDials()
	if c.writing != nil {
		c.writing = nil // written tells its outcome
	}
	c.token = tokenState{}
	if c.end != nil {
		return
	}
	delay := c.wait(c.down, c.least)
	c.dialAt = c.now.Add(delay)
	c.enter(StateChange{To: StateWaiting, Err: err, Delay: delay})
}

func (c *core) dropDials() {
	for _, d := range c.dials {
		c.do(action{do: doDrop, id: d.id})
	}
	c.dials = nil
}

// connect dials, and dials again beside a dial that gets no answer.
func (c *core) connect() {
	if !c.creds.usable(c.now) {
		if !c.fetch.wanted {
			c.wantFetch(c.now)
		}
		return
	}
	if len(c.dials) == 0 {
		if c.now.Before(c.dialAt) {
			c.due(c.dialAt)
			return
		}
		c.enter(StateChange{To: StateDialing})
		c.dial()
		return
	}
	if c.now.Sub(c.down) >= connectLimit && !c.ready && !c.persistent {
		c.finish(&Error{Op: "dial", Kind: ErrSilent, Problem: "the node cannot be reached: no answer in " + connectLimit.String(), cause: nil})
		return
	}
	last := c.dials[len(c.dials)-1]
	if last.began.IsZero() {
		return // it waits for its turn
	}
	at := last.began.Add(max(dialPatience, min(c.now.Sub(c.down)/backoffShare, c.most)))
	if c.now.Before(at) {
		c.due(at)
		return
	}
	if len(c.dials) >= mostDials {
		c.do(action{do: doDrop, id: c.dials[0].id})
		c.dials = slices.Delete(c.dials, 0, 1)
	}
	c.dial()
}

func (c *core) dial() {
	c.ids++
	c.dials = append(c.dials, dialing{id: c.ids})
	c.do(action{do: doDial, id: c.ids, url: c.creds.socket})
}

// finish is the end.
func (c *core) finish(err error) {
	if c.end != nil {
		return
	}
	c.end = err
	polite := errors.Is(err, ErrClosed)
	change := StateChange{To: StateClosed, Err: err}
	if polite && errors.Unwrap(err) == nil {
		change.Err = nil
	}
	if c.main != nil {
		c.do(action{do: doDrop, id: c.main.id, polite: polite})
		c.main = nil
	}
	if c.read != nil && c.read.purpose.holds() {
		held := c.read.held
		c.dropRead()
		c.publish(Gap{GapNoLog})
		for _, e := range held {
			c.handOut(e)
		}
	}
	c.dropRead()
	c.dropDials()
	c.endCrash(false)
	c.enter(change)
	for k, queue := range c.outbox {
		for _, out := range queue {
			c.answer(out, &Error{Op: out.event, Problem: "it was not sent", cause: err})
		}
		c.outbox[k] = nil
	}
	for _, out := range c.wantReads {
		c.answer(out, &Error{Op: out.event, cause: err})
	}
	c.wantReads = nil
	c.wake = time.Time{}
	c.do(action{do: doEnd, err: err})
}

// enter changes the state and tells of it.
func (c *core) enter(change StateChange) {
	change.From = c.state
	if change.From == change.To {
		return
	}
	c.state = change.To
	c.publish(change)
	c.do(action{do: doLog, change: change, retrying: !c.down.IsZero() && c.now.Sub(c.down) > 0})
}

// settle does all that is due, and finds out when something is next.
func (c *core) settle() {
	c.wake = time.Time{}
	if c.end != nil {
		return
	}
	if c.main != nil {
		c.keep() // which may be the end of it
	}
	if c.end == nil {
		c.askPanel()
	}
	if c.end == nil && c.main == nil {
		c.connect()
	}
	if c.end != nil {
		c.wake = time.Time{}
		return
	}
	if c.crash != nil {
		if c.now.Before(c.crashEnd) {
			c.due(c.crashEnd)
		} else {
			c.endCrash(false)
		}
	}
}

// due makes tick be called at a time.
func (c *core) due(at time.Time) {
	if c.wake.IsZero() || at.Before(c.wake) {
		c.wake = at
	}
}

// askPanel fetches credentials when they are wanted.
func (c *core) askPanel() {
	if c.main != nil && !c.main.lived.IsZero() && !c.fetch.wanted && !c.fetch.busy && c.token.sent.IsZero() && !c.token.send {
		if c.now.Before(c.token.renewAt) {
			c.due(c.token.renewAt)
		} else {
			c.renew(c.now)
		}
	}
	if c.main == nil && !c.fetch.wanted && !c.fetch.busy && !c.creds.usable(c.now) {
		c.wantFetch(c.now)
	}
	if !c.fetch.wanted || c.fetch.busy {
		return
	}
	at := c.fetch.at
	if allowed := c.fetch.pace.at(c.now); allowed.After(at) {
		at = allowed
	}
	if c.now.Before(at) {
		c.due(at)
		return
	}
	c.fetch.busy = true
	c.fetch.pace.take(c.now)
	if c.main == nil {
		c.enter(StateChange{To: StateFetching})
	}
	limit := PanelPatience
	if !c.fetch.since.IsZero() {
		limit = max(limit, min(c.now.Sub(c.fetch.since)/backoffShare, connectLimit))
	}
	c.do(action{do: doFetch, limit: limit})
}

// keep does what is due on the main socket.
func (c *core) keep() {
	w := c.main
	if w.stuck != nil {
		if at := w.stuckAt.Add(politeness); c.now.Before(at) {
			c.due(at)
		} else {
			c.attemptFailed(w.stuck)
		}
		return
	}
	if w.lived.IsZero() {
		limit := w.opened.Add(connectLimit)
		if !c.now.Before(limit) {
			c.attemptFailed(&Error{Op: "auth", Kind: ErrSilent, Problem: "the daemon did not take the token in time: " + c.token.doubt()})
			return
		}
		c.due(limit)
	}
	if c.token.send {
		if at := w.pace.at(kindAuth, c.now); c.now.Before(at) {
			c.due(at)
		} else {
			c.token.send, c.token.sent = false, c.now
			c.send(kindAuth, "auth", []string{c.creds.token}, nil)
		}
	} else if !c.token.sent.IsZero() {
		limit := c.token.sent.Add(authPatience)
		switch {
		case c.now.Before(limit):
			c.due(limit)
		case w.lived.IsZero():
			c.attemptFailed(&Error{Op: "auth", Kind: ErrSilent, Problem: "the daemon did not take the token in time: " + c.token.doubt()})
			return
		default: // it may have come through all the same
			c.token.sent = time.Time{}
			c.renew(c.now.Add(c.wait(c.now, renewPause)))
		}
	}
	if w.lived.IsZero() {
		return
	}
	if c.probe(); c.main != w {
		return
	}
	c.readOn()
	for c.main == w && c.read == nil && len(c.wantReads) > 0 && !c.token.barred {
		c.readOn() // the next one
	}
	if c.main == w {
		c.flush()
	}
}

// send writes a message on the main socket.
func (c *core) send(k kind, event string, args []string, out *outgoing) {
	c.main.pace.take(k, c.now)
	c.do(action{do: doSend, id: c.main.id, event: event, args: args, out: out})
}

// probe asks a silent daemon whether it is there. A running server is never
// silent for long.
func (c *core) probe() {
	w := c.main
	if !w.asked.IsZero() && w.heard.After(w.asked) {
		w.asked = time.Time{}
	}
	if !w.asked.IsZero() {
		limit := w.asked.Add(c.patience)
		if c.now.Before(limit) {
			c.due(limit)
			return
		}
		c.attemptFailed(&Error{Op: "socket", Kind: ErrSilent, Problem: "no answer to a ping in " + c.patience.String()})
		return
	}
	silence := c.keepAlive
	if c.power == client.PowerStateRunning {
		silence = min(silence, runningSilence)
	}
	if at := w.heard.Add(silence); c.now.Before(at) {
		c.due(at)
		return
	}
	w.asked = c.now
	c.do(action{do: doPing, id: w.id})
	c.due(c.now.Add(c.patience))
}

// heard takes an event of the main socket.
func (c *core) heard(event Event) {
	switch e := event.(type) {
	case Output:
		c.output(e, event) // which is not boxed again
		return
	case authSuccess:
		c.accepted()
		return
	case Status:
		c.status(e)
		return
	case Stats:
		c.sample(e)
	case JWTError:
		c.publish(event)
		c.refused(e.Text)
		return
	case DaemonError:
		if c.main.lived.IsZero() { // nothing but the token was sent
			c.rejected(e.Text)
		}
	case TokenExpiring, TokenExpired:
		c.renew(c.now)
	case Deleted:
		c.publish(event)
		c.attemptFailed(&Error{Op: "socket", Kind: ErrDeleted, Problem: "the daemon says so"})
		return
	}
	c.publish(event)
}
