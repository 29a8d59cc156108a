package paneltest_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

const (
	serverPelican      = "284d7a43"
	serverPelicanUUID  = "284d7a43-986d-4760-a833-1bfd96553148"
	serverPelicanPath  = "/api/client/servers/" + serverPelicanUUID
	serverPelican2     = "e1b39008-798a-44bd-bcfc-20db7053cd61"
	serverPelican4     = "77649c1a-9b71-4ffa-8fee-9ef0433529a4"
	environmentPelican = `{"MOTD":"Hi","BUILD":"7","SECRET":"s","START_DELAY":"100ms","TICK":"","INSTALL_SECONDS":"1"}`
)

// stepsPelican are what happened between the recordings of Pelican. One in four
// requests is not among them; what follows from those is done here.
var stepsPelican = []step{
	{before: "020", absent: true, do: request("application", "POST", "/api/application/users", `{"email":"other5b1a5@example.com","username":"other5b1a5"}`)},
	{before: "072", absent: true, do: request("application", "POST", "/api/application/nodes/2/allocations", `{"ip":"10.9.9.0/30","ports":["30000"]}`)},
	{before: "132", absent: true, do: request("application", "POST", "/api/application/mounts/1/eggs", `{"eggs":[1]}`)},
	{before: "136", absent: true, do: request("application", "POST", "/api/application/mounts/1/servers", `{"servers":[3]}`)},
	{before: "164", absent: true, do: (*differential).importPlugin},
	{before: "172", absent: true, do: request("application", "POST", "/api/application/plugins/labplug/disable", "")},
	{before: "205", do: pause(time.Minute)},
	{before: "230", do: pause(time.Second)},
	{before: "236", absent: true, do: request("client_user2", "PUT", "/api/client/account/password",
		`{"current_password":"pppppppppppp","password":"ppppppppppppp","password_confirmation":"ppppppppppppp"}`)},
	{before: "237", do: request("application", "PATCH", "/api/application/users/3", `{"email":"labuser2@example.com","username":"labuser2"}`)},
	{before: "248", absent: true, do: (*differential).deleteNewKey},
	{before: "273", do: useUp("client_user", "GET", serverPelicanPath+"/websocket", "")},
	{before: "279", do: pause(time.Minute)},
	{before: "292", absent: true, do: (*differential).writePelican},
	{before: "304", absent: true, do: request("client_user", "PUT", serverPelicanPath+"/files/rename", `{"root":"/dir5b1a5","files":[{"from":"a copy.txt","to":"b.txt"}]}`)},
	{before: "321", do: useUp("client_user", "POST", serverPelicanPath+"/files/pull", `{"url":"nope"}`)},
	{before: "329", do: pause(time.Second)},
	{before: "341", do: pause(2 * time.Second)},
	{before: "344", absent: true, do: request("client_user", "DELETE", serverPelicanPath+"/backups/39caf791-42e8-4e2b-b9e6-c7cd27d07d65", "")},
	{before: "349", do: pause(time.Minute)},
	{before: "352", absent: true, do: request("client_user", "POST", serverPelicanPath+"/schedules/1/tasks", `{"action":"backup","payload":"","time_offset":0}`)},
	{before: "370", do: nextPort(27003)},
	{before: "380", absent: true, do: request("client_user", "DELETE", serverPelicanPath+"/network/allocations/1", "")},
	{before: "384", absent: true, do: request("application", "PATCH", "/api/application/servers/1/build",
		`{"allocation":1,"add_allocations":[1],"feature_limits":{"databases":3,"allocations":3,"backups":5}}`)},
	{before: "410", do: pause(time.Minute)},
	{before: "428", absent: true, do: request("client_user", "POST", serverPelicanPath+"/settings/description", `{"description":""}`)},
	{before: "433", do: (*differential).noteLost},
	{before: "436", absent: true, do: request("client_user", "POST", "/api/client/servers/"+serverPelican2+"/settings/reinstall", "")},
	{before: "439", do: func(d *differential) { d.panel.SetMaintenance(1, true) }},
	{before: "444", do: func(d *differential) { d.panel.SetMaintenance(1, false) }},
	{before: "445", do: setStatus("install_failed")},
	{before: "447", do: setStatus("reinstall_failed")},
	{before: "450", do: setStatus("restoring_backup")},
	{before: "452", do: setStatus("")},
	{before: "453", do: (*differential).learnNodeToken},
	{before: "494", do: func(d *differential) { d.panel.Reserve(true, 6, 7, 8, 9, 10, 11) }},
	{before: "495", do: func(d *differential) { d.panel.Reserve(false, 6, 7, 8, 9, 10, 11) }},
	{before: "497", do: (*differential).installPelican},
	{before: "524", do: pause(2 * time.Second)},
	{before: "540", absent: true, do: attempt("client_user", "/api/client/servers/"+serverPelican4+"/databases", `{"database":"c5b1a5","remote":"%"}`)},
	{before: "544", absent: true, do: request("application", "PATCH", "/api/application/servers/6/build",
		`{"allocation":6,"limits":{"memory":99999,"swap":0,"disk":64,"io":500,"cpu":10},"feature_limits":{"databases":0,"backups":0}}`)},
	{before: "556", do: pause(time.Second)},
	{before: "560", absent: true, do: request("application", "DELETE", "/api/application/servers/5", "")},
	{before: "561", do: (*differential).killNode},
	{before: "568", absent: true, do: attempt("application", "/api/application/servers/1/suspend", "")},
	{before: "577", do: useUp("application_ro", "GET", "/api/application/users", "")},
	{before: "578", do: useUp("client_sub", "GET", "/api/client/account", "")},
	{before: "581", do: pause(time.Minute)},
	{before: "582", do: func(d *differential) { d.panel.AddRole(4, "Webguard") }},
	{before: "584", absent: true, do: request("application", "PATCH", "/api/application/users/3",
		`{"email":"labuser2@example.com","username":"labuser2","is_managed_externally":true}`)},
	{before: "588", do: (*differential).reviveNode},
	{before: "590", do: pause(time.Minute)},
	{before: "595", do: pause(time.Minute)},
	{before: "596", do: createForTransfer(8, "trx5b25e", "9c9cf006-5ddd-4635-acb7-caa9ac805b32")},
	{before: "602", do: (*differential).killNode},
	{before: "604", do: (*differential).reviveNode},
	{before: "604", absent: true, do: request("application", "DELETE", "/api/application/servers/8", "")},
	{before: "616", do: createForTransfer(9, "trz5b2b2", "50650c83-b2ba-4fe1-8983-575b9f1f88f7")},
}

// setStatus gives the second server a status, as its node would.
func setStatus(status string) func(*differential) {
	return func(d *differential) { d.panel.SetStatus(serverPelican2, status) }
}

// importPlugin adds the plugin from a file, as an administrator would.
func (d *differential) importPlugin() {
	d.must("application", "POST", "/api/application/plugins/import/url", `{"url":"`+d.panel.URL+`/first/labplug.zip"}`)
}

// noteLost notes what the recorded activity counts, and what came of requests that
// are not among the recordings.
func (d *differential) noteLost() {
	d.panel.AddActivity("server:backup.download", 2, serverPelican, nil, nil, time.Now())
	for range 10 {
		d.panel.AddActivity("server:power.start", 2, serverPelican, nil, nil, time.Now())
	}
}

// deleteNewKey deletes the key that was made before.
func (d *differential) deleteNewKey() {
	d.must("client_user2", "DELETE", "/api/client/account/api-keys/pacc_PjdWf0wAtvx", "")
}

// writeAs writes a file of a server.
func (d *differential) writeAs(key, server, name, content string) {
	d.t.Helper()
	target := "/api/client/servers/" + d.translate(server) + "/files/write?" + url.Values{"file": {name}}.Encode()
	if answer := d.send(d.keys[key], "POST", target, "text/plain", content, nil); answer.status != http.StatusNoContent {
		d.t.Errorf("%s is not written: %d %s", name, answer.status, answer.body)
	}
}

func (d *differential) writePelican() {
	d.writeAs("client_user", serverPelicanUUID, "/dir5b1a5/a.txt", "line one\nline two")
}

// learnNodeToken reads the token of the node, which the recordings call a key.
func (d *differential) learnNodeToken() {
	var config struct {
		TokenID string `json:"token_id"`
		Token   string `json:"token"`
	}
	if err := json.Unmarshal(d.must("application", "GET", "/api/application/nodes/1/configuration", "").body, &config); err != nil {
		d.t.Fatal(err)
	}
	d.keys["daemon"] = config.TokenID + "." + config.Token
}

// installPelican waits for the installation of a server, and does what its script
// does.
func (d *differential) installPelican() {
	time.Sleep(2 * time.Second)
	for name, content := range filesPelican {
		d.writeAs("client_user", serverPelican4, name, content)
	}
}

// filesPelican are those that the recorded install script makes.
var filesPelican = map[string]string{"readme.txt": "hello\n", "server.properties": "server-port=1\nmotd=none\n", "world/level.dat": "level"}

func (d *differential) killNode() {
	d.t.Helper()
	check(d.t, d.panel.StopNode(1))
}

func (d *differential) reviveNode() {
	d.t.Helper()
	check(d.t, d.panel.StartNode(1))
}

// createForTransfer makes a server that is to be transferred, to a node whose Wings
// answers.
func createForTransfer(id int, externalID, uuid string) func(*differential) {
	return func(d *differential) {
		d.t.Helper()
		check(d.t, d.panel.StartNode(2))
		d.panel.NextIDs(2, 2, 2, 2, id)
		answer := d.must("application", "POST", "/api/application/servers", `{"external_id":"`+externalID+`","name":"tr","user":2,"egg":1,
			"environment":`+environmentPelican+`,"limits":{"memory":128,"swap":0,"disk":512,"io":500,"cpu":50},
			"feature_limits":{"databases":1,"backups":1,"allocations":2},"allocation":{"default":4}}`)
		d.learn(uuid, fmt.Sprint(answer.attributes()["uuid"]))
		time.Sleep(time.Second)
	}
}

// pluginPelican is the recorded plugin, first without an address for updates.
func pluginPelican(updates string) []byte {
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	f, err := w.Create("labplug/plugin.json")
	if err != nil {
		return nil
	}
	_, err = f.Write([]byte(`{"id":"labplug","name":"Lab Plug","author":"lab","version":"1.0.0","description":"nothing","category":"plugin",
		"namespace":"Lab\\LabPlug","class":"LabPlugPlugin"` + updates + `}`))
	if err = errors.Join(err, w.Close()); err != nil {
		return nil
	}
	return archive.Bytes()
}

// servePlugin answers requests for the recorded plugin.
func servePlugin(w http.ResponseWriter, r *http.Request) bool {
	switch r.URL.Path {
	case "/first/labplug.zip":
		_, _ = w.Write(pluginPelican("")) // the Panel may be gone
	case "/labplug.zip":
		_, _ = w.Write(pluginPelican(`,"update_url":"http://127.0.0.1:8298/update.json"`)) // see above
	default:
		return false
	}
	return true
}
