package foldersync

import (
	"iter"
	"maps"
	"path"
	"slices"
)

// Plan is what has to be done to make a folder match another one. All paths are
// sorted.
type Plan struct {
	// Remove lists files and folders in whose place something of the other kind
	// has to come. They are removed first.
	Remove []string

	// Folders are to be created, each after its parent.
	Folders []string

	// Files are to be transferred.
	Files []string

	// Delete lists what the source does not have. Folders are deleted with all
	// that they hold.
	Delete []string

	// Blocked cannot be transferred because of what stands in their place.
	Blocked []string

	// Unchanged is the number of files that need not be transferred.
	Unchanged int
}

// Compare plans what makes the folder "to" match the folder "from". The function
// same reports whether a file need not be transferred. Nothing is removed or
// deleted unless remove is set.
func Compare(from, to Tree, same func(from, to Entry) bool, remove bool) Plan {
	c := comparison{from: from, to: to, remove: remove, hasKept: make(map[string]bool), gone: make(map[string]bool)}
	for name, entry := range to {
		if entry.Kept {
			for folder := range above(name) {
				c.hasKept[folder] = true
			}
		}
	}
	c.transfers(same)
	if remove {
		c.deletions()
	}
	return c.plan
}

type comparison struct {
	from, to Tree
	remove   bool
	hasKept  map[string]bool // folders of to with something in them that is kept
	gone     map[string]bool // removed, deleted or blocked, with all that is below
	plan     Plan
}

// above iterates over the folders that contain a path, the nearest first.
func above(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for folder := path.Dir(name); folder != "."; folder = path.Dir(folder) {
			if !yield(folder) {
				return
			}
		}
	}
}

// In reports whether a path, or one of the folders that it is in, is in a set.
func In(set map[string]bool, name string) bool { return set[name] || isBelow(set, name) }

// isBelow reports whether one of the folders that a path is in is in a set.
func isBelow(set map[string]bool, name string) bool {
	for folder := range above(name) {
		if set[folder] {
			return true
		}
	}
	return false
}

// transfers plans what comes from the source.
func (c *comparison) transfers(same func(from, to Entry) bool) {
	blocked := make(map[string]bool)
	for _, name := range slices.Sorted(maps.Keys(c.from)) {
		source := c.from[name]
		target, exists := c.to[name]
		switch {
		case source.Kept:
			c.gone[name] = exists // no, but not ours to delete either
			continue
		case isBelow(blocked, name):
			continue
		case exists && (target.Kept || target.IsDir != source.IsDir):
			if target.Kept || !c.remove || c.hasKept[name] {
				c.plan.Blocked = append(c.plan.Blocked, name)
				blocked[name], c.gone[name] = true, true
				continue
			}
			c.plan.Remove = append(c.plan.Remove, name)
			c.gone[name] = true
			exists = false
		}
		switch {
		case source.IsDir && !exists:
			c.plan.Folders = append(c.plan.Folders, name)
		case source.IsDir:
		case exists && same(source, target):
			c.plan.Unchanged++
		default:
			c.plan.Files = append(c.plan.Files, name)
		}
	}
}

// deletions plans the deletion of what the source does not have.
func (c *comparison) deletions() {
	for _, name := range slices.Sorted(maps.Keys(c.to)) {
		_, wanted := c.from[name]
		if wanted || c.to[name].Kept || c.hasKept[name] || isBelow(c.gone, name) {
			continue
		}
		c.plan.Delete = append(c.plan.Delete, name)
		c.gone[name] = true
	}
}

// Leaves returns the folders that contain none of the other folders and none of
// the files: creating these and the files creates all folders.
func Leaves(folders, files []string) []string {
	inner := make(map[string]bool)
	for _, names := range [][]string{folders, files} {
		for _, name := range names {
			for folder := range above(name) {
				inner[folder] = true
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(folders), func(name string) bool { return inner[name] })
}
