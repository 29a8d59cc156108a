package console

import (
	"encoding/json"
	"os"
	"path"
	"reflect"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// described is the part of the document about the socket.
type described struct {
	Limits struct {
		History, LineBytes, CommandBytes, MessageBytes, TokenSeconds int

		Rates []struct {
			Event     string
			Burst     int
			PerSecond float64
		}
	}
	Token  struct{ Lifetime int }
	Events []describedEvent
}

type describedEvent struct {
	Event, Direction string
	Args             []describedArg
}

type describedArg struct {
	Name          string
	Enum          []string
	ContentSchema *struct {
		Properties map[string]struct {
			Type, Format string
			Enum         []string
			Properties   map[string]any
		}
	}
}

func readDescribed(t *testing.T) *described {
	t.Helper()
	source, err := os.ReadFile("../api/asyncapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := yaml.Unmarshal(source, &tree); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	type ref struct {
		Ref string `json:"$ref"`
	}
	var document struct {
		Channels struct {
			Console struct {
				Limits json.RawMessage `json:"x-limits"`
			}
		}
		Operations map[string]struct{ Messages []ref }
		Components struct {
			Messages map[string]struct {
				Name    string
				Payload struct {
					Properties struct {
						Args struct {
							Items *struct {
								Title         string
								Const         *string
								Enum          []string
								ContentSchema *ref
							}
						}
					}
				}
			}
			Schemas map[string]json.RawMessage
		}
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	var socket described
	decode := func(text json.RawMessage, value any) {
		if err := json.Unmarshal(text, value); err != nil {
			t.Fatal(err)
		}
	}
	decode(document.Channels.Console.Limits, &socket.Limits)
	socket.Token.Lifetime = socket.Limits.TokenSeconds
	for action, direction := range map[string]string{"send": "out", "receive": "in"} {
		for _, m := range document.Operations[action].Messages {
			message := document.Components.Messages[path.Base(m.Ref)]
			e := describedEvent{Event: message.Name, Direction: direction}
			if items := message.Payload.Properties.Args.Items; items != nil {
				arg := describedArg{Name: items.Title, Enum: items.Enum}
				if items.Const != nil {
					arg.Enum = []string{*items.Const}
				}
				if items.ContentSchema != nil {
					decode(document.Components.Schemas[path.Base(items.ContentSchema.Ref)], &arg.ContentSchema)
				}
				e.Args = []describedArg{arg}
			}
			socket.Events = append(socket.Events, e)
		}
	}
	return &socket
}

// Every event that the document names is known, and every message that the
// console sends is one of the document's.
func TestEventsOfTheDocument(t *testing.T) {
	t.Parallel()
	sent := map[string]bool{"auth": false, "set state": false, "send command": false, "send logs": false, "send stats": false}
	came := make(map[reflect.Type]bool)
	for _, e := range readDescribed(t).Events {
		if e.Direction == "out" {
			if _, known := sent[e.Event]; !known {
				t.Errorf("nothing sends %q", e.Event)
			}
			sent[e.Event] = true
			continue
		}
		frame := map[string]any{"event": e.Event}
		var args []string
		for _, arg := range e.Args {
			sample := "sample"
			if len(arg.Enum) > 0 {
				sample = arg.Enum[0]
			}
			if arg.ContentSchema != nil {
				values := make(map[string]any)
				for name, property := range arg.ContentSchema.Properties {
					values[name] = map[string]any{
						"integer": 7, "number": 7.5, "boolean": true, "string": "sample", "object": map[string]int{"rx_bytes": 7, "tx_bytes": 7, "read_bytes": 7, "write_bytes": 7},
					}[property.Type]
				}
				text, err := json.Marshal(values)
				if err != nil {
					t.Fatal(err)
				}
				sample = string(text)
			}
			args = append(args, sample)
		}
		if len(args) > 0 {
			frame["args"] = args
		}
		text, err := json.Marshal(frame)
		if err != nil {
			t.Fatal(err)
		}
		var d decoder
		event := d.decode(text)
		if unknown, is := event.(Unknown); is {
			t.Errorf("%q is unknown: %+v", e.Event, unknown)
		}
		came[reflect.TypeOf(event)] = true
		// Each part of a described content ends up in a field.
		if value := reflect.ValueOf(event); value.Kind() == reflect.Struct && len(args) > 0 && args[0] != "" {
			for i := range value.NumField() {
				switch value.Type().Field(i).Name {
				case "Time", "FromLog", "Previous": // the console's own
					continue
				}
				if value.Field(i).IsZero() {
					t.Errorf("%q leaves %T.%s empty", e.Event, event, value.Type().Field(i).Name)
				}
			}
		}
	}
	for name, described := range sent {
		if !described {
			t.Errorf("the document does not describe %q", name)
		}
	}
	if len(came) != 19 {
		t.Errorf("the events of the document are of %d types", len(came))
	}
}

// The limits are those of the document, or stricter.
func TestLimitsOfTheDocument(t *testing.T) {
	t.Parallel()
	socket := readDescribed(t)
	for name, pair := range map[string][2]int{
		"history":      {socket.Limits.History, logLines},
		"lineBytes":    {socket.Limits.LineBytes, longLine},
		"commandBytes": {socket.Limits.CommandBytes, CommandBytes},
		"messageBytes": {socket.Limits.MessageBytes, messageLimit},
		"lifetime":     {socket.Token.Lifetime, int(usualLifetime / time.Second)},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %d in the document, %d in the console", name, pair[0], pair[1])
		}
	}
	p := newPacer()
	buckets := map[string][]*bucket{
		"global": {&p.global}, "auth": {p.kinds[kindAuth]}, "send logs": {p.kinds[kindLogs]}, "send command": {p.kinds[kindCommand]},
		"others": {p.kinds[kindPower], p.kinds[kindStats]},
	}
	for _, rate := range socket.Limits.Rates {
		for _, b := range buckets[rate.Event] {
			if b.burst > rate.Burst || b.every < time.Duration(float64(time.Second)/rate.PerSecond) {
				t.Errorf("%s: %d at once and one in %s, the limit is %d and %g a second", rate.Event, b.burst, b.every, rate.Burst, rate.PerSecond)
			}
		}
		delete(buckets, rate.Event)
	}
	if len(buckets) > 0 {
		t.Errorf("the document has no limits for %v", buckets)
	}
}
