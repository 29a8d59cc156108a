package foldersync

import (
	"context"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"
)

// Tree is what a folder holds, by paths relative to it, with slashes. The folder
// itself is not in it.
type Tree map[string]Entry

// Entry is a file or a folder of a [Tree].
type Entry struct {
	// IsDir is set for a folder.
	IsDir bool

	// Kept is set for what is neither transferred, replaced nor deleted: what is
	// excluded, links, sockets, devices, and temporary files of a sync. What lies
	// below a folder that is kept is not in the tree.
	Kept bool

	// Size is the size of a file in bytes.
	Size int64

	// ModTime is when a file was modified, in whole seconds, as the Panel tells
	// no fractions.
	ModTime time.Time

	// Mode holds the permission bits of a file on the server, 0 if unknown.
	Mode int64
}

// Same reports whether the two entries are files of the same size and time.
func (e Entry) Same(other Entry) bool {
	return e.Size == other.Size && e.ModTime.Equal(other.ModTime)
}

// NotOlder reports whether the two entries are files of the same size, and e is
// not older.
func (e Entry) NotOlder(other Entry) bool {
	return e.Size == other.Size && !e.ModTime.Before(other.ModTime)
}

// Seconds cuts the fractions of a second off a time.
func Seconds(t time.Time) time.Time { return time.Unix(t.Unix(), 0) }

// temporaryPrefix begins the names of the files that a sync needs for a while, on
// either side.
const temporaryPrefix = ".ptero-sync-"

// IsTemporary reports whether a path is that of a temporary file of a sync.
func IsTemporary(name string) bool { return strings.HasPrefix(path.Base(name), temporaryPrefix) }

// staleAfter is how old a temporary file has to be to be taken for the leftover
// of a program that was killed.
const staleAfter = time.Hour

// Stale returns the temporary files that no sync uses any more.
func (t Tree) Stale(now time.Time) []string {
	var stale []string
	for name, entry := range t {
		if !entry.IsDir && IsTemporary(name) && now.Sub(entry.ModTime) > staleAfter {
			stale = append(stale, name)
		}
	}
	return stale
}

// Local reads a local folder. It follows no links. The function kept reports
// whether to leave something alone. Links, sockets and devices are returned beside
// the tree.
func Local(ctx context.Context, root *os.Root, kept func(name string, isDir bool) bool) (tree Tree, odd []string, err error) {
	tree = make(Tree)
	err = fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case name == ".":
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		entry := Entry{IsDir: d.IsDir(), Size: info.Size(), ModTime: Seconds(info.ModTime())}
		switch {
		case IsTemporary(name), kept(name, entry.IsDir):
			entry.Kept = true
		case !entry.IsDir && !info.Mode().IsRegular():
			entry.Kept = true
			odd = append(odd, name)
		}
		tree[name] = entry
		if entry.IsDir && entry.Kept {
			return fs.SkipDir
		}
		return nil
	})
	return tree, odd, err
}
