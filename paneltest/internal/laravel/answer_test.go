package laravel_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

func TestWriteJSON(t *testing.T) {
	t.Parallel()
	for want, document := range map[string]any{
		`{"a":"http:\/\/x\/\\y\"<&>"}`: laravel.Object{"a": `http://x/\y"<&>`},
		`{"b\/<":"<\/>","a":1,"c":[]}`: laravel.Ordered{{"b/<", "</>"}, {"a", 1}, {"c", laravel.Ordered{}}},
		`[]`:                           laravel.Ordered(nil),
	} {
		w := httptest.NewRecorder()
		laravel.WriteJSON(w, http.StatusCreated, document)
		if w.Code != http.StatusCreated || w.Body.String() != want {
			t.Errorf("%d %s, want %s", w.Code, w.Body, want)
		}
	}
}
