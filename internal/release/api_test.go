package release

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ptero-go/ptero/internal/contract"
	panels "github.com/ptero-go/ptero/internal/document"
)

// The contract of the tests in this file: nothing that programs rely on goes
// away unnoticed. api/NAME.txt notes the exported API of a package, in the
// manner of the Go project, and api/openapi.txt and api/pelican.txt what the documents promise, a
// fact a line. A line that is gone is a break; a line that is new is noted by
// `make api`.

// stable are the packages whose exported API is noted, by the name of the note.
var stable = map[string]string{
	"client":      rootModule + "/client",
	"application": rootModule + "/client/application",
	"console":     rootModule + "/console",
	"envelope":    rootModule + "/envelope",
	"paneltest":   rootModule + "/paneltest",
	"redislimit":  rootModule + "/limit/redislimit",
}

func TestAPIOfPackages(t *testing.T) {
	t.Parallel()
	var paths []string
	for _, p := range stable {
		paths = append(paths, p)
	}
	exports := compile(t, "limit/redislimit", paths...) // this module requires all the others
	for name, p := range stable {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pkg, err := exportImporter(token.NewFileSet(), exports).Import(p)
			if err != nil {
				t.Fatal(err)
			}
			compareAPI(t, name, apiOf(pkg))
		})
	}
}

func TestAPIOfDocument(t *testing.T) {
	t.Parallel()
	compareAPI(t, "openapi", documentAPI(t, panels.Pterodactyl))
	compareAPI(t, "pelican", documentAPI(t, panels.Pelican))
}

// compareAPI holds facts against those noted, or notes them.
func compareAPI(t *testing.T, name string, facts []string) {
	t.Helper()
	slices.Sort(facts)
	facts = slices.Compact(facts)
	file := filepath.Join("api", name+".txt")
	noted, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	breaks, additions := apiDifference(strings.FieldsFunc(string(noted), func(r rune) bool { return r == '\n' }), facts)
	if os.Getenv("PTERO_UPDATE_API") != "" {
		t.Logf("%s: %d additions, %d breaks", file, len(additions), len(breaks))
		if err := os.WriteFile(file, []byte(strings.Join(facts, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if len(additions) > 0 {
		t.Logf("%s does not note %d additions yet; run make api and commit it:\n%s", file, len(additions), strings.Join(additions, "\n"))
	}
	if len(breaks) > 0 {
		t.Errorf("%d breaks of what %s promises. Undo them; if they are meant, RELEASING.md tells which version they need, then run make api:\n%s",
			len(breaks), file, strings.Join(breaks, "\n"))
	}
}

// demand ends a fact that demands something of the caller.
const demand = " required"

// apiDifference tells what became of the facts noted. A new demand breaks
// callers too, unless what it belongs to is new itself.
func apiDifference(noted, facts []string) (breaks, additions []string) {
	had, has, owners := make(map[string]bool), make(map[string]bool), make(map[string]bool)
	ownerOf := func(fact string) string {
		owner, _, _ := strings.Cut(fact, ", ")
		return owner
	}
	for _, fact := range facts {
		has[fact] = true
	}
	for _, fact := range noted {
		had[fact], owners[ownerOf(fact)] = true, true
		if !has[fact] {
			breaks = append(breaks, "- "+fact)
		}
	}
	for _, fact := range facts {
		if had[fact] {
			continue
		}
		if strings.HasSuffix(fact, demand) && owners[ownerOf(fact)] {
			breaks = append(breaks, "+ "+fact)
		} else {
			additions = append(additions, "+ "+fact)
		}
	}
	return breaks, additions
}

func TestAPIDifference(t *testing.T) {
	t.Parallel()
	noted := []string{"func New(string) error", "schema R, a string optional"}
	for name, test := range map[string]struct {
		facts             []string
		breaks, additions int
	}{
		"nothing":              {noted, 0, 0},
		"an addition":          {append([]string{"func Old()"}, noted...), 0, 1},
		"a removal":            {noted[:1], 1, 0},
		"a change":             {[]string{"func New() error", noted[1]}, 1, 1},
		"a new demand":         {append([]string{"schema R, b string required"}, noted...), 1, 0},
		"a demand of new ones": {append([]string{"schema S, b string required"}, noted...), 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			breaks, additions := apiDifference(noted, test.facts)
			if len(breaks) != test.breaks || len(additions) != test.additions {
				t.Errorf("breaks %v, additions %v; want %d and %d", breaks, additions, test.breaks, test.additions)
			}
		})
	}
}

// apiOf returns the exported API of a package, a fact a line.
func apiOf(pkg *types.Package) []string {
	w := &apiWriter{pkg: pkg}
	for _, name := range pkg.Scope().Names() {
		if object := pkg.Scope().Lookup(name); object.Exported() {
			w.object(object)
		}
	}
	return w.facts
}

// apiWriter collects the facts of a package.
type apiWriter struct {
	pkg   *types.Package
	facts []string
}

func (w *apiWriter) fact(format string, args ...any) {
	w.facts = append(w.facts, fmt.Sprintf(format, args...))
}

// text is a type by the names of what it is made of, whatever aliases the code
// uses for them.
func (w *apiWriter) text(t types.Type) string {
	return types.TypeString(resolved(t), func(p *types.Package) string {
		if p == w.pkg {
			return ""
		}
		return strings.TrimPrefix(p.Path(), rootModule+"/")
	})
}

// resolved puts types in place of their aliases.
func resolved(t types.Type) types.Type {
	switch t := types.Unalias(t).(type) {
	case *types.Pointer:
		return types.NewPointer(resolved(t.Elem()))
	case *types.Slice:
		return types.NewSlice(resolved(t.Elem()))
	case *types.Array:
		return types.NewArray(resolved(t.Elem()), t.Len())
	case *types.Map:
		return types.NewMap(resolved(t.Key()), resolved(t.Elem()))
	case *types.Chan:
		return types.NewChan(t.Dir(), resolved(t.Elem()))
	case *types.Signature:
		return types.NewSignatureType(nil, nil, nil, unnamed(t.Params()), unnamed(t.Results()), t.Variadic())
	case *types.Named:
		if t.TypeArgs().Len() == 0 {
			return t
		}
		var args []types.Type
		for arg := range t.TypeArgs().Types() {
			args = append(args, resolved(arg))
		}
		if instance, err := types.Instantiate(nil, t.Origin(), args, false); err == nil {
			return instance
		}
		return t
	default:
		return t
	}
}

// unnamed are parameters without their names, which may change.
func unnamed(tuple *types.Tuple) *types.Tuple {
	vars := make([]*types.Var, tuple.Len())
	for i := range vars {
		vars[i] = types.NewParam(token.NoPos, nil, "", resolved(tuple.At(i).Type()))
	}
	return types.NewTuple(vars...)
}

// signature is that of a function, with its type parameters.
func (w *apiWriter) signature(s *types.Signature) string {
	return w.parameters(s.TypeParams()) + strings.TrimPrefix(w.text(s), "func")
}

// parameters are type parameters with their constraints.
func (w *apiWriter) parameters(list *types.TypeParamList) string {
	if list.Len() == 0 {
		return ""
	}
	var all []string
	for p := range list.TypeParams() {
		all = append(all, p.Obj().Name()+" "+w.text(p.Constraint()))
	}
	return "[" + strings.Join(all, ", ") + "]"
}

func (w *apiWriter) object(object types.Object) {
	name := object.Name()
	switch object := object.(type) {
	case *types.Const:
		w.fact("const %s %s = %s", name, w.text(object.Type()), object.Val().ExactString())
	case *types.Var:
		w.fact("var %s %s", name, w.text(object.Type()))
	case *types.Func:
		w.fact("func %s%s", name, w.signature(object.Signature()))
	case *types.TypeName:
		w.named(object)
	}
}

// named writes a type and its members. Those of an alias are written too if
// its target is a type that users know by the alias alone.
func (w *apiWriter) named(object *types.TypeName) {
	name := object.Name()
	target, isNamed := types.Unalias(object.Type()).(*types.Named)
	if object.IsAlias() {
		w.fact("type %s = %s", name, w.text(types.Unalias(object.Type())))
		if !isNamed || w.isKnown(target.Obj().Pkg()) {
			return
		}
	}
	if !isNamed {
		return
	}
	name += w.parameters(target.TypeParams())
	switch underlying := target.Underlying().(type) {
	case *types.Struct:
		w.fact("type %s struct", name)
		for field := range underlying.Fields() {
			if field.Exported() {
				w.fact("type %s struct, %s %s", name, field.Name(), w.text(field.Type()))
			}
		}
	case *types.Interface:
		w.interfaceType(name, underlying)
		return
	default:
		w.fact("type %s %s", name, w.text(underlying))
	}
	methods := types.NewMethodSet(types.NewPointer(target))
	for method := range methods.Methods() {
		f, ok := method.Obj().(*types.Func)
		if !ok || !f.Exported() {
			continue
		}
		receiver := "*" + name
		if types.NewMethodSet(target).Lookup(f.Pkg(), f.Name()) != nil {
			receiver = name
		}
		w.fact("method (%s) %s%s", receiver, f.Name(), w.signature(f.Signature()))
	}
}

// interfaceType writes an interface. One that users may implement has all its
// methods in one line, since one more breaks them.
func (w *apiWriter) interfaceType(name string, i *types.Interface) {
	var methods []string
	sealed := false
	for method := range i.Methods() {
		if !method.Exported() {
			sealed = true
			continue
		}
		methods = append(methods, method.Name()+w.signature(method.Signature()))
	}
	if !sealed {
		w.fact("type %s interface { %s }", name, strings.Join(methods, "; "))
		return
	}
	w.fact("type %s interface, sealed", name)
	for _, method := range methods {
		w.fact("type %s interface, sealed, %s", name, method)
	}
}

// isKnown reports whether users import a package themselves.
func (w *apiWriter) isKnown(pkg *types.Package) bool {
	for _, p := range stable {
		if pkg != nil && pkg.Path() == p {
			return true
		}
	}
	return pkg == nil || !strings.HasPrefix(pkg.Path(), rootModule+"/")
}

// documentAPI returns what the OpenAPI document of a panel promises, a fact a
// line.
func documentAPI(t *testing.T, panel panels.View) []string {
	t.Helper()
	doc, err := contract.LoadOf(panel)
	if err != nil {
		t.Fatal(err)
	}
	var facts []string
	fact := func(format string, args ...any) { facts = append(facts, fmt.Sprintf(format, args...)) }
	for _, op := range contract.Operations(doc) {
		id := op.OperationID
		fact("operation %s, %s", id, op.Endpoint())
		for _, ref := range op.Parameters {
			p := ref.Value
			fact("operation %s, %s %s %s%s", id, p.In, p.Name, schemaText(p.Schema), need(p.Required))
			for _, value := range enumOf(p.Schema) {
				fact("operation %s, %s %s may be %v", id, p.In, p.Name, value)
			}
		}
		if op.RequestBody != nil {
			for media, content := range op.RequestBody.Value.Content {
				fact("operation %s, body %s %s", id, media, schemaText(content.Schema))
			}
		}
		for status, response := range op.Responses.Map() {
			fact("operation %s, answers %s", id, status)
			for media, content := range response.Value.Content {
				fact("operation %s, answers %s %s %s", id, status, media, schemaText(content.Schema))
			}
		}
	}
	for name, ref := range doc.Components.Schemas {
		schema := ref.Value
		fact("schema %s, %s", name, typeText(schema))
		for _, value := range schema.Enum {
			fact("schema %s, may be %v", name, value)
		}
		for _, part := range slices.Concat(schema.AllOf, schema.OneOf, schema.AnyOf) {
			fact("schema %s, of %s", name, schemaText(part))
		}
		isRequest := strings.HasSuffix(name, "Request")
		for field, property := range schema.Properties {
			asked := ""
			if isRequest {
				asked = need(slices.Contains(schema.Required, field))
			}
			fact("schema %s, %s %s%s", name, field, schemaText(property), asked)
			for _, value := range enumOf(property) {
				fact("schema %s, %s may be %v", name, field, value)
			}
		}
	}
	return facts
}

func need(required bool) string {
	if required {
		return demand
	}
	return " optional"
}

// schemaText names a schema, or its type where it has no name.
func schemaText(ref *openapi3.SchemaRef) string {
	switch {
	case ref == nil:
		return "anything"
	case ref.Ref != "":
		return path.Base(ref.Ref)
	case ref.Value.Items != nil:
		return "array of " + schemaText(ref.Value.Items)
	}
	return typeText(ref.Value)
}

func typeText(schema *openapi3.Schema) string {
	text := "anything"
	if schema.Type != nil {
		text = strings.Join(schema.Type.Slice(), "|")
	}
	if schema.Format != "" {
		text += " " + schema.Format
	}
	if schema.Nullable {
		text += " nullable"
	}
	return text
}

// enumOf returns the values of a schema without a name.
func enumOf(ref *openapi3.SchemaRef) []any {
	if ref == nil || ref.Ref != "" {
		return nil
	}
	if ref.Value.Items != nil {
		return enumOf(ref.Value.Items)
	}
	return ref.Value.Enum
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
	return importer.ForCompiler(files, "gc", func(name string) (io.ReadCloser, error) {
		one, ok := exports[name]
		if !ok {
			return nil, fmt.Errorf("package %s is not compiled", name)
		}
		return os.Open(one.Export)
	})
}
