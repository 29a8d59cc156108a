// Package paneltest is a Pterodactyl Panel with its Wings inside a test or a
// demo, as net/http/httptest is a web server: it starts in a line, runs in
// memory, and is gone when it is closed.
//
//	panel, err := paneltest.New()
//	if err != nil {
//		t.Fatal(err)
//	}
//	defer panel.Close()
//	c, err := client.New(panel.URL, panel.UserKey)
//
// It serves what a real Panel 1.11 serves, by the same rules and in the same
// words, and is held against recordings of one. Any client can use it, in any
// language: cmd/panelsim runs it as a program.
//
// # What is in it
//
// A [Panel] starts with [DefaultSeed]: an admin, a user and a subuser with a key
// each, an application key, two nodes, an egg that looks like a game of blocks
// and one that repeats what it is told, and servers that run, are offline, are
// being installed or are suspended. [WithSeed] and [WithSeedFile] put something
// else in its place, [GenerateSeed] makes as many servers as a test of load
// needs.
//
// What is created can be read, changed, listed and deleted. Permissions of
// subusers, the rights of application keys, limits of servers, validation and
// rate limits work as in the Panel.
//
// Each node has a Wings of its own: the WebSocket of the console, signed URLs,
// files, archives and backups. A running server runs a sample game, see
// [SeedGame]: it prints lines when it starts, answers commands, and stops when
// it is told to. Files are kept in memory, or in a folder with [WithFilesDir].
//
// # What goes wrong
//
// The methods of a Panel cause what a client has to live with. [Panel.Fail]
// spoils the next requests of an operation:
//
//	panel.Fail("clientGetServer", 2, paneltest.FaultStatus(502))
//	panel.Fail("clientListServers", 1, paneltest.FaultRateLimited(3*time.Second))
//	panel.Fail("", 1, paneltest.FaultDelay(time.Second), paneltest.FaultReset)
//
// Operations go by their operationId in api/openapi.yaml. Others change the
// world: [Panel.StopNode], [Panel.RestartWings], [Panel.DropSockets],
// [Panel.ExpireTokens], [Panel.RevokeTokens], [Panel.Suspend], [Panel.Crash],
// [Panel.Print], [Panel.SetRateLimits].
//
// [WithControl] offers the same over HTTP, for clients in other processes:
//
//	curl -X POST $URL/control/fail -d '{"operation":"clientGetServer","times":2,"faults":["502"]}'
//	curl -X POST $URL/control/drop-sockets
//	curl $URL/control/
//
// The faults are called there as they are here: "502", "429 3s", "delay 1s",
// "html", "garbage", "truncated", "reset" and "lost".
//
// # Time
//
// With [InMemory] the network is in memory too, so that all of it runs inside a
// bubble of testing/synctest, where hours pass in no time. Give
// [Panel.HTTPClient] to what is tested:
//
//	c, err := client.New(panel.URL, panel.UserKey, client.WithHTTPClient(panel.HTTPClient()))
//
// # Versions
//
// [WithVersion] chooses the Panel. "1.11" is the default. "1.12" has limits of
// its own for some operations, and a Wings that counts sockets and messages.
// "0.7" has the few operations of its time and their shapes.
//
// # Seeds as files
//
// A [Seed] may be written as JSON, with the names of its tags. Nearly all may be
// left out:
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
//
// # What it is not
//
// It keeps no more secrets than a test needs, and sends no mail. Schedules run
// when they are executed, not when their time comes. Databases have names and
// passwords, but nothing listens for them. There is no SFTP, no transfer between
// nodes, and no page for people.
package paneltest
