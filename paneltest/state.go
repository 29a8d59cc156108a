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

// activity is a line of the activity log.
type activity struct {
	id         int
	event      string
	actor      *user // nil for the system
	isAPI      bool
	ip         string
	server     *server // what it is about: a server
	account    *user   // or an account
	properties []property
	at         time.Time
}

// property keeps properties in the order in which they were noted.
type property struct {
	key   string
	value any
}

// with makes a property.
func with(key string, value any) property { return property{key, value} }
