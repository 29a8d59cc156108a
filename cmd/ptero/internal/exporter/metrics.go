package exporter

import (
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"

	"github.com/ptero-go/ptero/client"
)

// ServeHTTP serves /metrics, and a page at / that leads there.
func (e *Exporter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		http.Error(w, "only GET is served", http.StatusMethodNotAllowed)
	case r.URL.Path == "/metrics":
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		if err := write(w, e.families()); err != nil {
			e.options.Log.Debug("a scrape broke off", "error", err)
		}
	case r.URL.Path == "/":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(`<!DOCTYPE html><title>ptero exporter</title><p><a href="metrics">metrics</a>` + "\n"))
	default:
		http.NotFound(w, r)
	}
}

// powerStates are those that a server can be in.
var powerStates = []client.PowerState{client.PowerStateOffline, client.PowerStateStarting, client.PowerStateRunning, client.PowerStateStopping}

// families returns all metrics as they are now.
func (e *Exporter) families() []*family {
	var all []*family
	metric := func(k kind, name, help string) *family {
		f := &family{name: "pterodactyl_" + name, kind: k, help: help}
		all = append(all, f)
		return f
	}
	up := metric(gauge, "up", "Whether the Panel answered when it was asked for the servers.")
	build := metric(gauge, "exporter_build_info", "The version of the exporter.")
	failures := metric(counter, "exporter_errors_total", "Failed readings from the Panel, by what was read.")

	info := metric(gauge, "server_info", "A server; its name, node and address are in the labels.")
	status := metric(gauge, "server_status", "Whether a server has the status: ready, suspended, installing and others.")
	state := metric(gauge, "server_state", "Whether a server is in the power state. Absent while that is not known.")
	connected := metric(gauge, "server_console_connected", "Whether the console of a server is connected, on which its other metrics depend.")
	lost := metric(counter, "server_console_disconnects_total", "Connections to the console of a server that were lost.")
	crashes := metric(counter, "server_crashes_total", "Crashes of a server that were seen.")
	uptime := metric(gauge, "server_uptime_seconds", "How long a server has been running.")
	cpu := metric(gauge, "server_cpu_cores", "Cores in use by a server.")
	memory := metric(gauge, "server_memory_bytes", "Memory in use by a server.")
	disk := metric(gauge, "server_disk_bytes", "Disk space in use by a server.")
	receive := metric(counter, "server_network_receive_bytes_total", "Bytes that a server received since it was started.")
	transmit := metric(counter, "server_network_transmit_bytes_total", "Bytes that a server sent since it was started.")
	cpuLimit := metric(gauge, "server_cpu_limit_cores", "Cores that a server may use. Absent if there is no limit.")
	memoryLimit := metric(gauge, "server_memory_limit_bytes", "Memory that a server may use. Absent if there is no limit.")
	diskLimit := metric(gauge, "server_disk_limit_bytes", "Disk space that a server may use. Absent if there is no limit.")
	backups := metric(gauge, "server_backups", "Good backups of a server.")
	backupLimit := metric(gauge, "server_backups_limit", "Backups that a server may have.")
	backupTime := metric(gauge, "server_backup_last_success_timestamp_seconds", "When the last good backup of a server was completed.")
	backupSize := metric(gauge, "server_backup_last_success_bytes", "Size of the last good backup of a server.")
	backupGood := metric(gauge, "server_backup_last_successful", "Whether the last completed backup of a server is good.")

	nodeInfo := metric(gauge, "node_info", "A node; its name and address are in the labels.")
	nodeMaintenance := metric(gauge, "node_maintenance", "Whether a node is in maintenance.")
	nodeMemory := metric(gauge, "node_memory_bytes", "Memory of a node that servers may be given.")
	nodeMemoryUsed := metric(gauge, "node_memory_allocated_bytes", "Memory of a node that servers were given.")
	nodeDisk := metric(gauge, "node_disk_bytes", "Disk space of a node that servers may be given.")
	nodeDiskUsed := metric(gauge, "node_disk_allocated_bytes", "Disk space of a node that servers were given.")

	requests := metric(counter, "api_requests_total", "Requests to the Panel, by API and HTTP status; none stands for no answer.")
	limit := metric(gauge, "api_rate_limit", "Requests that the Panel allows in a minute, by API.")
	remaining := metric(gauge, "api_rate_limit_remaining", "Requests that were left of the limit when servers or nodes were listed last, by API.")

	e.mu.Lock()
	defer e.mu.Unlock()
	up.add(truth(e.up))
	build.add(1, "version", e.options.Version, "sdk", client.Version)
	for _, what := range slices.Sorted(maps.Keys(e.errors)) {
		failures.add(float64(e.errors[what]), "what", what)
	}
	for _, uuid := range e.order {
		s := e.servers[uuid]
		labels := []string{"server", s.Identifier, "name", s.Name}
		info.add(1, append(labels, "uuid", s.UUID, "node", s.Node, "address", address(s.Server))...)
		status.add(1, append(labels, "status", s.status)...)
		if s.state != "" {
			for _, p := range powerStates {
				state.add(truth(s.state == p), append(labels, "state", string(p))...)
			}
		}
		connected.add(truth(s.connected), labels...)
		lost.add(float64(s.lost), labels...)
		crashes.add(float64(s.crashes), labels...)
		if x := s.stats; x != nil {
			uptime.add(x.Uptime.Seconds(), labels...)
			cpu.add(x.CPUPercent/100, labels...)
			memory.add(float64(x.MemoryBytes), labels...)
			disk.add(float64(x.DiskBytes), labels...)
			receive.add(float64(x.ReceivedBytes), labels...)
			transmit.add(float64(x.SentBytes), labels...)
		}
		addLimit(cpuLimit, float64(s.Limits.CPU)/100, labels)
		addLimit(memoryLimit, float64(s.Limits.Memory)*mib, labels)
		addLimit(diskLimit, float64(s.Limits.Disk)*mib, labels)
		backupLimit.add(float64(s.FeatureLimits.Backups), labels...)
		if s.backups != nil {
			good, lastGood, last := summarize(s.backups)
			backups.add(float64(good), labels...)
			if lastGood != nil {
				backupTime.add(float64(lastGood.CompletedAt.Unix()), labels...)
				backupSize.add(float64(lastGood.Bytes), labels...)
			}
			if last != nil {
				backupGood.add(truth(last.IsSuccessful), labels...)
			}
		}
	}
	for _, n := range e.nodes {
		labels := []string{"node", n.Name}
		nodeInfo.add(1, append(labels, "id", strconv.Itoa(n.ID), "fqdn", n.FQDN)...)
		nodeMaintenance.add(truth(n.MaintenanceMode), labels...)
		nodeMemory.add(float64(n.Memory)*mib, labels...)
		nodeDisk.add(float64(n.Disk)*mib, labels...)
		if n.AllocatedResources != nil {
			nodeMemoryUsed.add(float64(n.AllocatedResources.Memory)*mib, labels...)
			nodeDiskUsed.add(float64(n.AllocatedResources.Disk)*mib, labels...)
		}
	}
	e.calls.add(requests, limit, remaining)
	return all
}

const mib = 1 << 20

// add adds what is known of the requests.
func (c *Calls) add(requests, limit, remaining *family) {
	c.mu.Lock()
	defer c.mu.Unlock()
	keys := slices.SortedFunc(maps.Keys(c.counts), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	for _, key := range keys {
		requests.add(float64(c.counts[key]), "api", key[0], "status", key[1])
	}
	for _, api := range slices.Sorted(maps.Keys(c.limits)) {
		limit.add(float64(c.limits[api][0]), "api", api)
		remaining.add(float64(c.limits[api][1]), "api", api)
	}
}

func addLimit(f *family, value float64, labels []string) {
	if value > 0 {
		f.add(value, labels...)
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// address is where players connect to.
func address(s *client.Server) string {
	for _, a := range s.Allocations() {
		if a.IsDefault {
			return net.JoinHostPort(a.IP, strconv.Itoa(a.Port))
		}
	}
	return ""
}

// summarize counts good backups, and finds the last good and the last completed
// one.
func summarize(backups []*client.Backup) (good int, lastGood, last *client.Backup) {
	for _, b := range backups {
		if b.CompletedAt == nil {
			continue
		}
		if last == nil || b.CompletedAt.After(*last.CompletedAt) {
			last = b
		}
		if b.IsSuccessful {
			good++
			if lastGood == nil || b.CompletedAt.After(*lastGood.CompletedAt) {
				lastGood = b
			}
		}
	}
	return good, lastGood, last
}
