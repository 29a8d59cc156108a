package foldersync

import (
	"path"
	"slices"
)

// Batches splits files into batches of at most the given numbers of files and
// bytes. A file that is larger is in a batch of its own.
func Batches(files []string, size func(name string) int64, maxFiles int, maxBytes int64) [][]string {
	var batches [][]string
	var bytes int64
	first := 0
	for i, name := range files {
		n := size(name)
		if i > first && (i-first == maxFiles || bytes+n > maxBytes) {
			batches = append(batches, files[first:i])
			first, bytes = i, 0
		}
		bytes += n
	}
	if first < len(files) {
		batches = append(batches, files[first:])
	}
	return batches
}

// Cover returns the shortest list of paths for files of a tree: a folder stands
// for everything below it, if all of that is wanted.
func Cover(tree Tree, files []string) []string {
	wanted := make(map[string]bool, len(files))
	for _, name := range files {
		wanted[name] = true
	}
	partial := make(map[string]bool) // folders that hold something else
	for name, entry := range tree {
		if !wanted[name] && (!entry.IsDir || entry.Kept) {
			for folder := range above(name) {
				partial[folder] = true
			}
		}
	}
	var names []string
	named := make(map[string]bool)
	for _, name := range files {
		for folder := range above(name) {
			if partial[folder] {
				break // so are those above it
			}
			name = folder
		}
		if !named[name] {
			named[name] = true
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Folders returns the folders that contain the files, each once. The top folder
// is ".".
func Folders(files []string) []string {
	var folders []string
	seen := make(map[string]bool)
	for _, name := range files {
		if folder := path.Dir(name); !seen[folder] {
			seen[folder] = true
			folders = append(folders, folder)
		}
	}
	slices.Sort(folders)
	return folders
}
