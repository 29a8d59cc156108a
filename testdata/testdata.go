// Package testdata holds recorded exchanges with a real Panel, the fixtures of
// the contract tests and of the demo.
package testdata

import (
	"embed"
	"io/fs"
)

//go:embed panel/*.json
var files embed.FS

//go:embed console/*.jsonl
var frames embed.FS

// Panel returns the recordings of a real Panel 1.11, one JSON file an exchange.
// Names, keys and tokens in them are invented.
func Panel() fs.FS {
	return sub(files, "panel")
}

// Console returns conversations with a real Wings 1.11, and "next-" ones with
// the limits of Wings 1.12: one file a scene, one JSON object a line. Dir is
// "in" for what Wings sent, ms the time since the beginning.
func Console() fs.FS { return sub(frames, "console") }

func sub(files fs.FS, folder string) fs.FS {
	found, err := fs.Sub(files, folder)
	if err != nil {
		panic(err) // the folder is part of the program
	}
	return found
}
