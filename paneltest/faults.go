package paneltest

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

// Fault is something that goes wrong with a request, by a name that the control
// method of a running Panel understands too. [FaultStatus], [FaultRateLimited]
// and [FaultDelay] make those with a number in them.
type Fault string

// Faults without a number.
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

// FaultRateLimited answers with status 429 and asks for so much patience, in
// whole seconds.
func FaultRateLimited(after time.Duration) Fault {
	return Fault("429 " + (time.Duration(int(after.Seconds())) * time.Second).String())
}

// FaultDelay makes the request wait before anything else happens.
func FaultDelay(d time.Duration) Fault { return Fault("delay " + d.String()) }

// parsedFault is what a fault says.
type parsedFault struct {
	kind   Fault // "status", "delay", or one of the constants
	status int
	wait   time.Duration
}

func (f Fault) parse() (parsedFault, error) {
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

// faults are those that wait for requests.
type faults struct {
	mu      sync.Mutex
	pending []*pendingFault
}

// pendingFault strikes the next requests of an operation.
type pendingFault struct {
	operation string // "" for all
	times     int
	faults    []parsedFault
}

// Fail makes faults strike the next requests to an operation, which is named by
// its operationId, such as "clientGetServer"; "" stands for all operations. If
// several faults are given, each request meets all of them, as in a delay that
// ends in a reset. Calls add up: the first ones strike first.
func (p *Panel) Fail(operation string, times int, fault ...Fault) error {
	if operation != "" && !slices.Contains(p.core.Operations(), operation) {
		return fmt.Errorf("paneltest: there is no operation %q", operation)
	}
	if times < 1 || len(fault) == 0 {
		return errors.New("paneltest: a fault has to strike at least once")
	}
	pending := &pendingFault{operation: operation, times: times}
	for _, f := range fault {
		parsed, err := f.parse()
		if err != nil {
			return err
		}
		pending.faults = append(pending.faults, parsed)
	}
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	p.faults.pending = append(p.faults.pending, pending)
	return nil
}

// next takes the faults that strike a request.
func (f *faults) next(operation string) []parsedFault {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.pending, func(p *pendingFault) bool { return p.operation == "" || p.operation == operation })
	if i < 0 || operation == "" {
		return nil
	}
	struck := f.pending[i]
	if struck.times--; struck.times == 0 {
		f.pending = slices.Delete(f.pending, i, i+1)
	}
	return struck.faults
}

// strike lets the faults loose on a request. It returns the writer for the
// answer, and whether there is to be no other answer.
func (f *faults) strike(w http.ResponseWriter, r *http.Request, operation string) (http.ResponseWriter, bool) {
	for _, fault := range f.next(operation) {
		switch fault.kind {
		case "delay":
			timer := time.NewTimer(fault.wait)
			select {
			case <-timer.C:
			case <-r.Context().Done():
			}
			timer.Stop()
		case "status":
			fault.answer(w)
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

// answer sends an error that the Panel could have sent.
func (p parsedFault) answer(w http.ResponseWriter) {
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
	} else if tcp, isTCP := conn.(*net.TCPConn); isTCP {
		_ = tcp.SetLinger(0) // so that closing it sends a reset
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

// Write implements [io.Writer]. Answers are written in one piece.
func (w *cutWriter) Write(body []byte) (int, error) {
	if !w.half || len(body) == 0 {
		reset(w.ResponseWriter, w.request)
		return len(body), nil
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.ResponseWriter.WriteHeader(max(w.status, http.StatusOK))
	_, _ = w.ResponseWriter.Write(bytes.Clone(body[:len(body)/2])) // the client may be gone
	_ = http.NewResponseController(w.ResponseWriter).Flush()
	panic(http.ErrAbortHandler) // which ends the connection
}
