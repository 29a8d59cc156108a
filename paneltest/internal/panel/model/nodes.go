package model

import (
	"slices"
	"strconv"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// Location is a place where nodes stand.
type Location struct {
	ID               int
	Short            string
	Long             *string
	Created, Updated time.Time
}

// Node is a node, with its Wings.
type Node struct {
	ID                               int
	UUID                             string
	Name                             string
	Description                      *string
	Location                         *Location
	Public, BehindProxy, Maintenance bool
	FQDN, Scheme, DaemonBase         string
	Listen, SFTP                     int
	Memory, Disk                     int
	MemoryOverallocate               int
	DiskOverallocate                 int
	UploadSize                       int
	TokenID, Token                   string
	Created, Updated                 time.Time
	Daemon                           protocol.Daemon // nil while no Wings was ever set up
	Down                             bool
}

// Up reports whether the Panel reaches the node's Wings.
func (n *Node) Up() bool { return n.Daemon != nil && !n.Down }

// Address is the beginning of the URLs of the node.
func (n *Node) Address() string {
	return n.Scheme + "://" + n.FQDN + ":" + strconv.Itoa(n.Listen)
}

// Allocation is an address and a port of a node.
type Allocation struct {
	ID     int
	Node   *Node
	IP     string
	Port   int
	Alias  *string
	Notes  *string
	Server *Server // nil while it is free
}

// String returns the address with its port.
func (a *Allocation) String() string { return a.IP + ":" + strconv.Itoa(a.Port) }

// Used sums what the servers of a node were promised, in MiB.
func (s *State) Used(n *Node) (memory, disk int) {
	for _, id := range s.Servers.ids {
		if srv := s.Servers.rows[id]; srv.Node == n {
			memory += srv.Limits.Memory
			disk += srv.Limits.Disk
		}
	}
	return memory, disk
}

// RoomyNodes are the public nodes in some locations that have room left. No
// locations are all of them.
func (s *State) RoomyNodes(locations []int, memory, disk int) []*Node {
	fits := func(used, more, size, overallocate int) bool {
		return float64(used+more) <= float64(size)*(1+float64(overallocate)/100)
	}
	return s.Nodes.Where(func(n *Node) bool {
		usedMemory, usedDisk := s.Used(n)
		return n.Public && (len(locations) == 0 || slices.Contains(locations, n.Location.ID)) &&
			fits(usedMemory, memory, n.Memory, n.MemoryOverallocate) && fits(usedDisk, disk, n.Disk, n.DiskOverallocate)
	})
}

// DefaultDaemonBase is where nodes keep the files of servers, unless told
// otherwise.
const DefaultDaemonBase = "/var/lib/pterodactyl/volumes"
