package application

import (
	"context"

	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// DatabasesService are the databases of a server.
//
// The Panel finds a database by its own number and does not check the server
// beside it: Get, RotatePassword and Delete with the number of another server's
// database work on that one.
type DatabasesService service

// List gets all databases of a server. Passwords come with
// [DatabaseIncludePassword] alone.
//
// Endpoint: GET /api/application/servers/{server}/databases
func (s *DatabasesService) List(ctx context.Context, server int, include ...DatabaseInclude) ([]*Database, error) {
	return rest.List[Database](s.api.ApplicationListServerDatabases(ctx, server,
		&applicationapi.ApplicationListServerDatabasesParams{Include: include},
		rest.ID("server", server), rest.Includes("include", include...)))
}

// Get shows one database, be it of this server or of another one; its ServerID
// tells. The password comes with [DatabaseIncludePassword] alone. A number that
// no database has gives [client.ErrNotFound].
//
// Endpoint: GET /api/application/servers/{server}/databases/{database}
func (s *DatabasesService) Get(ctx context.Context, server, database int, include ...DatabaseInclude) (*Database, error) {
	return rest.Item[Database](s.api.ApplicationGetServerDatabase(ctx, server, database,
		&applicationapi.ApplicationGetServerDatabaseParams{Include: include},
		rest.ID("server", server), rest.ID("database", database), rest.Includes("include", include...)))
}

// Create makes a database and a user for it, on a host of the panel's. The Panel
// puts s, the server's number and an underscore in front of the name. With
// [DatabaseIncludePassword] the answer holds the password. A name that the
// server has already gives an error with status 400 and code
// "DuplicateDatabaseNameException". The request is never sent twice.
//
// Endpoint: POST /api/application/servers/{server}/databases
func (s *DatabasesService) Create(ctx context.Context, server int, req CreateDatabaseRequest, include ...DatabaseInclude) (*Database, error) {
	return rest.Item[Database](s.api.ApplicationCreateServerDatabase(ctx, server,
		&applicationapi.ApplicationCreateServerDatabaseParams{Include: include}, req,
		rest.ID("server", server), rest.Includes("include", include...)))
}

// RotatePassword gives a database a new random password, be it of this server or
// of another one. The answer does not show it: get the database with
// [DatabaseIncludePassword]. The old password ends at once.
//
// Endpoint: POST /api/application/servers/{server}/databases/{database}/reset-password
func (s *DatabasesService) RotatePassword(ctx context.Context, server, database int) error {
	return rest.None(s.api.ApplicationResetServerDatabasePassword(ctx, server, database,
		rest.ID("server", server), rest.ID("database", database)))
}

// Delete drops a database with all that is in it, be it of this server or of
// another one.
//
// Endpoint: DELETE /api/application/servers/{server}/databases/{database}
func (s *DatabasesService) Delete(ctx context.Context, server, database int) error {
	return rest.None(s.api.ApplicationDeleteServerDatabase(ctx, server, database,
		rest.ID("server", server), rest.ID("database", database)))
}
