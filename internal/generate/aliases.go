package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/printer"
	"go/token"
	"slices"
	"strings"
)

// rawClient are the defined types of a compiled package that are no models.
var rawClient = []string{"Client", "ClientOption", "ClientInterface", "RequestEditorFn", "HttpRequestDoer", "Operation"}

// aliases writes an alias for each model and enum, and the values of the enums.
func aliases(decls []*ast.GenDecl, from string) string {
	var out bytes.Buffer
	models := make(map[string]bool)
	for spec, doc := range types(decls) {
		name := spec.Name.Name
		if spec.Assign.IsValid() || slices.Contains(rawClient, name) || strings.HasSuffix(name, "Params") {
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
			listFields(&out, fields)
		}
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

// listFields adds to the comment of an alias what its struct holds, as the
// documentation shows no more than the comment: a line for each field.
func listFields(out *bytes.Buffer, fields *ast.StructType) {
	if len(fields.Fields.List) == 0 {
		return
	}
	out.WriteString("//\n// Its fields are:\n")
	for _, field := range fields.Fields.List {
		name := field.Names[0].Name
		text := strings.Join(strings.Fields(field.Doc.Text()), " ")
		item := fmt.Sprintf("- %s (%s)", name, source(field.Type))
		if meaning, found := strings.CutPrefix(text, name+" "); found {
			item += " " + meaning
		}
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
