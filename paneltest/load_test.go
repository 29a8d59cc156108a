package paneltest_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/console"
	"github.com/ptero-go/ptero/paneltest"
)

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		panel, err := paneltest.New()
		if err != nil {
			b.Fatal(err)
		}
		panel.Close()
	}
}

const manyServers = 10_000

func BenchmarkNewWithManyServers(b *testing.B) {
	for b.Loop() {
		withManyServers(b).Close()
	}
}

// withManyServers starts a Panel with 10,000 servers.
func withManyServers(tb testing.TB) *paneltest.Panel {
	tb.Helper()
	panel, err := paneltest.New(paneltest.WithSeed(paneltest.GenerateSeed(manyServers)), paneltest.WithoutRateLimits())
	if err != nil {
		tb.Fatal(err)
	}
	return panel
}

// BenchmarkListManyServers lists 10,000 servers by pages of 100.
func BenchmarkListManyServers(b *testing.B) {
	panel := withManyServers(b)
	defer panel.Close()
	c, err := client.New(panel.URL, panel.AdminKey)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		n := 0
		for _, err := range c.Servers.All(b.Context(), client.ServerListOptions{Scope: client.ServerScopeAdminAll, PerPage: 100}) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != manyServers {
			b.Fatalf("there are %d servers", n)
		}
	}
}

// BenchmarkRequest is a request to a Panel that runs, over loopback.
func BenchmarkRequest(b *testing.B) {
	panel, err := paneltest.New(paneltest.WithoutRateLimits())
	if err != nil {
		b.Fatal(err)
	}
	defer panel.Close()
	c, err := client.New(panel.URL, panel.UserKey)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := c.Servers.List(b.Context(), client.ServerListOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func TestManyServers(t *testing.T) {
	t.Parallel()
	panel := withManyServers(t)
	t.Cleanup(panel.Close)
	seen := make(map[string]bool)
	for _, page := range []int{1, 2, 50, 99, 100} { // the benchmark walks all of them
		answer := must(t, panel, panel.AdminKey, http.MethodGet, fmt.Sprintf("/api/client?type=admin-all&per_page=100&page=%d", page), "")
		expect(t, "total", pageOf(t, answer)["total"], any(float64(manyServers)))
		for _, server := range answer.items() {
			seen[server["identifier"].(string)] = true
		}
	}
	expect(t, "servers on five pages", len(seen), 500)
	last := must(t, panel, panel.ApplicationKey, http.MethodGet, fmt.Sprintf("/api/application/servers/%d", manyServers), "").attributes()
	server := "/api/client/servers/" + last["identifier"].(string)
	must(t, panel, panel.AdminKey, http.MethodPost, server+"/power", `{"signal":"start"}`)
	must(t, panel, panel.AdminKey, http.MethodPost, server+"/files/write?file=/a.txt", "x")
}

// TestManyClients has 200 clients that work at once, each with a part of what a
// Panel does, and sockets. It is for the race detector.
func TestManyClients(t *testing.T) {
	t.Parallel()
	panel := newPanel(t, paneltest.WithSeed(paneltest.GenerateSeed(20)), paneltest.WithoutRateLimits())
	const drops = 20 // of all sockets, meanwhile
	var servers []string
	for _, server := range must(t, panel, panel.AdminKey, http.MethodGet, "/api/client?type=admin-all", "").items() {
		servers = append(servers, "/api/client/servers/"+server["identifier"].(string))
	}
	// Nobody but the test's own goroutine may end it.
	attempt := func(key, method, path, body string) reply {
		answer, err := try(panel, newRequest(t, panel, key, method, path, body))
		if err != nil || answer.status >= http.StatusBadRequest {
			t.Errorf("%s %s: %d %.300s, %v", method, path, answer.status, answer.body, err)
		}
		return answer
	}
	work := []func(n int, server string){
		func(n int, server string) {
			name := fmt.Sprintf("file-%d.txt", n)
			attempt(panel.AdminKey, http.MethodPost, server+"/files/write?file=/"+name, name)
			attempt(panel.AdminKey, http.MethodGet, server+"/files/contents?file=/"+name, "")
		},
		func(_ int, server string) {
			attempt(panel.AdminKey, http.MethodPost, server+"/power", `{"signal":"start"}`)
		},
		func(_ int, server string) {
			attempt(panel.AdminKey, http.MethodGet, server+"/resources", "")
		},
		func(n int, server string) {
			attempt(panel.AdminKey, http.MethodPost, server+"/users",
				fmt.Sprintf(`{"email":"friend-%d@example.org","permissions":["file.read"]}`, n))
		},
		func(n int, _ string) {
			user := attempt(panel.ApplicationKey, http.MethodPost, "/api/application/users",
				fmt.Sprintf(`{"email":"u%d@example.org","username":"user%d","first_name":"U","last_name":"%d"}`, n, n, n)).attributes()
			attempt(panel.ApplicationKey, http.MethodDelete, fmt.Sprintf("/api/application/users/%v", user["id"]), "")
		},
		func(_ int, server string) {
			attempt(panel.AdminKey, http.MethodGet, server+"/activity?per_page=5&include=actor", "")
		},
		func(_ int, server string) {
			var err error
			for range drops + 1 { // each of them may end one try
				data, _ := attempt(panel.AdminKey, http.MethodGet, server+"/websocket", "").document()["data"].(map[string]any)
				if err = connect(t.Context(), panel, data); err == nil {
					return
				}
			}
			t.Error(err)
		},
		func(_ int, _ string) {
			attempt(panel.ApplicationKey, http.MethodGet, "/api/application/servers?per_page=2&include=allocations,user,egg", "")
		},
	}
	var clients sync.WaitGroup
	for n := range 200 {
		clients.Go(func() {
			for i := range len(work) {
				work[(n+i)%len(work)](n, servers[n%len(servers)])
			}
		})
	}
	// And all that goes wrong meanwhile.
	for range drops {
		panel.DropSockets()
		panel.ExpireTokens()
		for _, id := range servers {
			_ = panel.Print(id[len("/api/client/servers/"):], "hello")
		}
	}
	clients.Wait()
}

// connect opens a socket with credentials, and authenticates.
func connect(ctx context.Context, panel *paneltest.Panel, credentials map[string]any) error {
	address, _ := credentials["socket"].(string)
	conn, _, err := websocket.Dial(ctx, address, //nolint:bodyclose // there is none
		&websocket.DialOptions{HTTPClient: panel.HTTPClient(), HTTPHeader: http.Header{"Origin": {panel.URL}}})
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	if err := conn.Write(ctx, websocket.MessageText, fmt.Appendf(nil, `{"event":"auth","args":[%q]}`, credentials["token"])); err != nil {
		return err
	}
	_, message, err := conn.Read(ctx)
	if err == nil && !bytes.Contains(message, []byte("auth success")) {
		err = fmt.Errorf("not authenticated: %s", message)
	}
	return err
}

// TestCloseLeavesNothing has no t.Parallel: it looks at all goroutines.
func TestCloseLeavesNothing(t *testing.T) {
	before := ours(t)
	panel, err := paneltest.New()
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(panel.URL, panel.UserKey, client.WithHTTPClient(panel.HTTPClient()))
	if err != nil {
		t.Fatal(err)
	}
	con, err := console.Dial(t.Context(), c.Servers.Console(identify(t, panel, "lobby")))
	if err != nil {
		t.Fatal(err)
	}
	if err := panel.Fail("clientGetAccount", 1, paneltest.FaultDelay(time.Hour)); err != nil {
		t.Fatal(err)
	}
	delayed := make(chan error, 1)
	go func() {
		_, err := try(panel, newRequest(t, panel, panel.UserKey, http.MethodGet, accountPath, ""))
		delayed <- err
	}()
	server := "/api/client/servers/" + identify(t, panel, "lobby")
	must(t, panel, panel.UserKey, http.MethodPost, server+"/schedules/1/execute", "")
	must(t, panel, panel.UserKey, http.MethodPost, server+"/power", `{"signal":"restart"}`)
	panel.Close()
	panel.Close()
	if err := <-delayed; err == nil {
		t.Error("a request is answered after the end")
	}
	con.Close()
	for begin := time.Now(); ours(t) > before; runtime.Gosched() { // the last ones are about to return
		if time.Since(begin) > 10*time.Second {
			var stacks bytes.Buffer
			_ = pprof.Lookup("goroutine").WriteTo(&stacks, 1)
			t.Fatalf("there were %d goroutines, there are %d:\n%s", before, ours(t), &stacks)
		}
	}
	if _, err := try(panel, newRequest(t, panel, panel.UserKey, http.MethodGet, accountPath, "")); err == nil {
		t.Error("the Panel answers after its end")
	}
	if err := panel.StartNode(1); err == nil {
		t.Error("a node starts after the end")
	}
}

// ours counts the goroutines of a Panel that runs.
func ours(t *testing.T) int {
	t.Helper()
	var stacks bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&stacks, 2); err != nil {
		t.Fatal(err)
	}
	n := 0
	for stack := range strings.SplitSeq(stacks.String(), "\n\n") {
		if strings.Contains(stack, "ptero/paneltest.(") || strings.Contains(stack, "ptero/paneltest/internal/") || strings.Contains(stack, "net/http.(*conn)") {
			n++
		}
	}
	return n
}

// The bubble ends only if no goroutine is left, and no time has to pass for it.
func TestCloseEndsEverythingAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		panel, err := paneltest.New(paneltest.InMemory())
		if err != nil {
			t.Fatal(err)
		}
		c, err := client.New(panel.URL, panel.UserKey, client.WithHTTPClient(panel.HTTPClient()))
		if err != nil {
			t.Fatal(err)
		}
		lobby := identify(t, panel, "lobby")
		con, err := console.Dial(t.Context(), c.Servers.Console(lobby))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/schedules/1/execute", "/settings/reinstall"} {
			must(t, panel, panel.UserKey, http.MethodPost, "/api/client/servers/"+lobby+path, "")
		}
		begin := time.Now()
		panel.Close()
		if took := time.Since(begin); took != 0 {
			t.Errorf("it took %v", took)
		}
		con.Close()
	})
}
