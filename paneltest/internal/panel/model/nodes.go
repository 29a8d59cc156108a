package model

import (
	"net"
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
	Tags                             []string // what follows is of Pelican
	CPU, CPUOverallocate             int      // percent
	Connect                          int      // the port that clients connect to
	SFTPAlias                        *string
	TokenID, Token                   string
	Created, Updated                 time.Time
	Daemon                           protocol.Daemon // nil while no Wings was ever set up
	Down                             bool
}

// Up reports whether the Panel reaches the node's Wings.
func (n *Node) Up() bool { return n.Daemon != nil && !n.Down }

// Address is the beginning of the URLs of the node.
func (n *Node) Address() string {
	return n.Scheme + "://" + net.JoinHostPort(n.FQDN, strconv.Itoa(n.Listen))
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
