package laravel

import (
	"bytes"
	"encoding/json"
	"iter"
	"slices"
	"strconv"
)

// AppendJSON appends a document as PHP writes it: with a backslash before each
// slash, and nothing else escaped that need not be. It is for the documents of
// answers, which are maps of maps; encoding/json writes what it does not know.
func AppendJSON(text []byte, document any) ([]byte, error) {
	switch value := document.(type) {
	case nil:
		return append(text, "null"...), nil
	case string:
		return appendString(text, value)
	case *string:
		if value == nil {
			return append(text, "null"...), nil
		}
		return appendString(text, *value)
	case bool:
		return strconv.AppendBool(text, value), nil
	case int:
		return strconv.AppendInt(text, int64(value), 10), nil
	case int64:
		return strconv.AppendInt(text, value, 10), nil
	case *int:
		if value == nil {
			return append(text, "null"...), nil
		}
		return strconv.AppendInt(text, int64(*value), 10), nil
	case Object:
		return appendObject(text, value)
	case []Object:
		return appendObjects(text, value)
	case Ordered:
		return appendOrdered(text, value)
	default:
		return appendAny(text, value)
	}
}

// Members are those of a JSON object, in their order, none of anything else.
func Members(document json.RawMessage) iter.Seq2[string, json.RawMessage] {
	return func(yield func(string, json.RawMessage) bool) {
		decoder := json.NewDecoder(bytes.NewReader(document))
		if begin, err := decoder.Token(); err != nil || begin != json.Delim('{') {
			return
		}
		for decoder.More() {
			name, err := decoder.Token()
			var value json.RawMessage
			if err != nil || decoder.Decode(&value) != nil || !yield(TextOf(name), value) {
				return
			}
		}
	}
}

// usualKeys is how many keys most objects have at most.
const usualKeys = 32

func appendObject(text []byte, object Object) ([]byte, error) {
	if object == nil {
		return append(text, "null"...), nil
	}
	keys := make([]string, 0, usualKeys)
	for key := range object {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	text = append(text, '{')
	var err error
	for i, key := range keys {
		if i > 0 {
			text = append(text, ',')
		}
		if text, err = appendMember(text, key, object[key]); err != nil {
			return nil, err
		}
	}
	return append(text, '}'), nil
}

func appendMember(text []byte, name string, value any) ([]byte, error) {
	text, err := appendString(text, name)
	if err != nil {
		return nil, err
	}
	return AppendJSON(append(text, ':'), value)
}

func appendOrdered(text []byte, object Ordered) ([]byte, error) {
	if len(object) == 0 {
		return append(text, "[]"...), nil
	}
	text = append(text, '{')
	var err error
	for i, member := range object {
		if i > 0 {
			text = append(text, ',')
		}
		if text, err = appendMember(text, member.Name, member.Value); err != nil {
			return nil, err
		}
	}
	return append(text, '}'), nil
}

func appendObjects(text []byte, objects []Object) ([]byte, error) {
	if objects == nil {
		return append(text, "null"...), nil
	}
	text = append(text, '[')
	var err error
	for i, object := range objects {
		if i > 0 {
			text = append(text, ',')
		}
		if text, err = appendObject(text, object); err != nil {
			return nil, err
		}
	}
	return append(text, ']'), nil
}

// appendString appends a string. What needs more than a backslash before its
// slashes is left to encoding/json.
func appendString(text []byte, s string) ([]byte, error) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return appendAny(text, s)
		}
	}
	text = append(text, '"')
	for i := range len(s) {
		if s[i] == '/' {
			text = append(text, '\\')
		}
		text = append(text, s[i])
	}
	return append(text, '"'), nil
}

// appendAny appends what encoding/json makes of a value.
func appendAny(text []byte, value any) ([]byte, error) {
	var encoded bytes.Buffer
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return appendEscaped(text, bytes.TrimRight(encoded.Bytes(), "\n")), nil
}

// appendEscaped appends a JSON document with a backslash before each slash that
// has none. There are no slashes but in strings.
func appendEscaped(text, document []byte) []byte {
	for i := 0; i < len(document); i++ {
		switch document[i] {
		case '\\':
			text = append(text, document[i:i+2]...)
			i++
		case '/':
			text = append(text, '\\', '/')
		default:
			text = append(text, document[i])
		}
	}
	return text
}
