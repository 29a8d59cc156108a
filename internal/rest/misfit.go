package rest

import (
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"
)

// misfit finds where a JSON document does not fit a type, as a path such as
// data[3].attributes.created_at, and what is wrong there. encoding/json reports
// neither the index nor, for types that decode themselves, the field. The search
// runs only if decoding has failed.
func misfit(t reflect.Type, document json.RawMessage, failure error) (string, error) {
	path, err := findMisfit(t, document, failure)
	if path = strings.TrimPrefix(path, "."); path == "" {
		path = "the top"
	}
	var mistyped *json.UnmarshalTypeError
	if errors.As(err, &mistyped) {
		err = errors.New("a JSON " + mistyped.Value + " stands where a " + kindName(mistyped.Type) + " belongs")
	}
	return path, shortenError(err)
}

func findMisfit(t reflect.Type, document json.RawMessage, failure error) (string, error) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return "", failure
	}
	switch t.Kind() {
	case reflect.Slice:
		var entries []json.RawMessage
		if json.Unmarshal(document, &entries) != nil {
			return "", failure
		}
		for i, entry := range entries {
			if err := fits(t.Elem(), entry); err != nil {
				path, err := findMisfit(t.Elem(), entry, err)
				return "[" + strconv.Itoa(i) + "]" + path, err
			}
		}
	case reflect.Struct:
		var members map[string]json.RawMessage
		if json.Unmarshal(document, &members) != nil {
			return "", failure
		}
		for _, field := range reflect.VisibleFields(t) {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			member, sent := members[name]
			if !sent || field.Anonymous {
				continue
			}
			if err := fits(field.Type, member); err != nil {
				path, err := findMisfit(field.Type, member, err)
				return "." + name + path, err
			}
		}
	}
	return "", failure
}

func fits(t reflect.Type, document json.RawMessage) error {
	return json.Unmarshal(document, reflect.New(t).Interface())
}

func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		return "JSON object"
	case reflect.Slice:
		return "JSON array"
	case reflect.Bool:
		return "boolean"
	case reflect.String:
		return "string"
	}
	return "number"
}
