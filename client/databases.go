package client

import (
	"context"

	"github.com/ptero-go/ptero/gen/clientapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// DatabasesService manages the databases of a server. A database is named by its
// ID, a text such as "zJVP30On"; its number works too.
type DatabasesService service

// List returns all databases of a server. With [DatabaseIncludePassword] the
// method Password of each returns its password, or nil if the key lacks
// [PermissionDatabaseViewPassword].
//
// Endpoint: GET /api/client/servers/{server}/databases
func (s *DatabasesService) List(ctx context.Context, server string, include ...DatabaseInclude) ([]*Database, error) {
	return rest.List[Database](s.api.ClientListDatabases(ctx, server,
		&clientapi.ClientListDatabasesParams{Include: include},
		rest.ID("server", server), rest.Enum("include", include...)))
}

// Create creates a database with a user of its own and returns it with its
// password; MaxConnections is nil in this answer. The Panel adds a prefix such
// as "s1_" to the name. A name that the server already uses gives an error with
// code "DuplicateDatabaseNameException", a database beyond the server's limit
// one with "TooManyDatabasesException", a bad name or remote address
// [ErrValidation], and a Panel on which databases are switched off [ErrServer].
// Panel 1.12 allows two of these calls in a minute.
//
// Endpoint: POST /api/client/servers/{server}/databases
func (s *DatabasesService) Create(ctx context.Context, server string, req CreateDatabaseRequest) (*Database, error) {
	return rest.Item[Database](s.api.ClientCreateDatabase(ctx, server, new(clientapi.ClientCreateDatabaseParams), req,
		rest.ID("server", server), rest.NotEmpty("Database", req.Database), rest.NotEmpty("Remote", req.Remote)))
}

// RotatePassword gives a database a new random password and returns the database
// with it. The old password stops working at once.
//
// Endpoint: POST /api/client/servers/{server}/databases/{database}/rotate-password
func (s *DatabasesService) RotatePassword(ctx context.Context, server, database string) (*Database, error) {
	return rest.Item[Database](s.api.ClientRotateDatabasePassword(ctx, server, database,
		new(clientapi.ClientRotateDatabasePasswordParams), rest.ID("server", server), rest.ID("database", database)))
}

// Delete deletes a database with its user and all its data.
//
// Endpoint: DELETE /api/client/servers/{server}/databases/{database}
func (s *DatabasesService) Delete(ctx context.Context, server, database string) error {
	return rest.None(s.api.ClientDeleteDatabase(ctx, server, database,
		rest.ID("server", server), rest.ID("database", database)))
}
