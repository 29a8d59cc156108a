// Package testdata holds recorded exchanges with a real Panel, the fixtures of
// the contract tests and of the demo.
package testdata

import (
	"embed"
	"io/fs"
)

//go:embed panel/*.json
var files embed.FS

// Panel returns the recordings of a real Panel 1.11, one JSON file an exchange.
// Names, keys and tokens in them are invented.
func Panel() fs.FS {
	panel, err := fs.Sub(files, "panel")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	return panel
}
