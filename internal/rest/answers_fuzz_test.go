package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ptero-go/ptero/envelope"
	"github.com/ptero-go/ptero/gen/clientapi"
	"github.com/ptero-go/ptero/internal/recorded"
	"github.com/ptero-go/ptero/internal/rest"
)

const fuzzKey = "ptlc_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"

// roundTrip is a transport.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// fuzzedCore returns a core that sends nothing, retries nothing and counts no
// requests.
func fuzzedCore(t *testing.T, transport roundTrip, opts ...func(*rest.Config) error) *rest.Core {
	t.Helper()
	set := func(cfg *rest.Config) error {
		cfg.HTTPClient, cfg.Retries, cfg.Limiter, cfg.Timeout = &http.Client{Transport: transport}, 0, nil, 0
		return nil
	}
	core, err := rest.New(rest.NewRoutes(clientapi.Operations()), "https://panel.example.org", fuzzKey,
		append([]func(*rest.Config) error{set}, opts...))
	if err != nil {
		t.Fatal(err)
	}
	return core
}

func withoutReadAhead(cfg *rest.Config) error {
	cfg.ReadAhead = 0
	return nil
}

// get sends a request as a generated client does.
func get(ctx context.Context, core *rest.Core, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, core.Server()+path, nil)
	if err != nil {
		return nil, err
	}
	if err := core.Edit(ctx, req); err != nil {
		return nil, err
	}
	return core.Do(req)
}

// answered is a transport that always gives the same answer.
func answered(status int, header http.Header, body []byte) roundTrip {
	return func(req *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: status, Header: header, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: req,
		}, nil
	}
}

// addRecordings makes the recorded answers the seeds.
func addRecordings(f *testing.F, add func(status int, contentType string, body []byte)) {
	f.Helper()
	all, err := recorded.Load()
	if err != nil {
		f.Fatal(err)
	}
	for _, r := range all {
		add(r.Response.Status, r.Response.Headers["Content-Type"], r.Response.Body.Bytes())
	}
	for _, page := range []string{
		"", "null", "[]", "{}", "7", `""`, "<html><title>Bad Gateway</title>", "<!DOCTYPE html>\n<title>a&amp;b", `{"error":"x","request_id":"y"}`,
		`{"errors":[]}`, `{"errors":[null]}`, `{"errors":{"a":1}}`, `{"errors":[{"code":"A","detail":"<b>c</b>","meta":{"rule":null,"trace":["KEY"]}}]}`,
		`{"object":"list","data":[{"attributes":{"limits":{"memory":1e999}}}]}`, `{"attributes":{"id":` + strings.Repeat("9", 3000) + `}}`,
		`{"attributes":{"created_at":"` + strings.Repeat("x", 3000) + `"}}`, `{"errors":[{"code":"KEY","status":"KEY","detail":"KEY"}]}`,
	} {
		add(200, "application/json", []byte(page))
		add(500, "text/html; charset=UTF-8", []byte(page))
	}
}

// decoders are all there are, for types of the contract.
var decoders = map[string]func(*http.Response, error) error{
	"Item": func(resp *http.Response, err error) error {
		v, err := rest.Item[clientapi.Server](resp, err)
		return oneOf(v != nil, err)
	},
	"Item, of times": func(resp *http.Response, err error) error {
		v, err := rest.Item[clientapi.Backup](resp, err)
		return oneOf(v != nil, err)
	},
	"ItemWith": func(resp *http.Response, err error) error {
		v, _, err := rest.ItemWith[clientapi.APIKey, clientapi.APIKeySecret](resp, err)
		return oneOf(v != nil, err)
	},
	"Data": func(resp *http.Response, err error) error {
		v, err := rest.Data[clientapi.WebsocketCredentials](resp, err)
		return oneOf(v != nil, err)
	},
	"List": func(resp *http.Response, err error) error {
		v, err := rest.List[clientapi.Schedule](resp, err)
		return oneOf(v != nil, err)
	},
	"PageOf": func(resp *http.Response, err error) error {
		v, err := rest.PageOf[clientapi.Server](resp, err)
		return oneOf(v != nil, err)
	},
	"PageWith": func(resp *http.Response, err error) error {
		type meta struct {
			Pagination envelope.Pagination `json:"pagination"`
		}
		v, _, err := rest.PageWith[clientapi.Backup](func(m *meta) *envelope.Pagination { return &m.Pagination })(resp, err)
		return oneOf(v != nil, err)
	},
	"JSON": func(resp *http.Response, err error) error {
		v, err := rest.JSON[envelope.Map[envelope.Slice[envelope.Scalar]]](resp, err)
		return oneOf(v != nil, err)
	},
	"None": rest.None,
	"Text": func(resp *http.Response, err error) error {
		_, err = rest.Text(resp, err)
		return err
	},
	"Stream": func(resp *http.Response, err error) error {
		body, _, err := rest.Stream(resp, err)
		if err != nil {
			return oneOf(body != nil, err)
		}
		_, err = io.Copy(io.Discard, body)
		return errors.Join(err, body.Close())
	},
}

// errBoth says that a decoder gave a value and an error, or neither.
var errBoth = errors.New("not one of a value and an error")

func oneOf(value bool, err error) error {
	if value == (err != nil) {
		return fmt.Errorf("%w: %w", errBoth, err)
	}
	return err
}

// Whatever is answered, each decoder gives a value or an error of our type, whose
// text is short, and which holds no key.
func FuzzDecoders(f *testing.F) {
	addRecordings(f, func(status int, contentType string, body []byte) { f.Add(status, contentType, body) })
	f.Fuzz(func(t *testing.T, status int, contentType string, body []byte) {
		if status < 200 || status > 599 {
			t.Skip("net/http knows no such answer")
		}
		body = bytes.ReplaceAll(body, []byte("KEY"), []byte(fuzzKey))
		core := fuzzedCore(t, answered(status, http.Header{"Content-Type": {contentType}}, body))
		for name, decode := range decoders {
			err := decode(get(t.Context(), core, "api/client/servers/1a2b3c4d"))
			if err == nil && status >= 300 {
				t.Errorf("%s: status %d is a success", name, status)
			}
			if err != nil {
				checkError(t, name, status, err)
			}
		}
	})
}

func checkError(t *testing.T, name string, status int, err error) {
	t.Helper()
	var e *rest.Error
	if !errors.As(err, &e) || errors.Is(err, errBoth) {
		t.Fatalf("%s: %T %v", name, err, err)
	}
	if e.StatusCode != status || e.Operation != "clientGetServer" {
		t.Errorf("%s: %+v", name, e)
	}
	// The entries are the Panel's words, of which 64 KiB are read; html and
	// JSON may make somewhat more of them.
	limit := 1 << 10
	if len(e.Entries) > 0 || e.RequestID != "" || status >= 300 {
		limit = 4 * 64 << 10
	}
	if n := len(err.Error()); n > limit {
		t.Errorf("%s: the text of the error has %d bytes: %.300s…", name, n, err)
	}
	whole, jsonErr := json.Marshal(e)
	if jsonErr != nil {
		t.Errorf("%s: %v", name, jsonErr)
	}
	for form, text := range map[string]string{
		"Error": err.Error(), "%+v": fmt.Sprintf("%+v", err), "%#v": fmt.Sprintf("%#v", e), "JSON": string(whole),
		"entries": fmt.Sprintf("%#v", e.Entries), "log": e.LogValue().String(),
	} {
		if strings.Contains(text, fuzzKey) {
			t.Errorf("%s: the key is in %s: %s", name, form, text)
		}
	}
	for _, kind := range []error{
		rest.ErrRedirect, rest.ErrUnauthorized, rest.ErrForbidden, rest.ErrNotFound, rest.ErrConflict, rest.ErrValidation,
		rest.ErrRateLimited, rest.ErrServer, rest.ErrDaemon, rest.ErrBadAnswer,
	} {
		_ = errors.Is(err, kind)
	}
}

// The headers of a failure come from anywhere, too.
func FuzzFailures(f *testing.F) {
	f.Add(429, "7", "1795304400", "Sat, 21 Nov 2026 23:00:00 GMT", "", "0", "60", []byte(`{"errors":[{"code":"ThrottleRequestsException"}]}`))
	f.Add(503, "Sat, 21 Nov 2026 23:00:10 GMT", "", "Sat, 21 Nov 2026 23:00:00 GMT", "", "", "", []byte("<title>Down</title>"))
	f.Add(302, "", "", "", "https://panel.example.org/auth/login?token=KEY", "-1", "x", []byte(nil))
	f.Add(301, "-9223372036854775808", "9223372036854775807", "Mon, 01 Jan 0001 00:00:00 GMT", "http://[::1]:namedport/?KEY", "9", "99999999999999999999", []byte("{"))
	f.Add(307, "1e9", "-1", "nonsense", "//\x7f", "", "", []byte(`{"error":"KEY"}`))
	f.Fuzz(func(t *testing.T, status int, after, reset, date, location, remaining, limit string, body []byte) {
		if status < 300 || status > 599 {
			t.Skip("no failure")
		}
		secret := strings.NewReplacer("KEY", fuzzKey)
		header := http.Header{
			"Retry-After": {after}, "X-Ratelimit-Reset": {reset}, "Date": {date}, "X-Ratelimit-Remaining": {remaining}, "X-Ratelimit-Limit": {limit},
		}
		if location != "" {
			header.Set("Location", secret.Replace(location))
		}
		core := fuzzedCore(t, answered(status, header, []byte(secret.Replace(string(body)))))
		err := rest.None(get(t.Context(), core, "api/client/servers/1a2b3c4d"))
		var e *rest.Error
		if !errors.As(err, &e) {
			t.Fatalf("%T %v", err, err)
		}
		if strings.Contains(err.Error(), fuzzKey) || strings.Contains(fmt.Sprintf("%#v", e), fuzzKey) {
			t.Errorf("the key is in %v", err)
		}
		if e.RetryAfter < 0 || e.RetryAfter > 100*365*24*time.Hour {
			t.Errorf("asked to wait %v", e.RetryAfter)
		}
	})
}
