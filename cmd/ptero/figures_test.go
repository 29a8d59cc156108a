package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/ptero-go/ptero/paneltest"
)

// The figures of README.md come from these benchmarks:
//
//	go test -run '^$' -bench . .

// built builds ptero as it is released.
func built(b *testing.B) string {
	b.Helper()
	program := filepath.Join(b.TempDir(), "ptero")
	cmd := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, ".")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	return program
}

// environment is that of a program which uses a Panel.
func environment(b *testing.B, panel *paneltest.Panel) []string {
	b.Helper()
	return append(os.Environ(), envURL+"="+panel.URL, envKey+"="+panel.UserKey, envCache+"="+b.TempDir(), "TERM=xterm-256color")
}

// BenchmarkCommands is how long whole commands take, with a Panel on the same
// machine.
func BenchmarkCommands(b *testing.B) {
	program := built(b)
	info, err := os.Stat(program)
	if err != nil {
		b.Fatal(err)
	}
	panel, err := paneltest.New(paneltest.WithSeed(testSeed(time.Now())), paneltest.WithoutRateLimits())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(panel.Close)
	env := environment(b, panel)
	for _, line := range []string{"version", "servers list", "--demo servers list"} {
		b.Run(line, func(b *testing.B) {
			for b.Loop() {
				cmd := exec.CommandContext(b.Context(), program, strings.Fields(line)...)
				cmd.Env = env
				if out, err := cmd.CombinedOutput(); err != nil {
					b.Fatalf("%v: %s", err, out)
				}
			}
			b.ReportMetric(float64(info.Size())/1e6, "MB")
		})
	}
}

// BenchmarkTop is what top costs with 200 servers that run. An iteration is a
// second of it.
func BenchmarkTop(b *testing.B) {
	if runtime.GOOS != "linux" {
		b.Skip("the CPU time is read from /proc")
	}
	program := built(b)
	seed := paneltest.GenerateSeed(200)
	for i := range seed.Servers {
		seed.Servers[i].Owner, seed.Servers[i].Running, seed.Servers[i].Status = seed.Servers[0].Owner, true, ""
	}
	panel, err := paneltest.New(paneltest.WithSeed(seed))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(panel.Close)
	cmd := exec.CommandContext(b.Context(), program, "top", "--scope", "all")
	cmd.Env = append(environment(b, panel), envKey+"="+panel.AdminKey)
	const rows, columns = 50, 160
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: rows, Cols: columns})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = cmd.Wait() }()
	defer terminal.Close()
	drawn := make(chan int, 1<<16) // bytes, by frame
	go func() {
		defer close(drawn)
		buffer := make([]byte, 1<<16)
		for {
			n, err := terminal.Read(buffer)
			if err != nil {
				return
			}
			drawn <- n
		}
	}()
	const warm = 20 * time.Second // until all consoles are open
	watch := func(d time.Duration) (frames, bytes int) {
		end := time.After(d)
		for {
			select {
			case n, ok := <-drawn:
				if !ok {
					b.Fatal("top has ended")
				}
				frames, bytes = frames+1, bytes+n
			case <-end:
				return frames, bytes
			}
		}
	}
	watch(warm)
	begun, err := cpuTime(cmd.Process.Pid)
	if err != nil {
		b.Fatal(err)
	}
	frames, bytes, seconds := 0, 0, 0
	for b.Loop() {
		f, n := watch(time.Second)
		frames, bytes, seconds = frames+f, bytes+n, seconds+1
	}
	used, err := cpuTime(cmd.Process.Pid)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric((used-begun).Seconds()/float64(seconds)*100, "%core")
	b.ReportMetric(float64(frames)/float64(seconds), "frames/s")
	b.ReportMetric(float64(bytes)/float64(seconds), "B/s")
}

// cpuTime returns the CPU time that a process has used.
func cpuTime(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(after)
	const user, system, hertz = 11, 12, 100
	if len(fields) <= system {
		return 0, errors.New("stat has too few fields")
	}
	u, err1 := strconv.Atoi(fields[user])
	s, err2 := strconv.Atoi(fields[system])
	return time.Duration(u+s) * time.Second / hertz, errors.Join(err1, err2)
}
