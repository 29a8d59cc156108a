//go:build ignore && tools

// This file names the tools that the project is made with; the tool directives
// in go.mod pin their versions. It is never built. Without "ignore" in the line
// above `go get` of this module would follow the imports, as it does under any
// other build tag, and leave all of the generator in the user's go.mod.

package ptero

import (
	_ "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen"
)
