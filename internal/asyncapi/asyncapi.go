// Package asyncapi holds messages of the console against api/asyncapi.yaml. It is
// for tests alone.
package asyncapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

// Direction says who sends a message.
type Direction string

// The directions.
const (
	ToWings   Direction = "send"
	FromWings Direction = "receive"
)

// Message is a message that the document describes.
type Message struct {
	Event     string
	Direction Direction
	Go        string // what package console has for it, empty for nothing

	// Examples are payloads, by the names of the recorded conversations that they
	// come from.
	Examples map[string]json.RawMessage

	payload *jsonschema.Schema

	// document is the schema of the JSON in the argument, nil if that is plain
	// text.
	document *jsonschema.Schema
}

// Contract is the document.
type Contract struct {
	Version string // of Wings

	// Address is the address of the channel, with {server} for the UUID.
	Address string

	messages map[string]*Message // by event
}

// ErrUnknown is the error of [Contract.Check] for an event that the document
// does not describe.
var ErrUnknown = errors.New("unknown event")

// Load reads the document from a file.
func Load(file string) (*Contract, error) {
	source, err := os.ReadFile(file) //nolint:gosec // a file of this repository
	if err != nil {
		return nil, err
	}
	var tree any
	if err := yaml.Unmarshal(source, &tree); err != nil {
		return nil, err
	}
	encoded, err := json.Marshal(tree)
	if err != nil {
		return nil, err
	}
	resource, err := jsonschema.UnmarshalJSON(strings.NewReader(string(encoded)))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft7) // of AsyncAPI's own schemas
	if err := compiler.AddResource("asyncapi.json", resource); err != nil {
		return nil, err
	}
	var document struct {
		Info struct {
			Version string `json:"version"`
		} `json:"info"`
		Channels struct {
			Console struct {
				Address string `json:"address"`
			} `json:"console"`
		} `json:"channels"`
		Operations map[Direction]struct {
			Messages []struct {
				Ref string `json:"$ref"`
			} `json:"messages"`
		} `json:"operations"`
		Components struct {
			Messages map[string]struct {
				Name    string `json:"name"`
				Go      string `json:"x-go"`
				Payload struct {
					Properties struct {
						Args struct {
							Items struct {
								Content struct {
									Ref string `json:"$ref"`
								} `json:"contentSchema"`
							} `json:"items"`
						} `json:"args"`
					} `json:"properties"`
				} `json:"payload"`
				Examples []struct {
					Name    string          `json:"name"`
					Payload json.RawMessage `json:"payload"`
				} `json:"examples"`
			} `json:"messages"`
		} `json:"components"`
	}
	if err := json.Unmarshal(encoded, &document); err != nil {
		return nil, err
	}
	c := &Contract{Version: document.Info.Version, Address: document.Channels.Console.Address, messages: make(map[string]*Message)}
	for direction, operation := range document.Operations {
		for _, ref := range operation.Messages {
			key := ref.Ref[strings.LastIndex(ref.Ref, "/")+1:]
			described, ok := document.Components.Messages[key]
			if !ok {
				return nil, fmt.Errorf("asyncapi: %s leads nowhere", ref.Ref)
			}
			message := &Message{Event: described.Name, Direction: direction, Go: described.Go, Examples: make(map[string]json.RawMessage)}
			message.payload, err = compiler.Compile("asyncapi.json#/components/messages/" + key + "/payload")
			if err != nil {
				return nil, err
			}
			if inner := described.Payload.Properties.Args.Items.Content.Ref; inner != "" {
				if message.document, err = compiler.Compile("asyncapi.json" + inner); err != nil {
					return nil, err
				}
			}
			for _, example := range described.Examples {
				message.Examples[example.Name] = example.Payload
			}
			c.messages[message.Event] = message
		}
	}
	if len(c.messages) != len(document.Components.Messages) {
		return nil, fmt.Errorf("asyncapi: %d of %d messages belong to an operation", len(c.messages), len(document.Components.Messages))
	}
	return c, nil
}

// Messages returns the messages by their events.
func (c *Contract) Messages() map[string]*Message { return c.messages }

// Check reports what is wrong with a message. The error is [ErrUnknown] if the
// document does not describe the event in that direction.
func (c *Contract) Check(direction Direction, raw []byte) error {
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
	if err != nil {
		return err
	}
	object, _ := value.(map[string]any)
	event, _ := object["event"].(string)
	message := c.messages[event]
	if message == nil || message.Direction != direction {
		return fmt.Errorf("%w %q", ErrUnknown, event)
	}
	if err := message.payload.Validate(value); err != nil {
		return fmt.Errorf("%s: %w", event, err)
	}
	args, _ := object["args"].([]any)
	if message.document == nil || len(args) == 0 {
		return nil
	}
	text, _ := args[0].(string)
	inner, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return fmt.Errorf("%s: %w", event, err)
	}
	if err := message.document.Validate(inner); err != nil {
		return fmt.Errorf("%s: %w", event, err)
	}
	return nil
}
