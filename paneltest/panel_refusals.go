package paneltest

import (
	"net/http"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

// errDuplicateDatabase is for a name that the server has already.
var errDuplicateDatabase = laravel.Refuse(http.StatusBadRequest, "DuplicateDatabaseNameException", "A database with that name already exists for this server.")

// errNodeDown is what the Panel says if it cannot reach a node.
var errNodeDown = laravel.Refuse(http.StatusGatewayTimeout, "DaemonConnectionException",
	"Could not establish a connection to the machine running this server. Please try again.")
