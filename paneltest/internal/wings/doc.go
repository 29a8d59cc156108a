// Package wings is the Wings of a node: the WebSockets of its servers, power and
// a sample game, files, archives and backups, signed URLs and limits. It knows
// nothing of the Panel but what [protocol.Remote] says.
//
// A [Daemon] has a [Server] for each server. A server that runs has a game, with
// a goroutine of its own; each WebSocket has one that reads and one that writes.
// What happens to a server is published to its sockets while its turn "acting"
// is held, so that all of them see one order. The Daemon's lock guards which
// servers and sockets there are, a Server's what state it is in; no lock is held
// while something is sent, and none is held when the Panel is called.
package wings
