package client

import "github.com/ptero-go/ptero/envelope"

// Nullable is an optional field of an update: left out, null, or a value. The
// Panel treats the three differently: a field that is left out keeps its value
// if it has one, null clears it. The zero Nullable is left out; [Value] and
// [Null] return the others.
type Nullable[T any] = envelope.Nullable[T]

// Value sets a [Nullable] field to v.
func Value[T any](v T) Nullable[T] { return envelope.Value(v) }

// Null clears a [Nullable] field.
func Null[T any]() Nullable[T] { return envelope.Null[T]() }

// Ptr returns a pointer to v, for an optional field of a request:
//
//	req.Memory = client.Ptr(4096)
func Ptr[T any](v T) *T { return &v }

// Or returns the value that p points to, or fallback if p is nil, for a field of
// an answer that may be null:
//
//	fmt.Println(client.Or(server.Description, "no description"))
func Or[T any](p *T, fallback T) T {
	if p == nil {
		return fallback
	}
	return *p
}
