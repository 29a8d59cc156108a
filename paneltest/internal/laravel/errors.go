package laravel

import (
	"fmt"
	"net/http"
	"strconv"
)

// Error is an error as the Panel answers it.
type Error struct {
	Status     int
	Code       string
	Detail     string
	Violations []Violation // instead of detail
	RetryAfter int         // seconds
}

func (r *Error) Error() string {
	return fmt.Sprintf("%d %s: %s", r.Status, r.Code, r.Detail)
}

// Entries are the members of the answer's list of errors.
func (r *Error) Entries() []Object {
	if len(r.Violations) == 0 {
		return []Object{{"code": r.Code, "status": strconv.Itoa(r.Status), "detail": r.Detail}}
	}
	entries := make([]Object, len(r.Violations))
	for i, w := range r.Violations {
		entries[i] = Object{
			"code": r.Code, "status": strconv.Itoa(r.Status), "detail": w.Detail,
			"meta": Object{"source_field": w.Field, "rule": w.Rule},
		}
	}
	return entries
}

// Refuse is the refusal with a status, and with the name of an exception as its
// code.
func Refuse(status int, code, detail string) error {
	return &Error{Status: status, Code: code, Detail: detail}
}

// Display is for what people are told as it is.
func Display(detail string) error { return Refuse(http.StatusBadRequest, "DisplayException", detail) }

// BadRequest is for requests that make no sense as things are.
func BadRequest(detail string) error {
	return Refuse(http.StatusBadRequest, "BadRequestHttpException", detail)
}

// AccessDenied is for keys and accounts that may not.
func AccessDenied(detail string) error {
	return Refuse(http.StatusForbidden, "AccessDeniedHttpException", detail)
}

// Forbidden is for permissions that are lacking.
func Forbidden(detail string) error {
	return Refuse(http.StatusForbidden, "HttpForbiddenException", detail)
}

// The refusals that many operations share.
var (
	ErrNotFound        = Refuse(http.StatusNotFound, "NotFoundHttpException", "The requested resource could not be found on the server.")
	ErrUnauthorized    = AccessDenied("This action is unauthorized.")
	ErrUnauthenticated = Refuse(http.StatusUnauthorized, "AuthenticationException", "Unauthenticated.")
)

// Crashed is the answer to a request that PHP stumbles over.
func Crashed(code string) error {
	return Refuse(http.StatusInternalServerError, code, "An unexpected error was encountered while processing this request, please try again.")
}
