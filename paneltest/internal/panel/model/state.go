package model

import (
	"slices"
	"strconv"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/random"
)

// State is what the Panel's database holds. Rows point at each other; the
// Panel's lock guards all of them.
type State struct {
	Users         Table[User]
	Keys          map[string]*Key // by what a client sends
	KeyOrder      []*Key
	Locations     Table[Location]
	Nodes         Table[Node]
	Allocations   Table[Allocation]
	Nests         Table[Nest]
	Eggs          Table[Egg]
	Variables     Table[Variable]
	DatabaseHosts Table[DatabaseHost]
	Servers       Table[Server]
	Subusers      Table[Subuser]
	Databases     Table[Database]
	Schedules     Table[Schedule]
	Tasks         Table[Task]
	Activity      []*Activity

	// What Pelican has besides.
	Roles   Table[Role]
	Mounts  Table[Mount]
	Plugins []*Plugin

	// The way to servers that would otherwise be long.
	ServersByUUID map[string]*Server // by UUID and by identifier

	Settings settings
}

// settings is what an administrator chose.
type settings struct {
	AutoAllocation       bool // users may ask for a port
	PortStart, PortEnd   int  // the ports that may be made for them
	BackupLimit          int  // backups in backupPeriod, 0 for no limit
	BackupPeriod         time.Duration
	RequireTwoFactor     bool
	MaxKeys, MaxTasks    int
	MaxEditSize          int64
	ResourcesCachePeriod time.Duration
}

// NewState returns a State with nothing in it, and with the settings of a new
// Panel.
func NewState() *State {
	return &State{
		Keys:          make(map[string]*Key),
		ServersByUUID: make(map[string]*Server),
		Settings: settings{
			BackupLimit: 2, BackupPeriod: 10 * time.Minute, MaxKeys: 25, MaxTasks: 10, MaxEditSize: 4 << 20,
			ResourcesCachePeriod: 20 * time.Second,
		},
	}
}

// AddKey adds a key.
func (s *State) AddKey(k *Key) {
	s.Keys[k.Identifier+k.Secret] = k
	s.KeyOrder = append(s.KeyOrder, k)
}

// RemoveKey deletes a key.
func (s *State) RemoveKey(k *Key) {
	delete(s.Keys, k.Identifier+k.Secret)
	s.KeyOrder = slices.DeleteFunc(s.KeyOrder, func(other *Key) bool { return other == k })
}

// KeysOf are the client keys of a user.
func (s *State) KeysOf(u *User) []*Key {
	var keys []*Key
	for _, k := range s.KeyOrder {
		if k.Owner == u && k.Kind == ClientKey {
			keys = append(keys, k)
		}
	}
	return keys
}

// AddServer puts a server with its allocations into the tables.
func (s *State) AddServer(srv *Server) {
	s.Servers.Add(srv.ID, srv)
	s.ServersByUUID[srv.UUID] = srv
	s.ServersByUUID[srv.Identifier()] = srv
}

// RemoveServer takes a server and all that hangs on it out of the tables.
func (s *State) RemoveServer(srv *Server) {
	s.Servers.Remove(srv.ID)
	delete(s.ServersByUUID, srv.UUID)
	delete(s.ServersByUUID, srv.Identifier())
	for _, m := range s.Mounts.All() {
		m.Servers = slices.DeleteFunc(m.Servers, func(other *Server) bool { return other == srv })
	}
	for _, a := range srv.Allocations {
		a.Server, a.Notes = nil, nil
	}
	for _, sub := range srv.Subusers {
		s.Subusers.Remove(sub.ID)
	}
	for _, d := range srv.Databases {
		s.Databases.Remove(d.ID)
	}
	for _, schedule := range srv.Schedules {
		s.RemoveSchedule(schedule)
	}
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

// RemoveSchedule deletes a schedule with its tasks.
func (s *State) RemoveSchedule(schedule *Schedule) {
	schedule.Stop()
	for _, t := range schedule.Tasks {
		s.Tasks.Remove(t.ID)
	}
	s.Schedules.Remove(schedule.ID)
}

// RemoveEgg deletes an egg with its variables.
func (s *State) RemoveEgg(e *Egg) {
	for _, v := range e.Variables {
		s.Variables.Remove(v.ID)
	}
	s.Eggs.Remove(e.ID)
	for _, m := range s.Mounts.All() {
		m.Eggs = slices.DeleteFunc(m.Eggs, func(other *Egg) bool { return other == e })
	}
}

// Room is what servers take of a node.
type Room struct {
	Memory, Disk int // MiB
	CPU          int // percent
}

// Used sums what the servers of a node were promised.
func (s *State) Used(n *Node) Room {
	var used Room
	for _, id := range s.Servers.ids {
		if srv := s.Servers.rows[id]; srv.Node == n {
			used.Memory += srv.Limits.Memory
			used.Disk += srv.Limits.Disk
			used.CPU += srv.Limits.CPU
		}
	}
	return used
}

// RoomyNodes are the public nodes among those that will do which have room left.
func (s *State) RoomyNodes(willDo func(*Node) bool, wanted Room) []*Node {
	return s.Nodes.Where(func(n *Node) bool { return n.Public && willDo(n) && s.HasRoom(n, wanted) })
}

// HasRoom reports whether a node has room left.
func (s *State) HasRoom(n *Node, wanted Room) bool {
	fits := func(used, more, size, overallocate int) bool {
		return float64(used+more) <= float64(size)*(1+float64(overallocate)/100)
	}
	used := s.Used(n)
	return fits(used.Memory, wanted.Memory, n.Memory, n.MemoryOverallocate) && fits(used.Disk, wanted.Disk, n.Disk, n.DiskOverallocate) &&
		(n.CPU == 0 || fits(used.CPU, wanted.CPU, n.CPU, n.CPUOverallocate)) // 0 is no limit
}
