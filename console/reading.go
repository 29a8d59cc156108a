package console

import (
	"slices"
	"time"

	"github.com/ptero-go/ptero/client"
)

// interrupted notes that lines may be missed from now on.
func (c *core) interrupted(at time.Time) {
	if !c.lost.open {
		c.lost = interruption{open: true, power: c.power, at: at}
	}
}

// startRead plans a reading of the log.
func (c *core) startRead(purpose logPurpose) {
	c.dropRead()
	c.read = &logRead{purpose: purpose}
}

// dropRead gives up a reading without an outcome. Lines that wait are in the log,
// if it reaches back to them.
func (c *core) dropRead() {
	r := c.read
	if r == nil {
		return
	}
	c.read = nil
	if r.id != 0 {
		c.do(action{do: doDrop, id: r.id})
	}
	if r.want != nil {
		if c.end != nil {
			c.answer(r.want, &Error{Op: r.want.event, cause: c.end})
		} else {
			c.wantReads = slices.Insert(c.wantReads, 0, r.want)
		}
	}
}

// readFailed tries again, a few times.
func (c *core) readFailed(err error) {
	r := c.read
	r.cause = err
	if r.id != 0 {
		c.do(action{do: doDrop, id: r.id})
	}
	r.tries++
	if r.tries >= logTries {
		c.giveUpRead()
		return
	}
	*r = logRead{
		purpose: r.purpose, want: r.want, cause: r.cause, tries: r.tries, at: c.now.Add(time.Duration(r.tries) * 250 * time.Millisecond),
		held: r.held, bytes: r.bytes, live: r.live, run: r.run, ran: r.ran,
	}
}

// readOn does what is due for the reading of the log.
func (c *core) readOn() {
	if c.read == nil && len(c.wantReads) > 0 && !c.token.barred {
		want := c.wantReads[0]
		c.wantReads = slices.Delete(c.wantReads, 0, 1)
		if c.power == client.PowerStateOffline {
			c.answer(want, nil)
			return
		}
		c.startRead(logRequest)
		c.read.want = want
	}
	r := c.read
	if r == nil || c.token.barred {
		return
	}
	if c.power == client.PowerStateOffline {
		c.concludeRead()
		return
	}
	r.ran = true
	limit := r.step.Add(logAnswer)
	switch {
	case r.id == 0:
		if c.now.Before(r.at) {
			c.due(r.at)
			return
		}
		c.ids++
		r.id = c.ids
		c.do(action{do: doDial, id: r.id, url: c.creds.socket})
	case !r.open && r.step.IsZero(): // it waits for its turn
	case r.asked.IsZero() && c.now.Before(limit):
		c.due(limit)
	case r.asked.IsZero():
		c.readFailed(nil)
		c.readOn()
	case r.pinged.IsZero():
		at := r.quiet(c.now)
		if r.at.After(at) {
			at = r.at
		}
		if c.now.Before(at) {
			c.due(at)
			if n := len(r.at2); n > 0 { // then it is known whether that is a live line
				if settled := r.at2[n-1].Add(logSkew); c.now.Before(settled) {
					c.due(settled)
				}
			}
			return
		}
		if at := r.asked.Add(logSample); r.purpose == logResume && !r.run.known && c.now.Before(at) {
			c.due(at)
			return
		}
		c.ids++
		r.pinged, r.pongs, r.tag = c.now, 0, c.ids
		c.do(action{do: doPing, id: r.id, tag: r.tag})
		c.do(action{do: doPing, id: c.main.id, tag: r.tag})
		c.due(r.pinged.Add(logAnswer))
	case r.pongs < 2:
		if at := r.pinged.Add(logAnswer); c.now.Before(at) {
			c.due(at)
			return
		}
		c.readFailed(nil)
		c.readOn()
	default:
		at := r.again(c.now)
		switch {
		case at.IsZero():
			if c.concludeRead(); c.read == nil {
				return
			}
		case c.now.Sub(r.asked) > logAnswer: // it never ends
			c.readFailed(nil)
		default:
			r.at, r.pinged = at, time.Time{}
		}
		c.readOn()
	}
}

// readHeard takes an event of the second socket.
func (c *core) readHeard(e Event) {
	r := c.read
	switch e := e.(type) {
	case JWTError:
		c.readFailed(&Error{Op: "auth", Kind: ErrToken, Problem: e.Text})
	case DaemonError:
		c.readFailed(&Error{Op: "auth", Kind: ErrToken, Problem: e.Text})
	case Throttled:
		if e.Limit == "global" || e.Limit == "send logs" {
			c.readFailed(&Error{Op: "send logs", Problem: "the daemon dropped the request, as there were too many"})
		}
	case Status:
		if !r.asked.IsZero() {
			return
		}
		r.asked, r.step = c.now, c.now
		r.early, r.due = len(r.prints), len(r.live)
		c.do(action{do: doSend, id: r.id, event: "send logs"})
	case Output:
		switch {
		case !inLog(e.Line):
		case e.Line == "":
			r.blanks = append(r.blanks, len(r.prints))
		default:
			e.FromLog = true
			r.lines = append(r.lines, e)
			r.at2 = append(r.at2, c.now)
			r.prints = append(r.prints, fingerprintOf(e.Line))
			if len(r.prints) > mostHeld {
				c.giveUpRead()
			}
		}
	}
}

// giveUpRead ends a reading that got no log.
func (c *core) giveUpRead() {
	r := c.read
	c.endRead()
	switch r.purpose {
	case logResume, logFirst:
		c.lines.begin(false)
		c.publish(Gap{GapNoLog})
		c.release(r)
	case logRequest:
		c.answer(r.want, &Error{Op: "send logs", Kind: ErrSilent, Problem: "the daemon did not send its log", cause: r.cause})
	case logBaseline:
	}
}

// endRead closes the socket of a reading.
func (c *core) endRead() {
	r := c.read
	c.read = nil
	if r.id != 0 {
		c.do(action{do: doDrop, id: r.id})
	}
	if r.purpose.holds() {
		c.lost = interruption{}
	}
	if r.run.known {
		c.run = r.run
	}
}

// release hands out the live lines that waited.
func (c *core) release(r *logRead) {
	for _, e := range r.held {
		c.handOut(e)
	}
}

// restarted reports whether the server was started anew since an interruption,
// and whether that may be although nothing tells.
func (c *core) restarted(r *logRead) (again, perhaps bool) {
	switch {
	case c.lost.power == client.PowerStateOffline,
		c.lost.power == client.PowerStateStopping && c.power != c.lost.power,
		c.lost.power == client.PowerStateRunning && c.power == client.PowerStateStarting:
		return true, false
	case !r.run.known:
		return false, false
	}
	again = c.run.known && c.run.later(r.run.start, c.now.Sub(c.lost.at)) || r.run.start.After(c.lost.at.Add(runSlack))
	return again, !r.run.start.Before(c.lost.at)
}

// concludeRead hands out what is new in the log, and what waited for it.
func (c *core) concludeRead() {
	r := c.read
	offline := c.power == client.PowerStateOffline
	var (
		ev    *evidence
		found *explanation
		v     verdict
		gap   GapReason
	)
	switch {
	case r.purpose == logRequest && offline:
		c.endRead()
		c.answer(r.want, nil)
		return
	case offline:
		was := c.lost.power
		c.endRead()
		if r.purpose == logResume && (r.ran || was != client.PowerStateOffline) {
			c.publish(Gap{GapOffline})
		}
		c.lines.begin(false)
		c.release(r)
		return
	case r.asked.IsZero() || r.pinged.IsZero():
		c.giveUpRead()
		return
	}
	again, perhaps := c.restarted(r)
	if r.purpose == logResume && again {
		// Of the last run nothing is lost if it had ended, and of another if there
		// was no time for one.
		if c.lost.power != client.PowerStateOffline || !r.run.known || r.run.start.After(c.lost.at.Add(shortestRun)) {
			gap = GapRestarted
		}
		c.lines.begin(true)
	}
	unknown := r.purpose == logResume && len(c.lines.known()) == 0 && !c.lines.whole
	ev = r.evidence(c)
	ev.certain = r.purpose == logResume
	ev.anew = r.purpose == logResume && !again && perhaps
	if unknown {
		ev.gapped = false
	}
	seek := seekMissing
	if !ev.gapped {
		seek = seekOlder
	}
	found, v = ev.explain(seek)
	if v == verdictNone && r.tries+1 < logTries {
		c.readFailed(nil) // what it brought cannot be
		return
	}
	c.endRead()
	switch v {
	case verdictSure:
		c.log = found.size
	case verdictNone: // it may have another size now
		c.log = newLogSize(c.log.usual)
	case verdictLost, verdictAmbiguous:
	}
	switch r.purpose {
	case logRequest:
		if v == verdictNone {
			found, _ = ev.guess()
		}
		r.want.log = r.output(found)
		c.answer(r.want, nil)
	case logBaseline:
		if v == verdictSure && !c.lines.whole {
			c.lines.extend(r.pick(found.older), !found.full)
		}
	case logFirst:
		if v != verdictSure {
			c.publish(Gap{GapAmbiguous})
		}
		if found != nil {
			for _, i := range found.older {
				c.handOut(r.lines[i])
			}
			c.lines.whole = v == verdictSure && !found.full
		}
		c.release(r)
	case logResume:
		switch {
		case gap != "":
		case len(r.prints) == r.early && len(r.blanks) == 0, v == verdictSure && len(found.log) == 0 && len(r.blanks) == 0:
			gap = GapNoLog // or the server has printed nothing yet, which nothing tells
		case unknown && (v != verdictSure || len(found.older) > 0 || found.full || !r.run.known || perhaps):
			gap = GapUnknown
		case v == verdictLost, v == verdictNone:
			gap = GapLost
		case v == verdictAmbiguous:
			gap = GapAmbiguous
		}
		if gap != "" {
			c.publish(Gap{gap})
			if gap != GapRestarted {
				c.lines.begin(false)
			}
		}
		switch {
		case unknown:
			if v == verdictSure {
				c.lines.extend(r.pick(found.older), !found.full)
			}
		case found != nil:
			for _, i := range found.missing {
				c.handOut(r.lines[i])
			}
			switch {
			case found.full:
				c.lines.whole = false
			case v == verdictSure && !c.lines.whole && gap == "": // it goes back to the start
				c.lines.extend(r.pick(found.older), true)
			}
		default:
			for _, i := range r.unlike(ev) {
				c.handOut(r.lines[i])
			}
		}
		if found == nil || !found.agreed {
			// A guess is no run of lines, and the next log would contradict it.
			c.lines.begin(false)
			c.main.baselined = false
		}
		c.release(r)
	}
}

// pick returns some of the lines.
func (r *logRead) pick(indices []int) []fingerprint {
	picked := make([]fingerprint, len(indices))
	for i, index := range indices {
		picked[i] = r.prints[index]
	}
	return picked
}

// output returns the lines of the log, blank ones included.
func (r *logRead) output(found *explanation) []Output {
	var log []Output
	blanks := r.blanks
	for _, i := range found.log {
		for len(blanks) > 0 && blanks[0] <= i {
			log, blanks = append(log, Output{Time: r.at2[i], FromLog: true}), blanks[1:]
		}
		log = append(log, r.lines[i])
	}
	for range blanks {
		log = append(log, Output{Time: r.asked, FromLog: true})
	}
	return log
}

// unlike returns the lines of the second socket that are neither known nor live.
func (r *logRead) unlike(ev *evidence) []int {
	seen := counts(ev.known, ev.live)
	var found []int
	for i, line := range ev.second {
		if seen[line]--; seen[line] < 0 {
			found = append(found, i)
		}
	}
	return found
}
