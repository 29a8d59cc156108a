package console

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ptero-go/ptero/client"
)

// core holds all state of a console and decides everything. It knows no sockets,
// goroutines, locks and clocks: each method takes the time and something that has
// happened, and leaves behind actions to be done and events to be published. The
// shell does them, and calls tick at the time wake.
type core struct {
	settings
	now    time.Time
	chance func() float64 // in [0, 1)

	actions []action
	events  []Event
	wake    time.Time // when tick is to be called, zero for never

	state State
	ready bool  // was live once
	end   error // why it ended, nil while it lives
	ids   int   // of sockets

	power    client.PowerState
	told     time.Time // when the daemon told the power state last
	attached bool      // the daemon takes commands although the server is starting
	crash    *Crash    // being told
	crashEnd time.Time

	creds *credentials
	fetch fetching

	down   time.Time // since when it is not live
	dialAt time.Time
	dials  []dialing
	cause  error // of the last failure

	main  *wire
	token tokenState

	begun     bool // lines were handed out
	lines     history
	run       runClock
	read      *logRead
	wantReads []*outgoing
	lost      interruption

	outbox   [kinds][]*outgoing
	writing  *outgoing   // the command being written
	commands time.Time   // when the last one was written
	recent   []*outgoing // commands and signals that were written lately
}

// settings are what of the options the core goes by.
type settings struct {
	keepAlive, patience time.Duration
	least, most         time.Duration // of a wait before a connection
	log                 bool          // begin with the daemon's log
	persistent          bool          // the first failure is not the end
	outlastSuspension   bool
	outlastStart        bool // commands wait while the server is starting
	logLines, trust     int
}

// fetching is the asking of the Panel for credentials.
type fetching struct {
	wanted bool
	at     time.Time // not before
	busy   bool
	since  time.Time // when it began to fail, zero if it does not
	pace   bucket
}

// dialing is a socket that is being opened.
type dialing struct {
	id    int
	began time.Time // zero while it waits for its turn
}

// wire is an open socket with its token.
type wire struct {
	id     int
	opened time.Time
	lived  time.Time // when it became live, zero before
	heard  time.Time // when the last message came
	good   time.Time // when the last one came that took a good token
	asked  time.Time // when the daemon was asked whether it is there, zero if it answered
	pace   *pacer

	stuck   error // why it takes no more messages, nil if it does
	stuckAt time.Time

	authed    bool // a token was taken
	baselined bool // what came before the first line was asked for
}

// tokenState is where the token of the main socket stands.
type tokenState struct {
	send    bool      // it is to be sent
	sent    time.Time // when it was, zero if it is answered
	renewAt time.Time
	refused int  // tokens in a row
	barred  bool // the daemon takes nothing but a new token
	problem string
}

// interruption is what was known when lines began to be missed.
type interruption struct {
	open  bool
	power client.PowerState
	at    time.Time
}

// verb is what is to be done.
type verb uint8

const (
	doFetch  verb = iota // ask the Panel for credentials, then call fetched
	doDial               // open a socket: call dialing when it begins, then opened or failed
	doDrop               // close a socket, or stop opening it; nothing more is heard of it
	doSend               // write a message, then call written
	doPing               // ask the daemon whether it is there, then call pong
	doAnswer             // give a request its outcome
	doReady              // it is live for the first time
	doEnd                // it has ended: nothing follows
	doLog                // tell the logger
)

type action struct {
	do       verb
	id       int // of a socket
	tag      int // of a ping
	url      string
	polite   bool // with a close frame
	event    string
	args     []string
	out      *outgoing
	err      error
	change   StateChange
	retrying bool // it is one of many
}

func newCore(s settings, chance func() float64) *core {
	if s.logLines == 0 {
		s.logLines, s.trust = logLines, 3
	}
	return &core{settings: s, chance: chance, state: StateClosed, fetch: fetching{pace: bucket{burst: 3, every: 30 * time.Second}}} // Panel 1.12: 5 a minute
}

// do notes an action.
func (c *core) do(a action) { c.actions = append(c.actions, a) }

// publish notes an event.
func (c *core) publish(e Event) { c.events = append(c.events, e) }

// step runs what an input calls for, and then all that is due.
func (c *core) step(now time.Time, input func()) {
	if c.end != nil {
		return
	}
	c.now = now
	input()
	c.settle()
}

// Inputs.

func (c *core) start(now time.Time) {
	c.step(now, func() {
		c.down, c.dialAt = now, now
	})
}

func (c *core) tick(now time.Time) { c.step(now, func() {}) }

// close ends it at the user's word.
func (c *core) close(now time.Time, cause error) {
	c.step(now, func() {
		c.finish(&Error{Op: "socket", Kind: ErrClosed, cause: cause})
	})
}

// fetched is the answer of the Panel.
func (c *core) fetched(now time.Time, answer *client.WebsocketCredentials, asked time.Time, err error) {
	c.step(now, func() {
		c.fetch.busy = false
		var creds *credentials
		if err == nil && answer == nil {
			err = errors.New("the Source gave neither credentials nor an error")
		}
		if err != nil {
			err = refusedCredentials(err)
		} else {
			creds, err = newCredentials(answer, asked)
		}
		if err != nil {
			c.fetchFailed(err)
			return
		}
		moved := c.creds != nil && creds.socket != c.creds.socket
		c.creds = creds
		c.fetch.wanted, c.fetch.since = false, time.Time{}
		switch {
		case c.main != nil && moved:
			c.disconnect(&Error{Op: "socket", Problem: "the server has moved to another node"})
			c.dialAt = c.now
		case c.main != nil:
			c.token.send = true
		default:
			if moved {
				c.dropDials()
			}
			c.dialAt = c.now
		}
	})
}

func (c *core) fetchFailed(err error) {
	waits := c.outlastSuspension && errors.Is(err, ErrSuspended)
	var e *Error
	switch {
	case errors.As(err, &e) && e.final && !waits, !c.ready && !c.persistent && !waits:
		c.finish(err)
		return
	case !errors.As(err, new(*client.Error)): // the Panel did not count it
		c.fetch.pace.give()
	}
	if c.fetch.since.IsZero() {
		c.fetch.since = c.now
	}
	wait := max(c.wait(c.fetch.since, 500*time.Millisecond), retryAfter(err))
	if waits {
		wait = max(wait, suspensionPause)
	}
	c.fetch.at = c.now.Add(wait)
	c.cause = err
	if c.main == nil {
		c.enter(StateChange{To: StateWaiting, Err: err, Delay: wait})
		return
	}
	c.do(action{do: doLog, err: err})
	if waits || c.main.lived.IsZero() {
		c.disconnect(err)
	}
}

// dialing tells that a socket is being opened, after it waited for its turn.
func (c *core) dialBegins(now time.Time, id int) {
	c.step(now, func() {
		for i := range c.dials {
			if c.dials[i].id == id {
				c.dials[i].began = now
			}
		}
		if c.read != nil && c.read.id == id {
			c.read.step = now
		}
	})
}

// opened is a socket that is open.
func (c *core) opened(now time.Time, id int) {
	c.step(now, func() {
		if r := c.read; r != nil && r.id == id {
			r.open, r.step = true, now
			r.before = len(r.live)
			c.do(action{do: doSend, id: id, event: "auth", args: []string{c.creds.token}})
			return
		}
		if c.main != nil || !slices.ContainsFunc(c.dials, func(d dialing) bool { return d.id == id }) {
			c.do(action{do: doDrop, id: id})
			return
		}
		c.dials = slices.DeleteFunc(c.dials, func(d dialing) bool { return d.id == id })
		c.dropDials()
		c.main = &wire{id: id, opened: now, heard: now, good: now, pace: newPacer()}
		c.token = tokenState{send: true}
		switch { // lines may come before the proof that it is live
		case c.lost.open:
			c.startRead(logResume)
		case c.log && !c.ready:
			c.startRead(logFirst)
		}
		c.enter(StateChange{To: StateAuthenticating})
	})
}

// failed is a socket that could not be opened. Status is that of the HTTP answer,
// or 0.
func (c *core) failed(now time.Time, id int, err error) {
	c.step(now, func() {
		if r := c.read; r != nil && r.id == id {
			r.id = 0
			c.readFailed(err)
			return
		}
		i := slices.IndexFunc(c.dials, func(d dialing) bool { return d.id == id })
		if i < 0 {
			return
		}
		c.dials = slices.Delete(c.dials, i, i+1)
		if len(c.dials) > 0 {
			c.cause = err
			return // another may succeed
		}
		c.attemptFailed(err)
	})
}

// broken is an open socket that cannot be read or written any more.
func (c *core) broken(now time.Time, id int, err error) {
	c.step(now, func() {
		switch {
		case c.read != nil && c.read.id == id:
			c.do(action{do: doDrop, id: id})
			c.read.id, c.read.open = 0, false
			c.readFailed(err)
		case c.main != nil && c.main.id == id:
			c.attemptFailed(err)
		}
	})
}

// written tells that a message was written, or not.
func (c *core) written(now time.Time, id int, out *outgoing, err error) {
	if c.end != nil && out != nil {
		if err != nil {
			err = &Error{Op: out.event, Kind: ErrMayHaveArrived, cause: err}
		}
		c.answer(out, err)
	}
	c.step(now, func() {
		if out != nil {
			if out == c.writing {
				c.writing, c.commands = nil, now
			}
			if err != nil {
				c.answer(out, &Error{Op: out.event, Kind: ErrMayHaveArrived, cause: err})
			} else {
				out.written = now
				c.remark(out)
				c.answer(out, nil)
			}
		}
		if err != nil && c.main != nil && c.main.id == id && c.main.stuck == nil {
			// What the daemon said before it closed the socket tells more.
			c.main.stuck = &Error{Op: "socket", Problem: "the connection to the daemon takes no more messages", cause: err}
			c.main.stuckAt = now
		}
	})
}

// pong is the answer to doPing, or the lack of it.
func (c *core) pong(now time.Time, id, tag int, err error) {
	c.step(now, func() {
		if r := c.read; r != nil && !r.pinged.IsZero() && r.tag == tag && err == nil {
			r.pongs++
		}
		if c.main != nil && c.main.id == id && err == nil {
			c.main.heard, c.main.asked = now, time.Time{}
		}
	})
}

// request queues a message of a caller.
func (c *core) request(now time.Time, out *outgoing) {
	if c.end != nil {
		c.answer(out, &Error{Op: out.event, Problem: "it was not sent", cause: c.end})
		return
	}
	c.step(now, func() {
		if out.kind == kindLogs {
			c.wantReads = append(c.wantReads, out)
		} else {
			c.outbox[out.kind] = append(c.outbox[out.kind], out)
		}
	})
}

// withdraw takes back a message that was not sent yet. It reports whether that
// is so.
func (c *core) withdraw(now time.Time, out *outgoing) bool {
	taken := false
	c.step(now, func() {
		list := &c.outbox[out.kind]
		if out.kind == kindLogs {
			list = &c.wantReads
			if c.read != nil && c.read.want == out {
				c.dropRead()
				taken = true
			}
		}
		if i := slices.Index(*list, out); i >= 0 {
			*list = slices.Delete(*list, i, i+1)
			taken = true
		}
	})
	return taken
}

// frames are messages of the daemon.
func (c *core) frames(now time.Time, id int, events []Event) {
	if c.end != nil {
		return
	}
	c.now = now
	for _, e := range events {
		switch {
		case c.end != nil:
			return
		case c.main != nil && c.main.id == id:
			c.main.heard = now
			if _, refused := e.(JWTError); !refused {
				c.main.good = now
			}
			c.heard(e)
		case c.read != nil && c.read.id == id:
			c.readHeard(e)
		}
	}
	c.settle()
}

// The life of the connection.

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
		switch {
		case e.final, suspended && !c.outlastSuspension, !c.ready && !c.persistent && !(suspended && c.outlastSuspension):
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
		if !w.lived.IsZero() {
			c.down = c.now
		}
		if !w.lived.IsZero() || c.begun {
			c.interrupted(w.heard)
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
	if polite && err.(*Error).cause == nil {
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
	c.do(action{do: doFetch})
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
func (c *core) heard(e Event) {
	switch e := e.(type) {
	case Output:
		c.output(e, e)
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
		c.publish(e)
		c.refused(e.Text)
		return
	case DaemonError:
		if c.main.lived.IsZero() { // nothing but the token was sent
			c.rejected(e.Text)
		}
	case TokenExpiring, TokenExpired:
		c.renew(c.now)
	case Deleted:
		c.publish(e)
		c.attemptFailed(&Error{Op: "socket", Kind: ErrDeleted, Problem: "the daemon says so"})
		return
	}
	c.publish(e)
}

// The token.

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

// The server.

// status is a change of the power state, and the first answer to a good token.
func (c *core) status(e Status) {
	first := c.main.lived.IsZero()
	if first && !c.main.authed {
		return
	}
	c.told = c.now
	if first {
		c.live(e.State)
		return
	}
	c.setPower(e.State, false)
}

// setPower notes a power state, and tells of it if it is another.
func (c *core) setPower(to client.PowerState, tell bool) {
	from := c.power
	if from == to && !tell {
		return
	}
	c.power = to
	c.publish(Status{State: to, Previous: from})
	if from == to {
		return
	}
	switch to {
	case client.PowerStateStarting:
		c.endCrash(true)
		if from != "" {
			c.newRun()
		}
	case client.PowerStateOffline:
		c.run = runClock{}
		c.attached = false
		if r := c.read; r != nil && r.purpose == logResume {
			c.concludeRead() // the log is gone with the server
		}
	}
}

// newRun forgets the lines of the last run: the log begins anew.
func (c *core) newRun() {
	if r := c.read; r != nil {
		if r.purpose.holds() {
			c.concludeRead()
		} else {
			c.readFailed(nil)
		}
	}
	c.lines.begin(true)
	c.run, c.attached = runClock{}, false
}

// sample is a sample of the server's use, and of its power state.
func (c *core) sample(e Stats) {
	if e.State.Valid() && e.State != c.power && c.now.Sub(c.told) > statusFresh {
		c.setPower(e.State, false)
	}
	if e.State == client.PowerStateOffline || c.main.lived.IsZero() {
		return
	}
	if r := c.read; r != nil && r.purpose == logResume {
		r.run.sample(c.now, e.Uptime)
		return
	}
	if c.token.barred {
		return
	}
	if c.run.sample(c.now, e.Uptime) {
		c.lines.begin(false) // it was started anew, and nobody said so
	}
	if c.read == nil && e.Uptime > 0 && !c.lines.whole && len(c.lines.known()) < c.logLines && !c.main.baselined && c.now.Sub(c.main.lived) > baselineAfter {
		c.main.baselined = true
		c.startRead(logBaseline)
	}
}

// live is the proof that the token is taken and for this server.
func (c *core) live(power client.PowerState) {
	c.main.lived = c.now
	c.down = time.Time{}
	c.attached = false
	first := !c.ready
	c.ready = true
	c.setPower(power, true)
	c.enter(StateChange{To: StateLive})
	if first {
		c.do(action{do: doReady})
	}
	if power != client.PowerStateOffline {
		c.send(kindStats, "send stats", nil, nil) // for the uptime, which tells of a new start
	}
	if power == client.PowerStateOffline && c.read == nil {
		c.lines.begin(false)
	}
}

// output is a line of the main socket. Boxed is the same.
func (c *core) output(e Output, boxed Event) {
	daemons := !inLog(e.Line)
	if daemons {
		c.daemonLine(e)
	} else if e.Line != "" {
		c.attached = true
	}
	r := c.read
	if r != nil && !daemons && e.Line != "" {
		r.live = append(r.live, fingerprintOf(e.Line))
	}
	if r != nil && r.purpose.holds() {
		r.held = append(r.held, boxed)
		r.bytes += sizeOf(boxed)
		if len(r.held) > mostHeld || r.bytes > mostHeldMem {
			c.giveUpRead()
		}
		return
	}
	if c.token.barred {
		// Of a token that was in force after all: it stands among lost ones.
		return
	}
	c.handOut(boxed)
}

// handOut publishes a line.
func (c *core) handOut(boxed Event) {
	e, isLine := boxed.(Output)
	c.publish(boxed)
	if !isLine {
		return
	}
	c.begun = true
	daemons := !inLog(e.Line)
	if !daemons && e.Line != "" {
		c.lines.add(fingerprintOf(e.Line))
	}
	if len(e.Line) >= longLine {
		c.tear(GapLongLine)
	}
	if daemons && strings.Contains(e.Line, "too quickly -- throttling") {
		c.tear(GapThrottled)
	}
}

// tear notes that the daemon lost lines, which its log may hold.
func (c *core) tear(reason GapReason) {
	c.lines.begin(false)
	if c.read != nil && !c.read.purpose.holds() {
		c.dropRead()
	}
	c.publish(Gap{reason})
}

// daemonLine looks for what the daemon says of a crash.
func (c *core) daemonLine(e Output) {
	text := e.Text()
	_, text, _ = strings.Cut(text, "]: ")
	if strings.Contains(text, "Detected server process in a crashed state") {
		c.endCrash(false)
		c.crash, c.crashEnd = &Crash{ExitCode: -1}, c.now.Add(crashPause)
	}
	if c.crash == nil {
		return
	}
	c.crash.Lines = append(c.crash.Lines, text)
	if code, is := strings.CutPrefix(text, "Exit code: "); is {
		if n, err := strconv.Atoi(code); err == nil {
			c.crash.ExitCode = n
		}
	}
	c.crash.OutOfMemory = c.crash.OutOfMemory || text == "Out of memory: true"
	if strings.HasPrefix(text, "Aborting automatic restart") {
		c.endCrash(false)
	}
}

// endCrash tells of a crash.
func (c *core) endCrash(restarts bool) {
	if c.crash != nil {
		c.crash.Restarts = restarts
		c.publish(*c.crash)
		c.crash = nil
	}
}

// Messages of callers.

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

// The reading of the log.

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
			c.concludeRead()
			return
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
	switch {
	case r.purpose == logRequest:
		seek = seekLog
	case !ev.gapped:
		seek = seekOlder
	}
	found, v = ev.explain(seek)
	if v == verdictNone && r.tries+1 < logTries {
		c.readFailed(nil) // what it brought cannot be
		return
	}
	c.endRead()
	switch r.purpose {
	case logRequest:
		if v == verdictNone {
			found, _ = ev.guess()
		}
		r.want.log = r.output(found)
		c.answer(r.want, nil)
	case logBaseline:
		if v == verdictSure {
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
		case unknown && !(v == verdictSure && len(found.older) == 0 && !found.full && r.run.known && !perhaps):
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
