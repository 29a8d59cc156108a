package main

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/ptero-go/ptero/paneltest"
)

// demoSeed is what the Panel of --demo holds.
func demoSeed(now time.Time) paneltest.Seed {
	const day = 24 * time.Hour
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	some := func(n int) *int { return &n }
	seed := paneltest.DefaultSeed()
	nests := seed.Nests
	nests[0].Eggs[0].Game.Rate = 0.5
	nests[0].Eggs[0].Game.Line = func(n int) string {
		return fmt.Sprintf("[%s INFO]: %s", time.Now().Format(time.TimeOnly), demoLines[n%len(demoLines)])
	}
	ports := func(first, n int) []paneltest.SeedAllocation {
		allocations := make([]paneltest.SeedAllocation, n)
		for i := range allocations {
			allocations[i] = paneltest.SeedAllocation{IP: "203.0.113.10", Port: first + i}
		}
		return allocations
	}
	server := func(name string, mutate func(*paneltest.SeedServer)) paneltest.SeedServer {
		s := paneltest.SeedServer{
			Name: name, Owner: 1, Memory: 4096, Disk: 10240, CPU: 200, DatabaseLimit: some(3), AllocationLimit: some(5), BackupLimit: 20,
			Created: ago(90 * day), UUID: demoUUID(name),
		}
		mutate(&s)
		return s
	}
	backup := func(name string, age time.Duration, locked bool) paneltest.SeedBackup {
		return paneltest.SeedBackup{UUID: demoUUID(name), Name: name, Created: ago(age), Locked: locked}
	}
	var nightly []paneltest.SeedBackup
	for n := range 9 {
		nightly = append(nightly, backup("nightly "+ago(time.Duration(n)*day).Format(time.DateOnly), time.Duration(n)*day+3*time.Hour, n == 8))
	}
	return paneltest.Seed{
		Users: []paneltest.SeedUser{
			{Username: "demo", Email: "demo@example.org", FirstName: "Dana", LastName: "Demo", Admin: true, Created: ago(400 * day)},
			{Username: "friend", Email: "friend@example.org", FirstName: "Finn", LastName: "Friend", Created: ago(200 * day)},
		},
		Locations: []paneltest.SeedLocation{{Short: "eu", Created: ago(400 * day)}, {Short: "us", Created: ago(300 * day)}},
		Nodes: []paneltest.SeedNode{
			{Name: "eu-1", Location: 1, Memory: 65536, Disk: 500000, Allocations: ports(25565, 10), Created: ago(400 * day)},
			{Name: "us-1", Location: 2, Memory: 32768, Disk: 250000, Allocations: ports(27015, 10), Created: ago(300 * day)},
		},
		Nests:         nests,
		DatabaseHosts: seed.DatabaseHosts,
		Servers: []paneltest.SeedServer{
			server("lobby", func(s *paneltest.SeedServer) {
				s.Running, s.Description, s.Backups = true, "Where all begins.", nightly
				s.Files = map[string]string{
					"server.properties": "motd=Welcome to the demo\nmax-players=20\nview-distance=10\n", "eula.txt": "eula=true\n",
					"logs/latest.log": "[12:00:00] Starting the server\n[12:00:03] Done\n", "world/level.dat": "a world\n",
					"plugins/Greeter/config.yml": "greeting: Hello\n", "plugins/Greeter.jar": "a program\n",
				}
				s.Subusers = []paneltest.SeedSubuser{{User: 2, Permissions: []string{"websocket.connect", "control.console", "file.read"}, Created: ago(30 * day)}}
				s.Databases = []paneltest.SeedDatabase{{Host: 1, Name: "stats", Created: ago(60 * day)}}
				s.Schedules = []paneltest.SeedSchedule{
					{Name: "nightly backup", Cron: "0 4 * * *", Created: ago(60 * day), Tasks: []paneltest.SeedTask{
						{Action: "command", Payload: "say The backup begins"}, {Action: "backup", Offset: 60},
					}},
					{Name: "restart", Cron: "30 5 * * 1", OnlyOnline: true, Created: ago(60 * day), Tasks: []paneltest.SeedTask{{Action: "power", Payload: "restart"}}},
				}
			}),
			server("survival", func(s *paneltest.SeedServer) { s.Running, s.Memory = true, 8192 }),
			server("creative", func(s *paneltest.SeedServer) { s.Running = true }),
			server("minigames", func(s *paneltest.SeedServer) { s.Running, s.CPU = true, 400 }),
			server("event", func(s *paneltest.SeedServer) { s.Description = "Started for events only." }),
			server("staging", func(s *paneltest.SeedServer) { s.Status = "installing" }),
			server("unpaid", func(s *paneltest.SeedServer) { s.Status = "suspended" }),
			server("proxy", func(s *paneltest.SeedServer) { s.Running, s.Egg, s.Memory, s.Allocations = true, 2, 1024, []int{11} }),
			server("friends-world", func(s *paneltest.SeedServer) { s.Owner, s.Running, s.Allocations = 2, true, []int{12} }),
		},
		AutoAllocation: true, PortStart: 26000, PortEnd: 26099,
	}
}

// demoUUID returns a UUID that is the same each time, so that identifiers work
// in the next command too.
func demoUUID(name string) string {
	sum := sha256.Sum256([]byte(name))
	sum[6], sum[8] = sum[6]&0x0f|0x40, sum[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// demoLines are what the games of the demo print.
var demoLines = []string{
	"Ada joined the game", "<Ada> hello", "Saved the game", "Finn joined the game", "<Finn> hi Ada",
	"Ada has made the advancement [Stone Age]", "Finn left the game", "Can't keep up! Is the server overloaded?",
	fmt.Sprintf("Seed %d", rand.IntN(1e9)), "Ada left the game",
}
