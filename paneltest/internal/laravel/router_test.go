package laravel_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

func TestRouter(t *testing.T) {
	t.Parallel()
	router := laravel.NewRouter(func(pattern string) (string, bool) { return "op " + pattern, !strings.Contains(pattern, "gone") })
	for _, pattern := range []string{"GET /a/{id}", "GET /a/fixed", "DELETE /a/{id}", "POST /a/fixed", "GET /gone"} {
		router.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte(pattern + " " + r.PathValue("id")))
		})
	}
	for _, tt := range []struct{ method, path, want string }{
		{http.MethodGet, "/a/x%2Fy", "GET /a/{id} x/y"},
		{http.MethodGet, "/a/fixed", "GET /a/fixed "},
		{http.MethodHead, "/a/fixed", "GET /a/fixed "},
		{http.MethodDelete, "/a/fixed", "DELETE /a/{id} fixed"},
		{http.MethodGet, "/a", "404 page not found\n"},
		{http.MethodGet, "/gone", "404 page not found\n"},
	} {
		w := httptest.NewRecorder()
		router.ServeHTTP(w, httptest.NewRequest(tt.method, tt.path, http.NoBody))
		if got := w.Body.String(); got != tt.want {
			t.Errorf("%s %s: %q, want %q", tt.method, tt.path, got, tt.want)
		}
	}
	found, methods := router.Find(httptest.NewRequest(http.MethodPatch, "/a/fixed", http.NoBody))
	if found != nil || strings.Join(methods, " ") != "GET HEAD POST DELETE" {
		t.Errorf("%v, %v", found, methods)
	}
	if got := len(router.Operations()); got != 4 {
		t.Errorf("%d operations", got)
	}
}
