package foldersync

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path"
	"strings"
	"time"
)

// Packer writes files of a folder into a .tar.gz.
type Packer struct {
	// Root is the folder.
	Root *os.Root

	// Mode returns the permission bits for a file in the archive.
	Mode func(name string) int64

	// Progress is called with the number of bytes of a file that have been read.
	Progress func(name string, done int64)

	// Unreadable is called for a file that cannot be opened, which is left out
	// of the archive.
	Unreadable func(name string, err error)
}

// Pack writes the files into w. A file that grows meanwhile is packed in its
// original size; one that shrinks ends the archive with an error.
func (p *Packer) Pack(w io.Writer, files []string) error {
	compressed, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(compressed)
	for _, name := range files {
		if err := p.file(archive, name); err != nil {
			return err
		}
	}
	if err := archive.Close(); err != nil {
		return err
	}
	return compressed.Close()
}

func (p *Packer) file(archive *tar.Writer, name string) error {
	f, size, modTime, err := OpenRegular(p.Root, name)
	if err != nil {
		p.Unreadable(name, err)
		return nil
	}
	defer func() { _ = f.Close() }()
	header := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: p.Mode(name), ModTime: Seconds(modTime)}
	if err := archive.WriteHeader(header); err != nil {
		return fmt.Errorf("pack %s: %w", name, err)
	}
	content := &CountingReader{Reader: f, Count: func(done int64) { p.Progress(name, done) }}
	if _, err := io.CopyN(archive, content, size); err != nil {
		return fmt.Errorf("pack %s: %w", name, err)
	}
	return nil
}

// OpenRegular opens a file of a folder. A link, even to a file, is refused.
func OpenRegular(root *os.Root, name string) (f *os.File, size int64, modTime time.Time, err error) {
	info, err := root.Lstat(name)
	if err == nil && !info.Mode().IsRegular() {
		err = &os.PathError{Op: "open", Path: name, Err: errors.New("not a regular file")}
	}
	if err != nil {
		return nil, 0, time.Time{}, err
	}
	if f, err = root.Open(name); err != nil {
		return nil, 0, time.Time{}, err
	}
	if info, err = f.Stat(); err != nil {
		_ = f.Close()
		return nil, 0, time.Time{}, err
	}
	return f, info.Size(), info.ModTime(), nil
}

// CountingReader calls Count with the number of bytes that have been read from it.
// It ends a reader that never makes progress with [io.ErrNoProgress].
type CountingReader struct {
	io.Reader
	Count func(done int64)
	Done  int64

	empty int // reads in a row that returned nothing
}

// mostEmptyReads is how many reads in a row may return neither bytes nor an error.
const mostEmptyReads = 100

func (r *CountingReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	switch {
	case n > 0:
		r.empty = 0
		r.Done += int64(n)
		r.Count(r.Done)
	case err == nil && len(p) > 0:
		if r.empty++; r.empty >= mostEmptyReads {
			return 0, io.ErrNoProgress
		}
	}
	return n, err
}

// Member is a regular file in an archive. Its content can be read until the next
// one is requested.
type Member struct {
	Name    string
	Size    int64
	ModTime time.Time
	Content io.Reader
}

// ErrTooLarge says that an archive unpacks to more than it may.
var ErrTooLarge = errors.New("the archive holds far more than the list of the folder said")

// Members iterates over the regular files of a .tar.gz. It skips links, devices
// and folders, and names that contain dot elements; the caller decides which of
// the others it wants. The archive may unpack to at most limit bytes. An error
// ends the iteration.
func Members(archive io.Reader, limit int64) iter.Seq2[Member, error] {
	return func(yield func(Member, error) bool) {
		uncompressed, err := gzip.NewReader(archive)
		if err != nil {
			yield(Member{}, err)
			return
		}
		members := tar.NewReader(&boundedReader{uncompressed, limit})
		for {
			header, err := members.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(Member{}, err)
				return
			}
			name := strings.TrimPrefix(header.Name, "./")
			if header.Typeflag != tar.TypeReg || path.Clean("/"+name) != "/"+name {
				continue
			}
			if !yield(Member{name, header.Size, header.ModTime, members}, nil) {
				return
			}
		}
	}
}

// boundedReader fails once too much was read.
type boundedReader struct {
	io.Reader
	left int64
}

func (r *boundedReader) Read(p []byte) (int, error) {
	if r.left <= 0 {
		return 0, ErrTooLarge
	}
	n, err := r.Reader.Read(p[:min(int64(len(p)), r.left)])
	r.left -= int64(n)
	return n, err
}

// UnpackLimit returns how many bytes an archive of files with a total size may
// unpack to, including headers, padding, and files that grew or appeared since
// they were listed.
func UnpackLimit(files int, bytes int64) int64 { return 2*bytes + 8192*int64(files) + 16<<20 }
