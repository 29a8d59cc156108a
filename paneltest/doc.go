// Package paneltest runs a fake Pterodactyl Panel with its Wings inside a test or a
// demo, as net/http/httptest runs a web server: one call starts it, it keeps its
// state in memory, and Close removes it.
//
//	panel, err := paneltest.New()
//	if err != nil {
//		t.Fatal(err)
//	}
//	defer panel.Close()
//	c, err := client.New(panel.URL, panel.UserKey)
//
// It serves what a real Panel or Pelican serves, by the same rules and in the same
// words, tested against their recordings. cmd/panelsim runs it as a program.
//
// A [Panel] starts with the content of [DefaultSeed]; [WithSeed] and
// [WithSeedFile] replace it, and [GenerateSeed] makes many servers for load tests.
// What is created can be read, changed, listed and deleted. Permissions, the
// rights of keys, limits of servers, validation and rate limits work as in the
// Panel. Each node has a Wings of its own with the WebSocket of the console,
// signed URLs, files, archives and backups. A running server runs a sample game,
// see [SeedGame].
//
// # Faults
//
// [Panel.Fail] makes the next requests to an operation fail. The operation is named
// by its operationId in api/openapi.yaml:
//
//	panel.Fail("clientGetServer", 2, paneltest.FaultStatus(502))
//	panel.Fail("", 1, paneltest.FaultDelay(time.Second), paneltest.FaultReset)
//	panel.Fail("wingsUploadFiles", 1, paneltest.FaultFor("/world/level.dat"), paneltest.FaultLost)
//
// Other methods cause events: [Panel.ExpireTokens], [Panel.Suspend],
// [Panel.Transfer], [Panel.Crash] and [Panel.Print]. The network can fail too:
// [Panel.DropSockets], [Panel.CutSockets], [Panel.RefuseDials], [Panel.Freeze],
// [Panel.BlackHole], [Panel.StopNode] and [Panel.RestartWingsAfter].
//
// Wings is no more polite than a real one: commands sent together overtake each
// other, and live lines appear among those of the log. See [WithChance].
//
// # Looking at what happened
//
// [Panel.Requests] and [Panel.Commands] return the requests and the commands, in
// order, for assertions. [Panel.Server] finds a server by its name.
//
// [WithControl] offers all of this over HTTP, for clients in other processes, under
// the same names:
//
//	curl -X POST $URL/control/fail -d '{"operation":"clientGetServer","times":2,"faults":["delay 1s","502"]}'
//	curl $URL/control/requests
//	curl $URL/control/
//
// # Time
//
// With [InMemory] the network is in memory too, for a bubble of testing/synctest,
// where hours pass in no time. Pass [Panel.HTTPClient] to the client under test.
//
// # Differences by version
//
// [WithVersion] chooses the Panel with a fitting Wings, [WithWings] another Wings.
//
//	0.7     60 and 120 requests a minute to the two APIs; few operations, old shapes
//	1.11    720 and 240; ten pulls in 5 minutes; Wings has no limits, lists files
//	        first, and keeps sockets open whose user lost access
//	1.12.0  128 and 240; limits by server for consoles, pulls, restores and creation;
//	        Wings limits sockets and messages, and ends those that lost access
//	1.12.3  256 and 256; long identifiers; three e-mail changes a day; 400 for an
//	        unknown variable; tokens with a scope, which Wings asks for
//	pelican 256 and 256; roles, mounts, plugins and tags, but no nests, locations or
//	        second factor; failures of nodes are 500; Wings finds features
//
// # Limitations
//
// No mail is sent. Schedules run only when they are executed through the API, not
// at their times. No database server listens. There is no SFTP and no web
// interface except the page of cmd/panelsim.
package paneltest
