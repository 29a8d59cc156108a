package paneltest

import (
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// Request is a request that the Panel received.
type Request struct {
	Number    int       `json:"number"` // counted from 1
	Time      time.Time `json:"time"`
	Method    string    `json:"method"`
	Path      string    `json:"path"`      // with the query
	Operation string    `json:"operation"` // its operationId, "" for none
	Key       string    `json:"key"`       // the public part of the API key, its identifier

	// Body is the beginning of what was sent, up to 16 KiB. It may hold
	// passwords; String leaves it out.
	Body string `json:"body"`

	// Status is the status of the answer, 0 while there is none; the connection
	// may have ended without one. Took is the time until the answer began.
	Status int           `json:"status"`
	Took   time.Duration `json:"took_ns"`

	// Fault is the fault that the request met, as given to [Panel.Fail], or "".
	Fault string `json:"fault"`
}

// String returns the request in a line without secrets, such as
// "GET /api/client 200".
func (r Request) String() string {
	text := r.Method + " " + r.Path + " " + strconv.Itoa(r.Status)
	if r.Fault != "" {
		text += " (" + r.Fault + ")"
	}
	return text
}

// Requests returns the last requests in the order in which they arrived, up to
// 1000. Requests to the control endpoints and to Wings are left out.
func (p *Panel) Requests() []Request { return p.requests.all() }

const (
	maxRequests     = 1000
	maxNotedRequest = 16 << 10 // bytes of a body
)

// requestLog keeps the last requests.
type requestLog struct {
	changes *changes

	mu    sync.Mutex
	last  []*Request // a ring once it is full
	count int
}

func (l *requestLog) all() []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	requests := make([]Request, len(l.last))
	for i := range requests {
		requests[i] = *l.last[(l.count+i)%len(l.last)]
	}
	if len(l.last) < maxRequests { // the ring is not closed yet
		for i := range requests {
			requests[i] = *l.last[i]
		}
	}
	return requests
}

// begin notes a request, and returns the writer for its answer.
func (l *requestLog) begin(w http.ResponseWriter, r *http.Request) *notedRequest {
	request := &Request{Time: time.Now(), Method: r.Method, Path: r.URL.RequestURI(), Key: publicPart(r.Header.Get("Authorization"))}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.last) < maxRequests {
		l.last = append(l.last, request)
	} else {
		l.last[l.count%maxRequests] = request
	}
	l.count++
	request.Number = l.count
	noted := &notedRequest{ResponseWriter: w, log: l, request: request}
	if r.Body != nil && r.Body != http.NoBody {
		noted.ReadCloser, r.Body = r.Body, noted
	}
	return noted
}

// apiKey is an API key, with or without the prefix of later ones.
var apiKey = regexp.MustCompile(`^Bearer ((?:ptl[ac]_)?\w{11,16})\w{32}$`)

// publicPart returns the identifier of the API key in a header, "" for anything
// else.
func publicPart(authorization string) string {
	if !apiKey.MatchString(authorization) {
		return ""
	}
	return strings.TrimPrefix(authorization, "Bearer ")[:model.KeyNameLength]
}

// notedRequest is the body of a request and the writer of its answer, which note
// what passes.
type notedRequest struct {
	http.ResponseWriter
	io.ReadCloser

	log     *requestLog
	request *Request
	body    []byte
	begun   bool // the answer has
}

// Unwrap is for [http.NewResponseController].
func (n *notedRequest) Unwrap() http.ResponseWriter { return n.ResponseWriter }

// Read implements [io.Reader] on the request.
func (n *notedRequest) Read(data []byte) (int, error) {
	read, err := n.ReadCloser.Read(data)
	n.body = append(n.body, data[:min(read, maxNotedRequest-len(n.body))]...)
	if err != nil { // there is no more
		n.log.mu.Lock()
		n.request.Body = string(n.body)
		n.log.mu.Unlock()
	}
	return read, err
}

// WriteHeader implements [http.ResponseWriter].
func (n *notedRequest) WriteHeader(status int) {
	n.note(status)
	n.ResponseWriter.WriteHeader(status)
}

// Write implements [io.Writer] on the answer.
func (n *notedRequest) Write(data []byte) (int, error) {
	n.note(http.StatusOK)
	return n.ResponseWriter.Write(data)
}

// note notes how a request is answered, before the client knows.
func (n *notedRequest) note(status int) {
	if n.begun {
		return
	}
	n.begun = true
	n.log.mu.Lock()
	n.request.Status, n.request.Took = status, time.Since(n.request.Time)
	n.log.mu.Unlock()
	n.log.changes.notify()
}

// end notes the end of a request, which has no answer if none has begun.
func (n *notedRequest) end() { n.note(0) }

// aim notes which operation a request is for, and what strikes it.
func (n *notedRequest) aim(operation string, struck *pendingFault) {
	n.log.mu.Lock()
	defer n.log.mu.Unlock()
	n.request.Operation = operation
	if struck != nil {
		n.request.Fault = joinFaults(struck.Faults)
	}
}
