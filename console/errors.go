package console

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/coder/websocket"
)

// Kinds of errors, to be tested with errors.Is.
var (
	// ErrClosed: the console was closed, or its context ended.
	ErrClosed = errors.New("the console is closed")

	// ErrDeleted: the server was deleted, or the Panel knows it no longer. The
	// console has ended.
	ErrDeleted = errors.New("the server is gone")

	// ErrSuspended: the server is suspended, and the daemon closed the socket or
	// the Panel gives no more tokens for it. The console has ended.
	ErrSuspended = errors.New("the server is suspended")

	// ErrRefused: the daemon closed the socket for good, with code 4400. The
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

	// ErrOffline: the server is offline, so that a command would be lost.
	ErrOffline = errors.New("the server is offline")

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
		b.WriteString(": " + e.Problem)
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

// isFinal tells whether there is no use in trying again.
func isFinal(err error) bool {
	for _, final := range []error{ErrClosed, ErrDeleted, ErrSuspended, ErrRefused, ErrPermission, ErrWrongServer} {
		if errors.Is(err, final) {
			return true
		}
	}
	return false
}

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
		if resp.StatusCode == http.StatusBadRequest && strings.Contains(e.Problem, "Too many open") {
			e.Kind = ErrTooManySockets
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
		e.Kind = ErrRefused
	case frame.Code == websocket.StatusGoingAway && strings.Contains(frame.Reason, "deleted"):
		e.Kind = ErrDeleted
	}
	return e
}
