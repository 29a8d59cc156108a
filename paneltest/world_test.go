package paneltest_test

import (
	"testing"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/paneltest"
)

// world is a Panel in memory, whose answers are held against the document, and
// clients of it.
type world struct {
	panel                *paneltest.Panel
	user, subuser, admin *client.Client
	application          *application.Client
	lobby, survival      string // servers of the user: one runs, one does not
}

// newWorld starts a Panel for a test in a bubble, where waiting takes no time.
func newWorld(t *testing.T, opts ...paneltest.Option) *world {
	t.Helper()
	w := &world{panel: newPanel(t, append([]paneltest.Option{paneltest.InMemory()}, opts...)...)}
	hc := client.WithHTTPClient(w.panel.HTTPClient())
	w.user = get(client.New(w.panel.URL, w.panel.UserKey, hc))(t)
	w.subuser = get(client.New(w.panel.URL, w.panel.SubuserKey, hc))(t)
	w.admin = get(client.New(w.panel.URL, w.panel.AdminKey, hc))(t)
	w.application = get(application.New(w.panel.URL, w.panel.ApplicationKey, hc))(t)
	w.lobby, w.survival = identify(t, w.panel, "lobby"), identify(t, w.panel, "survival")
	return w
}

// check ends the test if there is an error.
func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// get is the value of a call that must not fail.
func get[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		check(t, err)
		return value
	}
}

// expect fails the test unless two values are the same.
func expect[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
