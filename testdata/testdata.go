// Package testdata holds recorded exchanges with a real Panel and conversations
// with a real Wings, the fixtures of the contract tests and of the demo. Names,
// keys and tokens in them are invented.
package testdata

import (
	_ "embed"
	"io/fs"
	"sync"

	"github.com/ptero-go/ptero/internal/recorded/archive"
)

//go:embed panel-1.11.zip.gz
var panel111 []byte

//go:embed panel-1.12.zip.gz
var panel112 []byte

//go:embed console-1.11.zip.gz
var console111 []byte

//go:embed console-1.12.zip.gz
var console112 []byte

//go:embed pelican.zip.gz
var pelican []byte

//go:embed console-pelican.zip.gz
var consolePelican []byte

var (
	openPanel111       = opened(panel111)
	openPanel112       = opened(panel112)
	openPelican        = opened(pelican)
	openConsole111     = opened(console111)
	openConsole112     = opened(console112)
	openConsolePelican = opened(consolePelican)
)

// Panel returns the recordings of a real Panel 1.11, one JSON file an exchange.
func Panel() fs.FS { return openPanel111() }

// Panel112 returns the recordings of a real Panel 1.12.3, in the same form.
func Panel112() fs.FS { return openPanel112() }

// Pelican returns the recordings of a real Pelican 1.0.0-beta38, in the same
// form. Their names begin with "pelican-".
func Pelican() fs.FS { return openPelican() }

// Console returns conversations with a real Wings 1.11, and "next-" ones with
// the limits of Wings 1.12: one file a scene, one JSON object a line. Package
// internal/recorded/conversation reads them.
func Console() fs.FS { return openConsole111() }

// Console112 returns conversations with a real Wings 1.12.3, in the same form.
func Console112() fs.FS { return openConsole112() }

// ConsolePelican returns conversations with a real Wings of Pelican, in the same
// form.
func ConsolePelican() fs.FS { return openConsolePelican() }

func opened(packed []byte) func() fs.FS {
	return sync.OnceValue(func() fs.FS {
		files, err := archive.Open(packed)
		if err != nil {
			panic(err) // the archive is part of the program
		}
		return files
	})
}
