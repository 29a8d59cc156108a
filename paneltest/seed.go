package paneltest

import (
	"encoding/json"
	"time"
)

// Seed is the content of a Panel at its start. Entries refer to each other by
// their IDs; one without an ID is numbered after the one before it. Fields that
// are left out get sensible values, even names, keys and ports.
//
// A Seed may be written as JSON too, for [WithSeedFile] and cmd/panelsim, with the
// names of its tags. Nearly all may be left out:
//
//	{
//	  "users": [
//	    {"username": "root", "admin": true, "keys": [{"key": "ptla_0123456789a0123456789abcdef0123456789abcdef"}]},
//	    {"username": "alice", "keys": [{"key": "ptlc_0123456789a0123456789abcdef0123456789abcdef"}]}
//	  ],
//	  "locations": [{"short": "home"}],
//	  "nodes": [{"name": "node-1", "allocations": [{"port": 25565}, {"port": 25566}]}],
//	  "nests": [{"name": "Games", "eggs": [{
//	    "name": "Echo", "startup": "./echo",
//	    "game": {"boot": ["booting"], "done": "ready", "boot_time": "200ms", "answers": {"ping": ["pong"]}}
//	  }]}],
//	  "servers": [{"name": "lobby", "owner": 2, "running": true, "files": {"motd.txt": "Hello\n"}}]
//	}
type Seed struct {
	Users         []SeedUser         `json:"users,omitempty"`
	Locations     []SeedLocation     `json:"locations,omitempty"`
	Nodes         []SeedNode         `json:"nodes,omitempty"`
	Nests         []SeedNest         `json:"nests,omitempty"`
	DatabaseHosts []SeedDatabaseHost `json:"database_hosts,omitempty"`
	Roles         []SeedRole         `json:"roles,omitempty"` // of Pelican
	Servers       []SeedServer       `json:"servers,omitempty"`

	// AutoAllocation lets users assign ports to their servers. If none is free,
	// one between PortStart and PortEnd is created.
	AutoAllocation bool `json:"auto_allocation,omitempty"`
	PortStart      int  `json:"port_start,omitempty"`
	PortEnd        int  `json:"port_end,omitempty"`

	// RequireTwoFactor rejects the keys of accounts without two-factor
	// authentication.
	RequireTwoFactor bool `json:"require_two_factor,omitempty"`
}

// SeedUser is an account.
type SeedUser struct {
	ID         int       `json:"id,omitempty"`
	UUID       string    `json:"uuid,omitempty"`
	ExternalID *string   `json:"external_id,omitempty"`
	Username   string    `json:"username,omitempty"`
	Email      string    `json:"email,omitempty"`
	FirstName  string    `json:"first_name,omitempty"`
	LastName   string    `json:"last_name,omitempty"`
	Password   string    `json:"password,omitempty"`
	Admin      bool      `json:"admin,omitempty"`
	Roles      []int     `json:"roles,omitempty"`                 // of Pelican, besides that of administrators
	Managed    bool      `json:"is_managed_externally,omitempty"` // of Pelican
	Created    time.Time `json:"created,omitzero"`

	// Keys are the API keys. An account without any gets a client key.
	Keys []SeedKey `json:"keys,omitempty"`
}

// SeedKey is an API key.
type SeedKey struct {
	// Key is what a client sends: ptlc_ for a client key or ptla_ for an
	// application key (pacc_ and papp_ for Pelican), 11 characters that are
	// public, and 32 that are not. It is made up if it is empty.
	Key         string `json:"key,omitempty"`
	Application bool   `json:"application,omitempty"` // a made-up one is an application key

	Description string   `json:"description,omitempty"`
	AllowedIPs  []string `json:"allowed_ips,omitempty"`

	// Rights are those of an application key: "read" or "write" for each of
	// users, nodes, allocations, locations, nests, eggs, servers, databases
	// and database_hosts. Nil grants all of them.
	Rights map[string]string `json:"rights,omitempty"`

	Created time.Time `json:"created,omitzero"`
}

// SeedLocation is a location of nodes.
type SeedLocation struct {
	ID      int       `json:"id,omitempty"`
	Short   string    `json:"short,omitempty"`
	Long    *string   `json:"long,omitempty"`
	Created time.Time `json:"created,omitzero"`
}

// SeedNode is a node. Its address is that of the Wings which the Panel starts
// for it.
type SeedNode struct {
	ID          int     `json:"id,omitempty"`
	UUID        string  `json:"uuid,omitempty"`
	Name        string  `json:"name,omitempty"`
	Description *string `json:"description,omitempty"`
	Location    int     `json:"location,omitempty"`
	Private     bool    `json:"private,omitempty"`
	Maintenance bool    `json:"maintenance,omitempty"`
	Memory      int     `json:"memory,omitempty"` // MiB
	Disk        int     `json:"disk,omitempty"`   // MiB

	// Tags and CPU, in percent with 0 for no limit, are of Pelican, which has no
	// locations.
	Tags []string `json:"tags,omitempty"`
	CPU  int      `json:"cpu,omitempty"`

	// Down starts the node without Wings.
	Down bool `json:"down,omitempty"`

	Allocations []SeedAllocation `json:"allocations,omitempty"`
	Created     time.Time        `json:"created,omitzero"`
}

// SeedAllocation is an address and a port.
type SeedAllocation struct {
	ID    int     `json:"id,omitempty"`
	IP    string  `json:"ip,omitempty"`
	Port  int     `json:"port"`
	Alias *string `json:"alias,omitempty"`
	Notes *string `json:"notes,omitempty"`
}

// SeedNest is a nest with its eggs.
type SeedNest struct {
	ID          int       `json:"id,omitempty"`
	UUID        string    `json:"uuid,omitempty"`
	Author      string    `json:"author,omitempty"`
	Name        string    `json:"name,omitempty"`
	Description *string   `json:"description,omitempty"`
	Eggs        []SeedEgg `json:"eggs,omitempty"`
	Created     time.Time `json:"created,omitzero"`
}

// SeedEgg is an egg: how a kind of server is installed and started.
type SeedEgg struct {
	ID           int             `json:"id,omitempty"`
	UUID         string          `json:"uuid,omitempty"`
	Name         string          `json:"name,omitempty"`
	Author       string          `json:"author,omitempty"`
	Description  *string         `json:"description,omitempty"`
	Images       []SeedImage     `json:"images,omitempty"` // the first is the usual one
	Features     []string        `json:"features,omitempty"`
	FileDenylist []string        `json:"file_denylist,omitempty"`
	Startup      string          `json:"startup,omitempty"`
	Startups     []SeedStartup   `json:"startup_commands,omitempty"` // of Pelican, the first is the usual one
	Tags         []string        `json:"tags,omitempty"`             // of Pelican
	Stop         *string         `json:"stop,omitempty"`
	ConfigFiles  json.RawMessage `json:"config_files,omitempty"`
	ConfigStart  json.RawMessage `json:"config_startup,omitempty"`
	ConfigLogs   json.RawMessage `json:"config_logs,omitempty"`

	// ConfigFrom and ScriptFrom are the IDs of eggs whose configuration and
	// install script this one inherits.
	ConfigFrom int `json:"config_from,omitempty"`
	ScriptFrom int `json:"script_from,omitempty"`

	Unprivileged     bool           `json:"unprivileged,omitempty"` // the install script does not run as root
	InstallScript    string         `json:"install_script,omitempty"`
	InstallEntry     string         `json:"install_entry,omitempty"`
	InstallContainer string         `json:"install_container,omitempty"`
	Variables        []SeedVariable `json:"variables,omitempty"`
	Game             SeedGame       `json:"game,omitzero"`
	Created          time.Time      `json:"created,omitzero"`
}

// SeedImage is a Docker image that an egg offers.
type SeedImage struct {
	Label string `json:"label"`
	Image string `json:"image"`
}

// SeedStartup is a start command that an egg of Pelican offers.
type SeedStartup struct {
	Label   string `json:"label"`
	Command string `json:"command"`
}

// SeedRole is a role of Pelican. That of administrators is always there, with ID
// 1 and the name "Root Admin".
type SeedRole struct {
	ID          int       `json:"id,omitempty"`
	Name        string    `json:"name,omitempty"`
	Permissions []string  `json:"permissions,omitempty"` // such as "viewList user"
	Created     time.Time `json:"created,omitzero"`
}

// SeedVariable is a variable of an egg.
type SeedVariable struct {
	ID          int    `json:"id,omitempty"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Env         string `json:"env_variable"`
	Default     string `json:"default_value,omitempty"`
	Hidden      bool   `json:"hidden,omitempty"`    // from users
	ReadOnly    bool   `json:"read_only,omitempty"` // for users
	Rules       string `json:"rules,omitempty"`     // such as "required|string|max:20"
}

// SeedGame is the sample game that runs on the servers of an egg. Its zero value
// boots at once and echoes each command.
type SeedGame struct {
	Boot     []string            `json:"boot,omitempty"`      // what it prints when it starts
	Done     string              `json:"done,omitempty"`      // what it prints when it is ready
	Stop     string              `json:"stop,omitempty"`      // the command that ends it
	BootTime time.Duration       `json:"boot_time,omitempty"` // in JSON a text such as "1.5s"
	StopTime time.Duration       `json:"stop_time,omitempty"`
	Rate     float64             `json:"rate,omitempty"`    // lines a second while it runs
	Lines    []string            `json:"lines,omitempty"`   // those lines, over and over
	Answers  map[string][]string `json:"answers,omitempty"` // to commands

	// CannotStart makes every start and every installation fail, as with an image
	// that cannot be pulled.
	CannotStart bool `json:"cannot_start,omitempty"`

	// Line and Answer are used instead of Lines and Answers where they are
	// set. They are called from several goroutines.
	Line   func(n int) string            `json:"-"`
	Answer func(command string) []string `json:"-"`
}

// SeedDatabaseHost is a host on which databases are created.
type SeedDatabaseHost struct {
	ID       int       `json:"id,omitempty"`
	Name     string    `json:"name,omitempty"`
	Host     string    `json:"host,omitempty"`
	Port     int       `json:"port,omitempty"`
	Username string    `json:"username,omitempty"`
	Node     int       `json:"node,omitempty"`
	Created  time.Time `json:"created,omitzero"`
}

// SeedServer is a server.
type SeedServer struct {
	ID          int     `json:"id,omitempty"`
	UUID        string  `json:"uuid,omitempty"`
	ExternalID  *string `json:"external_id,omitempty"`
	Name        string  `json:"name,omitempty"`
	Description string  `json:"description,omitempty"`

	Owner int `json:"owner,omitempty"` // a user, by default the first who is no admin
	Egg   int `json:"egg,omitempty"`   // by default the first

	// Allocations are those of the server, the first being the primary one.
	// Without any it gets a free one.
	Allocations []int `json:"allocations,omitempty"`

	// Status is "" for a server that is ready, or installing, install_failed,
	// reinstall_failed, suspended or restoring_backup.
	Status       string `json:"status,omitempty"`
	Transferring bool   `json:"transferring,omitempty"`

	// Running makes its game run from the start.
	Running bool `json:"running,omitempty"`

	Memory  int     `json:"memory,omitempty"` // MiB, 0 for no limit
	Swap    int     `json:"swap,omitempty"`   // MiB, -1 for no limit
	Disk    int     `json:"disk,omitempty"`   // MiB, 0 for no limit
	IO      int     `json:"io,omitempty"`     // 10 to 1000, 500 by default
	CPU     int     `json:"cpu,omitempty"`    // percent of one core, 0 for no limit
	Threads *string `json:"threads,omitempty"`

	DatabaseLimit   *int `json:"database_limit,omitempty"` // nil for no limit
	AllocationLimit *int `json:"allocation_limit,omitempty"`
	BackupLimit     int  `json:"backup_limit,omitempty"`

	Image       string            `json:"image,omitempty"`       // by default the egg's first
	Startup     string            `json:"startup,omitempty"`     // by default the egg's
	Environment map[string]string `json:"environment,omitempty"` // by default the egg's
	Files       map[string]string `json:"files,omitempty"`       // contents by path

	Subusers  []SeedSubuser  `json:"subusers,omitempty"`
	Databases []SeedDatabase `json:"databases,omitempty"`
	Schedules []SeedSchedule `json:"schedules,omitempty"`
	Backups   []SeedBackup   `json:"backups,omitempty"`
	Created   time.Time      `json:"created,omitzero"`
}

// SeedSubuser is a subuser of a server.
type SeedSubuser struct {
	ID          int       `json:"id,omitempty"`
	User        int       `json:"user"`
	Permissions []string  `json:"permissions"`
	Created     time.Time `json:"created,omitzero"`
}

// SeedDatabase is a database of a server.
type SeedDatabase struct {
	ID      int       `json:"id,omitempty"`
	Host    int       `json:"host,omitempty"`
	Name    string    `json:"name"` // without the prefix that the Panel puts before it
	Remote  string    `json:"remote,omitempty"`
	Created time.Time `json:"created,omitzero"`
}

// SeedSchedule is a schedule of a server.
type SeedSchedule struct {
	ID         int        `json:"id,omitempty"`
	Name       string     `json:"name"`
	Cron       string     `json:"cron,omitempty"` // five fields, by default "0 * * * *"
	Inactive   bool       `json:"inactive,omitempty"`
	OnlyOnline bool       `json:"only_when_online,omitempty"`
	Tasks      []SeedTask `json:"tasks,omitempty"`
	Created    time.Time  `json:"created,omitzero"`
}

// SeedTask is a task of a schedule.
type SeedTask struct {
	ID                int    `json:"id,omitempty"`
	Action            string `json:"action"`
	Payload           string `json:"payload,omitempty"`
	Offset            int    `json:"time_offset,omitempty"` // seconds
	ContinueOnFailure bool   `json:"continue_on_failure,omitempty"`
}

// SeedBackup is a complete backup of a server. It holds the files that the
// server starts with.
type SeedBackup struct {
	UUID    string    `json:"uuid,omitempty"`
	Name    string    `json:"name,omitempty"`
	Locked  bool      `json:"locked,omitempty"`
	Created time.Time `json:"created,omitzero"`
}
