package model

import (
	"slices"
	"strconv"
	"time"
)

// DatabaseHost is a host that databases are made on.
type DatabaseHost struct {
	ID               int
	Name, Host       string
	Port             int
	Username         string
	Nodes            []*Node // none for all; but for Pelican one at most
	Password         string  // of Pelican, whose API takes it
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
