//go:build tools

// This file pins the version of the generator in go.mod. It is never built, and
// the generator never reaches a program that imports the SDK.

package ptero

import (
	_ "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen"
)
