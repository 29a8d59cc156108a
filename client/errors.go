package client

import "github.com/ptero-go/ptero/internal/rest"

// Kinds of errors, for errors.Is.
var (
	// ErrArgument: an argument cannot be right; nothing was sent. It matches
	// every [*ArgumentError]; the others match an [*Error].
	ErrArgument = rest.ErrArgument

	// ErrUnsupported: the Panel is of the other [Flavor], which does not offer
	// this; nothing was sent. The text says what to use instead.
	ErrUnsupported = rest.ErrUnsupported

	// ErrRedirect: the Panel answered with a redirect, which is never followed.
	ErrRedirect = rest.ErrRedirect

	// ErrUnauthorized: the key is missing or unknown (401).
	ErrUnauthorized = rest.ErrUnauthorized

	// ErrForbidden: the key may not do this (403).
	ErrForbidden = rest.ErrForbidden

	// ErrNotFound: the thing does not exist, or the key may not see it (404).
	// Pelican reports a missing file with 500, which matches as well.
	ErrNotFound = rest.ErrNotFound

	// ErrConflict: the state of the server does not allow this (409): it is
	// suspended, being installed, restored or transferred, or its node is under
	// maintenance.
	ErrConflict = rest.ErrConflict

	// ErrValidation: a field of the request breaks a rule (422). The entries of
	// the [*Error] name it.
	ErrValidation = rest.ErrValidation

	// ErrRateLimited: too many requests, and no retry was left (429).
	ErrRateLimited = rest.ErrRateLimited

	// ErrServer: the Panel, or a proxy in front of it, failed (5xx).
	ErrServer = rest.ErrServer

	// ErrDaemon: the node's daemon refused, failed or could not be reached.
	ErrDaemon = rest.ErrDaemon

	// ErrOffline: the server is not running, so a command would be lost. Package
	// console uses the same error.
	ErrOffline = rest.ErrOffline

	// ErrAmbiguous: the name that was looked for is not unique.
	ErrAmbiguous = rest.ErrAmbiguous

	// ErrBadAnswer: the answer is not what the API promises: HTML, nothing, or
	// JSON that is cut short or does not fit.
	ErrBadAnswer = rest.ErrBadAnswer
)
