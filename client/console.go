package client

import (
	"context"
	"net/http"
	"strings"
)

// ConsoleSource provides what package console needs to open the console of a
// server: credentials, the Panel's address and an http.Client. It is a
// console.Source.
type ConsoleSource struct {
	servers *ServersService
	server  string
}

// Console returns the source of a server's console, for the Dial of package
// console. It sends nothing; an invalid identifier gives an error when the
// console is dialed.
func (s *ServersService) Console(server string) *ConsoleSource { return &ConsoleSource{s, server} }

// Credentials fetches the address of the server's socket and a new token, as
// [ServersService.Websocket] does.
func (s *ConsoleSource) Credentials(ctx context.Context) (*WebsocketCredentials, error) {
	return s.servers.Websocket(ctx, s.server)
}

// Origin is the Panel's address without a trailing slash. Daemons accept sockets
// from this origin only.
func (s *ConsoleSource) Origin() string { return strings.TrimRight(s.servers.core.Server(), "/") }

// HTTPClient returns a client with the transport of [WithHTTPClient], or with
// the SDK's own.
func (s *ConsoleSource) HTTPClient() *http.Client { return s.servers.core.HTTPClient() }

// String returns a text that names the server.
func (s *ConsoleSource) String() string { return "console of server " + s.server }
