package paneltest_test

import (
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/paneltest"
)

func TestSDKUsers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx, users := t.Context(), w.application.Users
		made := get(users.Create(ctx, application.CreateUserRequest{
			Email: "carol@example.org", Username: "carol", FirstName: "Carol", LastName: "C", ExternalID: "shop-7",
		}))(t)
		expect(t, "by external id", get(users.GetByExternalID(ctx, "shop-7"))(t).ID, made.ID)
		changed := get(users.Update(ctx, made.ID, func(r *application.UpdateUserRequest) error { r.LastName = "Cook"; return nil }))(t)
		expect(t, "last name", changed.LastName, "Cook")
		expect(t, "first name", changed.FirstName, "Carol")
		page := get(users.List(ctx, application.UserListOptions{PerPage: 2, Sort: application.UserSortByIDDescending}))(t)
		expect(t, "total", page.Total, 4)
		expect(t, "first of the page", page.Items[0].ID, made.ID)
		owner := get(users.Get(ctx, 2, application.UserIncludeServers))(t)
		expect(t, "servers of the user", len(owner.Relationships.Servers.All()), 4)
		if _, err := users.Create(ctx, application.CreateUserRequest{Email: "carol@example.org", Username: "carol2", FirstName: "C", LastName: "C"}); !errors.Is(err, client.ErrValidation) {
			t.Error(err)
		}
		if err := users.Delete(ctx, 2); err == nil {
			t.Error("the owner of servers is deleted")
		}
		check(t, users.Delete(ctx, made.ID))
		if _, err := users.Get(ctx, made.ID); !errors.Is(err, client.ErrNotFound) {
			t.Error(err)
		}
	})
}

func TestSDKLocationsAndNodes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx, admin := t.Context(), w.application
		place := get(admin.Locations.Create(ctx, "eu-1", "Somewhere"))(t)
		place = get(admin.Locations.Update(ctx, place.ID, func(r *application.UpdateLocationRequest) error { r.Short = "eu-2"; return nil }))(t)
		expect(t, "short", place.Short, "eu-2")
		expect(t, "locations", get(admin.Locations.List(ctx, application.LocationListOptions{}))(t).Total, 2)

		node := get(admin.Nodes.Create(ctx, application.CreateNodeRequest{
			Name: "node-3", LocationID: place.ID, FQDN: "node3.example.org", Scheme: "https", Memory: 4096, Disk: 8192,
			DaemonListen: 8080, DaemonSFTP: 2022,
		}))(t)
		check(t, admin.Allocations.Create(ctx, node.ID, application.CreateAllocationsRequest{IP: "10.0.0.1", Ports: []string{"25565-25567", "30000"}}))
		allocations := get(admin.Allocations.List(ctx, node.ID, application.AllocationListOptions{}))(t)
		expect(t, "allocations", allocations.Total, 4)
		check(t, admin.Allocations.Delete(ctx, node.ID, allocations.Items[0].ID))
		expect(t, "configuration", get(admin.Nodes.Configuration(ctx, node.ID))(t).UUID, node.UUID)
		found := get(admin.Nodes.Deployable(ctx, application.NodeRequirements{Memory: 1024, Disk: 1024}))(t)
		expect(t, "nodes with room", len(found), 3)
		if err := admin.Locations.Delete(ctx, place.ID); err == nil {
			t.Error("the location of a node is deleted")
		}

		check(t, w.panel.StartNode(node.ID))
		node = get(admin.Nodes.Update(ctx, node.ID, func(r *application.UpdateNodeRequest) error { r.Memory = 2048; return nil }))(t)
		expect(t, "memory", node.Memory, 2048)
		expect(t, "disk", node.Disk, 8192)
		check(t, admin.Nodes.Delete(ctx, node.ID))
		check(t, admin.Locations.Delete(ctx, place.ID))
		node1 := get(admin.Nodes.Get(ctx, 1, application.NodeIncludeServers, application.NodeIncludeLocation))(t)
		expect(t, "servers of the node", len(node1.Relationships.Servers.All()), 4)
	})
}

func TestSDKNestsAndEggs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx, admin := t.Context(), w.application
		nests := get(admin.Nests.List(ctx, application.NestListOptions{}))(t)
		expect(t, "nests", nests.Total, 1)
		expect(t, "eggs of the nest", len(get(admin.Nests.Get(ctx, 1, application.NestIncludeEggs))(t).Relationships.Eggs.All()), 2)
		eggs := get(admin.Eggs.List(ctx, 1, application.EggIncludeVariables))(t)
		expect(t, "variables", len(eggs[0].Relationships.Variables.All()), 4)
		expect(t, "egg", get(admin.Eggs.Get(ctx, 1, 2))(t).Name, "Shell")
	})
}

// newServer is a server with the egg of blocks.
func newServer(name string) application.CreateServerRequest {
	return application.CreateServerRequest{
		Name: name, UserID: 2, EggID: 1, DockerImage: "ghcr.io/example/yolks:java_21", Startup: "java -jar {{SERVER_JARFILE}}",
		Environment:   map[string]string{"SERVER_JARFILE": "server.jar", "VERSION": "latest", "BUILD": "7"},
		Limits:        application.ServerLimitsRequest{Memory: 512, Disk: 1024, IO: 500, CPU: 100},
		FeatureLimits: application.FeatureLimitsRequest{Databases: 1, Allocations: 1, Backups: 1},
	}
}

func TestSDKServersOfTheApplication(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx, servers := t.Context(), w.application.Servers
		request := newServer("new")
		request.ExternalID, request.StartOnCompletion = "order-1", true
		request.Allocation = &application.CreateServerAllocation{Default: 8}
		made := get(servers.Create(ctx, request))(t)
		expect(t, "status", *made.Status, application.ServerStatusInstalling)
		made = get(servers.WaitReady(ctx, made.ID, client.WaitOptions{}))(t)
		check(t, w.user.Servers.WaitPower(ctx, made.Identifier, client.PowerStateRunning, client.WaitOptions{}))
		expect(t, "by external id", get(servers.GetByExternalID(ctx, "order-1", application.ServerIncludeAllocations))(t).ID, made.ID)

		deployed := newServer("deployed")
		deployed.Deploy = &application.Deployment{Locations: []int{1}, PortRange: []string{"25560-25580"}}
		deployed.SkipScripts = true
		other := get(servers.Create(ctx, deployed))(t)
		if other.Status != nil {
			t.Errorf("it is %s", *other.Status)
		}

		changed := get(servers.UpdateDetails(ctx, made.ID, func(r *application.UpdateServerDetailsRequest) error { r.Name = "better"; return nil }))(t)
		expect(t, "external id", *changed.ExternalID, "order-1")
		changed = get(servers.UpdateBuild(ctx, made.ID, func(r *application.UpdateServerBuildRequest) error {
			r.Limits.Memory = 2048
			r.AddAllocations = []int{9}
			return nil
		}))(t)
		expect(t, "memory", changed.Limits.Memory, 2048)
		expect(t, "disk", changed.Limits.Disk, 1024)
		changed = get(servers.UpdateStartup(ctx, made.ID, func(r *application.UpdateServerStartupRequest) error {
			r.Environment["VERSION"] = "1.21"
			return nil
		}))(t)
		expect(t, "version", changed.Container.Environment["VERSION"].String(), "1.21")
		expect(t, "jar", changed.Container.Environment["SERVER_JARFILE"].String(), "server.jar")

		check(t, servers.Suspend(ctx, made.ID))
		expect(t, "suspended", get(servers.Get(ctx, made.ID))(t).Suspended, true)
		check(t, servers.Unsuspend(ctx, made.ID))
		check(t, servers.Reinstall(ctx, made.ID))
		get(servers.WaitReady(ctx, made.ID, client.WaitOptions{}))(t)

		check(t, w.panel.StopNode(1))
		if err := servers.Delete(ctx, made.ID); !errors.Is(err, client.ErrDaemon) {
			t.Errorf("while the node is down: %v", err)
		}
		check(t, servers.ForceDelete(ctx, made.ID))
		check(t, w.panel.StartNode(1))
		check(t, servers.Delete(ctx, other.ID))
		n := 0
		for _, err := range servers.All(ctx, application.ServerListOptions{PerPage: 2, Include: []application.ServerInclude{application.ServerIncludeEgg}}) {
			check(t, err)
			n++
		}
		expect(t, "servers", n, 5)
	})
}

func TestSDKDatabasesOfTheApplication(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx, databases := t.Context(), w.application.Databases
		made := get(databases.Create(ctx, 1, application.CreateDatabaseRequest{Database: "stats", Remote: "%", HostID: 1}))(t)
		before := get(databases.Get(ctx, 1, made.ID, application.DatabaseIncludePassword, application.DatabaseIncludeHost))(t)
		check(t, databases.RotatePassword(ctx, 1, made.ID))
		after := get(databases.Get(ctx, 1, made.ID, application.DatabaseIncludePassword))(t)
		if before.Relationships.Password.Get().Password == after.Relationships.Password.Get().Password {
			t.Error("the password is what it was")
		}
		expect(t, "databases", len(get(databases.List(ctx, 1))(t)), 1)
		check(t, databases.Delete(ctx, 1, made.ID))
		expect(t, "databases", len(get(databases.List(ctx, 1))(t)), 0)
	})
}

// A program that makes many calls keeps to the limit without being refused.
func TestSDKKeepsToTheRateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, paneltest.WithRateLimits(20, 20, time.Minute))
		begin := time.Now()
		for i := range 100 {
			get(w.application.Users.List(t.Context(), application.UserListOptions{Filter: application.UserFilter{Username: strconv.Itoa(i)}}))(t)
		}
		if took := time.Since(begin); took < 3*time.Minute || took > 7*time.Minute {
			t.Errorf("100 calls at 20 a minute took %v", took)
		}
	})
}
