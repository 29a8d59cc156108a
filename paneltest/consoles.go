package paneltest

import (
	"slices"
	"sync"
)

// Commands returns the commands that a server received from sockets, requests and
// schedules, in the order in which the game got them. The last 1000 are kept. The
// server is named as in [Panel.Server].
func (p *Panel) Commands(server string) ([]string, error) {
	s, err := p.Server(server)
	if err != nil {
		return nil, err
	}
	return p.consoles.of(s.UUID).commands, nil
}

// Lines returns the last lines of the console of a server, up to 150, those of
// Wings included, and how many there were in all. The server is named as in
// [Panel.Server].
func (p *Panel) Lines(server string) (last []string, printed int, err error) {
	s, err := p.Server(server)
	if err != nil {
		return nil, 0, err
	}
	console := p.consoles.of(s.UUID)
	return console.lines, console.printed, nil
}

const (
	maxCommands = 1000
	maxLines    = 150
)

// consoles keep what was typed and printed. They implement [wings.Observer].
type consoles struct {
	changes *changes

	mu       sync.Mutex
	byServer map[string]*consoleLog // by UUID
}

// consoleLog is what was typed and printed on a server.
type consoleLog struct {
	commands, lines []string
	printed         int
}

// of returns a copy of what is known of a server.
func (c *consoles) of(uuid string) consoleLog {
	c.mu.Lock()
	defer c.mu.Unlock()
	log := c.byServer[uuid]
	if log == nil {
		return consoleLog{commands: []string{}, lines: []string{}}
	}
	return consoleLog{last(log.commands, maxCommands), last(log.lines, maxLines), log.printed}
}

// note changes what is known of a server.
func (c *consoles) note(uuid string, change func(*consoleLog)) {
	c.mu.Lock()
	log := c.byServer[uuid]
	if log == nil {
		log = new(consoleLog)
		c.byServer[uuid] = log
	}
	change(log)
	c.mu.Unlock()
	c.changes.notify()
}

// Printed implements [wings.Observer].
func (c *consoles) Printed(uuid, line string) {
	c.note(uuid, func(log *consoleLog) {
		log.printed++
		log.lines = appendBounded(log.lines, line, maxLines)
	})
}

// Typed implements [wings.Observer].
func (c *consoles) Typed(uuid, command string) {
	c.note(uuid, func(log *consoleLog) { log.commands = appendBounded(log.commands, command, maxCommands) })
}

// Changed implements [wings.Observer].
func (c *consoles) Changed(string) { c.changes.notify() }

// Deleted implements [wings.Observer].
func (c *consoles) Deleted(uuid string) {
	c.mu.Lock()
	delete(c.byServer, uuid)
	c.mu.Unlock()
	c.changes.notify()
}

// appendBounded keeps at least the last n entries of a list, and not many more.
func appendBounded(list []string, entry string, n int) []string {
	if len(list) == 2*n {
		list = append(list[:0], list[n:]...)
	}
	return append(list, entry)
}

// last returns a copy of the last n entries of a list.
func last(list []string, n int) []string { return slices.Clone(list[max(0, len(list)-n):]) }
