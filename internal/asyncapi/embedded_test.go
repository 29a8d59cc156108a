package asyncapi_test

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/internal/asyncapi"
	"github.com/ptero-go/ptero/paneltest"
)

// What the embedded Wings sends in a session with every kind of request is what
// the document describes.
func TestEmbeddedWingsIsDescribed(t *testing.T) {
	t.Parallel()
	panel, err := paneltest.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(panel.Close)
	c, err := client.New(panel.URL, panel.UserKey, client.WithHTTPClient(panel.HTTPClient()))
	if err != nil {
		t.Fatal(err)
	}
	page, err := c.Servers.List(t.Context(), client.ServerListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ready := slices.IndexFunc(page.Items, func(s *client.Server) bool { return s.Status == nil && s.ServerOwner })
	if ready < 0 {
		t.Fatal("the account owns no server that can be used")
	}
	server := page.Items[ready].UUID
	credentials, err := c.Servers.Websocket(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second) // only ever reached by a failure
	defer cancel()
	conn, _, err := websocket.Dial(ctx, credentials.Socket, &websocket.DialOptions{ //nolint:bodyclose // the library closes it
		HTTPClient: panel.HTTPClient(), HTTPHeader: http.Header{"Origin": {panel.URL}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	conn.SetReadLimit(1 << 20)
	send := func(message string) {
		t.Helper()
		if err := contract(t).Check(asyncapi.ToWings, []byte(message)); err != nil {
			t.Fatal(err)
		}
		if err := conn.Write(ctx, websocket.MessageText, []byte(message)); err != nil {
			t.Fatal(err)
		}
	}
	// read checks messages until one arrives that contains a text.
	read := func(text string) {
		t.Helper()
		for {
			_, message, err := conn.Read(ctx)
			if err != nil {
				t.Fatalf("waiting for %q: %v", text, err)
			}
			if err := contract(t).Check(asyncapi.FromWings, message); err != nil {
				t.Errorf("%s: %v", message, err)
			}
			if bytes.Contains(message, []byte(text)) {
				return
			}
		}
	}
	send(`{"event":"send stats","args":[]}`)
	read("jwt error") // before the token
	send(`{"event":"auth","args":["` + credentials.Token + `"]}`)
	read("auth success")
	read(`"status"`)
	send(`{"event":"send logs","args":[]}`)
	send(`{"event":"send command","args":["say hello"]}`)
	read("hello")
	send(`{"event":"send stats","args":[]}`)
	read(`"stats"`)
	send(`{"event":"set state","args":["kill"]}`)
	read(`["offline"]`)
}
