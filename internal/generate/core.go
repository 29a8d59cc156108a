package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"path"
	"path/filepath"
)

// coreTypes are the types that the wrapping packages share with what they stand
// on, written by hand. Like the models they are aliases, whose documentation is
// their comment alone.
var coreTypes = map[string]map[string][]string{
	"client": {
		"internal/rest": {"Answer", "ArgumentError", "Call", "Error", "LimiterState", "LocalLimiter", "Page"},
		"envelope":      {"ErrorEntry"},
	},
	"client/application": {
		"internal/rest": {"Page"},
	},
}

// writeCore writes their aliases.
func writeCore(out, wrapper string) error {
	var code bytes.Buffer
	folders := []string{"envelope", "internal/rest"}
	code.WriteString("\nimport (\n")
	known := make(map[string]*declared)
	for _, folder := range folders {
		var err error
		if known[folder], err = declaredIn(folder + "/*.go"); err != nil {
			return err
		}
		if len(coreTypes[wrapper][folder]) > 0 {
			fmt.Fprintf(&code, "%q\n", modulePath+"/"+folder)
		}
	}
	code.WriteString(")\n")
	embedded := func(kind ast.Expr) *ast.StructType {
		selector, isSelector := kind.(*ast.SelectorExpr)
		if !isSelector {
			return nil
		}
		spec := known["envelope"].types[selector.Sel.Name]
		if spec == nil {
			return nil
		}
		fields, _ := spec.Type.(*ast.StructType)
		return fields
	}
	for _, folder := range folders {
		for _, name := range coreTypes[wrapper][folder] {
			spec, doc := known[folder].types[name], known[folder].docs[name]
			if spec == nil {
				return fmt.Errorf("%s declares no type %s", folder, name)
			}
			code.WriteByte('\n')
			for _, line := range doc.List {
				code.WriteString(line.Text + "\n")
			}
			if fields, isStruct := spec.Type.(*ast.StructType); isStruct {
				listFields(&code, fields, embedded)
			}
			listMethods(&code, known[folder].methods[name])
			parameters, arguments := "", ""
			if spec.TypeParams != nil {
				parameters, arguments = "[T any]", "[T]"
			}
			fmt.Fprintf(&code, "type %s%s = %s.%s%s\n", name, parameters, path.Base(folder), name, arguments)
		}
	}
	return write(filepath.Join(out, filepath.FromSlash(wrapper), "core.gen.go"), "envelope and internal/rest", code.String())
}
