package console_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptero-go/ptero/console"
)

// Each recorded conversation, sent frame by frame: every event of it comes out, in
// its order, and nothing else but the gaps where the daemon withheld events for
// want of a token: this one keeps no log to fill them from.
func TestRecordedConversations(t *testing.T) {
	t.Parallel()
	conversations := 0
	for name, frames := range console.RecordedFrames(t) {
		byConn := make(map[int][]console.RecordedFrame)
		for _, frame := range frames {
			byConn[frame.Conn] = append(byConn[frame.Conn], frame)
		}
		for conn, frames := range byConn {
			if frames[0].Event != "auth success" || len(frames) < 2 {
				continue // the daemon never let it in, or said no more
			}
			conversations++
			t.Run(fmt.Sprintf("%s/%d", name, conn), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { replayConversation(t, frames) })
			})
		}
	}
	if conversations < 25 {
		t.Errorf("only %d conversations", conversations)
	}
}

func replayConversation(t *testing.T, frames []console.RecordedFrame) {
	t.Helper()
	w := newWings(t, func(p *peer) {
		p.token()
		idle := make(chan struct{})
		go func() {
			defer close(idle)
			p.idle()
		}()
		for _, frame := range frames {
			p.raw(frame.Raw)
		}
		time.Sleep(30 * time.Second) // until nothing is asked for any more
		p.print("the end")
		<-idle
	})
	var want []console.Event
	for _, frame := range frames {
		if frame.Event != "auth success" {
			want = append(want, console.Decode([]byte(frame.Raw)))
		}
	}
	withheld := slices.ContainsFunc(frames, func(f console.RecordedFrame) bool { return f.Event == "jwt error" })
	c, err := console.Dial(t.Context(), w)
	if frames[1].Event == "jwt error" {
		if !errors.Is(err, console.ErrWrongServer) {
			t.Errorf("opened with %v", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var got []console.Event
	for e, err := range c.Events(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if e == (console.Output{Line: "the end"}) {
			break
		}
		switch e.(type) {
		case console.StateChange:
		case console.Gap:
			if !withheld {
				t.Fatalf("%v without a reason", e)
			}
		default:
			got = append(got, e)
		}
	}
	for i := range max(len(want), len(got)) {
		switch {
		case i >= len(got):
			t.Fatalf("%v never came, nor did what followed; %v did", want[i], got)
		case i >= len(want):
			t.Fatalf("%v came in addition", got[i])
		case !reflect.DeepEqual(got[i], want[i]):
			t.Fatalf("%v came, want %v", got[i], want[i])
		}
	}
}
