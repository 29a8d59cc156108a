package ptero_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	goimporter "go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The contract of this file: all Go code in the README compiles, whole
// programs as they stand and fragments in what they take for granted.

// readmePanel is the address that the README's programs talk to.
const readmePanel = "https://panel.example.org"

// granted is what a fragment of the README may take for granted, besides the
// packages.
const granted = `
var (
	ctx    context.Context
	c      *client.Client
	admin  *application.Client
	server string
	key    string
	t      *testing.T
	b      *testing.B
	rdb    *redis.Client
	redisClient *redis.Client
	limiter client.Limiter
)
`

// readmePackages are the packages that a fragment may use without importing
// them: those of the module, and these.
var readmePackages = []string{
	"context", "errors", "fmt", "io", "log", "log/slog", "net/http", "os", "slices", "strings", "testing", "time",
	"github.com/redis/go-redis/v9",
	rootModule + "/client", rootModule + "/client/application", rootModule + "/console", rootModule + "/envelope",
	rootModule + "/gen/applicationapi", rootModule + "/gen/clientapi",
	rootModule + "/limit/redislimit", rootModule + "/paneltest",
}

// goBlock is a block of Go code in a document.
type goBlock struct {
	where string // file and line
	code  string
}

// whole tells whether it is a file of its own.
func (b goBlock) whole() bool {
	_, err := parser.ParseFile(token.NewFileSet(), "", b.code, parser.PackageClauseOnly)
	return err == nil
}

// goBlocks returns the blocks of a Markdown file that are marked as Go.
func goBlocks(t *testing.T, file string) []goBlock {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []goBlock
	inBlock, n := false, 0
	for line := range strings.Lines(string(text)) {
		n++
		switch {
		case inBlock && strings.HasPrefix(line, "```"):
			inBlock = false
		case inBlock:
			blocks[len(blocks)-1].code += line
		case strings.TrimSpace(line) == "```go":
			inBlock = true
			blocks = append(blocks, goBlock{where: fmt.Sprintf("%s:%d", file, n+1)})
		}
	}
	return blocks
}

// firstProgram returns the README's first whole program.
func firstProgram(t *testing.T) string {
	t.Helper()
	for _, block := range goBlocks(t, "README.md") {
		if block.whole() && strings.Contains(block.code, "func main()") {
			return block.code
		}
	}
	t.Fatal("README.md has no whole program")
	return ""
}

// All Go code of the README compiles.
func TestReadmeCompiles(t *testing.T) {
	t.Parallel()
	check := newChecker(t)
	blocks := goBlocks(t, "README.md")
	if len(blocks) < 2 {
		t.Fatalf("README.md has %d blocks of Go code", len(blocks))
	}
	for _, block := range blocks {
		if err := check.block(block); err != nil {
			t.Errorf("README.md does not compile: %v", err)
		}
	}
	// The check itself must find what is wrong.
	for _, wrong := range []string{
		"c.Servers.Gett(ctx, server)",
		"package main\n\nfunc main() { unused := 1 }",
		"c.Servers.Get(ctx",
	} {
		if err := check.block(goBlock{"wrong", wrong + "\n"}); err == nil {
			t.Errorf("this compiles: %s", wrong)
		}
	}
}

// checker type-checks code by the export data of compiled packages.
type checker struct {
	files    *token.FileSet
	importer types.Importer
	paths    map[string]string // by package name
}

// newChecker compiles the packages that may be used.
func newChecker(t *testing.T) *checker {
	t.Helper()
	c := &checker{files: token.NewFileSet(), paths: make(map[string]string)}
	exports := compile(t, "limit/redislimit", readmePackages...) // this module requires all the others
	for _, name := range readmePackages {
		c.paths[exports[name].Name] = name
	}
	c.importer = exportImporter(c.files, exports)
	return c
}

// compiled is a compiled package.
type compiled struct{ ImportPath, Name, Export, Dir string }

// compile compiles packages and those that they import, in the module in a
// folder.
func compile(t *testing.T, dir string, packages ...string) map[string]compiled {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-export", "-deps", "-json=ImportPath,Name,Export,Dir"}, packages...)...)
	cmd.Dir = dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list in %s: %v\n%s", dir, err, stderr.String())
	}
	exports := make(map[string]compiled)
	for list := json.NewDecoder(bytes.NewReader(out)); ; {
		var one compiled
		if err := list.Decode(&one); errors.Is(err, io.EOF) {
			return exports
		} else if err != nil {
			t.Fatal(err)
		}
		exports[one.ImportPath] = one
	}
}

// exportImporter imports compiled packages.
func exportImporter(files *token.FileSet, exports map[string]compiled) types.Importer {
	return goimporter.ForCompiler(files, "gc", func(name string) (io.ReadCloser, error) {
		one, ok := exports[name]
		if !ok {
			return nil, fmt.Errorf("package %s is not compiled", name)
		}
		return os.Open(one.Export)
	})
}

// block type-checks a block. What is declared and not used is no error in a
// fragment.
func (c *checker) block(block goBlock) error {
	if block.whole() {
		return c.check(block.where, block.code, false)
	}
	const header = "package fragment\n"
	line := "\n//line " + block.where + "\n"
	code := header + line + block.code
	if _, err := parser.ParseFile(token.NewFileSet(), "", code, 0); err != nil { // statements, not declarations
		code = header + "func _() {" + line + block.code + "\n}\n"
	}
	file, err := parser.ParseFile(c.files, path.Base(block.where), code+granted, 0)
	if err != nil {
		return err
	}
	var imports strings.Builder
	for _, name := range slices.Sorted(maps.Keys(c.paths)) {
		if usesPackage(file, name) {
			fmt.Fprintf(&imports, "import %s %q\n", name, c.paths[name])
		}
	}
	return c.check(block.where, header+imports.String()+strings.TrimPrefix(code, header)+granted, true)
}

// usesPackage tells whether a file selects from a name that nothing in it
// declares or imports.
func usesPackage(file *ast.File, name string) bool {
	for _, imported := range file.Imports {
		if p, err := strconv.Unquote(imported.Path.Value); err == nil && path.Base(p) == name {
			return false
		}
	}
	return slices.ContainsFunc(file.Unresolved, func(id *ast.Ident) bool { return id.Name == name })
}

func (c *checker) check(where, code string, lenient bool) error {
	file, err := parser.ParseFile(c.files, where, code, 0)
	if err != nil {
		return err
	}
	var first error
	config := types.Config{Importer: c.importer, Error: func(err error) {
		if problem, ok := err.(types.Error); ok && problem.Soft && lenient { //nolint:errorlint // go/types hands it out unwrapped
			return
		}
		if first == nil {
			first = err
		}
	}}
	_, _ = config.Check("readme", c.files, []*ast.File{file}, nil) // its error is the first, lenient or not
	return first
}
