package wings

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// daemonText is a line of Wings' own, as a client gets it.
func daemonText(text string) string {
	return "console output: \x1b[33m\x1b[1m[Pterodactyl Daemon]:\x1b[39m " + text
}

// startLines are what comes when a server starts.
var startLines = []string{
	daemonText("Updating process configuration files..."),
	daemonText("Ensuring file permissions are set correctly, this could take a few seconds..."),
	"status: starting",
	daemonText("Finished pulling Docker container image"),
	daemonText("Pulling Docker container image, this could take a few minutes to complete..."),
}

func TestServerPower(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		srv := d.create(testServer, protocol.ServerConfig{Game: protocol.Game{
			Boot: []string{"one", "two"}, Done: "ready", BootTime: 2 * time.Second, StopTime: 300 * time.Millisecond,
		}})
		c := d.join()
		wantErr(t, srv.Command("x"), errOffline)
		must(t, srv.Power("start"))
		c.expect(startLines...)
		wantErr(t, srv.Power("start"), errPowerBusy)
		wantErr(t, srv.Command("x"), errOffline)
		time.Sleep(time.Second)
		c.expect("stats: starting", "console output: one")
		time.Sleep(500 * time.Millisecond)
		c.expect("console output: two")
		time.Sleep(500 * time.Millisecond)
		c.expect("stats: starting?", "console output: ready", "status: running", "stats: running?")
		wantErr(t, srv.Power("start"), errServerRunning)

		must(t, srv.Power("restart"))
		c.expect("status: stopping", "console output: stop", "console output: Stopping the game")
		time.Sleep(300 * time.Millisecond)
		c.expect(append([]string{"status: offline", "stats: offline"}, startLines...)...)
		time.Sleep(3 * time.Second)
		c.take()
		if srv.State() != "running" {
			t.Error(srv.State())
		}

		must(t, srv.Power("kill"))
		c.expect("status: stopping")
		time.Sleep(67 * time.Millisecond)
		c.expect("status: offline", "stats: offline")

		for _, signal := range []string{"start", "stop"} { // the kill is not over
			wantErr(t, srv.Power(signal), errPowerBusy)
		}
		time.Sleep(50 * time.Millisecond)

		must(t, srv.Power("kill")) // nothing happens while it is offline
		must(t, srv.Power("stop"))
		c.expect()
		must(t, srv.Power("restart"))
		c.expect(startLines...)
		must(t, srv.Power("kill")) // before its process runs
		c.expect("status: stopping", "status: offline", "stats: offline")
		time.Sleep(time.Minute)
		c.expect("token expiring?")
		if srv.State() != "offline" {
			t.Error(srv.State())
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestServerStopBusy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		srv := d.create(testServer, protocol.ServerConfig{Running: true, Game: protocol.Game{StopTime: 4 * time.Second}})
		must(t, srv.Power("stop"))
		time.Sleep(time.Second)
		for _, signal := range []string{"start", "stop", "restart", "bogus"} {
			wantErr(t, srv.Power(signal), errPowerBusy)
		}
		must(t, srv.Power("kill")) // goes ahead
		time.Sleep(time.Second)
		if srv.State() != "offline" {
			t.Error(srv.State())
		}
	})
}

func TestServerStopCommand(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		srv := d.create(testServer, protocol.ServerConfig{Running: true, Game: protocol.Game{
			Stop: "end", StopTime: time.Second, Answer: func(command string) []string { return []string{"got " + command} },
		}})
		c := d.join()
		c.send("send command", "end") // is a stop, and no crash
		c.expect("status: stopping", "console output: end", "console output: got end")
		time.Sleep(2 * time.Second)
		c.expect("stats: stopping?", "status: offline", "stats: offline")
		must(t, srv.Power("start"))
		time.Sleep(time.Second)
		c.take()
		must(t, srv.Command("x\nend")) // the game ends, but Wings does not know why
		time.Sleep(1100 * time.Millisecond)
		if got := strings.Join(c.takeText(), "\n"); !strings.Contains(got, "Detected server process in a crashed state!") || !strings.Contains(got, "Exit code: 0") {
			t.Error(got)
		}
	})
}

func TestServerCrash(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		srv := d.create(testServer, protocol.ServerConfig{Running: true, Game: protocol.Game{BootTime: time.Second}})
		c := d.join()
		crashed := []string{
			"status: offline", "stats: offline",
			daemonText("---------- Detected server process in a crashed state! ----------"), daemonText("Exit code: 3"), daemonText("Out of memory: false"),
		}
		srv.exit(3)
		c.expect(crashed...)
		time.Sleep(83 * time.Millisecond)
		c.expect()
		time.Sleep(time.Millisecond)
		c.expect(startLines...)
		time.Sleep(10 * time.Second)
		if c.take(); srv.State() != "running" {
			t.Error(srv.State())
		}
		srv.exit(3)
		c.expect(append(crashed, daemonText("Aborting automatic restart, last crash occurred less than 60 seconds ago."))...)
		must(t, srv.Power("start"))
		time.Sleep(time.Minute)
		c.take()
		srv.crash()
		time.Sleep(100 * time.Millisecond)
		if srv.State() != "starting" {
			t.Errorf("a crash after a minute is none that repeats: %s", srv.State())
		}
		srv.crash() // before its process runs
		time.Sleep(time.Second)
		if srv.State() != "offline" {
			t.Error(srv.State())
		}
		srv.crash()
		srv.print("nothing")
	})
}

func TestServerCommands(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		srv := d.create(testServer, protocol.ServerConfig{Running: true, Game: protocol.Game{Answer: func(command string) []string {
			return []string{"> " + command, ""}
		}}})
		c := d.join()
		c.send("send command", "two", "args")
		c.expect("console output: twoargs", "console output: > twoargs")
		c.send("send command", "one\ntwo")
		c.expect("console output: one", "console output: two", "console output: > one", "console output: > two")
		c.send("send command", "")
		c.expect("console output: > ") // empty lines are not sent
		c.send("send logs")
		c.expect("console output: Starting the game", "console output: The game is ready", "console output: twoargs", "console output: > twoargs", "console output: ",
			"console output: one", "console output: two", "console output: > one", "console output: ", "console output: > two", "console output: ",
			"console output: ", "console output: > ", "console output: ")
		must(t, srv.Command(strings.Repeat("x", 10000)))
		for _, message := range c.take() {
			if got := strings.TrimPrefix(message.Args[0], "> "); len(got) != 4095 {
				t.Errorf("a command of %d bytes came through", len(got))
			}
		}
		srv.print("a < b & \"c\" \xff\xfe \x00", "\rprogress 1\rprogress 2")
		if got := c.take(); len(got) != 2 || got[0].Args[0] != "a < b & \"c\" \ufffd\ufffd \x00" || got[1].Args[0] != "\rprogress 1\rprogress 2" {
			t.Errorf("%q", got)
		}
	})
}

func TestFramesAreEncodedAsByWings(t *testing.T) {
	t.Parallel()
	if got := string(socketMessage{"auth success", nil}.encode()); got != `{"event":"auth success"}`+"\n" {
		t.Error(got)
	}
	if got := string(socketMessage{"x", []string{""}}.encode()); got != `{"event":"x","args":[""]}`+"\n" {
		t.Error(got)
	}
	if got := string(socketMessage{"x", []string{"<\xff>"}}.encode()); got != `{"event":"x","args":["\u003c\ufffd\u003e"]}`+"\n" {
		t.Error(got)
	}
}

func TestCutLine(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		length int
		want   []int
	}{
		{0, nil},
		{1, []int{1}},
		{65536, []int{65536}},
		{65538, []int{65536}},
		{102402, []int{65536, 32770}},
		{2097154, append(slices.Repeat([]int{65536}, 30), 8194)},
	} {
		var got []int
		for _, piece := range cutLine(strings.Repeat("x", tt.length)) {
			got = append(got, len(piece))
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%d: %v, want %v", tt.length, got, tt.want)
		}
	}
}

func TestServerHistory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		srv := d.create(testServer, protocol.ServerConfig{Running: true})
		c := d.join()
		for i := range 1000 {
			srv.print("line " + strconv.Itoa(i))
		}
		c.take()
		c.send("send logs")
		got := c.takeText()
		if len(got) != 150 || got[0] != "console output: line 850" || got[149] != "console output: line 999" {
			t.Errorf("%d lines, %s to %s", len(got), got[0], got[len(got)-1])
		}
		srv.print(strings.Repeat("x", 64<<10))
		srv.print("after")
		c.take()
		c.send("send logs")
		if got := c.takeText(); len(got) != 150 {
			t.Errorf("%d lines with one of just 64 KiB", len(got))
		}
		srv.print(strings.Repeat("x", 64<<10+1))
		srv.print("after")
		c.take()
		c.send("send logs")
		if got := c.takeText(); len(got) != 148 {
			t.Errorf("%d lines up to one of more than 64 KiB", len(got))
		}
		srv.crash() // the history is that of a run
		time.Sleep(time.Second)
		c.take()
		c.send("send logs")
		c.expect("console output: Starting the game", "console output: The game is ready")
	})
}

func TestServerThrottle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		srv := d.create(testServer, protocol.ServerConfig{Running: true})
		c := d.join()
		lines := slices.Repeat([]string{"x"}, 3000)
		srv.print(lines...)
		got := c.takeText()
		if len(got) != 2001 || !strings.HasPrefix(got[2000], daemonText("Server is outputting console data too quickly -- throttling...")) {
			t.Errorf("%d lines, the last %s", len(got), got[len(got)-1])
		}
		srv.print(lines...) // in the same period
		c.expect()
		time.Sleep(101 * time.Millisecond)
		srv.print(lines...)
		if got := c.takeText(); len(got) != 2001 {
			t.Errorf("%d lines in the next period", len(got))
		}
	})
}

func TestServerRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		for rate, want := range map[float64]int{0.5: 5, 1: 10, 3: 30, 300: 3000} {
			srv := d.create(testServer, protocol.ServerConfig{Game: protocol.Game{Rate: rate, Line: func(n int) string { return "line " + strconv.Itoa(n) }}})
			c := d.join()
			must(t, srv.Power("start"))
			time.Sleep(10*time.Second + 2*time.Millisecond)
			n := 0
			for _, text := range c.takeText() {
				if strings.HasPrefix(text, "console output: line ") {
					if n++; text != "console output: line "+strconv.Itoa(n) {
						t.Fatalf("line %d is %s", n, text)
					}
				}
			}
			if n < want-3 || n > want {
				t.Errorf("%d lines in 10 s at a rate of %g", n, rate)
			}
			d.Delete(testServer)
		}
	})
}

func TestServerStats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		srv := d.create(testServer, protocol.ServerConfig{Memory: 512 << 20, Game: protocol.Game{BootTime: 2 * time.Second}})
		must(t, srv.Files().Write("/a.txt", make([]byte, 50)))
		c := d.dial()
		c.send("auth", sign(claims()))
		messages := c.take()
		const offline = `{"memory_bytes":0,"memory_limit_bytes":0,"cpu_absolute":0,"network":{"rx_bytes":0,"tx_bytes":0},"uptime":0,"state":"offline","disk_bytes":50}`
		if got := messages[2].Args[0]; got != offline {
			t.Error(got)
		}
		must(t, srv.Power("start"))
		time.Sleep(1001 * time.Millisecond)
		const first = `{"cpu_absolute":0,"disk_bytes":50,"memory_bytes":0,"memory_limit_bytes":0,"network":{"rx_bytes":0,"tx_bytes":0},"state":"starting","uptime":0}`
		messages = c.take()
		if got := messages[len(messages)-2].Args[0]; got != first {
			t.Error(got)
		}
		time.Sleep(3500 * time.Millisecond)
		samples := 0
		for _, message := range c.take() {
			if message.Event == "stats" {
				samples++
				var sample struct {
					Memory int64 `json:"memory_bytes"`
					Limit  int64 `json:"memory_limit_bytes"`
					Uptime int64
				}
				must(t, json.Unmarshal([]byte(message.Args[0]), &sample))
				if sample.Limit != 588800000 || sample.Memory <= 0 || sample.Memory > sample.Limit || sample.Uptime != int64(samples)*1000 {
					t.Error(message.Args[0])
				}
			}
		}
		if samples != 3 {
			t.Errorf("%d samples in 3.5 s", samples)
		}
		c.send("send stats")
		if got := c.take()[0].Args[0]; got != srv.encodeAnswer(srv.Stats()) || srv.Stats().Uptime != 3000 {
			t.Error(got) // of the last sample
		}
		must(t, srv.Power("kill"))
		time.Sleep(time.Second)
		if got := srv.Stats(); got != (protocol.Stats{MemoryLimitBytes: 588800000, DiskBytes: 50, State: "offline"}) {
			t.Errorf("%+v", got)
		}
		for mib, want := range map[int64]int64{0: 16 << 30, 4096: 4505600000, 8192: 8601600000} {
			if got := memoryLimit(protocol.ServerConfig{Memory: mib << 20}); got != want {
				t.Errorf("%d MiB: %d", mib, got)
			}
		}
	})
}

func TestServerSuspend(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		srv := d.create(testServer, protocol.ServerConfig{Running: true, Game: protocol.Game{StopTime: time.Second}})
		c := d.join()
		srv.SetSuspended(true)
		c.expect("status: stopping", "console output: stop", "console output: Stopping the game")
		time.Sleep(1100 * time.Millisecond)
		c.expect("stats: stopping?", "status: offline", "stats: offline")
		wantErr(t, srv.Power("start"), errServerSuspended)
		must(t, srv.Power("restart"))
		synctest.Wait()
		if srv.State() != "offline" {
			t.Error(srv.State())
		}
		srv.SetSuspended(false)
		must(t, srv.Power("start"))
	})
}

func TestServerDiskLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		d := startDaemon(t, Config{FilesDir: dir})
		srv := d.create(testServer, protocol.ServerConfig{Disk: 100})
		must(t, srv.Files().Write("a", make([]byte, 100)))
		c := d.join()
		must(t, srv.Power("start"))
		if got := c.takeText()[0]; !strings.HasPrefix(got, daemonText("Checking server disk space usage")) {
			t.Error(got)
		}
		must(t, srv.Power("kill"))
		must(t, os.WriteFile(filepath.Join(dir, testServer, "b"), []byte("x"), 0o600)) // by somebody else
		time.Sleep(10 * time.Second)                                                   // until it is measured again
		wantStatus(t, srv.Power("start"), 400, "not enough disk space")
	})
}

func TestServerInstall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		srv := d.create(testServer, protocol.ServerConfig{Running: true, Game: protocol.Game{BootTime: 2 * time.Second}})
		owner, admin := d.join(), d.join(asAdmin)
		d.remote.installed = func() { owner.expect() } // they are told later
		srv.Install()
		srv.Install() // does nothing, as it is being installed
		stopped := []string{"status: stopping", "console output: stop", "console output: Stopping the game", "status: offline", "stats: offline"}
		owner.expect(append(stopped, "install started: ")...)
		late := d.dial()
		late.send("auth", sign(claims()))
		late.expect("auth success", "status: offline") // and no sample
		wantErr(t, srv.Power("start"), errServerInstalling)
		time.Sleep(time.Second)
		owner.expect("daemon message: Starting installation process, this could take a few minutes...")
		time.Sleep(900 * time.Millisecond)
		owner.expect()
		time.Sleep(200 * time.Millisecond)
		if !<-d.remote.installs {
			t.Error("not ok")
		}
		owner.expect("install completed: ")
		admin.expect(append(stopped, "install started: ", "daemon message: ", "install output: ", "install output: ", "install completed: ")...)
		must(t, srv.Power("start"))
		if synctest.Wait(); len(d.remote.installs) > 0 {
			t.Error("an installation that did not begin has ended")
		}
	})
}

func TestServerBackups(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, dir := range []string{"", t.TempDir()} {
			d := startDaemon(t, Config{FilesDir: dir})
			srv := d.create(testServer, protocol.ServerConfig{Running: true, Game: protocol.Game{StopTime: time.Second}})
			files := srv.Files()
			for _, name := range []string{"/a.txt", "/dir/b.txt", "/cache/c.txt", "/d.log"} {
				must(t, files.Write(name, []byte(name)))
			}
			c := d.join()
			srv.Backup("b1", []string{"cache/", "*.log"})
			result, got := <-d.remote.backups, c.take()
			if !result.Successful || result.UUID != "b1" || result.Size == 0 || len(result.Checksum) != 40 || result.ChecksumType != "sha1" {
				t.Errorf("%+v", result)
			}
			want := `{"checksum":"` + result.Checksum + `","checksum_type":"sha1","file_size":` + strconv.FormatInt(result.Size, 10) + `,"is_successful":true,"uuid":"b1"}`
			if len(got) != 1 || got[0].Event != "backup completed" || got[0].Args[0] != want {
				t.Errorf("%v", got)
			}

			must(t, files.Write("/a.txt", []byte("changed")))
			must(t, files.Delete("/", []string{"dir"}))
			srv.Restore("b1", false)
			c.expect("status: stopping", "console output: stop", "console output: Stopping the game")
			wantErr(t, srv.Power("start"), errServerRestoring)
			time.Sleep(time.Second)
			if !<-d.remote.restores {
				t.Error("not ok")
			}
			c.expect("stats: stopping?", "status: offline", "stats: offline", "daemon message: (restoring): a.txt", "daemon message: (restoring): dir/b.txt",
				"daemon message: Completed server restoration from local backup.", "backup restore completed: ")
			if got := content(t, files, "/a.txt") + content(t, files, "/dir/b.txt") + content(t, files, "/d.log"); got != "/a.txt/dir/b.txt/d.log" {
				t.Error(got)
			}
			srv.Restore("b1", true)
			if !<-d.remote.restores {
				t.Error("not ok")
			}
			if _, err := files.Read("/d.log"); err == nil {
				t.Error("what is not in the backup must go")
			}
			c.take()

			must(t, files.Write("/.pteroignore", []byte("# all but this\n*\n!a.txt\n")))
			srv.Backup("b2", nil)
			<-d.remote.backups
			srv.DeleteBackup("b1")
			srv.Restore("b2", true)
			if !<-d.remote.restores {
				t.Error("not ok")
			}
			entries, err := files.List("/")
			if err != nil || len(entries) != 1 || entries[0].Name != "a.txt" {
				t.Errorf("%v, %v", entries, err)
			}
			srv.Restore("b1", true)
			if <-d.remote.restores {
				t.Error("a backup that is gone was restored")
			}
			d.Delete(testServer)
		}
	})
}

func content(t *testing.T, files protocol.Files, name string) string {
	t.Helper()
	data, err := files.Read(name)
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return string(data)
}
