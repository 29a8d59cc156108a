package application_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/paneltest"
)

// connectToPanel returns a client of a Panel within this program, and what shuts
// that Panel down. A program calls [application.New] with the address of a real
// one.
func connectToPanel() (admin *application.Client, shutDown func()) {
	panel, err := paneltest.New()
	if err != nil {
		log.Fatal(err)
	}
	if admin, err = application.New(panel.URL, panel.ApplicationKey); err != nil {
		log.Fatal(err)
	}
	return admin, panel.Close
}

// A customer and a server, with values for some of the egg's variables: the others
// take the egg's defaults.
func Example_createUserAndServer() {
	admin, shutDown := connectToPanel()
	defer shutDown()
	ctx := context.Background()

	user, err := admin.Users.Create(ctx, application.CreateUserRequest{
		Email: "nova@example.org", Username: "nova", FirstName: "Nova", LastName: "Ng", ExternalID: "customer-1001",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	server, err := admin.Servers.Create(ctx, application.CreateServerRequest{
		Name:        "nova's world",
		UserID:      user.ID,
		EggID:       1,
		Environment: map[string]string{"VERSION": "1.21"},
		Limits:      application.ServerLimitsRequest{Memory: 1024, Disk: 4096, CPU: 100},
		Deploy:      &application.Deployment{}, // any location with room
		ExternalID:  "order-17",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	variables := server.Container.Environment
	fmt.Println(server.Name, "belongs to", user.Username, "and runs", variables["SERVER_JARFILE"], variables["VERSION"])
	// Output:
	// nova's world belongs to nova and runs server.jar 1.21
}

// How much of each node's memory is given to servers?
func Example_memoryOfNodes() {
	admin, shutDown := connectToPanel()
	defer shutDown()

	for node, err := range admin.Nodes.All(context.Background(), application.NodeListOptions{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(node.Name, node.AllocatedResources.Memory, "of", node.Memory, "MiB")
	}
	// Output:
	// node-1 4096 of 16384 MiB
	// node-2 1024 of 8192 MiB
}

// A request that breaks rules gives an entry for each field and rule.
func Example_validationErrors() {
	admin, shutDown := connectToPanel()
	defer shutDown()

	_, err := admin.Users.Create(context.Background(), application.CreateUserRequest{
		Email: "not an address", Username: "Nova!", FirstName: "Nova", LastName: "Ng",
	})
	var e *client.Error
	if errors.Is(err, client.ErrValidation) && errors.As(err, &e) {
		for _, entry := range e.Entries {
			fmt.Println(entry.Field(), "breaks the rule", entry.Rule())
		}
	}
	// Output:
	// email breaks the rule email
	// username breaks the rule p_username
}
