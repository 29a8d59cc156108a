package paneltest

import (
	"slices"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// run begins the tasks of a schedule, in their order. It is done at once if the
// schedule asks for a game that runs, and none does.
func (p *core) run(s *schedule) {
	s.processing = true
	if next, err := s.cron.Next(time.Now()); err == nil {
		s.nextRun = &next
	}
	if s.onlyOnline && !p.isOnline(s.server) {
		s.complete()
		return
	}
	p.queue(s, 0)
}

// isOnline tells that the game of a server runs or is about to.
func (p *core) isOnline(s *server) bool {
	if !s.node.up() {
		return false
	}
	state := p.machine(s).State()
	return state == protocol.StateStarting || state == protocol.StateRunning
}

// queue waits for the time of a task, counted from the end of the one before.
func (p *core) queue(s *schedule, after int) {
	if p.closed || !s.processing { // the lock was not held all the time
		return
	}
	i := slices.IndexFunc(s.sorted(), func(t *task) bool { return t.sequence > after })
	if i < 0 {
		s.complete()
		return
	}
	t := s.sorted()[i]
	t.queued = true
	s.timer = time.AfterFunc(time.Duration(t.offset)*time.Second, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.closed || !s.processing {
			return
		}
		t.queued = false
		if err := p.perform(t); err != nil && !t.continueOnFailure {
			s.complete()
			return
		}
		p.queue(s, t.sequence)
	})
}

// perform does what a task says.
func (p *core) perform(t *task) error {
	s := t.schedule.server
	if !s.node.up() {
		return errNodeDown
	}
	m := p.machine(s)
	switch t.action {
	case "power":
		return p.power(s, m, t.payload)
	case "command":
		p.mu.Unlock() // a client that reads slowly may hold it up
		defer p.mu.Lock()
		return m.Command(t.payload)
	default:
		p.newBackup(s, "", nil, false)
		return nil
	}
}
