package paneltest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// object is a JSON object of an answer.
type object map[string]any

// answer is what a handler has to say.
type answer struct {
	status int
	body   any    // JSON, nil for no body
	text   []byte // instead of JSON
}

// none is the answer to what was done and has nothing to show.
var none = &answer{status: http.StatusNoContent}

// begun is the answer to what goes on after it.
var begun = &answer{status: http.StatusAccepted, body: []any{}}

// ok is the answer with a document.
func ok(body any) *answer { return &answer{status: http.StatusOK, body: body} }

// write sends the answer.
func (a *answer) write(w http.ResponseWriter) {
	switch {
	case a.text != nil:
		w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
		w.WriteHeader(a.status)
		_, _ = w.Write(a.text)
	case a.body == nil:
		w.WriteHeader(a.status)
	default:
		writeJSON(w, a.status, a.body)
	}
}

// item puts attributes into their envelope.
func item(kind string, attributes object) object {
	return object{"object": kind, "attributes": attributes}
}

// list puts items into their envelope.
func list(items []object) object {
	if items == nil {
		items = []object{}
	}
	return object{"object": "list", "data": items}
}

// nullResource stands for a relation that is not there, or that may not be seen.
var nullResource = object{"object": "null_resource", "attributes": nil}

// writeJSON sends a document as PHP writes it.
func writeJSON(w http.ResponseWriter, status int, document any) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(document); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(escapeSlashes(bytes.TrimRight(body.Bytes(), "\n"))) // the client may be gone
}

// escapeSlashes puts a backslash before each slash of a JSON document that has
// none, as PHP does. There are no slashes but in strings.
func escapeSlashes(document []byte) []byte {
	escaped := make([]byte, 0, len(document)+len(document)/8)
	for i := 0; i < len(document); i++ {
		switch document[i] {
		case '\\':
			escaped = append(escaped, document[i:i+2]...)
			i++
		case '/':
			escaped = append(escaped, '\\', '/')
		default:
			escaped = append(escaped, document[i])
		}
	}
	return escaped
}

// page is what the Panel shows to those who do not ask for JSON.
const page = "<!DOCTYPE html>\n<html lang=\"en\"><head><title>Panel</title></head><body>This is a page for people.</body></html>\n"

func writePage(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(page)) // the client may be gone
}

// wantsJSON tells what the first kind is that a client accepts.
func wantsJSON(r *http.Request) bool {
	first, _, _ := strings.Cut(r.Header.Get("Accept"), ",")
	return strings.Contains(first, "/json") || strings.Contains(first, "+json")
}

// stamp writes a time as most objects have it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05-07:00") }

func stampOrNull(t *time.Time) any {
	if t == nil {
		return nil
	}
	return stamp(*t)
}

// preciseStamp writes a time as the variables of the application API have it.
func preciseStamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format("2006-01-02T15:04:05.000000Z")
}

// orNull makes an empty text null.
func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// valueOf is a text or null, cut off from where it stands.
func valueOf(text *string) any {
	if text == nil {
		return nil
	}
	return *text
}

// listOrNull makes no list null.
func listOrNull(list []string) any {
	if list == nil {
		return nil
	}
	return list
}
