// Command client shows a server, with the SDK.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/ptero-go/ptero/client"
)

func main() {
	c, err := client.New(os.Getenv("PTERODACTYL_URL"), os.Getenv("PTERODACTYL_KEY"))
	if err != nil {
		log.Fatal(err)
	}
	found, err := c.Servers.Get(context.Background(), os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(found.Name, found.UUID, found.Limits.Memory)
}
