package envelope

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// DecodeForms decodes an object whose fields come in two forms. A field that is
// tagged `forms:"…"` takes that of Pelican as well:
//
//   - text: a number for digits in a string
//   - rules: a list of rules for a text with bars between them
//   - groups: a list of names such as "file.read" for groups of names with
//     descriptions, which are then empty
//
// The generated models use it in their UnmarshalJSON. T must have none itself.
func DecodeForms[T any](document []byte, v *T) error {
	first := json.Unmarshal(document, v)
	if first == nil {
		return nil
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(document, &members) != nil {
		return first
	}
	changed := false
	t := reflect.TypeFor[T]()
	for i := range t.NumField() {
		convert := forms[t.Field(i).Tag.Get("forms")]
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		value, there := members[name]
		if convert == nil || !there {
			continue
		}
		usual, err := convert(bytes.TrimSpace(value))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		changed = changed || usual != nil
		if usual != nil {
			members[name] = usual
		}
	}
	if !changed {
		return first
	}
	usual, err := json.Marshal(members)
	if err != nil {
		return err
	}
	return json.Unmarshal(usual, v)
}

// forms make of Pelican's form of a value that of Pterodactyl; nil means that
// they leave it as it is.
var forms = map[string]func(json.RawMessage) (json.RawMessage, error){
	"text": func(value json.RawMessage) (json.RawMessage, error) {
		if len(value) == 0 || value[0] < '0' || value[0] > '9' {
			return nil, nil
		}
		return json.Marshal(string(value))
	},
	"rules": func(value json.RawMessage) (json.RawMessage, error) {
		if !bytes.HasPrefix(value, []byte("[")) {
			return nil, nil
		}
		var rules []string
		if err := json.Unmarshal(value, &rules); err != nil {
			return nil, err
		}
		return json.Marshal(strings.Join(rules, "|"))
	},
	"groups": func(value json.RawMessage) (json.RawMessage, error) {
		if !bytes.HasPrefix(value, []byte("[")) {
			return nil, nil
		}
		var names []string
		if err := json.Unmarshal(value, &names); err != nil {
			return nil, err
		}
		type group struct {
			Description string            `json:"description"`
			Keys        map[string]string `json:"keys"`
		}
		groups := make(map[string]group)
		for _, name := range names {
			first, key, _ := strings.Cut(name, ".")
			if groups[first].Keys == nil {
				groups[first] = group{Keys: make(map[string]string)}
			}
			groups[first].Keys[key] = ""
		}
		return json.Marshal(groups)
	},
}
