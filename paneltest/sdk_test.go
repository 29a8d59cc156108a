package paneltest_test

import (
	"testing"
	"testing/synctest"

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

// live runs a test of the SDK against a Panel, in a bubble where waiting takes
// no time.
func live(t *testing.T, test func(*testing.T, *world), opts ...paneltest.Option) {
	t.Helper()
	option := validated(t)
	synctest.Test(t, func(t *testing.T) {
		w := &world{panel: spoiled(t, append([]paneltest.Option{option, paneltest.InMemory()}, opts...)...)}
		hc := client.WithHTTPClient(w.panel.HTTPClient())
		var err error
		for key, c := range map[string]**client.Client{
			w.panel.UserKey: &w.user, w.panel.SubuserKey: &w.subuser, w.panel.AdminKey: &w.admin,
		} {
			*c, err = client.New(w.panel.URL, key, hc)
			check(t, err)
		}
		w.application, err = application.New(w.panel.URL, w.panel.ApplicationKey, hc)
		check(t, err)
		w.lobby, w.survival = identify(t, w.panel, "lobby"), identify(t, w.panel, "survival")
		test(t, w)
	})
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
