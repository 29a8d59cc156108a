package files

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"
)

// Pack writes a .tar.gz with all files but the ignored ones, which are patterns
// as in .gitignore. As with Wings, it holds files alone, no folders.
func (s *Store) Pack(w io.Writer, ignored []string) error {
	return s.packNamed(w, ".", []string{"."}, newIgnoreRules(ignored))
}

// packNamed is pack for some of what is in a folder.
func (s *Store) packNamed(w io.Writer, root string, names []string, ignored ignoreRules) error {
	compressed, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(compressed)
	if err := s.packFiles(tarPacker{archive}, root, names, ignored); err != nil {
		return err
	}
	return errors.Join(archive.Close(), compressed.Close())
}

// packZip is packNamed for a .zip.
func (s *Store) packZip(w io.Writer, root string, names []string, ignored ignoreRules) error {
	archive := zip.NewWriter(w)
	if err := s.packFiles(zipPacker{archive}, root, names, ignored); err != nil {
		return err
	}
	return archive.Close()
}

// packer begins a file of an archive, and returns what its content goes to.
type packer interface {
	begin(name string, info fs.FileInfo) (io.Writer, error)
}

type tarPacker struct{ *tar.Writer }

func (p tarPacker) begin(name string, info fs.FileInfo) (io.Writer, error) {
	return p, p.WriteHeader(&tar.Header{
		Typeflag: tar.TypeReg, Name: name, Size: info.Size(), Mode: int64(info.Mode().Perm()), ModTime: info.ModTime(),
	})
}

type zipPacker struct{ *zip.Writer }

func (p zipPacker) begin(name string, info fs.FileInfo) (io.Writer, error) {
	header := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: info.ModTime()}
	header.SetMode(info.Mode().Perm())
	return p.CreateHeader(header)
}

func (s *Store) packFiles(archive packer, root string, names []string, ignored ignoreRules) error {
	for _, name := range names {
		if err := s.packFile(archive, root, strings.Trim(name, "/"), ignored); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) packFile(archive packer, root, name string, ignored ignoreRules) error {
	name = cleanName(name)
	info, err := s.volume.stat(cleanName(root, name))
	if err != nil {
		return nil // what does not exist is passed over
	}
	if name != "." && ignored.match(name, info.IsDir()) {
		return nil
	}
	if info.IsDir() {
		infos, err := s.volume.readDir(cleanName(root, name))
		if err != nil {
			return err
		}
		for _, info := range infos {
			if err := s.packFile(archive, root, cleanName(name, info.Name()), ignored); err != nil {
				return err
			}
		}
		return nil
	}
	f, err := s.volume.open(cleanName(root, name))
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	w, err := archive.begin(name, info)
	if err != nil {
		return err
	}
	_, err = io.CopyN(w, f, info.Size())
	return err
}

// Unpack writes what is in an archive. It takes .zip, .tar, .tar.gz and
// .tar.bz2, whatever the archive is called, and a single file that is compressed
// by gzip or bzip2. It calls each, if there is one, before a file.
func (s *Store) Unpack(archive File, name string, each func(name string)) error {
	return s.unpackInto(".", archive, name, each)
}

// unpackInto is unpack into a folder.
func (s *Store) unpackInto(root string, archive File, name string, each func(name string)) error {
	u := unpacking{store: s, root: root, each: each}
	head := make([]byte, 4)
	if n, err := archive.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	} else if head = head[:n]; bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06")) {
		return u.zip(archive)
	}
	switch {
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		r, err := gzip.NewReader(archive)
		if err != nil {
			return err
		}
		return u.tarOrFile(r, strings.TrimSuffix(name, ".gz"))
	case bytes.HasPrefix(head, []byte("BZh")):
		return u.tarOrFile(bzip2.NewReader(archive), strings.TrimSuffix(name, ".bz2"))
	}
	r := bufio.NewReaderSize(archive, tarBlock)
	if !isTar(r) {
		return errArchive
	}
	return u.tar(r)
}

// tarBlock is the size of a header in a tar.
const tarBlock = 512

func isTar(r *bufio.Reader) bool {
	head, err := r.Peek(tarBlock)
	return err == nil && (bytes.HasPrefix(head[257:], []byte("ustar")) || len(bytes.Trim(head, "\x00")) == 0) // which ends it
}

// unpacking is what writes what is in an archive.
type unpacking struct {
	store *Store
	root  string
	each  func(name string)
}

func (u unpacking) zip(archive File) error {
	size, err := archive.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	r, err := zip.NewReader(archive, size)
	if err != nil {
		return err
	}
	for _, member := range r.File {
		if err := u.zipMember(member); err != nil {
			return err
		}
	}
	return nil
}

func (u unpacking) zipMember(member *zip.File) error {
	f, err := member.Open()
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return u.write(member.Name, member.FileInfo(), f)
}

func (u unpacking) tarOrFile(r io.Reader, name string) error {
	buffered := bufio.NewReaderSize(r, tarBlock)
	if isTar(buffered) {
		return u.tar(buffered)
	}
	temporary, err := os.CreateTemp("", "paneltest-unpack-") // for its size
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temporary.Name()) }()
	defer func() { _ = temporary.Close() }()
	size, err := io.Copy(temporary, buffered)
	if err != nil {
		return err
	}
	if _, err := temporary.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return u.write(name, memoryInfo{name: name, size: size, mode: newFileMode, modified: time.Now()}, temporary)
}

func (u unpacking) tar(r io.Reader) error {
	archive := tar.NewReader(r)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := u.write(header.Name, header.FileInfo(), archive); err != nil {
			return err
		}
	}
}

// write makes a file or folder. Its name cannot lead out of the root.
func (u unpacking) write(name string, info fs.FileInfo, content io.Reader) error {
	name = cleanName(name)
	target := cleanName(u.root, name)
	switch {
	case info.IsDir():
		return u.store.volume.mkdirAll(target)
	case !info.Mode().IsRegular(), u.store.denied.match(target, false):
		return nil
	}
	if u.each != nil {
		u.each(name)
	}
	if err := u.store.writeFrom(target, content, info.Size()); err != nil {
		return err
	}
	if err := u.store.volume.chmod(target, info.Mode()); err != nil {
		return err
	}
	return u.store.volume.chtime(target, info.ModTime())
}
