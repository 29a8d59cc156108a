package client

import (
	"net/http"

	"github.com/ptero-go/ptero/internal/panelapi/clientserver"
	"github.com/ptero-go/ptero/internal/panelapi/pelicanclientserver"
	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// API serves the Client API.
type API struct{ *panel.Panel }

var (
	_ clientserver.ServerInterface        = API{}
	_ pelicanclientserver.ServerInterface = API{}
)

// Serve makes a Panel serve the Client API.
func Serve(p *panel.Panel) {
	clientserver.HandlerWithOptions(API{p}, clientserver.StdHTTPServerOptions{BaseRouter: p.Router, ErrorHandlerFunc: p.Missing})
	if p.Version == panel.Pelican {
		pelicanclientserver.HandlerWithOptions(API{p}, pelicanclientserver.StdHTTPServerOptions{BaseRouter: p.Router, ErrorHandlerFunc: p.Missing})
	}
}

// call is a request to the Client API.
type call struct{ *panel.Call }

// do runs the handler of an operation, and answers.
func (a API) do(w http.ResponseWriter, r *http.Request, handle func(*call) (*laravel.Answer, error)) {
	a.Do(w, r, func(c *panel.Call) (*laravel.Answer, error) { return handle(&call{c}) })
}

// serverCall is a request about a server.
type serverCall struct {
	*call
	server *model.Server
}

// The routes that are served in states in which others are not.
type tolerance int

const (
	tolerateNothing    tolerance = iota
	tolerateSuspension           // for administrators, where those see suspended servers
	tolerateForAdmins
	tolerateAll
)

// onServer runs the handler of an operation on a server: after the checks for
// access, for the server's state and for a permission, in this order.
func (a API) onServer(w http.ResponseWriter, r *http.Request, id, permission string, handle func(*serverCall) (*laravel.Answer, error)) {
	a.onServerIn(w, r, id, permission, tolerateNothing, handle)
}

func (a API) onServerIn(w http.ResponseWriter, r *http.Request, id, permission string, tolerate tolerance, handle func(*serverCall) (*laravel.Answer, error)) {
	a.do(w, r, func(c *call) (*laravel.Answer, error) {
		s := c.FindServer(id)
		switch {
		case s == nil:
			return nil, panel.ErrUnbound
		case !c.reaches(s):
			return nil, errNoAccess
		}
		if err := c.Conflict(s); err != nil && !c.tolerates(s, tolerate) {
			return nil, err
		}
		if permission != "" && !c.may(s, permission) {
			return nil, laravel.ErrUnauthorized
		}
		if err := c.Throttled(s); err != nil {
			return nil, err
		}
		return handle(&serverCall{c, s})
	})
}

// tolerates reports whether a request is served in spite of a conflict.
func (c *call) tolerates(s *model.Server, tolerate tolerance) bool {
	if tolerate == tolerateAll {
		return true
	}
	if tolerate == tolerateNothing || !c.User.Admin || s.Node.Maintenance {
		return false
	}
	if s.Status == model.StatusSuspended {
		return c.Traits.OwnStates
	}
	return tolerate == tolerateForAdmins
}

// errNoAccess is for servers that an account has no part in.
var errNoAccess = laravel.Refuse(http.StatusNotFound, "NotFoundHttpException", "The requested resource does not exist on this server.")
