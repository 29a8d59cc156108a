package main

import (
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"strings"
)

// spellOut puts the envelopes themselves in place of their aliases where a model
// names its relations, as in *envelope.Item[Node] for *NodeItem. The types are
// the same, but the compiler of Go 1.25 fails on some cycles of models through
// aliases ("internal compiler error: unexpected types2.Invalid").
func spellOut(file string) error {
	source, err := os.ReadFile(file) //nolint:gosec // a file of this repository
	if err != nil {
		return err
	}
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, file, source, 0)
	if err != nil {
		return err
	}
	text := func(node ast.Node) string {
		return string(source[files.Position(node.Pos()).Offset:files.Position(node.End()).Offset])
	}
	envelopes := make(map[string]string) // by their aliases
	var named []*ast.Ident
	ast.Inspect(parsed, func(node ast.Node) bool {
		spec, ok := node.(*ast.TypeSpec)
		if !ok {
			return true
		}
		if generic, isGeneric := spec.Type.(*ast.IndexExpr); isGeneric && spec.Assign.IsValid() {
			envelopes[spec.Name.Name] = text(generic)
		}
		if fields, isStruct := spec.Type.(*ast.StructType); isStruct && strings.HasSuffix(spec.Name.Name, "Relationships") {
			for _, field := range fields.Fields.List {
				if pointer, isPointer := field.Type.(*ast.StarExpr); isPointer {
					if name, isName := pointer.X.(*ast.Ident); isName {
						named = append(named, name)
					}
				}
			}
		}
		return false
	})
	var out []byte
	from := 0
	for _, name := range named { // in the order of the file
		if envelope, isAlias := envelopes[name.Name]; isAlias {
			out = append(append(out, source[from:files.Position(name.Pos()).Offset]...), envelope...)
			from = files.Position(name.End()).Offset
		}
	}
	out, err = format.Source(append(out, source[from:]...))
	if err != nil {
		return err
	}
	return os.WriteFile(file, out, 0o644) //nolint:gosec // source code is for all to read
}
