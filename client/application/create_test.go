package application_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/envelope"
	"github.com/ptero-go/ptero/internal/recorded"
)

// The requests that find the egg 15, in nest 5, and the one that creates.
const (
	findNests    = "GET /api/application/nests?page=1&per_page=100&include=eggs"
	getEgg       = "GET /api/application/nests/5/eggs/15?include=variables"
	createServer = "POST /api/application/servers"
)

// some are limits that are given.
var some = application.ServerLimitsRequest{Memory: 1, Disk: 1, CPU: 1}

// recordedEgg is the egg 15 with its variables, GREETING, LEVEL and SECRET. They
// were recorded with a server of the egg.
func recordedEgg(t *testing.T) object {
	t.Helper()
	relations := in(t, recordedBody(t, "073-app-servers-list-include"), "data", 0, "attributes", "relationships")
	variables := in(t, relations, "variables")
	for i := range variables["data"].([]any) {
		variable := in(t, variables, "data", i)
		variable["object"] = "egg_variable"
		delete(in(t, variable, "attributes"), "server_value")
	}
	egg := in(t, relations, "egg")
	in(t, egg, "attributes")["relationships"] = object{"variables": variables}
	return egg
}

// creating are the handlers of a Panel on which servers of the egg 15 can be
// created.
func creating(t *testing.T) map[string]http.HandlerFunc {
	t.Helper()
	return map[string]http.HandlerFunc{
		"GET /api/application/nests":           replay(t, "065-app-nests-list-include"),
		"GET /api/application/nests/5/eggs/15": answer(t, recordedEgg(t)),
		"POST /api/application/servers":        replay(t, "081-app-servers-create"),
	}
}

func TestCreateFillsInDefaults(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		environment envelope.Map[string]
		want        string
	}{
		"none named": {nil, `{"GREETING":"hello","LEVEL":"3","SECRET":""}`},
		"some named": {
			envelope.Map[string]{"GREETING": "hi", "OTHER": "x"},
			`{"GREETING":"hi","LEVEL":"3","SECRET":"","OTHER":"x"}`,
		},
		"emptied": {
			envelope.Map[string]{"GREETING": "", "LEVEL": "", "SECRET": "s"},
			`{"GREETING":"","LEVEL":"","SECRET":"s"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, p := serve(t, creating(t))
			before := maps.Clone(tt.environment)
			server, err := c.Servers.Create(t.Context(), application.CreateServerRequest{
				Limits: some,
				Name:   "s", UserID: 2, EggID: 15, DockerImage: "image", Startup: "start", Environment: tt.environment,
			})
			if err != nil || server.ID != 14 {
				t.Fatalf("server = %+v, %v", server, err)
			}
			if !maps.Equal(tt.environment, before) {
				t.Errorf("the caller's map became %v", tt.environment)
			}
			// The rest of the request goes as it came.
			want := `{"name":"s","user":2,"egg":15,"docker_image":"image","startup":"start","environment":` + tt.want +
				`,"limits":{"cpu":1,"disk":1,"io":500,"memory":1,"swap":0},"feature_limits":{"allocations":0,"backups":0,"databases":0}}`
			if sent := p.sent(http.MethodPost); !recorded.SameJSON([]byte(sent), []byte(want)) {
				t.Errorf("sent %s\nwant %s", sent, want)
			}
			if asked := p.asked(); !slices.Equal(asked, []string{findNests, getEgg, createServer}) {
				t.Errorf("asked %q", asked)
			}
		})
	}
}

// A variable without a default value is empty.
func TestCreateWithoutDefault(t *testing.T) {
	t.Parallel()
	egg := recordedEgg(t)
	in(t, egg, "attributes", "relationships", "variables", "data", 0, "attributes")["default_value"] = nil
	handlers := creating(t)
	handlers["GET /api/application/nests/5/eggs/15"] = answer(t, egg)
	c, p := serve(t, handlers)
	if _, err := c.Servers.Create(t.Context(), application.CreateServerRequest{Limits: some, EggID: 15}); err != nil {
		t.Fatal(err)
	}
	if sent := p.sent(http.MethodPost); !strings.Contains(sent, `"environment":{"GREETING":"","LEVEL":"3","SECRET":""}`) {
		t.Errorf("sent %s", sent)
	}
}

// What the request leaves out of the egg's image and start command comes from the
// egg; TestCreateFillsInDefaults shows that the rest stays.
func TestCreateTakesImageAndStartOfTheEgg(t *testing.T) {
	t.Parallel()
	egg := recordedEgg(t)
	attributes := in(t, egg, "attributes")
	for _, startup := range []any{"run {{SERVER_PORT}}", nil} {
		attributes["docker_image"], attributes["startup"] = "image", startup
		handlers := creating(t)
		handlers["GET /api/application/nests/5/eggs/15"] = answer(t, egg)
		c, p := serve(t, handlers)
		if _, err := c.Servers.Create(t.Context(), application.CreateServerRequest{Limits: some, EggID: 15}); err != nil {
			t.Fatal(err)
		}
		want := `"startup":""`
		if startup != nil {
			want = `"startup":"run {{SERVER_PORT}}"`
		}
		if sent := p.sent(http.MethodPost); !strings.Contains(sent, want) || !strings.Contains(sent, `"docker_image":"image"`) {
			t.Errorf("sent %s", sent)
		}
	}
}

// The nest is looked for once, the egg is read each time.
func TestCreateRemembersTheNest(t *testing.T) {
	t.Parallel()
	c, p := serve(t, creating(t))
	req := application.CreateServerRequest{Limits: some, EggID: 15}
	for range 3 {
		if _, err := c.Servers.Create(t.Context(), req); err != nil {
			t.Fatal(err)
		}
	}
	if p.count(findNests) != 1 || p.count(getEgg) != 3 || p.count(createServer) != 3 {
		t.Errorf("asked %q", p.asked())
	}
}

// Many may create at once. The race detector watches.
func TestCreateFromManyGoroutines(t *testing.T) {
	t.Parallel()
	c, p := serve(t, creating(t))
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, err := c.Servers.Create(t.Context(), application.CreateServerRequest{Limits: some, EggID: 15}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if p.count(createServer) != 8 {
		t.Errorf("asked %q", p.asked())
	}
}

// nestsWith is a list of one nest with one egg, a page of several.
func nestsWith(nest, egg, page, pages int) object {
	return object{
		"object": "list",
		"data": []object{{"object": "nest", "attributes": object{"id": nest, "relationships": object{
			"eggs": object{"object": "list", "data": []object{{"object": "egg", "attributes": object{"id": egg}}}},
		}}}},
		"meta": object{"pagination": object{"total": pages, "count": 1, "per_page": 1, "current_page": page, "total_pages": pages, "links": object{}}},
	}
}

// A nest on a later page is found too.
func TestCreateFindsTheNestOnALaterPage(t *testing.T) {
	t.Parallel()
	handlers := creating(t)
	handlers["GET /api/application/nests"] = func(w http.ResponseWriter, r *http.Request) {
		page := 1
		_, _ = fmt.Sscan(r.URL.Query().Get("page"), &page)
		answer(t, nestsWith(page, page*3, page, 7))(w, r) // the egg 15 is in nest 5
	}
	c, p := serve(t, handlers)
	if _, err := c.Servers.Create(t.Context(), application.CreateServerRequest{Limits: some, EggID: 15}); err != nil {
		t.Fatal(err)
	}
	if p.count(getEgg) != 1 || p.count(createServer) != 1 || p.count(strings.Replace(findNests, "page=1", "page=7", 1)) != 0 {
		t.Errorf("asked %q, want no page after that of nest 5 and the one read ahead", p.asked())
	}
}

// An egg that went elsewhere is looked for again.
func TestCreateForgetsANestWithoutTheEgg(t *testing.T) {
	t.Parallel()
	var nest atomic.Int64
	handlers := creating(t)
	handlers["GET /api/application/nests"] = func(w http.ResponseWriter, r *http.Request) {
		answer(t, nestsWith(int(nest.Load()), 15, 1, 1))(w, r)
	}
	handlers["GET /api/application/nests/{nest}/eggs/15"] = func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("nest") != strconv.FormatInt(nest.Load(), 10) {
			replay(t, "070-app-eggs-othernest-404")(w, r)
			return
		}
		answer(t, recordedEgg(t))(w, r)
	}
	delete(handlers, "GET /api/application/nests/5/eggs/15")
	c, p := serve(t, handlers)
	for _, now := range []int64{5, 8} {
		nest.Store(now)
		if _, err := c.Servers.Create(t.Context(), application.CreateServerRequest{Limits: some, EggID: 15}); err != nil {
			t.Fatal(err)
		}
	}
	moved := strings.Replace(getEgg, "/5/", "/8/", 1)
	if asked := p.asked(); !slices.Equal(asked, []string{findNests, getEgg, createServer, getEgg, findNests, moved, createServer}) {
		t.Errorf("asked %q", asked)
	}
}

func TestCreateOfNoEgg(t *testing.T) {
	t.Parallel()
	c, p := serve(t, creating(t))
	for egg, want := range map[int][]string{99: {findNests}, 0: nil, -3: nil} {
		before := len(p.asked())
		_, err := c.Servers.Create(t.Context(), application.CreateServerRequest{Limits: some, EggID: egg})
		var e *client.ArgumentError
		if !errors.As(err, &e) || e.Argument != "EggID" || !strings.Contains(err.Error(), strconv.Itoa(egg)) {
			t.Errorf("egg %d: err = %v, want an ArgumentError that names it", egg, err)
		}
		if asked := p.asked()[before:]; !slices.Equal(asked, want) {
			t.Errorf("egg %d: asked %q, want %q", egg, asked, want)
		}
	}
}

// A key that may not read eggs gets null resources in their place. Nothing is
// created then, and the error is the Panel's.
func TestCreateWithAKeyThatMayNotReadEggs(t *testing.T) {
	t.Parallel()
	nests := recordedBody(t, "065-app-nests-list-include")
	for i := range nests["data"].([]any) {
		in(t, nests, "data", i, "attributes", "relationships")["eggs"] = object{"object": "null_resource", "attributes": nil}
	}
	handlers := creating(t)
	handlers["GET /api/application/nests"] = answer(t, nests)
	handlers["GET /api/application/nests/1/eggs"] = replay(t, "118-err-403-ro-noperm")
	c, p := serve(t, handlers)
	if _, err := c.Servers.Create(t.Context(), application.CreateServerRequest{Limits: some, EggID: 15}); !errors.Is(err, client.ErrForbidden) {
		t.Errorf("err = %v, want ErrForbidden", err)
	}
	if p.count(createServer) != 0 {
		t.Errorf("asked %q", p.asked())
	}
}

// An egg that comes without its variables is no egg without variables.
func TestCreateWithoutTheVariablesOfTheEgg(t *testing.T) {
	t.Parallel()
	without := recordedEgg(t)
	delete(in(t, without, "attributes"), "relationships")
	null := recordedEgg(t)
	in(t, null, "attributes", "relationships")["variables"] = object{"object": "null_resource", "attributes": nil}
	for name, egg := range map[string]object{"no relations": without, "null resource": null} {
		handlers := creating(t)
		handlers["GET /api/application/nests/5/eggs/15"] = answer(t, egg)
		c, p := serve(t, handlers)
		if _, err := c.Servers.Create(t.Context(), application.CreateServerRequest{Limits: some, EggID: 15}); !errors.Is(err, client.ErrBadAnswer) {
			t.Errorf("%s: err = %v, want ErrBadAnswer", name, err)
		}
		if p.count(createServer) != 0 {
			t.Errorf("%s: asked %q", name, p.asked())
		}
	}
}

// What keeps the egg from being read keeps the server from being created.
func TestCreateWhereTheLookupFails(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"GET /api/application/nests", "GET /api/application/nests/5/eggs/15"} {
		handlers := creating(t)
		handlers[pattern] = replay(t, "118-err-403-ro-noperm")
		c, p := serve(t, handlers)
		if _, err := c.Servers.Create(t.Context(), application.CreateServerRequest{Limits: some, EggID: 15}); !errors.Is(err, client.ErrForbidden) {
			t.Errorf("%s: err = %v, want ErrForbidden", pattern, err)
		}
		if p.count(createServer) != 0 {
			t.Errorf("%s: asked %q", pattern, p.asked())
		}
	}
}

// CreateExact sends what it is given.
func TestCreateExact(t *testing.T) {
	t.Parallel()
	c, p := serve(t, creating(t))
	if _, err := c.Servers.CreateExact(t.Context(), application.CreateServerRequest{Limits: some, EggID: 15}); err != nil {
		t.Fatal(err)
	}
	if asked := p.asked(); !slices.Equal(asked, []string{createServer}) {
		t.Errorf("asked %q", asked)
	}
	if sent := p.sent(http.MethodPost); !strings.Contains(sent, `"environment":{}`) {
		t.Errorf("sent %s", sent)
	}
}

// A create that failed on the way may have arrived, so it is not sent again.
func TestCreateIsNeverSentTwice(t *testing.T) {
	t.Parallel()
	handlers := creating(t)
	handlers["POST /api/application/servers"] = replay(t, "313-dead-app-create")
	c, p := serve(t, handlers)
	req := application.CreateServerRequest{Limits: some, EggID: 15}
	_, err := c.Servers.Create(t.Context(), req)
	_, exactErr := c.Servers.CreateExact(t.Context(), req)
	if !errors.Is(err, client.ErrDaemon) || !errors.Is(exactErr, client.ErrDaemon) || p.count(createServer) != 2 {
		t.Errorf("err = %v, %v after %q", err, exactErr, p.asked())
	}
}
