package model

import (
	"slices"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

// Schedule is a schedule of a server.
type Schedule struct {
	ID                 int
	Server             *Server
	Name               string
	Cron               laravel.Cron
	Active, OnlyOnline bool
	Processing         bool
	LastRun, NextRun   *time.Time
	Tasks              []*Task
	Created, Updated   time.Time
	Timer              *time.Timer // of the task that runs next
}

// Sorted returns the tasks in the order in which they run.
func (s *Schedule) Sorted() []*Task {
	return slices.SortedStableFunc(slices.Values(s.Tasks), func(a, b *Task) int { return a.Sequence - b.Sequence })
}

// Task is a task of a schedule.
type Task struct {
	ID                int
	Schedule          *Schedule
	Sequence          int
	Action, Payload   string
	Offset            int
	Queued            bool
	ContinueOnFailure bool
	Created, Updated  time.Time
}

// Stop ends what a schedule was about to do.
func (s *Schedule) Stop() {
	if s.Timer != nil {
		s.Timer.Stop()
	}
	s.Processing = false
}

// Complete ends a run of a schedule.
func (s *Schedule) Complete() {
	now := time.Now()
	s.Processing, s.LastRun = false, &now
}

// Move gives a task another place, and shifts those between.
func (t *Task) Move(place int) {
	for _, other := range t.Schedule.Tasks {
		switch {
		case other.Sequence >= place && other.Sequence < t.Sequence:
			other.Sequence++
		case other.Sequence <= place && other.Sequence > t.Sequence:
			other.Sequence--
		}
	}
	t.Sequence = place
}
