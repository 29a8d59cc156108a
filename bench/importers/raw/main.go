// Command raw shows a server, with the standard library alone.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"
)

type item struct {
	Attributes *server `json:"attributes"`
}

type server struct {
	Identifier  string  `json:"identifier"`
	UUID        string  `json:"uuid"`
	Name        string  `json:"name"`
	Node        string  `json:"node"`
	Description *string `json:"description"`
	Status      *string `json:"status"`
	IsSuspended bool    `json:"is_suspended"`
	Limits      struct {
		Memory, Swap, Disk, IO, CPU int
	} `json:"limits"`
}

func main() {
	found, err := get(context.Background(), os.Getenv("PTERODACTYL_URL"), os.Getenv("PTERODACTYL_KEY"), os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(found.Name, found.UUID, found.Limits.Memory)
}

func get(ctx context.Context, url, key, id string) (*server, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/api/client/servers/"+id, nil) //nolint:gosec // the address is the user's own
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Accept", "application/json")
	resp, err := (&http.Client{Timeout: time.Minute}).Do(req) //nolint:gosec // the address is the user's own
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("get server %s: %s", id, resp.Status)
	}
	var found item
	if err := json.NewDecoder(resp.Body).Decode(&found); err != nil {
		return nil, err
	}
	return found.Attributes, nil
}
