// Command rawall lists servers and reads the console of one, with the standard
// library and a WebSocket.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/coder/websocket"
)

type list struct {
	Data []struct {
		Attributes struct {
			ID   int    `json:"id"`
			Name string `json:"name"`
		} `json:"attributes"`
	} `json:"data"`
}

type credentials struct {
	Data struct {
		Token  string `json:"token"`
		Socket string `json:"socket"`
	} `json:"data"`
}

type message struct {
	Event string   `json:"event"`
	Args  []string `json:"args"`
}

func main() {
	ctx := context.Background()
	url := os.Getenv("PTERODACTYL_URL")
	var servers list
	if err := get(ctx, url+"/api/application/servers", os.Getenv("PTERODACTYL_ADMIN_KEY"), &servers); err != nil {
		log.Fatal(err)
	}
	for _, item := range servers.Data {
		fmt.Println(item.Attributes.Name)
	}
	var access credentials
	if err := get(ctx, url+"/api/client/servers/"+os.Args[1]+"/websocket", os.Getenv("PTERODACTYL_KEY"), &access); err != nil {
		log.Fatal(err)
	}
	if err := read(ctx, url, access); err != nil {
		log.Fatal(err)
	}
}

func get(ctx context.Context, url, key string, v any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil) //nolint:gosec // the address is the user's own
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Accept", "application/json")
	resp, err := (&http.Client{Timeout: time.Minute}).Do(req) //nolint:gosec // the address is the user's own
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("get %s: %s", url, resp.Status)
	}
	return json.NewDecoder(resp.Body).Decode(v)
}

func read(ctx context.Context, origin string, access credentials) error {
	conn, _, err := websocket.Dial(ctx, access.Data.Socket, &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {origin}}}) //nolint:bodyclose // there is none
	if err != nil {
		return err
	}
	defer func() { _ = conn.CloseNow() }()
	auth, err := json.Marshal(message{"auth", []string{access.Data.Token}})
	if err != nil {
		return err
	}
	if err := conn.Write(ctx, websocket.MessageText, auth); err != nil {
		return err
	}
	for {
		_, text, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		var m message
		if err := json.Unmarshal(text, &m); err != nil {
			return err
		}
		fmt.Println(m.Event, m.Args)
	}
}
