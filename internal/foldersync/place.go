package foldersync

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"time"
)

// TemporaryName returns a name for a temporary file that is practically unique.
func TemporaryName(suffix string) string { return ".ptero-" + rand.Text() + suffix }

// IsTemporary reports whether a path is that of a temporary file.
func IsTemporary(name string) bool { return temporaryName.MatchString(path.Base(name)) }

var temporaryName = regexp.MustCompile(`^\.ptero-[A-Z2-7]{26,}\.(part|tar\.gz)$`)

// Placing configures how [Place] writes a file.
type Placing struct {
	// Size is the number of bytes that the content must have, or -1 for any
	// number.
	Size int64

	// Overwrite replaces an existing file, keeping its permission bits. Without
	// it, an existing file gives an error that matches [os.ErrExist].
	Overwrite bool

	// ModTime is the modification time to set; the zero time means now.
	ModTime time.Time
}

// Place writes content into a file of a folder. The content goes into a
// temporary file beside it first, which is renamed once all of it is on the
// disk: there is never half a file under the name, not even after a power
// failure.
func Place(root *os.Root, name string, content io.Reader, how Placing) error {
	there, err := root.Lstat(name)
	if err == nil && !how.Overwrite {
		return errExists(root, name)
	}
	partName := path.Join(path.Dir(name), TemporaryName(".part"))
	part, err := root.OpenFile(partName, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	defer func() {
		_ = part.Close()
		_ = root.Remove(partName) // unless it was renamed
	}()
	if there != nil && there.Mode().IsRegular() {
		if err := part.Chmod(there.Mode().Perm()); err != nil {
			return err
		}
	}
	written, err := io.Copy(part, content)
	if err != nil {
		return err
	}
	if how.Size >= 0 && written != how.Size {
		return fmt.Errorf("save %s: got %d bytes of %d", name, written, how.Size)
	}
	return complete(part, func() error {
		if !how.ModTime.IsZero() {
			if err := root.Chtimes(partName, how.ModTime, how.ModTime); err != nil {
				return err
			}
		}
		return putInPlace(root, partName, name, how.Overwrite)
	})
}

// complete renames a file once its content is on the disk: after a power failure
// there is either the old file or the new one.
func complete(part interface {
	Sync() error
	io.Closer
}, rename func() error,
) error {
	if err := part.Sync(); err != nil {
		return err
	}
	if err := part.Close(); err != nil {
		return err
	}
	return rename()
}

// putInPlace renames a temporary file.
func putInPlace(root *os.Root, partName, name string, overwrite bool) error {
	if !overwrite {
		switch err := root.Link(partName, name); { // fails if there is a file by now
		case err == nil:
			return nil
		case errors.Is(err, os.ErrExist):
			return errExists(root, name)
		}
		// A file system without links.
	}
	return root.Rename(partName, name)
}

func errExists(root *os.Root, name string) error {
	return &os.PathError{Op: "save", Path: filepath.Join(root.Name(), name), Err: os.ErrExist}
}

// SyncNames syncs the names in a folder to the disk, where the system supports
// that. Without it, a power failure may bring an old file back, but never half
// of one.
func SyncNames(root *os.Root, folder string) {
	if f, err := root.Open(folder); err == nil {
		_ = f.Sync()
		_ = f.Close()
	}
}
