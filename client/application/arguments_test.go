package application_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
)

// Numbers below 1 and empty ids are refused before anything is sent. A real
// Panel takes DELETE /servers/2/databases/ for the deletion of the server.
func TestNothingIsSentForBadIDs(t *testing.T) {
	t.Parallel()
	c, p := serve(t, nil)
	ctx := t.Context()
	for _, bad := range []int{0, -1} {
		for name, err := range map[string]error{
			"Users.Get":                 errorOf(c.Users.Get(ctx, bad)),
			"Users.Replace":             errorOf(c.Users.Replace(ctx, bad, application.UpdateUserRequest{})),
			"Users.Update":              errorOf(c.Users.Update(ctx, bad, func(*application.UpdateUserRequest) error { return nil })),
			"Users.Delete":              c.Users.Delete(ctx, bad),
			"Nodes.Get":                 errorOf(c.Nodes.Get(ctx, bad)),
			"Nodes.Configuration":       errorOf(c.Nodes.Configuration(ctx, bad)),
			"Nodes.Replace":             errorOf(c.Nodes.Replace(ctx, bad, application.UpdateNodeRequest{Scheme: "https"})),
			"Nodes.Update":              errorOf(c.Nodes.Update(ctx, bad, func(*application.UpdateNodeRequest) error { return nil })),
			"Nodes.Delete":              c.Nodes.Delete(ctx, bad),
			"Allocations.List":          errorOf(c.Allocations.List(ctx, bad, application.AllocationListOptions{})),
			"Allocations.Create":        c.Allocations.Create(ctx, bad, application.CreateAllocationsRequest{IP: "::1"}),
			"Allocations.Delete":        c.Allocations.Delete(ctx, bad, 1),
			"Allocations.Delete, 2nd":   c.Allocations.Delete(ctx, 1, bad),
			"Locations.Get":             errorOf(c.Locations.Get(ctx, bad)),
			"Locations.Replace":         errorOf(c.Locations.Replace(ctx, bad, application.UpdateLocationRequest{})),
			"Locations.Update":          errorOf(c.Locations.Update(ctx, bad, func(*application.UpdateLocationRequest) error { return nil })),
			"Locations.Delete":          c.Locations.Delete(ctx, bad),
			"Servers.Get":               errorOf(c.Servers.Get(ctx, bad)),
			"Servers.Create":            errorOf(c.Servers.Create(ctx, application.CreateServerRequest{EggID: bad})),
			"Servers.ReplaceDetails":    errorOf(c.Servers.ReplaceDetails(ctx, bad, application.UpdateServerDetailsRequest{})),
			"Servers.UpdateDetails":     errorOf(c.Servers.UpdateDetails(ctx, bad, func(*application.UpdateServerDetailsRequest) error { return nil })),
			"Servers.ReplaceBuild":      errorOf(c.Servers.ReplaceBuild(ctx, bad, application.UpdateServerBuildRequest{})),
			"Servers.UpdateBuild":       errorOf(c.Servers.UpdateBuild(ctx, bad, func(*application.UpdateServerBuildRequest) error { return nil })),
			"Servers.ReplaceStartup":    errorOf(c.Servers.ReplaceStartup(ctx, bad, application.UpdateServerStartupRequest{})),
			"Servers.UpdateStartup":     errorOf(c.Servers.UpdateStartup(ctx, bad, func(*application.UpdateServerStartupRequest) error { return nil })),
			"Servers.Suspend":           c.Servers.Suspend(ctx, bad),
			"Servers.Unsuspend":         c.Servers.Unsuspend(ctx, bad),
			"Servers.Reinstall":         c.Servers.Reinstall(ctx, bad),
			"Servers.Rebuild":           c.Servers.Rebuild(ctx, bad),
			"Servers.Delete":            c.Servers.Delete(ctx, bad),
			"Servers.ForceDelete":       c.Servers.ForceDelete(ctx, bad),
			"Databases.List":            errorOf(c.Databases.List(ctx, bad)),
			"Databases.Get":             errorOf(c.Databases.Get(ctx, bad, 1)),
			"Databases.Get, 2nd":        errorOf(c.Databases.Get(ctx, 1, bad)),
			"Databases.Create":          errorOf(c.Databases.Create(ctx, bad, application.CreateDatabaseRequest{})),
			"Databases.RotatePassword":  c.Databases.RotatePassword(ctx, bad, 1),
			"Databases.RotatePassword2": c.Databases.RotatePassword(ctx, 1, bad),
			"Databases.Delete":          c.Databases.Delete(ctx, bad, 1),
			"Databases.Delete, 2nd":     c.Databases.Delete(ctx, 1, bad),
			"Nests.Get":                 errorOf(c.Nests.Get(ctx, bad)),
			"Eggs.List":                 errorOf(c.Eggs.List(ctx, bad)),
			"Eggs.Get":                  errorOf(c.Eggs.Get(ctx, bad, 1)),
			"Eggs.Get, 2nd":             errorOf(c.Eggs.Get(ctx, 1, bad)),
		} {
			if !errors.Is(err, client.ErrArgument) {
				t.Errorf("%s(%d): err = %v, want ErrArgument", name, bad, err)
			}
		}
	}
	for _, bad := range []string{"", ".", "..", "a/b", `a\b`} {
		_, userErr := c.Users.GetByExternalID(ctx, bad)
		_, serverErr := c.Servers.GetByExternalID(ctx, bad)
		if !errors.Is(userErr, client.ErrArgument) || !errors.Is(serverErr, client.ErrArgument) {
			t.Errorf("external id %q: err = %v, %v; want ErrArgument", bad, userErr, serverErr)
		}
	}
	if asked := p.asked(); len(asked) > 0 {
		t.Errorf("asked %q", asked)
	}
}

func errorOf[T any](_ T, err error) error { return err }

func TestArgumentsAreChecked(t *testing.T) {
	t.Parallel()
	c, p := serve(t, nil)
	ctx := t.Context()
	allocations := func(filter application.AllocationFilter) error {
		return errorOf(c.Allocations.List(ctx, 1, application.AllocationListOptions{Filter: filter}))
	}
	for want, err := range map[string]error{
		`applicationCreateNode: argument Scheme is "ftp", but must be http or https`:               errorOf(c.Nodes.Create(ctx, application.CreateNodeRequest{Scheme: "ftp"})),
		`applicationUpdateNode: argument Scheme is "", but must be http or https`:                  errorOf(c.Nodes.Replace(ctx, 1, application.UpdateNodeRequest{})),
		"applicationListDeployableNodes: argument Memory is -1, but must not be negative":          errorOf(c.Nodes.Deployable(ctx, application.NodeRequirements{Memory: -1})),
		"applicationListDeployableNodes: argument Disk is -1, but must not be negative":            errorOf(c.Nodes.Deployable(ctx, application.NodeRequirements{Disk: -1})),
		`applicationListDeployableNodes: argument Include is "nest", which the API does not know`:  errorOf(c.Nodes.Deployable(ctx, application.NodeRequirements{Include: []application.NodeInclude{"nest"}})),
		"applicationListAllocations: argument Filter.Unassigned is set together with ServerID":     allocations(application.AllocationFilter{ServerID: 3, Unassigned: true}),
		"applicationListAllocations: argument Filter.ServerID is -3, but must not be negative":     allocations(application.AllocationFilter{ServerID: -3}),
		"applicationCreateAllocations: argument IP is empty":                                       c.Allocations.Create(ctx, 1, application.CreateAllocationsRequest{}),
		"applicationCreateLocation: argument short is empty":                                       errorOf(c.Locations.Create(ctx, "", "x")),
		"applicationListNests: argument Page is -1, but must not be negative":                      errorOf(c.Nests.List(ctx, application.NestListOptions{Page: -1})),
		"applicationListNests: argument PerPage is -1, but must not be negative":                   errorOf(c.Nests.List(ctx, application.NestListOptions{PerPage: -1})),
		`applicationListUsers: argument Sort is "name", which the API does not know`:               errorOf(c.Users.List(ctx, application.UserListOptions{Sort: "name"})),
		`applicationGetEgg: argument include is "eggs", which the API does not know`:               errorOf(c.Eggs.Get(ctx, 1, 1, "eggs")),
		`applicationGetServerDatabase: argument include is "secret", which the API does not know`:  errorOf(c.Databases.Get(ctx, 1, 1, "secret")),
		`applicationGetUserByExternalId: argument include is "nodes", which the API does not know`: errorOf(c.Users.GetByExternalID(ctx, "x", "nodes")),
	} {
		if !errors.Is(err, client.ErrArgument) || err.Error() != want {
			t.Errorf("err = %v, want %s", err, want)
		}
	}
	if asked := p.asked(); len(asked) > 0 {
		t.Errorf("asked %q", asked)
	}
}

// Queries that no recording has.
func TestQueries(t *testing.T) {
	t.Parallel()
	empty := answer(t, object{"object": "list", "data": []object{}})
	user := replay(t, "015-app-users-external")
	c, p := serve(t, map[string]http.HandlerFunc{
		"GET /api/application/nodes/1/allocations": empty,
		"GET /api/application/nodes/deployable":    empty,
		"GET /api/application/users/external/{id}": user,
	})
	ctx := t.Context()
	for _, filter := range []application.AllocationFilter{
		{Unassigned: true},
		{ServerID: 5, IP: "127.0.0.1", Alias: "al"},
		{Ports: []int{25565, 25570}},
		{Ports: []int{}},
	} {
		if _, err := c.Allocations.List(ctx, 1, application.AllocationListOptions{Filter: filter}); err != nil {
			t.Error(err)
		}
	}
	for _, needs := range []application.NodeRequirements{{Locations: []int{1, 2}}, {Memory: 512, Disk: 1024, Locations: []int{}}} {
		if _, err := c.Nodes.Deployable(ctx, needs); err != nil {
			t.Error(err)
		}
	}
	if _, err := c.Users.GetByExternalID(ctx, "a b?c%#é"); err != nil {
		t.Error(err)
	}
	want := []string{
		"GET /api/application/nodes/1/allocations?filter%5Bserver_id%5D=0",
		"GET /api/application/nodes/1/allocations?filter%5Bip%5D=127.0.0.1&filter%5Bip_alias%5D=al&filter%5Bserver_id%5D=5",
		"GET /api/application/nodes/1/allocations?filter%5Bport%5D=25565,25570",
		"GET /api/application/nodes/1/allocations",
		"GET /api/application/nodes/deployable?memory=0&disk=0&location_ids%5B%5D=1&location_ids%5B%5D=2",
		"GET /api/application/nodes/deployable?memory=512&disk=1024",
		"GET /api/application/users/external/a%20b%3Fc%25%23%C3%A9",
	}
	if asked := p.asked(); !slices.Equal(asked, want) {
		t.Errorf("asked %q\nwant %q", asked, want)
	}
}

// The calls of Panel 0.7 that later ones do not know have no recordings.
func TestRebuild(t *testing.T) {
	t.Parallel()
	c, p := serve(t, map[string]http.HandlerFunc{
		"POST /api/application/servers/3/rebuild": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
	})
	if err := c.Servers.Rebuild(t.Context(), 3); err != nil || len(p.asked()) != 1 {
		t.Errorf("err = %v after %q", err, p.asked())
	}
}
