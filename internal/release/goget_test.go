package release

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"

	"github.com/ptero-go/ptero/internal/rest"
)

// The contract of the tests in this file: what `go get` brings is what the
// README promises. The module and the modules nested in it are packed as a
// module proxy would, and used from a module of their own outside of the tree.

const (
	rootModule     = "github.com/ptero-go/ptero"
	importerModule = "example.org/importer"
	releaseVersion = "v" + rest.Version
)

// The nested modules that are released; the others are there to be read and run.
const (
	redislimit  = "limit/redislimit"
	pteroDir    = "cmd/ptero"
	panelsimDir = "cmd/panelsim"
)

// programs are those that people install or run by `go run`. The go command
// refuses a module with a replace directive there, so they are tagged without.
var programs = []string{pteroDir, panelsimDir}

// nested returns the folders of the modules below the root.
func nested(t *testing.T) []string {
	t.Helper()
	var dirs []string
	for _, file := range checkedIn(t) {
		if dir, isModule := strings.CutSuffix(file, "/go.mod"); isModule {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// outside is a module outside of the tree.
type outside struct {
	t   *testing.T
	dir string
	env []string
}

// newOutside returns a module that can get the packed ones. All else comes
// from this machine's module cache or from where it would come anyway.
func newOutside(t *testing.T, proxy string) *outside {
	t.Helper()
	env := goEnv(t, "GOMODCACHE", "GOPROXY")
	im := &outside{t: t, dir: t.TempDir()}
	im.env = append(os.Environ(),
		"GOPROXY="+fileURL(proxy)+","+fileURL(filepath.Join(env["GOMODCACHE"], "cache", "download"))+","+env["GOPROXY"],
		"GOMODCACHE="+t.TempDir(), // else the packed modules would stay on this machine
		"GOFLAGS=-mod=mod -modcacherw -trimpath",
		"GOSUMDB=off", // go.sum in the tree vouches for the third parties
		"GOWORK=off",
		"GOPRIVATE=", "GONOPROXY=")
	im.run("mod", "init", importerModule)
	return im
}

func fileURL(dir string) string {
	dir = filepath.ToSlash(dir)
	if !strings.HasPrefix(dir, "/") {
		dir = "/" + dir // C:/
	}
	return "file://" + dir
}

// run runs the go command in the module and returns what it prints.
func (im *outside) run(args ...string) string {
	im.t.Helper()
	cmd := exec.CommandContext(im.t.Context(), "go", args...)
	cmd.Dir, cmd.Env = im.dir, im.env
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		im.t.Fatalf("go %s: %v\n%s%s", strings.Join(args, " "), err, out, stderr.String())
	}
	return string(out)
}

// write writes a file of the module.
func (im *outside) write(name, text string) {
	im.t.Helper()
	file := filepath.Join(im.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		im.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		im.t.Fatal(err)
	}
}

func goEnv(t *testing.T, names ...string) map[string]string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", append([]string{"env", "-json"}, names...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	env := make(map[string]string)
	if err := json.Unmarshal(out, &env); err != nil {
		t.Fatal(err)
	}
	return env
}

// Someone gets the module, runs the README's program against panelsim, and
// goes on to share a rate limit.
func TestGoGet(t *testing.T) {
	t.Parallel()
	proxy := release(t)
	im := newOutside(t, proxy)
	im.run("get", rootModule+"@"+releaseVersion)
	if direct, all := im.requirements(); all > direct {
		t.Errorf("go get leaves %d requirements in go.mod that nothing needs: do the imports of tools.go leak?", all-direct)
	}

	url, key := im.panelsim()
	im.checkSite(url)
	im.env = append(im.env, "PTERODACTYL_KEY="+key, "PTERODACTYL_URL="+url)
	program := firstProgram(t)
	if !strings.Contains(program, readmePanel) && !strings.Contains(program, "PTERODACTYL_URL") {
		t.Fatalf("the README's first program does not name %s, the address that this test replaces", readmePanel)
	}
	im.write("first/main.go", strings.ReplaceAll(program, readmePanel, url))
	printed := im.run("run", "./first")
	for _, name := range []string{"lobby", "survival"} {
		if !strings.Contains(printed, name) {
			t.Errorf("the README's first program printed %q, want the server %q", printed, name)
		}
	}
	im.checkLeaks()

	im.ptero()

	im.run("get", rootModule+"/limit/redislimit@"+releaseVersion)
	im.write("shared/main.go", sharedLimit)
	im.run("build", "-o", os.DevNull, "./shared")
}

// panelsim installs the fake Panel as its users do, starts it, and returns
// its address and the key of an account.
func (im *outside) panelsim() (url, key string) {
	im.t.Helper()
	bin := im.t.TempDir()
	im.env = append(im.env, "GOBIN="+bin)
	im.run("install", rootModule+"/"+panelsimDir+"@"+releaseVersion)
	sim := exec.CommandContext(im.t.Context(), filepath.Join(bin, "panelsim"), "-addr", "127.0.0.1:0")
	out, err := sim.StdoutPipe()
	if err != nil {
		im.t.Fatal(err)
	}
	if err := sim.Start(); err != nil {
		im.t.Fatal(err)
	}
	im.t.Cleanup(func() {
		_ = sim.Process.Kill()
		_ = sim.Wait()
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, address, ok := strings.Cut(lines.Text(), " at "); ok && url == "" {
			url = address
		}
		if fields := strings.Fields(lines.Text()); len(fields) == 2 && fields[0] == "user" {
			return url, fields[1]
		}
	}
	im.t.Fatal("panelsim ended without telling its address and keys")
	return "", ""
}

// checkSite sees to it that the installed panelsim has the site in it.
func (im *outside) checkSite(url string) {
	im.t.Helper()
	for _, name := range []string{"reference.html", "scalar.js", "ptero.openapi.json"} {
		req, err := http.NewRequestWithContext(im.t.Context(), http.MethodGet, url+"/docs/"+name, nil)
		if err != nil {
			im.t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			im.t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK || n < 1000 {
			im.t.Errorf("panelsim answers %s with %d and %d bytes, %v", name, resp.StatusCode, n, err)
		}
	}
}

// ptero installs the command line as its users do, and lists the servers of its
// demo.
func (im *outside) ptero() {
	im.t.Helper()
	bin := im.t.TempDir()
	im.env = append(im.env, "GOBIN="+bin)
	im.run("install", rootModule+"/"+pteroDir+"@"+releaseVersion)
	for args, want := range map[string]string{"version": releaseVersion, "--demo servers list -o name --filter lobby": "4b5dc076"} {
		out, err := exec.CommandContext(im.t.Context(), filepath.Join(bin, "ptero"), strings.Fields(args)...).CombinedOutput()
		if err != nil || !strings.Contains(string(out), want) {
			im.t.Errorf("ptero %s: %v, want %s in\n%s", args, err, want, out)
		}
	}
}

// readmePanel is the address that the README's first program talks to.
const readmePanel = "https://panel.example.org"

var goProgram = regexp.MustCompile("(?ms)^```go\n(package main\n.*?)^```$")

// firstProgram returns the README's first program. That all of its code
// compiles is tested in internal/docs.
func firstProgram(t *testing.T) string {
	t.Helper()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	program := goProgram.FindSubmatch(readme)
	if program == nil {
		t.Fatal("README.md has no whole program")
	}
	return string(program[1])
}

// sharedLimit is what a user of limit/redislimit writes at least.
const sharedLimit = `package main

import (
	"github.com/redis/go-redis/v9"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/limit/redislimit"
)

func main() {
	rdb := redis.NewClient(&redis.Options{})
	_, _ = client.New("https://panel.example.org", "ptlc_x", client.WithLimiter(redislimit.New(rdb, redislimit.Options{Budget: "ptlc_x"})))
}
`

// A nested module brings the root of its release with it.
func TestGoGetNested(t *testing.T) {
	t.Parallel()
	proxy := release(t)
	for _, dir := range nested(t) {
		im := newOutside(t, proxy)
		im.run("mod", "edit", "-require="+rootModule+"/"+dir+"@"+releaseVersion)
		if got := strings.TrimSpace(im.run("list", "-m", rootModule)); got != rootModule+" "+releaseVersion {
			t.Errorf("%s brings %q, want the root at %s", dir, got, releaseVersion)
		}
	}
}

// release returns what packed does where releases are tested.
func release(t *testing.T) string {
	t.Helper()
	if os.Getenv("PTERO_GOGET") == "" {
		t.Skip("builds the module anew; make goget runs it")
	}
	return packed(t)
}

// requirements counts those in go.mod: of the modules that were asked for, and
// all of them.
func (im *outside) requirements() (direct, all int) {
	im.t.Helper()
	var mod struct{ Require []struct{ Path string } }
	if err := json.Unmarshal([]byte(im.run("mod", "edit", "-json")), &mod); err != nil {
		im.t.Fatal(err)
	}
	for _, require := range mod.Require {
		if require.Path == rootModule {
			direct++
		}
	}
	return direct, len(mod.Require)
}

// checkLeaks sees to it that no tool and no test library reaches a program, nor
// the machine that it is built on.
func (im *outside) checkLeaks() {
	im.t.Helper()
	imports := []string{rootModule + "/client", rootModule + "/client/application", rootModule + "/console"}
	im.write("leaks/leaks.go", "package leaks\n\nimport (\n\t_ \""+strings.Join(imports, "\"\n\t_ \"")+"\"\n)\n")
	im.run("build", "./leaks")
	var packages []string
	modules := make(map[string]bool)
	for line := range strings.Lines(im.run("list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}} {{.Module.Path}}{{end}}", "./leaks")) {
		name, from, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || from == rootModule || from == importerModule {
			continue
		}
		if !allowed.MatchString(name) {
			im.t.Errorf("an importer builds %s", name)
		}
		packages = append(packages, name)
		modules[from] = true
	}
	if len(modules) > 4 {
		im.t.Errorf("an importer builds from %d modules of third parties, want at most 4: %v", len(modules), modules)
	}
	cache := im.run("env", "GOMODCACHE")
	err := filepath.WalkDir(filepath.Join(strings.TrimSpace(cache), "cache", "download"), func(file string, _ os.DirEntry, err error) error {
		if name := filepath.ToSlash(file); strings.HasSuffix(name, ".zip") && (strings.Contains(name, "kin-openapi") || strings.Contains(name, "oapi-codegen/oapi-codegen")) {
			im.t.Errorf("an importer downloads %s", name)
		}
		return err
	})
	if err != nil {
		im.t.Error(err)
	}
	im.t.Logf("an importer builds %d packages from %d modules of third parties: %s", len(packages), len(modules), strings.Join(packages, " "))
}

// allowed are the third-party packages that an importer may have to build.
var allowed = regexp.MustCompile(`^github\.com/(oapi-codegen/runtime|google/uuid|apapsch/go-jsonmerge/v2|coder/websocket)(/|$)`)

// Tools and test libraries never reach a program that uses the SDK.
func TestImportersDependencies(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}",
		"./client/...", "./console/...", "./envelope/...", "./gen/...", "./paneltest/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for path := range strings.FieldsSeq(string(out)) {
		if !strings.HasPrefix(path, "github.com/ptero-go/ptero/") && !allowed.MatchString(path) {
			t.Errorf("an importer would build %s", path)
		}
	}
}

// Each nested module is named after its folder, and belongs to this release.
func TestNestedModules(t *testing.T) {
	t.Parallel()
	dirs := nested(t)
	for _, dir := range []string{redislimit, pteroDir, panelsimDir, "examples/otel"} {
		if !slices.Contains(dirs, dir) {
			t.Errorf("the module in %s is missing", dir)
		}
	}
	for _, dir := range dirs {
		mod := readModule(t, dir)
		if want := rootModule + "/" + dir; mod.Module.Mod.Path != want {
			t.Errorf("%s/go.mod names %s, want %s", dir, mod.Module.Mod.Path, want)
		}
		for _, require := range mod.Require {
			if require.Mod.Path == rootModule && require.Mod.Version != releaseVersion {
				t.Errorf("%s/go.mod requires %s, want the version of internal/rest, %s", dir, require.Mod, releaseVersion)
			}
		}
		if root := readModule(t, "."); (dir == redislimit || slices.Contains(programs, dir)) && mod.Go.Version != root.Go.Version {
			t.Errorf("%s/go.mod is for Go %s, the root for %s", dir, mod.Go.Version, root.Go.Version)
		}
	}
}

func readModule(t *testing.T, dir string) *modfile.File {
	t.Helper()
	name := filepath.Join(dir, "go.mod")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	mod, err := modfile.Parse(name, text, nil)
	if err != nil {
		t.Fatal(err)
	}
	return mod
}

// packed returns a folder that serves all modules as a module proxy would.
func packed(t *testing.T) string {
	t.Helper()
	proxy, files := t.TempDir(), checkedIn(t)
	for _, dir := range append([]string{"."}, nested(t)...) {
		m := module.Version{Path: path.Join(rootModule, dir), Version: releaseVersion}
		versions := filepath.Join(proxy, filepath.FromSlash(m.Path), "@v")
		if err := os.MkdirAll(versions, 0o750); err != nil {
			t.Fatal(err)
		}
		mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err != nil {
			t.Fatal(err)
		}
		put := func(name string, content []byte) {
			if err := os.WriteFile(filepath.Join(versions, name), content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if slices.Contains(programs, dir) {
			mod = withoutReplace(t, mod)
		}
		put("list", []byte(m.Version+"\n"))
		put(m.Version+".info", []byte(`{"Version":"`+m.Version+`"}`))
		put(m.Version+".mod", mod)
		archive, err := os.Create(filepath.Join(versions, m.Version+".zip"))
		if err != nil {
			t.Fatal(err)
		}
		content := below(dir, files)
		if slices.Contains(programs, dir) {
			content = withModule(t, content, mod)
		}
		if err := zip.Create(archive, m, content); err != nil {
			t.Fatalf("pack %s: %v", m, err)
		}
		if info, err := archive.Stat(); err == nil {
			t.Logf("%s has %d KiB", m, info.Size()>>10)
		}
		if err := archive.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return proxy
}

// withoutReplace returns a go.mod as it is tagged for a program that is to be
// installed: `go install` refuses modules that replace others.
func withoutReplace(t *testing.T, text []byte) []byte {
	t.Helper()
	mod, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := mod.DropReplace(rootModule, ""); err != nil {
		t.Fatal(err)
	}
	mod.Cleanup()
	if text, err = mod.Format(); err != nil {
		t.Fatal(err)
	}
	return text
}

// withModule puts another go.mod among the files of a module.
func withModule(t *testing.T, files []zip.File, mod []byte) []zip.File {
	t.Helper()
	file := filepath.Join(t.TempDir(), "go.mod")
	if err := os.WriteFile(file, mod, 0o600); err != nil {
		t.Fatal(err)
	}
	changed := slices.DeleteFunc(slices.Clone(files), func(f zip.File) bool { return f.Path() == "go.mod" })
	return append(changed, packedFile{"go.mod", file})
}

// checkedIn returns the files that a commit of all that is here would hold.
func checkedIn(t *testing.T) []string {
	t.Helper()
	if _, err := os.Stat(".git"); err != nil {
		t.Skip("this is no checkout: what is packed cannot be told")
	}
	out, err := exec.CommandContext(t.Context(), "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for name := range strings.SplitSeq(string(out), "\x00") {
		if info, err := os.Lstat(name); err == nil && info.Mode().IsRegular() {
			files = append(files, name)
		}
	}
	return files
}

// packedFile is a file by its path in a module.
type packedFile struct{ name, file string }

func (f packedFile) Path() string                 { return f.name }
func (f packedFile) Lstat() (os.FileInfo, error)  { return os.Lstat(f.file) }
func (f packedFile) Open() (io.ReadCloser, error) { return os.Open(f.file) }

// below returns the files of the module in a folder. Its license is that of the
// root if it has none of its own, as the go command does it. Modules nested in
// it are left out by package zip.
func below(dir string, files []string) []zip.File {
	var of []zip.File
	licensed := false
	for _, file := range files {
		name := file
		if dir != "." {
			var isBelow bool
			if name, isBelow = strings.CutPrefix(file, dir+"/"); !isBelow {
				continue
			}
		}
		licensed = licensed || name == "LICENSE"
		of = append(of, packedFile{name, file})
	}
	if !licensed {
		of = append(of, packedFile{"LICENSE", "LICENSE"})
	}
	return of
}
