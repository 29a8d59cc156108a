package model

import (
	"time"
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
