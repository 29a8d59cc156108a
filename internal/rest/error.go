package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/ptero-go/ptero/envelope"
)

// Kinds of errors, to be tested with errors.Is.
var (
	// ErrRedirect: the Panel answered with a redirect, which is never followed.
	ErrRedirect = errors.New("redirected")

	// ErrUnauthorized: the key is missing or unknown (401).
	ErrUnauthorized = errors.New("unauthorized")

	// ErrForbidden: the key may not do this (403).
	ErrForbidden = errors.New("forbidden")

	// ErrNotFound: there is no such thing, or the key may not see it (404).
	ErrNotFound = errors.New("not found")

	// ErrConflict: the state of the server does not allow this (409).
	ErrConflict = errors.New("conflict")

	// ErrValidation: a field of the request breaks a rule (422).
	ErrValidation = errors.New("validation failed")

	// ErrRateLimited: too many requests, and no retry was left (429).
	ErrRateLimited = errors.New("rate limited")

	// ErrServer: the Panel, or what stands before it, failed (5xx).
	ErrServer = errors.New("server error")

	// ErrDaemon: the node's daemon refused, failed or could not be reached.
	ErrDaemon = errors.New("daemon error")

	// ErrBadAnswer: the answer is not what the API promises: HTML, nothing,
	// JSON that breaks off or does not fit.
	ErrBadAnswer = errors.New("bad answer")
)

// Error is any failure of a call after its arguments were checked: an answer
// of the Panel that is no success, one that makes no sense, or none at all.
type Error struct {
	// Operation is the operationId, such as "clientGetServer".
	Operation string

	// Method and Path are those of the request. The path comes without query.
	Method, Path string

	// StatusCode is the HTTP status, 0 if no answer came.
	StatusCode int

	// Entries are the reasons that the Panel gave. There are none when the
	// answer is not the Panel's own, such as a page of a proxy.
	Entries []envelope.ErrorEntry

	// Problem says in words what was wrong where Entries do not.
	Problem string

	// RequestID names the failure in the logs of the node's daemon, if it was
	// one of the daemon's.
	RequestID string

	// RetryAfter is how long the Panel asks to wait, 0 if it did not say.
	RetryAfter time.Duration

	// Attempts is how often the request was sent.
	Attempts int

	cause error
}

// Error implements error. The text names the operation, the status, the
// Panel's reasons with their fields, and what to do where that is known. It
// holds no key, no token and no query.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Operation)
	if e.StatusCode != 0 {
		fmt.Fprintf(&b, ": %d %s", e.StatusCode, http.StatusText(e.StatusCode))
	}
	for i, entry := range e.Entries {
		b.WriteString(separator(i))
		if field := entry.Field(); field != "" {
			b.WriteString(field + ": ")
		}
		b.WriteString(strings.TrimSuffix(plainText(entry.Detail), "."))
		if entry.Field() == "" && entry.Code != "" {
			fmt.Fprintf(&b, " [%s]", entry.Code)
		}
	}
	if e.Problem != "" {
		b.WriteString(": " + e.Problem)
	}
	if hint := e.hint(); hint != "" {
		b.WriteString(" (" + hint + ")")
	}
	if e.Attempts > 1 {
		fmt.Fprintf(&b, " after %d attempts", e.Attempts)
	}
	if e.cause != nil {
		b.WriteString(": " + e.cause.Error())
	}
	return b.String()
}

func separator(i int) string {
	if i == 0 {
		return ": "
	}
	return "; "
}

// hint tells what to do about the error, where the Panel's words do not.
func (e *Error) hint() string {
	switch {
	case e.Is(ErrRedirect):
		return "redirects are not followed: use the address that the Panel itself is served at"
	case e.Is(ErrUnauthorized):
		return "check the API key, and that it belongs to this Panel"
	case e.Is(ErrRateLimited) && e.RetryAfter > 0:
		return "the Panel asks to wait " + e.RetryAfter.String()
	}
	return ""
}

// Unwrap returns what kept an answer from coming or from being read, such as
// context.Canceled.
func (e *Error) Unwrap() error { return e.cause }

// Is matches the kinds of errors above.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrRedirect:
		return e.StatusCode/100 == 3
	case ErrUnauthorized:
		return e.StatusCode == http.StatusUnauthorized
	case ErrForbidden:
		return e.StatusCode == http.StatusForbidden
	case ErrNotFound:
		return e.StatusCode == http.StatusNotFound
	case ErrConflict:
		return e.StatusCode == http.StatusConflict
	case ErrValidation:
		return e.StatusCode == http.StatusUnprocessableEntity
	case ErrRateLimited:
		return e.StatusCode == http.StatusTooManyRequests // or the limiter's cause
	case ErrServer:
		return e.StatusCode/100 == 5
	case ErrDaemon:
		return e.HasCode("DaemonConnectionException") || e.HasCode("ConfigurationNotPersistedException")
	case ErrBadAnswer:
		return e.StatusCode/100 == 2
	}
	return false
}

// HasCode tells whether one of the entries has the code, which is the name of
// a PHP exception such as "TooManyBackupsException".
func (e *Error) HasCode(code string) bool {
	for _, entry := range e.Entries {
		if entry.Code == code {
			return true
		}
	}
	return false
}

// LogValue implements [slog.LogValuer].
func (e *Error) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("operation", e.Operation),
		slog.Int("status", e.StatusCode),
		slog.Int("attempts", e.Attempts),
		slog.String("error", e.Error()),
	)
}

// maxErrorBody bounds how much of the body of a failure is read, in bytes.
const maxErrorBody = 64 << 10

// keepErrorBody reads the body of a failure and closes its connection.
func keepErrorBody(resp *http.Response) {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody)) // a part is better than none
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
}

// newError returns the error of an answer, without what its body says.
func newError(resp *http.Response) *Error {
	call := callOf(resp.Request.Context())
	e := &Error{
		Operation:  call.id(),
		Method:     resp.Request.Method,
		Path:       resp.Request.URL.Path,
		StatusCode: resp.StatusCode,
		Attempts:   call.attempts,
		cause:      call.stopped,
	}
	if resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable {
		e.RetryAfter, _ = retryAfter(resp)
	}
	return e
}

// newTransportError returns the error of a request that got no answer.
func newTransportError(req *http.Request, call *call, err error) error {
	e := &Error{
		Operation: call.id(),
		Method:    req.Method,
		Path:      req.URL.Path,
		Problem:   "no answer from " + req.URL.Host,
		Attempts:  call.attempts,
		cause:     call.redactError(withoutURL(err)),
	}
	var notSent *notSentError
	if errors.As(err, &notSent) {
		e.Problem = "not sent"
		e.Attempts--
	}
	return e
}

// withoutURL drops the address that net/http puts into its errors: the query of
// a signed URL is secret.
func withoutURL(err error) error {
	var urlError *url.Error
	if errors.As(err, &urlError) {
		return urlError.Err
	}
	return err
}

// failure reads an answer that is no success and returns its error.
func failure(resp *http.Response) error {
	keepErrorBody(resp)
	body, _ := io.ReadAll(resp.Body) // comes from memory
	body = []byte(redact(resp, string(body)))
	e := newError(resp)
	if resp.StatusCode/100 == 3 {
		e.Problem = "the answer leads to " + redact(resp, withoutQuery(resp.Header.Get("Location")))
		return e
	}
	var panel envelope.ErrorList
	var wings struct {
		Error     string `json:"error"`
		RequestID string `json:"request_id"`
	}
	switch {
	case json.Unmarshal(body, &panel) == nil && len(panel.Errors) > 0:
		e.Entries = panel.Errors
		for i := range e.Entries {
			if id := requestID.FindStringSubmatch(e.Entries[i].Detail); id != nil {
				e.RequestID = id[1]
			}
		}
	case json.Unmarshal(body, &wings) == nil && wings.Error != "":
		e.Problem, e.RequestID = wings.Error, wings.RequestID
	default:
		e.Problem = describe(resp, body)
	}
	return e
}

// requestID finds the daemon's name for a failure in the Panel's words.
var requestID = regexp.MustCompile(`\(request_id: ([0-9A-Za-z-]+)\)`)

// badAnswer returns the error of a success that makes no sense.
func badAnswer(resp *http.Response, problem string, cause error) error {
	e := newError(resp)
	e.Problem = problem
	if cause != nil {
		cause = callOf(resp.Request.Context()).redactError(cause)
	}
	e.cause = errors.Join(e.cause, cause)
	return e
}

// describe says in words what a body is that is not the Panel's JSON. It
// repeats nothing of it but the title of a page.
func describe(resp *http.Response, body []byte) string {
	trimmed := bytes.TrimSpace(body)
	switch {
	case len(trimmed) == 0:
		return "the body of the answer is empty"
	case isHTML(resp, trimmed):
		if title := pageTitle.FindSubmatch(trimmed); title != nil {
			return fmt.Sprintf("the answer is an HTML page titled %q", redact(resp, plainText(string(title[1]))))
		}
		return "the answer is an HTML page"
	case trimmed[0] == '{' || trimmed[0] == '[':
		return "the answer is JSON, but not of the Panel's form"
	}
	return "the answer is not JSON"
}

func isHTML(resp *http.Response, body []byte) bool {
	return strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") || bytes.HasPrefix(body, []byte("<"))
}

var (
	pageTitle = regexp.MustCompile(`(?is)<title[^>]*>(.{0,200}?)</title>`)
	htmlTag   = regexp.MustCompile(`<[^<>]{0,200}>`)
)

// plainText takes tags, entities and line breaks out of a text that may be
// HTML.
func plainText(s string) string {
	s = html.UnescapeString(htmlTag.ReplaceAllString(s, ""))
	return strings.Join(strings.Fields(s), " ")
}

// withoutQuery shortens an address to what can be shown.
func withoutQuery(address string) string {
	u, err := url.Parse(address)
	if err != nil || address == "" {
		return "an unknown place"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
