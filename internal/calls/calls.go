// Package calls finds the method of the SDK that makes each request, as the
// comments of the wrapping packages tell. The generators use it.
package calls

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Call is a method of a wrapping package.
type Call struct {
	Package, Service, Method string // such as client, ServersService, Get
	Field                    string // of the client, such as Servers
	Parameters               []Parameter
	Results                  []string
}

// Parameter is a parameter of a method, without the context.
type Parameter struct {
	Name, Type string
	Variadic   bool // Type is then that of one of them
}

// wrappers are the packages with the calls.
var wrappers = []string{"client", "client/application"}

var endpointLine = regexp.MustCompile(`(?m)^Endpoint: (.*)$`)

// Read finds the call of each endpoint in the module at a root. An endpoint is
// "GET /api/client", with {wings} for the address of a node.
func Read(root string) (map[string]*Call, error) {
	calls := make(map[string]*Call)
	for _, pkg := range wrappers {
		files, err := Parse(filepath.Join(root, filepath.FromSlash(pkg)))
		if err != nil {
			return nil, err
		}
		fields, functions := Declarations(files)
		for _, f := range functions {
			service := Receiver(f)
			if service == "" || !f.Name.IsExported() {
				continue
			}
			for _, line := range endpointLine.FindAllStringSubmatch(f.Doc.Text(), -1) {
				calls[line[1]] = &Call{
					Package: pkg, Service: service, Method: f.Name.Name, Field: fields[service],
					Parameters: parameters(f.Type.Params), Results: results(f.Type.Results),
				}
			}
		}
	}
	return calls, nil
}

// Parse reads the sources of a package, without tests.
func Parse(dir string) ([]*ast.File, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

// Declarations returns the fields of the package's Client by their types, and
// all functions.
func Declarations(files []*ast.File) (fields map[string]string, functions []*ast.FuncDecl) {
	fields = make(map[string]string)
	for _, file := range files {
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok {
				functions = append(functions, f)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || spec.Name.Name != "Client" {
				return true
			}
			if structure, ok := spec.Type.(*ast.StructType); ok {
				for _, field := range structure.Fields.List {
					for _, name := range field.Names {
						fields[strings.TrimPrefix(source(field.Type), "*")] = name.Name
					}
				}
			}
			return false
		})
	}
	return fields, functions
}

// Receiver is the name of the type whose method it is.
func Receiver(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	return strings.TrimPrefix(source(f.Recv.List[0].Type), "*")
}

// source is the text of a piece of Go.
func source(n ast.Node) string {
	var b bytes.Buffer
	if err := printer.Fprint(&b, token.NewFileSet(), n); err != nil {
		return err.Error()
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func parameters(list *ast.FieldList) []Parameter {
	var all []Parameter
	for _, field := range list.List {
		kind := source(field.Type)
		if kind == "context.Context" {
			continue
		}
		for _, name := range field.Names {
			one, variadic := strings.CutPrefix(kind, "...")
			all = append(all, Parameter{name.Name, one, variadic})
		}
	}
	return all
}

func results(list *ast.FieldList) []string {
	var all []string
	for _, field := range list.List {
		all = append(all, source(field.Type))
	}
	return all
}

// With is the call with some arguments.
func (c *Call) With(arguments ...string) string {
	return fmt.Sprintf("%s.%s.%s(%s)", c.Client(), c.Field, c.Method, strings.Join(arguments, ", "))
}

// Client is the variable that holds the client.
func (c *Call) Client() string {
	if c.Package == "client" {
		return "c"
	}
	return "admin"
}

// Left is what the call's results are assigned to.
func (c *Call) Left() string {
	if len(c.Results) == 2 {
		return c.Result() + ", err"
	}
	return "err"
}

var lastWord = regexp.MustCompile(`[A-Z]+[a-z]*$`)

// Result names what the call returns, "" if that is an error alone.
func (c *Call) Result() string {
	if len(c.Results) < 2 {
		return ""
	}
	kind := c.Results[0]
	name := "result"
	switch {
	case strings.Contains(kind, "Page"):
		name = "page"
	case kind == "[]byte":
		name = "content"
	case strings.HasPrefix(kind, "[]"):
		name = "list"
	case strings.HasPrefix(kind, "*"):
		name = strings.ToLower(lastWord.FindString(kind))
	}
	if slices.ContainsFunc(c.Parameters, func(p Parameter) bool { return p.Name == name }) {
		name = "found"
	}
	return name
}
