package files

import (
	"io"
	"io/fs"
	"time"
)

// volume is what files are kept in. Names are those of io/fs: "." for the root,
// "a/b" below it. Errors are those of package os.
type volume interface {
	stat(name string) (fs.FileInfo, error)
	readDir(name string) ([]fs.FileInfo, error)
	open(name string) (File, error)

	// create empties the file if there is one. Its folder must exist.
	create(name string) (io.WriteCloser, error)
	mkdirAll(name string) error
	rename(from, to string) error
	removeAll(name string) error
	chmod(name string, mode fs.FileMode) error
	chtime(name string, modified time.Time) error

	// used returns the bytes of all files.
	used() int64
}

// File is a file to be read.
type File interface {
	io.ReadSeekCloser
	io.ReaderAt
}

// The modes of what is made.
const (
	newFileMode   = 0o644
	newFolderMode = 0o755
)
