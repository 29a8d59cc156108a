package application_test

import (
	"errors"
	"net/http/httptest"
	"testing"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/internal/recorded"
	"github.com/ptero-go/ptero/testdata"
)

// replayed returns a client of a replayed Panel, with a recorded key.
func replayed(t *testing.T, key string) *application.Client {
	t.Helper()
	replay, err := recorded.NewReplay(testdata.Panel())
	if err != nil {
		t.Fatal(err)
	}
	panel := httptest.NewServer(replay)
	t.Cleanup(panel.Close)
	c, err := application.New(panel.URL, replay.Key(key))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestUsers(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"application", "client_admin"} {
		c := replayed(t, key)
		var names []string
		for user, err := range c.Users.All(t.Context(), application.UserListOptions{}) {
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, user.Username)
		}
		if len(names) == 0 || names[0] != "admin" {
			t.Errorf("%s: users = %q", key, names)
		}
	}
	c := replayed(t, "application")
	user, err := c.Users.Get(t.Context(), 7)
	if err != nil || user.ExternalID == nil || *user.ExternalID != "ext-15562b0" {
		t.Errorf("user = %+v, %v", user, err)
	}
	if _, err := c.Users.Get(t.Context(), 99999); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("err = %v, want ErrNotFound", err)
	}
	if _, err := replayed(t, "client_user").Users.List(t.Context(), application.UserListOptions{}); !errors.Is(err, client.ErrForbidden) {
		t.Errorf("err = %v, want ErrForbidden", err)
	}
}

func TestServers(t *testing.T) {
	t.Parallel()
	c := replayed(t, "application")
	page, err := c.Servers.List(t.Context(), application.ServerListOptions{})
	if err != nil || len(page.Items) == 0 {
		t.Fatalf("page = %+v, %v", page, err)
	}
	server, err := c.Servers.Get(t.Context(), 1)
	if err != nil || !bool(server.Container.Installed) || server.Container.Environment["P_SERVER_ALLOCATION_LIMIT"].String() != "4" {
		t.Errorf("server = %+v, %v", server, err)
	}
	all := []application.ServerInclude{"allocations", "user", "subusers", "nest", "egg", "variables", "location", "node", "databases"}
	with, err := c.Servers.List(t.Context(), application.ServerListOptions{PerPage: 1, Include: all})
	if err != nil {
		t.Fatal(err)
	}
	relations := with.Items[0].Relationships
	if relations.User.Attributes.Username != "normal" || relations.Node.Attributes.Memory != 16384 || len(relations.Variables.All()) == 0 {
		t.Errorf("relations = %+v", relations)
	}
}

func TestNodesAndLocations(t *testing.T) {
	t.Parallel()
	c := replayed(t, "application")
	nodes, err := c.Nodes.List(t.Context(), application.NodeListOptions{
		Include: []application.NodeInclude{application.NodeIncludeAllocations, application.NodeIncludeLocation, application.NodeIncludeServers},
	})
	if err != nil || nodes.Items[0].Relationships.Location.Attributes.Short != "lo1" {
		t.Errorf("nodes = %+v, %v", nodes, err)
	}
	node, err := c.Nodes.Get(t.Context(), 1)
	if err != nil || node.FQDN != "127.0.0.1" || node.DaemonListen != 8090 {
		t.Errorf("node = %+v, %v", node, err)
	}
	n := 0
	for location, err := range c.Locations.All(t.Context(), application.LocationListOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		if location.Short != "" {
			n++
		}
	}
	location, err := c.Locations.Get(t.Context(), 4)
	if err != nil || n == 0 || location.Long == nil || *location.Long != "Some place" {
		t.Errorf("%d locations, one is %+v, %v", n, location, err)
	}
}

func TestIncludesAreChecked(t *testing.T) {
	t.Parallel()
	c := replayed(t, "application")
	for _, include := range []application.ServerInclude{"transfer", "", "egg.", "egg.Variables", ".egg", "egg,node", "nope.user"} {
		if _, err := c.Servers.Get(t.Context(), 1, include); !errors.Is(err, client.ErrArgument) {
			t.Errorf("include %q: err = %v, want ErrArgument", include, err)
		}
	}
	// A relation of a relation is fine; there is just no recording of it.
	if _, err := c.Servers.Get(t.Context(), 1, "egg.variables"); errors.Is(err, client.ErrArgument) {
		t.Errorf("err = %v", err)
	}
}
