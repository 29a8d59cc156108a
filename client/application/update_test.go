package application_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
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

// updates are the updates with a change of one field, or of none.
var updates = map[string]struct {
	read    string // the recording that is read, and updated
	path    string // below what is read
	call    func(ctx context.Context, c *application.Client, id int, changes bool) (any, error)
	changed object // what the change makes of the request

	request any
	leftOut []string // fields that cannot be read, or stand for others
}{
	"user": {
		read: "013-app-users-get",
		call: func(ctx context.Context, c *application.Client, id int, changes bool) (any, error) {
			return c.Users.Update(ctx, id, func(req *application.UpdateUserRequest) error {
				if changes {
					req.FirstName = "changed"
				}
				return nil
			})
		},
		changed: object{"first_name": "changed"},
		request: application.UpdateUserRequest{}, leftOut: []string{"password"},
	},
	"location": {
		read: "031-app-locations-get",
		call: func(ctx context.Context, c *application.Client, id int, changes bool) (any, error) {
			return c.Locations.Update(ctx, id, func(req *application.UpdateLocationRequest) error {
				if changes {
					req.Short = "changed"
				}
				return nil
			})
		},
		changed: object{"short": "changed"},
		request: application.UpdateLocationRequest{},
	},
	"node": {
		read: "039-app-nodes-get",
		call: func(ctx context.Context, c *application.Client, id int, changes bool) (any, error) {
			return c.Nodes.Update(ctx, id, func(req *application.UpdateNodeRequest) error {
				if changes {
					req.Name = "changed"
				}
				return nil
			})
		},
		changed: object{"name": "changed"},
		request: application.UpdateNodeRequest{}, leftOut: []string{"reset_secret"},
	},
	"details": {
		read: "075-app-servers-get", path: "/details",
		call: func(ctx context.Context, c *application.Client, id int, changes bool) (any, error) {
			return c.Servers.UpdateDetails(ctx, id, func(req *application.UpdateServerDetailsRequest) error {
				if changes {
					req.Name = "changed"
				}
				return nil
			})
		},
		changed: object{"name": "changed"},
		request: application.UpdateServerDetailsRequest{},
	},
	"build": {
		read: "075-app-servers-get", path: "/build",
		call: func(ctx context.Context, c *application.Client, id int, changes bool) (any, error) {
			return c.Servers.UpdateBuild(ctx, id, func(req *application.UpdateServerBuildRequest) error {
				if changes {
					req.RemoveAllocations = []int{99}
				}
				return nil
			})
		},
		changed: object{"remove_allocations": []int{99}},
		request: application.UpdateServerBuildRequest{},
		leftOut: []string{"cpu", "disk", "io", "memory", "swap", "threads"},
	},
	"startup": {
		read: "075-app-servers-get", path: "/startup",
		call: func(ctx context.Context, c *application.Client, id int, changes bool) (any, error) {
			return c.Servers.UpdateStartup(ctx, id, func(req *application.UpdateServerStartupRequest) error {
				if changes {
					req.SkipScripts = true
				}
				return nil
			})
		},
		changed: object{"skip_scripts": true},
		request: application.UpdateServerStartupRequest{}, leftOut: []string{"docker_image", "pack"},
	},
}

// An update without a change sends back everything that was read.
func TestUpdatesLoseNothing(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		update string
		edit   func(attributes object) // of what is read
		want   string
	}{
		"user": {
			update: "user",
			want: `{"email":"x15562b0@example.com","external_id":"ext-15562b0","first_name":"Ex","language":"en","last_name":"Ample",
				"root_admin":false,"username":"x15562b0"}`,
		},
		"administrator without external id": {
			update: "user",
			edit:   func(user object) { user["external_id"], user["root_admin"], user["language"] = nil, true, "de" },
			want: `{"email":"x15562b0@example.com","external_id":null,"first_name":"Ex","language":"de","last_name":"Ample",
				"root_admin":true,"username":"x15562b0"}`,
		},
		"location": {
			update: "location",
			want:   `{"short":"l.15562b0","long":"Some place"}`,
		},
		"location without description": {
			update: "location",
			edit:   func(location object) { location["long"] = nil },
			want:   `{"short":"l.15562b0","long":null}`,
		},
		"node": {
			update: "node",
			want: `{"behind_proxy":false,"daemon_base":"/var/lib/pterodactyl/volumes","daemon_listen":8090,"daemon_sftp":2022,
				"disk":50000,"disk_overallocate":0,"fqdn":"127.0.0.1","location_id":1,
				"maintenance_mode":false,"memory":16384,"memory_overallocate":0,"name":"node1","public":true,"scheme":"http",
				"upload_size":100}`,
		},
		"another node": {
			update: "node",
			edit: func(node object) {
				node["behind_proxy"], node["maintenance_mode"], node["public"] = true, true, false
				node["daemon_base"], node["upload_size"], node["scheme"], node["location_id"] = "/srv/daemon", 512, "https", 3
				node["memory_overallocate"], node["disk_overallocate"], node["description"] = -1, 50, nil
			},
			want: `{"behind_proxy":true,"daemon_base":"/srv/daemon","daemon_listen":8090,"daemon_sftp":2022,
				"disk":50000,"disk_overallocate":50,"fqdn":"127.0.0.1","location_id":3,
				"maintenance_mode":true,"memory":16384,"memory_overallocate":-1,"name":"node1","public":false,"scheme":"https",
				"upload_size":512}`,
		},
		"details": {
			update: "details",
			want:   `{"name":"ref-user","user":2,"external_id":"ext-ref-user","description":"Server ref-user"}`,
		},
		"no details": {
			update: "details",
			edit:   func(server object) { server["external_id"], server["description"] = nil, "" },
			want:   `{"name":"ref-user","user":2,"external_id":null,"description":""}`,
		},
		"build": {
			update: "build",
			want: `{"allocation":1,"limits":{"memory":512,"swap":0,"disk":1024,"io":500,"cpu":100,"threads":null},
				"feature_limits":{"databases":3,"allocations":4,"backups":3},"oom_disabled":true,
				"add_allocations":[],"remove_allocations":[]}`,
		},
		"another build": {
			update: "build",
			edit: func(server object) {
				limits := server["limits"].(object)
				limits["threads"], limits["oom_disabled"], limits["swap"] = "0,2-4", false, -1
				server["feature_limits"] = object{"databases": nil, "allocations": nil, "backups": 0}
				server["allocation"] = 77
			},
			// A limit of allocations that is left out becomes null, which it was.
			want: `{"allocation":77,"limits":{"memory":512,"swap":-1,"disk":1024,"io":500,"cpu":100,"threads":"0,2-4"},
				"feature_limits":{"databases":null,"backups":0},"oom_disabled":false,
				"add_allocations":[],"remove_allocations":[]}`,
		},
		"startup": {
			update: "startup",
			want: `{"startup":"sh run.sh \"{{GREETING}}\" {{LEVEL}}","environment":{"GREETING":"hello","LEVEL":"3","SECRET":""},
				"egg":15,"image":"ghcr.io/pterodactyl/yolks:debian","skip_scripts":false}`,
		},
		"startup with values of all kinds": {
			update: "startup",
			edit: func(server object) {
				server["container"].(object)["environment"] = object{
					"TEXT": "a \"b\"\n<&>", "NUMBER": 7, "TRUTH": true, "NOTHING": nil,
					"STARTUP": "x", "P_SERVER_UUID": "x", "P_SERVER_LOCATION": "x", "P_SERVER_ALLOCATION_LIMIT": nil,
				}
			},
			want: `{"startup":"sh run.sh \"{{GREETING}}\" {{LEVEL}}",
				"environment":{"TEXT":"a \"b\"\n<&>","NUMBER":"7","TRUTH":"true","NOTHING":""},
				"egg":15,"image":"ghcr.io/pterodactyl/yolks:debian","skip_scripts":false}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			update := updates[tt.update]
			body := recordedBody(t, update.read)
			attributes := in(t, body, "attributes")
			if tt.edit != nil {
				tt.edit(attributes)
			}
			path := recording(t, update.read).Request.Path
			c, p := serve(t, map[string]http.HandlerFunc{"GET " + path: answer(t, body), "PATCH " + path + update.path: answer(t, body)})
			id := int(attributes["id"].(float64))
			if found, err := update.call(t.Context(), c, id, false); err != nil || reflect.ValueOf(found).IsNil() || len(p.asked()) != 1 {
				t.Errorf("without a change: %v, %v after %q", found, err, p.asked())
			}
			if _, err := update.call(t.Context(), c, id, true); err != nil {
				t.Fatal(err)
			}
			var expected object
			if err := json.Unmarshal([]byte(tt.want), &expected); err != nil {
				t.Fatal(err)
			}
			maps.Copy(expected, update.changed)
			want, err := json.Marshal(expected)
			sent := []byte(p.sent(http.MethodPatch))
			if err != nil || !recorded.SameJSON(sent, want) {
				t.Errorf("sent %s\nwant %s", sent, want)
			}
			// A field that a request gains is missed here.
			var fields object
			if err := json.Unmarshal(sent, &fields); err != nil {
				t.Fatal(err)
			}
			for _, field := range reflect.VisibleFields(reflect.TypeOf(update.request)) {
				name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
				leftOut := slices.Contains(update.leftOut, name) || field.Tag.Get("panel") == "pelican" // which TestUpdatesOfPelican holds
				if _, there := fields[name]; there == leftOut {
					t.Errorf("field %s is sent: %t", name, there)
				}
			}
		})
	}
}

// An update sends what change made of the request, and returns the answer.
func TestUpdatesChange(t *testing.T) {
	t.Parallel()
	c, p := serve(t, map[string]http.HandlerFunc{
		"GET /api/application/users/7":           replay(t, "013-app-users-get"),
		"PATCH /api/application/users/7":         replay(t, "019-app-users-update"),
		"GET /api/application/locations/4":       replay(t, "031-app-locations-get"),
		"PATCH /api/application/locations/4":     replay(t, "032-app-locations-update"),
		"GET /api/application/servers/2":         replay(t, "088-app-servers-details"),
		"PATCH /api/application/servers/2/build": replay(t, "090-app-servers-build"),
	})
	ctx := t.Context()
	user, err := c.Users.Update(ctx, 7, func(req *application.UpdateUserRequest) error {
		req.FirstName = "Wy"
		req.ExternalID = envelope.Null[string]()
		req.Password = envelope.Value("secret")
		return nil
	})
	if err != nil || user.FirstName != "Wy" {
		t.Errorf("user = %+v, %v", user, err)
	}
	want := `{"email":"x15562b0@example.com","external_id":null,"first_name":"Wy","language":"en","last_name":"Ample",
		"password":"secret","root_admin":false,"username":"x15562b0"}`
	if sent := p.sent(http.MethodPatch); !recorded.SameJSON([]byte(sent), []byte(want)) {
		t.Errorf("sent %s, want %s", sent, want)
	}

	location, err := c.Locations.Update(ctx, 4, func(req *application.UpdateLocationRequest) error { req.Short = "n.15562b0"; return nil })
	if err != nil || location.Short != "n.15562b0" {
		t.Errorf("location = %+v, %v", location, err)
	}

	// The recorded request of 090.
	server, err := c.Servers.UpdateBuild(ctx, 2, func(req *application.UpdateServerBuildRequest) error {
		req.Limits.CPU = 120
		req.AddAllocations = []int{19}
		return nil
	})
	if err != nil || server.Limits.CPU != 120 {
		t.Errorf("server = %+v, %v", server, err)
	}
	want = `{"allocation":2,"oom_disabled":true,"limits":{"memory":512,"swap":0,"disk":1024,"io":500,"cpu":120,"threads":null},
		"add_allocations":[19],"remove_allocations":[],"feature_limits":{"databases":3,"allocations":4,"backups":3}}`
	if sent := p.sent(http.MethodPatch); !recorded.SameJSON([]byte(sent), []byte(want)) {
		t.Errorf("sent %s, want %s", sent, want)
	}
}

// Nothing is changed where nothing was read.
func TestUpdateOfWhatIsNotThere(t *testing.T) {
	t.Parallel()
	c, p := serve(t, map[string]http.HandlerFunc{"GET /api/application/users/99999": replay(t, "017-app-users-404")})
	changed := false
	_, err := c.Users.Update(t.Context(), 99999, func(*application.UpdateUserRequest) error { changed = true; return nil })
	if !errors.Is(err, client.ErrNotFound) || changed || len(p.asked()) != 1 {
		t.Errorf("err = %v after %q, change was called: %t", err, p.asked(), changed)
	}
	if _, err := c.Users.Update(t.Context(), 99999, nil); !errors.Is(err, client.ErrArgument) || len(p.asked()) != 1 {
		t.Errorf("err = %v after %q, want ErrArgument", err, p.asked())
	}
}

// An error of change ends an update.
func TestUpdateThatIsCalledOff(t *testing.T) {
	t.Parallel()
	c, p := serve(t, map[string]http.HandlerFunc{"GET /api/application/users/7": replay(t, "013-app-users-get")})
	off := errors.New("not today")
	user, err := c.Users.Update(t.Context(), 7, func(req *application.UpdateUserRequest) error {
		req.FirstName = "changed"
		return off
	})
	if user != nil || !errors.Is(err, off) || len(p.asked()) != 1 {
		t.Errorf("%v, %v after %q", user, err, p.asked())
	}
}

// A node's change that its daemon does not take is an error of the daemon, and
// is not sent again.
func TestNodeUpdateThatTheDaemonDoesNotTake(t *testing.T) {
	t.Parallel()
	c, p := serve(t, map[string]http.HandlerFunc{
		"GET /api/application/nodes/4":   replay(t, "039-app-nodes-get"),
		"PATCH /api/application/nodes/4": replay(t, "046-app-nodes-update"),
	})
	_, err := c.Nodes.Update(t.Context(), 4, func(req *application.UpdateNodeRequest) error { *req.MaintenanceMode = true; return nil })
	var e *client.Error
	if !errors.As(err, &e) || !e.HasCode("ConfigurationNotPersistedException") || !errors.Is(err, client.ErrDaemon) {
		t.Errorf("err = %v, want ErrDaemon", err)
	}
	if p.count("PATCH /api/application/nodes/4") != 1 {
		t.Errorf("asked %q", p.asked())
	}
}
