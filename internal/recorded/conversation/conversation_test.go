package conversation_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ptero-go/ptero/internal/recorded/conversation"
)

// What every recording holds, whoever recorded it: connections that begin with
// a dial, messages that are the events they are filed under, times in order.
func TestRecordedConversationsMakeSense(t *testing.T) {
	t.Parallel()
	for set, least := range map[conversation.Set]struct{ scenes, connections, frames int }{
		conversation.Wings111: {17, 110, 700},
		conversation.Wings112: {15, 70, 16000},
		conversation.Pelican:  {11, 20, 1000},
	} {
		all, err := conversation.Load(set)
		if err != nil {
			t.Fatal(err)
		}
		connections, frames := 0, 0
		for _, c := range all {
			for _, entries := range c.Connections() {
				connections++
				frames += checkConnection(t, c.Name, entries)
			}
		}
		if len(all) < least.scenes || connections < least.connections || frames < least.frames {
			t.Errorf("%s: %d scenes, %d connections, %d frames", set, len(all), connections, frames)
		}
	}
}

// checkConnection returns how many messages Wings sent.
func checkConnection(t *testing.T, scene string, entries []conversation.Entry) int {
	t.Helper()
	frames := 0
	first := entries[0]
	if failed := first.Kind == conversation.DialFailed; failed != (first.Status != 101) || failed != (first.Error != "" || failed && first.Status > 0) || failed && len(entries) > 1 ||
		!failed && first.Kind != conversation.Open {
		t.Errorf("%s: connection %d begins with %+v, and has %d entries", scene, first.Conn, first, len(entries))
	}
	for i, entry := range entries {
		if entry.At() < entries[max(0, i-1)].At() {
			t.Errorf("%s: connection %d: entry %d is before the one before it", scene, first.Conn, i)
		}
		if entry.Conn != first.Conn || i > 0 && (entry.Kind == conversation.Open || entry.Kind == conversation.DialFailed) {
			t.Errorf("%s: connection %d holds %+v", scene, first.Conn, entry)
		}
		switch entry.Kind {
		case conversation.In:
			frames++
			var message struct{ Event string }
			if err := json.Unmarshal([]byte(entry.Raw), &message); err != nil || message.Event != entry.Event || !entry.Whole() {
				t.Errorf("%s: %+v: %v", scene, entry, err)
			}
		case conversation.Closed:
			if entry.Error == "" || entry.Code == 0 {
				t.Errorf("%s: %+v", scene, entry)
			}
		}
	}
	return frames
}

func TestReadUnderstandsBothRecorders(t *testing.T) {
	t.Parallel()
	all, err := conversation.Read(fstest.MapFS{
		"b.jsonl": {Data: []byte(`{"dir":"open","conn":1,"ms":1.5,"status":101}` + "\n" + `{"dir":"close","conn":1,"ms":2,"code":-1,"err":"EOF"}`)},
		"a.jsonl": {Data: []byte(`{"dir":"note","conn":0,"ms":0,"note":"kill"}
{"dir":"dial-failed","conn":2,"ms":1,"status":404,"error":"got 404"}
{"dir":"open","conn":3,"ms":2,"status":400,"err":"got 400"}
{"dir":"out","conn":2,"ms":3,"raw":"half","len":8}
`)},
		"notes.txt": {},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 || all[0].Name != "a" || all[1].Name != "b" {
		t.Fatalf("read %+v", all)
	}
	connections := all[0].Connections()
	if len(connections) != 2 || len(connections[0]) != 2 || connections[0][1].Whole() || connections[1][0].Kind != conversation.DialFailed ||
		connections[1][0].Error != "got 400" {
		t.Errorf("connections = %+v", connections)
	}
	end := all[1].Entries[1]
	if end.Kind != conversation.Closed || end.Error != "EOF" || end.At() != 2*time.Millisecond || all[1].Entries[0].At() != 1500*time.Microsecond {
		t.Errorf("read %+v", all[1].Entries)
	}
}

func TestReadRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for want, content := range map[string]string{
		`a.jsonl: line 2: unknown kind "sideways"`: `{"dir":"note"}` + "\n" + `{"dir":"sideways"}`,
		"a.jsonl: line 1: unexpected end":          `{"dir":`,
		"a.jsonl: it is empty":                     "",
	} {
		if _, err := conversation.Read(fstest.MapFS{"a.jsonl": {Data: []byte(content)}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: err = %v, want %s", content, err, want)
		}
	}
	if _, err := conversation.Read(fstest.MapFS{}); err == nil {
		t.Error("an empty folder was taken")
	}
}

func TestFurtherConversations(t *testing.T) {
	t.Setenv("PTERO_RECORDINGS", t.TempDir())
	further, err := conversation.Load(conversation.Further)
	if err != nil || len(further) > 0 {
		t.Errorf("an empty folder gives %d conversations, %v", len(further), err)
	}
	all, err := conversation.Load()
	if err != nil || !slices.ContainsFunc(all, func(c *conversation.Conversation) bool { return c.Name == "kills" }) {
		t.Errorf("%d conversations, %v", len(all), err)
	}
}
