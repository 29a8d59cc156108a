package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

// reached returns the compiled types that users of a wrapping package meet: those
// that an exported function, type, variable or constant of its own names, and
// what can be reached from there through exported fields. The rest needs no alias.
func reached(wrapper string, decls []*ast.GenDecl) (map[string]bool, error) {
	named, err := exportedNames(wrapper)
	if err != nil {
		return nil, err
	}
	fields := make(map[string]ast.Expr) // of the compiled types
	for spec := range types(decls) {
		fields[spec.Name.Name] = spec.Type
	}
	all := make(map[string]bool)
	for len(named) > 0 {
		name := named[0]
		named = named[1:]
		if kind := fields[name]; kind != nil && !all[name] {
			all[name] = true
			named = append(named, identifiers(kind)...)
		}
	}
	return all, nil
}

// exportedNames returns the identifiers in the exported declarations that were
// written by hand.
func exportedNames(wrapper string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(filepath.FromSlash(wrapper), "*.go"))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || strings.HasSuffix(file, ".gen.go") {
			continue
		}
		source, err := os.ReadFile(file) //nolint:gosec // a file of this repository
		if err != nil {
			return nil, err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, source, 0)
		if err != nil {
			return nil, err
		}
		if !ast.FileExports(parsed) { // drops unexported declarations and fields
			continue
		}
		for _, decl := range parsed.Decls {
			names = append(names, identifiers(decl)...)
		}
	}
	return names, nil
}

// identifiers returns the names below a node. Those of other packages, such as
// fs.FileMode, are not among them: a model may have the same name.
func identifiers(node ast.Node) []string {
	var names []string
	ast.Inspect(node, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.SelectorExpr, *ast.BlockStmt: // a package's name, the body of a function
			return false
		case *ast.Ident:
			names = append(names, node.Name)
		}
		return true
	})
	return names
}
