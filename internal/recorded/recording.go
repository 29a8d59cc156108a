package recorded

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"reflect"
	"strings"
)

// Recording is one recorded exchange with a Panel.
type Recording struct {
	// Name is that of the recording's file, without ".json".
	Name string `json:"-"`

	// Set is the set that [Load] read it from.
	Set Set `json:"-"`

	// Request is what was sent.
	Request Request `json:"request"`

	// Response is what the Panel answered.
	Response Response `json:"response"`
}

// Request is the request of a [Recording].
type Request struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Query  string `json:"query"` // encoded, without "?"

	// Key names the API key that was used, such as "application" or
	// "client_user". It is empty for none and for an unknown one.
	Key string `json:"key"`

	Headers map[string]string `json:"headers"`
	Body    Payload           `json:"body"`
}

// Response is the answer of a [Recording].
type Response struct {
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    Payload           `json:"body"`
}

// Payload is a recorded body in JSON: null for none, a string for a text, and any
// other value for a JSON document.
type Payload json.RawMessage

// UnmarshalJSON implements [json.Unmarshaler].
func (b *Payload) UnmarshalJSON(data []byte) error {
	return (*json.RawMessage)(b).UnmarshalJSON(data)
}

// Bytes returns the body as it went over the wire, nil for none. The white
// space of a JSON document may differ.
func (b Payload) Bytes() []byte {
	if len(b) == 0 || string(b) == "null" {
		return nil
	}
	var text string
	if json.Unmarshal(b, &text) == nil {
		return []byte(text)
	}
	return b
}

// IsJSON tells that the body is a JSON document.
func (b Payload) IsJSON() bool {
	return len(b) > 0 && strings.ContainsAny(string(b[:1]), "{[")
}

// Same reports whether another body says the same. In JSON a member that is null,
// false or empty says no more than its absence, as it does to the Panel.
func (b Payload) Same(other []byte) bool {
	var x, y any
	return b.equal(other) ||
		json.Unmarshal(b, &x) == nil && json.Unmarshal(other, &y) == nil && reflect.DeepEqual(essence(x), essence(y))
}

// equal reports whether another body is the same text or the same document.
func (b Payload) equal(other []byte) bool {
	var x, y any
	return bytes.Equal(b.Bytes(), other) ||
		json.Unmarshal(b, &x) == nil && json.Unmarshal(other, &y) == nil && reflect.DeepEqual(x, y)
}

// essence leaves out the members of objects that say nothing.
func essence(value any) any {
	switch value := value.(type) {
	case map[string]any:
		kept := make(map[string]any)
		for key, member := range value {
			switch member := essence(member).(type) {
			case nil:
			case bool:
				if member {
					kept[key] = member
				}
			default:
				if v := reflect.ValueOf(member); v.Kind() == reflect.Float64 || v.Len() > 0 {
					kept[key] = member
				}
			}
		}
		return kept
	case []any:
		kept := make([]any, len(value))
		for i, entry := range value {
			kept[i] = essence(entry)
		}
		return kept
	}
	return value
}

// Read reads all recordings in a file system, *.json, in the order of
// their names.
func Read(fsys fs.FS) ([]*Recording, error) {
	names, err := fs.Glob(fsys, "*.json")
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, errors.New("recorded: there are no recordings (*.json)")
	}
	recordings := make([]*Recording, 0, len(names))
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		recording := new(Recording)
		if err := json.Unmarshal(data, recording); err != nil {
			return nil, fmt.Errorf("recorded: recording %s: %w", name, err)
		}
		recording.Name = strings.TrimSuffix(name, ".json")
		recordings = append(recordings, recording)
	}
	return recordings, nil
}

// write sends the recorded answer.
func (r *Response) write(w http.ResponseWriter) {
	for name, value := range r.Headers {
		w.Header().Set(name, value)
	}
	w.WriteHeader(r.Status)
	_, _ = w.Write(r.Body.Bytes()) // the client may be gone
}
