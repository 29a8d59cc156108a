package docs

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/paneltest"
)

// The contract of the tests in this file: all Go in the README and in the
// guides compiles, and the programs do what the guides say.

const root = "../.."

// block is a fenced block of a page.
type block struct {
	file     string // from the root
	line     int
	language string
	text     string
}

func (b block) String() string { return fmt.Sprintf("%s:%d", b.file, b.line) }

// complete tells that it is a whole file.
func (b block) complete() bool { return strings.HasPrefix(b.text, "package ") }

var fence = regexp.MustCompile("(?ms)^```(\\w*)\\n(.*?)^```$")

// blocks returns the fenced blocks of pages.
func blocks(t *testing.T, patterns ...string) []block {
	t.Helper()
	var all []block
	for _, pattern := range patterns {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("no pages %s: %v", pattern, err)
		}
		for _, file := range files {
			text := read(t, file)
			for _, found := range fence.FindAllStringSubmatchIndex(text, -1) {
				all = append(all, block{
					file:     filepath.ToSlash(strings.TrimPrefix(file, root+string(filepath.Separator))),
					line:     strings.Count(text[:found[0]], "\n") + 2,
					language: text[found[2]:found[3]],
					text:     text[found[4]:found[5]],
				})
			}
		}
	}
	return all
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// packages are what fragments may name without an import.
var packages = map[string]string{
	"client":      module + "/client",
	"application": module + "/client/application",
	"console":     module + "/console",
	"paneltest":   module + "/paneltest",
	"errors":      "errors",
	"fmt":         "fmt",
	"http":        "net/http",
	"io":          "io",
	"log":         "log",
	"os":          "os",
	"slog":        "log/slog",
	"strings":     "strings",
	"synctest":    "testing/synctest",
	"time":        "time",
	"tls":         "crypto/tls",
	"x509":        "crypto/x509",
}

// wrap makes a file of a fragment, by the convention that docs/README.md tells.
func wrap(fragment string) string {
	imports := map[string]bool{"context": true, "testing": true, packages["client"]: true, packages["application"]: true}
	for name, path := range packages {
		if regexp.MustCompile(`\b` + name + `\.[A-Z]`).MatchString(fragment) {
			imports[path] = true
		}
	}
	var b strings.Builder
	b.WriteString("package fragment\n\nimport (\n")
	for _, path := range slices.Sorted(maps.Keys(imports)) {
		fmt.Fprintf(&b, "\t%q\n", path)
	}
	b.WriteString(")\n\nfunc _(ctx context.Context, c *client.Client, admin *application.Client, server string, t *testing.T) {")
	if strings.HasPrefix(fragment, "func ") || strings.HasPrefix(fragment, "type ") { // declarations
		return b.String() + "}\n\n" + fragment
	}
	return b.String() + "\n{\n" + fragment + "}\n}\n"
}

func TestGoInPagesCompiles(t *testing.T) {
	t.Parallel()
	fset := token.NewFileSet()
	type source struct {
		block
		file *ast.File
	}
	sources := make(map[string][]source) // by the folder whose module they belong to
	imports := make(map[string][]string)
	for _, b := range blocks(t, "README.md", "docs/guides/*.md") {
		if b.language != "go" {
			continue
		}
		text, folder := b.text, root
		if !b.complete() {
			text = wrap(text)
		}
		if strings.Contains(text, "/limit/redislimit\"") {
			folder = filepath.Join(root, "limit", "redislimit")
		}
		file, err := parser.ParseFile(fset, b.String(), text, 0)
		if err != nil {
			t.Errorf("%s: %v", b, err)
			continue
		}
		sources[folder] = append(sources[folder], source{b, file})
		for _, spec := range file.Imports {
			imports[folder] = append(imports[folder], strings.Trim(spec.Path.Value, `"`))
		}
	}
	if len(sources[root]) < 20 {
		t.Errorf("only %d pieces of Go were found", len(sources[root]))
	}
	for folder, list := range sources {
		exports := exportData(t, folder, imports[folder])
		lookup := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
		imported := importer.ForCompiler(fset, "gc", lookup)
		for _, s := range list {
			config := types.Config{Importer: imported, Error: func(err error) {
				if !s.complete() && strings.Contains(err.Error(), "declared and not used") {
					return // a fragment leaves its use to the reader
				}
				t.Errorf("%s: %v", s, err)
			}}
			_, _ = config.Check("page", fset, []*ast.File{s.file}, nil)
		}
	}
}

// exportData compiles packages and returns the files that tell what is in them.
func exportData(t *testing.T, folder string, paths []string) map[string]string {
	t.Helper()
	slices.Sort(paths)
	args := append([]string{"list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}"}, slices.Compact(paths)...)
	files := make(map[string]string)
	for line := range strings.Lines(runGo(t, folder, args...)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), "\t")
		files[path] = file
	}
	return files
}

// runGo runs the go command and returns what it prints.
func runGo(t *testing.T, folder string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = folder
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", args[0], err, problems.Bytes())
	}
	return string(out)
}

// overlay makes files appear in the module, without writing into it.
func overlay(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	replace := make(map[string]string)
	for i, name := range slices.Sorted(maps.Keys(files)) {
		shown, err := filepath.Abs(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		replace[shown] = filepath.Join(dir, fmt.Sprintf("%d_%s", i, filepath.Base(name)))
		if err := os.WriteFile(replace[shown], []byte(files[name]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, list, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// program is a complete program of a guide and what it prints.
type program struct {
	guide, source, prints string
}

// programs finds those that are followed by what they print.
func programs(t *testing.T) []program {
	t.Helper()
	all := blocks(t, "docs/guides/*.md")
	var found []program
	for i, b := range all[:len(all)-1] {
		if next := all[i+1]; strings.HasPrefix(b.text, "package main\n") && next.language == "text" && next.file == b.file {
			guide := strings.TrimSuffix(filepath.Base(b.file), ".md")
			found = append(found, program{guide, b.text, next.text})
		}
	}
	return found
}

// build links all programs into one, which the variable GUIDE chooses from: to
// link is what takes time.
func build(t *testing.T, all []program) string {
	t.Helper()
	const folder = "internal/docs/programs"
	files := make(map[string]string)
	var imports, cases strings.Builder
	for i, p := range all {
		name := fmt.Sprintf("guide%d", i)
		source := strings.Replace(p.source, "package main\n", "package "+name+"\n", 1)
		files[folder+"/"+name+"/"+name+".go"] = strings.Replace(source, "\nfunc main() {", "\nfunc Main() {", 1)
		fmt.Fprintf(&imports, "\t%q\n", module+"/"+folder+"/"+name)
		fmt.Fprintf(&cases, "\tcase %q:\n\t\t%s.Main()\n", p.guide, name)
	}
	files[folder+"/main.go"] = "package main\n\nimport (\n\t\"os\"\n" + imports.String() + ")\n\nfunc main() {\n\tswitch os.Getenv(\"GUIDE\") {\n" +
		cases.String() + "\tdefault:\n\t\tpanic(\"no such guide\")\n\t}\n}\n"
	exe := filepath.Join(t.TempDir(), "programs")
	if runtime.GOOS == "windows" {
		exe += ".exe"
	}
	runGo(t, root, "build", "-overlay", overlay(t, files), "-o", exe, "./"+folder)
	return exe
}

// stage is where a program runs.
type stage struct {
	panel *paneltest.Panel
	c     *client.Client
	lobby *client.Server // a server that runs
	cmd   *exec.Cmd
}

// acts run the programs, each as its guide tells: they return what it printed.
var acts = map[string]func(*testing.T, *stage) string{
	"back-up-and-fetch":      actBackUp,
	"console-behind-a-proxy": actProxy,
	"console-for-days":       actConsole,
	"provision-a-customer":   actProvision,
	"upload-a-folder":        actUpload,
}

func TestProgramsDoWhatGuidesSay(t *testing.T) {
	t.Parallel()
	all := programs(t)
	exe := build(t, all)
	played := make(map[string]bool)
	for _, p := range all {
		act := acts[p.guide]
		if act == nil {
			t.Errorf("nothing here runs the program of %s", p.guide)
			continue
		}
		played[p.guide] = true
		t.Run(p.guide, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, exe, p.guide)
			if printed := act(t, s); printed != p.prints {
				t.Errorf("the guide says\n%s\nbut the program prints\n%s", p.prints, printed)
			}
		})
	}
	for guide := range acts {
		if !played[guide] {
			t.Errorf("%s has no program with what it prints", guide)
		}
	}
}

func newStage(t *testing.T, exe, guide string, options ...paneltest.Option) *stage {
	t.Helper()
	panel, err := paneltest.New(options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(panel.Close)
	c, err := client.New(panel.URL, panel.UserKey)
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{panel: panel, c: c, cmd: exec.CommandContext(t.Context(), exe)}
	for server, err := range c.Servers.All(t.Context(), client.ServerListOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		if server.Name == "lobby" {
			s.lobby = server
		}
	}
	s.cmd.Stderr = t.Output()
	s.cmd.Env = append(os.Environ(), "GUIDE="+guide, "PTERODACTYL_URL="+panel.URL, "PTERODACTYL_KEY="+panel.UserKey)
	return s
}

// run runs the program to its end.
func (s *stage) run(t *testing.T, args ...string) string {
	t.Helper()
	s.cmd.Args = append(s.cmd.Args, args...)
	out, err := s.cmd.Output()
	if err != nil {
		t.Fatalf("%v, after\n%s", err, out)
	}
	return string(out)
}

func actBackUp(t *testing.T, s *stage) string {
	t.Helper()
	archive := filepath.Join(t.TempDir(), "backup.tar.gz")
	printed := s.run(t, s.lobby.Identifier, archive)
	if content := read(t, archive); !strings.HasPrefix(content, "\x1f\x8b") {
		t.Errorf("what was fetched begins with %q, and is no .gz", content[:min(len(content), 10)])
	}
	return printed
}

func actProxy(t *testing.T, s *stage) string {
	t.Helper()
	var hosts atomic.Int32
	forward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.Out.Host = r.In.Host }}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hosts.Add(1)
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	printed := s.run(t, s.lobby.Identifier, proxy.URL)
	if n := hosts.Load(); n != 2 {
		t.Errorf("%d requests went through the proxy, not that to the Panel and that to the node", n)
	}
	return printed
}

func actConsole(t *testing.T, s *stage) string {
	t.Helper()
	s.cmd.Args = append(s.cmd.Args, s.lobby.Identifier)
	s.cmd.Cancel = func() error { return s.cmd.Process.Signal(os.Interrupt) }
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var printed strings.Builder
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		printed.WriteString(lines.Text() + "\n")
		switch lines.Text() {
		case "attached":
			err = s.panel.Print(s.lobby.Identifier, "one")
		case "one":
			s.panel.DropSockets()
			err = s.panel.Print(s.lobby.Identifier, "two")
		case "two":
			err = s.cmd.Process.Signal(os.Interrupt)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("it ended with %v after\n%s", err, printed.String())
	}
	return printed.String()
}

func actProvision(t *testing.T, s *stage) string {
	t.Helper()
	s.cmd.Env = append(s.cmd.Env, "PTERODACTYL_KEY="+s.panel.ApplicationKey)
	again := exec.CommandContext(t.Context(), s.cmd.Path)
	again.Env = s.cmd.Env
	printed := s.run(t)
	if out, err := again.Output(); err != nil || string(out) != printed {
		t.Errorf("the second run prints %q, %v", out, err)
	}
	admin, err := application.New(s.panel.URL, s.panel.ApplicationKey)
	if err != nil {
		t.Fatal(err)
	}
	if s.panel.Version() != "pelican" {
		pelican := newStage(t, s.cmd.Path, "provision-a-customer", paneltest.WithPelican())
		if other := actProvision(t, pelican); other != printed {
			t.Errorf("with Pelican it prints %q", other)
		}
	}
	page, err := admin.Servers.List(context.Background(), application.ServerListOptions{Filter: application.ServerFilter{ExternalID: "order-1001"}})
	if err != nil {
		t.Fatal(err)
	}
	if page.Total != 1 || page.Items[0].Container.Environment["VERSION"].String() != "1.21" {
		t.Errorf("there are %d servers after two runs: %+v", page.Total, page.Items)
	}
	return printed
}

func actUpload(t *testing.T, s *stage) string {
	t.Helper()
	folder := t.TempDir()
	files := map[string]string{"chat.jar": "PK not real", "chat/config.yml": "greeting: hello\ncolor: 3\n"}
	for name, content := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	printed := s.run(t, s.lobby.UUID, folder)
	for name, content := range files {
		if got, err := s.c.Files.Read(t.Context(), s.lobby.UUID, "/plugins/"+name); err != nil || string(got) != content {
			t.Errorf("%s holds %q, %v", name, got, err)
		}
	}
	return printed
}

// The guide about tests holds a test file, which must pass.
func TestTestsInGuidesPass(t *testing.T) {
	t.Parallel()
	files := make(map[string]string)
	for _, b := range blocks(t, "docs/guides/test-your-bot.md") {
		if strings.HasPrefix(b.text, "package bot_test\n") {
			files["internal/docs/bot/bot_test.go"] = b.text
		}
	}
	if len(files) == 0 {
		t.Fatal("the guide holds no test file")
	}
	exe := filepath.Join(t.TempDir(), "bot.test")
	runGo(t, root, "test", "-c", "-vet=off", "-overlay", overlay(t, files), "-o", exe, "./internal/docs/bot")
	out, err := exec.CommandContext(t.Context(), exe, "-test.v").CombinedOutput()
	if err != nil || strings.Count(string(out), "--- PASS: ") != 4 {
		t.Errorf("not all of the four tests pass: %v\n%s", err, out)
	}
}
