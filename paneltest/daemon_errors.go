package paneltest

import (
	"encoding/json"
	"errors"
	"net/http"
)

// daemonError is an error as Wings answers it.
type daemonError struct {
	status  int
	message string
}

// Error implements [error].
func (e *daemonError) Error() string { return e.message }

// errUnexpected stands for all that Wings does not explain.
var errUnexpected = &daemonError{http.StatusInternalServerError, "An unexpected error was encountered while processing this request"}

// What Wings says of power actions that it refuses.
var (
	errMachineOffline   = errors.New("server is not running")
	errServerRunning    = errors.New("server is running")
	errServerSuspended  = errors.New("server is currently in a suspended state")
	errServerInstalling = errors.New("server is currently installing")
	errServerRestoring  = errors.New("server is currently being restored")
	errUnknownPower     = errors.New("attempting to handle unknown power action")
	errPowerBusy        = errors.New("another power action is currently being processed for this server, please try again later")
)

// answerError sends an error. Those of Wings' own come with the request's id.
func answerError(w http.ResponseWriter, err error) {
	var known *daemonError
	if !errors.As(err, &known) {
		known = errUnexpected
	}
	answer := struct {
		Error     string `json:"error"`
		RequestID string `json:"request_id,omitempty"`
	}{Error: known.message}
	if known.status == http.StatusInternalServerError {
		answer.RequestID = randomID()
	}
	body, err := json.Marshal(answer)
	if err != nil {
		panic(err) // two strings always marshal
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(known.status)
	_, _ = w.Write(body) // the client may be gone
}
