package paneltest

import (
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

// roomyNodes are the public nodes in some locations that have room left. No
// locations are all of them.
func (s *state) roomyNodes(locations []int, memory, disk int) []*node {
	fits := func(used, more, size, overallocate int) bool {
		return float64(used+more) <= float64(size)*(1+float64(overallocate)/100)
	}
	return s.nodes.where(func(n *node) bool {
		usedMemory, usedDisk := s.used(n)
		return n.public && (len(locations) == 0 || slices.Contains(locations, n.location.id)) &&
			fits(usedMemory, memory, n.memory, n.memoryOverallocate) && fits(usedDisk, disk, n.disk, n.diskOverallocate)
	})
}

// defaultDaemonBase is where nodes keep the files of servers, unless told
// otherwise.
const defaultDaemonBase = "/var/lib/pterodactyl/volumes"
