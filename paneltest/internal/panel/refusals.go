package panel

import (
	"net/http"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

// ErrDuplicateDatabase is for a name that the server has already.
var ErrDuplicateDatabase = laravel.Refuse(http.StatusBadRequest, "DuplicateDatabaseNameException", "A database with that name already exists for this server.")

// ErrNodeDown is what the Panel says if it cannot reach a node.
var ErrNodeDown = laravel.Refuse(http.StatusGatewayTimeout, "DaemonConnectionException",
	"Could not establish a connection to the machine running this server. Please try again.")
