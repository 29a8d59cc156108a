package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"slices"
)

// rawClient are the defined types of a compiled package that are no models.
var rawClient = []string{"Client", "ClientOption", "ClientInterface", "RequestEditorFn", "HttpRequestDoer", "Operation"}

// aliases writes an alias for each of the models and enums that are reached, and
// the values of the enums.
func aliases(decls []*ast.GenDecl, from string, reached map[string]bool, methods map[string][]*ast.FuncDecl) string {
	var out bytes.Buffer
	models := make(map[string]bool)
	for spec, doc := range types(decls) {
		name := spec.Name.Name
		if spec.Assign.IsValid() || slices.Contains(rawClient, name) || !reached[name] {
			continue
		}
		models[name] = true
		out.WriteByte('\n')
		if doc != nil {
			for _, line := range doc.List {
				out.WriteString(line.Text + "\n")
			}
		}
		if fields, isStruct := spec.Type.(*ast.StructType); isStruct {
			listFields(&out, fields, func(ast.Expr) *ast.StructType { return nil })
		}
		listMethods(&out, methods[name])
		fmt.Fprintf(&out, "type %s = %s.%s\n", name, from, name)
	}
	for _, decl := range decls {
		if decl.Tok == token.CONST {
			writeEnum(&out, from, decl, models)
		}
	}
	return out.String()
}

func writeEnum(out *bytes.Buffer, from string, decl *ast.GenDecl, models map[string]bool) {
	enum := ""
	for _, spec := range decl.Specs {
		spec := spec.(*ast.ValueSpec) //nolint:forcetypeassert // a CONST declaration holds nothing else
		kind, ok := spec.Type.(*ast.Ident)
		if !ok || !models[kind.Name] {
			continue
		}
		if enum == "" {
			enum = kind.Name
			fmt.Fprintf(out, "\n// Values of [%s].\nconst (\n", enum)
		}
		for _, name := range spec.Names {
			fmt.Fprintf(out, "%s = %s.%s\n", name.Name, from, name.Name)
		}
	}
	if enum != "" {
		out.WriteString(")\n")
	}
}
