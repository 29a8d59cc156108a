package rest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Whatever numbers a header holds, the wait that they ask for makes sense.
func TestRetryAfterBounds(t *testing.T) {
	t.Parallel()
	const date = "Sat, 01 Jan 2000 00:00:00 GMT" // 946684800
	for name, tt := range map[string]struct {
		headers []string
		want    time.Duration
		said    bool
	}{
		"reset":                    {[]string{"X-RateLimit-Reset", "946684807"}, 7 * time.Second, true},
		"reset now":                {[]string{"X-RateLimit-Reset", "946684800"}, 0, true},
		"reset long ago":           {[]string{"X-RateLimit-Reset", "7"}, 0, true},
		"reset before all times":   {[]string{"X-RateLimit-Reset", "-9223372036854775808"}, 0, true},
		"reset after all times":    {[]string{"X-RateLimit-Reset", "9223372036854775807"}, longestAsked, true},
		"reset beyond numbers":     {[]string{"X-RateLimit-Reset", "9223372036854775808"}, 0, false},
		"reset in two days":        {[]string{"X-RateLimit-Reset", "946857600"}, longestAsked, true},
		"reset in a day":           {[]string{"X-RateLimit-Reset", "946771200"}, longestAsked, true},
		"seconds":                  {[]string{"Retry-After", "36"}, 36 * time.Second, true},
		"less than no seconds":     {[]string{"Retry-After", "-9223372036854775808"}, 0, true},
		"too many seconds":         {[]string{"Retry-After", "9223372036854775807"}, longestAsked, true},
		"date in the past":         {[]string{"Retry-After", "Fri, 31 Dec 1999 00:00:00 GMT"}, 0, true},
		"date in a far future":     {[]string{"Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT"}, longestAsked, true},
		"seconds before the reset": {[]string{"Retry-After", "1", "X-RateLimit-Reset", "946684807"}, time.Second, true},
		"nonsense, then a reset":   {[]string{"Retry-After", "soon", "X-RateLimit-Reset", "946684807"}, 7 * time.Second, true},
		"nothing":                  {nil, 0, false},
	} {
		resp, _ := status(429, append([]string{"Date", date}, tt.headers...)...)(new(http.Request))
		if got, said := retryAfter(resp); got != tt.want || said != tt.said {
			t.Errorf("%s: %s, %t; want %s, %t", name, got, said, tt.want, tt.said)
		}
	}
	// A clock before 1970, however it came about, is no reason to wait.
	if got := inSeconds(1<<62, -1<<62); got != longestAsked {
		t.Errorf("from before 1970: %s", got)
	}
	if got := inSeconds(-1<<63, 1<<62); got != 0 {
		t.Errorf("to before 1970: %s", got)
	}
}

// Headers that are not there cost nothing.
func TestRetryAfterAllocatesNothing(t *testing.T) {
	resp, _ := status(200, "X-RateLimit-Limit", "256", "X-RateLimit-Remaining", "255")(new(http.Request))
	if n := testing.AllocsPerRun(100, func() { answerOf(resp) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// A middleware that forgets to answer, or that answers with half of one, is an
// error, not a crash.
func TestOddMiddleware(t *testing.T) {
	t.Parallel()
	closed := false
	for name, tt := range map[string]struct {
		resp *http.Response
		err  error
		want string // in the error
	}{
		"nothing":      {nil, nil, "neither an answer nor an error"},
		"no body":      {&http.Response{StatusCode: 200}, nil, "the body of the answer is empty"},
		"both":         {&http.Response{StatusCode: 200, Body: closer{&closed}}, errors.New("broken"), "broken"},
		"both, nobody": {&http.Response{StatusCode: 200}, errors.New("broken"), "broken"},
	} {
		middleware := func(Sender) Sender {
			return func(*http.Request, Call) (*http.Response, error) { return tt.resp, tt.err }
		}
		c := newCore(t, "https://panel.example.org", withoutRetries(), with(func(cfg *Config) { cfg.Middleware = []Middleware{middleware} }))
		_, err := Item[thing](do(t.Context(), c, "GET", "api/client", nil))
		if asError(t, err); !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: err = %v, want %q", name, err, tt.want)
		}
		_, _, err = Stream(c.Transfer(t.Context(), DownloadFile, "https://node.example.org/download?token=x", nil))
		if tt.err != nil || tt.resp == nil {
			if asError(t, err); !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: err = %v, want %q", name, err, tt.want)
			}
		}
	}
	if !closed {
		t.Error("an answer beside an error was not closed")
	}
	// Neither is a limiter that gives nothing to call.
	c := newCore(t, "https://panel.example.org", withTransport(&script{steps: []func(*http.Request) (*http.Response, error){status(204)}}),
		with(func(cfg *Config) { cfg.Limiter = emptyLimiter{} }))
	if err := None(do(t.Context(), c, "GET", "api/client", nil)); err != nil {
		t.Error(err)
	}
}

type closer struct{ closed *bool }

func (closer) Read([]byte) (int, error) { return 0, io.EOF }

func (c closer) Close() error {
	*c.closed = true
	return nil
}

type emptyLimiter struct{}

func (emptyLimiter) Wait(context.Context, Call) (func(Answer), error) { return nil, nil } //nolint:nilnil // is what is tested

// The timeout of the caller's http.Client bounds the calls that ours bounds, and
// is raised for those that take longer as ours is.
func TestTimeoutOfTheCallersClient(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		theirs, ours time.Duration
		raised       time.Duration
		takes        time.Duration
		ok           bool
	}{
		"within":                  {30 * time.Second, time.Minute, 0, 20 * time.Second, true},
		"beyond theirs":           {30 * time.Second, time.Minute, 0, 40 * time.Second, false},
		"beyond ours":             {2 * time.Minute, time.Minute, 0, 90 * time.Second, false},
		"beyond theirs, ours off": {30 * time.Second, 0, 0, 40 * time.Second, false},
		"raised":                  {30 * time.Second, time.Minute, 16 * time.Minute, 15 * time.Minute, true},
		"raised, ours off":        {30 * time.Second, 0, 16 * time.Minute, 15 * time.Minute, true},
		"beyond the raised":       {30 * time.Second, time.Minute, 16 * time.Minute, 17 * time.Minute, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			theirs := &http.Client{Transport: slow(tt.takes), Timeout: tt.theirs}
			c := newCore(t, "https://panel.example.org", withoutRetries(), with(func(cfg *Config) { cfg.HTTPClient, cfg.Timeout = theirs, tt.ours }))
			start := time.Now()
			err := None(do(t.Context(), c, "GET", "api/client", nil, Timeout(tt.raised)))
			if (err == nil) != tt.ok || err != nil && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v after %s", name, err, time.Since(start))
			}
			if theirs.Timeout != tt.theirs {
				t.Errorf("%s: the caller's client was changed", name)
			}
		})
	}
}
