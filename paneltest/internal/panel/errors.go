package panel

import (
	"fmt"
	"net/http"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

// ErrDuplicateDatabase is for a name that the server has already.
var ErrDuplicateDatabase = laravel.Refuse(http.StatusBadRequest, "DuplicateDatabaseNameException", "A database with that name already exists for this server.")

// errNodeDown is what the Panel says if it cannot reach a node.
var errNodeDown = laravel.Refuse(http.StatusGatewayTimeout, "DaemonConnectionException",
	"Could not establish a connection to the machine running this server. Please try again.")

// NodeDown is what the Panel says if it cannot reach a node.
func (p *Panel) NodeDown() error {
	if p.Traits.BareFailures {
		return laravel.Crashed("ConnectionException")
	}
	return errNodeDown
}

// ErrUnbound is for a path that names something which does not exist at all. It
// is [laravel.ErrNotFound], but since Panel 1.12.3: that finds it out before it
// counts the request, whose answer tells of no limit then.
var ErrUnbound = fmt.Errorf("%w", laravel.ErrNotFound)

// NotFound refuses a path that names something which is not there, though
// perhaps elsewhere.
func (p *Panel) NotFound(elsewhere bool) error {
	if elsewhere && !p.Traits.RawPaths {
		return laravel.ErrNotFound
	}
	return ErrUnbound
}
