package panel

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// maxBody bounds the body of a request, as the web server before a Panel does.
const maxBody = 128 << 20

// Call is a request on its way through the Panel.
type Call struct {
	*Panel

	Request *http.Request
	Writer  http.ResponseWriter // of the answer, for its header
	Body    []byte
	Input   laravel.Input // what the query and the body say
	User    *model.User   // whose key it is
	Key     *model.Key

	operation string // its operationId
}

type callKey struct{}

// ServeHTTP implements [http.Handler]. The checks come in the Panel's order.
func (p *Panel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	found, methods := p.Router.Find(r)
	if p.Traits.RawPaths && strings.Contains(strings.ToUpper(r.URL.EscapedPath()), "%2F") {
		found, methods = nil, nil
	}
	operation := ""
	if found != nil {
		operation = found.Operation
	}
	w, done := p.intercept(w, r, operation)
	switch {
	case done:
		return
	case r.Method == http.MethodOptions:
		if p.Traits.OptionsType != "" {
			w.Header().Set("Content-Type", p.Traits.OptionsType)
		}
		w.WriteHeader(http.StatusNoContent)
		return
	case found == nil && (!p.Traits.RemoteAPI || !strings.HasPrefix(r.URL.Path, remotePath)):
		p.noRoute(w, r, methods)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		laravel.WritePage(w, http.StatusRequestEntityTooLarge)
		return
	}
	if found == nil {
		p.serveRemote(w, r, body)
		return
	}
	c := &Call{Panel: p, Request: r, Writer: w, Body: body, operation: operation}
	if err := p.admit(c); err != nil {
		c.refuse(err)
		return
	}
	found.Handle(w, r.WithContext(context.WithValue(r.Context(), callKey{}, c)))
}

// noRoute answers requests that nobody handles, at least not by their method.
func (p *Panel) noRoute(w http.ResponseWriter, r *http.Request, methods []string) {
	path := r.URL.Path
	if p.Traits.RawPaths {
		path = r.URL.EscapedPath()
	}
	path = strings.Trim(path, "/")
	failure := &laravel.Error{Status: http.StatusNotFound, Code: "NotFoundHttpException", Detail: "The route " + path + " could not be found."}
	if len(methods) > 0 {
		allowed := strings.Join(methods, ", ")
		w.Header().Set("Allow", allowed)
		failure.Status, failure.Code = http.StatusMethodNotAllowed, "MethodNotAllowedHttpException"
		failure.Detail = "The " + r.Method + " method is not supported for route " + path + ". Supported methods: " + allowed + "."
	}
	(&Call{Panel: p, Request: r, Writer: w}).refuse(failure)
}

// admit does all that comes before a request reaches its operation.
func (p *Panel) admit(c *Call) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.Key = p.State.Keys[strings.TrimPrefix(c.Request.Header.Get("Authorization"), "Bearer ")]
	if c.Key == nil {
		return laravel.ErrUnauthenticated
	}
	c.User = c.Key.Owner
	var err error
	// The Panel trims all but the names of files, and those only if the
	// server is named by its UUID.
	verbatim := strings.Contains(c.Request.URL.Path, "/files/") && hasFullUUID(c.Request.URL.Path)
	if c.Input, err = laravel.ReadInput(c.Request, c.Body, verbatim); err != nil {
		return laravel.BadRequest("The JSON data passed in the request appears to be malformed: Syntax error")
	}
	now := time.Now()
	c.Key.LastUsed = &now
	if p.State.Settings.RequireTwoFactor && !c.User.TOTPEnabled &&
		c.Request.URL.Path != "/api/client/account" && !strings.HasPrefix(c.Request.URL.Path, "/api/client/account/two-factor") {
		return laravel.Refuse(http.StatusBadRequest, "TwoFactorAuthRequiredException",
			"Two-factor authentication is required on this account in order to access this endpoint.")
	}
	if ip := c.ip(); !c.Key.Allows(ip) {
		p.Note(c, "auth:ip-blocked", nil, c.User, model.With("identifier", c.Key.Identifier))
		return laravel.AccessDenied("This IP address (" + ip + ") does not have permission to access the API using these credentials.")
	}
	// Since 1.12.3 a key of the wrong kind is refused before it is counted.
	wrongKind := c.checkKind()
	if wrongKind != nil && p.Version >= Version1123 {
		return wrongKind
	}
	return cmp.Or(p.limits.take(c), wrongKind)
}

// checkKind refuses keys that are not for the API.
func (c *Call) checkKind() error {
	switch {
	case c.isClient() && c.Key.Kind != model.ClientKey:
		return laravel.AccessDenied("You are attempting to use an application API key on an endpoint that requires a client API key.")
	case !c.isClient() && !c.User.Admin && len(c.User.Roles) == 0:
		return laravel.AccessDenied("This account does not have permission to access the API.")
	}
	return nil
}

// isClient reports whether the request is one to the Client API.
func (c *Call) isClient() bool { return strings.HasPrefix(c.Request.URL.Path, "/api/client") }

// hasFullUUID reports whether the server in a path is named by its UUID.
func hasFullUUID(path string) bool {
	rest, _ := strings.CutPrefix(path, "/api/client/servers/")
	id, _, _ := strings.Cut(rest, "/")
	return len(id) == len("00000000-0000-0000-0000-000000000000")
}

// ip is the address that a request comes from. Connections in memory count as
// ones from this machine.
func (c *Call) ip() string {
	host, _, err := net.SplitHostPort(c.Request.RemoteAddr)
	if err != nil {
		return "127.0.0.1"
	}
	return host
}

// Do runs the handler of an operation under the Panel's lock, and answers.
func (p *Panel) Do(w http.ResponseWriter, r *http.Request, handle func(*Call) (*laravel.Answer, error)) {
	c, admitted := r.Context().Value(callKey{}).(*Call)
	if !admitted {
		http.Error(w, "not admitted", http.StatusInternalServerError)
		return
	}
	c.Request = r // it knows the values of the path
	p.mu.Lock()
	reply, err := handle(c)
	if err != nil {
		if errors.Is(err, ErrUnbound) && p.Version >= Version1123 {
			p.limits.giveBack(c)
		}
		p.mu.Unlock()
		c.refuse(err)
		return
	}
	shown := *reply
	if p.Legacy() {
		shown.Body = asIn07(shown.Body)
	}
	// The document points into the state, so it is written under the lock.
	recorder := &buffered{header: w.Header()}
	shown.Write(recorder)
	p.mu.Unlock()
	recorder.send(w)
}

// Unlocked runs what may take a while, or come back to the Panel, without the
// lock.
func (c *Call) Unlocked(f func()) {
	c.mu.Unlock()
	defer c.mu.Lock()
	f()
}

// Paginated is the answer to a request for a page of a list.
func Paginated[T any](c *Call, all []T, pages laravel.Paging, show func(T) laravel.Object) (*laravel.Answer, error) {
	address := *c.address
	address.Path, address.RawQuery = c.Request.URL.Path, c.Request.URL.RawQuery
	document, err := laravel.Paginate(c.Input, &address, all, pages, show)
	if err != nil {
		return nil, err
	}
	return laravel.OK(document), nil
}

// refuse sends an error in the form that the client asked for.
func (c *Call) refuse(err error) {
	var failure *laravel.Error
	if !errors.As(err, &failure) {
		failure = &laravel.Error{Status: http.StatusInternalServerError, Code: "ErrorException", Detail: err.Error()}
	}
	if failure.RetryAfter > 0 {
		c.Writer.Header().Set("Retry-After", strconv.Itoa(failure.RetryAfter))
	}
	if !laravel.WantsJSON(c.Request) {
		switch failure.Status {
		case http.StatusUnauthorized:
			c.redirect(c.Traits.LoginPath)
		case http.StatusUnprocessableEntity:
			c.redirect("")
		default:
			laravel.WritePage(c.Writer, failure.Status)
		}
		return
	}
	var document any = laravel.Object{"errors": failure.Entries()}
	if c.Legacy() {
		document = errorsAsIn07(failure)
	}
	laravel.WriteJSON(c.Writer, failure.Status, document)
}

func (c *Call) redirect(path string) {
	c.Writer.Header().Set("Location", c.URL+path)
	c.Writer.Header().Set("Content-Type", "text/html; charset=utf-8")
	c.Writer.WriteHeader(http.StatusFound)
	_, _ = c.Writer.Write([]byte(laravel.PageHTML)) // the client may be gone
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
