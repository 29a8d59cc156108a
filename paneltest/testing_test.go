package paneltest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/paneltest"
)

// newPanel starts a Panel whose answers are held against the document.
func newPanel(t *testing.T, opts ...paneltest.Option) *paneltest.Panel {
	t.Helper()
	panel, err := paneltest.New(append([]paneltest.Option{validated(t)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(panel.Close)
	return panel
}

// reply is the answer to a request.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// document is the body as JSON, nil if it is none.
func (r reply) document() map[string]any {
	var document map[string]any
	_ = json.Unmarshal(r.body, &document)
	return document
}

// first is the first error, as code, source field and rule.
func (r reply) first() string {
	var document struct {
		Errors []struct {
			Code string
			Meta struct {
				Field string `json:"source_field"`
				Rule  string
			}
		}
	}
	if json.Unmarshal(r.body, &document) != nil || len(document.Errors) == 0 {
		return ""
	}
	e := document.Errors[0]
	return strings.TrimSpace(e.Code + " " + e.Meta.Field + " " + e.Meta.Rule)
}

// attributes are those of the item that was answered.
func (r reply) attributes() map[string]any {
	attributes, _ := r.document()["attributes"].(map[string]any)
	return attributes
}

// items are the attributes of the items of a list.
func (r reply) items() []map[string]any {
	data, _ := r.document()["data"].([]any)
	var items []map[string]any
	for _, entry := range data {
		item, _ := entry.(map[string]any)
		attributes, _ := item["attributes"].(map[string]any)
		items = append(items, attributes)
	}
	return items
}

// newRequest makes a request as a client of the Panel does.
func newRequest(t *testing.T, panel *paneltest.Panel, key, method, target, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, panel.URL+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	if strings.HasPrefix(body, "{") {
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	return req
}

// try sends a request, and reads the answer.
func try(panel *paneltest.Panel, req *http.Request) (reply, error) {
	resp, err := panel.HTTPClient().Do(req)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, body}, err
}

// send is try for a request that is answered.
func send(t *testing.T, panel *paneltest.Panel, req *http.Request) reply {
	t.Helper()
	answer, err := try(panel, req)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// do sends a request with a key.
func do(t *testing.T, panel *paneltest.Panel, key, method, target, body string) reply {
	t.Helper()
	return send(t, panel, newRequest(t, panel, key, method, target, body))
}

// must is do for what has to succeed.
func must(t *testing.T, panel *paneltest.Panel, key, method, target, body string) reply {
	t.Helper()
	answer := do(t, panel, key, method, target, body)
	if answer.status >= http.StatusMultipleChoices {
		t.Fatalf("%s %s: %d %.500s", method, target, answer.status, answer.body)
	}
	return answer
}
