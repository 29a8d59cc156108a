package docs

import (
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/internal/calls"
	"github.com/ptero-go/ptero/internal/contract"
)

// The contract of the tests in this file: links between the pages of this
// repository lead somewhere, and what pages call a name of the SDK is one.

// pages are all that people read.
func pages(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"*.md", "api/*.md", "docs/*.md", "docs/*/*.md"} {
		files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil || len(files) == 0 {
			t.Fatalf("no pages %s: %v", pattern, err)
		}
		all = append(all, files...)
	}
	return all
}

var (
	anyFence = regexp.MustCompile("(?ms)^```.*?^```$")
	codeSpan = regexp.MustCompile("`[^`\n]+`")
	mdLink   = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	title    = regexp.MustCompile(`(?m)^#+ (.+)$`)
)

// anchors are those that GitHub gives to the headings of a page.
func anchors(text string) map[string]bool {
	all := make(map[string]bool)
	for _, heading := range title.FindAllStringSubmatch(anyFence.ReplaceAllString(text, ""), -1) {
		all[slug(strings.TrimSpace(heading[1]))] = true
	}
	return all
}

// site is where the pages and the reference are published. Its own links are
// checked when it is built.
const site = "https://ptero-go.github.io/ptero/"

func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	doc, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	operations := make(map[string]bool)
	for _, op := range contract.Operations(doc) {
		operations[op.OperationID] = !op.Internal()
	}
	checked := 0
	known := make(map[string]map[string]bool) // the anchors of a page
	for _, page := range pages(t) {
		text := codeSpan.ReplaceAllString(anyFence.ReplaceAllString(read(t, page), ""), "")
		for _, found := range mdLink.FindAllStringSubmatch(text, -1) {
			address := found[1]
			if operation, isReference := strings.CutPrefix(address, site+"reference.html#"); isReference && !operations[operation] {
				t.Errorf("%s links the operation %s, which does not exist", page, operation)
			}
			if strings.Contains(address, "://") || strings.HasPrefix(address, "mailto:") {
				continue
			}
			checked++
			path, anchor, _ := strings.Cut(address, "#")
			target := page
			if path != "" {
				target = filepath.Join(filepath.Dir(page), filepath.FromSlash(path))
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links %s, which is not there", page, address)
				continue
			}
			if anchor != "" && known[target] == nil {
				known[target] = anchors(read(t, target))
			}
			if anchor != "" && !known[target][anchor] {
				t.Errorf("%s links %s, and there is no such heading", page, address)
			}
		}
	}
	if checked < 40 {
		t.Errorf("only %d links were found", checked)
	}
}

// exported are the exported names of a package.
func exported(t *testing.T, dir string) map[string]bool {
	t.Helper()
	files, err := calls.Parse(filepath.Join(root, filepath.FromSlash(dir)))
	if err != nil {
		t.Fatal(err)
	}
	names := make(map[string]bool)
	for _, file := range files {
		for _, decl := range file.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				if decl.Recv == nil {
					names[decl.Name.Name] = true
				}
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						names[spec.Name.Name] = true
					case *ast.ValueSpec:
						for _, name := range spec.Names {
							names[name.Name] = true
						}
					}
				}
			}
		}
	}
	return names
}

var goName = regexp.MustCompile(`\b(client|application|console|paneltest)\.([A-Z]\w*)`)

// The names in the text and in tables; the Go in blocks is compiled.
func TestNamesInPagesExist(t *testing.T) {
	t.Parallel()
	known := make(map[string]map[string]bool)
	for name, path := range packages {
		if dir, ours := strings.CutPrefix(path, module+"/"); ours {
			known[name] = exported(t, dir)
		}
	}
	checked := 0
	for _, page := range pages(t) {
		for _, span := range codeSpan.FindAllString(anyFence.ReplaceAllString(read(t, page), ""), -1) {
			for _, found := range goName.FindAllStringSubmatch(span, -1) {
				checked++
				if !known[found[1]][found[2]] {
					t.Errorf("%s names %s, which does not exist", page, found[0])
				}
			}
		}
	}
	if checked < 50 {
		t.Errorf("only %d names were found", checked)
	}
}

var serviceCall = regexp.MustCompile("(?:^`|[ ,`])(c|admin)\\.([A-Z]\\w*)\\.([A-Z]\\w*)")

// Calls such as c.Servers.Get in the text and in tables.
func TestCallsInPagesExist(t *testing.T) {
	t.Parallel()
	packageOf := map[string]string{"c": "client", "admin": "client/application"}
	methods := make(map[string]bool)
	for client, dir := range packageOf {
		files, err := calls.Parse(filepath.Join(root, filepath.FromSlash(dir)))
		if err != nil {
			t.Fatal(err)
		}
		fields, functions := calls.Declarations(files)
		for _, f := range functions {
			if field := fields[calls.Receiver(f)]; field != "" {
				methods[client+"."+field+"."+f.Name.Name] = true
			}
		}
	}
	checked := 0
	for _, page := range pages(t) {
		for _, span := range codeSpan.FindAllString(anyFence.ReplaceAllString(read(t, page), ""), -1) {
			for _, found := range serviceCall.FindAllStringSubmatch(span, -1) {
				checked++
				if name := found[1] + "." + found[2] + "." + found[3]; !methods[name] {
					t.Errorf("%s names %s, which does not exist", page, name)
				}
			}
		}
	}
	if checked < 40 {
		t.Errorf("only %d calls were found", checked)
	}
}
