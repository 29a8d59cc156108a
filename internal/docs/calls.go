package main

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

// call is a method of a wrapper.
type call struct {
	pkg, service, method string // such as client, ServersService, Get
	field                string // of the client, such as Servers
	parameters           []string
	results              []string
	signature            string   // without func
	around               []string // methods of the service that do the call for their callers
}

// wrappers are the packages with the calls.
var wrappers = []string{"client", "client/application"}

var endpointLine = regexp.MustCompile(`(?m)^Endpoint: (.*)$`)

// readCalls finds the wrapper of each endpoint, as its comment tells.
func readCalls(root string) (map[string]*call, error) {
	calls := make(map[string]*call)
	for _, pkg := range wrappers {
		files, err := parse(filepath.Join(root, filepath.FromSlash(pkg)))
		if err != nil {
			return nil, err
		}
		fields, functions := declarations(files)
		for _, f := range functions {
			service := receiver(f)
			if service == "" || !f.Name.IsExported() {
				continue
			}
			for _, line := range endpointLine.FindAllStringSubmatch(f.Doc.Text(), -1) {
				calls[line[1]] = &call{
					pkg: pkg, service: service, method: f.Name.Name, field: fields[service],
					parameters: names(f.Type.Params), results: results(f.Type.Results),
					signature: signature(f), around: around(functions, f),
				}
			}
		}
	}
	return calls, nil
}

// parse reads the sources of a package, without tests.
func parse(dir string) ([]*ast.File, error) {
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

// declarations returns the fields of the package's Client by their types, and
// all functions.
func declarations(files []*ast.File) (fields map[string]string, functions []*ast.FuncDecl) {
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

// receiver is the name of the type whose method it is.
func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	return strings.TrimPrefix(source(f.Recv.List[0].Type), "*")
}

// around lists the exported methods that use a method of their own service,
// themselves or by unexported methods.
func around(functions []*ast.FuncDecl, target *ast.FuncDecl) []string {
	var found []string
	for _, f := range functions {
		if f.Name.IsExported() && f != target && receiver(f) == receiver(target) &&
			leadsTo(functions, f, target.Name.Name, nil) && !endpointLine.MatchString(f.Doc.Text()) {
			found = append(found, f.Name.Name)
		}
	}
	slices.Sort(found)
	return found
}

func leadsTo(functions []*ast.FuncDecl, f *ast.FuncDecl, name string, seen []*ast.FuncDecl) bool {
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr) // called, or handed on
		if !ok || source(selector.X) != f.Recv.List[0].Names[0].Name {
			return true
		}
		if selector.Sel.Name == name {
			found = true
			return false
		}
		for _, next := range functions {
			if !next.Name.IsExported() && next.Name.Name == selector.Sel.Name && receiver(next) == receiver(f) &&
				!slices.Contains(seen, next) && leadsTo(functions, next, name, append(seen, f)) {
				found = true
			}
		}
		return true
	})
	return found
}

// source is the text of a piece of Go.
func source(n ast.Node) string {
	var b bytes.Buffer
	if err := printer.Fprint(&b, token.NewFileSet(), n); err != nil {
		return err.Error()
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func signature(f *ast.FuncDecl) string {
	text := strings.TrimPrefix(source(f.Type), "func")
	return fmt.Sprintf("(*%s) %s%s", receiver(f), f.Name.Name, strings.NewReplacer("( ", "(", ", )", ")").Replace(text))
}

// names lists parameters as they are handed on.
func names(list *ast.FieldList) []string {
	var all []string
	for _, field := range list.List {
		for _, name := range field.Names {
			if _, many := field.Type.(*ast.Ellipsis); many {
				all = append(all, name.Name+"...")
				continue
			}
			all = append(all, name.Name)
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

// code is the call as a program makes it.
func (c *call) code() string {
	client := "c"
	if c.pkg != "client" {
		client = "admin"
	}
	left := "err"
	if len(c.results) == 2 {
		left = c.result() + ", err"
	}
	return fmt.Sprintf("%s := %s.%s.%s(%s)\n// func %s", left, client, c.field, c.method, strings.Join(c.parameters, ", "), c.signature)
}

// result names what the call returns.
func (c *call) result() string {
	kind := c.results[0]
	name := "result"
	switch {
	case strings.Contains(kind, "Page"):
		name = "page"
	case kind == "[]byte":
		name = "content"
	case strings.HasPrefix(kind, "[]"):
		name = "list"
	case strings.HasPrefix(kind, "*"):
		last := words(strings.TrimPrefix(kind, "*"))
		name = strings.ToLower(last[len(last)-1])
	}
	if slices.Contains(c.parameters, name) {
		name = "found"
	}
	return name
}

// docs is the address of the method's documentation.
func (c *call) docs(method string) string {
	return fmt.Sprintf("https://pkg.go.dev/%s/%s#%s.%s", module, c.pkg, c.service, method)
}
