package exporter

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/paneltest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// seed returns running servers of one owner, on two nodes, where the second has
// each fifth of them.
func seed(servers int) paneltest.Seed {
	seed := paneltest.GenerateSeed(servers)
	first := seed.Nodes[0]
	second := paneltest.SeedNode{Name: "node-2", Memory: first.Memory, Disk: first.Disk}
	var kept []paneltest.SeedAllocation
	for i := range first.Allocations {
		first.Allocations[i].ID = i + 1
		if i%5 == 4 {
			second.Allocations = append(second.Allocations, first.Allocations[i])
		} else {
			kept = append(kept, first.Allocations[i])
		}
	}
	first.Allocations = kept
	seed.Nodes = []paneltest.SeedNode{first, second}
	for i := range seed.Servers {
		s := &seed.Servers[i]
		s.UUID, s.Owner, s.Running = fmt.Sprintf("%08d-0000-4000-8000-000000000000", i+1), 1, true
	}
	return seed
}

// running is an exporter that runs.
type running struct {
	t *testing.T
	*Exporter
	stop func()
}

func start(t *testing.T, panel *paneltest.Panel, more ...client.Option) *running {
	t.Helper()
	calls := &Calls{}
	options := append([]client.Option{client.WithMiddleware(calls.Middleware)}, more...)
	c, err := client.New(panel.URL, panel.AdminKey, options...)
	if err != nil {
		t.Fatal(err)
	}
	admin, err := application.New(panel.URL, panel.AdminKey, options...)
	if err != nil {
		t.Fatal(err)
	}
	e := New(Options{
		Client: c, Admin: admin, Refresh: 5 * time.Minute, Backups: time.Hour, Version: "test", Log: slog.New(slog.DiscardHandler),
		Status: func(s *client.Server) string {
			if s.IsSuspended { //nolint:staticcheck // as every Panel says it
				return "suspended"
			}
			return "ready"
		},
	}, calls)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = e.Run(ctx)
	}()
	r := &running{t, e, func() { cancel(); <-done; http.DefaultClient.CloseIdleConnections() }}
	t.Cleanup(r.stop)
	return r
}

// scrape returns the metrics.
func (r *running) scrape() string {
	r.t.Helper()
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequestWithContext(r.t.Context(), http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		r.t.Fatalf("status %d", w.Code)
	}
	return w.Body.String()
}

// count returns how many samples match.
func count(metrics, pattern string) int {
	return len(regexp.MustCompile("(?m)^pterodactyl_"+pattern+"$").FindAllString(metrics, -1))
}

// Two hundred servers on two nodes, one of which dies and comes back: the others
// are not touched, and nothing stale is told of those that are gone.
func TestANodeDies(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		panel, err := paneltest.New(paneltest.InMemory(), paneltest.WithSeed(seed(200)))
		if err != nil {
			t.Fatal(err)
		}
		defer panel.Close()
		r := start(t, panel, client.WithHTTPClient(panel.HTTPClient()))
		defer r.stop()
		time.Sleep(20 * time.Second)
		metrics := r.scrape()
		for pattern, want := range map[string]int{
			`up 1`: 1, `server_info{.*} 1`: 200, `server_console_connected{.*} 1`: 200, `server_memory_bytes{.*} [1-9]\d+`: 200,
			`server_state{.*state="running"} 1`: 200, `server_memory_limit_bytes{.*} 536870912`: 200, `node_info{.*} 1`: 2,
			`server_cpu_limit_cores{.*} 1`: 200, `server_console_disconnects_total{.*} 0`: 200,
		} {
			if got := count(metrics, pattern); got != want {
				t.Errorf("%d samples match %s, want %d", got, pattern, want)
			}
		}
		if err := panel.StopNode(2); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Second)
		metrics = r.scrape()
		for pattern, want := range map[string]int{
			`server_console_connected{.*} 1`: 160, `server_console_connected{.*} 0`: 40, `server_memory_bytes{.*} .*`: 160,
			`server_state{.*state="running"} 1`: 160, `server_info{.*} 1`: 200,
			`server_console_disconnects_total{.*} 0`: 160, `server_console_disconnects_total{.*} 1`: 40,
		} {
			if got := count(metrics, pattern); got != want {
				t.Errorf("with a dead node %d samples match %s, want %d", got, pattern, want)
			}
		}
		if err := panel.StartNode(2); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if got := count(r.scrape(), `server_console_connected{.*} 1`); got != 200 {
			t.Errorf("%d consoles are back, want 200", got)
		}
	})
}

// What fifty servers cost the Panel.
func TestRequestsAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		panel, err := paneltest.New(paneltest.InMemory(), paneltest.WithVersion("1.12"), paneltest.WithSeed(seed(50)))
		if err != nil {
			t.Fatal(err)
		}
		defer panel.Close()
		r := start(t, panel, client.WithHTTPClient(panel.HTTPClient()))
		defer r.stop()
		requests := func() int {
			r.calls.mu.Lock()
			defer r.calls.mu.Unlock()
			n := 0
			for _, calls := range r.calls.counts {
				n += calls
			}
			return n
		}
		time.Sleep(3 * time.Minute) // the first round of backups is over
		before := requests()
		minutes := 60 // tokens are renewed in step, about every nine
		if testing.Short() {
			minutes = 27
		}
		time.Sleep(time.Duration(minutes) * time.Minute)
		rate := float64(requests()-before) / float64(minutes)
		t.Logf("%.1f requests a minute for 50 servers", rate)
		if rate > 7.5 || rate < 1 {
			t.Errorf("%.1f requests a minute, want about 6", rate)
		}
		metrics := r.scrape()
		if got := count(metrics, `server_backups{.*} 0`); got != 50 {
			t.Errorf("the backups of %d servers were read", got)
		}
		if strings.Contains(metrics, `status="429"`) {
			t.Error("the limit was passed")
		}
	})
}

func TestBackupsAndServersThatGo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		seed := seed(5)
		now := time.Now()
		seed.Servers[0].Backups = []paneltest.SeedBackup{
			{Name: "old", Created: now.Add(-48 * time.Hour)}, {Name: "new", Created: now.Add(-2 * time.Hour)},
		}
		seed.Servers[1].Status = "suspended"
		seed.Servers[2].Name = "quo\"te\\ \n\x1b[31m ünïcödé"
		panel, err := paneltest.New(paneltest.InMemory(), paneltest.WithSeed(seed))
		if err != nil {
			t.Fatal(err)
		}
		defer panel.Close()
		r := start(t, panel, client.WithHTTPClient(panel.HTTPClient()))
		defer r.stop()
		time.Sleep(time.Minute)
		metrics := r.scrape()
		for _, want := range []string{
			`pterodactyl_server_backups{server="00000001",name="server-1"} 2`,
			fmt.Sprintf(`pterodactyl_server_backup_last_success_timestamp_seconds{server="00000001",name="server-1"} %d`, now.Add(-2*time.Hour).Unix()),
			`pterodactyl_server_backup_last_successful{server="00000001",name="server-1"} 1`,
			`pterodactyl_server_status{server="00000002",name="server-2",status="suspended"} 1`,
			`pterodactyl_server_console_connected{server="00000002",name="server-2"} 0`,
			`name="quo\"te\\ \n`,
		} {
			if !strings.Contains(metrics, want) {
				t.Errorf("%s is missing in\n%s", want, metrics)
			}
		}
		if err := panel.Fail("clientListServers", 100, paneltest.FaultStatus(500)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(6 * time.Minute)
		metrics = r.scrape()
		if count(metrics, `up 0`) != 1 || count(metrics, `exporter_errors_total{what="servers"} [1-9]`) != 1 || count(metrics, `server_memory_bytes{.*} .*`) != 4 {
			t.Errorf("a Panel that is down:\n%s", metrics)
		}
	})
}

// promtool accepts the metrics, and a real Prometheus scrapes them.
func TestPrometheus(t *testing.T) {
	t.Parallel()
	panel, err := paneltest.New(paneltest.WithSeed(seed(10)))
	if err != nil {
		t.Fatal(err)
	}
	defer panel.Close()
	r := start(t, panel)
	server := httptest.NewServer(r)
	defer server.Close()
	deadline := time.Now().Add(time.Minute)
	for count(r.scrape(), `server_memory_bytes{.*} .*`) < 10 {
		if time.Now().After(deadline) {
			t.Fatalf("not all servers are there:\n%s", r.scrape())
		}
	}
	if promtool, err := exec.LookPath("promtool"); err == nil {
		check := exec.CommandContext(t.Context(), promtool, "check", "metrics")
		check.Stdin = strings.NewReader(r.scrape())
		if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("promtool: %v\n%s", err, out)
		}
	} else if os.Getenv("PTERO_NEEDS_PROMETHEUS") != "" {
		t.Error("there is no promtool")
	}
	prometheus, err := exec.LookPath("prometheus")
	if err != nil {
		if os.Getenv("PTERO_NEEDS_PROMETHEUS") != "" {
			t.Error("there is no prometheus")
		}
		t.Skip("there is no prometheus")
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	text := fmt.Sprintf("global: {scrape_interval: 200ms, scrape_timeout: 200ms}\nscrape_configs:\n- job_name: ptero\n  static_configs: [{targets: [%q]}]\n", strings.TrimPrefix(server.URL, "http://"))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	free := httptest.NewServer(http.NotFoundHandler())
	address := strings.TrimPrefix(free.URL, "http://")
	free.Close()
	cmd := exec.CommandContext(t.Context(), prometheus, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	var answer struct {
		Data struct {
			Result []struct {
				Value [2]any
			}
		}
	}
	for {
		resp, err := http.Get("http://" + address + "/api/v1/query?query=count(pterodactyl_server_memory_bytes)")
		if err == nil {
			body, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if json.Unmarshal(body, &answer) == nil && len(answer.Data.Result) == 1 && answer.Data.Result[0].Value[1] == "10" {
				break
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("Prometheus does not have the ten servers: %v, %+v", err, answer)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestOnlyMetricsAreServed(t *testing.T) {
	t.Parallel()
	e := New(Options{Log: slog.New(slog.DiscardHandler)}, &Calls{})
	for request, want := range map[string]int{"GET /": 200, "GET /metrics": 200, "HEAD /metrics": 200, "GET /x": 404, "POST /metrics": 405} {
		method, path, _ := strings.Cut(request, " ")
		w := httptest.NewRecorder()
		e.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, nil))
		if w.Code != want {
			t.Errorf("%s gives %d, want %d", request, w.Code, want)
		}
	}
}
