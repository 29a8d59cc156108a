package model

import (
	"slices"
	"strconv"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/random"
)

// DatabaseHost is a host that databases are made on.
type DatabaseHost struct {
	ID               int
	Name, Host       string
	Port             int
	Username         string
	Node             *Node
	Created, Updated time.Time
}

// Database is a database of a server.
type Database struct {
	ID                       int
	Server                   *Server
	Host                     *DatabaseHost
	Name, Username, Password string
	Remote                   string
	Created, Updated         time.Time
}

// AddDatabase makes a database of a server.
func (s *State) AddDatabase(id int, srv *Server, host *DatabaseHost, name, remote string, created time.Time) *Database {
	d := &Database{
		ID: id, Server: srv, Host: host, Name: databaseName(srv, name), Remote: remote,
		Username: "u" + strconv.Itoa(srv.ID) + "_" + random.Text(10), Password: random.Text(24), Created: created, Updated: created,
	}
	s.Databases.Add(id, d)
	srv.Databases = append(srv.Databases, d)
	return d
}

// RemoveDatabase deletes a database.
func (s *State) RemoveDatabase(d *Database) {
	s.Databases.Remove(d.ID)
	d.Server.Databases = slices.DeleteFunc(d.Server.Databases, func(other *Database) bool { return other == d })
}

// maxDatabaseName is the longest name of a database, prefix included.
const maxDatabaseName = 48

// databaseName is what a database is really called.
func databaseName(s *Server, name string) string {
	name = "s" + strconv.Itoa(s.ID) + "_" + name
	return name[:min(len(name), maxDatabaseName)]
}

// HasDatabase reports whether a server has a database that is called so.
func (s *Server) HasDatabase(name string) bool {
	name = databaseName(s, name)
	return slices.ContainsFunc(s.Databases, func(d *Database) bool { return d.Name == name })
}
