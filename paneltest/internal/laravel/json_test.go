package laravel_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

// viaEncodingJSON is what AppendJSON must be: a document of encoding/json, with a
// backslash before each slash of its strings.
func viaEncodingJSON(t *testing.T, document any) string {
	t.Helper()
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(document); err != nil {
		t.Fatal(err)
	}
	return string(bytes.ReplaceAll(bytes.TrimSpace(text.Bytes()), []byte("/"), []byte(`\/`)))
}

func TestAppendJSON(t *testing.T) {
	t.Parallel()
	word, number := "a/b", 7
	for name, document := range map[string]any{
		"nothing": nil, "texts": laravel.Object{"a": "", "b": "plain", "c": `q"\`, "d": "<&>", "e": "line\n\x00\x7f", "f": "größe \u2028 \xff", "http://k": "http://v"},
		"pointers": laravel.Object{"s": &word, "i": &number, "ns": (*string)(nil), "ni": (*int)(nil)},
		"numbers":  laravel.Object{"i": -1, "l": int64(1) << 62, "f": 1.5, "u": uint8(3), "t": true, "n": false},
		"empty":    laravel.Object{"o": laravel.Object{}, "l": []laravel.Object{}, "no": laravel.Object(nil), "nl": []laravel.Object(nil), "s": []string{}},
		"nested":   laravel.Object{"z": laravel.Object{"y": []laravel.Object{{"b": 1, "a": nil}, nil}}, "a": []any{"x/y", laravel.Object{"c": "d/e"}}},
		"others":   laravel.Object{"raw": json.RawMessage(`{"a":"b/c"}`), "m": map[string]any{"k/": "v"}, "l": []string{"a/b"}},
		"many":     manyKeys(),
	} {
		got, err := laravel.AppendJSON([]byte("before "), document)
		if want := "before " + viaEncodingJSON(t, document); err != nil || string(got) != want {
			t.Errorf("%s: %v\n%s\nwant\n%s", name, err, got, want)
		}
	}
	if _, err := laravel.AppendJSON(nil, laravel.Object{"a": []laravel.Object{{"b": func() {}}}}); err == nil {
		t.Error("a function becomes JSON")
	}
}

func manyKeys() laravel.Object {
	object := make(laravel.Object)
	for i := range 100 {
		object[string(rune('a'+i%26))+string(rune('a'+i/26))] = i
	}
	return object
}
