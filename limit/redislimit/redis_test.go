package redislimit_test

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

// server is a redis-server of the test's own, on a socket in a folder of its
// own.
type server struct {
	tb      testing.TB
	socket  string
	process *exec.Cmd
	output  io.ReadCloser
}

// startRedis starts a server that ends with the test. Without the program the
// test is skipped, but not where PTERO_NEEDS_REDIS is set, as in CI.
func startRedis(tb testing.TB) *server {
	tb.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("PTERO_NEEDS_REDIS") != "" {
			tb.Fatal("redis-server is missing; it is in Debian's package of that name")
		}
		tb.Skip("redis-server is missing; it is in Debian's package of that name")
	}
	dir, err := os.MkdirTemp("", "redislimit") //nolint:usetesting // tb.TempDir is too long for the path of a socket
	if err != nil {
		tb.Fatal(err)
	}
	s := &server{tb: tb, socket: filepath.Join(dir, "redis")}
	tb.Cleanup(func() {
		s.kill()
		_ = os.RemoveAll(dir)
	})
	s.start()
	return s
}

// start returns when the server accepts connections.
func (s *server) start() {
	s.tb.Helper()
	s.process = exec.Command("redis-server", "--port", "0", "--unixsocket", s.socket, "--save", "", "--appendonly", "no", "--dir", filepath.Dir(s.socket))
	var err error
	if s.output, err = s.process.StdoutPipe(); err != nil {
		s.tb.Fatal(err)
	}
	if err := s.process.Start(); err != nil {
		s.tb.Fatal(err)
	}
	lines := bufio.NewScanner(s.output)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "ready to accept connections at") || strings.Contains(lines.Text(), "Ready to accept connections") {
			return
		}
	}
	s.tb.Fatalf("redis-server ended: %v", s.process.Wait())
}

// kill ends the server at once; what it held is lost.
func (s *server) kill() {
	if s.process == nil {
		return
	}
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
	s.process = nil
}

// client returns a client of the server.
func (s *server) client() *redis.Client { return newRedisClient(s.tb, s.socket) }

func newRedisClient(tb testing.TB, socket string) *redis.Client {
	tb.Helper()
	c := redis.NewClient(&redis.Options{Network: "unix", Addr: socket})
	tb.Cleanup(func() { _ = c.Close() })
	return c
}

// dump returns all that the server holds, names and values.
func (s *server) dump(ctx context.Context) string {
	s.tb.Helper()
	c := s.client()
	names, err := c.Keys(ctx, "*").Result()
	if err != nil {
		s.tb.Fatal(err)
	}
	var all strings.Builder
	for _, name := range names {
		value, err := c.Dump(ctx, name).Result()
		if err != nil {
			s.tb.Fatal(err)
		}
		all.WriteString(name + "\n" + value + "\n")
	}
	return all.String()
}
