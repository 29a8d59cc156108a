// Command all uses both APIs and the console.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/console"
)

func main() {
	ctx := context.Background()
	url := os.Getenv("PTERODACTYL_URL")
	c, err := client.New(url, os.Getenv("PTERODACTYL_KEY"))
	if err != nil {
		log.Fatal(err)
	}
	admin, err := application.New(url, os.Getenv("PTERODACTYL_ADMIN_KEY"))
	if err != nil {
		log.Fatal(err)
	}
	for server, err := range admin.Servers.All(ctx, application.ServerListOptions{}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(server.Name)
	}
	screen, err := console.Dial(ctx, c.Servers.Console(os.Args[1]))
	if err != nil {
		log.Fatal(err)
	}
	for event, err := range screen.Events(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(event)
	}
}
