package files

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"
)

// diskVolume keeps files in a folder, out of which no name leads.
type diskVolume struct {
	folder string

	mu       sync.Mutex
	bytes    int64
	measured time.Time // zero if the bytes are no longer right
}

// in calls a function with the folder, which is made if need be.
func (v *diskVolume) in(f func(root *os.Root) error) error {
	if err := os.MkdirAll(v.folder, newFolderMode); err != nil {
		return err
	}
	root, err := os.OpenRoot(v.folder)
	if err != nil {
		return err
	}
	return errors.Join(f(root), root.Close())
}

// change is like in, for what changes the bytes in use.
func (v *diskVolume) change(f func(root *os.Root) error) error {
	defer v.forget()
	return v.in(f)
}

func (v *diskVolume) forget() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.measured = time.Time{}
}

func (v *diskVolume) stat(name string) (info fs.FileInfo, err error) {
	err = v.in(func(root *os.Root) error {
		info, err = root.Stat(name)
		return err
	})
	return info, err
}

func (v *diskVolume) readDir(name string) (infos []fs.FileInfo, err error) {
	err = v.in(func(root *os.Root) error {
		entries, err := fs.ReadDir(root.FS(), name)
		for _, entry := range entries {
			info, err := entry.Info()
			if err == nil { // else it is gone by now
				infos = append(infos, info)
			}
		}
		return err
	})
	return infos, err
}

func (v *diskVolume) open(name string) (file File, err error) {
	err = v.in(func(root *os.Root) error {
		f, err := root.Open(name)
		if err != nil {
			return err
		}
		file = f
		return nil
	})
	return file, err
}

// diskWriter is a file whose size is not known before it is closed.
type diskWriter struct {
	*os.File
	volume *diskVolume
}

// Close implements [io.Closer].
func (w diskWriter) Close() error {
	defer w.volume.forget()
	return w.File.Close()
}

func (v *diskVolume) create(name string) (w io.WriteCloser, err error) {
	err = v.change(func(root *os.Root) error {
		f, err := root.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, newFileMode)
		if err != nil {
			return err
		}
		w = diskWriter{f, v}
		return nil
	})
	return w, err
}

func (v *diskVolume) mkdirAll(name string) error {
	return v.change(func(root *os.Root) error { return root.MkdirAll(name, newFolderMode) })
}

func (v *diskVolume) rename(from, to string) error {
	return v.change(func(root *os.Root) error { return root.Rename(from, to) })
}

func (v *diskVolume) removeAll(name string) error {
	return v.change(func(root *os.Root) error { return root.RemoveAll(name) })
}

func (v *diskVolume) chmod(name string, mode fs.FileMode) error {
	return v.change(func(root *os.Root) error { return root.Chmod(name, mode) })
}

func (v *diskVolume) chtime(name string, modified time.Time) error {
	return v.change(func(root *os.Root) error { return root.Chtimes(name, modified, modified) })
}

// measuredFor is how long the bytes in use are taken to be right, as others may
// change the files too.
const measuredFor = 10 * time.Second

func (v *diskVolume) used() int64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.measured.IsZero() && time.Since(v.measured) < measuredFor {
		return v.bytes
	}
	var total int64
	err := v.in(func(root *os.Root) error {
		return fs.WalkDir(root.FS(), ".", func(_ string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return nil //nolint:nilerr // it is gone by now
			}
			if info, err := entry.Info(); err == nil {
				total += info.Size()
			}
			return nil
		})
	})
	if err != nil {
		return v.bytes
	}
	v.bytes, v.measured = total, time.Now()
	return total
}
