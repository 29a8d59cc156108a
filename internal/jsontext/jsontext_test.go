package jsontext

import (
	"encoding/json"
	"strings"
	"testing"
)

// FuzzUnquote holds what is read against encoding/json: the same text, or a
// refusal.
func FuzzUnquote(f *testing.F) {
	for _, text := range []string{
		`""`, `"plain"`, `"a\/b \"c\" \\ \b\f\n\r\t"`, `"\u00e9\u6f22 é漢"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\u12"`, `"\x"`, `"open`,
		"\"\x00\"", "\"\xff\"", `x`, ``, `"a" and more`, strings.Repeat(`"\n`, 3), `"` + strings.Repeat("é", keptText) + `"`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		var s Strings
		for range 2 { // the second time with memory of before
			text, size, ok := s.Unquote(document)
			if !ok {
				continue
			}
			var want string
			if err := json.Unmarshal(document[:size], &want); err != nil {
				t.Fatalf("%q is %q, but no JSON: %v", document[:size], text, err)
			}
			if string(text) != want {
				t.Fatalf("%q is %q, want %q", document[:size], text, want)
			}
		}
	})
}

// What the Panel and Wings write is read, not refused.
func TestUnquote(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]string{
		`""`: "", `"plain" rest`: "plain", `"\/\"\\\n\u001b[0m\u003c"`: "/\"\\\n\x1b[0m<", `"\u00e9\ud83d\ude00é"`: "é😀é",
	} {
		var s Strings
		if text, _, ok := s.Unquote([]byte(document)); !ok || string(text) != want {
			t.Errorf("%s is %q, %v; want %q", document, text, ok, want)
		}
	}
}
