package application_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/internal/recorded"
	"github.com/ptero-go/ptero/testdata"
)

// replayedAdmin returns a client of a Panel that answers from recordings. A
// program of yours has the address and the key of a real one:
//
//	admin, err := application.New("https://panel.example.org", os.Getenv("PTERODACTYL_KEY"))
func replayedAdmin() (admin *application.Client, stop func()) {
	replay, err := recorded.NewReplay(testdata.Panel())
	if err != nil {
		panic(err)
	}
	panel := httptest.NewServer(replay)
	admin, err = application.New(panel.URL, replay.Key("application"))
	if err != nil {
		panic(err)
	}
	return admin, panel.Close
}

// A billing system makes an account, finds it again by its own id, and removes
// it.
func ExampleUsersService() {
	admin, stop := replayedAdmin()
	defer stop()
	ctx := context.Background()

	const externalID = "ext-15562b0"
	_, err := admin.Users.Create(ctx, application.CreateUserRequest{
		Email: "x15562b0@example.com", Username: "x15562b0", FirstName: "Ex", LastName: "Ample",
		ExternalID: externalID, Password: "ppppppppppp",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	user, err := admin.Users.GetByExternalID(ctx, externalID)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(user.ID, user.Username, user.RootAdmin)
	fmt.Println(admin.Users.Delete(ctx, user.ID))
	// Output:
	// 7 x15562b0 false
	// <nil>
}

// Which nodes have room for a server of 100 MiB?
func ExampleNodesService() {
	admin, stop := replayedAdmin()
	defer stop()
	ctx := context.Background()

	nodes, err := admin.Nodes.Deployable(ctx, application.NodeRequirements{Memory: 100, Disk: 100})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, node := range nodes {
		fmt.Println(node.Name, node.Memory-int(*node.SumMemory), "MiB left")
	}
	_, err = admin.Nodes.Deployable(ctx, application.NodeRequirements{Memory: 10_000_000, Disk: 100})
	var e *client.Error
	if errors.As(err, &e) && e.HasCode("NoViableNodeException") {
		fmt.Println("no node has room for ten terabytes")
	}
	// Output:
	// node1 11776 MiB left
	// no node has room for ten terabytes
}

// Ports are added by the range and listed one by one.
func ExampleAllocationsService() {
	admin, stop := replayedAdmin()
	defer stop()
	ctx := context.Background()

	err := admin.Allocations.Create(ctx, 4, application.CreateAllocationsRequest{
		IP: "127.0.0.1", Alias: "al.example", Ports: []string{"30000-30003", "30010"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for allocation, err := range admin.Allocations.All(ctx, 4, application.AllocationListOptions{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(allocation.ID, allocation.IP, allocation.Port, *allocation.Alias, allocation.Assigned)
	}
	// Output:
	// 42 127.0.0.1 30000 al.example false
	// 43 127.0.0.1 30001 al.example false
	// 44 127.0.0.1 30002 al.example false
	// 45 127.0.0.1 30003 al.example false
	// 46 127.0.0.1 30010 al.example false
}

// Update changes what it is told and leaves the rest.
func ExampleLocationsService() {
	admin, stop := replayedAdmin()
	defer stop()
	ctx := context.Background()

	location, err := admin.Locations.Create(ctx, "l.15562b0", "Some place")
	if err != nil {
		fmt.Println(err)
		return
	}
	location, err = admin.Locations.Update(ctx, location.ID, func(req *application.UpdateLocationRequest) {
		req.Short = "n.15562b0"
		req.Long = client.Value("Else")
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(location.ID, location.Short, *location.Long)
	fmt.Println(admin.Locations.Delete(ctx, location.ID))
	// Output:
	// 4 n.15562b0 Else
	// <nil>
}

// A server is created with the values of all variables; Create instead of
// CreateExact would look up those that are not named.
func ExampleServersService() {
	admin, stop := replayedAdmin()
	defer stop()
	ctx := context.Background()

	spare, one := false, 1
	server, err := admin.Servers.CreateExact(ctx, application.CreateServerRequest{
		Name:          "s15562b0",
		UserID:        2,
		EggID:         15,
		DockerImage:   "ghcr.io/pterodactyl/yolks:debian",
		Startup:       `sh run.sh "{{GREETING}}" {{LEVEL}}`,
		Environment:   map[string]string{"GREETING": "hi", "LEVEL": "4"},
		Limits:        application.ServerLimitsRequest{Memory: 128, Disk: 256, IO: 500, CPU: 50},
		FeatureLimits: application.FeatureLimitsRequest{Databases: &one, Allocations: &one, Backups: &one},
		Deploy:        &application.Deployment{Locations: []int{1}, PortRange: []string{"25515-25519"}},
		ExternalID:    "d15562b0",
		OOMDisabled:   &spare,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(server.ID, server.Identifier, *server.Status)

	// An unpaid bill: suspended, and later let go again.
	fmt.Println(admin.Servers.Suspend(ctx, 2), admin.Servers.Unsuspend(ctx, 2))
	// Output:
	// 15 af855281 installing
	// <nil> <nil>
}

// The password comes with an include alone.
func ExampleDatabasesService() {
	admin, stop := replayedAdmin()
	defer stop()
	ctx := context.Background()

	database, err := admin.Databases.Create(ctx, 2, application.CreateDatabaseRequest{
		Database: "app_15562b0", Remote: "%", HostID: 1,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := admin.Databases.ResetPassword(ctx, 2, database.ID); err != nil {
		fmt.Println(err)
		return
	}
	database, err = admin.Databases.Get(ctx, 2, database.ID, application.DatabaseIncludePassword, application.DatabaseIncludeHost)
	if err != nil {
		fmt.Println(err)
		return
	}
	host := database.Host()
	fmt.Printf("%s:%s@tcp(%s:%d)/%s\n", database.Username, database.Password().Password, host.Host, host.Port, database.Database)
	// Output:
	// u2_NrQYVINSnN:pppppppppppppppppppppppp@tcp(127.0.0.1:3306)/s2_app_15562b0
}

// The eggs come with the nests.
func ExampleNestsService() {
	admin, stop := replayedAdmin()
	defer stop()

	for nest, err := range admin.Nests.All(context.Background(), application.NestListOptions{
		Include: []application.NestInclude{application.NestIncludeEggs, application.NestIncludeServers},
	}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(nest.Name, len(nest.Eggs()), "eggs,", len(nest.Servers()), "servers")
	}
	// Output:
	// Minecraft 5 eggs, 2 servers
	// Source Engine 6 eggs, 0 servers
	// Voice Servers 2 eggs, 0 servers
	// Rust 1 eggs, 0 servers
	// Reference 1 eggs, 5 servers
	// WingsRef 1 eggs, 3 servers
}

// An egg is found by its nest and its number.
func ExampleEggsService() {
	admin, stop := replayedAdmin()
	defer stop()

	eggs, err := admin.Eggs.List(context.Background(), 5)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, egg := range eggs {
		fmt.Println(egg.ID, egg.Name, egg.DockerImages["Debian"])
	}
	// Output:
	// 15 Tiny Shell ghcr.io/pterodactyl/yolks:debian
}
