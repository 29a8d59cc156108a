package wings

import (
	"encoding/json"
	"math"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// Stats returns the last sample, with what needs no sample as it is now.
func (srv *Server) Stats() protocol.Stats {
	disk := srv.store.Usage()
	srv.mu.Lock()
	defer srv.mu.Unlock()
	sample := srv.sample
	sample.DiskBytes, sample.State = disk, srv.status
	return sample
}

// statsNetwork is a part of the JSON of a sample.
type statsNetwork struct {
	Rx int64 `json:"rx_bytes"`
	Tx int64 `json:"tx_bytes"`
}

// statsDisk is a part of the JSON of a sample, of Pelican.
type statsDisk struct {
	Read    int64 `json:"read_bytes"`
	Written int64 `json:"write_bytes"`
}

// diskIO is what a sample says of the disk, nil for nothing. The sample game only
// writes, and no more than it has stored.
func (srv *Server) diskIO(s protocol.Stats) *statsDisk {
	switch {
	case !srv.daemon.cfg.Version.isPelican():
		return nil
	case s.State == protocol.StateOffline:
		return new(statsDisk)
	}
	return &statsDisk{Written: s.DiskBytes}
}

// encodeAnswer returns the JSON of an answer.
func (srv *Server) encodeAnswer(s protocol.Stats) string {
	return encodeStats(struct {
		Memory      int64        `json:"memory_bytes"`
		MemoryLimit int64        `json:"memory_limit_bytes"`
		CPU         float64      `json:"cpu_absolute"`
		Network     statsNetwork `json:"network"`
		DiskIO      *statsDisk   `json:"disk_io,omitempty"`
		Uptime      int64        `json:"uptime"`
		State       string       `json:"state"`
		Disk        int64        `json:"disk_bytes"`
	}{s.MemoryBytes, s.MemoryLimitBytes, s.CPU, statsNetwork{s.Rx, s.Tx}, srv.diskIO(s), s.Uptime, s.State, s.DiskBytes})
}

// encodeEvent returns the JSON of an event, whose keys are in another order.
func (srv *Server) encodeEvent(s protocol.Stats) string {
	return encodeStats(struct {
		CPU         float64      `json:"cpu_absolute"`
		Disk        int64        `json:"disk_bytes"`
		DiskIO      *statsDisk   `json:"disk_io,omitempty"`
		Memory      int64        `json:"memory_bytes"`
		MemoryLimit int64        `json:"memory_limit_bytes"`
		Network     statsNetwork `json:"network"`
		State       string       `json:"state"`
		Uptime      int64        `json:"uptime"`
	}{s.CPU, s.DiskBytes, srv.diskIO(s), s.MemoryBytes, s.MemoryLimitBytes, statsNetwork{s.Rx, s.Tx}, s.State, s.Uptime})
}

func encodeStats(stats any) string {
	data, err := json.Marshal(stats)
	if err != nil {
		panic(err) // numbers that are finite always marshal
	}
	return string(data)
}

// hostMemory is what a server without a limit may use.
const hostMemory = 16 << 30

// memoryLimit returns the limit that Wings sets: somewhat more than the
// Panel's, whose MiB it takes for MB.
func memoryLimit(s protocol.ServerConfig) int64 {
	mib := s.Memory >> 20
	switch {
	case mib <= 0:
		return hostMemory
	case mib <= 2048:
		return mib * 1_150_000
	case mib <= 4096:
		return mib * 1_100_000
	default:
		return mib * 1_050_000
	}
}

// sampleUsage makes a sample up. The nth one is the same in each run.
func sampleUsage(spec protocol.ServerConfig, n int, uptime time.Duration) protocol.Stats {
	sample := protocol.Stats{Uptime: uptime.Milliseconds()}
	if n == 0 {
		return sample // the first comes before anything is measured
	}
	wave := math.Sin(float64(n) / 5)
	sample.MemoryLimitBytes = memoryLimit(spec)
	sample.MemoryBytes = int64(float64(min(sample.MemoryLimitBytes, 1<<30)) * (0.4 + 0.05*wave))
	sample.CPU = math.Round((12+8*wave)*1000) / 1000
	sample.Rx, sample.Tx = int64(n)*2048, int64(n)*4096
	return sample
}
