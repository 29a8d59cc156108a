package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/zalando/go-keyring"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
	"github.com/ptero-go/ptero/paneltest"
)

// asPtero makes the test program run ptero.
const asPtero = "PTERO_TEST_MAIN"

func TestMain(m *testing.M) {
	ptero := func() {
		// The keyring of whoever runs the tests is none of their business.
		keyring.MockInitWithError(keyring.ErrUnsupportedPlatform)
		terminal := ui.New(os.Getenv, os.Stdin, os.Stdout, os.Stderr)
		terminal.Recent = 30 * time.Minute // scripts take long on a busy machine
		os.Exit(run(terminal))
	}
	if os.Getenv(asPtero) != "" {
		ptero()
	}
	testscript.Main(m, map[string]func(){"ptero": ptero})
}

// TestScripts runs the scripts in testdata/script, each against a Panel of its
// own. PTERO_UPDATE=1 writes what the commands print into them.
//
// A script has these commands besides those of testscript:
//
//	run [CODE] ARGS...      run ptero; it must exit with CODE, by default 0
//	term WIDTH ARGS...      run ptero in a terminal, which types the lines of the file "typed"
//	panel METHOD ARGS...    make the Panel misbehave, e.g. panel fail clientGetAccount 502
//
// The condition [panel:VERSION] holds on that Panel, whose version is in $PANEL: what
// differs is in files such as pelican/list.json. To update them, run the scripts
// of one Panel after those of the other.
//
// They leave what was printed in the files out and err, with everything in it
// that is another one in each run replaced.
func TestScripts(t *testing.T) {
	t.Parallel()
	for _, version := range panelVersions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			testscript.Run(t, testscript.Params{
				Dir:                 "testdata/script",
				UpdateScripts:       os.Getenv("PTERO_UPDATE") != "",
				RequireExplicitExec: true,
				RequireUniqueNames:  true,
				Setup:               func(env *testscript.Env) error { return setUp(env, version) },
				Condition: func(cond string) (bool, error) {
					on, ok := strings.CutPrefix(cond, "panel:")
					if !ok {
						return false, fmt.Errorf("there is no condition %q", cond)
					}
					return on == version, nil
				},
				Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
					"run": runCommand, "term": termCommand, "panel": panelCommand,
				},
			})
		})
	}
}

// panelVersions are the Panels that the scripts are run against, as
// [paneltest.WithVersion] names them.
var panelVersions = []string{"1.12", "pelican"}

// world is what a script acts on.
type world struct {
	panel   *paneltest.Panel
	secrets []string // what no output may hold
	hidden  []string // what only those see who ask for it
}

type worldKey struct{}

func setUp(env *testscript.Env, version string) error {
	panel, err := paneltest.New(paneltest.WithVersion(version), paneltest.WithSeed(testSeed(time.Now())))
	if err != nil {
		return err
	}
	env.Defer(panel.Close)
	w := &world{panel: panel}
	for _, key := range []string{panel.UserKey, panel.SubuserKey, panel.AdminKey, panel.ApplicationKey} {
		w.secrets = append(w.secrets, key[16:]) // what comes before names the key
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := packed(ctx, panel, lobby); err != nil {
		return err
	}
	if w.hidden, err = hiddenSecrets(ctx, panel); err != nil {
		return err
	}
	for name, key := range map[string]string{
		"user-key": panel.UserKey, "admin-key": panel.AdminKey, "application-key": panel.ApplicationKey, "wrong-key": strings.Repeat("ptlc_x0x0", 5),
	} {
		if err := os.WriteFile(filepath.Join(env.WorkDir, name), []byte(key+"\n"), 0o600); err != nil {
			return err
		}
	}
	env.Values[worldKey{}] = w
	for name, value := range map[string]string{
		envURL: panel.URL, envKey: panel.UserKey, envConfig: filepath.Join(env.WorkDir, "config"), envCache: filepath.Join(env.WorkDir, "cache"),
		"URL": panel.URL, "USER_KEY": panel.UserKey, "SUBUSER_KEY": panel.SubuserKey, "ADMIN_KEY": panel.AdminKey, "APPLICATION_KEY": panel.ApplicationKey,
		"PANEL": version, "TZ": "UTC", "HOME": env.WorkDir, "TERM": "xterm", "DBUS_SESSION_BUS_ADDRESS": "",
	} {
		env.Setenv(name, value)
	}
	return nil
}

// hiddenSecrets returns the passwords and tokens that a Panel holds: of databases
// and of nodes.
func hiddenSecrets(ctx context.Context, panel *paneltest.Panel) ([]string, error) {
	c, err := client.New(panel.URL, panel.AdminKey)
	if err != nil {
		return nil, err
	}
	admin, err := application.New(panel.URL, panel.AdminKey)
	if err != nil {
		return nil, err
	}
	databases, err := c.Databases.List(ctx, lobby, client.DatabaseIncludePassword)
	if err != nil {
		return nil, err
	}
	var secrets []string
	for _, d := range databases {
		if password := d.Password(); password != nil {
			secrets = append(secrets, password.Password)
		}
	}
	configuration, err := admin.Nodes.Configuration(ctx, 1)
	if err != nil {
		return nil, err
	}
	if secrets = append(secrets, configuration.Token); slices.Contains(secrets, "") || len(secrets) < 2 {
		return nil, fmt.Errorf("the Panel holds too few secrets: %d", len(secrets))
	}
	return secrets, nil
}

func worldOf(ts *testscript.TestScript) *world { return ts.Value(worldKey{}).(*world) }

// runCommand runs ptero and checks how it exits.
func runCommand(ts *testscript.TestScript, _ bool, args []string) {
	code := 0
	if len(args) > 0 {
		if n, err := strconv.Atoi(args[0]); err == nil {
			code, args = n, args[1:]
		}
	}
	err := ts.Exec("ptero", args...)
	out, errs := ts.ReadFile("stdout"), ts.ReadFile("stderr")
	keep(ts, args, out, errs)
	if got := codeOf(ts, err); got != code {
		ts.Fatalf("exit code %d, want %d\n[stdout]\n%s[stderr]\n%s", got, code, out, errs)
	}
}

func codeOf(ts *testscript.TestScript, err error) int {
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		ts.Fatalf("run ptero: %v", err)
	}
	if exit != nil {
		return exit.ExitCode()
	}
	return 0
}

// keep scans what was printed for secrets, and leaves it in files.
func keep(ts *testscript.TestScript, args []string, out, errs string) {
	w := worldOf(ts)
	for _, secret := range w.secrets {
		if strings.Contains(out, secret) || strings.Contains(errs, secret) {
			ts.Fatalf("ptero %s prints a secret:\n%s%s", strings.Join(args, " "), out, errs)
		}
	}
	for _, secret := range w.hidden {
		if (strings.Contains(out, secret) || strings.Contains(errs, secret)) && !slices.Contains(args, "--show-secrets") {
			ts.Fatalf("ptero %s prints a secret:\n%s%s", strings.Join(args, " "), out, errs)
		}
	}
	if secret := anySecret.FindString(out + errs); secret != "" && !slices.Contains(args, "--show-secrets") && !slices.Contains(args, "create") {
		ts.Fatalf("ptero %s prints the secret %s", strings.Join(args, " "), secret)
	}
	for name, text := range map[string]string{"out": out, "err": errs} {
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(w.normal(ts, text)), 0o600))
	}
}

// anySecret matches whole keys, tokens and signed URLs.
var anySecret = regexp.MustCompile(`(ptl[ac]|pacc|papp)_\w{43}|eyJ[\w-]+\.[\w-]+\.|[?&]token=`)

var (
	anyUUID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	anyTime = regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d| [A-Z]{3})?`)
	anyPort = regexp.MustCompile(`("daemon_listen": |127\.0\.0\.1:)[3-6]\d{4}`)
	anyName = regexp.MustCompile(`(u\d_|Identifier:  )\w{8,10}\b`)
	anySize = regexp.MustCompile(`(\b|"bytes": )1[89]\d( B\b|,)`) // of an archive, which holds times
	anySum  = regexp.MustCompile(`sha1:[0-9a-f]{40}`)
	anyWait = regexp.MustCompile(`(answers in|after) [\d.]+m?s`)
)

// normal replaces what differs from run to run.
func (w *world) normal(ts *testscript.TestScript, text string) string {
	text = strings.ReplaceAll(text, w.panel.URL, "http://panel.test")
	text = strings.ReplaceAll(text, ts.Getenv("WORK"), "$WORK")
	text = anyUUID.ReplaceAllStringFunc(text, func(uuid string) string {
		if strings.HasPrefix(uuid, "11111111-") || strings.HasPrefix(uuid[8:], "-0000-4000-") {
			return uuid // of the seed
		}
		return "<uuid>"
	})
	text = anyTime.ReplaceAllString(text, "<time>")
	text = anySize.ReplaceAllString(text, "${1}190${2}")
	text = anySum.ReplaceAllString(text, "sha1:<sum>")
	text = anyName.ReplaceAllString(text, "${1}<name>")
	text = anyWait.ReplaceAllString(text, "${1} <duration>")
	return anyPort.ReplaceAllString(text, "${1}<port>")
}

// termCommand runs ptero in a terminal of a width. It types a line of the file
// "typed" after each question.
func termCommand(ts *testscript.TestScript, _ bool, args []string) {
	code := 0
	if n, err := strconv.Atoi(args[0]); err == nil && n < 10 || args[0] == "130" {
		code, args = n, args[1:]
	}
	width, err := strconv.ParseUint(args[0], 10, 16)
	ts.Check(err)
	args = args[1:]
	typed, _ := os.ReadFile(ts.MkAbs("typed"))
	cmd := exec.Command("ptero", args...)
	for _, name := range []string{envURL, envKey, envConfig, envCache, "TZ", "HOME", "TERM", "NO_COLOR", "CLICOLOR_FORCE", "PATH", "TMPDIR"} {
		if value := ts.Getenv(name); value != "" {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	cmd.Dir = ts.MkAbs(".")
	path, err := exec.LookPath("ptero")
	if err != nil {
		path = filepath.Join(strings.Split(ts.Getenv("PATH"), string(os.PathListSeparator))[0], "ptero")
	}
	cmd.Path, cmd.Err = path, nil
	var stdout bytes.Buffer
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: uint16(width)})
	ts.Check(err)
	defer f.Close()
	lines := strings.SplitAfter(string(typed), "\n")
	for buffer := make([]byte, 4096); ; {
		n, err := f.Read(buffer) // ends in an error where the terminal is gone
		stdout.Write(buffer[:n])
		if strings.HasSuffix(stdout.String(), ": ") && len(lines) > 0 {
			_, _ = f.WriteString(lines[0])
			lines = lines[1:]
		}
		if err != nil {
			break
		}
	}
	err = cmd.Wait()
	out := strings.ReplaceAll(stdout.String(), "\r\n", "\n")
	fmt.Fprint(ts.Stdout(), out)
	keep(ts, args, out, "")
	if got := codeOf(ts, err); got != code {
		ts.Fatalf("exit code %d, want %d\n%s", got, code, out)
	}
}

// panelCommand makes the Panel misbehave.
func panelCommand(ts *testscript.TestScript, _ bool, args []string) {
	p := worldOf(ts).panel
	number := func(text string) int {
		n, err := strconv.Atoi(text)
		ts.Check(err)
		return n
	}
	switch args[0] {
	case "fail": // OPERATION STATUS
		ts.Check(p.Fail(args[1], 100, paneltest.FaultStatus(number(args[2]))))
	case "limit": // SECONDS
		ts.Check(p.Fail("", 1000, paneltest.FaultRateLimited(time.Duration(number(args[1]))*time.Second)))
	case "stop-node":
		ts.Check(p.StopNode(number(args[1])))
	case "restart-wings":
		p.RestartWings()
	case "suspend":
		ts.Check(p.Suspend(args[1]))
	case "print":
		ts.Check(p.Print(args[1], args[2:]...))
	default:
		ts.Fatalf("panel %s: no such command", args[0])
	}
}

// testSeed is the DefaultSeed with fixed identifiers, and with times that are
// always the same number of days ago.
func testSeed(now time.Time) paneltest.Seed {
	const day = 24 * time.Hour
	ago := func(d time.Duration) time.Time { return now.Add(-d - time.Minute) }
	seed := paneltest.DefaultSeed()
	for i := range seed.Users {
		seed.Users[i].UUID = fmt.Sprintf("5000000%d-0000-4000-8000-000000000000", i+1)
		seed.Users[i].Created = ago(30 * day)
		for j := range seed.Users[i].Keys {
			seed.Users[i].Keys[j].Created = ago(20 * day)
		}
	}
	for i := range seed.Servers {
		seed.Servers[i].UUID = fmt.Sprintf("%d%da%d1c4d-0000-4000-8000-000000000000", i+1, i+1, i+1)
		seed.Servers[i].Created = ago(10 * day)
	}
	for i := range seed.Nodes {
		seed.Nodes[i].Created = ago(40 * day)
	}
	seed.Locations[0].Created = ago(41 * day)
	lobby := &seed.Servers[0]
	lobby.BackupLimit = 10
	for i, name := range []string{"before the update", "nightly", "nightly", "weekly"} {
		lobby.Backups = append(lobby.Backups, paneltest.SeedBackup{
			UUID: fmt.Sprintf("b%d000000-0000-4000-8000-000000000000", i+1), Name: name, Locked: i == 0, Created: ago(time.Duration(5-i) * day),
		})
	}
	lobby.Schedules[0].Created = ago(9 * day)
	lobby.Subusers[0].Created = ago(8 * day)
	lobby.Databases = []paneltest.SeedDatabase{{Host: 1, Name: "stats", Created: ago(7 * day)}}
	return seed
}
