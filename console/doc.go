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
// right one. From then on the console lives until its context ends, until
// [Console.Close], or until there is nothing to connect to any more: the server
// is deleted or suspended, or the permission is gone. [Console.Err] tells why. In between it renews its token
// on the same socket, and when the socket fails it connects again, at first
// quickly and then up to a minute apart. Each of these steps is a [StateChange].
//
// # Lines
//
// After a reconnection the console asks the daemon for its log, the last 150
// lines at most, and hands out those that it has not handed out before. Where it
// cannot tell that nothing is missing and nothing comes twice, a [Gap] says so
// and why. Lines of the daemon itself ("[Pterodactyl Daemon]: ...") are not in
// that log, and blank lines are left out as they are on a live connection.
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
// 1.12, so a long series of them takes its time: nine commands at once, then
// one in 1.1 seconds. They wait their turn, and for a connection, as long as
// their context allows. None is ever sent twice.
package console
