// Package console is the console of a server over the WebSocket of its node's
// daemon, Wings: a connection that renews its token, reconnects after a failure
// and hands out each line of the console once, as typed events.
//
//	con, err := console.Dial(ctx, c.Servers.Console("1a7c00d1"))
//	if err != nil {
//		log.Fatal(err)
//	}
//	defer con.Close()
//	for event, err := range con.Events(ctx) {
//		if err != nil {
//			log.Fatal(err)
//		}
//		switch e := event.(type) {
//		case console.Output:
//			fmt.Println(e.Text())
//		case console.Gap:
//			fmt.Println("lines may be missing:", e.Reason)
//		}
//	}
//
// # Life
//
// [Dial] returns when the daemon has taken the token and shown that it is the
// right one. Its context bounds the dialing alone. From then on the console lives
// until [Console.Close], or until the Panel says that there is nothing to connect
// to any more: the server is deleted or suspended, or the permission is gone.
// [Console.Err] returns why. In between it renews its token on the same socket,
// and when the socket fails it connects again: at once, and then at most a tenth
// of the time since the failure later, with the token at hand for as long as that
// lasts. Each of these steps is a [StateChange].
//
// # Lines
//
// After a reconnection the console reads the daemon's log, the last [LogLines]
// lines at most, on a second socket, and hands out those lines that it has not
// handed out before; live lines wait for that, a tenth of a second as a rule.
// Where it cannot tell that nothing is missing and nothing comes twice, a [Gap]
// says so and why. Lines of the daemon itself ("[Pterodactyl Daemon]: ...") are
// not in that log, and blank lines are left out as they are on a live connection.
//
// # Readers
//
// Events are handed out by [Console.Events], and to any number of further
// readers by [Console.Subscribe]. Each has a buffer of its own, so that a slow
// reader delays nobody: the daemon slows down all clients of a server when one
// of them does not read. A reader that is too slow loses the oldest events and
// is told how many, see [Dropped], unless it chose [KeepAll].
//
// # Requests
//
// Commands, power signals and the other requests keep to the limits of Wings
// 1.12, so a long series of them takes its time: [CommandBurst] commands at
// first, [CommandSpacing] apart, then one in [CommandInterval]. They wait their
// turn, and for a connection, as long as their context allows. None is ever sent
// twice. [Start], [Stop] and [Restart] return when it has happened.
package console

// How it works, on one page.
//
//	callers ──┐                       ┌── goroutines and timers of the shell:
//	          ▼                       ▼
//	   Console.input ── mu ──► core: all state, all decisions ──► actions, events
//	          ▲                                                      │
//	          └───────── what came of the actions ◄── shell ◄────────┘
//
// The core (core.go: its state and inputs; connection.go, renewal.go, server.go,
// sending.go, reading.go: what it does about each) is a machine without sockets, goroutines, locks and clocks.
// Each of its inputs takes the time and something that happened: a message came,
// a socket broke, the Panel answered, a caller wants something, a time was
// reached. It leaves behind actions to be done, events to be published, and the
// time at which it wants to be woken. It is the only place that decides.
//
// The shell (shell.go, console.go) does what the core wants, and nothing of its
// own. It holds one mutex for an input and for handing on what follows from it,
// and never waits with it. What waits, runs in a goroutine that ends with it:
//
//	goroutine        lives                                 hands in
//	listen           as long as its socket                 frames, broken
//	open, fetch      until a socket is open, until the     opened, failed, fetched
//	                 Panel has answered
//	lane             while messages are being written,     written
//	                 or while the logger is told
//	ping             until the daemon has answered         pong
//	ring (a timer)   for a moment, at the time wanted      tick
//
// At rest there is one, listen. It hands in what one read of the connection
// brought, in one piece.
//
// The phases of a connection are the states of events.go: fetching → dialing →
// authenticating → live (→ renewing → live) → waiting → … → closed. Within them
//
//	fetching    (the type)  when the Panel is asked, and how often
//	tokenState              where the token of the main socket stands
//	wire                    the main socket, when it was heard
//	logRead                 a reading of the log, on the second socket (history.go)
//	history                 the lines handed out; runClock: when the server started
//	interruption            what was known when lines began to be missed
//	outbox                  what callers want sent (pace.go: when it may be)
//
// are owned by the core. Why lines come once and in order stands in
// continuity.go, and model_test.go tries all of it.
