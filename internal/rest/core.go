package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Core sends the requests of one client. It is safe for concurrent use.
type Core struct {
	routes *Routes
	base   *url.URL // the Panel's address, with a slash at the end
	key    string
	http   *http.Client
	config Config
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
	return &Core{routes: routes, base: base, key: key, http: ownClient(cfg.HTTPClient), config: cfg}, nil
}

// ownClient returns a client that follows no redirect and keeps no cookie: the
// Panel's session cookie would turn a request with a key into one of a browser.
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

// String names the Panel and hides the key.
func (c *Core) String() string { return "client of " + c.base.String() }

// GoString is String, so that %#v does not print the key either.
func (c *Core) GoString() string { return c.String() }

// call is what the core remembers of one call, from its first editor to its
// decoder. Only one goroutine uses it at a time.
type call struct {
	core      *Core
	operation *Operation // nil if the path belongs to none
	attempts  int
	streams   bool  // the body of the answer may take any time
	stopped   error // what ended the wait for another attempt
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

// Edit is the first editor of every request: it finds the operation and sets
// the headers.
func (c *Core) Edit(ctx context.Context, req *http.Request) error {
	if req.URL.Scheme != c.base.Scheme || req.URL.Host != c.base.Host {
		return errors.New("the request leads away from the Panel")
	}
	var operation *Operation
	if path, below := strings.CutPrefix(req.URL.EscapedPath(), c.base.EscapedPath()); below {
		operation = c.routes.Find(req.Method, path)
	}
	*req = *req.WithContext(context.WithValue(ctx, callKey{}, &call{core: c, operation: operation}))
	req.Header.Set("Authorization", "Bearer "+c.key)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.config.UserAgent)
	return nil
}

// Stream is an editor for an answer whose body may take any time to read.
func Stream(_ context.Context, req *http.Request) error {
	callOf(req.Context()).streams = true
	return nil
}

// Do sends a request, again where it must and may, and returns the last answer.
// An answer of any status is no error here; the decoders see to that.
func (c *Core) Do(req *http.Request) (*http.Response, error) {
	call := callOf(req.Context())
	if call.operation == nil {
		return nil, &ArgumentError{
			Argument: "identifier",
			Problem:  fmt.Sprintf("makes the request lead to no operation (%s %s)", req.Method, req.URL.Path),
		}
	}
	retry := retrier{config: &c.config, request: req}
	for {
		call.attempts++
		resp, err := c.send(req, call)
		wait, again := retry.next(resp, err)
		if !again {
			return resp, err
		}
		if resp != nil {
			keepErrorBody(resp) // frees the connection while we wait
		}
		if call.stopped = sleep(req.Context(), wait); call.stopped != nil {
			return resp, err
		}
		if req, err = rewound(req); err != nil {
			return nil, newTransportError(req, call, err)
		}
	}
}

// rewound returns the request with its body from the start.
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

// send makes one attempt, bounded by the timeout.
func (c *Core) send(req *http.Request, call *call) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context())
	stopTimer := func() bool { return true }
	if c.config.Timeout > 0 {
		timer := time.AfterFunc(c.config.Timeout, func() { cancel(timeoutError(c.config.Timeout)) })
		stopTimer = timer.Stop
	}
	resp, err := c.http.Do(req.WithContext(ctx))
	if err != nil {
		stopTimer()
		defer cancel(nil)
		return nil, newTransportError(req, call, causeOf(ctx, err))
	}
	if call.streams {
		stopTimer()
	}
	resp.Request = req
	resp.Body = &attemptBody{ReadCloser: resp.Body, ctx: ctx, done: func() {
		stopTimer()
		cancel(nil)
	}}
	return resp, nil
}

// attemptBody is the body of an answer; closing it ends the attempt.
type attemptBody struct {
	io.ReadCloser
	ctx  context.Context
	done func()
}

func (b *attemptBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = causeOf(b.ctx, err)
	}
	return n, err
}

func (b *attemptBody) Close() error {
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

// timeoutError says that an attempt took longer than the client's timeout. It
// matches context.DeadlineExceeded.
type timeoutError time.Duration

func (e timeoutError) Error() string        { return "no complete answer within " + time.Duration(e).String() }
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
		return context.Cause(ctx)
	}
}

// neverLeft tells whether a failed attempt provably did not reach the Panel.
func neverLeft(err error) bool {
	var opError *net.OpError
	var dnsError *net.DNSError
	return errors.As(err, &opError) && opError.Op == "dial" || errors.As(err, &dnsError)
}
