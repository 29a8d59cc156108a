package console

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/internal/rest"
)

// Kinds of errors, for errors.Is.
var (
	// ErrClosed: the console was closed, or its context ended.
	ErrClosed = errors.New("the console is closed")

	// ErrDeleted: the server was deleted, or this account has lost access to it.
	// The Panel says so, or the daemon does and the Panel is being asked.
	ErrDeleted = errors.New("the server is gone")

	// ErrSuspended: the server is suspended, and the daemon closed the socket or
	// the Panel gives no more tokens for it. The console has ended, unless
	// [WithSuspensionOutlasted] makes it wait.
	ErrSuspended = errors.New("the server is suspended")

	// ErrRefused: the daemon closed the socket for good, with close code 4400. The
	// console has ended.
	ErrRefused = errors.New("the daemon does not want this socket")

	// ErrPermission: the account may not do this with the server.
	ErrPermission = errors.New("permission missing")

	// ErrWrongServer: the token is for another server than the socket.
	ErrWrongServer = errors.New("the token belongs to another server")

	// ErrOrigin: the daemon refused the Origin header.
	ErrOrigin = errors.New("origin refused")

	// ErrToken: the daemon did not take the token.
	ErrToken = errors.New("token refused")

	// ErrTooManySockets: the server has as many sockets open as the daemon
	// allows.
	ErrTooManySockets = errors.New("too many sockets")

	// ErrSilent: the daemon did not answer in time.
	ErrSilent = errors.New("no answer from the daemon")

	// ErrOffline: the server is offline, so that a command would be lost. It is
	// [client.ErrOffline].
	ErrOffline = client.ErrOffline

	// ErrStarting: the server is starting and has printed nothing yet, so that a
	// command would be lost.
	ErrStarting = errors.New("the server is starting")

	// ErrPower: the server did not do what a power signal asked for. See
	// [PowerError].
	ErrPower = errors.New("the power signal failed")

	// ErrMayHaveArrived: the connection failed while the message was sent. It may
	// have arrived, so the console does not send it again.
	ErrMayHaveArrived = errors.New("the message may have arrived")
)

// Error is a failure of the console. Its text holds no token.
type Error struct {
	// Op is what failed: "credentials", "dial", "auth", "socket", or the name of
	// an event that was to be sent, such as "send command".
	Op string

	// StatusCode is the HTTP status of a refused socket, else 0.
	StatusCode int

	// CloseCode is the code with which the daemon closed the socket, else 0.
	CloseCode int

	// Problem says in words what was wrong and what to do.
	Problem string

	// Kind is one of the kinds of errors above, or nil.
	Kind error

	cause error
	final bool // there is no use in trying again
}

// Error implements error.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("console: " + e.Op)
	if e.StatusCode != 0 {
		fmt.Fprintf(&b, ": %d %s", e.StatusCode, http.StatusText(e.StatusCode))
	}
	if e.Kind != nil {
		b.WriteString(": " + e.Kind.Error())
	}
	if e.Problem != "" {
		b.WriteString(": " + rest.Printable(e.Problem)) // some of it are a server's words
	}
	if e.cause != nil {
		b.WriteString(": " + e.cause.Error())
	}
	return b.String()
}

// Unwrap returns the cause, such as an error of the Panel or of the network.
func (e *Error) Unwrap() error { return e.cause }

// Is matches the kind of the error.
func (e *Error) Is(target error) bool { return e.Kind != nil && target == e.Kind }

// refusedDial returns the error of a socket that the daemon, or what stands
// before it, did not open.
func refusedDial(resp *http.Response, origin string, err error) error {
	if resp == nil {
		return &Error{Op: "dial", Problem: "the node cannot be reached", cause: err}
	}
	e := &Error{Op: "dial", StatusCode: resp.StatusCode}
	switch resp.StatusCode {
	case http.StatusForbidden:
		e.Kind = ErrOrigin
		e.Problem = fmt.Sprintf("the daemon takes sockets from the Panel's address only, as its setting remote has it, and from its "+
			"allowed_origins; %q is neither: use WithOrigin", origin)
	case http.StatusNotFound:
		e.Problem = "the node has no such server"
	case http.StatusSwitchingProtocols:
		e.cause = err
	default:
		e.Problem = bodyOf(resp)
		switch class := resp.StatusCode / 100; {
		case resp.StatusCode == http.StatusBadRequest && strings.Contains(e.Problem, "Too many open"):
			e.Kind = ErrTooManySockets
			e.Problem = "close another console of this server first"
		case e.Problem != "": // the daemon's own words
		case class == 2:
			e.Problem = "what answers is not the daemon, or a proxy before it does not let WebSockets through"
		case class == 3:
			e.Problem = "something before the daemon redirects: check the address and the scheme that the Panel has for the node"
		case class == 5:
			e.Problem = "a proxy before the daemon does not reach it: check that Wings is running"
		}
	}
	return e
}

// bodyOf returns the beginning of a text or JSON body. Pages of proxies are left
// out.
func bodyOf(resp *http.Response) string {
	if resp.Body == nil || strings.Contains(resp.Header.Get("Content-Type"), "html") {
		return ""
	}
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 200)) // is in memory
	return strings.Join(strings.Fields(string(body)), " ")
}

// Codes with which the daemon closes sockets.
const (
	closeGiveUp    = 4400
	closeSuspended = 4409
)

// brokenSocket returns the error of a socket that can be read no longer.
func brokenSocket(err error) error {
	e := &Error{Op: "socket", Problem: "the connection to the daemon ended"}
	var frame websocket.CloseError
	if !errors.As(err, &frame) {
		if errors.Is(err, net.ErrClosed) { // by ourselves: something took too long to be written
			e.Kind = ErrSilent
		}
		e.cause = err
		if errors.Is(err, io.EOF) {
			e.cause = io.EOF // by which steps the library came upon it tells nobody anything
		}
		return e
	}
	e.CloseCode = int(frame.Code)
	e.Problem = fmt.Sprintf("the daemon closed it with %d %q", e.CloseCode, frame.Reason)
	switch {
	case e.CloseCode == closeSuspended:
		e.Kind = ErrSuspended
	case e.CloseCode == closeGiveUp:
		e.Kind, e.final = ErrRefused, true
	case frame.Code == websocket.StatusGoingAway && strings.Contains(frame.Reason, "deleted"):
		e.Kind = ErrDeleted
	}
	return e
}

// refusedCredentials returns the error of a fetch that failed. Only what the
// Panel itself says is taken for the end; a proxy before it may answer anything.
func refusedCredentials(err error) error {
	e := &Error{Op: "credentials", cause: err}
	var answer *client.Error
	if !errors.As(err, &answer) || len(answer.Entries) == 0 {
		return e
	}
	switch {
	case errors.Is(err, client.ErrNotFound):
		e.Kind, e.final = ErrDeleted, true
		e.Problem = "it was deleted, or the account has no part in it any more"
	case errors.Is(err, client.ErrForbidden), errors.Is(err, client.ErrUnauthorized):
		e.Kind, e.final = ErrPermission, true
	case errors.Is(err, client.ErrConflict) && strings.Contains(answer.Entries[0].Detail, "currently suspended"):
		e.Kind, e.final = ErrSuspended, true // an installation, as other conflicts, passes
	}
	return e
}

// retryAfter is how long the Panel asks to wait.
func retryAfter(err error) time.Duration {
	var e *client.Error
	if errors.As(err, &e) {
		return e.RetryAfter
	}
	return 0
}
