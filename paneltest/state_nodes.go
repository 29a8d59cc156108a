package paneltest

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

type location struct {
	id               int
	short            string
	long             *string
	created, updated time.Time
}

type node struct {
	id                               int
	uuid                             string
	name                             string
	description                      *string
	location                         *location
	public, behindProxy, maintenance bool
	fqdn, scheme, daemonBase         string
	listen, sftp                     int
	memory, disk                     int
	memoryOverallocate               int
	diskOverallocate                 int
	uploadSize                       int
	tokenID, token                   string
	created, updated                 time.Time
	daemon                           protocol.Daemon // nil while no Wings was ever set up
	down                             bool
}

// up tells that the Panel reaches the node's Wings.
func (n *node) up() bool { return n.daemon != nil && !n.down }

// address is the beginning of the URLs of the node.
func (n *node) address() string {
	return n.scheme + "://" + n.fqdn + ":" + strconv.Itoa(n.listen)
}

type allocation struct {
	id     int
	node   *node
	ip     string
	port   int
	alias  *string
	notes  *string
	server *server // nil while it is free
}

func (a *allocation) String() string { return a.ip + ":" + strconv.Itoa(a.port) }

type nest struct {
	id               int
	uuid             string
	author, name     string
	description      *string
	created, updated time.Time
}

type egg struct {
	id                     int
	uuid                   string
	nest                   *nest
	name, author           string
	description            *string
	images                 []image // the first is the usual one
	features               []string
	denylist               []string
	files, startup, logs   json.RawMessage
	stop                   *string
	configFrom, scriptFrom *egg
	command                string
	privileged             bool
	install                string
	entry, container       string
	variables              []*variable
	game                   protocol.Game
	cannotStart            bool // each start and each installation fails
	created, updated       time.Time
}

// image is a Docker image that an egg offers.
type image struct{ label, image string }

// hasImage reports whether users may choose an image.
func (e *egg) hasImage(name string) bool {
	return slices.ContainsFunc(e.images, func(i image) bool { return i.image == name })
}

type variable struct {
	id                 int
	egg                *egg
	name, description  string
	env                string
	value              string // by default
	viewable, editable bool
	rules              string
	created, updated   time.Time
}

type databaseHost struct {
	id               int
	name, host       string
	port             int
	username         string
	node             *node
	created, updated time.Time
}

// used sums what the servers of a node were promised, in MiB.
func (s *state) used(n *node) (memory, disk int) {
	for _, id := range s.servers.ids {
		if srv := s.servers.rows[id]; srv.node == n {
			memory += srv.limits.memory
			disk += srv.limits.disk
		}
	}
	return memory, disk
}
