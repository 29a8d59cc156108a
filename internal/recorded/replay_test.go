package recorded_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ptero-go/ptero/internal/recorded"
	"github.com/ptero-go/ptero/testdata"
)

func recording(key, method, path, query, body string, status int, answer string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte(`{"request":{"method":"` + method + `","path":"` + path + `","query":"` + query + `","key":"` + key +
		`","headers":{"Accept":"application/json"},"body":` + body + `},"response":{"status":` + strconv.Itoa(status) +
		`,"headers":{"X-Test":"yes"},"body":` + answer + `}}`)}
}

func ask(t *testing.T, handler http.Handler, key, method, target, body string) (int, string) {
	t.Helper()
	req := httptest.NewRequest(method, target, strings.NewReader(body))
	req.Header.Set("Accept", "application/json")
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, req)
	answer, _ := io.ReadAll(w.Result().Body)
	return w.Code, string(answer)
}

func TestReplay(t *testing.T) {
	t.Parallel()
	replay, err := recorded.NewReplay(fstest.MapFS{
		"1.json": recording("client_user", "GET", "/a", "x=1&y=2", "null", 200, `"first"`),
		"2.json": recording("client_user", "GET", "/a", "x=1&y=2", "null", 200, `"second"`),
		"3.json": recording("application", "GET", "/a", "x=1&y=2", "null", 200, `"admin"`),
		"4.json": recording("client_user", "POST", "/a", "", `{"n":1,"m":[2]}`, 201, `{"made":true}`),
		"5.json": recording("client_user", "GET", "/slow", "", "null", 429, `"wait"`),
		"6.json": recording("", "GET", "/a", "", "null", 401, `"who?"`),
	})
	if err != nil {
		t.Fatal(err)
	}
	user, admin := replay.Key("client_user"), replay.Key("application")
	if !strings.HasPrefix(user, "ptlc_") || !strings.HasPrefix(admin, "ptla_") {
		t.Errorf("keys = %s, %s", user, admin)
	}
	for _, tt := range []struct {
		name, key, method, target, body string
		status                          int
		want                            string
	}{
		{"in order", user, "GET", "/a?y=2&x=1", "", 200, "first"},
		{"in order, on", user, "GET", "/a?x=1&y=2", "", 200, "second"},
		{"the last stays", user, "GET", "/a?x=1&y=2", "", 200, "second"},
		{"by key", admin, "GET", "/a?x=1&y=2", "", 200, "admin"},
		{"by prefix of the key", "ptla_other", "GET", "/a?x=1&y=2", "", 200, "admin"},
		{"no key", "", "GET", "/a", "", 401, "who?"},
		{"by body", user, "POST", "/a", `{"m": [2], "n": 1}`, 201, `{"made":true}`},
		{"other body", user, "POST", "/a", `{"n":2}`, 501, "no recording of POST /a with the query  with the key client_user that accepts application/json with this body"},
		{"other query", user, "GET", "/a?x=2", "", 501, "no recording of GET /a with the query x=2"},
		{"other path", user, "GET", "/b", "", 501, "no recording of GET /b."},
		{"429 on demand only", user, "GET", "/slow", "", 501, "no recording"},
	} {
		status, answer := ask(t, replay, tt.key, tt.method, tt.target, tt.body)
		if status != tt.status || !strings.Contains(answer, tt.want) {
			t.Errorf("%s: %d %s, want %d %s", tt.name, status, answer, tt.status, tt.want)
		}
	}
}

func TestReplayNext(t *testing.T) {
	t.Parallel()
	replay, err := recorded.NewReplay(testdata.Panel())
	if err != nil {
		t.Fatal(err)
	}
	if err := replay.Next("no such recording"); err == nil {
		t.Error("an unknown recording was taken")
	}
	if err := replay.Next("359-err-429-client"); err != nil {
		t.Fatal(err)
	}
	key := replay.Key("client_user")
	for i, want := range []int{429, 200} {
		if status, answer := ask(t, replay, key, "GET", "/api/client/account", ""); status != want {
			t.Errorf("answer %d: %d %s, want %d", i+1, status, answer, want)
		}
	}
}

// A list without pages is found as its own first page too, which is what a walk
// over all pages asks for.
func TestReplayFirstPage(t *testing.T) {
	t.Parallel()
	replay, err := recorded.NewReplay(testdata.Panel())
	if err != nil {
		t.Fatal(err)
	}
	key := replay.Key("client_user")
	if status, answer := ask(t, replay, key, "GET", "/api/client?page=1&per_page=100", ""); status != 200 {
		t.Errorf("%d %s", status, answer)
	}
	if status, _ := ask(t, replay, key, "GET", "/api/client?page=2&per_page=100", ""); status != 501 {
		t.Errorf("page 2: %d, want 501", status)
	}
}

func TestNoRecordings(t *testing.T) {
	t.Parallel()
	if _, err := recorded.NewReplay(fstest.MapFS{}); err == nil {
		t.Error("an empty folder was taken")
	}
	if _, err := recorded.NewReplay(fstest.MapFS{"x.json": {Data: []byte("{")}}); err == nil || !strings.Contains(err.Error(), "x.json") {
		t.Errorf("err = %v, want the name of the file", err)
	}
}
