package paneltest

import (
	"time"
)

// state is what the Panel's database holds. Rows point at each other; the
// Panel's lock guards all of them.
type state struct {
	users         table[user]
	keys          map[string]*apiKey // by what a client sends
	keyOrder      []*apiKey
	locations     table[location]
	nodes         table[node]
	allocations   table[allocation]
	nests         table[nest]
	eggs          table[egg]
	variables     table[variable]
	databaseHosts table[databaseHost]
	servers       table[server]
	subusers      table[subuser]
	databases     table[database]
	schedules     table[schedule]
	tasks         table[task]
	activity      []*activity

	// The way to servers that would otherwise be long.
	serversByUUID map[string]*server // by UUID and by identifier

	settings settings
}

// settings is what an administrator chose.
type settings struct {
	autoAllocation       bool // users may ask for a port
	portStart, portEnd   int  // the ports that may be made for them
	backupLimit          int  // backups in backupPeriod, 0 for no limit
	backupPeriod         time.Duration
	requireTwoFactor     bool
	maxKeys, maxTasks    int
	maxEditSize          int64
	resourcesCachePeriod time.Duration
}

func newState() *state {
	return &state{
		keys:          make(map[string]*apiKey),
		serversByUUID: make(map[string]*server),
		settings: settings{
			backupLimit: 2, backupPeriod: 10 * time.Minute, maxKeys: 25, maxTasks: 10, maxEditSize: 4 << 20,
			resourcesCachePeriod: 20 * time.Second,
		},
	}
}
