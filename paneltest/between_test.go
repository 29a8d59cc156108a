package paneltest_test

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

const recordedServerPath = "/api/client/servers/" + recordedServer

// steps are what happened between the recordings: before the one with the
// number, or the next one that there is.
var steps = []struct {
	before string
	do     func(*differential)
}{
	{"088", (*differential).deleteDeployed},
	{"184", (*differential).haveSecondDatabase},
	{"190", (*differential).dropDatabases},
	{"197", (*differential).haveSecondTask},
	{"296", func(d *differential) { d.haveKeys(25) }},
	{"297", func(d *differential) { d.haveKeys(1) }},
	{"301", (*differential).pullOften},
	{"314", (*differential).reconfigure},
	{"318", func(d *differential) { d.haveAllocations(4) }},
	{"319", func(d *differential) { d.haveAllocations(1) }},
	{"342", (*differential).deleteBackups},
	{"355", (*differential).haveActivity},
	{"356", (*differential).useUpLimits},
	{"360", (*differential).startAnew},
	{"366", func(d *differential) { d.panel.NextIDs(0, 0, 0, 0, 18) }},
	{"368", func(*differential) { time.Sleep(5 * time.Second) }},
	{"370", func(*differential) { time.Sleep(5 * time.Second) }},
	{"372", func(*differential) { time.Sleep(2 * time.Second) }},
	{"375", func(*differential) { time.Sleep(time.Second) }},
}

// prepare does what happened before a recording.
func (d *differential) prepare(name string) {
	d.t.Helper()
	time.Sleep(50 * time.Millisecond)
	number, _, _ := strings.Cut(name, "-")
	for _, step := range steps {
		if step.before > d.previous && step.before <= number {
			step.do(d)
		}
	}
	d.previous = number
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
	if len(d.items("client_user", recordedServerPath+"/databases")) < 2 {
		d.must("client_user", "POST", recordedServerPath+"/databases", `{"database":"c2_15562b0","remote":"127.0.0.%"}`)
	}
}

func (d *differential) dropDatabases() {
	for _, database := range d.items("client_user", recordedServerPath+"/databases") {
		d.must("client_user", "DELETE", fmt.Sprintf("%s/databases/%v", recordedServerPath, database["id"]), "")
	}
}

func (d *differential) haveSecondTask() {
	schedule := d.items("client_user", recordedServerPath+"/schedules")[0]
	tasks := schedule["relationships"].(map[string]any)["tasks"].(map[string]any)["data"].([]any)
	if len(tasks) < 2 {
		d.must("client_user", "POST", fmt.Sprintf("%s/schedules/%v/tasks", recordedServerPath, schedule["id"]),
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
		answer := d.do("client_user", "POST", recordedServerPath+"/files/pull", `{"url":"`+d.panel.URL+`/favicon.ico","directory":"/"}`)
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
	const path = recordedServerPath + "/network/allocations"
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
	for _, backup := range d.items("client_user", recordedServerPath+"/backups") {
		d.must("client_user", "DELETE", fmt.Sprintf("%s/backups/%v", recordedServerPath, backup["uuid"]), "")
	}
}

// haveActivity adds what happened in recordings that are not there.
func (d *differential) haveActivity() {
	const recordedActivity = 122
	for n := d.panel.CountActivity(recordedServer); n < recordedActivity; n++ {
		d.panel.AddActivity("server:power.start", 2, recordedServer, nil, nil, time.Now())
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
