package foldersync

import (
	"context"
	"io/fs"
	"os"
	"time"
)

// Tree is the content of a folder, by slash-separated paths relative to it. The
// folder itself is not included.
type Tree map[string]Entry

// Entry is a file or a folder of a [Tree].
type Entry struct {
	// IsDir is set for a folder.
	IsDir bool

	// Kept is set for what is neither transferred, replaced nor deleted:
	// excluded files, links, sockets, devices, and temporary files of a sync.
	// The content of a folder that is kept is not in the tree.
	Kept bool

	// Size is the size of a file in bytes.
	Size int64

	// ModTime is the modification time of a file in whole seconds, as the Panel
	// provides no fractions.
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

// Seconds truncates a time to whole seconds.
func Seconds(t time.Time) time.Time { return time.Unix(t.Unix(), 0) }

// staleAfter is the age at which a temporary file is considered to be left over
// by a program that was killed.
const staleAfter = time.Hour

// Stale returns the temporary files that no sync uses any longer.
func (t Tree) Stale(now time.Time) []string {
	var stale []string
	for name, entry := range t {
		if !entry.IsDir && IsTemporary(name) && now.Sub(entry.ModTime) > staleAfter {
			stale = append(stale, name)
		}
	}
	return stale
}

// Local reads a local folder without following links. The function kept reports
// whether to leave something alone. Links, sockets and devices are returned in
// odd.
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
