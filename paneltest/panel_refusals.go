package paneltest

import (
	"fmt"
	"net/http"
	"strconv"
)

// refusal is an error as the Panel answers it.
type refusal struct {
	status     int
	code       string
	detail     string
	wrong      []wrong // instead of detail
	retryAfter int     // seconds
}

func (r *refusal) Error() string {
	return fmt.Sprintf("%d %s: %s", r.status, r.code, r.detail)
}

// entries are the members of the answer's list of errors.
func (r *refusal) entries() []object {
	if len(r.wrong) == 0 {
		return []object{{"code": r.code, "status": strconv.Itoa(r.status), "detail": r.detail}}
	}
	entries := make([]object, len(r.wrong))
	for i, w := range r.wrong {
		entries[i] = object{
			"code": r.code, "status": strconv.Itoa(r.status), "detail": w.detail,
			"meta": object{"source_field": w.field, "rule": w.rule},
		}
	}
	return entries
}

func refuse(status int, code, detail string) error {
	return &refusal{status: status, code: code, detail: detail}
}

// display is for what people are told as it is.
func display(detail string) error { return refuse(http.StatusBadRequest, "DisplayException", detail) }

func badRequest(detail string) error {
	return refuse(http.StatusBadRequest, "BadRequestHttpException", detail)
}

func denied(detail string) error {
	return refuse(http.StatusForbidden, "AccessDeniedHttpException", detail)
}

func forbidden(detail string) error {
	return refuse(http.StatusForbidden, "HttpForbiddenException", detail)
}

// The refusals that many operations share.
var (
	errNotFound     = refuse(http.StatusNotFound, "NotFoundHttpException", "The requested resource could not be found on the server.")
	errUnauthorized = denied("This action is unauthorized.")
	errUnknownUser  = refuse(http.StatusUnauthorized, "AuthenticationException", "Unauthenticated.")
)

// crashed is the answer to a request that PHP stumbles over.
func crashed(code string) error {
	return refuse(http.StatusInternalServerError, code, "An unexpected error was encountered while processing this request, please try again.")
}
