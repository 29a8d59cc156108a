package paneltest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// fileStore holds the files of one machine, and does with them what Wings does.
// Names are absolute or not, and never lead out of it. Its errors are
// *daemonError.
type fileStore struct {
	daemon *daemon
	volume volume
	limit  int64 // bytes, 0 for none
	denied ignoreRules
	pulls  chan struct{} // holds an element for each that is under way
}

func newFileStore(d *daemon, uuid string, limit int64, denied []string) *fileStore {
	s := &fileStore{daemon: d, limit: limit, denied: newIgnoreRules(denied), pulls: make(chan struct{}, maxPulls)}
	if folder := d.folder(uuid); folder != "" {
		s.volume = &diskVolume{folder: folder}
	} else {
		s.volume = new(memoryVolume)
	}
	return s
}

// What Wings says of files.
var (
	errDiskFull      = &daemonError{http.StatusBadRequest, "There is not enough disk space available to perform that action."}
	errDenied        = &daemonError{http.StatusForbidden, "This file cannot be modified: present in egg denylist."}
	errIsFolder      = &daemonError{http.StatusBadRequest, "Cannot write file, name conflicts with an existing directory by the same name."}
	errNotFolder     = &daemonError{http.StatusBadRequest, "Part of the path being created is not a directory (ENOTDIR)."}
	errTargetExists  = &daemonError{http.StatusBadRequest, "Cannot move or rename file, destination already exists."}
	errFileMode      = &daemonError{http.StatusBadRequest, "Invalid file mode."}
	errNothingPacked = &daemonError{http.StatusUnprocessableEntity, "No files were passed through the request body."}
	errArchive       = &daemonError{http.StatusBadRequest, "The archive provided is in a format Wings does not understand."}
	errManyPulls     = &daemonError{http.StatusBadRequest, "This server has reached its limit of 3 simultaneous remote file downloads at once, please wait for one to complete before trying again."}

	// errFolderContents is what the Panel makes of an answer that breaks off.
	errFolderContents = &daemonError{http.StatusBadGateway, errUnexpected.message}
)

// fileName returns the name that a volume knows something by.
func fileName(elements ...string) string {
	if name := path.Join("/", path.Join(elements...)); name != "/" {
		return name[1:]
	}
	return "."
}

// fileError returns the error that Wings answers with.
func fileError(err error) error {
	var known *daemonError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return known
	}
	return errUnexpected
}

// fileEntry is a file in a list.
type fileEntry struct {
	Name              string
	Mode              string // -rw-r--r--
	ModeBits          string // 644
	Size              int64
	IsFile, IsSymlink bool
	MIMEType          string
	Created, Modified time.Time
}

func (s *fileStore) entry(folder string, info fs.FileInfo) fileEntry {
	entry := fileEntry{
		Name: info.Name(), Mode: info.Mode().String(), ModeBits: strconv.FormatUint(uint64(info.Mode().Perm()), 8),
		Size: info.Size(), IsFile: !info.IsDir(), MIMEType: "inode/directory",
		Created: info.ModTime(), Modified: info.ModTime(),
	}
	if entry.IsFile {
		entry.MIMEType = s.mimeType(fileName(folder, info.Name()))
	}
	return entry
}

// mimeType looks into a file.
func (s *fileStore) mimeType(name string) string {
	f, err := s.volume.open(name)
	if err != nil {
		return "application/octet-stream"
	}
	defer func() { _ = f.Close() }()
	head := make([]byte, 512)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return "application/octet-stream"
	}
	if found := http.DetectContentType(head[:n]); found != "application/x-gzip" {
		return found
	}
	return "application/gzip"
}

// list returns what is in a folder, folders first.
func (s *fileStore) list(dir string) ([]fileEntry, error) {
	dir = fileName(dir)
	infos, err := s.volume.readDir(dir)
	if err != nil {
		return nil, fileError(err)
	}
	entries := make([]fileEntry, len(infos))
	for i, info := range infos {
		entries[i] = s.entry(dir, info)
	}
	slices.SortStableFunc(entries, func(a, b fileEntry) int {
		switch {
		case !a.IsFile && b.IsFile:
			return -1
		case a.IsFile && !b.IsFile:
			return 1
		}
		return strings.Compare(a.Name, b.Name)
	})
	return entries, nil
}

// read returns the contents of a file.
func (s *fileStore) read(name string) ([]byte, error) {
	info, err := s.volume.stat(fileName(name))
	if err == nil && info.IsDir() {
		return nil, errFolderContents
	}
	if err != nil {
		return nil, fileError(err)
	}
	f, err := s.volume.open(fileName(name))
	if err != nil {
		return nil, fileError(err)
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(f)
	return content, fileError(err)
}

// write makes or replaces a file, and the folders that it is in.
func (s *fileStore) write(name string, content []byte) error {
	return s.writeFrom(name, bytes.NewReader(content), int64(len(content)))
}

// writeFrom is write for a reader with a known number of bytes.
func (s *fileStore) writeFrom(name string, r io.Reader, size int64) error {
	name = fileName(name)
	if s.denied.match(name, false) {
		return errDenied
	}
	if info, err := s.volume.stat(name); err == nil {
		if info.IsDir() {
			return errIsFolder
		}
		size -= info.Size()
	}
	if size > 0 && !s.hasRoom(size) {
		return errDiskFull
	}
	if err := s.volume.mkdirAll(path.Dir(name)); err != nil {
		return fileError(err)
	}
	w, err := s.volume.create(name)
	if err != nil {
		return fileError(err)
	}
	if _, err := io.Copy(w, r); err != nil {
		_ = w.Close() // the first error is the reason
		return fileError(err)
	}
	return fileError(w.Close())
}

// fileRename moves a file or folder to another name.
type fileRename struct{ From, To string }

// rename moves files and folders. It passes over those that do not exist.
func (s *fileStore) rename(root string, files []fileRename) error {
	for _, file := range files {
		from, to := fileName(root, file.From), fileName(root, file.To)
		if s.denied.match(from, false) || s.denied.match(to, false) {
			return errDenied
		}
		if _, err := s.volume.stat(from); err != nil {
			continue
		}
		if _, err := s.volume.stat(to); err == nil {
			return errTargetExists
		}
		if err := s.volume.mkdirAll(path.Dir(to)); err != nil {
			return fileError(err)
		}
		if err := s.volume.rename(from, to); err != nil {
			return fileError(err)
		}
	}
	return nil
}

// maxCopies is how many names a copy may have.
const maxCopies = 50

// copy makes "name copy.ext" of a file, or "name copy 1.ext" and so on.
func (s *fileStore) copy(location string) error {
	location = fileName(location)
	info, err := s.volume.stat(location)
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return fileError(err)
	}
	f, err := s.volume.open(location)
	if err != nil {
		return fileError(err)
	}
	defer func() { _ = f.Close() }()
	extension := path.Ext(location)
	stem := strings.TrimSuffix(location, extension)
	if before, ok := strings.CutSuffix(stem, ".tar"); ok {
		stem, extension = before, ".tar"+extension
	}
	target := stem + " copy" + extension
	for i := 1; ; i++ {
		if _, err := s.volume.stat(target); err != nil {
			break
		}
		if i == maxCopies {
			target = stem + "copy." + time.Now().Format(time.RFC3339) + extension
			break
		}
		target = fmt.Sprintf("%s copy %d%s", stem, i, extension)
	}
	return s.writeFrom(target, f, info.Size())
}

// delete removes files and folders. It passes over those that do not exist.
func (s *fileStore) delete(root string, names []string) error {
	for _, name := range names {
		name = fileName(root, name)
		if name == "." {
			return errUnexpected
		}
		if s.denied.match(name, false) {
			return errDenied
		}
		if err := s.volume.removeAll(name); err != nil {
			return fileError(err)
		}
	}
	return nil
}

// clear removes everything.
func (s *fileStore) clear() {
	infos, err := s.volume.readDir(".")
	if err != nil {
		return // there is nothing
	}
	for _, info := range infos {
		_ = s.volume.removeAll(info.Name()) // what is in use stays
	}
}

// mkdir makes a folder, and those that it is in. It may exist.
func (s *fileStore) mkdir(root, name string) error {
	err := s.volume.mkdirAll(fileName(root, name))
	if errors.Is(err, syscall.ENOTDIR) {
		return errNotFolder
	}
	return fileError(err)
}

// fileMode gives a file a mode.
type fileMode struct {
	File string
	Mode string // octal digits
}

// chmod gives files modes. It passes over those that do not exist.
func (s *fileStore) chmod(root string, modes []fileMode) error {
	parsed := make([]fs.FileMode, len(modes))
	for i, mode := range modes {
		bits, err := strconv.ParseUint(mode.Mode, 8, 32)
		if err != nil {
			return errFileMode
		}
		parsed[i] = fs.FileMode(bits)
	}
	for i, mode := range modes {
		if err := s.volume.chmod(fileName(root, mode.File), parsed[i]); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fileError(err)
		}
	}
	return nil
}

// compress makes an archive of files and folders, in the folder that they are
// in. Its name has the time in whole seconds. It passes over what does not exist.
func (s *fileStore) compress(root string, names []string) (fileEntry, error) {
	root = fileName(root)
	if len(names) == 0 {
		return fileEntry{}, errNothingPacked
	}
	target := fileName(root, "archive-"+strings.ReplaceAll(time.Now().UTC().Format(time.RFC3339), ":", "")+".tar.gz")
	var archive bytes.Buffer
	if err := s.pack(&archive, root, names, nil); err != nil {
		return fileEntry{}, fileError(err)
	}
	if err := s.write(target, archive.Bytes()); err != nil {
		return fileEntry{}, err
	}
	info, err := s.volume.stat(target)
	if err != nil {
		return fileEntry{}, fileError(err)
	}
	entry := s.entry(root, info)
	entry.MIMEType = "application/tar+gzip"
	return entry, nil
}

// decompress unpacks an archive into a folder.
func (s *fileStore) decompress(root, file string) error {
	name := fileName(root, file)
	f, err := s.volume.open(name)
	if err != nil {
		return fileError(err)
	}
	defer func() { _ = f.Close() }()
	return fileError(s.unpack(f, path.Base(name), fileName(root), nil))
}

// usage returns the bytes of all files.
func (s *fileStore) usage() int64 { return s.volume.used() }

// hasRoom tells whether some bytes more are within the limit.
func (s *fileStore) hasRoom(more int64) bool { return s.limit <= 0 || s.usage()+more <= s.limit }

// ignoreFile returns the lines of the file that says what backups leave out.
func (s *fileStore) ignoreFile() []string {
	content, err := s.read(".pteroignore")
	if err != nil {
		return nil // mostly there is none
	}
	return strings.Split(string(content), "\n")
}
