package client_test

import (
	"context"
	"testing"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/gen/clientapi"
	"github.com/ptero-go/ptero/internal/recorded"
)

// wrappers tells how to make the recorded request of each operation.
var wrappers = map[string]func(context.Context, *client.Client, *recorded.Exchange) (any, error){
	"clientListServers": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Servers.List(ctx, client.ServerListOptions{
			Page: e.QueryInt("page"), PerPage: e.QueryInt("per_page"),
			Scope: client.ServerScope(e.Query("type")),
			Filter: client.ServerFilter{
				UUID: e.Query("filter[uuid]"), Name: e.Query("filter[name]"), Description: e.Query("filter[description]"),
				ExternalID: e.Query("filter[external_id]"), Any: e.Query("filter[*]"),
			},
			Include: recorded.Includes[client.ServerInclude](e),
		})
	},
	"clientGetAccount": func(ctx context.Context, c *client.Client, _ *recorded.Exchange) (any, error) {
		return c.Account.Get(ctx)
	},
	"clientListSshKeys": func(ctx context.Context, c *client.Client, _ *recorded.Exchange) (any, error) {
		return c.SSHKeys.List(ctx)
	},
	"clientCreateSshKey": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.SSHKeys.Create(ctx, recorded.Body[client.CreateSSHKeyRequest](e))
	},
	"clientRemoveSshKey": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return nil, c.SSHKeys.Remove(ctx, recorded.Body[client.RemoveSSHKeyRequest](e).Fingerprint)
	},
	"clientGetServer": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Servers.Get(ctx, e.Params["server"], recorded.Includes[client.ServerInclude](e)...)
	},
	"clientGetServerResources": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Servers.Resources(ctx, e.Params["server"])
	},
	"clientGetServerWebsocket": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Servers.Websocket(ctx, e.Params["server"])
	},
	"clientSendCommand": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Servers.Command(ctx, e.Params["server"], recorded.Body[client.SendCommandRequest](e).Command)
	},
	"clientSetPowerState": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Servers.Power(ctx, e.Params["server"], recorded.Body[client.SetPowerStateRequest](e).Signal)
	},
}

// Every recorded exchange of the Client API goes through its wrapper: the
// request as sent is the recorded one, the answer comes out with nothing lost.
func TestWrappersAgainstRecordings(t *testing.T) {
	t.Parallel()
	for _, e := range recorded.Exchanges(t, clientapi.Operations()) {
		call := wrappers[e.Operation]
		if e.Unsent() != "" || call == nil {
			continue
		}
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			e.Check(t, func(panelURL string) (any, error) {
				c, err := client.New(panelURL, "ptlc_"+e.Request.Key, client.WithRetries(0))
				if err != nil {
					return nil, err
				}
				return call(t.Context(), c, e)
			})
		})
	}
}
