package rest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestMiddleware(t *testing.T) {
	t.Parallel()
	var events []string
	note := func(name string) Middleware {
		return func(next Sender) Sender {
			return func(req *http.Request, call Call) (*http.Response, error) {
				events = append(events, name+" "+call.API+" "+call.Operation+" "+call.Method+" "+call.Path)
				resp, err := next(req, call)
				if err == nil {
					events = append(events, name+" got "+resp.Status)
				}
				return resp, err
			}
		}
	}
	transport := &script{steps: []func(*http.Request) (*http.Response, error){status(429, "Retry-After", "0"), status(204)}}
	c := newCore(t, "https://panel.example.org", withTransport(transport), with(func(cfg *Config) {
		cfg.Middleware = []Middleware{note("outer"), note("inner")}
	}))
	if err := None(do(t.Context(), c, "DELETE", "api/client/servers/abc/databases/xyz", nil)); err != nil {
		t.Fatal(err)
	}
	const call = " client deleteDatabase DELETE /api/client/servers/{server}/databases/{database}"
	want := []string{
		"outer" + call, "inner" + call, "inner got ", "outer got ",
		"outer" + call, "inner" + call, "inner got ", "outer got ",
	}
	if strings.Join(events, "|") != strings.Join(want, "|") {
		t.Errorf("events = %q\nwant     %q", events, want)
	}
}

func TestLogger(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(elsewhere.Close)
	answers := []int{429, 204}
	c := panel(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(answers[0])
		answers = answers[1:]
	}, with(func(cfg *Config) { cfg.Logger = logger }))
	if err := None(do(t.Context(), c, "GET", "api/client/servers/abc?token=hush", nil)); err != nil {
		t.Fatal(err)
	}
	_, _, err := Stream(c.Transfer(t.Context(), DownloadFile, elsewhere.URL+"/download/file?token=hush", nil))
	if err == nil {
		t.Error("no error from a broken connection")
	}
	log := out.String()
	for _, want := range []string{
		`level=DEBUG msg="pterodactyl: request" operation=getServer method=GET path=/api/client/servers/{server} attempt=1 duration=`,
		" status=429\n",
		`level=WARN msg="pterodactyl: request will be sent again" operation=getServer attempt=1 wait=`,
		"attempt=2 duration=", " status=204\n",
		"operation=wingsDownloadFile method=GET path=/download/file attempt=1", "error=EOF",
	} {
		if !strings.Contains(log, want) {
			t.Errorf("no %q in\n%s", want, log)
		}
	}
	for _, secret := range []string{testKey, "hush", "abc", c.base.Host} {
		if strings.Contains(log, secret) || err != nil && strings.Contains(err.Error(), "hush") {
			t.Errorf("%q is in the log\n%s\nor in %v", secret, log, err)
		}
	}
}

// What is deleted by a first attempt whose answer got lost is deleted.
func TestDeleteAgain(t *testing.T) {
	t.Parallel()
	type steps = []func(*http.Request) (*http.Response, error)
	for name, tt := range map[string]struct {
		steps steps
		want  error
	}{
		"reset, then gone":              {steps{broken(errReset), status(404)}, nil},
		"502, then gone":                {steps{status(502), status(404)}, nil},
		"429, then gone":                {steps{status(429, "Retry-After", "0"), status(404)}, ErrNotFound}, // the first did nothing
		"never there":                   {steps{status(404)}, ErrNotFound},
		"refused, then gone":            {steps{broken(errDial), status(404)}, ErrNotFound}, // the first never left
		"refused, reset, then gone":     {steps{broken(errDial), broken(errReset), status(404)}, nil},
		"reset, refused, then gone":     {steps{broken(errReset), broken(errDial), status(404)}, nil},
		"522, then gone":                {steps{status(522), status(404)}, nil},
		"timed out dialling, then gone": {steps{broken(errDialTimeout), status(404)}, ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newCore(t, "https://panel.example.org", withTransport(&script{steps: tt.steps}))
				err := None(do(t.Context(), c, "DELETE", "api/client/servers/abc/databases/xyz", nil))
				if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
					t.Errorf("err = %v, want %v", err, tt.want)
				}
			})
		})
	}
}

// Whether a request is sent again after a failure on the way is a matter of its
// operation, not of its method.
func TestRepeatableOperations(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]int{
		"POST api/client/servers/abc/command": 1,
		"POST api/client/servers/abc/folder":  2,
		"PUT api/client/account/password":     1,
		"PUT api/client/servers/abc/image":    2,
	} {
		synctest.Test(t, func(t *testing.T) {
			transport := &script{steps: []func(*http.Request) (*http.Response, error){broken(errReset), status(204)}}
			c := newCore(t, "https://panel.example.org", withTransport(transport))
			method, path, _ := strings.Cut(path, " ")
			err := None(do(t.Context(), c, method, path, strings.NewReader("{}")))
			if len(transport.sent) != want || (err == nil) != (want == 2) {
				t.Errorf("%s %s: sent %d times, %v; want %d", method, path, len(transport.sent), err, want)
			}
		})
	}
}

// slow answers after a time.
type slow time.Duration

func (s slow) RoundTrip(req *http.Request) (*http.Response, error) {
	select {
	case <-time.After(time.Duration(s)):
		return status(204)(req)
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
}

func TestTimeoutOfSlowOperations(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCore(t, "https://panel.example.org", withTransport(slow(15*time.Minute)))
		if err := None(do(t.Context(), c, "GET", "api/client", nil)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("err = %v, want a timeout", err)
		}
		if err := None(do(t.Context(), c, "GET", "api/client", nil, Timeout(16*time.Minute))); err != nil {
			t.Error(err)
		}
		c = newCore(t, "https://panel.example.org", withTransport(slow(24*time.Hour)), with(func(cfg *Config) { cfg.Timeout = 0 }))
		if err := None(do(t.Context(), c, "GET", "api/client", nil, Timeout(16*time.Minute))); err != nil {
			t.Errorf("without a timeout: %v", err)
		}
	})
}

// mover reads a body at a pace, and answers long after its end.
type mover struct{ pace, copying time.Duration }

func (m mover) RoundTrip(req *http.Request) (*http.Response, error) {
	buffer := make([]byte, 1)
	for {
		if err := sleep(req.Context(), m.pace); err != nil {
			return nil, err
		}
		if _, err := req.Body.Read(buffer); err != nil {
			break
		}
	}
	if err := sleep(req.Context(), m.copying); err != nil {
		return nil, err
	}
	return status(200)(req)
}

// An upload may take any time as long as it moves.
func TestUploadTimeouts(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		mover mover
		ok    bool
	}{
		"moves":         {mover{50 * time.Second, 10 * time.Minute}, true},
		"stands still":  {mover{70 * time.Second, 0}, false},
		"never answers": {mover{time.Second, time.Hour}, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			c := newCore(t, "https://panel.example.org", withTransport(tt.mover))
			err := None(c.Transfer(t.Context(), UploadFiles, "https://node.example.org/upload/file?token=hush", &Content{
				Type: "multipart/form-data", Length: 10,
				Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("some bytes")), nil },
			}))
			if (err == nil) != tt.ok || err != nil && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: err = %v", name, err)
			}
		})
	}
}

func TestTransferRefusesOddURLs(t *testing.T) {
	t.Parallel()
	c := newCore(t, "https://panel.example.org")
	for _, url := range []string{"", "file:///etc/passwd", "/download/file?token=hush", "https://", "ht tp://x\x7f?token=hush"} {
		_, _, err := Stream(c.Transfer(t.Context(), DownloadFile, url, nil))
		if err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%q: err = %v", url, err)
		}
	}
	for in, want := range map[string]string{
		"https://n/u?token=a.b":  "https://n/u?token=a.b&directory=%2Fx+y%26",
		"https://n/u":            "https://n/u?directory=%2Fx+y%26",
		"https://n/u?s=%2f&t=+1": "https://n/u?s=%2f&t=+1&directory=%2Fx+y%26", // as it was signed
	} {
		if got, err := AddQuery(in, "directory", "/x y&"); err != nil || got != want {
			t.Errorf("AddQuery(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
}
