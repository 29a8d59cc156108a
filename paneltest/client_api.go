package paneltest

import (
	"net/http"

	"github.com/ptero-go/ptero/internal/panelapi/clientserver"
	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

// clientAPI serves the Client API.
type clientAPI struct{ *core }

var _ clientserver.ServerInterface = clientAPI{}

// serveClient makes a Panel serve the Client API.
func serveClient(p *core) {
	clientserver.HandlerWithOptions(clientAPI{p}, clientserver.StdHTTPServerOptions{BaseRouter: p.router, ErrorHandlerFunc: p.missing})
}

// clientCall is a request to the Client API.
type clientCall struct{ *call }

// do runs the handler of an operation, and answers.
func (a clientAPI) do(w http.ResponseWriter, r *http.Request, handle func(*clientCall) (*laravel.Answer, error)) {
	a.core.do(w, r, func(c *call) (*laravel.Answer, error) { return handle(&clientCall{c}) })
}

// serverCall is a request about a server.
type serverCall struct {
	*clientCall
	server *server
}

// The routes that are served in states in which others are not.
type tolerance int

const (
	tolerateNothing tolerance = iota
	tolerateForAdmins
	tolerateAll
)

// onServer runs the handler of an operation on a server: after the checks for
// access, for the server's state and for a permission, in this order.
func (a clientAPI) onServer(w http.ResponseWriter, r *http.Request, id, permission string, handle func(*serverCall) (*laravel.Answer, error)) {
	a.onServerIn(w, r, id, permission, tolerateNothing, handle)
}

func (a clientAPI) onServerIn(w http.ResponseWriter, r *http.Request, id, permission string, tolerate tolerance, handle func(*serverCall) (*laravel.Answer, error)) {
	a.do(w, r, func(c *clientCall) (*laravel.Answer, error) {
		s := c.findServer(id)
		switch {
		case s == nil:
			return nil, laravel.ErrNotFound
		case !c.reaches(s):
			return nil, errNoAccess
		}
		if err := conflict(s); err != nil && !c.tolerates(s, tolerate) {
			return nil, err
		}
		if permission != "" && !c.may(s, permission) {
			return nil, laravel.ErrUnauthorized
		}
		if err := c.throttled(s); err != nil {
			return nil, err
		}
		return handle(&serverCall{c, s})
	})
}

// conflict is the refusal that the state of a server asks for, nil for none.
func conflict(s *server) error {
	detail := ""
	switch {
	case s.status == statusSuspended:
		detail = "This server is currently suspended and the functionality requested is unavailable."
	case s.node.maintenance:
		detail = "The node of this server is currently under maintenance and the functionality requested is unavailable."
	case s.status == statusInstalling || s.status == statusInstallFailed:
		detail = "This server has not yet completed its installation process, please try again later."
	case s.status == statusRestoring:
		detail = "This server is currently restoring from a backup, please try again later."
	case s.transferring:
		detail = "This server is currently being transferred to a new machine, please try again later."
	default:
		return nil
	}
	return laravel.Refuse(http.StatusConflict, "ServerStateConflictException", detail)
}

// tolerates tells that a request is served in spite of a conflict.
func (c *clientCall) tolerates(s *server, tolerate tolerance) bool {
	return tolerate == tolerateAll ||
		tolerate == tolerateForAdmins && c.user.admin && s.status != statusSuspended && !s.node.maintenance
}

// errNoAccess is for servers that an account has no part in.
var errNoAccess = laravel.Refuse(http.StatusNotFound, "NotFoundHttpException", "The requested resource does not exist on this server.")
