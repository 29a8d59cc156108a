package panel

import (
	"slices"
	"strings"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// Run begins the tasks of a schedule, in their order. It is done at once if the
// schedule asks for a game that runs, and none does.
func (p *Panel) Run(s *model.Schedule) {
	s.Processing = true
	if next, err := s.Cron.Next(time.Now()); err == nil {
		s.NextRun = &next
	}
	if s.OnlyOnline && !p.isOnline(s.Server) {
		s.Complete()
		return
	}
	p.queue(s, 0)
}

// isOnline reports whether the game of a server runs or is about to.
func (p *Panel) isOnline(s *model.Server) bool {
	if !s.Node.Up() {
		return false
	}
	state := p.OnNode(s).State()
	return state == protocol.StateStarting || state == protocol.StateRunning
}

// queue waits for the time of a task, counted from the end of the one before.
func (p *Panel) queue(s *model.Schedule, after int) {
	if p.closed || !s.Processing { // the lock was not held all the time
		return
	}
	i := slices.IndexFunc(s.Sorted(), func(t *model.Task) bool { return t.Sequence > after })
	if i < 0 {
		s.Complete()
		return
	}
	t := s.Sorted()[i]
	t.Queued = true
	s.Timer = time.AfterFunc(time.Duration(t.Offset)*time.Second, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.closed || !s.Processing {
			return
		}
		t.Queued = false
		if err := p.perform(t); err != nil && !t.ContinueOnFailure {
			s.Complete()
			return
		}
		p.queue(s, t.Sequence)
	})
}

// perform does what a task says.
func (p *Panel) perform(t *model.Task) error {
	s := t.Schedule.Server
	if !s.Node.Up() {
		return p.NodeDown()
	}
	srv := p.OnNode(s)
	switch t.Action {
	case "power":
		return p.Power(s, srv, t.Payload)
	case "command":
		p.mu.Unlock() // a client that reads slowly may hold it up
		defer p.mu.Lock()
		return srv.Command(t.Payload)
	case "delete_files":
		return srv.Files().Delete("/", strings.Split(t.Payload, "\n"))
	default:
		p.NewBackup(s, "", nil, false).Scheduled = true
		return nil
	}
}
