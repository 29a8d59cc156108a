// Command docs writes the reference of the Panel's endpoints, docs/reference, from
// api/openapi.yaml and from the comments of the wrappers:
//
//	go run ./internal/docs
//
// It is run by `make docs`, from the root of the module. The same document and
// the same wrappers always give the same pages.
package main

import (
	"fmt"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

const (
	module    = "github.com/ptero-go/ptero"
	reference = "docs/reference"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("docs: ")
	pages, err := generate(".")
	if err != nil {
		log.Fatal(err)
	}
	if err := write(reference, pages); err != nil {
		log.Fatal(err)
	}
}

// generate returns the pages by their file names. The root is that of the module.
func generate(root string) (map[string][]byte, error) {
	b, err := newBook(root)
	if err != nil {
		return nil, err
	}
	pages := map[string][]byte{indexFile: b.index(), consoleFile: b.console()}
	for _, p := range b.pages {
		pages[p.file] = b.page(p)
	}
	return pages, b.err
}

// write makes the folder hold these pages and no other ones.
func write(folder string, pages map[string][]byte) error {
	if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // documentation is for everybody
		return err
	}
	old, err := filepath.Glob(filepath.Join(folder, "*.md"))
	if err != nil {
		return err
	}
	for _, path := range old {
		if pages[filepath.Base(path)] == nil {
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		if err := os.WriteFile(filepath.Join(folder, name), pages[name], 0o644); err != nil { //nolint:gosec // see above
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}
