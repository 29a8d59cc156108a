package application

import (
	"context"

	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// DatabasesService manages the databases of a server.
//
// The Panel finds a database by its own number and does not check that of the
// server: Get, RotatePassword and Delete with the number of another server's
// database act on that database.
type DatabasesService service

// List returns all databases of a server. Passwords are included only with
// [DatabaseIncludePassword].
//
// Endpoint: GET /api/application/servers/{server}/databases
func (s *DatabasesService) List(ctx context.Context, server int, include ...DatabaseInclude) ([]*Database, error) {
	return rest.List[Database](s.api.ApplicationListServerDatabases(ctx, server,
		&applicationapi.ApplicationListServerDatabasesParams{Include: include},
		rest.ID("server", server), rest.Includes("include", include...)))
}

// Get returns one database, even one of another server; see its ServerID. The
// password is included only with [DatabaseIncludePassword]. An unknown number
// gives [client.ErrNotFound].
//
// Endpoint: GET /api/application/servers/{server}/databases/{database}
func (s *DatabasesService) Get(ctx context.Context, server, database int, include ...DatabaseInclude) (*Database, error) {
	return rest.Item[Database](s.api.ApplicationGetServerDatabase(ctx, server, database,
		&applicationapi.ApplicationGetServerDatabaseParams{Include: include},
		rest.ID("server", server), rest.ID("database", database), rest.Includes("include", include...)))
}

// Create creates a database and a user for it, on a database host of the Panel.
// The Panel prefixes the name with s, the server's number and an underscore.
// With [DatabaseIncludePassword] the answer includes the password. A name that
// the server already uses gives an error with status 400 and code
// "DuplicateDatabaseNameException". The request is never sent twice.
//
// Endpoint: POST /api/application/servers/{server}/databases
func (s *DatabasesService) Create(ctx context.Context, server int, req CreateDatabaseRequest, include ...DatabaseInclude) (*Database, error) {
	return rest.Item[Database](s.api.ApplicationCreateServerDatabase(ctx, server,
		&applicationapi.ApplicationCreateServerDatabaseParams{Include: include}, req,
		rest.ID("server", server), rest.Includes("include", include...)))
}

// RotatePassword gives a database, even one of another server, a new random
// password. The answer does not include it: get the database with
// [DatabaseIncludePassword]. The old password stops working at once.
//
// Endpoint: POST /api/application/servers/{server}/databases/{database}/reset-password
func (s *DatabasesService) RotatePassword(ctx context.Context, server, database int) error {
	return rest.None(s.api.ApplicationResetServerDatabasePassword(ctx, server, database,
		rest.ID("server", server), rest.ID("database", database)))
}

// Delete deletes a database with all its data, even one of another server.
//
// Endpoint: DELETE /api/application/servers/{server}/databases/{database}
func (s *DatabasesService) Delete(ctx context.Context, server, database int) error {
	return rest.None(s.api.ApplicationDeleteServerDatabase(ctx, server, database,
		rest.ID("server", server), rest.ID("database", database)))
}
