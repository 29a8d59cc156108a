package paneltest

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

// maxBody bounds the body of a request, as the web server before a Panel does.
const maxBody = 128 << 20

// call is a request on its way through the Panel.
type call struct {
	*core

	r         *http.Request
	w         http.ResponseWriter
	operation string // its operationId
	body      []byte
	in        laravel.Input
	user      *user
	key       *apiKey
}

type callKey struct{}

// ServeHTTP implements [http.Handler]. The checks come in the Panel's order.
func (p *core) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	found, methods := p.router.Find(r)
	operation := ""
	if found != nil {
		operation = found.Operation
	}
	w, done := p.intercept(w, r, operation)
	switch {
	case done:
		return
	case r.Method == http.MethodOptions:
		w.Header().Set("Content-Type", "text/html; charset=UTF-8")
		w.WriteHeader(http.StatusNoContent)
		return
	case found == nil:
		p.noRoute(w, r, methods)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		laravel.WritePage(w, http.StatusRequestEntityTooLarge)
		return
	}
	c := &call{core: p, r: r, w: w, body: body, operation: operation}
	if err := p.admit(c); err != nil {
		c.refuse(err)
		return
	}
	found.Handle(w, r.WithContext(context.WithValue(r.Context(), callKey{}, c)))
}

// noRoute answers requests that nobody handles, at least not by their method.
func (p *core) noRoute(w http.ResponseWriter, r *http.Request, methods []string) {
	path := strings.Trim(r.URL.Path, "/")
	failure := &laravel.Refusal{Status: http.StatusNotFound, Code: "NotFoundHttpException", Detail: "The route " + path + " could not be found."}
	if len(methods) > 0 {
		allowed := strings.Join(methods, ", ")
		w.Header().Set("Allow", allowed)
		failure.Status, failure.Code = http.StatusMethodNotAllowed, "MethodNotAllowedHttpException"
		failure.Detail = "The " + r.Method + " method is not supported for route " + path + ". Supported methods: " + allowed + "."
	}
	(&call{core: p, r: r, w: w}).refuse(failure)
}

// admit does all that comes before a request reaches its operation.
func (p *core) admit(c *call) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.key = p.state.keys[strings.TrimPrefix(c.r.Header.Get("Authorization"), "Bearer ")]
	if c.key == nil {
		return laravel.ErrUnauthenticated
	}
	c.user = c.key.owner
	var err error
	// The Panel trims all but the names of files, and those only if the
	// server is named by its UUID.
	verbatim := strings.Contains(c.r.URL.Path, "/files/") && hasFullUUID(c.r.URL.Path)
	if c.in, err = laravel.ReadInput(c.r, c.body, verbatim); err != nil {
		return laravel.BadRequest("The JSON data passed in the request appears to be malformed: Syntax error")
	}
	now := time.Now()
	c.key.lastUsed = &now
	isClient := strings.HasPrefix(c.r.URL.Path, "/api/client")
	if p.state.settings.requireTwoFactor && !c.user.totpEnabled &&
		c.r.URL.Path != "/api/client/account" && !strings.HasPrefix(c.r.URL.Path, "/api/client/account/two-factor") {
		return laravel.Refuse(http.StatusBadRequest, "TwoFactorAuthRequiredException",
			"Two-factor authentication is required on this account in order to access this endpoint.")
	}
	if ip := c.ip(); !c.key.allows(ip) {
		p.note(c, "auth:ip-blocked", nil, c.user, with("identifier", c.key.identifier))
		return laravel.AccessDenied("This IP address (" + ip + ") does not have permission to access the API using these credentials.")
	}
	if err := p.limits.take(c, isClient); err != nil {
		return err
	}
	switch {
	case isClient && c.key.kind != clientKey:
		return laravel.AccessDenied("You are attempting to use an application API key on an endpoint that requires a client API key.")
	case !isClient && !c.user.admin:
		return laravel.AccessDenied("This account does not have permission to access the API.")
	}
	return nil
}

// hasFullUUID tells whether the server in a path is named by its UUID.
func hasFullUUID(path string) bool {
	rest, _ := strings.CutPrefix(path, "/api/client/servers/")
	id, _, _ := strings.Cut(rest, "/")
	return len(id) == len("00000000-0000-0000-0000-000000000000")
}

// ip is the address that a request comes from. Connections in memory count as
// ones from this machine.
func (c *call) ip() string {
	host, _, err := net.SplitHostPort(c.r.RemoteAddr)
	if err != nil {
		return "127.0.0.1"
	}
	return host
}

// do runs the handler of an operation under the Panel's lock, and answers.
func (p *core) do(w http.ResponseWriter, r *http.Request, handle func(*call) (*laravel.Answer, error)) {
	c, admitted := r.Context().Value(callKey{}).(*call)
	if !admitted {
		http.Error(w, "not admitted", http.StatusInternalServerError)
		return
	}
	c.r = r // it knows the values of the path
	p.mu.Lock()
	reply, err := handle(c)
	if err != nil {
		p.mu.Unlock()
		c.refuse(err)
		return
	}
	shown := *reply
	if p.legacy() {
		shown.Body = asIn07(shown.Body)
	}
	// The document points into the state, so it is written under the lock.
	recorder := &buffered{header: w.Header()}
	shown.Write(recorder)
	p.mu.Unlock()
	recorder.send(w)
}

// unlocked runs what may take a while, or come back to the Panel, without the
// lock.
func (c *call) unlocked(f func()) {
	c.mu.Unlock()
	defer c.mu.Lock()
	f()
}

// paginated is the answer to a request for a page of a list.
func paginated[T any](c *call, all []T, pages laravel.Paging, show func(T) laravel.Object) (*laravel.Answer, error) {
	address := *c.address
	address.Path, address.RawQuery = c.r.URL.Path, c.r.URL.RawQuery
	document, err := laravel.Paginate(c.in, &address, all, pages, show)
	if err != nil {
		return nil, err
	}
	return laravel.OK(document), nil
}

// refuse sends an error in the form that the client asked for.
func (c *call) refuse(err error) {
	var failure *laravel.Refusal
	if !errors.As(err, &failure) {
		failure = &laravel.Refusal{Status: http.StatusInternalServerError, Code: "ErrorException", Detail: err.Error()}
	}
	if failure.RetryAfter > 0 {
		c.w.Header().Set("Retry-After", strconv.Itoa(failure.RetryAfter))
	}
	if !laravel.WantsJSON(c.r) {
		switch failure.Status {
		case http.StatusUnauthorized:
			c.redirect("/auth/login")
		case http.StatusUnprocessableEntity:
			c.redirect("")
		default:
			laravel.WritePage(c.w, failure.Status)
		}
		return
	}
	var document any = laravel.Object{"errors": failure.Entries()}
	if c.legacy() {
		document = errorsAsIn07(failure)
	}
	laravel.WriteJSON(c.w, failure.Status, document)
}

func (c *call) redirect(path string) {
	c.w.Header().Set("Location", c.url+path)
	c.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	c.w.WriteHeader(http.StatusFound)
	_, _ = c.w.Write([]byte(laravel.PageHTML)) // the client may be gone
}

// buffered keeps an answer until the lock is free.
type buffered struct {
	header http.Header
	status int
	body   []byte
}

func (b *buffered) Header() http.Header    { return b.header }
func (b *buffered) WriteHeader(status int) { b.status = status }

func (b *buffered) Write(data []byte) (int, error) {
	b.body = append(b.body, data...)
	return len(data), nil
}

func (b *buffered) send(w http.ResponseWriter) {
	w.WriteHeader(b.status)
	_, _ = w.Write(b.body) // the client may be gone
}
