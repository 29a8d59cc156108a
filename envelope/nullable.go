package envelope

import "encoding/json"

// Nullable is an optional field of an update: left out, null, or a value. The
// Panel takes the three apart: a field that is left out keeps its value where
// the Panel has one to keep, null clears it. The zero Nullable is left out;
// [Value] and [Null] make the others.
//
// A struct field of this type needs the tag option omitzero.
type Nullable[T any] struct {
	value T
	state nullableState
}

type nullableState uint8

const (
	leftOut nullableState = iota
	isNull
	hasValue
)

// Value returns a Nullable that sets the field to v.
func Value[T any](v T) Nullable[T] { return Nullable[T]{v, hasValue} }

// Null returns a Nullable that clears the field.
func Null[T any]() Nullable[T] { return Nullable[T]{state: isNull} }

// NullableOf returns a Nullable that sets the field to *v, or clears it if v
// is nil. It turns a field of an answer into that of a request.
func NullableOf[T any](v *T) Nullable[T] {
	if v == nil {
		return Null[T]()
	}
	return Value(*v)
}

// Get returns the value, and false if there is none.
func (n Nullable[T]) Get() (T, bool) { return n.value, n.state == hasValue }

// IsNull reports whether the field is to be cleared.
func (n Nullable[T]) IsNull() bool { return n.state == isNull }

// IsZero reports whether the field is left out.
func (n Nullable[T]) IsZero() bool { return n.state == leftOut }

// MarshalJSON implements [json.Marshaler].
func (n Nullable[T]) MarshalJSON() ([]byte, error) {
	if n.state != hasValue {
		return []byte("null"), nil
	}
	return json.Marshal(n.value)
}

// UnmarshalJSON implements [json.Unmarshaler].
func (n *Nullable[T]) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*n = Null[T]()
		return nil
	}
	n.state = hasValue
	return json.Unmarshal(data, &n.value)
}
