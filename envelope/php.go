package envelope

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
)

// Map is a map that PHP sends as a list when it is empty. It takes an object,
// null, and a list: an entry of a list gets its index as the key, as in PHP.
// It is always written as an object, so nil becomes {}.
type Map[V any] map[string]V

// UnmarshalJSON implements [json.Unmarshaler].
func (m *Map[V]) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")) {
		var list []V
		if err := json.Unmarshal(data, &list); err != nil {
			return err
		}
		*m = make(Map[V], len(list))
		for i, v := range list {
			(*m)[strconv.Itoa(i)] = v
		}
		return nil
	}
	return json.Unmarshal(data, (*map[string]V)(m))
}

// MarshalJSON implements [json.Marshaler].
func (m Map[V]) MarshalJSON() ([]byte, error) {
	if m == nil {
		return []byte("{}"), nil
	}
	return json.Marshal(map[string]V(m))
}

// Slice is a list that PHP sends as an object with number-like keys when
// entries were taken out of it. It takes a list, null, and such an object,
// whose values come in the order of their keys. It is always written as a
// list, so nil becomes [].
type Slice[T any] []T

// UnmarshalJSON implements [json.Unmarshaler].
func (s *Slice[T]) UnmarshalJSON(data []byte) error {
	if !bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		return json.Unmarshal(data, (*[]T)(s))
	}
	var entries map[int]T // fails on a key that is no number
	if err := json.Unmarshal(data, &entries); err != nil {
		return fmt.Errorf("neither a list nor an object with numbers as keys: %w", err)
	}
	keys := make([]int, 0, len(entries))
	for key := range entries {
		keys = append(keys, key)
	}
	sort.Ints(keys)
	*s = make(Slice[T], 0, len(entries))
	for _, key := range keys {
		*s = append(*s, entries[key])
	}
	return nil
}

// MarshalJSON implements [json.Marshaler].
func (s Slice[T]) MarshalJSON() ([]byte, error) {
	if s == nil {
		return []byte("[]"), nil
	}
	return json.Marshal([]T(s))
}

// Bool is a boolean that some versions of the Panel send as 0 or 1. It takes
// both, also as strings, and is always written as a boolean.
type Bool bool

// UnmarshalJSON implements [json.Unmarshaler].
func (b *Bool) UnmarshalJSON(data []byte) error {
	switch string(data) {
	case "true", "1", `"1"`, `"true"`:
		*b = true
	case "false", "0", `"0"`, `"false"`, `""`, "null":
		*b = false
	default:
		return fmt.Errorf("%.40s is no boolean, 0 or 1", data)
	}
	return nil
}

// Int is a whole number that the Panel sends as a number or as digits in a
// string. It is always written as a number.
type Int int64

// UnmarshalJSON implements [json.Unmarshaler].
func (i *Int) UnmarshalJSON(data []byte) error {
	digits := bytes.Trim(data, `"`)
	if string(data) == "null" {
		*i = 0
		return nil
	}
	n, err := strconv.ParseInt(string(digits), 10, 64)
	if err != nil {
		return fmt.Errorf("%.40s is no whole number", data)
	}
	*i = Int(n)
	return nil
}

// Scalar is a JSON value of any scalar kind, kept exactly as it came. The
// values of a server's environment are Scalars: most are strings, but an
// administrator can add numbers and booleans. The zero Scalar is null.
type Scalar struct {
	text string // the JSON text, empty for null
}

// ScalarOf returns the Scalar of a string.
func ScalarOf(s string) Scalar {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // every string has a JSON form
	}
	return Scalar{string(text)}
}

// IsNull reports whether the value is null.
func (s Scalar) IsNull() bool { return s.text == "" }

// String returns the value in words: a string as it is, a number or a boolean
// as JSON writes it, null as the empty string.
func (s Scalar) String() string {
	var text string
	if json.Unmarshal([]byte(s.text), &text) == nil {
		return text
	}
	return s.text
}

// UnmarshalJSON implements [json.Unmarshaler].
func (s *Scalar) UnmarshalJSON(data []byte) error {
	if s.text = string(data); s.text == "null" {
		s.text = ""
	}
	return nil
}

// MarshalJSON implements [json.Marshaler].
func (s Scalar) MarshalJSON() ([]byte, error) {
	if s.text == "" {
		return []byte("null"), nil
	}
	return []byte(s.text), nil
}
