package rest

import (
	"bytes"
	"encoding/json"
)

// Update reads a thing, builds the request that would keep it as it is, calls
// change with that, and sends it. The Panel's own updates replace everything,
// and clear what they are not given. An error of change ends the update; if
// change changes nothing, nothing is sent.
func Update[T, Request any](change func(*Request) error,
	read func() (*T, error), keep func(*T) Request, replace func(Request) (*T, error),
) (*T, error) {
	if change == nil {
		return nil, &ArgumentError{Argument: "change", Problem: "is nil"}
	}
	found, err := read()
	if err != nil {
		return nil, err
	}
	req := keep(found)
	before, err := json.Marshal(req) // what the request holds may be shared, as pointers are
	if err != nil {
		return nil, err
	}
	if err := change(&req); err != nil {
		return nil, err
	}
	if after, err := json.Marshal(req); err == nil && bytes.Equal(before, after) {
		return found, nil
	}
	return replace(req)
}
