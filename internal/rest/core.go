package rest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Core sends the requests of one client. It is safe for concurrent use.
type Core struct {
	routes *Routes
	base   *url.URL      // the Panel's address, with a slash at the end
	key    func() string // no text, which fmt would print with a verb such as %s
	config Config
	http   *http.Client // of our own, without a timeout
	sender Sender
	flavor Flavor

	// timeout bounds the attempts of calls, but not of uploads and downloads. It
	// is the smaller of the timeouts of the client and the caller's http.Client.
	timeout time.Duration
}

// New returns the core of a client for the Panel at panelURL.
func New[Option ~func(*Config) error](routes *Routes, panelURL, key string, opts []Option) (*Core, error) {
	base, err := parsePanelURL(panelURL)
	if err != nil {
		return nil, err
	}
	if err := checkKey(key); err != nil {
		return nil, err
	}
	cfg := DefaultConfig()
	for _, opt := range opts {
		if opt == nil {
			return nil, errors.New("an Option is nil")
		}
		if err := opt(&cfg); err != nil {
			return nil, err
		}
	}
	own := ownClient(cfg.HTTPClient)
	timeout := cfg.Timeout
	if theirs := own.Timeout; theirs > 0 && (timeout == 0 || theirs < timeout) {
		timeout = theirs
	}
	own.Timeout = 0 // it would cut what may take longer than other calls
	return &Core{
		routes: routes, base: base, key: func() string { return key }, config: cfg,
		http: own, sender: newSender(own, cfg.Middleware), timeout: timeout, flavor: cmp.Or(cfg.Flavor, flavorOf(key)),
	}, nil
}

// ownClient returns a client that follows no redirect and keeps no cookies: with
// the Panel's session cookie, a request with a key would be treated as one of a
// browser.
func ownClient(theirs *http.Client) *http.Client {
	own := http.Client{}
	if theirs != nil {
		own = *theirs
	} else if transport, ok := http.DefaultTransport.(*http.Transport); ok {
		transport = transport.Clone()
		transport.MaxIdleConnsPerHost = 32 // all requests go to one host
		own.Transport = transport
	}
	own.Jar = nil
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}

// Server returns the address that a generated client resolves its paths
// against.
func (c *Core) Server() string { return c.base.String() }

// HTTPClient returns the client that requests are sent with, less its timeout.
// It follows no redirect.
func (c *Core) HTTPClient() *http.Client { return c.http }

// String returns the address of the Panel, but not the key.
func (c *Core) String() string { return "client of " + c.base.String() }

// CloseIdleConnections closes the connections that are kept for later calls.
func (c *Core) CloseIdleConnections() { c.http.CloseIdleConnections() }

// GoString is String, so that %#v does not print the key either.
func (c *Core) GoString() string { return c.String() }

// call is the state of one call, from its first editor to its decoder. Only one
// goroutine uses it at a time.
type call struct {
	core      *Core
	operation *Operation    // nil if the path belongs to none
	timeout   time.Duration // of each attempt, 0 for none
	content   *Content      // what the caller sends, nil if the body is our own
	copying   time.Duration // how long the answer may take once the content is sent, if longer than timeout
	streams   bool          // the body of the answer may take any time
	secrets   []string      // of the signed URL, if it is one
	unlisted  bool          // the operation is none of the document's
	attempts  int
	unsure    bool  // an attempt failed on the way, but may have arrived
	stopped   error // what ended the wait for another attempt
	wire      wire
}

type callKey struct{}

// callOf returns the call that ctx belongs to, or an empty one.
func callOf(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}
	return &call{}
}

// id returns the operationId, or "".
func (c *call) id() string {
	if c.operation == nil {
		return ""
	}
	return c.operation.ID
}

// repeatable reports whether the request may arrive twice.
func (c *call) repeatable() bool {
	return c.operation == nil || c.operation.Repeatable || c.streams
}

// describe returns what hooks and the limiter learn of the call.
func (c *call) describe() Call {
	api := "wings"
	if path, isPanel := strings.CutPrefix(c.operation.Path, "/api/"); isPanel {
		api, _, _ = strings.Cut(path, "/")
	}
	return Call{API: api, Operation: c.operation.ID, Method: c.operation.Method, Path: c.operation.Path, Attempt: c.attempts}
}

// Edit is the first editor of every request: it finds the operation and sets
// the headers.
func (c *Core) Edit(ctx context.Context, req *http.Request) error {
	if req.URL.Scheme != c.base.Scheme || req.URL.Host != c.base.Host {
		return errors.New("the request leads away from the Panel")
	}
	call := &call{core: c, timeout: c.timeout}
	if path, below := strings.CutPrefix(req.URL.EscapedPath(), c.base.EscapedPath()); below {
		call.operation = c.routes.Find(req.Method, path)
	}
	if err := c.checkFlavor(call.operation); err != nil {
		return err
	}
	*req = *req.WithContext(context.WithValue(ctx, callKey{}, call))
	req.Header.Set("Authorization", "Bearer "+c.key())
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.config.UserAgent)
	return nil
}

// Timeout returns an editor for an operation that takes longer than others. It
// never shortens the client's timeout.
func Timeout(d time.Duration) Editor {
	return func(_ context.Context, req *http.Request) error {
		if call := callOf(req.Context()); call.timeout > 0 {
			call.timeout = max(call.timeout, d)
		}
		return nil
	}
}

// Do sends a request, repeats it where that is necessary and allowed, and
// returns the last answer with its body read. An answer of any status is not an
// error here; the decoders handle that.
func (c *Core) Do(req *http.Request) (*http.Response, error) {
	call := callOf(req.Context())
	if call.operation == nil {
		return nil, &ArgumentError{
			Argument: "identifier",
			Problem:  fmt.Sprintf("makes the request lead to no operation (%s %s)", req.Method, req.URL.Path),
		}
	}
	if err := checkText(req); err != nil {
		return nil, err
	}
	retry := retrier{config: &c.config, request: req, call: call}
	for {
		call.attempts++
		resp, err := c.attempt(req, call)
		wait, again := retry.next(resp, err)
		if !again {
			return resp, err
		}
		c.config.Logger.LogAttrs(req.Context(), slog.LevelWarn, "pterodactyl: request will be sent again",
			slog.String("operation", call.id()), slog.Int("attempt", call.attempts), slog.Duration("wait", wait))
		if call.stopped = sleep(req.Context(), wait); call.stopped != nil {
			return resp, err
		}
		if resp != nil {
			_ = resp.Body.Close() // is in memory
		}
		if req, err = rewound(req); err != nil {
			return nil, newTransportError(req, call, err)
		}
	}
}

// rewound returns the request with its body at the start. Each attempt opens a
// content of the caller's again.
func rewound(req *http.Request) (*http.Request, error) {
	if req.GetBody == nil {
		return req, nil
	}
	body, err := req.GetBody()
	if err != nil {
		return req, fmt.Errorf("read the body of the request again: %w", err)
	}
	again := req.WithContext(req.Context())
	again.Body = body
	return again, nil
}

// attempt waits its turn, sends the request once and reads the answer.
func (c *Core) attempt(req *http.Request, call *call) (*http.Response, error) {
	hooked := call.describe()
	done := func(Answer) {}
	if req.Context().Err() != nil {
		return nil, newTransportError(req, call, &heldBackError{context.Cause(req.Context())})
	}
	if c.config.Limiter != nil {
		turn, err := c.config.Limiter.Wait(req.Context(), hooked)
		if err != nil {
			return nil, newTransportError(req, call, &heldBackError{err})
		}
		if turn != nil {
			done = turn
		}
	}
	resp, err := c.send(req, call, hooked)
	done(answerOf(resp))
	if err != nil {
		return nil, newTransportError(req, call, err)
	}
	load(resp)
	return resp, nil
}

// heldBackError says that a request was not sent: its context had ended, or the
// limiter refused it.
type heldBackError struct{ cause error }

func (e *heldBackError) Error() string { return e.cause.Error() }
func (e *heldBackError) Unwrap() error { return e.cause }

// answerOf returns what the limiter learns from an answer; nil means that none
// came.
func answerOf(resp *http.Response) Answer {
	if resp == nil {
		return Answer{Limit: -1, Remaining: -1}
	}
	wait, _ := retryAfter(resp)
	return Answer{
		Status:     resp.StatusCode,
		Limit:      headerInt(resp, "X-Ratelimit-Limit"),
		Remaining:  headerInt(resp, "X-Ratelimit-Remaining"),
		RetryAfter: wait,
	}
}

// headerInt returns the number in a header, or -1 if there is none. The name
// must be in canonical form.
func headerInt(resp *http.Response, name string) int {
	if values := resp.Header[name]; len(values) > 0 {
		if n, err := strconv.Atoi(values[0]); err == nil && n >= 0 {
			return n
		}
	}
	return -1
}

// send passes the request through the hooks and bounds it by the timeout. The
// caller's content is released when the attempt ends, which is when the body of
// the answer is closed.
func (c *Core) send(req *http.Request, call *call, hooked Call) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context())
	bound := newStopwatch(call.timeout, cancel)
	end := func() {
		bound.stop()
		cancel(nil)
	}
	outgoing := req.WithContext(call.wire.watch(ctx, req.Method))
	if content := call.content; content != nil {
		bodies := &contentBodies{ctx: ctx, content: content, stopwatch: bound, copying: call.copying}
		bodies.attach(outgoing)
		stop := end
		end = func() {
			bodies.close()
			stop()
			content.settle(req.Context())
		}
	}
	start := time.Now()
	resp, err := c.sender(outgoing, hooked)
	if resp == nil && err == nil {
		err = errors.New("a Middleware returned neither an answer nor an error")
	}
	c.log(req.Context(), hooked, resp, err, time.Since(start))
	if err != nil {
		if resp != nil && resp.Body != nil {
			_ = resp.Body.Close()
		}
		err = causeOf(ctx, err)
		end()
		if call.content != nil && call.content.failure() != nil {
			return nil, call.content.failure()
		}
		return nil, err
	}
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	resp.Request = req
	body := &answerBody{ReadCloser: resp.Body, ctx: ctx, done: end}
	if call.streams {
		bound.pause()
		body.stopwatch = bound
	}
	resp.Body = body
	return resp, nil
}

// log logs an attempt. It names the path's template instead of the path, and
// nothing of the address or the bodies.
func (c *Core) log(ctx context.Context, call Call, resp *http.Response, err error, took time.Duration) {
	logger := c.config.Logger
	if !logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	var outcome slog.Attr
	if err != nil {
		outcome = slog.String("error", callOf(ctx).redact(withoutURL(err).Error()))
	} else {
		outcome = slog.Int("status", resp.StatusCode)
	}
	logger.LogAttrs(ctx, slog.LevelDebug, "pterodactyl: request",
		slog.String("operation", call.Operation), slog.String("method", call.Method), slog.String("path", call.Path),
		slog.Int("attempt", call.Attempt), slog.Duration("duration", took), outcome)
}

// Sender sends a request that belongs to a call.
type Sender func(req *http.Request, call Call) (*http.Response, error)

// Middleware wraps a [Sender], to trace or measure the attempts.
type Middleware func(next Sender) Sender

// newSender returns the sender behind all middleware.
func newSender(hc *http.Client, middleware []Middleware) Sender {
	sender := func(req *http.Request, _ Call) (*http.Response, error) { return hc.Do(req) }
	for _, wrap := range slices.Backward(middleware) {
		sender = wrap(sender)
	}
	return sender
}

// answerBody is the body of an answer; closing it ends the attempt.
type answerBody struct {
	io.ReadCloser
	ctx       context.Context
	done      func()
	stopwatch *stopwatch // bounds each Read of a stream, nil for other answers
}

func (b *answerBody) Read(p []byte) (int, error) {
	b.stopwatch.start(0)
	n, err := b.ReadCloser.Read(p)
	b.stopwatch.pause()
	if err != nil && !errors.Is(err, io.EOF) {
		err = causeOf(b.ctx, err)
	}
	return n, err
}

func (b *answerBody) Close() error {
	err := b.ReadCloser.Close()
	b.done()
	return err
}

// causeOf returns why an attempt failed: our timeout rather than the
// cancellation that it caused.
func causeOf(ctx context.Context, err error) error {
	var timeout timeoutError
	if errors.As(context.Cause(ctx), &timeout) {
		return timeout
	}
	return err
}

// timeoutError says that an attempt took longer than the client's timeout, or
// that a stream stalled for that long. It matches context.DeadlineExceeded.
type timeoutError time.Duration

func (e timeoutError) Error() string        { return "nothing arrived for " + time.Duration(e).String() }
func (e timeoutError) Timeout() bool        { return true }
func (e timeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// sleep waits, and returns an error if ctx ends first.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return withEnd(ctx, context.Cause(ctx))
	}
}
