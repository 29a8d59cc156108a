package client_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/envelope"
)

// Both clients reach endpoints that they have no method for, with their key.
func TestDo(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+testKey || r.Method != http.MethodPost {
			t.Errorf("%s with %q", r.Method, r.Header.Get("Authorization"))
		}
		_, _ = io.WriteString(w, `{"object":"list","data":[{"object":"vote","attributes":{"name":"`+r.URL.Path+`"}}]}`)
	})
	admin, err := application.New(url, testKey)
	if err != nil {
		t.Fatal(err)
	}
	type vote struct{ Name string }
	for path, do := range map[string]func(answer any) error{
		"/api/client/votes": func(answer any) error {
			return newClient(t, url).Do(t.Context(), http.MethodPost, "/api/client/votes", vote{"x"}, answer)
		},
		"/api/application/votes": func(answer any) error {
			return admin.Do(t.Context(), http.MethodPost, "/api/application/votes", vote{"x"}, answer)
		},
	} {
		var votes envelope.List[vote]
		if err := do(&votes); err != nil || len(votes.Data) != 1 || votes.Data[0].Attributes.Name != path {
			t.Errorf("%s: %+v, %v", path, votes, err)
		}
		if err := do(7); !errors.Is(err, client.ErrArgument) {
			t.Errorf("%s: err = %v, want ErrArgument", path, err)
		}
	}
}

// What is kept for later calls can be closed.
func TestCloseIdleConnections(t *testing.T) {
	t.Parallel()
	closed := make(chan struct{}, 10)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"object":"user","attributes":{"id":7}}`)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			closed <- struct{}{}
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	c := newClient(t, server.URL)
	admin, err := application.New(server.URL, testKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		call  func() error
		close func()
	}{
		"client":      {func() error { return second(c.Account.Get(t.Context())) }, c.CloseIdleConnections},
		"application": {func() error { return second(admin.Users.Get(t.Context(), 7)) }, admin.CloseIdleConnections},
	} {
		if err := tt.call(); err != nil {
			t.Fatal(err)
		}
		tt.close()
		select {
		case <-closed:
		case <-time.After(20 * time.Second):
			t.Errorf("%s: the connection stays", name)
		}
	}
}
