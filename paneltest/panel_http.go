package paneltest

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxBody bounds the body of a request, as the web server before a Panel does.
const maxBody = 128 << 20

// call is a request on its way through the Panel.
type call struct {
	p         *Panel
	r         *http.Request
	w         http.ResponseWriter
	operation string // its operationId
	body      []byte
	in        input
	user      *user
	key       *apiKey
}

type callKey struct{}

// ServeHTTP implements [http.Handler]. The checks come in the Panel's order.
func (p *Panel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if p.control != nil && strings.HasPrefix(r.URL.Path, controlPath) {
		p.control.ServeHTTP(w, r)
		return
	}
	found, methods := p.router.find(r)
	operation := ""
	if found != nil {
		operation = found.operation
	}
	w, done := p.faults.strike(w, r, operation)
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
		writePage(w, http.StatusRequestEntityTooLarge)
		return
	}
	c := &call{p: p, r: r, w: w, body: body, operation: operation}
	if err := p.admit(c); err != nil {
		c.refuse(err)
		return
	}
	found.handle(w, r.WithContext(context.WithValue(r.Context(), callKey{}, c)))
}

// noRoute answers requests that nobody handles, at least not by their method.
func (p *Panel) noRoute(w http.ResponseWriter, r *http.Request, methods []string) {
	path := strings.Trim(r.URL.Path, "/")
	failure := &refusal{status: http.StatusNotFound, code: "NotFoundHttpException", detail: "The route " + path + " could not be found."}
	if len(methods) > 0 {
		allowed := strings.Join(methods, ", ")
		w.Header().Set("Allow", allowed)
		failure.status, failure.code = http.StatusMethodNotAllowed, "MethodNotAllowedHttpException"
		failure.detail = "The " + r.Method + " method is not supported for route " + path + ". Supported methods: " + allowed + "."
	}
	(&call{p: p, r: r, w: w}).refuse(failure)
}

// admit does all that comes before a request reaches its operation.
func (p *Panel) admit(c *call) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.key = p.state.keys[strings.TrimPrefix(c.r.Header.Get("Authorization"), "Bearer ")]
	if c.key == nil {
		return errUnknownUser
	}
	c.user = c.key.owner
	var err error
	// The Panel trims all but the names of files, and those only if the
	// server is named by its UUID.
	verbatim := strings.Contains(c.r.URL.Path, "/files/") && hasFullUUID(c.r.URL.Path)
	if c.in, err = readInput(c.r, c.body, verbatim); err != nil {
		return badRequest("The JSON data passed in the request appears to be malformed: Syntax error")
	}
	now := time.Now()
	c.key.lastUsed = &now
	isClient := strings.HasPrefix(c.r.URL.Path, "/api/client")
	if p.state.settings.requireTwoFactor && !c.user.totpEnabled &&
		c.r.URL.Path != "/api/client/account" && !strings.HasPrefix(c.r.URL.Path, "/api/client/account/two-factor") {
		return refuse(http.StatusBadRequest, "TwoFactorAuthRequiredException",
			"Two-factor authentication is required on this account in order to access this endpoint.")
	}
	if ip := c.ip(); !c.key.allows(ip) {
		p.note(c, "auth:ip-blocked", nil, c.user, with("identifier", c.key.identifier))
		return denied("This IP address (" + ip + ") does not have permission to access the API using these credentials.")
	}
	if err := p.limits.take(c, isClient); err != nil {
		return err
	}
	switch {
	case isClient && c.key.kind != clientKey:
		return denied("You are attempting to use an application API key on an endpoint that requires a client API key.")
	case !isClient && !c.user.admin:
		return denied("This account does not have permission to access the API.")
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

// allows tells whether the key may be used from an address.
func (k *apiKey) allows(ip string) bool {
	if len(k.allowedIPs) == 0 {
		return true
	}
	address, err := netip.ParseAddr(ip)
	return err == nil && slices.ContainsFunc(k.allowedIPs, func(allowed string) bool {
		if prefix, err := netip.ParsePrefix(allowed); err == nil {
			return prefix.Contains(address.Unmap())
		}
		one, err := netip.ParseAddr(allowed)
		return err == nil && one == address.Unmap()
	})
}

// do runs the handler of an operation under the Panel's lock, and answers.
func (p *Panel) do(w http.ResponseWriter, r *http.Request, handle func(*call) (*answer, error)) {
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
		shown.body = asIn07(shown.body)
	}
	// The document points into the state, so it is written under the lock.
	recorder := &buffered{header: w.Header()}
	shown.write(recorder)
	p.mu.Unlock()
	recorder.send(w)
}

// unlocked runs what may take a while, or come back to the Panel, without the
// lock.
func (c *call) unlocked(f func()) {
	c.p.mu.Unlock()
	defer c.p.mu.Lock()
	f()
}

// paginated is the answer to a request for a page of a list.
func paginated[T any](c *call, all []T, pages paging, show func(T) object) (*answer, error) {
	address := *c.p.address
	address.Path, address.RawQuery = c.r.URL.Path, c.r.URL.RawQuery
	document, err := paginate(c.in, &address, all, pages, show)
	if err != nil {
		return nil, err
	}
	return ok(document), nil
}

// refuse sends an error in the form that the client asked for.
func (c *call) refuse(err error) {
	var failure *refusal
	if !errors.As(err, &failure) {
		failure = &refusal{status: http.StatusInternalServerError, code: "ErrorException", detail: err.Error()}
	}
	if failure.retryAfter > 0 {
		c.w.Header().Set("Retry-After", strconv.Itoa(failure.retryAfter))
	}
	if !wantsJSON(c.r) {
		switch failure.status {
		case http.StatusUnauthorized:
			c.redirect("/auth/login")
		case http.StatusUnprocessableEntity:
			c.redirect("")
		default:
			writePage(c.w, failure.status)
		}
		return
	}
	var document any = object{"errors": failure.entries()}
	if c.p.legacy() {
		document = errorsAsIn07(failure)
	}
	writeJSON(c.w, failure.status, document)
}

func (c *call) redirect(path string) {
	c.w.Header().Set("Location", c.p.URL+path)
	c.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	c.w.WriteHeader(http.StatusFound)
	_, _ = c.w.Write([]byte(page)) // the client may be gone
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
