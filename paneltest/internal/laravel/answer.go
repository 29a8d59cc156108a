package laravel

import (
	"cmp"
	"net/http"
	"strings"
	"time"
)

// Object is a JSON object of an answer.
type Object map[string]any

// Ordered is an object whose members keep their order. PHP has a list for one
// without any.
type Ordered []Member

// Member is a part of an [Ordered].
type Member struct {
	Name  string
	Value any
}

// Answer is what a handler has to say.
type Answer struct {
	Status int
	Body   any    // JSON, nil for no body
	Text   []byte // instead of JSON
	Type   string // of the text, "" for plain text
}

// NoContent is the answer to what was done and has nothing to show.
var NoContent = &Answer{Status: http.StatusNoContent}

// Accepted is the answer to what goes on after it.
var Accepted = &Answer{Status: http.StatusAccepted, Body: []any{}}

// OK is the answer with a document.
func OK(body any) *Answer { return &Answer{Status: http.StatusOK, Body: body} }

// Write sends the answer.
func (a *Answer) Write(w http.ResponseWriter) {
	switch {
	case a.Text != nil:
		w.Header().Set("Content-Type", cmp.Or(a.Type, "text/plain; charset=UTF-8"))
		w.WriteHeader(a.Status)
		_, _ = w.Write(a.Text)
	case a.Body == nil:
		w.WriteHeader(a.Status)
	default:
		WriteJSON(w, a.Status, a.Body)
	}
}

// Item puts attributes into their envelope.
func Item(kind string, attributes Object) Object {
	return Object{"object": kind, "attributes": attributes}
}

// List puts items into their envelope.
func List(items []Object) Object {
	if items == nil {
		items = []Object{}
	}
	return Object{"object": "list", "data": items}
}

// NullResource stands for a relation that is not there, or that may not be seen.
var NullResource = Object{"object": "null_resource", "attributes": nil}

// WriteJSON sends a document as PHP writes it.
func WriteJSON(w http.ResponseWriter, status int, document any) {
	body, err := AppendJSON(nil, document)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may be gone
}

// PageHTML is what the Panel shows to those who do not ask for JSON.
const PageHTML = "<!DOCTYPE html>\n<html lang=\"en\"><head><title>Panel</title></head><body>This is a page for people.</body></html>\n"

// WritePage sends the page for those who do not ask for JSON.
func WritePage(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(PageHTML)) // the client may be gone
}

// WantsJSON tells what the first kind is that a client accepts.
func WantsJSON(r *http.Request) bool {
	first, _, _ := strings.Cut(r.Header.Get("Accept"), ",")
	return strings.Contains(first, "/json") || strings.Contains(first, "+json")
}

// Stamp writes a time as most objects have it.
func Stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05-07:00") }

// StampOrNull is Stamp for a time that may be null.
func StampOrNull(t *time.Time) any {
	if t == nil {
		return nil
	}
	return Stamp(*t)
}

// PreciseStamp writes a time as the variables of the application API have it.
func PreciseStamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format("2006-01-02T15:04:05.000000Z")
}

// OrNull makes an empty text null.
func OrNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// ValueOf is a text or null, cut off from where it stands.
func ValueOf(text *string) any {
	if text == nil {
		return nil
	}
	return *text
}

// ListOrNull makes no list null.
func ListOrNull(list []string) any {
	if list == nil {
		return nil
	}
	return list
}
