package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"
)

// nasty is what a server may put into a text: it rings, moves the cursor, sets
// the title of the window, ends lines in four ways, turns the text around and is
// no UTF-8.
const nasty = "\x1b[2J\x1b]0;title\x07a\x00b\r\nc\u2028d\u0085e\u202ef\xffg\x9bh\ti\u200bj"

func isOneLine(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}

// Whatever a server sends, an error is one line that a terminal can show.
func TestErrorsAreOnePrintableLine(t *testing.T) {
	t.Parallel()
	quoted, err := json.Marshal(nasty)
	if err != nil {
		t.Fatal(err)
	}
	raw := func(format string) string { return strings.ReplaceAll(format, "TEXT", nasty) }
	escaped := func(format string) string { return strings.ReplaceAll(format, `"TEXT"`, string(quoted)) }
	answers := map[string]http.HandlerFunc{
		"detail": answer(500, "application/json", escaped(`{"errors":[{"code":"E","detail":"TEXT"}]}`)),
		"code":   answer(500, "application/json", escaped(`{"errors":[{"code":"TEXT","detail":"x"}]}`)),
		"field":  answer(422, "application/json", escaped(`{"errors":[{"code":"E","detail":"x","meta":{"source_field":"TEXT"}}]}`)),
		"wings":  answer(500, "application/json", escaped(`{"error":"TEXT"}`)),
		"title":  answer(500, "text/html", raw("<title>TEXT</title>")),
		"place": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://example.org/%1b%5B2J%0A%07/login")
			w.WriteHeader(http.StatusFound)
		},
		"wrong type": answer(200, "application/json", escaped(`{"attributes":{"name":{"TEXT":1}}}`)),
		"not JSON":   answer(200, "application/json", raw(`{"attributes":{"name":TEXT`)),
		"encoding": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "b\u009br")
			_, _ = io.WriteString(w, "{}")
		},
	}
	for name, answer := range answers {
		c := panel(t, answer, withoutRetries())
		_, err := Item[thing](do(t.Context(), c, "GET", "api/client/servers/abc", nil))
		if asError(t, err); !isOneLine(err.Error()) {
			t.Errorf("%s: %q", name, err)
		}
		if strings.Contains(err.Error(), "\x1b") || !strings.Contains(err.Error(), "getServer: ") {
			t.Errorf("%s: %q", name, err)
		}
	}
	broken := errors.New(nasty)
	c := newCore(t, "https://panel.example.org", withTransport(roundTripper(func(*http.Request) (*http.Response, error) { return nil, broken })), withoutRetries())
	if err := None(do(t.Context(), c, "GET", "api/client", nil)); !errors.Is(err, broken) || !isOneLine(err.Error()) {
		t.Errorf("the transport's error: %q", err)
	}
	for _, err := range []error{
		&ArgumentError{Operation: "x", Argument: nasty, Problem: nasty},
		&Error{Operation: "x", StatusCode: 502, Problem: nasty, cause: errors.Join(broken, broken)},
	} {
		if !isOneLine(err.Error()) {
			t.Errorf("%T: %q", err, err)
		}
	}
	// Both what went wrong and what ended the wait are in it.
	synctest.Test(t, func(t *testing.T) {
		c := newCore(t, "https://panel.example.org", withTransport(&script{steps: []func(*http.Request) (*http.Response, error){cut(200)}}))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		_, err := Item[thing](do(ctx, c, "GET", "api/client", nil))
		if !errors.Is(err, context.Canceled) || !errors.Is(err, io.ErrUnexpectedEOF) || !isOneLine(err.Error()) {
			t.Errorf("err = %q", err)
		}
		// So it is with a wait.
		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = Poll(ctx, time.Minute, func() (int, bool, error) { return 0, false, nil })
		if !errors.Is(err, context.DeadlineExceeded) || !isOneLine(err.Error()) {
			t.Errorf("err = %q", err)
		}
	})
}

// A long text, or a long row of reasons, is not repeated at length.
func TestErrorsOfThePanelAreShort(t *testing.T) {
	t.Parallel()
	reason := `{"code":"E","detail":"` + strings.Repeat("x", 10_000) + `"},`
	c := panel(t, answer(500, "application/json", `{"errors":[`+strings.Repeat(reason, 3)+strings.TrimSuffix(strings.Repeat(`{"code":"E","detail":"y"},`, 500), ",")+`]}`))
	err := None(do(t.Context(), c, "GET", "api/client", nil))
	if e := asError(t, err); len(e.Entries) != 503 || len(err.Error()) > 10_000 || !strings.Contains(err.Error(), "and 483 more") {
		t.Errorf("%d entries, %d bytes: %.100s", len(e.Entries), len(err.Error()), err)
	}
}

func TestStatusWithoutName(t *testing.T) {
	t.Parallel()
	c := panel(t, answer(521, "text/html", "<title>Web server is down</title>"), withoutRetries())
	want := `listServers: 521: the answer is an HTML page titled "Web server is down"`
	if err := None(do(t.Context(), c, "GET", "api/client", nil)); !errors.Is(err, ErrServer) || err.Error() != want {
		t.Errorf("err = %q, want %q", err, want)
	}
}

func TestCommandProblem(t *testing.T) {
	t.Parallel()
	for command, want := range map[string]string{
		"say hi":                              "",
		"say §aü \t日本 \u2028":                 "", // one line for a terminal
		strings.Repeat("x", CommandLimit):     "",
		"":                                    "is empty",
		"say a\nstop":                         "line break",
		"say a\rstop":                         "line break",
		"\n":                                  "line break",
		"say \xff":                            "not valid UTF-8",
		strings.Repeat("x", CommandLimit+1):   "has 4096 bytes",
		strings.Repeat("é", CommandLimit/2+1): "has 4096 bytes",
		"say \x03":                            "U+0003", // Ctrl-C
		"say \x04":                            "U+0004", // end of the input
		"say \x1b[A":                          "U+001B",
		"say \x00":                            "U+0000",
		"say \x7f":                            "U+007F", // erases
	} {
		if got := CommandProblem(command); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%.20q: %q, want %q", command, got, want)
		}
	}
}

// What is no UTF-8 would become U+FFFD in JSON, and a password another one. What
// is U+FFFD already stays.
func TestInvalidUTF8IsRefused(t *testing.T) {
	t.Parallel()
	sent := 0
	c := panel(t, func(w http.ResponseWriter, _ *http.Request) {
		sent++
		w.WriteHeader(http.StatusNoContent)
	})
	send := func(body any) error {
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		return None(do(t.Context(), c, "PUT", "api/client/account/password", strings.NewReader(string(text)), func(_ context.Context, req *http.Request) error {
			req.Header.Set("Content-Type", "application/json")
			return nil
		}))
	}
	type nested struct {
		Password string            `json:"password"`
		Limits   map[string]string `json:"limits,omitempty"`
		List     []string          `json:"list,omitempty"`
	}
	for name, body := range map[string]nested{
		"password":       {Password: "pass\xffword"},
		"limits.A":       {Password: "x", Limits: map[string]string{"A": "\xc3"}},
		"list[1]":        {Password: "x", List: []string{"a", "\xf0\x9f\x98"}},
		"limits.\ufffd":  {Password: "x", Limits: map[string]string{"\xff": "b"}},
		"password again": {Password: "\\" + "\xff"},
	} {
		var e *ArgumentError
		if err := send(body); !errors.As(err, &e) || e.Argument != strings.TrimSuffix(name, " again") || e.Operation != "updatePassword" {
			t.Errorf("%s: err = %v", name, err)
		}
	}
	if sent > 0 {
		t.Errorf("%d requests were sent", sent)
	}
	for i, text := range []string{"pässwörd", "\ufffd", `\ufffd`, `\\ufffd`, `"\`, "😀\x00"} {
		if err := send(nested{Password: text}); err != nil || sent != i+1 {
			t.Errorf("%q: %v, sent %d", text, err, sent)
		}
	}
	if got := fmt.Sprint(holdsReplaced([]byte(`"\\\ufffd"`)), holdsReplaced([]byte(`"\\ufffd"`)), holdsReplaced([]byte(`"\\ufffd\ufffd"`))); got != "true false true" {
		t.Errorf("holdsReplaced: %s", got)
	}
}
