package asyncapi_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ptero-go/ptero/internal/asyncapi"
	"github.com/ptero-go/ptero/internal/recorded/conversation"
)

// The contract of the tests in this file: every message of every recorded
// conversation with a real Wings is one that api/asyncapi.yaml describes.

var load = sync.OnceValues(func() (*asyncapi.Contract, error) { return asyncapi.Load("../../api/asyncapi.yaml") })

func contract(t *testing.T) *asyncapi.Contract {
	t.Helper()
	c, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func conversations(t *testing.T) []*conversation.Conversation {
	t.Helper()
	all, err := conversation.Load()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestEveryMessageOfWingsIsDescribed(t *testing.T) {
	t.Parallel()
	count := 0
	for _, scene := range conversations(t) {
		for _, entry := range scene.Entries {
			if entry.Kind != conversation.In {
				continue
			}
			count++
			if err := contract(t).Check(asyncapi.FromWings, []byte(entry.Raw)); err != nil {
				t.Errorf("%s, after %.3f ms: %v", scene.Name, entry.MS, err)
			}
		}
	}
	if count < 16_000 {
		t.Errorf("looked at %d messages, want at least 16000", count)
	}
}

// misused are the scenes in which a client sends, to see what comes of it, what
// the document does not describe.
var misused = []string{"01-auth", "02-console", "10-odd", "12-power", "pelican-01-auth"}

func TestEveryMessageToWingsIsDescribed(t *testing.T) {
	t.Parallel()
	good := 0
	for _, scene := range conversations(t) {
		for _, entry := range scene.Entries {
			if entry.Kind != conversation.Out {
				continue
			}
			err := contract(t).Check(asyncapi.ToWings, []byte(entry.Raw))
			if err == nil {
				good++
			} else if !slices.Contains(misused, scene.Name) {
				t.Errorf("%s, after %.3f ms: %v", scene.Name, entry.MS, err)
			}
		}
	}
	if good < 350 {
		t.Errorf("%d messages are as described, want at least 350", good)
	}
}

func TestWrongMessagesAreRefused(t *testing.T) {
	t.Parallel()
	for name, message := range map[string]string{
		"another state":       `{"event":"status","args":["exploded"]}`,
		"no argument":         `{"event":"status"}`,
		"two arguments":       `{"event":"status","args":["running","offline"]}`,
		"a number":            `{"event":"console output","args":[1]}`,
		"stats without state": `{"event":"stats","args":["{\"memory_bytes\":1}"]}`,
		"no JSON inside":      `{"event":"stats","args":["memory"]}`,
	} {
		if err := contract(t).Check(asyncapi.FromWings, []byte(message)); err == nil || errors.Is(err, asyncapi.ErrUnknown) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, message := range []string{`{"event":"news","args":[]}`, `{"event":"auth","args":["token"]}`, `[]`} {
		if err := contract(t).Check(asyncapi.FromWings, []byte(message)); !errors.Is(err, asyncapi.ErrUnknown) {
			t.Errorf("%s: %v, want an unknown event", message, err)
		}
	}
}

// A document whose parts do not fit together is refused.
func TestBrokenDocumentsAreRefused(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../api/asyncapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]struct{ old, replacement, problem string }{
		"a message of no operation": {"      - {$ref: '#/channels/console/messages/throttled'}\n", "", "belong to an operation"},
		"a reference to nothing":    {"      - {$ref: '#/channels/console/messages/throttled'}\n", "      - {$ref: '#/channels/console/messages/slowed'}\n", "leads nowhere"},
		"a schema that is none":     {"{type: string, const: throttled}", "{type: words, const: throttled}", "metaschema"},
	} {
		if !bytes.Contains(text, []byte(change.old)) {
			t.Fatalf("%s: the document has no %q", name, change.old)
		}
		file := filepath.Join(t.TempDir(), "asyncapi.yaml")
		if err := os.WriteFile(file, bytes.Replace(text, []byte(change.old), []byte(change.replacement), 1), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := asyncapi.Load(file); err == nil || !strings.Contains(err.Error(), change.problem) {
			t.Errorf("%s: %v, want something about %q", name, err, change.problem)
		}
	}
}

// Examples are messages of the conversation that they are named after, and there
// is one wherever there is a recording.
func TestExamplesAreRecorded(t *testing.T) {
	t.Parallel()
	sent := make(map[string][]string) // compacted messages by scene
	recorded := make(map[string]bool) // events
	for _, scene := range conversations(t) {
		for _, entry := range scene.Entries {
			var message struct{ Event string }
			if entry.Kind != conversation.In && entry.Kind != conversation.Out || json.Unmarshal([]byte(entry.Raw), &message) != nil {
				continue
			}
			sent[scene.Name] = append(sent[scene.Name], canonical(t, []byte(entry.Raw)))
			recorded[message.Event] = true
		}
	}
	for event, message := range contract(t).Messages() {
		if recorded[event] != (len(message.Examples) > 0) {
			t.Errorf("%s: %d examples, recorded is %t", event, len(message.Examples), recorded[event])
		}
		for scene, payload := range message.Examples {
			if !slices.Contains(sent[scene], canonical(t, payload)) {
				t.Errorf("%s: the example is not in %s", event, scene)
			}
		}
	}
}

// canonical writes JSON with sorted keys and without spaces.
func canonical(t *testing.T, message []byte) string {
	t.Helper()
	var value any
	if err := json.Unmarshal(bytes.TrimSpace(message), &value); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
