package wings

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
	"github.com/ptero-go/ptero/paneltest/internal/random"
)

// What Wings says of power actions that it refuses.
var (
	errOffline          = errors.New("server is not running")
	errServerRunning    = errors.New("server is running")
	errServerSuspended  = errors.New("server is currently in a suspended state")
	errServerInstalling = errors.New("server is currently installing")
	errServerRestoring  = errors.New("server is currently being restored")
	errUnknownPower     = errors.New("attempting to handle unknown power action")
	errPowerBusy        = errors.New("another power action is currently being processed for this server, please try again later")
)

// answerError sends an error. Those of Wings' own come with the request's id.
func answerError(w http.ResponseWriter, err error) {
	var known *protocol.Error
	if !errors.As(err, &known) {
		known = protocol.ErrUnexpected
	}
	answer := struct {
		Error     string `json:"error"`
		RequestID string `json:"request_id,omitempty"`
	}{Error: known.Message}
	if known.Status == http.StatusInternalServerError {
		answer.RequestID = random.UUID()
	}
	body, err := json.Marshal(answer)
	if err != nil {
		panic(err) // two strings always marshal
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(known.Status)
	_, _ = w.Write(body) // the client may be gone
}
