package rest

import (
	"context"
	"time"
)

// Call describes a request: the operation that it belongs to and which attempt
// it is. All texts are of low cardinality, fit for the labels of metrics.
type Call struct {
	// API is "client", "application", or "wings" for a signed URL.
	API string

	// Operation is the operationId, such as "clientGetServer".
	Operation string

	// Method is the HTTP method.
	Method string

	// Path is the template of the path, as in "/api/client/servers/{server}".
	Path string

	// Attempt counts the attempts of the call from 1.
	Attempt int
}

// Answer is what a [Limiter] learns from an answer of the Panel.
type Answer struct {
	// Status is the HTTP status, 0 if no answer came.
	Status int

	// Limit and Remaining are the numbers of requests that the present window
	// allows and still allows, -1 where the answer does not say.
	Limit, Remaining int

	// RetryAfter is how long a 429 asks to wait, 0 where it does not say.
	RetryAfter time.Duration
}

// Limiter spaces out requests so that the Panel need not refuse them. The Panel
// counts for each user and API: clients that use keys of the same user can share
// a Limiter. An implementation must be safe for concurrent use.
type Limiter interface {
	// Wait returns when a request may be sent, or with an error when ctx ends
	// first. Without an error, done must be called once with the answer.
	Wait(ctx context.Context, call Call) (done func(Answer), err error)
}
