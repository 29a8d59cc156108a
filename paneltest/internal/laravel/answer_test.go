package laravel_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

func TestWriteJSON(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	laravel.WriteJSON(w, http.StatusCreated, laravel.Object{"a": `http://x/\y"<&>`})
	if want := `{"a":"http:\/\/x\/\\y\"<&>"}`; w.Code != http.StatusCreated || w.Body.String() != want {
		t.Errorf("%d %s, want %s", w.Code, w.Body, want)
	}
}
