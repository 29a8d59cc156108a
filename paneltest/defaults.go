package paneltest

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// The accounts of [DefaultSeed]. All of them have the password "password".
const (
	DefaultAdmin   = "admin"   // ID 1, owns the server "proxy"
	DefaultUser    = "user"    // ID 2, owns the other servers
	DefaultSubuser = "subuser" // ID 3, may read files and use the console of "lobby"
)

const defaultPassword = "password"

// some returns a pointer to a value.
func some[T any](value T) *T { return &value }

// DefaultSeed returns the Seed that a [Panel] starts with if it is given none:
// three accounts, a location, two nodes with allocations, a nest with two eggs
// and their variables, and these servers:
//
//	ID  name        owner  state
//	1   lobby       user   running, with a subuser, a schedule and files
//	2   survival    user   offline
//	3   installing  user   being installed
//	4   suspended   user   suspended
//	5   proxy       admin  running, on the second node
func DefaultSeed() Seed {
	limits := func(s SeedServer) SeedServer {
		s.Memory, s.Disk, s.CPU = 1024, 2048, 200
		s.DatabaseLimit, s.AllocationLimit, s.BackupLimit = some(2), some(3), 3
		return s
	}
	ports := func(n int) []SeedAllocation {
		allocations := make([]SeedAllocation, n)
		for i := range allocations {
			allocations[i] = SeedAllocation{IP: "127.0.0.1", Port: 25565 + i}
		}
		return allocations
	}
	return Seed{
		Users: []SeedUser{
			{
				Username: DefaultAdmin, Email: "admin@example.org", FirstName: "Ada", LastName: "Admin", Admin: true,
				Keys: []SeedKey{{Description: "client"}, {Description: "application", Application: true}},
			},
			{Username: DefaultUser, Email: "user@example.org", FirstName: "Uma", LastName: "User"},
			{Username: DefaultSubuser, Email: "subuser@example.org", FirstName: "Sam", LastName: "Subuser"},
		},
		Locations: []SeedLocation{{Short: "home", Long: some("This very machine")}},
		Nodes: []SeedNode{
			{Name: "node-1", Description: some("The first node"), Memory: 16384, Disk: 65536, Allocations: ports(10)},
			{Name: "node-2", Memory: 8192, Disk: 32768, Allocations: ports(5)},
		},
		Nests: []SeedNest{{
			Name: "Games", Author: "eggs@example.org", Description: some("Things to play."),
			Eggs: []SeedEgg{blocks(), shell()},
		}},
		DatabaseHosts: []SeedDatabaseHost{{Name: "databases", Host: "127.0.0.1", Port: 3306, Username: "panel"}},
		Servers: []SeedServer{
			limits(SeedServer{
				Name: "lobby", Description: "Where all begins.", ExternalID: some("lobby-1"), Owner: 2, Running: true,
				Files:    map[string]string{"server.properties": "motd=Hello\nmax-players=20\n", "logs/latest.log": "[12:00:00] started\n"},
				Subusers: []SeedSubuser{{User: 3, Permissions: []string{"websocket.connect", "control.console", "file.read", "file.read-content"}}},
				Schedules: []SeedSchedule{{
					Name: "nightly", Cron: "0 4 * * *",
					Tasks: []SeedTask{{Action: "command", Payload: "say Good night"}, {Action: "backup", Offset: 60}},
				}},
			}),
			limits(SeedServer{Name: "survival", Owner: 2}),
			limits(SeedServer{Name: "installing", Owner: 2, Status: model.StatusInstalling}),
			limits(SeedServer{Name: "suspended", Owner: 2, Status: model.StatusSuspended}),
			limits(SeedServer{Name: "proxy", Owner: 1, Egg: 2, Allocations: []int{11}, Running: true}),
		},
		AutoAllocation: true, PortStart: 26000, PortEnd: 26099,
	}
}

// blocks is an egg like those of block games.
func blocks() SeedEgg {
	return SeedEgg{
		Name: "Blocks", Description: some("A game of blocks."),
		Images: []SeedImage{
			{"Java 21", "ghcr.io/example/yolks:java_21"},
			{"Java 17", "ghcr.io/example/yolks:java_17"},
		},
		Features:    []string{"eula", "java_version", "pid_limit"},
		Startup:     "java -Xms128M -Xmx{{SERVER_MEMORY}}M -jar {{SERVER_JARFILE}}",
		Stop:        some("stop"),
		ConfigFiles: json.RawMessage(`{"server.properties":{"parser":"properties","find":{"server-port":"{{server.build.default.port}}"}}}`),
		ConfigStart: json.RawMessage(`{"done":")! For help, type "}`),
		Variables: []SeedVariable{
			{Name: "Server Jar File", Description: "The file to run.", Env: "SERVER_JARFILE", Default: "server.jar", Rules: `required|regex:/^([\w\d._-]+)(\.jar)$/`},
			{Name: "Version", Description: "What to install.", Env: "VERSION", Default: "latest", Rules: "required|string|between:3,15"},
			{Name: "Build", Description: "Set by the host.", Env: "BUILD", Default: "7", ReadOnly: true, Rules: "required|integer|between:1,99"},
			{Name: "License", Description: "A secret of the host.", Env: "LICENSE", Hidden: true, ReadOnly: true, Rules: "nullable|string|max:64"},
		},
		Game: SeedGame{
			Boot:     []string{"Starting the server", "Loading properties", "Preparing the world"},
			Done:     `Done (0.4s)! For help, type "help"`,
			BootTime: 400 * time.Millisecond, StopTime: 100 * time.Millisecond,
			Answers: map[string][]string{
				"help": {"help, list, say, stop"},
				"list": {"There are 0 of a max of 20 players online:"},
				"stop": {"Stopping the server", "Saving the world"},
			},
		},
	}
}

// shell is an egg that repeats what it is told.
func shell() SeedEgg {
	return SeedEgg{
		Name: "Shell", Images: []SeedImage{{"Debian", "ghcr.io/example/yolks:debian"}},
		Startup: `sh run.sh "{{GREETING}}"`, Stop: some("exit"),
		ConfigStart: json.RawMessage(`{"done":"ready"}`),
		Variables:   []SeedVariable{{Name: "Greeting", Env: "GREETING", Default: "hello", Rules: "required|string|max:20"}},
		Game:        SeedGame{Boot: []string{"booting"}, Done: "ready", Stop: "exit", BootTime: 50 * time.Millisecond},
	}
}

// GenerateSeed returns a Seed with many servers, and an account for every tenth
// of them, for tests of paging and of load. It has the accounts and the eggs of
// [DefaultSeed].
func GenerateSeed(servers int) Seed {
	seed := DefaultSeed()
	seed.Servers = make([]SeedServer, servers)
	seed.Nodes = []SeedNode{{Name: "node-1", Memory: 1 << 24, Disk: 1 << 24, Allocations: make([]SeedAllocation, servers)}}
	const firstPort, ports = 10000, 50000
	for i := range servers {
		address := i/ports + 1
		seed.Nodes[0].Allocations[i] = SeedAllocation{IP: "10.0.0." + strconv.Itoa(address), Port: firstPort + i%ports}
		if i%10 == 0 {
			n := strconv.Itoa(i/10 + 1)
			seed.Users = append(seed.Users, SeedUser{Username: "player" + n, Email: "player" + n + "@example.org", FirstName: "Player", LastName: n})
		}
		seed.Servers[i] = SeedServer{
			Name: "server-" + strconv.Itoa(i+1), Owner: len(seed.Users), Allocations: []int{i + 1},
			Memory: 512, Disk: 1024, CPU: 100, BackupLimit: 1,
		}
	}
	return seed
}
