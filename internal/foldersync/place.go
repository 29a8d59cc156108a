package foldersync

import (
	"crypto/rand"
	"io"
	"os"
	"path"
	"time"
)

// TemporaryName returns a name for a temporary file, as good as certain to be
// that of no other.
func TemporaryName(suffix string) string { return temporaryPrefix + rand.Text() + suffix }

// Place writes content into a file of a folder. The content goes to a temporary
// file beside it first, which takes its place, with the time given, once all of
// it is on the disk: there is never half a file under the name. A file that is
// replaced keeps its permission bits.
func Place(root *os.Root, name string, content io.Reader, modTime time.Time) error {
	part := path.Join(path.Dir(name), TemporaryName(".part"))
	f, err := root.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	placed := false
	defer func() {
		_ = f.Close() // again, unless something failed
		if !placed {
			_ = root.Remove(part)
		}
	}()
	if replaced, err := root.Lstat(name); err == nil && replaced.Mode().IsRegular() {
		if err := f.Chmod(replaced.Mode().Perm()); err != nil {
			return err
		}
	}
	if _, err := io.Copy(f, content); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := root.Chtimes(part, modTime, modTime); err != nil {
		return err
	}
	err = root.Rename(part, name)
	placed = err == nil
	return err
}
