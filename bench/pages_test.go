package bench

import (
	"encoding/json"
	"fmt"
	"strings"
)

// serversOfPage is the largest page that All asks for.
const serversOfPage = 100

// kinds are what the servers of a hoster run: a few eggs, many servers.
var kinds = []struct{ image, startup, variables string }{
	{
		"ghcr.io/pterodactyl/yolks:java_21",
		`java -Xms128M -XX:MaxRAMPercentage=95.0 -Dterminal.jline=false -Dterminal.ansi=true -jar {{SERVER_JARFILE}}`,
		`"SERVER_JARFILE":"server.jar","MINECRAFT_VERSION":"latest","BUILD_NUMBER":"latest"`,
	}, {
		"ghcr.io/pterodactyl/games:source",
		`./srcds_run -game csgo -console -port {{SERVER_PORT}} +map {{SRCDS_MAP}} +sv_setsteamaccount {{STEAM_ACC}}`,
		`"SRCDS_MAP":"de_dust2","STEAM_ACC":"","SRCDS_APPID":"740","TICKRATE":"64"`,
	}, {
		"ghcr.io/pterodactyl/yolks:debian",
		`sh run.sh "{{GREETING}}" {{LEVEL}}`,
		`"GREETING":"hello","LEVEL":"3"`,
	},
}

// applicationPage is one page of the Application API's list of servers, in the
// bytes in which a Panel sends it: PHP writes no spaces and escapes slashes. The
// shape is that of a recording, see TestPageIsLikeTheRecording.
func applicationPage(page, pages int) []byte {
	items := make([]string, serversOfPage)
	for i := range items {
		items[i] = applicationServer((page-1)*serversOfPage + i + 1)
	}
	return fmt.Appendf(nil, `{"object":"list","data":[%s],"meta":{"pagination":{"total":%d,"count":%d,"per_page":%d,"current_page":%d,"total_pages":%d,"links":{%s}}}}`,
		strings.Join(items, ","), pages*serversOfPage, serversOfPage, serversOfPage, page, pages,
		php(fmt.Sprintf(`"previous":"https://panel.example.org/api/application/servers?page=%d"`, page-1)))
}

func applicationServer(id int) string {
	kind := kinds[id%len(kinds)]
	uuid := fmt.Sprintf("%08x-9c07-4517-8040-%012x", id*2654435761%(1<<32), id*40503)
	startup := quote(kind.startup)
	return php(fmt.Sprintf(`{"object":"server","attributes":{"id":%d,"external_id":"order-%d","uuid":"%s","identifier":"%s",`+
		`"name":"Server of customer %d","description":"Booked on the 1st, order %d","status":null,"suspended":false,`+
		`"limits":{"memory":%d,"swap":0,"disk":10240,"io":500,"cpu":200,"threads":null,"oom_disabled":true},`+
		`"feature_limits":{"databases":3,"allocations":4,"backups":3},"user":%d,"node":%d,"allocation":%d,"nest":5,"egg":%d,`+
		`"container":{"startup_command":%s,"image":"%s","installed":1,"environment":{%s,"STARTUP":%s,`+
		`"P_SERVER_LOCATION":"lo1","P_SERVER_UUID":"%s","P_SERVER_ALLOCATION_LIMIT":4}},`+
		`"updated_at":"2026-11-21T22:%02d:05+00:00","created_at":"2026-11-%02dT22:34:20+00:00"}}`,
		id, id*7, uuid, uuid[:8], id, id*7, 512*(1+id%16), id/3+1, id%12+1, id+1000, id%len(kinds)+1,
		startup, kind.image, kind.variables, startup, uuid, id%60, id%28+1))
}

// clientServer is one server of the Client API, with what it comes with.
func clientServer() []byte {
	return []byte(php(`{"object":"server","attributes":{"server_owner":true,"identifier":"3d2f6345","internal_id":1,` +
		`"uuid":"3d2f6345-9c07-4517-8040-3ba7db4c7bc2","name":"ref-user","node":"node1","is_node_under_maintenance":false,` +
		`"sftp_details":{"ip":"127.0.0.1","port":2022},"description":"Server ref-user",` +
		`"limits":{"memory":512,"swap":0,"disk":1024,"io":500,"cpu":100,"threads":null,"oom_disabled":true},` +
		`"invocation":"sh run.sh \"hello\" 3","docker_image":"ghcr.io/pterodactyl/yolks:debian","egg_features":null,` +
		`"feature_limits":{"databases":3,"allocations":4,"backups":3},"status":null,"is_suspended":false,"is_installing":false,` +
		`"is_transferring":false,"relationships":{"allocations":{"object":"list","data":[{"object":"allocation","attributes":` +
		`{"id":1,"ip":"127.0.0.1","ip_alias":null,"port":25500,"notes":null,"is_default":true}}]},"variables":{"object":"list","data":[` +
		`{"object":"egg_variable","attributes":{"name":"Greeting","description":"Shown at start","env_variable":"GREETING",` +
		`"default_value":"hello","server_value":"hello","is_editable":true,"rules":"required|string|max:20"}},` +
		`{"object":"egg_variable","attributes":{"name":"Level","description":"A number","env_variable":"LEVEL",` +
		`"default_value":"3","server_value":"3","is_editable":false,"rules":"required|integer|between:1,10"}}]}}},` +
		`"meta":{"is_server_owner":true,"user_permissions":["*"]}}`))
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// php escapes slashes, as PHP's json_encode does.
func php(document string) string { return strings.ReplaceAll(document, "/", `\/`) }
