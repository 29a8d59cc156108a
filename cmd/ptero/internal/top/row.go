// Package top shows all servers on one screen, live from their consoles.
package top

import (
	"strings"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
	"github.com/ptero-go/ptero/console"
)

// samples is how many seconds a graph can show.
const samples = 60

// Row is a server as it is shown.
type Row struct {
	UUID, Name, Node string
	MemoryLimit      int64   // bytes, 0 for none
	CPULimit         float64 // percent, 0 for none

	// Blocked says why the server has no console, e.g. "suspended".
	Blocked string

	state      client.PowerState
	stats      console.Stats
	cpu        []float64
	memory     []float64
	network    []float64 // bytes a second, both ways
	receive    float64   // bytes a second
	send       float64
	connection console.State
	problem    string // with the connection
	crashed    bool
}

// NewRow returns the row of a server. blocked is what stands in the way of its
// console, "" for nothing.
func NewRow(s *client.Server, blocked string) *Row {
	return &Row{
		UUID: s.UUID, Name: ui.Clean(s.Name), Node: ui.Clean(s.Node), Blocked: blocked,
		MemoryLimit: int64(s.Limits.Memory) << 20, CPULimit: float64(s.Limits.CPU),
	}
}

// update keeps what is measured when the Panel is asked for the servers again.
func (r *Row) update(fresh *Row) {
	r.Name, r.Node, r.MemoryLimit, r.CPULimit = fresh.Name, fresh.Node, fresh.MemoryLimit, fresh.CPULimit
	if r.Blocked != fresh.Blocked {
		r.Blocked = fresh.Blocked
		r.clear()
	}
}

// clear forgets what a server that runs no more used.
func (r *Row) clear() {
	r.stats, r.receive, r.send = console.Stats{DiskBytes: r.stats.DiskBytes}, 0, 0
}

// take updates the row by an event.
func (r *Row) take(event console.Event) {
	switch e := event.(type) {
	case console.Stats:
		// By the server's own clock, as events come in bundles.
		if elapsed := (e.Uptime - r.stats.Uptime).Seconds(); elapsed > 0 && r.stats.Uptime > 0 {
			r.receive = max(0, float64(e.ReceivedBytes-r.stats.ReceivedBytes)/elapsed)
			r.send = max(0, float64(e.SentBytes-r.stats.SentBytes)/elapsed)
		} else {
			r.receive, r.send = 0, 0
		}
		r.stats = e
		r.setState(e.State)
		r.cpu = push(r.cpu, e.CPUPercent)
		r.memory = push(r.memory, float64(e.MemoryBytes))
		r.network = push(r.network, r.receive+r.send)
	case console.Status:
		r.setState(e.State)
	case console.Crash:
		r.crashed = true
	case console.StateChange:
		r.connection = e.To
		switch {
		case e.To == console.StateLive:
			r.problem = ""
		case e.Err != nil:
			r.problem = ui.Clean(e.Err.Error())
		}
	}
}

func (r *Row) setState(state client.PowerState) {
	if state != r.state {
		if state == client.PowerStateRunning {
			r.crashed = false
		}
		if state == client.PowerStateOffline {
			r.clear()
		}
	}
	r.state = state
}

func push(values []float64, v float64) []float64 {
	if len(values) == samples {
		copy(values, values[1:])
		values[samples-1] = v
		return values
	}
	return append(values, v)
}

// shownState is what the column of the state says.
func (r *Row) shownState() ui.State {
	switch {
	case r.Blocked != "":
		return ui.State(r.Blocked)
	case r.connection == console.StateClosed:
		return "no console"
	case r.connection != console.StateLive && r.connection != console.StateRenewing:
		if r.state != "" {
			return "reconnecting"
		}
		return "connecting"
	case r.crashed && r.state != client.PowerStateRunning:
		return "crashed"
	}
	return ui.State(r.state)
}

// graph draws values as a line of blocks: the last ones that fit, where most is
// the height of a full block.
func graph(values []float64, width int, most float64) string {
	const blocks = "▁▂▃▄▅▆▇█"
	levels := []rune(blocks)
	values = values[max(0, len(values)-width):]
	for _, v := range values {
		most = max(most, v)
	}
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", width-len(values)))
	for _, v := range values {
		level := 0
		if most > 0 {
			level = min(len(levels)-1, int(v/most*float64(len(levels))))
		}
		b.WriteRune(levels[max(0, level)])
	}
	return b.String()
}
