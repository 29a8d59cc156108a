package client_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/internal/recorded"
)

// step is a request that must come, and the answer that it gets.
type step struct {
	request string // method, path with its query, and body: "PUT /account/email {…}", all below /api/client
	status  int
	answer  string
}

// scripted returns a client of a Panel below a path that expects the steps, in
// their order, and nothing else.
func scripted(t *testing.T, steps ...step) *client.Client {
	t.Helper()
	return scriptedFor(t, "ptlc_x", steps...)
}

// scriptedFor is scripted with a key, whose beginning says of which kind the Panel
// is.
func scriptedFor(t *testing.T, key string, steps ...step) *client.Client {
	t.Helper()
	var mu sync.Mutex
	panel := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		path := strings.TrimPrefix(r.URL.RequestURI(), "/panel/api/client")
		request := strings.TrimSpace(r.Method + " " + path + " " + string(body))
		mu.Lock()
		defer mu.Unlock()
		if len(steps) == 0 || request != steps[0].request {
			t.Errorf("came:    %s\nexpected: %v", request, steps)
			http.Error(w, "not expected", http.StatusTeapot)
			return
		}
		now := steps[0]
		steps = steps[1:]
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(now.status)
		fmt.Fprint(w, now.answer)
	}))
	t.Cleanup(func() {
		panel.Close()
		if len(steps) > 0 {
			t.Errorf("did not come: %v", steps)
		}
	})
	c, err := client.New(panel.URL+"/panel", key, client.WithRetries(0))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// answerOf returns the body of a recorded answer.
func answerOf(t *testing.T, recording string) string {
	t.Helper()
	all, err := recorded.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		if r.Name == recording {
			return string(r.Response.Body.Bytes())
		}
	}
	t.Fatalf("there is no recording %q", recording)
	return ""
}

// edited returns a document with some texts replaced, each of which must be
// there.
func edited(t *testing.T, document string, replacements ...string) string {
	t.Helper()
	var compacted any
	if err := json.Unmarshal([]byte(document), &compacted); err != nil {
		t.Fatal(err)
	}
	plain, err := json.Marshal(compacted)
	if err != nil {
		t.Fatal(err)
	}
	text := string(plain)
	for i := 0; i < len(replacements); i += 2 {
		if !strings.Contains(text, replacements[i]) {
			t.Fatalf("%s does not hold %s", text, replacements[i])
		}
		text = strings.ReplaceAll(text, replacements[i], replacements[i+1])
	}
	return text
}
