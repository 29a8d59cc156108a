package application_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/internal/recorded"
)

// A Panel in debug mode, and what stands before it, may repeat the key of a
// request; no error and no log shows it, and no value of ours when it is printed.
func TestNothingShowsTheKey(t *testing.T) {
	t.Parallel()
	const key = "ptla_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
	for name, form := range map[string]string{
		"debug mode": `500 {"errors":[{"code":"KEY","status":"KEY","detail":"KEY","source":{"file":"KEY"},"meta":{"trace":["KEY"]}}]}`,
		"page":       `502 <html><title>KEY</title>`,
		"misfit":     `200 {"object":"list","attributes":{"created_at":"KEY"},"data":[{"attributes":{"created_at":"KEY"}}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var status int
			var body string
			if _, err := fmt.Sscanf(form, "%d", &status); err != nil {
				t.Fatal(err)
			}
			_, body, _ = strings.Cut(form, " ")
			panel := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				repeated := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
				w.WriteHeader(status)
				_, _ = io.WriteString(w, strings.ReplaceAll(body, "KEY", repeated))
			}))
			t.Cleanup(panel.Close)
			var log strings.Builder
			c, err := application.New(panel.URL, key, client.WithRetries(0), client.WithLimiter(nil),
				client.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
			if err != nil {
				t.Fatal(err)
			}
			failed := 0
			for _, e := range recorded.Exchanges(t, applicationapi.Operations()) {
				call := wrappers[e.Operation]
				if call == nil || e.Unsent() != "" {
					continue
				}
				_, err := call(t.Context(), c, e)
				if err == nil {
					continue
				}
				failed++
				document, jsonErr := json.Marshal(err)
				texts := fmt.Sprintf("%v %+v %#v %s", err, err, err, document)
				if wrapped := errors.Unwrap(err); wrapped != nil {
					texts += wrapped.Error()
				}
				if jsonErr != nil || strings.Contains(texts, key) {
					t.Errorf("%s: %s", e.Name, texts)
				}
			}
			var printed []string
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
				printed = append(printed, fmt.Sprintf(verb, c), fmt.Sprintf(verb, c.Users))
			}
			texts := strings.Join(printed, "\n")
			if failed < 50 || log.Len() == 0 || strings.Contains(log.String(), key) || strings.Contains(texts, key) {
				t.Errorf("%d calls failed; log %.500s; values %.500s", failed, log.String(), texts)
			}
		})
	}
}
