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
// It serves what a real Panel serves, by the same rules and in the same words,
// and is held against recordings of two. Any client can use it, in any language:
// cmd/panelsim runs it as a program.
//
// A [Panel] starts with [DefaultSeed], [WithSeed] and [WithSeedFile] put something
// else in its place, and [GenerateSeed] makes as many servers as a test of load
// needs. What is created can be read, changed, listed and deleted. Permissions,
// the rights of keys, limits of servers, validation and rate limits work as in the
// Panel. Each node has a Wings of its own: the WebSocket of the console, signed
// URLs, files, archives and backups. A running server runs a sample game, see
// [SeedGame].
//
// # What goes wrong
//
// [Panel.Fail] spoils the next requests of an operation, which goes by its
// operationId in api/openapi.yaml:
//
//	panel.Fail("clientGetServer", 2, paneltest.FaultStatus(502))
//	panel.Fail("", 1, paneltest.FaultDelay(time.Second), paneltest.FaultReset)
//	panel.Fail("wingsUploadFiles", 1, paneltest.FaultFor("/world/level.dat"), paneltest.FaultLost)
//
// Other methods change the world, such as [Panel.ExpireTokens], [Panel.Suspend],
// [Panel.Transfer], [Panel.Crash] and [Panel.Print]. The network fails too:
// [Panel.DropSockets], [Panel.CutSockets], [Panel.RefuseDials], [Panel.Freeze],
// [Panel.BlackHole], [Panel.StopNode] and [Panel.RestartWingsAfter].
//
// Wings is as rude as a real one: commands that are sent together overtake each
// other, and live lines stand among those of the log. See [WithChance].
//
// # What went on
//
// [Panel.Requests] and [Panel.Commands] return what was asked and typed, in order,
// to assert on. [Panel.Server] finds a server by its name.
//
// [WithControl] offers all of this over HTTP, for clients in other processes; the
// faults are called there as they are here:
//
//	curl -X POST $URL/control/fail -d '{"operation":"clientGetServer","times":2,"faults":["delay 1s","502"]}'
//	curl $URL/control/requests
//	curl $URL/control/
//
// # Time
//
// With [InMemory] the network is in memory too, so that all of it runs inside a
// bubble of testing/synctest, where hours pass in no time. Give
// [Panel.HTTPClient] to what is tested.
//
// # What differs by version
//
// [WithVersion] chooses the Panel, and with it a Wings that fits, unless
// [WithWings] chooses that.
//
//	0.7     60 and 120 requests a minute to the two APIs; the few operations of its
//	        time, and their shapes
//	1.11    720 and 240 requests; ten pulls in 5 minutes; Wings has no limits, lists
//	        files before folders, and keeps the sockets of those who may no longer
//	1.12.0  128 and 240 requests; consoles, pulls, restores and what is created are
//	        limited by server; Wings limits sockets and messages, and ends sockets
//	        of suspended servers and removed subusers
//	1.12.3  256 and 256 requests; long identifiers; three e-mail changes a day; 400
//	        for an unknown variable; tokens with a scope, which Wings asks for
//
// # What it is not
//
// It sends no mail. Schedules run when they are executed, not when their time
// comes. Nothing listens for databases. There is no SFTP, and no page for
// people but that of cmd/panelsim.
package paneltest
