// Package console connects to the console of a server: the WebSocket of Wings, the
// daemon on the server's node. A [Console] renews its token, reconnects after a
// failure, and delivers each console line once, as typed events.
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
// # Life of a console
//
// [Dial] returns when the daemon has accepted the token and reported the server's
// power state. Its context bounds the dialing only. The console then lives until
// [Console.Close], or until the Panel says that there is nothing left to connect to:
// the server is deleted or suspended, or the permission is gone. [Console.Err]
// returns the reason. Meanwhile the console renews its token on the same socket. If
// the socket fails, it reconnects at once with the token it has, and then again after
// waits of at most a tenth of the time since the failure. Each of these steps is a
// [StateChange].
//
// # Lines
//
// After a reconnection the console reads the daemon's log, usually the last
// [LogLines] lines, on a second socket, and delivers the lines that were missed. Live
// lines wait until then, normally a tenth of a second. If it cannot prove that no
// line is missing and none comes twice, a [Gap] carries the reason. The daemon's own
// lines ("[Pterodactyl Daemon]: ...") are not in its log, and blank lines are left
// out, as on a live connection.
//
// # Readers
//
// [Console.Events] iterates over the events. [Console.Subscribe] adds further
// readers. Each reader has its own buffer, so a slow one delays nobody: the daemon
// slows down all clients of a server if one of them stops reading. A reader that is
// too slow loses the oldest events and gets their number as [Dropped], unless it
// chose [KeepAll].
//
// # Requests
//
// Commands, power signals and other requests keep to the limits of Wings 1.12:
// [CommandBurst] commands at first, [CommandSpacing] apart, then one per
// [CommandInterval]. Requests wait for their turn, and for a connection, as long as
// their context allows. None is ever sent twice. [Start], [Stop] and [Restart] return
// when the server has reached the power state.
//
// # Many servers
//
// A [Group] keeps the consoles of many servers and merges their events. A node that
// does not answer never delays the consoles of others.
package console

// How it works, on one page.
//
//	callers ──┐                       ┌── goroutines and timers of the shell
//	          ▼                       ▼
//	   Console.input ── mu ──► core: all state, all decisions ──► actions, events
//	          ▲                                                      │
//	          └───────────── results of actions ◄── shell ◄──────────┘
//
// The core is a machine without sockets, goroutines, locks and clocks. Each of its
// inputs takes the time and one thing that happened: a message came, a socket broke,
// the Panel answered, a caller wants something, the alarm rang. It leaves behind
// actions, events to publish, and the time of the next alarm. It is the only place
// that decides. Its files:
//
//	core.go        state and inputs
//	connection.go  dialing, backoff, keep-alive; settle runs what is due
//	renewal.go     the token of the main socket; commands that may be lost
//	server.go      power, uptime, lines, crashes
//	reading.go     reading the log on a second socket
//	history.go     what is known of lines, runs and the log's size
//	continuity.go  which lines of the log are missing, with the proof
//	sending.go     requests of callers; pace.go: when they may be sent
//
// The shell (shell.go, console.go) carries out the actions and decides nothing. Its
// one mutex is held for an input and for handing on the results, never while
// waiting. Whatever waits has a goroutine of its own, which ends with the wait:
//
//	goroutine       lives                               input
//	listen          as long as its socket               frames, broken
//	open            until the socket is open            dialBegins, opened, failed
//	fetch           until the Panel has answered        fetched
//	lane            while messages are written,         written
//	                or while the logger is called
//	ping            until the daemon has answered       pong
//	ring (a timer)  for a moment                        tick
//
// At rest there is one goroutine, listen. It passes on everything that one read of
// the connection brought as one input.
//
// Phases of a connection, which are the states of events.go:
//
//	fetching → dialing → authenticating → live (→ renewing → live) → waiting → … → closed
//
// The core owns all of the state:
//
//	fetching (type)  when the Panel is asked, and how often
//	tokenState       the token of the main socket
//	wire             the main socket, and when it was heard
//	logRead          a reading of the log, on the second socket
//	history          the last lines that were handed out
//	logSize          how many lines the daemon's log has
//	runClock         when the server was started
//	interruption     what was known when lines began to be missed
//	outbox           requests that wait
//
// The shell owns the sockets, the timer and the readers.
