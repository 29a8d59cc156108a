// Package console will hold the console of a server over the WebSocket of its
// node's daemon: a connection that renews its token, reconnects after a failure
// and hands out each line of the console once, as typed events. The protocol
// is described in api/openapi.yaml under x-websocket; package client gives the
// credentials ([github.com/ptero-go/ptero/client.ServersService.Websocket]).
package console
