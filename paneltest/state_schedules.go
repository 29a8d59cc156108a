package paneltest

import (
	"slices"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

type schedule struct {
	id                 int
	server             *server
	name               string
	cron               laravel.Cron
	active, onlyOnline bool
	processing         bool
	lastRun, nextRun   *time.Time
	tasks              []*task
	created, updated   time.Time
	timer              *time.Timer // of the task that runs next
}

// sorted returns the tasks in the order in which they run.
func (s *schedule) sorted() []*task {
	return slices.SortedStableFunc(slices.Values(s.tasks), func(a, b *task) int { return a.sequence - b.sequence })
}

type task struct {
	id                int
	schedule          *schedule
	sequence          int
	action, payload   string
	offset            int
	queued            bool
	continueOnFailure bool
	created, updated  time.Time
}

func (s *state) removeSchedule(schedule *schedule) {
	schedule.stop()
	for _, t := range schedule.tasks {
		s.tasks.remove(t.id)
	}
	s.schedules.remove(schedule.id)
}

// stop ends what a schedule was about to do.
func (s *schedule) stop() {
	if s.timer != nil {
		s.timer.Stop()
	}
	s.processing = false
}

// complete ends a run of a schedule.
func (s *schedule) complete() {
	now := time.Now()
	s.processing, s.lastRun = false, &now
}

// move gives a task another place, and shifts those between.
func (t *task) move(place int) {
	for _, other := range t.schedule.tasks {
		switch {
		case other.sequence >= place && other.sequence < t.sequence:
			other.sequence++
		case other.sequence <= place && other.sequence > t.sequence:
			other.sequence--
		}
	}
	t.sequence = place
}
