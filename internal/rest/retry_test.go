package rest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

// script is a transport that answers from a list; the last entry stays.
type script struct {
	steps []func(*http.Request) (*http.Response, error)
	sent  []string // bodies, as they arrived
}

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	body := ""
	if req.Body != nil {
		content, _ := io.ReadAll(req.Body)
		body = string(content)
	}
	s.sent = append(s.sent, body)
	step := s.steps[min(len(s.sent), len(s.steps))-1]
	return step(req)
}

func status(code int, headers ...string) func(*http.Request) (*http.Response, error) {
	return func(req *http.Request) (*http.Response, error) {
		header := make(http.Header)
		for i := 0; i < len(headers); i += 2 {
			header.Set(headers[i], headers[i+1])
		}
		return &http.Response{StatusCode: code, Header: header, Body: io.NopCloser(strings.NewReader("")), Request: req}, nil
	}
}

func broken(err error) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// cut answers with a body that breaks off.
func cut(code int) func(*http.Request) (*http.Response, error) {
	return func(req *http.Request) (*http.Response, error) {
		body := io.MultiReader(strings.NewReader("["), iotest.ErrReader(io.ErrUnexpectedEOF))
		return &http.Response{StatusCode: code, Body: io.NopCloser(body), Request: req, ContentLength: -1}, nil
	}
}

// stall answers nothing, or only a header, until the attempt ends.
func stall(header bool) func(*http.Request) (*http.Response, error) {
	return func(req *http.Request) (*http.Response, error) {
		if header {
			return &http.Response{StatusCode: 200, Body: io.NopCloser(stalled{req.Context()}), Request: req, ContentLength: -1}, nil
		}
		<-req.Context().Done()
		return nil, req.Context().Err()
	}
}

type stalled struct{ ctx context.Context }

func (s stalled) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

var (
	errReset       = &net.OpError{Op: "read", Err: errors.New("connection reset by peer")}
	errDial        = &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	errDialTimeout = &net.OpError{Op: "dial", Err: context.DeadlineExceeded} // as a net.Dialer's timeout matches it
	errCertificate = &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}
)

func TestRetry(t *testing.T) {
	t.Parallel()
	type steps = []func(*http.Request) (*http.Response, error)
	ok := status(200)
	now := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // when a synctest bubble begins
	tests := map[string]struct {
		steps    steps
		method   string // GET by default
		opts     []option
		timeout  time.Duration // of the context, 0 for none
		attempts int
		ok       bool
		min, max time.Duration // what the waits take together
	}{
		"no need":                         {steps: steps{ok}, attempts: 1, ok: true},
		"429 in seconds":                  {steps: steps{status(429, "Retry-After", "36"), ok}, attempts: 2, ok: true, min: 36 * time.Second, max: 36*time.Second + maxStagger},
		"429 until a date":                {steps: steps{status(429, "Retry-After", now.Add(9*time.Second).Format(http.TimeFormat)), ok}, attempts: 2, ok: true, min: 9 * time.Second, max: 9*time.Second + maxStagger},
		"429 until a reset":               {steps: steps{status(429, "X-RateLimit-Reset", "946684807"), ok}, attempts: 2, ok: true, min: 7 * time.Second, max: 7*time.Second + maxStagger},
		"429 by the Panel's time":         {steps: steps{status(429, "X-RateLimit-Reset", "1000000005", "Date", time.Unix(1000000000, 0).UTC().Format(http.TimeFormat)), ok}, attempts: 2, ok: true, min: 5 * time.Second, max: 5*time.Second + maxStagger},
		"429 long over":                   {steps: steps{status(429, "X-RateLimit-Reset", "5"), ok}, attempts: 2, ok: true, max: maxStagger},
		"429 without a word":              {steps: steps{status(429), ok}, attempts: 2, ok: true, min: firstBackoff / 2, max: firstBackoff + maxStagger},
		"429 nonsense":                    {steps: steps{status(429, "Retry-After", "soon", "X-RateLimit-Reset", "x"), ok}, attempts: 2, ok: true, min: firstBackoff / 2, max: firstBackoff + maxStagger},
		"429 for a POST":                  {steps: steps{status(429, "Retry-After", "1"), ok}, method: "POST", attempts: 2, ok: true, min: time.Second, max: time.Second + maxStagger},
		"429 for ever":                    {steps: steps{status(429, "Retry-After", "1")}, attempts: DefaultConfig().Retries + 1, min: 4 * time.Second, max: 5 * time.Second},
		"429 beyond the budget":           {steps: steps{status(429, "Retry-After", "393")}, attempts: 1},
		"429 in a far future":             {steps: steps{status(429, "X-RateLimit-Reset", "9223372036854775807")}, attempts: 1},
		"429 budget used up":              {steps: steps{status(429, "Retry-After", "50")}, attempts: 3, min: 100 * time.Second, max: 101 * time.Second},
		"429 beyond the deadline":         {steps: steps{status(429, "Retry-After", "36")}, timeout: 30 * time.Second, attempts: 1},
		"429 without retries":             {steps: steps{status(429, "Retry-After", "1")}, opts: []option{withoutRetries()}, attempts: 1},
		"502 then well":                   {steps: steps{status(502), ok}, attempts: 2, ok: true, min: firstBackoff / 2, max: firstBackoff + maxStagger},
		"504 for ever":                    {steps: steps{status(504)}, attempts: 1 + maxFailureRetries, min: firstBackoff, max: 2 * time.Second},
		"503 for a PUT":                   {steps: steps{status(503), ok}, method: "PUT", attempts: 2, ok: true, min: firstBackoff / 2, max: firstBackoff + maxStagger},
		"502 for a POST":                  {steps: steps{status(502), ok}, method: "POST", attempts: 1},
		"500":                             {steps: steps{status(500), ok}, attempts: 1},
		"404":                             {steps: steps{status(404), ok}, attempts: 1},
		"reset":                           {steps: steps{broken(errReset), ok}, attempts: 2, ok: true, min: firstBackoff / 2, max: firstBackoff + maxStagger},
		"reset of a POST":                 {steps: steps{broken(errReset), ok}, method: "POST", attempts: 1},
		"POST that never left":            {steps: steps{broken(errDial), ok}, method: "POST", attempts: 2, ok: true, min: firstBackoff / 2, max: firstBackoff + maxStagger},
		"POST to no host":                 {steps: steps{broken(&net.DNSError{Err: "no such host"}), ok}, method: "POST", attempts: 2, ok: true, min: firstBackoff / 2, max: firstBackoff + maxStagger},
		"POST whose dial timed out":       {steps: steps{broken(errDialTimeout), ok}, method: "POST", attempts: 2, ok: true, min: firstBackoff / 2, max: firstBackoff + maxStagger},
		"bad certificate":                 {steps: steps{broken(errCertificate), ok}, attempts: 1},
		"bad certificate for a POST":      {steps: steps{broken(errCertificate), ok}, method: "POST", attempts: 1},
		"HTTP in place of HTTPS":          {steps: steps{broken(http.ErrSchemeMismatch), ok}, attempts: 1},
		"body cut off":                    {steps: steps{cut(200), ok}, attempts: 2, ok: true, min: firstBackoff / 2, max: firstBackoff + maxStagger},
		"body cut off for ever":           {steps: steps{cut(200)}, attempts: 1 + maxFailureRetries, min: firstBackoff, max: 2 * time.Second},
		"body of a failure cut off":       {steps: steps{cut(404), ok}, attempts: 1},
		"body of a PUT cut off":           {steps: steps{cut(200), ok}, method: "PUT", attempts: 2, ok: true, min: firstBackoff / 2, max: firstBackoff + maxStagger},
		"body of a POST cut off":          {steps: steps{cut(200), ok}, method: "POST", attempts: 1},
		"attempt timed out":               {steps: steps{stall(false), ok}, attempts: 2, ok: true, min: time.Minute, max: 61 * time.Second},
		"attempt timed out in the body":   {steps: steps{stall(true), ok}, attempts: 2, ok: true, min: time.Minute, max: 61 * time.Second},
		"PUT timed out":                   {steps: steps{stall(false), ok}, method: "PUT", attempts: 1, min: time.Minute, max: time.Minute},
		"POST timed out":                  {steps: steps{stall(false), ok}, method: "POST", attempts: 1, min: time.Minute, max: time.Minute},
		"attempt ended by the deadline":   {steps: steps{stall(false), ok}, timeout: 5 * time.Second, attempts: 1, min: 5 * time.Second, max: 5 * time.Second},
		"520 then well":                   {steps: steps{status(520), ok}, attempts: 2, ok: true, min: firstBackoff / 2, max: firstBackoff + maxStagger},
		"524 for a POST":                  {steps: steps{status(524), ok}, method: "POST", attempts: 1},
		"530 then well":                   {steps: steps{status(530), ok}, attempts: 2, ok: true, min: firstBackoff / 2, max: firstBackoff + maxStagger},
		"519":                             {steps: steps{status(519), ok}, attempts: 1},
		"531":                             {steps: steps{status(531), ok}, attempts: 1},
		"429 for less than no time":       {steps: steps{status(429, "X-RateLimit-Reset", "-9223372036854775808"), ok}, attempts: 2, ok: true, max: maxStagger},
		"429 until a year that is absurd": {steps: steps{status(429, "Retry-After", "9223372036854775807")}, attempts: 1},
		"reset, then 429":                 {steps: steps{broken(errReset), status(429, "Retry-After", "2"), ok}, attempts: 3, ok: true, min: 2*time.Second + firstBackoff/2, max: 3 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				transport := &script{steps: tt.steps}
				c := newCore(t, "https://panel.example.org", append(tt.opts, withTransport(transport))...)
				ctx := t.Context()
				if tt.timeout > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.timeout)
					defer cancel()
				}
				method, path, body := "GET", "api/client", ""
				switch tt.method {
				case "POST":
					method, path, body = "POST", "api/client/servers/abc/command", `{"command":"x"}`
				case "PUT":
					method, path, body = "PUT", "api/client/servers/abc/image", `{"docker_image":"x"}`
				}
				start := time.Now()
				_, err := Text(do(ctx, c, method, path, strings.NewReader(body)))
				took := time.Since(start)
				if (err == nil) != tt.ok || len(transport.sent) != tt.attempts {
					t.Errorf("err = %v after %d attempts, want success %t after %d", err, len(transport.sent), tt.ok, tt.attempts)
				}
				if took < tt.min || took > tt.max {
					t.Errorf("waited %s, want %s to %s", took, tt.min, tt.max)
				}
				for i, sent := range transport.sent {
					if sent != body {
						t.Errorf("attempt %d sent the body %q, want %q", i+1, sent, body)
					}
				}
				if err != nil {
					if e := asError(t, err); e.Attempts != tt.attempts {
						t.Errorf("the error says %d attempts, want %d", e.Attempts, tt.attempts)
					}
				}
			})
		})
	}
}

// A body that was read cannot be sent again.
func TestRetryNeedsReplayableBody(t *testing.T) {
	t.Parallel()
	transport := &script{steps: []func(*http.Request) (*http.Response, error){status(429, "Retry-After", "0")}}
	c := newCore(t, "https://panel.example.org", withTransport(transport))
	err := None(do(t.Context(), c, "POST", "api/client/servers/abc/command", io.NopCloser(strings.NewReader("once"))))
	if !errors.Is(err, ErrRateLimited) || len(transport.sent) != 1 {
		t.Errorf("err = %v after %d attempts, want ErrRateLimited after 1", err, len(transport.sent))
	}
}

func TestRetryEndsWithContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := &script{steps: []func(*http.Request) (*http.Response, error){status(429, "Retry-After", "30")}}
		c := newCore(t, "https://panel.example.org", withTransport(transport))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(5*time.Second, cancel)
		start := time.Now()
		err := None(do(ctx, c, "GET", "api/client", nil))
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("took %s, want 5s", took)
		}
		// Both what ended the call and what it waited for can be told.
		if !errors.Is(err, context.Canceled) || !errors.Is(err, ErrRateLimited) {
			t.Errorf("err = %v, want context.Canceled and ErrRateLimited", err)
		}
		if e := asError(t, err); e.RetryAfter != 30*time.Second {
			t.Errorf("RetryAfter = %s", e.RetryAfter)
		}
	})
}
