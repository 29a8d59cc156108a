package application_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/envelope"
	"github.com/ptero-go/ptero/internal/recorded"
)

const pelicanKey = "papp_x"

// unsupported demands that a call is refused, with a text that says what to use.
func unsupported(t *testing.T, err error, instead string) {
	t.Helper()
	if !errors.Is(err, client.ErrUnsupported) || !strings.Contains(err.Error(), instead) || strings.HasPrefix(err.Error(), ":") {
		t.Errorf("err = %v, want one that matches ErrUnsupported, names the operation and says %q", err, instead)
	}
}

func TestFlavorFollowsTheKey(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]client.Flavor{"ptla_x": client.Pterodactyl, "ptlc_x": client.Pterodactyl, "papp_x": client.Pelican} {
		c, err := application.New("https://panel.example.org", key)
		if err != nil || c.Flavor() != want {
			t.Errorf("%s: %v, %v", key, c.Flavor(), err)
		}
	}
}

func TestWhatTheOtherPanelHasIsRefused(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c, p := serveFor(t, pelicanKey, nil)
	_, err := c.Locations.List(ctx, application.LocationListOptions{})
	unsupported(t, err, "nodes have tags")
	_, err = c.Nests.Get(ctx, 1)
	unsupported(t, err, "/api/application/eggs")
	_, err = c.Eggs.Get(ctx, 1, 2)
	unsupported(t, err, "/api/application/eggs/{egg}")
	_, err = c.Users.Create(ctx, application.CreateUserRequest{Email: "a@example.com", Username: "abc", RootAdmin: true})
	unsupported(t, err, "Roles.Assign")
	_, err = c.Users.Replace(ctx, 1, application.UpdateUserRequest{Email: "a@example.com", Username: "abc", RootAdmin: new(bool)})
	unsupported(t, err, "Roles.Assign")
	_, err = c.Nodes.Deployable(ctx, application.NodeRequirements{Memory: 1, Disk: 1, Locations: []int{1}})
	unsupported(t, err, "Tags")
	_, err = c.Servers.CreateExact(ctx, application.CreateServerRequest{Limits: some, Deploy: &application.Deployment{Locations: []int{1}}})
	unsupported(t, err, "Deploy.Tags")
	_, err = c.Servers.List(ctx, application.ServerListOptions{Include: []application.ServerInclude{application.ServerIncludeNest}})
	unsupported(t, err, "no nests")
	_, err = c.Servers.Get(ctx, 1, application.ServerIncludeLocation)
	unsupported(t, err, "Tags")
	_, err = c.Nodes.Get(ctx, 1, application.NodeIncludeLocation)
	unsupported(t, err, "Tags")
	_, err = c.Eggs.GetByID(ctx, 1, application.EggIncludeConfig)
	unsupported(t, err, "whole Config")
	if asked := p.asked(); len(asked) > 0 {
		t.Errorf("was sent: %q", asked)
	}

	c, p = serve(t, nil)
	_, err = c.Roles.List(ctx, application.RoleListOptions{})
	unsupported(t, err, "root_admin")
	_, err = c.Eggs.GetByID(ctx, 1)
	unsupported(t, err, "nests")
	unsupported(t, c.Transfers.Cancel(ctx, 1), "admin area")
	_, err = c.Users.Get(ctx, 1, application.UserIncludeRoles)
	unsupported(t, err, "RootAdmin")
	_, err = c.Nodes.Deployable(ctx, application.NodeRequirements{Memory: 1, Disk: 1, Tags: []string{"a"}})
	unsupported(t, err, "Locations")
	_, err = c.Nodes.Deployable(ctx, application.NodeRequirements{Memory: 1, Disk: 1, CPU: 1})
	unsupported(t, err, "CPU time")
	_, err = c.Servers.CreateExact(ctx, application.CreateServerRequest{Limits: some, Deploy: &application.Deployment{Tags: []string{"a"}}})
	unsupported(t, err, "Deploy.Locations")
	if asked := p.asked(); len(asked) > 0 {
		t.Errorf("was sent: %q", asked)
	}
}

// A field that Pelican alone takes is refused where Pterodactyl would ignore it, but
// for the word for the out-of-memory killer, which is translated.
func TestForeignFieldsAreRefused(t *testing.T) {
	t.Parallel()
	c, p := serve(t, nil)
	refused := 0
	for _, request := range []any{
		&application.CreateUserRequest{}, &application.UpdateUserRequest{}, &application.CreateNodeRequest{Scheme: "http"}, &application.UpdateNodeRequest{Scheme: "http"},
	} {
		v := reflect.ValueOf(request).Elem()
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if field.Tag.Get("panel") != "pelican" {
				continue
			}
			was := reflect.New(field.Type).Elem()
			was.Set(v.Field(i))
			set(t, v.Field(i))
			var err error
			switch request := request.(type) {
			case *application.CreateUserRequest:
				_, err = c.Users.Create(t.Context(), *request)
			case *application.UpdateUserRequest:
				_, err = c.Users.Replace(t.Context(), 1, *request)
			case *application.CreateNodeRequest:
				_, err = c.Nodes.Create(t.Context(), *request)
			case *application.UpdateNodeRequest:
				_, err = c.Nodes.Replace(t.Context(), 1, *request)
			}
			unsupported(t, err, field.Name)
			v.Field(i).Set(was)
			refused++
		}
	}
	if asked := p.asked(); len(asked) > 0 || refused < 15 {
		t.Errorf("%d fields were looked at, was sent: %q", refused, asked)
	}
}

// set gives a field a value that is not zero.
func set(t *testing.T, v reflect.Value) {
	t.Helper()
	switch value := v.Addr().Interface().(type) {
	case *bool:
		*value = true
	case *string:
		*value = "x"
	case **bool:
		*value = new(bool)
	case **int:
		*value = new(int)
	case **string:
		*value = new(string)
	case *[]string:
		*value = []string{"x"}
	case *envelope.Nullable[string]:
		*value = envelope.NullableOf(new(string))
	default:
		t.Fatalf("a field is of type %T", value)
	}
}

// pelicanEgg is the recorded egg with the variables that a server of it had.
func pelicanEgg(t *testing.T) object {
	t.Helper()
	egg := recordedBody(t, "pelican-091-app-eggs-get")
	relations := in(t, recordedBody(t, "pelican-471-app-servers-list-include"), "data", 0, "attributes", "relationships")
	variables := in(t, relations, "variables")
	for i := range variables["data"].([]any) {
		in(t, variables, "data", i)["object"] = "egg_variable"
	}
	in(t, egg, "attributes")["relationships"] = object{"variables": variables}
	return egg
}

// In Pelican the egg is found by its number alone, and what Pterodactyl calls
// oom_disabled and locations has other names.
func TestCreateOnPelican(t *testing.T) {
	t.Parallel()
	c, p := serveFor(t, pelicanKey, map[string]http.HandlerFunc{
		"GET /api/application/eggs/1":   answer(t, pelicanEgg(t)),
		"POST /api/application/servers": replay(t, "pelican-494-app-servers-create-deploy"),
	})
	enabled := false
	_, err := c.Servers.Create(t.Context(), application.CreateServerRequest{
		Name: "n", UserID: 2, EggID: 1, Limits: some, OOMDisabled: &enabled, Environment: envelope.Map[string]{"MOTD": "m"},
		Deploy: &application.Deployment{Tags: []string{"lab"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"GET /api/application/eggs/1?include=variables", "POST /api/application/servers"}
	if asked := p.asked(); !slices.Equal(asked, want) {
		t.Errorf("asked %q", asked)
	}
	var sent object
	if err := json.Unmarshal([]byte(p.sent(http.MethodPost)), &sent); err != nil {
		t.Fatal(err)
	}
	if _, there := sent["oom_disabled"]; there || sent["oom_killer"] != true {
		t.Errorf("sent %v", sent)
	}
	if sent["startup"] != "/game --port {{SERVER_PORT}} --motd {{MOTD}}" || sent["docker_image"] != "127.0.0.1:5000/lab/game:latest" {
		t.Errorf("sent %v", sent)
	}
	if environment := in(t, sent, "environment"); environment["MOTD"] != "m" || environment["BUILD"] != "7" {
		t.Errorf("environment = %v", environment)
	}
	if tags := in(t, sent, "deploy")["tags"]; !reflect.DeepEqual(tags, []any{"lab"}) {
		t.Errorf("tags = %v", tags)
	}
}

// Left out, image and start command are those of the egg; empty texts are refused.
func TestCreateExactOnPelicanLeavesOutWhatIsEmpty(t *testing.T) {
	t.Parallel()
	c, p := serveFor(t, pelicanKey, map[string]http.HandlerFunc{"POST /api/application/servers": replay(t, "pelican-495-app-servers-create-minimal")})
	if _, err := c.Servers.CreateExact(t.Context(), application.CreateServerRequest{Name: "n", Limits: some}); err != nil {
		t.Fatal(err)
	}
	sent := p.sent(http.MethodPost)
	for _, name := range []string{"docker_image", "startup", "oom_killer", "oom_disabled"} {
		if strings.Contains(sent, name) {
			t.Errorf("sent %s", sent)
		}
	}
}

// Each panel gets its own word for the out-of-memory killer, whichever is used.
func TestOutOfMemoryKiller(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	for name, tt := range map[string]struct {
		key  string
		req  application.CreateServerRequest
		want string
	}{
		"Pterodactyl":        {"ptla_x", application.CreateServerRequest{OOMDisabled: &yes}, `"oom_disabled":true`},
		"Pterodactyl killer": {"ptla_x", application.CreateServerRequest{OOMKiller: &yes}, `"oom_disabled":false`},
		"Pelican":            {pelicanKey, application.CreateServerRequest{OOMKiller: &no}, `"oom_killer":false`},
		"Pelican with both":  {pelicanKey, application.CreateServerRequest{OOMDisabled: &yes, OOMKiller: &no}, `"oom_killer":false`},
		"Pelican disabled":   {pelicanKey, application.CreateServerRequest{OOMDisabled: &yes}, `"oom_killer":false`},
	} {
		tt.req.Limits = some
		c, p := serveFor(t, tt.key, map[string]http.HandlerFunc{"POST /api/application/servers": replay(t, "pelican-495-app-servers-create-minimal")})
		if _, err := c.Servers.CreateExact(t.Context(), tt.req); err != nil {
			t.Error(err)
		}
		if sent := p.sent(http.MethodPost); !strings.Contains(sent, tt.want) || strings.Count(sent, "oom_") != 1 {
			t.Errorf("%s: sent %s", name, sent)
		}
	}
}

// What an update was not told about the out-of-memory killer must not overrule what
// it was told, in whichever word.
func TestUpdateBuildTakesEitherWordForTheOutOfMemoryKiller(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	server := recordedBody(t, "pelican-501-app-servers-build")
	limits := in(t, server, "attributes", "limits")
	for key, word := range map[string]string{"ptla_x": "oom_disabled", pelicanKey: "oom_killer"} {
		for _, disabled := range []bool{false, true} {
			limits["oom_disabled"], limits["oom_killer"] = disabled, !disabled
			for _, change := range []application.UpdateServerBuildRequest{{OOMDisabled: &yes}, {OOMDisabled: &no}, {OOMKiller: &yes}, {OOMKiller: &no}, {}} {
				c, p := serveFor(t, key, map[string]http.HandlerFunc{
					"GET /api/application/servers/4": answer(t, server), "PATCH /api/application/servers/4/build": answer(t, server),
				})
				_, err := c.Servers.UpdateBuild(t.Context(), 4, func(req *application.UpdateServerBuildRequest) error {
					if change.OOMDisabled != nil {
						*req.OOMDisabled = *change.OOMDisabled
					}
					req.OOMKiller = change.OOMKiller
					req.Limits.Memory++
					return nil
				})
				want := disabled
				switch {
				case change.OOMDisabled != nil:
					want = *change.OOMDisabled
				case change.OOMKiller != nil:
					want = !*change.OOMKiller
				}
				sent := fmt.Sprintf("%q:%t", word, want == (word == "oom_disabled"))
				if body := p.sent(http.MethodPatch); err != nil || !strings.Contains(body, sent) || strings.Count(body, "oom_") != 1 {
					t.Errorf("disabled was %t, change %v %v: %v, sent %s, want %s", disabled, change.OOMDisabled, change.OOMKiller, err, body, sent)
				}
			}
		}
	}
}

func TestContradictionAboutTheOutOfMemoryKillerIsRefused(t *testing.T) {
	t.Parallel()
	yes := true
	for _, key := range []string{"ptla_x", pelicanKey} {
		c, p := serveFor(t, key, nil)
		_, errCreate := c.Servers.CreateExact(t.Context(), application.CreateServerRequest{Limits: some, OOMDisabled: &yes, OOMKiller: &yes})
		_, errReplace := c.Servers.ReplaceBuild(t.Context(), 1, application.UpdateServerBuildRequest{OOMDisabled: &yes, OOMKiller: &yes})
		for _, err := range []error{errCreate, errReplace} {
			if !errors.Is(err, client.ErrArgument) || !strings.Contains(err.Error(), "argument OOMKiller is true, and so is OOMDisabled") {
				t.Errorf("err = %v", err)
			}
		}
		if asked := p.asked(); len(asked) > 0 {
			t.Errorf("was sent: %q", asked)
		}
	}
}

// What change takes away must not stay because it is left out of the request.
func TestNodeUpdateClearsTagsAndAlias(t *testing.T) {
	t.Parallel()
	node := recordedBody(t, "pelican-059-app-nodes-update")
	attributes := in(t, node, "attributes")
	attributes["tags"], attributes["daemon_sftp_alias"] = []string{"a"}, "sftp.example.org"
	for _, none := range [][]string{nil, {}} {
		c, p := serveFor(t, pelicanKey, map[string]http.HandlerFunc{
			"GET /api/application/nodes/2": answer(t, node), "PATCH /api/application/nodes/2": answer(t, node),
		})
		_, err := c.Nodes.Update(t.Context(), 2, func(req *application.UpdateNodeRequest) error {
			if alias, ok := req.DaemonSFTPAlias.Get(); !ok || alias != "sftp.example.org" || len(req.Tags) != 1 {
				t.Errorf("got %+v", req)
			}
			req.Tags, req.DaemonSFTPAlias = none, client.Null[string]()
			return nil
		})
		if sent := p.sent(http.MethodPatch); err != nil || !strings.Contains(sent, `"tags":[]`) || !strings.Contains(sent, `"daemon_sftp_alias":null`) {
			t.Errorf("%v, sent %s", err, sent)
		}
	}
}

// Pelican refuses a Deploy without tags, so that an empty list has to be sent.
func TestDeployWithoutTagsOnPelican(t *testing.T) {
	t.Parallel()
	c, p := serveFor(t, pelicanKey, map[string]http.HandlerFunc{"POST /api/application/servers": replay(t, "pelican-494-app-servers-create-deploy")})
	_, err := c.Servers.CreateExact(t.Context(), application.CreateServerRequest{Limits: some, Deploy: &application.Deployment{}})
	if sent := p.sent(http.MethodPost); err != nil || !strings.Contains(sent, `"tags":[]`) || !strings.Contains(sent, `"port_range":[]`) {
		t.Errorf("%v, sent %s", err, sent)
	}
}

// Pelican answers 406 without a word.
func TestTransferErrorsHaveAReason(t *testing.T) {
	t.Parallel()
	c, _ := serveFor(t, pelicanKey, map[string]http.HandlerFunc{
		"POST /api/application/servers/1/transfer":        func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotAcceptable) },
		"POST /api/application/servers/1/transfer/cancel": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotAcceptable) },
	})
	err := c.Transfers.Start(t.Context(), 1, application.TransferServerRequest{NodeID: 1, AllocationID: 1})
	if err == nil || !strings.HasSuffix(err.Error(), "406 Not Acceptable: the node has no room, or the allocation is not free there") {
		t.Errorf("err = %v", err)
	}
	if err := c.Transfers.Cancel(t.Context(), 1); err == nil || !strings.HasSuffix(err.Error(), "406 Not Acceptable: the server is not being transferred") {
		t.Errorf("err = %v", err)
	}
}

// An update without another change sends what was read in the words of Pelican.
func TestUpdatesOfPelican(t *testing.T) {
	t.Parallel()
	user := recordedBody(t, "pelican-029-app-users-update")
	node := recordedBody(t, "pelican-059-app-nodes-update")
	server := recordedBody(t, "pelican-501-app-servers-build")
	c, p := serveFor(t, pelicanKey, map[string]http.HandlerFunc{
		"GET /api/application/users/5": answer(t, user), "PATCH /api/application/users/5": answer(t, user),
		"GET /api/application/nodes/2": answer(t, node), "PATCH /api/application/nodes/2": answer(t, node),
		"GET /api/application/servers/4": answer(t, server), "PATCH /api/application/servers/4/build": answer(t, server),
	})
	sent := func(err error) object {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		var body object
		if err := json.Unmarshal([]byte(p.sent(http.MethodPatch)), &body); err != nil {
			t.Fatal(err)
		}
		return body
	}
	_, err := c.Users.Update(t.Context(), 5, func(req *application.UpdateUserRequest) error { req.Username = "changed"; return nil })
	body := sent(err)
	if _, there := body["root_admin"]; there || body["is_managed_externally"] != true || body["username"] != "changed" {
		t.Errorf("user: sent %v", body)
	}
	_, err = c.Nodes.Update(t.Context(), 2, func(req *application.UpdateNodeRequest) error { req.Name = "changed"; return nil })
	body = sent(err)
	was := in(t, node, "attributes")
	for _, name := range []string{"cpu", "cpu_overallocate", "daemon_connect", "tags", "description", "fqdn", "memory", "upload_size"} {
		if !reflect.DeepEqual(body[name], was[name]) {
			t.Errorf("node: sent %s %v, it was %v", name, body[name], was[name])
		}
	}
	_, err = c.Servers.UpdateBuild(t.Context(), 4, func(req *application.UpdateServerBuildRequest) error { req.FeatureLimits.Backups = 9; return nil })
	body = sent(err)
	if _, there := body["oom_disabled"]; there || body["oom_killer"] != false {
		t.Errorf("build: sent %v", body)
	}
	for _, flat := range []string{"memory", "swap", "disk", "io", "cpu", "threads"} {
		if _, there := body[flat]; there {
			t.Errorf("build: sent %s, which is ignored", flat)
		}
	}
}

// What Pelican demands of a node, and Pterodactyl has no word for, is filled in.
func TestCreateNodeOnPelican(t *testing.T) {
	t.Parallel()
	c, p := serveFor(t, pelicanKey, map[string]http.HandlerFunc{"POST /api/application/nodes": replay(t, "pelican-055-app-nodes-create")})
	req := application.CreateNodeRequest{Name: "n", FQDN: "n.example.com", Scheme: "http", Memory: 1, Disk: 1, DaemonListen: 8080, DaemonSFTP: 2022}
	if _, err := c.Nodes.Create(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	if sent := p.sent(http.MethodPost); !recorded.Payload(sent).Same([]byte(`{"name":"n","fqdn":"n.example.com","scheme":"http","location_id":0,
		"memory":1,"memory_overallocate":0,"disk":1,"disk_overallocate":0,"daemon_listen":8080,"daemon_sftp":2022,
		"cpu":0,"cpu_overallocate":0,"daemon_connect":8080}`)) {
		t.Errorf("sent %s", sent)
	}
}

func TestServerFilterOfPelican(t *testing.T) {
	t.Parallel()
	for key, name := range map[string]string{"ptla_x": "uuidShort", pelicanKey: "uuid_short"} {
		c, p := serveFor(t, key, map[string]http.HandlerFunc{"GET /api/application/servers": replay(t, "pelican-465-app-servers-list-page")})
		if _, err := c.Servers.List(t.Context(), application.ServerListOptions{Filter: application.ServerFilter{Identifier: "abc"}}); err != nil {
			t.Error(err)
		}
		if want := "GET /api/application/servers?filter%5B" + name + "%5D=abc"; !slices.Equal(p.asked(), []string{want}) {
			t.Errorf("asked %q, want %s", p.asked(), want)
		}
	}
}

// The rules of a variable are one text in Go.
func TestRulesOfPelican(t *testing.T) {
	t.Parallel()
	c, _ := serveFor(t, pelicanKey, map[string]http.HandlerFunc{"GET /api/application/eggs/1": answer(t, pelicanEgg(t))})
	egg, err := c.Eggs.GetByID(t.Context(), 1, application.EggIncludeVariables)
	if err != nil {
		t.Fatal(err)
	}
	if rules := egg.Variables()[0].Rules; rules == nil || !strings.Contains(*rules, "|") {
		t.Errorf("rules = %v", rules)
	}
}

// What Pelican fetches a plugin from is no daemon.
func TestPluginErrorsAreNotOfTheDaemon(t *testing.T) {
	t.Parallel()
	c, _ := serveFor(t, pelicanKey, map[string]http.HandlerFunc{
		"POST /api/application/plugins/import/url":        replay(t, "pelican-163-app-plugins-import-url-bad"),
		"POST /api/application/servers/8/transfer/cancel": replay(t, "pelican-602-app-transfer-cancel-hanging"),
	})
	if err := c.Plugins.ImportURL(t.Context(), "http://127.0.0.1:9/none.zip"); errors.Is(err, client.ErrDaemon) || !errors.Is(err, client.ErrServer) {
		t.Errorf("err = %v", err)
	}
	if err := c.Transfers.Cancel(t.Context(), 8); !errors.Is(err, client.ErrDaemon) {
		t.Errorf("err = %v", err)
	}
}

func TestPluginFileIsAForm(t *testing.T) {
	t.Parallel()
	c, p := serveFor(t, pelicanKey, map[string]http.HandlerFunc{
		"POST /api/application/plugins/import/file": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) },
	})
	if err := c.Plugins.ImportFile(t.Context(), "chat.zip", strings.NewReader("PK")); err != nil {
		t.Fatal(err)
	}
	sent := p.sent(http.MethodPost)
	if !strings.Contains(sent, `name="file"; filename="chat.zip"`) || !strings.Contains(sent, "\r\n\r\nPK\r\n") {
		t.Errorf("sent %q", sent)
	}
	if err := c.Plugins.ImportFile(t.Context(), "chat.zip", nil); !errors.Is(err, client.ErrArgument) {
		t.Errorf("err = %v", err)
	}
	if err := c.Plugins.ImportFile(t.Context(), "", strings.NewReader("PK")); !errors.Is(err, client.ErrArgument) {
		t.Errorf("err = %v", err)
	}
}
