package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/printer"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
)

// declared is what a folder declares on the level of its package.
type declared struct {
	types   map[string]*ast.TypeSpec
	docs    map[string]*ast.CommentGroup // of the types
	methods map[string][]*ast.FuncDecl   // the exported ones by the names of their receivers
}

// declaredIn reads the source files of a folder that match a pattern.
func declaredIn(pattern string) (*declared, error) {
	files, err := filepath.Glob(filepath.FromSlash(pattern))
	if err != nil {
		return nil, err
	}
	d := &declared{make(map[string]*ast.TypeSpec), make(map[string]*ast.CommentGroup), make(map[string][]*ast.FuncDecl)}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		for _, decl := range parsed.Decls {
			d.add(decl)
		}
	}
	return d, nil
}

func (d *declared) add(decl ast.Decl) {
	switch decl := decl.(type) {
	case *ast.GenDecl:
		for spec, doc := range types([]*ast.GenDecl{decl}) {
			d.types[spec.Name.Name], d.docs[spec.Name.Name] = spec, doc
		}
	case *ast.FuncDecl:
		if decl.Recv == nil || !decl.Name.IsExported() || slices.Contains(implementations, decl.Name.Name) {
			return
		}
		receiver := strings.TrimPrefix(source(decl.Recv.List[0].Type), "*")
		d.methods[receiver] = append(d.methods[receiver], decl)
	}
}

// implementations are methods that packages of the standard library call.
var implementations = []string{
	"Error", "Is", "Unwrap", "LogValue", "String", "GoString", "Format", "MarshalJSON", "UnmarshalJSON", "Valid",
}

// listFields adds to the comment of an alias what its struct holds, as the
// documentation shows no more than the comment: a line for each field. Those of a
// struct that is embedded, which embedded returns, count as its own.
func listFields(out *bytes.Buffer, fields *ast.StructType, embedded func(ast.Expr) *ast.StructType) {
	if items := fieldItems(fields, embedded); len(items) > 0 {
		out.WriteString("//\n// Its fields are:\n")
		writeItems(out, items)
	}
}

func fieldItems(fields *ast.StructType, embedded func(ast.Expr) *ast.StructType) []string {
	var items []string
	for _, field := range fields.Fields.List {
		if len(field.Names) == 0 {
			if within := embedded(field.Type); within != nil {
				items = append(items, fieldItems(within, embedded)...)
			}
			continue
		}
		var names []string
		for _, name := range field.Names {
			if name.IsExported() {
				names = append(names, name.Name)
			}
		}
		if len(names) > 0 {
			text := strings.Join(strings.Fields(field.Doc.Text()), " ")
			items = append(items, item(strings.Join(names, " and "), source(field.Type), text))
		}
	}
	return items
}

// listMethods does the same for methods. Of their comments it gives the first
// sentence.
func listMethods(out *bytes.Buffer, methods []*ast.FuncDecl) {
	if len(methods) == 0 {
		return
	}
	out.WriteString("//\n// Its methods are:\n")
	var items []string
	for _, method := range methods {
		text := new(doc.Package).Synopsis(method.Doc.Text())
		signature := strings.TrimPrefix(source(method.Type), "func")
		arguments, results, _ := strings.Cut(signature, ") ")
		items = append(items, strings.Replace(item(method.Name.Name, strings.Trim(results, "()"), text), " (", arguments+") (", 1))
	}
	writeItems(out, items)
}

// item is an entry of a list: "Name (type) is the name." The text begins with
// the name, as comments do.
func item(name, kind, text string) string {
	meaning, found := strings.CutPrefix(text, name+" ")
	if !found && text != "" {
		return fmt.Sprintf("- %s (%s): %s", name, kind, text)
	}
	return strings.TrimSpace(fmt.Sprintf("- %s (%s) %s", name, kind, meaning))
}

func writeItems(out *bytes.Buffer, items []string) {
	for _, item := range items {
		for i, line := range fill(item, commentWidth-len("    ")) {
			if i == 0 {
				line = "  " + line
			} else {
				line = "    " + line
			}
			out.WriteString("// " + line + "\n")
		}
	}
}

// source is the text of a type.
func source(node ast.Node) string {
	var out bytes.Buffer
	if err := printer.Fprint(&out, token.NewFileSet(), node); err != nil {
		return err.Error()
	}
	return out.String()
}
