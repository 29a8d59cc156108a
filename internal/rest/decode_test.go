package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Each way in which a success can be none gives an error that names the
// operation and the status and says what came.
func TestBadAnswers(t *testing.T) {
	t.Parallel()
	item := func(resp *http.Response, err error) error {
		got, err := Item[thing](resp, err)
		if err == nil {
			return fmt.Errorf("decoded %+v", got)
		}
		return err
	}
	list := func(resp *http.Response, err error) error {
		got, err := PageOf[thing](resp, err)
		if err == nil {
			return fmt.Errorf("decoded %+v", got)
		}
		return err
	}
	text := func(resp *http.Response, err error) error {
		got, err := Text(resp, err)
		if err == nil {
			return fmt.Errorf("decoded %q", got)
		}
		return err
	}
	const page = "<!DOCTYPE html>\n<title>Sign in &amp; go</title>"
	tests := map[string]struct {
		decode func(*http.Response, error) error
		answer http.HandlerFunc
		want   string // in the error
	}{
		"HTML":               {item, answer(200, "text/html", page), `an HTML page titled "Sign in & go"`},
		"HTML sent as JSON":  {item, answer(200, "application/json", page), "an HTML page"},
		"empty":              {item, answer(200, "application/json", ""), "the body of the answer is empty"},
		"no content":         {item, answer(204, "", ""), "the body of the answer is empty"},
		"truncated JSON":     {item, answer(200, "application/json", `{"object":"server","attributes":{"name":"a`), "not valid JSON"},
		"text after JSON":    {item, answer(200, "application/json", `{"attributes":{"name":"a"}}<br />`), "not valid JSON"},
		"[] for {}":          {item, answer(200, "application/json", `[]`), "does not fit at the top"},
		"[] for attributes":  {item, answer(200, "application/json", `{"attributes":[]}`), "does not fit at attributes: a JSON array stands where a JSON object belongs"},
		"mistyped":           {item, answer(200, "application/json", `{"attributes":{"name":7}}`), "does not fit at attributes.name: a JSON number stands where a string belongs"},
		"null":               {item, answer(200, "application/json", `null`), `no "attributes"`},
		"no attributes":      {item, answer(200, "application/json", `{"object":"server"}`), `no "attributes"`},
		"null resource":      {item, answer(200, "application/json", `{"object":"null_resource","attributes":null}`), `no "attributes"`},
		"no data":            {list, answer(200, "application/json", `{"object":"list"}`), `no "data"`},
		"mistyped item":      {list, answer(200, "application/json", `{"data":[{"attributes":{"name":"a"}},{"attributes":{"name":[]}}]}`), "does not fit at data[1].attributes.name"},
		"null item":          {list, answer(200, "application/json", `{"data":[{"attributes":null}]}`), `no "attributes"`},
		"page for nothing":   {None, answer(200, "text/html", page), "no content was expected"},
		"JSON for nothing":   {None, answer(200, "application/json", `{"object":"x"}`), "no content was expected"},
		"page for a file":    {text, answer(200, "text/html; charset=UTF-8", page), "an HTML page"},
		"shorter than said":  {item, breakOff, "broke off after 5 bytes"},
		"broken off text":    {text, breakOff, "broke off after 5 bytes"},
		"broken off nothing": {None, breakOff, "broke off after 5 bytes"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := panel(t, tt.answer)
			err := tt.decode(do(t.Context(), c, "GET", "api/client/servers/abc", nil))
			e := asError(t, err)
			if e.Operation != "getServer" || e.StatusCode/100 != 2 || !errors.Is(err, ErrBadAnswer) {
				t.Errorf("err = %+v, want ErrBadAnswer of getServer with its status", e)
			}
			for _, want := range []string{"getServer: 20", tt.want} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("err = %q, want %q in it", err, want)
				}
			}
		})
	}
}

// breakOff promises more than it sends.
func breakOff(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	_, _ = io.WriteString(w, `{"obj`)
}

func TestDecoders(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := panel(t, answer(200, "application/json",
		`{"object":"server","attributes":{"name":"lobby","unknown":1},"meta":{"name":"m"},"data":{"name":"d"}}`))
	if got, err := Item[thing](do(ctx, c, "GET", "api/client", nil)); err != nil || got.Name != "lobby" {
		t.Errorf("Item: %v, %v", got, err)
	}
	if got, meta, err := ItemWith[thing, thing](do(ctx, c, "GET", "api/client", nil)); err != nil || got.Name != "lobby" || meta.Name != "m" {
		t.Errorf("ItemWith: %v, %v, %v", got, meta, err)
	}
	if got, err := Data[thing](do(ctx, c, "GET", "api/client", nil)); err != nil || got.Name != "d" {
		t.Errorf("Data: %v, %v", got, err)
	}
	// A success that says nothing is one: an error would have the caller repeat
	// a command.
	for _, nothing := range []string{"", "[]", "{}", "null", ` {} `, "\n", "true", `""`} {
		c = panel(t, answer(200, "application/json", nothing))
		if err := None(do(ctx, c, "POST", "api/client/servers/abc/command", nil)); err != nil {
			t.Errorf("None of %q: %v", nothing, err)
		}
	}
	c = panel(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "2") // and then nothing comes
	})
	if err := None(do(ctx, c, "POST", "api/client/servers/abc/command", nil)); err != nil {
		t.Errorf("None of what broke off at once: %v", err)
	}
	c = panel(t, answer(200, "text/plain; charset=UTF-8", "{\"a\":\n1}"))
	if got, err := Text(do(ctx, c, "GET", "api/client", nil)); err != nil || got != "{\"a\":\n1}" {
		t.Errorf("Text: %q, %v", got, err)
	}
	c = panel(t, answer(200, "application/json", `{"object":"list","data":[{"attributes":{"name":"a"}},{"attributes":{"name":"b"}}]}`))
	if got, err := List[thing](do(ctx, c, "GET", "api/client", nil)); err != nil || len(got) != 2 || got[1].Name != "b" {
		t.Errorf("List: %v, %v", got, err)
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answer http.HandlerFunc
		kind   error
		want   string // the text of the error
	}{
		"validation": {
			answer(422, "application/json", `{"errors":[{"code":"ValidationException","status":"422","detail":"The name field is required.","meta":{"source_field":"name","rule":"required"}},{"code":"ValidationException","status":"422","detail":"Too much.","meta":{"source_field":"limits.memory","rule":"max"}}]}`),
			ErrValidation, "getServer: 422 Unprocessable Entity: name: The name field is required; limits.memory: Too much",
		},
		"0.7 validation": {
			answer(422, "application/json", `{"errors":[{"code":"required","detail":"The name field is required.","source":{"field":"name"}}]}`),
			ErrValidation, "getServer: 422 Unprocessable Entity: name: The name field is required",
		},
		"HTML in the detail": {
			answer(400, "application/json", `{"errors":[{"code":"ConfigurationNotPersistedException","status":"400","detail":"It <strong>has been</strong>\n updated."}]}`),
			ErrDaemon, "getServer: 400 Bad Request: It has been updated [ConfigurationNotPersistedException]",
		},
		"daemon": {
			answer(504, "application/json", `{"errors":[{"code":"DaemonConnectionException","status":"504","detail":"No. (request_id: ab-12)"}]}`),
			ErrDaemon, "getServer: 504 Gateway Timeout: No. (request_id: ab-12) [DaemonConnectionException] after 1 attempts",
		},
		"wings": {
			answer(404, "application/json", `{"error":"Gone.","request_id":"cd-34"}`),
			ErrNotFound, "getServer: 404 Not Found: Gone.",
		},
		"unauthorized": {
			answer(401, "application/json", `{"errors":[{"code":"AuthenticationException","status":"401","detail":"Unauthenticated."}]}`),
			ErrUnauthorized, "getServer: 401 Unauthorized: Unauthenticated [AuthenticationException] (check the API key, and that it belongs to this Panel)",
		},
		"proxy page":    {answer(500, "text/html", "<h1>x</h1>"), ErrServer, "getServer: 500 Internal Server Error: the answer is an HTML page"},
		"nothing":       {answer(500, "", ""), ErrServer, "getServer: 500 Internal Server Error: the body of the answer is empty"},
		"other JSON":    {answer(403, "application/json", `{"message":"no"}`), ErrForbidden, "getServer: 403 Forbidden: the answer is JSON, but not of the Panel's form"},
		"[] for errors": {answer(409, "application/json", `{"errors":[]}`), ErrConflict, "getServer: 409 Conflict: the answer is JSON, but not of the Panel's form"},
		"text":          {answer(403, "text/plain", "Forbidden"), ErrForbidden, "getServer: 403 Forbidden: the answer is not JSON"},
		"echoed key": {
			answer(500, "application/json", `{"errors":[{"code":"E","detail":"Bearer `+testKey+` failed"}]}`),
			ErrServer, "getServer: 500 Internal Server Error: Bearer [key] failed [E]",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := panel(t, tt.answer, withoutRetries())
			_, err := Item[thing](do(t.Context(), c, "GET", "api/client/servers/abc?x=secret", nil))
			if !errors.Is(err, tt.kind) {
				t.Errorf("err = %v, want it to match %v", err, tt.kind)
			}
			if want := strings.TrimSuffix(tt.want, " after 1 attempts"); err.Error() != want {
				t.Errorf("err = %q\nwant  %q", err, want)
			}
			if e := asError(t, err); strings.Contains(e.Path, "secret") || e.Method != "GET" || e.Attempts != 1 {
				t.Errorf("err = %+v", e)
			}
		})
	}
}

func TestRequestID(t *testing.T) {
	t.Parallel()
	c := panel(t, answer(500, "application/json", `{"errors":[{"code":"DaemonConnectionException","status":"500","detail":"No. (code: 500) (request_id: 9ff7ebe1-7da0)"}]}`))
	if e := asError(t, None(do(t.Context(), c, "GET", "api/client", nil))); e.RequestID != "9ff7ebe1-7da0" {
		t.Errorf("RequestID = %q", e.RequestID)
	}
}

// The body of a failure is read up to a limit, however long it is.
func TestEndlessErrorBody(t *testing.T) {
	t.Parallel()
	c := panel(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		chunk := []byte(strings.Repeat("x", 32<<10))
		for r.Context().Err() == nil {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	if e := asError(t, None(do(t.Context(), c, "GET", "api/client", nil))); e.StatusCode != 400 {
		t.Errorf("err = %v", e)
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	stall := func(header bool) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if header {
				w.WriteHeader(http.StatusOK)
				_ = http.NewResponseController(w).Flush()
			}
			<-r.Context().Done()
		}
	}
	for name, header := range map[string]bool{"before the header": false, "in the body": true} {
		c := panel(t, stall(header), with(func(cfg *Config) { cfg.Timeout = 20 * time.Millisecond }))
		_, err := Item[thing](do(t.Context(), c, "PUT", "api/client/servers/abc/image", nil))
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "nothing arrived for 20ms") {
			t.Errorf("%s: err = %v, want a timeout that names its length", name, err)
		}
		if e := asError(t, err); e.Attempts != 1 {
			t.Errorf("%s: %d attempts, want 1", name, e.Attempts)
		}
	}
}

func TestNoAnswer(t *testing.T) {
	t.Parallel()
	c := panel(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, withoutRetries())
	err := None(do(t.Context(), c, "GET", "api/client?token=secret", nil))
	e := asError(t, err)
	if e.StatusCode != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("err = %v, want no status and EOF", err)
	}
	if strings.Contains(err.Error(), "secret") || !strings.HasPrefix(err.Error(), "listServers: no answer from 127.0.0.1:") {
		t.Errorf("err = %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := None(do(ctx, c, "GET", "api/client", nil)); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want context.Canceled", err)
	}
}
