package paneltest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	server112     = "efe3326a"
	server112Path = "/api/client/servers/" + server112
	files112Path  = "/api/client/servers/efe3326a-35eb-4ac8-9708-d6b8f06cc77e/files/"
	folder112     = "/live f5oi/"

	environment112 = `{"MOTD":"Hello","BUILD":"7","SECRET":"s3cret","START_DELAY":"500ms","TICK":"","INSTALL_SECONDS":"2"}`
)

// steps112 are what happened between the recordings of Panel 1.12.3. One in four
// requests is not among them; what follows from those is done here.
var steps112 = []step{
	{before: "0014", absent: true, do: request("application", "POST", "/api/application/locations", `{"short":"loce607","long":"somewhere"}`)},
	{before: "0062", absent: true, do: request("application", "POST", "/api/application/servers", `{"name":"live-bvhjfl","external_id":"live-bvhjfl","user":2,
		"egg":15,"docker_image":"127.0.0.1:5000/lab/game:latest","startup":"/game --port {{SERVER_PORT}} --motd {{MOTD}}","environment":`+environment112+`,
		"limits":{"memory":128,"swap":0,"disk":256,"io":500,"cpu":50},"feature_limits":{"databases":1,"allocations":2,"backups":1},"allocation":{"default":16}}`)},
	{before: "0068", do: pause(2 * time.Second)},
	{before: "0078", absent: true, do: request("application", "POST", "/api/application/servers/4/suspend", "")},
	{before: "0087", do: pause(2 * time.Second)},
	{before: "0090", absent: true, do: request("application", "POST", "/api/application/servers", `{"name":"live-bvhjfld","user":2,
		"egg":15,"docker_image":"127.0.0.1:5000/lab/game:latest","startup":"/game --port {{SERVER_PORT}} --motd {{MOTD}}","environment":`+environment112+`,
		"limits":{"memory":64,"swap":0,"disk":64,"io":500,"cpu":0},"feature_limits":{"databases":0,"allocations":0,"backups":0},
		"deploy":{"locations":[],"dedicated_ip":false,"port_range":[]}}`)},
	{before: "0097", do: pause(2 * time.Second)},
	{before: "0098", absent: true, do: request("application", "DELETE", "/api/application/servers/5", "")},
	{before: "0139", do: pause(time.Second)},
	{before: "0146", absent: true, do: write("a b&c=d#e+f%20.txt", "{\"line\": \"a b&c=d#e+f%20.txt\"}\nsecond\r\n")},
	{before: "0158", absent: true, do: write("[x]{y}.yml", "{\"line\": \"[x]{y}.yml\"}\nsecond\r\n")},
	{before: "0167", do: (*differential).upload112},
	{before: "0186", absent: true, do: (*differential).compress112},
	{before: "0198", absent: true, do: request("client_user", "POST", server112Path+"/schedules/1/tasks", `{"action":"command","payload":"say hello","time_offset":0}`)},
	{before: "0209", do: nextPort(25572)},
	{before: "0210", absent: true, do: request("client_user", "POST", server112Path+"/network/allocations/8", `{"notes":"second port"}`)},
	{before: "0214", absent: true, do: request("client_user", "DELETE", server112Path+"/network/allocations/8", "")},
	{before: "0222", absent: true, do: request("client_user", "DELETE", server112Path+"/users/343d6b09-60d0-471d-a6a0-37009576d5e6", "")},
	{before: "0247", do: pause(2 * time.Second)},
	{before: "0249", do: (*differential).forgetRequests},
	{before: "0282", absent: true, do: attempt("client_user", server112Path+"/schedules", "{}")},
	{before: "0326", absent: true, do: request("application", "POST", "/api/application/users", `{"email":"zoë+1@example.com","username":"zplus5704","first_name":"a","last_name":"b"}`)},
	{before: "0370", absent: true, do: request("application", "POST", "/api/application/servers/2/suspend", "")},
	{before: "0386", absent: true, do: request("client_user", "GET", server112Path+"/websocket", "")},
	{before: "0390", absent: true, do: request("client_user", "GET", server112Path+"/websocket", "")},
	{before: "0399", do: nextPort(25578)},
	{before: "0400", do: nextPort(25572)},
	{before: "0402", absent: true, do: (*differential).backup112},
	{before: "0406", absent: true, do: request("client_user", "POST", server112Path+"/files/pull", `{"url":"http://127.0.0.1:9/x"}`)},
	{before: "0410", absent: true, do: attempt("client_user", server112Path+"/files/pull", `{"url":"http://127.0.0.1:9/x"}`)},
	{before: "0414", absent: true, do: invite("sub2@example.com", "4368e4a3-50cd-4b61-b209-824b435826bd")},
	{before: "0418", absent: true, do: invite("sub6@example.com", "67bed6d0-27d6-4764-a485-a87e53def15f")},
	{before: "0677", do: useUp("client_user2", "GET", "/api/client/account", "")},
}

// request sends what succeeded.
func request(key, method, target, body string) func(*differential) {
	return func(d *differential) { d.must(key, method, target, body) }
}

// attempt sends what was refused.
func attempt(key, target, body string) func(*differential) {
	return func(d *differential) { d.do(key, "POST", target, body) }
}

// write writes a file.
func write(name, content string) func(*differential) {
	return func(d *differential) {
		target := files112Path + "write?" + url.Values{"file": {folder112 + name}}.Encode()
		if answer := d.send(d.keys["client_user"], "POST", target, "text/plain", content, nil); answer.status != http.StatusNoContent {
			d.t.Errorf("%s is not written: %d %s", name, answer.status, answer.body)
		}
	}
}

// upload112 makes the files that were uploaded to Wings.
func (d *differential) upload112() {
	write("up/deep/er ü/x.txt", "x")(d)
	for i := range 12 {
		write(fmt.Sprintf("up/deep/f%d.bin", i), strings.Repeat("\x00", i*1000))(d)
	}
}

// compress112 makes an archive, whose name is recorded.
func (d *differential) compress112() {
	write("blob.bin", strings.Repeat("\x00", 1000))(d)
	answer := d.must("client_user", "POST", files112Path+"compress", `{"root":"/live f5oi","files":["blob.bin"]}`)
	d.learned["archive-2026-11-24T155454Z.tar.gz"] = fmt.Sprint(answer.attributes()["name"])
}

// backup112 makes a backup whose UUID is recorded.
func (d *differential) backup112() {
	answer := d.must("client_user", "POST", server112Path+"/backups", `{"name":"lim0"}`)
	d.learn("4d20e95b-be56-4805-b5ce-e9aadbda4573", fmt.Sprint(answer.attributes()["uuid"]))
}

// invite makes a subuser whose UUID is recorded.
func invite(email, uuid string) func(*differential) {
	return func(d *differential) {
		answer := d.must("client_user", "POST", server112Path+"/users", `{"email":"`+email+`","permissions":["control.console"]}`)
		d.learn(uuid, fmt.Sprint(answer.attributes()["uuid"]))
	}
}

// nextPort makes the port that the next request for one gets, which the Panel
// leaves to chance, the recorded one.
func nextPort(port int) func(*differential) {
	return func(d *differential) { d.panel.Settings(true, port, port, 2) }
}

// forgetRequests passes the time after which none of the limits knows of any
// request: somebody had cleared the Panel's cache. The throttle of backups looks
// at the backups, and knows of one.
func (d *differential) forgetRequests() {
	time.Sleep(16 * time.Minute)
	d.panel.AddDeletedBackup(server112, time.Now().Add(-8*time.Second))
}

// useUp sends a request until the next one is too many.
func useUp(key, method, target, body string) func(*differential) {
	return func(d *differential) {
		d.t.Helper()
		for range 300 {
			if d.do(key, method, target, body).header.Get("X-RateLimit-Remaining") == "0" {
				return
			}
		}
		d.t.Fatalf("%s %s can be sent as often as one likes", method, target)
	}
}
