package client

import (
	"github.com/ptero-go/ptero/envelope"
	"github.com/ptero-go/ptero/internal/rest"
)

// Error is any failure of a call whose arguments were good: an answer that is
// no success, one that makes no sense, or none at all. errors.As finds it:
//
//	var e *client.Error
//	if errors.As(err, &e) {
//		fmt.Println(e.Operation, e.StatusCode, e.Attempts)
//		for _, entry := range e.Entries {
//			fmt.Println(entry.Code, entry.Field(), entry.Rule(), entry.Detail)
//		}
//	}
//
// Its fields are Operation (the operationId), Method and Path of the request,
// StatusCode (0 if no answer came), Entries (the Panel's reasons), Problem
// (what was wrong where there are no entries), RequestID (of the node's
// daemon), RetryAfter (how long the Panel asks to wait) and Attempts (how often
// the request was sent). HasCode looks for a code such as
// "TooManyBackupsException". Its text holds no key, no token and no query.
type Error = rest.Error

// ErrorEntry is one reason that the Panel gave: a Code, a Detail in words and,
// in a validation error, the Field at fault and the Rule that it breaks.
type ErrorEntry = envelope.ErrorEntry

// ArgumentError tells that an argument of a call cannot be right, such as an
// empty identifier or an unknown include. Its fields are Operation, Argument
// and Problem. Nothing was sent.
type ArgumentError = rest.ArgumentError

// Kinds of errors, to be tested with errors.Is.
var (
	// ErrArgument: an argument cannot be right; nothing was sent. It matches
	// every [*ArgumentError], the others match an [*Error].
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

	// ErrNotFound: there is no such thing, or the key may not see it (404).
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

	// ErrServer: the Panel, or what stands before it, failed (5xx).
	ErrServer = rest.ErrServer

	// ErrDaemon: the node's daemon refused, failed or could not be reached.
	ErrDaemon = rest.ErrDaemon

	// ErrOffline: the server is not running, so a command would be lost. Package
	// console uses the same.
	ErrOffline = rest.ErrOffline

	// ErrAmbiguous: more than one thing has the name that was looked for.
	ErrAmbiguous = rest.ErrAmbiguous

	// ErrBadAnswer: the answer is not what the API promises: HTML, nothing, or
	// JSON that breaks off or does not fit.
	ErrBadAnswer = rest.ErrBadAnswer
)
