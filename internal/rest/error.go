package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/ptero-go/ptero/envelope"
)

// Kinds of errors. Package client, where people meet them, says what each means.
var (
	ErrRedirect     = errors.New("redirected")
	ErrUnauthorized = errors.New("unauthorized")
	ErrForbidden    = errors.New("forbidden")
	ErrNotFound     = errors.New("not found")
	ErrConflict     = errors.New("conflict")
	ErrValidation   = errors.New("validation failed")
	ErrRateLimited  = errors.New("rate limited")
	ErrServer       = errors.New("server error")
	ErrDaemon       = errors.New("daemon error")
	ErrOffline      = errors.New("the server is offline")
	ErrAmbiguous    = errors.New("ambiguous")
	ErrBadAnswer    = errors.New("bad answer")
)

// Error is any failure of a call whose arguments were good: an answer of the
// Panel that is no success, one that makes no sense, or none at all. errors.As
// finds it:
//
//	var e *client.Error
//	if errors.As(err, &e) {
//		fmt.Println(e.Operation, e.StatusCode, e.Attempts)
//		for _, entry := range e.Entries {
//			fmt.Println(entry.Code, entry.Field(), entry.Rule(), entry.Detail)
//		}
//	}
//
// Its text is one line of printable characters, and holds no key, no token and no
// query. errors.Is matches it with the kinds of errors, such as ErrNotFound.
type Error struct {
	// Operation is the operationId, such as "clientGetServer", or "do" for a
	// request to an endpoint that is not in the contract.
	Operation string

	// Method and Path are those of the request. The path does not include the
	// query.
	Method, Path string

	// StatusCode is the HTTP status, 0 if no answer came.
	StatusCode int

	// Entries are the reasons that the Panel gave. There are none if the answer
	// is not the Panel's own, such as the page of a proxy.
	Entries []envelope.ErrorEntry

	// Problem describes what went wrong if there are no Entries.
	Problem string

	// RequestID identifies a failure of the node's daemon in its logs; empty for
	// other failures.
	RequestID string

	// RetryAfter is how long the Panel asks to wait, or 0 if it does not say.
	RetryAfter time.Duration

	// Attempts is how many times the request was sent.
	Attempts int

	outcome  outcome
	only     Flavor // of the operation
	unsure   bool   // it may have been carried out all the same
	unlisted bool   // the operation is none of the document's
	cause    error
}

// Error implements error. The text is one line of printable characters, whatever
// the server sent. It names the operation, the status, the Panel's reasons with
// their fields, and what to do where that is known. It holds no key, no token and
// no query.
func (e *Error) Error() string {
	var b strings.Builder
	if e.unlisted {
		b.WriteString(e.Method + " " + e.Path)
	} else {
		b.WriteString(e.Operation)
	}
	if e.StatusCode != 0 {
		b.WriteString(strings.TrimRight(fmt.Sprintf(": %d %s", e.StatusCode, http.StatusText(e.StatusCode)), " "))
	}
	for i, entry := range e.Entries {
		if i == mostReasons {
			fmt.Fprintf(&b, "; and %d more", len(e.Entries)-i)
			break
		}
		b.WriteString(separator(i))
		if field := entry.Field(); field != "" {
			b.WriteString(shorten(field) + ": ")
		}
		b.WriteString(strings.TrimSuffix(shorten(plainText(entry.Detail)), "."))
		if entry.Field() == "" && entry.Code != "" {
			fmt.Fprintf(&b, " [%s]", shorten(entry.Code))
		}
	}
	if e.Problem != "" {
		b.WriteString(": " + shorten(e.Problem))
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
	return Printable(b.String())
}

// mostReasons bounds how many of the Panel's reasons the text of an error repeats.
const mostReasons = 20

func separator(i int) string {
	if i == 0 {
		return ": "
	}
	return "; "
}

// hint says what to do about the error, where the Panel's words do not.
func (e *Error) hint() string {
	switch {
	case e.Is(ErrRedirect):
		return "redirects are not followed: use the address that the Panel itself is served at"
	case e.Is(ErrUnauthorized):
		return "check the API key, and that it belongs to this Panel"
	case e.Is(ErrRateLimited) && e.RetryAfter > 0:
		return "the Panel asks to wait " + e.RetryAfter.String()
	case e.Is(ErrOffline):
		return "start it first"
	case e.only != "" && e.isUnknownRoute():
		return fmt.Sprintf("only %s has this: if the panel is %s, make the client WithFlavor(client.%s)", e.only, e.only.other(), e.only.other())
	case e.unsure:
		return "it may have been carried out nevertheless: check before you repeat it"
	}
	return ""
}

// Printable makes one line of a text: what cannot be seen becomes U+FFFD, which
// can, and spaces and line breaks of all kinds become one space.
func Printable(s string) string {
	if !strings.ContainsFunc(s, isUnprintable) {
		return s
	}
	s = strings.Join(strings.FieldsFunc(s, unicode.IsSpace), " ")
	return strings.Map(func(r rune) rune {
		if isUnprintable(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// isUnprintable reports whether a terminal may act on a character, or a reader
// not see it: U+FFFD stands for itself and for what is no UTF-8.
func isUnprintable(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }

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
		return e.StatusCode == http.StatusNotFound || e.HasCode("FileNotFoundException")
	case ErrConflict:
		return e.StatusCode == http.StatusConflict
	case ErrValidation:
		return e.StatusCode == http.StatusUnprocessableEntity
	case ErrRateLimited:
		return e.StatusCode == http.StatusTooManyRequests // or the limiter's cause
	case ErrServer:
		return e.StatusCode/100 == 5
	case ErrOffline:
		// 502 since Panel 1.0, 412 before.
		return e.Operation == "clientSendCommand" &&
			(e.StatusCode == http.StatusBadGateway && e.HasCode("HttpException") || e.StatusCode == http.StatusPreconditionFailed)
	case ErrDaemon:
		return e.HasCode("DaemonConnectionException") || e.HasCode("ConfigurationNotPersistedException") || e.isPelicanDaemon()
	case ErrAmbiguous:
		return e.outcome == ambiguous
	case ErrBadAnswer:
		return e.StatusCode/100 == 2
	}
	return false
}

// isUnknownRoute reports whether the Panel has no such operation, which differs
// from a thing that it does not have.
func (e *Error) isUnknownRoute() bool {
	if e.StatusCode != http.StatusNotFound {
		return false
	}
	for _, entry := range e.Entries {
		if strings.HasPrefix(entry.Detail, "The route ") {
			return true
		}
	}
	return false
}

// isPelicanDaemon reports whether Pelican failed to reach the daemon, or was refused
// by it. When it fetches a plugin it has the same codes for another host.
func (e *Error) isPelicanDaemon() bool {
	if e.StatusCode != http.StatusInternalServerError || e.Operation == "applicationImportPluginUrl" {
		return false
	}
	codes := []string{"RequestException", "ConnectionException", "FileNotFoundException", "FileExistsException", "FileNotEditableException"}
	return slices.ContainsFunc(codes, e.HasCode)
}

// HasCode reports whether one of the entries has the code, which is the name of
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

// newError returns the error of an answer, without what its body says.
func newError(resp *http.Response) *Error {
	call := callOf(resp.Request.Context())
	e := &Error{
		Operation:  call.id(),
		Method:     resp.Request.Method,
		Path:       resp.Request.URL.Path,
		StatusCode: resp.StatusCode,
		Attempts:   call.attempts,
		unlisted:   call.unlisted,
		unsure:     (resp.StatusCode/100 == 2 || isGatewayFailure(resp.StatusCode)) && !call.repeatable(),
		cause:      call.stopped,
	}
	if call.operation != nil {
		e.only = call.operation.Only
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
		Attempts:  call.attempts,
		unlisted:  call.unlisted,
		outcome:   call.outcomeOf(err),
		cause:     call.redactError(withEnd(req.Context(), withoutURL(err))),
	}
	switch e.outcome {
	case heldBack:
		e.Problem = "not sent"
		e.Attempts--
	case contentFailed:
		e.Problem = "the content to send could not be read"
	default:
		e.Problem = "no answer from " + req.URL.Host
		e.unsure = e.outcome == mayHaveArrived && !call.repeatable()
	}
	return e
}

// Unreadable returns the error of a request whose content cannot be read, before
// it was sent.
func Unreadable(req *http.Request, err error) error {
	return newTransportError(req, callOf(req.Context()), &contentError{err})
}

// outcomeOf says how an attempt failed that got no answer.
func (c *call) outcomeOf(err error) outcome {
	var held *heldBackError
	var content *contentError
	switch {
	case errors.As(err, &held):
		return heldBack
	case errors.As(err, &content):
		return contentFailed
	case isHopeless(err):
		return hopeless
	case c.wire.neverLeft(err):
		return neverLeft
	}
	return mayHaveArrived
}

// NotFound returns the error of a thing that is not in a list that was read.
func NotFound(operation, problem string) error {
	return &Error{Operation: operation, StatusCode: http.StatusNotFound, Problem: problem}
}

// Ambiguous returns the error of a name that more than one thing in a list has.
func Ambiguous(operation, problem string) error {
	return &Error{Operation: operation, Problem: problem, outcome: ambiguous}
}

// Interrupted reports whether a transfer failed because of the network and not
// because its time was up, so that another one may succeed.
func Interrupted(ctx context.Context, err error) bool {
	var e *Error
	if ctx.Err() != nil || !errors.As(err, &e) {
		return false
	}
	var timeout timeoutError
	return e.outcome == neverLeft || e.outcome == mayHaveArrived && !errors.As(err, &timeout)
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
	body := []byte(redact(resp, load(resp).buffer.String()))
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
		e.unsure = false // the Panel itself refused
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
	return newBadAnswer(resp, answered, problem, cause)
}

// garbledAnswer returns the error of a success that is not the Panel's, or not
// all of it, so that another attempt may get it whole.
func garbledAnswer(resp *http.Response, problem string, cause error) error {
	return newBadAnswer(resp, garbled, problem, cause)
}

func newBadAnswer(resp *http.Response, outcome outcome, problem string, cause error) error {
	e := newError(resp)
	e.outcome = outcome
	e.Problem = problem
	if cause != nil {
		cause = callOf(resp.Request.Context()).redactError(withEnd(resp.Request.Context(), cause))
	}
	e.cause = join(e.cause, cause)
	return e
}

// withEnd returns the error of what ended with ctx, if it did, so that it matches
// the error of ctx and the cause that its owner gave.
func withEnd(ctx context.Context, err error) error {
	end, cause := ctx.Err(), context.Cause(ctx)
	if end != nil && !errors.Is(err, end) {
		err = fmt.Errorf("%w: %w", end, err)
	}
	if end != nil && !errors.Is(err, cause) {
		err = fmt.Errorf("%w: %w", err, cause)
	}
	return err
}

// join is errors.Join in one line.
func join(first, second error) error {
	switch {
	case first == nil:
		return second
	case second == nil:
		return first
	}
	return fmt.Errorf("%w; %w", first, second)
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
