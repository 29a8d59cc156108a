package envelope

import (
	"bytes"
	"encoding/json"
)

// NullResource is the object name of a relation that is not there or that the
// key may not see.
const NullResource = "null_resource"

// Item is one thing in its envelope.
type Item[T any] struct {
	// Object names the kind of thing, such as "server".
	Object string `json:"object"`

	// Attributes is the thing itself, nil in a null resource.
	Attributes *T `json:"attributes"`
}

// IsNull reports whether the item stands for nothing.
func (i *Item[T]) IsNull() bool {
	return i == nil || i.Attributes == nil
}

// Get returns what the item holds, nil for a null resource and for a missing
// item.
func (i *Item[T]) Get() *T {
	if i == nil {
		return nil
	}
	return i.Attributes
}

// ItemWith is one thing in its envelope, with metadata beside it.
type ItemWith[T, M any] struct {
	// Object names the kind of thing, such as "server".
	Object string `json:"object"`

	// Attributes is the thing itself, nil in a null resource.
	Attributes *T `json:"attributes"`

	// Meta is what the Panel says about the thing.
	Meta M `json:"meta"`
}

// List is a list of items: a whole list, or one page of it.
type List[T any] struct {
	// Object is "list", or [NullResource] for a relation that is not there.
	Object string `json:"object"`

	// Data holds the items. It is nil in a null resource.
	Data []Item[T] `json:"data,omitzero"`

	// Meta tells where in the whole the page stands. It is nil for a list
	// that has no pages.
	Meta *ListMeta `json:"meta,omitempty"`
}

// IsNull reports whether the list stands for nothing, which is not the same as an
// empty list.
func (l *List[T]) IsNull() bool {
	return l == nil || l.Data == nil
}

// All returns what the items hold, without their envelopes. Null items are
// left out.
func (l *List[T]) All() []*T {
	if l == nil {
		return nil
	}
	return unwrap(l.Data)
}

// ListWith is a list with metadata of its own kind.
type ListWith[T, M any] struct {
	// Object is "list".
	Object string `json:"object"`

	// Data holds the items.
	Data []Item[T] `json:"data,omitzero"`

	// Meta is what the Panel says about the list.
	Meta M `json:"meta"`
}

// All returns what the items hold, without their envelopes. Null items are
// left out.
func (l *ListWith[T, M]) All() []*T {
	if l == nil {
		return nil
	}
	return unwrap(l.Data)
}

func unwrap[T any](items []Item[T]) []*T {
	if items == nil {
		return nil
	}
	all := make([]*T, 0, len(items))
	for _, item := range items {
		if item.Attributes != nil {
			all = append(all, item.Attributes)
		}
	}
	return all
}

// Data is the envelope of the few answers that are neither item nor list.
type Data[T any] struct {
	// Data is the content, nil if the answer had none.
	Data *T `json:"data"`
}

// ListMeta goes with a list that has pages.
type ListMeta struct {
	// Pagination tells where in the whole list the page stands.
	Pagination Pagination `json:"pagination"`
}

// Pagination is the position of a page in a list.
type Pagination struct {
	// Total is the number of items in all pages.
	Total int `json:"total"`

	// Count is the number of items in this page.
	Count int `json:"count"`

	// PerPage is the number of items that a full page holds.
	PerPage int `json:"per_page"`

	// CurrentPage is the number of this page, counted from 1.
	CurrentPage int `json:"current_page"`

	// TotalPages is the number of pages.
	TotalPages int `json:"total_pages"`

	// Links holds the neighbouring pages. Some lose the query that led here,
	// so a program that walks a list should count pages instead.
	Links PageLinks `json:"links"`
}

// PageLinks holds the addresses of the neighbouring pages, each empty where
// there is none.
type PageLinks struct {
	Previous string `json:"previous,omitempty"`
	Next     string `json:"next,omitempty"`
}

// UnmarshalJSON also takes the empty list that Panel 0.7 sends for no links.
func (l *PageLinks) UnmarshalJSON(data []byte) error {
	if isEmptyList(data) {
		*l = PageLinks{}
		return nil
	}
	type plain PageLinks
	return json.Unmarshal(data, (*plain)(l))
}

// isEmptyList reports whether data is PHP's form of an empty map.
func isEmptyList(data []byte) bool {
	inner, isList := bytes.CutPrefix(bytes.TrimSpace(data), []byte("["))
	return isList && bytes.Equal(bytes.TrimSpace(inner), []byte("]"))
}
