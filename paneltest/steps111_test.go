package paneltest_test

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

const server111Path = "/api/client/servers/" + server111

// steps111 are what happened between the recordings of Panel 1.11.
var steps111 = []step{
	{before: "088", do: (*differential).deleteDeployed},
	{before: "184", do: (*differential).haveSecondDatabase},
	{before: "190", do: (*differential).dropDatabases},
	{before: "197", do: (*differential).haveSecondTask},
	{before: "296", do: func(d *differential) { d.haveKeys(25) }},
	{before: "297", do: func(d *differential) { d.haveKeys(1) }},
	{before: "301", do: (*differential).pullOften},
	{before: "314", do: (*differential).reconfigure},
	{before: "318", do: func(d *differential) { d.haveAllocations(4) }},
	{before: "319", do: func(d *differential) { d.haveAllocations(1) }},
	{before: "342", do: (*differential).deleteBackups},
	{before: "355", do: (*differential).haveActivity},
	{before: "356", do: (*differential).useUpLimits},
	{before: "360", do: (*differential).startAnew},
	{before: "366", do: func(d *differential) { d.panel.NextIDs(0, 0, 0, 0, 18) }},
	{before: "368", do: pause(5 * time.Second)},
	{before: "370", do: pause(5 * time.Second)},
	{before: "372", do: pause(2 * time.Second)},
	{before: "375", do: pause(time.Second)},
}

// deleteDeployed deletes the server that was deployed to some node.
func (d *differential) deleteDeployed() {
	for _, server := range d.items("application", "/api/application/servers") {
		if id, _ := server["external_id"].(string); strings.HasPrefix(id, "d1") {
			d.must("application", "DELETE", fmt.Sprintf("/api/application/servers/%v/force", server["id"]), "")
		}
	}
}

func (d *differential) haveSecondDatabase() {
	if len(d.items("client_user", server111Path+"/databases")) < 2 {
		d.must("client_user", "POST", server111Path+"/databases", `{"database":"c2_15562b0","remote":"127.0.0.%"}`)
	}
}

func (d *differential) dropDatabases() {
	for _, database := range d.items("client_user", server111Path+"/databases") {
		d.must("client_user", "DELETE", fmt.Sprintf("%s/databases/%v", server111Path, database["id"]), "")
	}
}

func (d *differential) haveSecondTask() {
	schedule := d.items("client_user", server111Path+"/schedules")[0]
	tasks := schedule["relationships"].(map[string]any)["tasks"].(map[string]any)["data"].([]any)
	if len(tasks) < 2 {
		d.must("client_user", "POST", fmt.Sprintf("%s/schedules/%v/tasks", server111Path, schedule["id"]),
			`{"action":"power","payload":"restart","time_offset":5,"sequence_id":1}`)
	}
}

func (d *differential) haveKeys(n int) {
	const path = "/api/client/account/api-keys"
	keys := d.items("client_sub", path)
	for i := len(keys); i < n; i++ {
		d.must("client_sub", "POST", path, `{"description":"many"}`)
	}
	for _, key := range keys[min(n, len(keys)):] {
		d.must("client_sub", "DELETE", fmt.Sprintf("%s/%v", path, key["identifier"]), "")
	}
}

// pullOften pulls files until the limit is reached.
func (d *differential) pullOften() {
	for range 20 {
		answer := d.do("client_user", "POST", server111Path+"/files/pull", `{"url":"`+d.panel.URL+`/favicon.ico","directory":"/"}`)
		if answer.status == http.StatusTooManyRequests {
			return
		}
		time.Sleep(time.Second) // no more than a few may be under way
	}
}

// reconfigure makes the Panel the other one with the same database that was
// recorded from then on.
func (d *differential) reconfigure() {
	if err := d.panel.SetRateLimits(1_000_000, 1_000_000); err != nil {
		d.t.Fatal(err)
	}
	d.panel.Settings(true, 25507, 25519, 0)
	time.Sleep(5 * time.Minute) // after which files may be pulled again
}

func (d *differential) haveAllocations(n int) {
	const path = server111Path + "/network/allocations"
	allocations := d.items("client_user", path)
	for i := len(allocations); i < n; i++ {
		d.must("client_user", "POST", path, "")
	}
	for _, a := range allocations {
		if n == 1 && a["is_default"] == false {
			d.must("client_user", "DELETE", fmt.Sprintf("%s/%v", path, a["id"]), "")
		}
	}
}

func (d *differential) deleteBackups() {
	for _, backup := range d.items("client_user", server111Path+"/backups") {
		d.must("client_user", "DELETE", fmt.Sprintf("%s/backups/%v", server111Path, backup["uuid"]), "")
	}
}

// haveActivity adds what happened in recordings that are not there.
func (d *differential) haveActivity() {
	const activityInTheEnd = 122
	for n := d.panel.CountActivity(server111); n < activityInTheEnd; n++ {
		d.panel.AddActivity("server:power.start", 2, server111, nil, nil, time.Now())
	}
}

// useUpLimits makes the next requests of two accounts too many.
func (d *differential) useUpLimits() {
	d.panel.Settings(false, 0, 0, 2)
	if err := d.panel.SetRateLimits(720, 240); err != nil {
		d.t.Fatal(err)
	}
	time.Sleep(time.Minute)
	for range 240 {
		d.must("application", "GET", "/api/application/locations", "")
	}
	for range 720 {
		d.must("client_user", "GET", "/api/client/account", "")
	}
}

// startAnew passes the time, and deletes the server that was deleted meanwhile.
func (d *differential) startAnew() {
	time.Sleep(time.Minute)
	d.must("application", "DELETE", "/api/application/servers/8", "")
}
