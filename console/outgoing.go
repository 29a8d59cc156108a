package console

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/ptero-go/ptero/client"
)

// outgoing is a message of a caller. What happens to it is the core's business.
type outgoing struct {
	kind       kind
	event      string
	args       []string
	permission client.Permission // without which the daemon drops it in silence
	after      bool              // no older line may follow it
	sink       sink              // gets the events from when it is sent, may be nil

	log     []Output  // the answer, for kindLogs
	written time.Time // zero before that
	done    chan error
}

// finish gives the caller the outcome. The first counts.
func (out *outgoing) finish(err error) {
	select {
	case out.done <- err:
	default:
	}
}

// encode is shorter than json.Marshal, which escapes what need not be: the length
// of messages is limited.
func encode(event string, args []string) ([]byte, error) {
	if args == nil {
		args = []string{}
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(struct {
		Event string   `json:"event"`
		Args  []string `json:"args"`
	}{event, args})
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
