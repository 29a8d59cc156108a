package paneltest

import (
	"slices"
	"strconv"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/random"
)

type databaseHost struct {
	id               int
	name, host       string
	port             int
	username         string
	node             *node
	created, updated time.Time
}

type database struct {
	id                       int
	server                   *server
	host                     *databaseHost
	name, username, password string
	remote                   string
	created, updated         time.Time
}

// addDatabase makes a database of a server.
func (s *state) addDatabase(id int, srv *server, host *databaseHost, name, remote string, created time.Time) *database {
	d := &database{
		id: id, server: srv, host: host, name: databaseName(srv, name), remote: remote,
		username: "u" + strconv.Itoa(srv.id) + "_" + random.Text(10), password: random.Text(24), created: created, updated: created,
	}
	s.databases.add(id, d)
	srv.databases = append(srv.databases, d)
	return d
}

// removeDatabase deletes a database.
func (s *state) removeDatabase(d *database) {
	s.databases.remove(d.id)
	d.server.databases = slices.DeleteFunc(d.server.databases, func(other *database) bool { return other == d })
}

// maxDatabaseName is the longest name of a database, prefix included.
const maxDatabaseName = 48

// databaseName is what a database is really called.
func databaseName(s *server, name string) string {
	name = "s" + strconv.Itoa(s.id) + "_" + name
	return name[:min(len(name), maxDatabaseName)]
}

// hasDatabase reports whether a server has a database that is called so.
func (s *server) hasDatabase(name string) bool {
	name = databaseName(s, name)
	return slices.ContainsFunc(s.databases, func(d *database) bool { return d.name == name })
}
