package console

import (
	"strconv"
	"strings"
	"time"

	"github.com/ptero-go/ptero/client"
)

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
	if c.read != nil || e.Uptime <= 0 || c.now.Sub(c.main.lived) <= baselineAfter {
		return
	}
	switch enough := len(c.lines.known()) >= c.logLines; {
	case !enough && !c.lines.whole && !c.main.baselined:
		c.main.baselined = true
		c.startRead(logBaseline)
	case enough && !c.log.exact && !c.main.measured:
		c.main.measured = true
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
