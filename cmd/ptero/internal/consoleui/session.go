// Package consoleui is the console of a server on a terminal: its lines, an
// editor with a history, and a line about the state of the server.
package consoleui

import (
	"context"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/ptero-go/ptero/console"
)

// Events are what a console brought since the last message.
type Events []console.Event

// Ended is the last message of a session.
type Ended struct{ Err error }

// failed is a command that could not be sent.
type failed struct {
	command string
	err     error
}

// Session connects a console with a program: it passes events on, a bundle at a
// time so that a fast server does not make a slow screen, and sends commands in
// their order.
type Session struct {
	console  *console.Console
	notify   func(tea.Msg)
	commands chan string
	cancel   context.CancelFunc
	running  sync.WaitGroup
}

// frame is how long events are bundled.
const frame = 40 * time.Millisecond

// queued is how many commands may wait to be sent.
const queued = 256

// Open begins a session. The console is closed with it.
func Open(con *console.Console, notify func(tea.Msg)) *Session {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Session{console: con, notify: notify, commands: make(chan string, queued), cancel: cancel}
	s.running.Go(func() { s.pass(ctx) })
	s.running.Go(func() { s.sendAll(ctx) })
	return s
}

// Close ends the session and returns when nothing of it is left.
func (s *Session) Close() {
	s.cancel()
	_ = s.console.Close()
	s.running.Wait()
}

// send queues a command. It reports whether there was room.
func (s *Session) send(command string) bool {
	select {
	case s.commands <- command:
		return true
	default:
		return false
	}
}

// pass passes events on until the console ends.
func (s *Session) pass(ctx context.Context) {
	ticker := time.NewTicker(frame)
	defer ticker.Stop()
	var pending Events
	events := s.console.Channel()
	for {
		select {
		case event, ok := <-events:
			if !ok {
				if len(pending) > 0 {
					s.notify(pending)
				}
				if ctx.Err() == nil {
					s.notify(Ended{s.console.Err()})
				}
				return
			}
			pending = append(pending, event)
		case <-ticker.C:
			if len(pending) > 0 {
				s.notify(pending)
				pending = nil
			}
		case <-ctx.Done():
			return
		}
	}
}

// sendAll sends commands one after the other.
func (s *Session) sendAll(ctx context.Context) {
	for {
		select {
		case command := <-s.commands:
			if err := s.console.SendCommand(ctx, command); err != nil && ctx.Err() == nil {
				s.notify(failed{command, err})
			}
		case <-ctx.Done():
			return
		}
	}
}
