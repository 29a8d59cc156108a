package main

import (
	"fmt"

	"github.com/ptero-go/ptero/cmd/ptero/internal/consoleui"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
	"github.com/ptero-go/ptero/console"
)

// newDescriber returns a function that puts the events of one console into
// words. A connection that fails is mentioned once, not at every attempt, and
// again when it is back.
func newDescriber() consoleui.Describe {
	broken := false
	return func(event console.Event) string {
		change, ok := event.(console.StateChange)
		switch {
		case !ok:
			return describeEvent(event)
		case change.To == console.StateLive && broken:
			broken = false
			return "connected again"
		case change.To == console.StateWaiting && change.Err != nil && !broken:
			broken = true
			text, _ := explain(change.Err)
			return "not connected, trying again: " + text
		}
		return ""
	}
}

// describeEvent puts an event into words, "" for one that is not worth a line.
func describeEvent(event console.Event) string {
	switch e := event.(type) {
	case console.Gap:
		return "lines may be missing here: " + string(e.Reason)
	case console.Dropped:
		return ui.Count(e.Count, "event") + " dropped here, as the output was too slow"
	case console.Status:
		if e.Previous != "" && e.Previous != e.State {
			return "the server is " + string(e.State)
		}
	case console.Crash:
		text := "the server crashed"
		if e.OutOfMemory {
			text += ", as it ran out of memory"
		}
		if e.ExitCode >= 0 {
			text += fmt.Sprintf(", exit code %d", e.ExitCode)
		}
		if e.Restarts {
			text += "; it starts again"
		}
		return text
	case console.DaemonError:
		return "Wings: " + e.Text
	case console.DaemonMessage:
		return "Wings: " + e.Text
	case console.CommandsLost:
		text, _ := explain(e.Err)
		return ui.Count(len(e.Commands), "command") + " may not have arrived: " + text
	case console.Deleted:
		return "the server was deleted"
	}
	return ""
}
