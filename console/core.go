package console

import (
	"errors"
	"slices"
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

	down time.Time // since when it is not live
	// unsteady is since when connections have ended soon after they were live.
	unsteady time.Time
	dialAt   time.Time
	dials    []dialing
	cause    error // of the last failure

	main  *wire
	token tokenState

	begun     bool // lines were handed out
	lines     history
	log       logSize
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
	withLog             bool          // begin with the daemon's log
	persistent          bool          // the first failure is not the end
	outlastSuspension   bool
	outlastStart        bool // commands wait while the server is starting
	logLines, trust     int  // 0 stands for the defaults
}

// fetching is the asking of the Panel for credentials.
type fetching struct {
	wanted bool
	at     time.Time // not before
	busy   bool
	since  time.Time // when it began to fail, zero if it does not
	pace   window
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
	measured  bool // the size of the log was asked for
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
	limit    time.Duration // of a fetch
	polite   bool          // with a close frame
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
	return &core{settings: s, chance: chance, state: StateClosed, log: newLogSize(s.logLines)}
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
		case c.withLog && !c.ready:
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
