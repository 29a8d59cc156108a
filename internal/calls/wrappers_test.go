package calls_test

import (
	"encoding/csv"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/internal/contract"
)

// The contract of the tests in this file: every operation of the document has
// a wrapper, which says so in its comment, but for those in api/unwrapped.tsv.

func operations(t *testing.T) []contract.Operation {
	t.Helper()
	doc, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	return contract.Operations(doc)
}

// method is an exported method or function with a comment.
type method struct{ name, doc string }

// declarations calls visit with each declaration of some packages, without their tests.
func declarations(t *testing.T, dirs []string, visit func(dir, file string, decl ast.Decl)) {
	t.Helper()
	for _, dir := range dirs {
		files, err := filepath.Glob(contract.Path(dir) + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			for _, decl := range parsed.Decls {
				visit(dir, file, decl)
			}
		}
	}
}

// methods returns those of the wrappers' packages.
func methods(t *testing.T) []method {
	t.Helper()
	var all []method
	declarations(t, []string{"client", "client/application", "console"}, func(dir, _ string, decl ast.Decl) {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Name.IsExported() {
			all = append(all, method{dir + ": " + f.Name.Name, f.Doc.Text()})
		}
	})
	return all
}

var endpointLine = regexp.MustCompile(`(?m)^Endpoint: (.*)$`)

func TestEveryOperationIsWrappedOnce(t *testing.T) {
	t.Parallel()
	unwrapped := unwrappedOperations(t)
	byEndpoint := make(map[string]contract.Operation)
	for _, op := range operations(t) {
		byEndpoint[op.Endpoint()] = op
	}
	wrappedBy := make(map[string]string)
	for _, m := range methods(t) {
		for _, line := range endpointLine.FindAllStringSubmatch(m.doc, -1) {
			op, ok := byEndpoint[line[1]]
			switch {
			case !ok:
				t.Errorf("%s names %q, which is no operation", m.name, line[1])
				continue
			case wrappedBy[op.OperationID] != "":
				t.Errorf("%s is wrapped by %s and by %s", op.OperationID, wrappedBy[op.OperationID], m.name)
			case unwrapped[op.OperationID] != "":
				t.Errorf("%s is wrapped by %s, but listed as unwrapped", op.OperationID, m.name)
			}
			wrappedBy[op.OperationID] = m.name
			// One method may serve old and new panels; one for old panels alone says so.
			single := len(endpointLine.FindAllString(m.doc, -1)) == 1
			if deprecated := strings.Contains(m.doc, "Deprecated: "); single && deprecated != op.Deprecated {
				t.Errorf("%s: deprecated is %t, that of its operation %t", m.name, deprecated, op.Deprecated)
			}
		}
	}
	for _, op := range operations(t) {
		if wrappedBy[op.OperationID] == "" && unwrapped[op.OperationID] == "" {
			t.Errorf("%s (%s) has no wrapper", op.OperationID, op.Endpoint())
		}
	}
}

// What no Panel serves is not wrapped, and nothing else is left out.
func TestUnwrappedOperations(t *testing.T) {
	t.Parallel()
	unwrapped := unwrappedOperations(t)
	for _, op := range operations(t) {
		panel, _ := op.Extensions["x-panel"].(map[string]any)
		if never := panel["never"] == true; never != (unwrapped[op.OperationID] != "") {
			t.Errorf("%s: served by no Panel %t, listed in api/unwrapped.tsv with the reason %q", op.OperationID, never, unwrapped[op.OperationID])
		}
		delete(unwrapped, op.OperationID)
	}
	for id := range unwrapped {
		t.Errorf("%s in api/unwrapped.tsv is no operation", id)
	}
}

// unwrappedOperations returns the reasons by operationId.
func unwrappedOperations(t *testing.T) map[string]string {
	t.Helper()
	file, err := os.Open(contract.Path("api/unwrapped.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader := csv.NewReader(file)
	reader.Comma = '\t'
	records, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	reasons := make(map[string]string)
	for _, record := range records[1:] {
		reasons[record[0]] = record[1]
	}
	return reasons
}

// Every exported name of the public packages has a comment.
func TestEverythingIsDocumented(t *testing.T) {
	t.Parallel()
	declarations(t, []string{"client", "client/application", "console", "envelope", "paneltest"}, func(_, file string, decl ast.Decl) {
		for _, name := range undocumented(decl) {
			t.Errorf("%s: %s has no comment", file, name)
		}
	})
}

// undocumented returns the exported names of a declaration that have no comment.
func undocumented(decl ast.Decl) []string {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		exported := decl.Name.IsExported()
		if decl.Recv != nil {
			receiver := decl.Recv.List[0].Type
			if star, ok := receiver.(*ast.StarExpr); ok {
				receiver = star.X
			}
			if generic, ok := receiver.(*ast.IndexExpr); ok {
				receiver = generic.X
			}
			if name, ok := receiver.(*ast.Ident); ok {
				exported = exported && name.IsExported()
			}
		}
		if exported && decl.Doc == nil {
			return []string{decl.Name.Name}
		}
	case *ast.GenDecl:
		var names []string
		for _, spec := range decl.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				if spec.Name.IsExported() && decl.Doc == nil && spec.Doc == nil {
					names = append(names, spec.Name.Name)
				}
			case *ast.ValueSpec:
				isExported := slices.ContainsFunc(spec.Names, (*ast.Ident).IsExported)
				if isExported && decl.Doc == nil && spec.Doc == nil && spec.Comment == nil {
					names = append(names, spec.Names[0].Name)
				}
			}
		}
		return names
	}
	return nil
}
