package paneltest

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

// Fault names something that goes wrong with a request. The control endpoints of
// a running Panel take the same names. [FaultStatus], [FaultRateLimited] and
// [FaultDelay] return the faults that carry a number.
type Fault string

// The faults that take no parameter.
const (
	FaultHTML      Fault = "html"      // the answer is 200 and the page of some proxy
	FaultGarbage   Fault = "garbage"   // the answer is 200 and breaks off within its JSON
	FaultTruncated Fault = "truncated" // the answer is right, but its connection ends halfway
	FaultReset     Fault = "reset"     // the connection is reset, and nothing is done
	FaultLost      Fault = "lost"      // all is done, but the connection ends before the answer
)

// FaultStatus answers with a status from 400 to 599 and an error in the
// Panel's form.
func FaultStatus(status int) Fault { return Fault(strconv.Itoa(status)) }

// FaultRateLimited answers with status 429 and a Retry-After header of that many
// whole seconds.
func FaultRateLimited(after time.Duration) Fault {
	return Fault("429 " + (time.Duration(int(after.Seconds())) * time.Second).String())
}

// FaultDelay delays the request by d before anything else happens.
func FaultDelay(d time.Duration) Fault { return Fault("delay " + d.String()) }

// faultFor begins a fault that picks requests.
const faultFor = "for "

// FaultFor limits the faults it is given with to requests for one file or folder,
// named by its full path: requests that list, read, write, move or delete it, the
// one that signs its URL, and its transfer (see [Panel.Fail]).
func FaultFor(path string) Fault { return Fault(faultFor + path) }

// parsedFault is what a fault says.
type parsedFault struct {
	kind   Fault // "status", "delay", "for", or one of the constants
	status int
	wait   time.Duration
	path   string // of a file
}

func (f Fault) parse() (parsedFault, error) {
	if path, picks := strings.CutPrefix(string(f), faultFor); picks && strings.HasPrefix(path, "/") {
		return parsedFault{kind: "for", path: path}, nil
	}
	name, argument, hasArgument := strings.Cut(string(f), " ")
	p := parsedFault{kind: Fault(name)}
	var err error
	if hasArgument {
		p.wait, err = time.ParseDuration(argument)
	}
	status, notNumber := strconv.Atoi(name)
	switch {
	case err != nil:
	case notNumber == nil && status >= 400 && status <= 599:
		p.kind, p.status = "status", status
		return p, nil
	case name == "delay" && hasArgument:
		return p, nil
	case !hasArgument && slices.Contains([]Fault{FaultHTML, FaultGarbage, FaultTruncated, FaultReset, FaultLost}, f):
		return p, nil
	}
	return p, fmt.Errorf("paneltest: there is no fault %q", string(f))
}

// joinFaults writes several faults.
func joinFaults(faults []Fault) string {
	texts := make([]string, len(faults))
	for i, fault := range faults {
		texts[i] = string(fault)
	}
	return strings.Join(texts, ", ")
}

// PendingFault is a fault that has yet to strike, see [Panel.Fail].
type PendingFault struct {
	Operation string  `json:"operation"` // "" for all
	Times     int     `json:"times"`     // how many requests it will still strike
	Faults    []Fault `json:"faults"`
}

// faults are those that wait for requests.
type faults struct {
	changes *changes

	mu      sync.Mutex
	pending []*pendingFault
}

// pendingFault strikes the next requests of an operation.
type pendingFault struct {
	PendingFault

	parsed []parsedFault
	file   string // the requests have to be about it, "" for any
}

// Fail makes the next requests to an operation meet faults. The operation is
// named by its operationId, such as "clientGetServer"; "" stands for all
// operations of the Panel. The transfers of signed URLs are operations of Wings:
// "wingsDownloadFile", "wingsDownloadBackup" and "wingsUploadFiles". If several
// faults are given, each request meets all of them, such as a delay that ends in
// a reset. Faults of several calls add up; those of the first call come first.
func (p *Panel) Fail(operation string, times int, fault ...Fault) error {
	if operation != "" && !slices.Contains(p.Operations(), operation) {
		return fmt.Errorf("paneltest: there is no operation %q", operation)
	}
	pending := &pendingFault{PendingFault: PendingFault{operation, times, slices.Clone(fault)}}
	for _, f := range fault {
		parsed, err := f.parse()
		switch {
		case err != nil:
			return err
		case parsed.path != "":
			pending.file = path.Clean(parsed.path)
		default:
			pending.parsed = append(pending.parsed, parsed)
		}
	}
	if times < 1 || len(pending.parsed) == 0 {
		return errors.New("paneltest: a fault has to strike at least once")
	}
	p.faults.mu.Lock()
	p.faults.pending = append(p.faults.pending, pending)
	p.faults.mu.Unlock()
	p.changes.notify()
	return nil
}

// Faults returns the pending faults in the order in which they will strike.
func (p *Panel) Faults() []PendingFault {
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	waiting := make([]PendingFault, len(p.faults.pending))
	for i, pending := range p.faults.pending {
		waiting[i] = pending.PendingFault
	}
	return waiting
}

// ClearFaults removes all pending faults.
func (p *Panel) ClearFaults() {
	p.faults.mu.Lock()
	p.faults.pending = nil
	p.faults.mu.Unlock()
	p.changes.notify()
}

// next takes the faults that strike a request about some files, which are looked
// for if they matter.
func (f *faults) next(operation string, files func() []string) *pendingFault {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.pending) == 0 || operation == "" {
		return nil
	}
	files = sync.OnceValue(files)
	i := slices.IndexFunc(f.pending, func(p *pendingFault) bool {
		return (p.Operation == operation || p.Operation == "" && !isTransfer(operation)) &&
			(p.file == "" || slices.Contains(files(), p.file))
	})
	if i < 0 {
		return nil
	}
	struck := f.pending[i]
	if struck.Times--; struck.Times == 0 {
		f.pending = slices.Delete(f.pending, i, i+1)
	}
	f.changes.notify()
	return struck
}

// strike lets the faults loose on a request. It returns the writer for the
// answer, and whether there is to be no other answer.
func (f *faults) strike(w http.ResponseWriter, r *http.Request, operation string) (http.ResponseWriter, bool) {
	struck := f.next(operation, func() []string { return filesOf(r) })
	if noted, is := w.(*notedRequest); is {
		noted.aim(operation, struck)
	}
	if struck == nil {
		return w, false
	}
	for _, fault := range struck.parsed {
		switch fault.kind {
		case "delay":
			timer := time.NewTimer(fault.wait)
			select {
			case <-timer.C:
			case <-r.Context().Done():
			}
			timer.Stop()
		case "status":
			fault.answer(w, operation)
			return w, true
		case FaultHTML:
			laravel.WritePage(w, http.StatusOK)
			return w, true
		case FaultGarbage:
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"object":"list","data":[{"obj`)) // the client may be gone
			return w, true
		case FaultReset:
			reset(w, r)
			return w, true
		case FaultTruncated:
			w = &cutWriter{ResponseWriter: w, request: r, half: true}
		case FaultLost:
			w = &cutWriter{ResponseWriter: w, request: r}
		}
	}
	return w, false
}

// answer sends an error that the Panel could have sent, or Wings.
func (p parsedFault) answer(w http.ResponseWriter, operation string) {
	if isTransfer(operation) {
		laravel.WriteJSON(w, p.status, laravel.Object{"error": http.StatusText(p.status)})
		return
	}
	code, detail := "HttpException", http.StatusText(p.status)
	switch p.status {
	case http.StatusTooManyRequests:
		code, detail = "ThrottleRequestsException", "Too Many Attempts."
		wait := max(int(p.wait.Seconds()), 1)
		w.Header().Set("Retry-After", strconv.Itoa(wait))
		w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(time.Now().Unix()+int64(wait), 10))
		w.Header().Set("X-RateLimit-Remaining", "0")
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		code = "DaemonConnectionException"
	}
	laravel.WriteJSON(w, p.status, laravel.Object{"errors": []laravel.Object{{"code": code, "status": strconv.Itoa(p.status), "detail": detail}}})
}

// reset ends the connection of a request at once. Clients such as net/http send
// a GET again in silence if their connection fails while it is reused, so those
// get the beginning of an answer first: one fault is one failure.
func reset(w http.ResponseWriter, r *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // which ends it too
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		_, _ = conn.Write([]byte("HTTP/1.1 ")) // the client may be gone
	} else if tcp, isTCP := conn.(interface{ SetLinger(seconds int) error }); isTCP {
		_ = tcp.SetLinger(0) // so that closing it sends a reset; there is none in memory
	}
	_ = conn.Close() // it is to end, however it does
}

// cutWriter ends the connection with the answer, after half of it or before it.
type cutWriter struct {
	http.ResponseWriter
	request *http.Request
	status  int
	half    bool
}

// WriteHeader implements [http.ResponseWriter].
func (w *cutWriter) WriteHeader(status int) { w.status = status }

// Write implements [io.Writer]. The Panel writes its answers in one piece.
func (w *cutWriter) Write(body []byte) (int, error) {
	if !w.half || len(body) == 0 {
		reset(w.ResponseWriter, w.request)
		return len(body), nil
	}
	if w.Header().Get("Content-Length") == "" {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.ResponseWriter.WriteHeader(max(w.status, http.StatusOK))
	_, _ = w.ResponseWriter.Write(bytes.Clone(body[:len(body)/2])) // the client may be gone
	_ = http.NewResponseController(w.ResponseWriter).Flush()
	panic(http.ErrAbortHandler) // which ends the connection
}
