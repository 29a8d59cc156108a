package paneltest

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

// startLines are what comes when a machine starts.
var startLines = []string{
	daemonText("Updating process configuration files..."),
	daemonText("Ensuring file permissions are set correctly, this could take a few seconds..."),
	"status: starting",
	daemonText("Finished pulling Docker container image"),
	daemonText("Pulling Docker container image, this could take a few minutes to complete..."),
}

func TestMachinePower(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, daemonConfig{})
		m := d.create(testServer, protocol.ServerConfig{Game: protocol.Game{
			Boot: []string{"one", "two"}, Done: "ready", BootTime: 2 * time.Second, StopTime: 300 * time.Millisecond,
		}})
		c := d.join()
		wantErr(t, m.Command("x"), errMachineOffline)
		must(t, m.Power("start"))
		c.expect(startLines...)
		wantErr(t, m.Power("start"), errPowerBusy)
		wantErr(t, m.Command("x"), errMachineOffline)
		time.Sleep(time.Second)
		c.expect("stats: starting", "console output: one")
		time.Sleep(500 * time.Millisecond)
		c.expect("console output: two")
		time.Sleep(500 * time.Millisecond)
		c.expect("stats: starting?", "console output: ready", "status: running", "stats: running?")
		wantErr(t, m.Power("start"), errServerRunning)

		must(t, m.Power("restart"))
		c.expect("status: stopping", "console output: stop", "console output: Stopping the game")
		time.Sleep(300 * time.Millisecond)
		c.expect(append([]string{"status: offline", "stats: offline"}, startLines...)...)
		time.Sleep(3 * time.Second)
		c.take()
		if m.State() != "running" {
			t.Error(m.State())
		}

		must(t, m.Power("kill"))
		c.expect("status: stopping")
		time.Sleep(67 * time.Millisecond)
		c.expect("status: offline", "stats: offline")

		must(t, m.Power("kill")) // nothing happens while it is offline
		must(t, m.Power("stop"))
		c.expect()
		must(t, m.Power("restart"))
		c.expect(startLines...)
		must(t, m.Power("kill")) // before its process runs
		c.expect("status: stopping", "status: offline", "stats: offline")
		time.Sleep(time.Minute)
		c.expect("token expiring?")
		if m.State() != "offline" {
			t.Error(m.State())
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestMachineStopBusy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, daemonConfig{})
		m := d.create(testServer, protocol.ServerConfig{Running: true, Game: protocol.Game{StopTime: 4 * time.Second}})
		must(t, m.Power("stop"))
		time.Sleep(time.Second)
		for _, signal := range []string{"start", "stop", "restart", "bogus"} {
			wantErr(t, m.Power(signal), errPowerBusy)
		}
		must(t, m.Power("kill")) // goes ahead
		time.Sleep(time.Second)
		if m.State() != "offline" {
			t.Error(m.State())
		}
	})
}

func TestMachineStopCommand(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, daemonConfig{})
		m := d.create(testServer, protocol.ServerConfig{Running: true, Game: protocol.Game{
			Stop: "end", StopTime: time.Second, Answer: func(command string) []string { return []string{"got " + command} },
		}})
		c := d.join()
		c.send("send command", "end") // is a stop, and no crash
		c.expect("status: stopping", "console output: end", "console output: got end")
		time.Sleep(2 * time.Second)
		c.expect("stats: stopping?", "status: offline", "stats: offline")
		must(t, m.Power("start"))
		time.Sleep(time.Second)
		c.take()
		must(t, m.Command("x\nend")) // the game ends, but Wings does not know why
		time.Sleep(1100 * time.Millisecond)
		if got := strings.Join(c.takeText(), "\n"); !strings.Contains(got, "Detected server process in a crashed state!") || !strings.Contains(got, "Exit code: 0") {
			t.Error(got)
		}
	})
}

func TestMachineCrash(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, daemonConfig{})
		m := d.create(testServer, protocol.ServerConfig{Running: true, Game: protocol.Game{BootTime: time.Second}})
		c := d.join()
		crashed := []string{
			"status: offline", "stats: offline",
			daemonText("---------- Detected server process in a crashed state! ----------"), daemonText("Exit code: 3"), daemonText("Out of memory: false"),
		}
		m.exit(3)
		c.expect(append(crashed, startLines...)...)
		time.Sleep(10 * time.Second)
		if c.take(); m.State() != "running" {
			t.Error(m.State())
		}
		m.exit(3)
		c.expect(append(crashed, daemonText("Aborting automatic restart, last crash occurred less than 60 seconds ago."))...)
		must(t, m.Power("start"))
		time.Sleep(time.Minute)
		c.take()
		m.crash()
		c.take()
		if m.State() != "starting" {
			t.Errorf("a crash after a minute is none that repeats: %s", m.State())
		}
		m.crash() // before its process runs
		time.Sleep(time.Second)
		if m.State() != "offline" {
			t.Error(m.State())
		}
		m.crash()
		m.print("nothing")
	})
}

func TestMachineCommands(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, daemonConfig{})
		m := d.create(testServer, protocol.ServerConfig{Running: true, Game: protocol.Game{Answer: func(command string) []string {
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
		must(t, m.Command(strings.Repeat("x", 10000)))
		for _, message := range c.take() {
			if got := strings.TrimPrefix(message.Args[0], "> "); len(got) != 4095 {
				t.Errorf("a command of %d bytes came through", len(got))
			}
		}
		m.print("a < b & \"c\" \xff\xfe \x00", "\rprogress 1\rprogress 2")
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

func TestMachineHistory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, daemonConfig{})
		m := d.create(testServer, protocol.ServerConfig{Running: true})
		c := d.join()
		for i := range 1000 {
			m.print("line " + strconv.Itoa(i))
		}
		c.take()
		c.send("send logs")
		got := c.takeText()
		if len(got) != 150 || got[0] != "console output: line 850" || got[149] != "console output: line 999" {
			t.Errorf("%d lines, %s to %s", len(got), got[0], got[len(got)-1])
		}
		m.print(strings.Repeat("x", 64<<10))
		m.print("after")
		c.take()
		c.send("send logs")
		if got := c.takeText(); len(got) != 150 {
			t.Errorf("%d lines with one of just 64 KiB", len(got))
		}
		m.print(strings.Repeat("x", 64<<10+1))
		m.print("after")
		c.take()
		c.send("send logs")
		if got := c.takeText(); len(got) != 148 {
			t.Errorf("%d lines up to one of more than 64 KiB", len(got))
		}
		m.crash() // the history is that of a run
		time.Sleep(time.Second)
		c.take()
		c.send("send logs")
		c.expect("console output: Starting the game", "console output: The game is ready")
	})
}

func TestMachineThrottle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, daemonConfig{})
		m := d.create(testServer, protocol.ServerConfig{Running: true})
		c := d.join()
		lines := slices.Repeat([]string{"x"}, 3000)
		m.print(lines...)
		got := c.takeText()
		if len(got) != 2001 || !strings.HasPrefix(got[2000], daemonText("Server is outputting console data too quickly -- throttling...")) {
			t.Errorf("%d lines, the last %s", len(got), got[len(got)-1])
		}
		m.print(lines...) // in the same period
		c.expect()
		time.Sleep(101 * time.Millisecond)
		m.print(lines...)
		if got := c.takeText(); len(got) != 2001 {
			t.Errorf("%d lines in the next period", len(got))
		}
	})
}

func TestMachineRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, daemonConfig{})
		for rate, want := range map[float64]int{0.5: 5, 1: 10, 3: 30, 300: 3000} {
			m := d.create(testServer, protocol.ServerConfig{Game: protocol.Game{Rate: rate, Line: func(n int) string { return "line " + strconv.Itoa(n) }}})
			c := d.join()
			must(t, m.Power("start"))
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

func TestMachineStats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, daemonConfig{})
		m := d.create(testServer, protocol.ServerConfig{Memory: 512 << 20, Game: protocol.Game{BootTime: 2 * time.Second}})
		must(t, m.Files().Write("/a.txt", make([]byte, 50)))
		c := d.dial()
		c.send("auth", sign(claims()))
		messages := c.take()
		const offline = `{"memory_bytes":0,"memory_limit_bytes":0,"cpu_absolute":0,"network":{"rx_bytes":0,"tx_bytes":0},"uptime":0,"state":"offline","disk_bytes":50}`
		if got := messages[2].Args[0]; got != offline {
			t.Error(got)
		}
		must(t, m.Power("start"))
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
		if got := c.take()[0].Args[0]; got != encodeAnswer(m.Stats()) || m.Stats().Uptime != 3000 {
			t.Error(got) // of the last sample
		}
		must(t, m.Power("kill"))
		time.Sleep(time.Second)
		if got := m.Stats(); got != (protocol.Stats{MemoryLimitBytes: 588800000, DiskBytes: 50, State: "offline"}) {
			t.Errorf("%+v", got)
		}
		for mib, want := range map[int64]int64{0: 16 << 30, 4096: 4505600000, 8192: 8601600000} {
			if got := memoryLimit(protocol.ServerConfig{Memory: mib << 20}); got != want {
				t.Errorf("%d MiB: %d", mib, got)
			}
		}
	})
}

func TestMachineSuspend(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, daemonConfig{})
		m := d.create(testServer, protocol.ServerConfig{Running: true, Game: protocol.Game{StopTime: time.Second}})
		c := d.join()
		m.SetSuspended(true)
		c.expect("status: stopping", "console output: stop", "console output: Stopping the game")
		time.Sleep(1100 * time.Millisecond)
		c.expect("stats: stopping?", "status: offline", "stats: offline")
		wantErr(t, m.Power("start"), errServerSuspended)
		must(t, m.Power("restart"))
		synctest.Wait()
		if m.State() != "offline" {
			t.Error(m.State())
		}
		m.SetSuspended(false)
		must(t, m.Power("start"))
	})
}

func TestMachineDiskLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		d := startDaemon(t, daemonConfig{FilesDir: dir})
		m := d.create(testServer, protocol.ServerConfig{Disk: 100})
		must(t, m.Files().Write("a", make([]byte, 100)))
		c := d.join()
		must(t, m.Power("start"))
		if got := c.takeText()[0]; !strings.HasPrefix(got, daemonText("Checking server disk space usage")) {
			t.Error(got)
		}
		must(t, m.Power("kill"))
		must(t, os.WriteFile(filepath.Join(dir, testServer, "b"), []byte("x"), 0o600)) // by somebody else
		time.Sleep(10 * time.Second)                                                   // until it is measured again
		wantStatus(t, m.Power("start"), 400, "not enough disk space")
	})
}

func TestMachineInstall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, daemonConfig{})
		m := d.create(testServer, protocol.ServerConfig{Running: true, Game: protocol.Game{BootTime: 2 * time.Second}})
		owner, admin := d.join(), d.join(asAdmin)
		d.remote.installed = func() { owner.expect() } // they are told later
		m.Install()
		m.Install() // does nothing, as it is being installed
		stopped := []string{"status: stopping", "console output: stop", "console output: Stopping the game", "status: offline", "stats: offline"}
		owner.expect(append(stopped, "install started: ")...)
		late := d.dial()
		late.send("auth", sign(claims()))
		late.expect("auth success", "status: offline") // and no sample
		wantErr(t, m.Power("start"), errServerInstalling)
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
		must(t, m.Power("start"))
		if synctest.Wait(); len(d.remote.installs) > 0 {
			t.Error("an installation that did not begin has ended")
		}
	})
}

func TestMachineBackups(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, dir := range []string{"", t.TempDir()} {
			d := startDaemon(t, daemonConfig{FilesDir: dir})
			m := d.create(testServer, protocol.ServerConfig{Running: true, Game: protocol.Game{StopTime: time.Second}})
			files := m.Files()
			for _, name := range []string{"/a.txt", "/dir/b.txt", "/cache/c.txt", "/d.log"} {
				must(t, files.Write(name, []byte(name)))
			}
			c := d.join()
			m.Backup("b1", []string{"cache/", "*.log"})
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
			m.Restore("b1", false)
			c.expect("status: stopping", "console output: stop", "console output: Stopping the game")
			wantErr(t, m.Power("start"), errServerRestoring)
			time.Sleep(time.Second)
			if !<-d.remote.restores {
				t.Error("not ok")
			}
			c.expect("stats: stopping?", "status: offline", "stats: offline", "daemon message: (restoring): a.txt", "daemon message: (restoring): dir/b.txt",
				"daemon message: Completed server restoration from local backup.", "backup restore completed: ")
			if got := content(t, files, "/a.txt") + content(t, files, "/dir/b.txt") + content(t, files, "/d.log"); got != "/a.txt/dir/b.txt/d.log" {
				t.Error(got)
			}
			m.Restore("b1", true)
			if !<-d.remote.restores {
				t.Error("not ok")
			}
			if _, err := files.Read("/d.log"); err == nil {
				t.Error("what is not in the backup must go")
			}
			c.take()

			must(t, files.Write("/.pteroignore", []byte("# all but this\n*\n!a.txt\n")))
			m.Backup("b2", nil)
			<-d.remote.backups
			m.DeleteBackup("b1")
			m.Restore("b2", true)
			if !<-d.remote.restores {
				t.Error("not ok")
			}
			entries, err := files.List("/")
			if err != nil || len(entries) != 1 || entries[0].Name != "a.txt" {
				t.Errorf("%v, %v", entries, err)
			}
			m.Restore("b1", true)
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
