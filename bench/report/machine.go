package main

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// fact is something about the machine or the run, a line of configuration in the
// results.
type fact struct{ name, value string }

// machine returns what one must know to judge the results. It names no host.
func machine(ctx context.Context) []fact {
	version := runtime.Version()
	if out, err := exec.CommandContext(ctx, "go", "env", "GOVERSION").Output(); err == nil {
		version = strings.TrimSpace(string(out))
	}
	return []fact{
		{"goos", runtime.GOOS},
		{"goarch", runtime.GOARCH},
		{"go", version},
		{"processor", processor()},
		{"cores", strconv.Itoa(runtime.NumCPU())},
		{"memory", lineOf("/proc/meminfo", "MemTotal")},
		{"kernel", strings.TrimSpace(readFile("/proc/sys/kernel/osrelease"))},
		{"date", time.Now().UTC().Format(time.DateOnly)},
		{"load-before", load()},
	}
}

func processor() string {
	name := lineOf("/proc/cpuinfo", "model name")
	if name == "" {
		return "unknown"
	}
	return name
}

// load returns the load of the last minute, which should be about 0 before.
func load() string {
	first, _, _ := strings.Cut(readFile("/proc/loadavg"), " ")
	if first == "" {
		return "unknown"
	}
	return first
}

// lineOf returns what a file says about a name.
func lineOf(path, name string) string {
	for line := range strings.Lines(readFile(path)) {
		if key, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// readFile returns what a file holds, nothing on a system that has none such.
func readFile(path string) string {
	content, _ := os.ReadFile(path) //nolint:gosec // the paths are ours
	return string(content)
}
