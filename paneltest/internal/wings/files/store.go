// Package files keeps the files of a server, in memory or in a folder, and does
// with them what Wings does: lists, archives, pulls, quotas and denied files.
package files

import (
	"bytes"
	"cmp"
	"context"
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

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// Config is what a store is made of.
type Config struct {
	Folder string   // "" keeps the files in memory
	Limit  int64    // bytes, 0 for none
	Denied []string // files that may not be touched, as .gitignore has them

	// PelicanTypes names the MIME types of archives as Pelican's Wings does.
	PelicanTypes bool

	// OrderOf111 lists folders in the order of Wings 1.11: files come first.
	OrderOf111 bool

	// Spawn runs a pull in the background, unless all is closed. Context ends it.
	Spawn   func(task func()) bool
	Context context.Context //nolint:containedctx // the life of the daemon

	// Transport carries the pulls. The default is that of net/http, without
	// connections that stay open.
	Transport http.RoundTripper
}

// Store holds the files of one server, and does with them what Wings does.
// It implements [protocol.Files].
type Store struct {
	cfg    Config
	volume volume
	denied ignoreRules
	pulls  chan struct{} // holds an element for each that is under way
}

var _ protocol.Files = (*Store)(nil)

// New returns a store, which may find files in its folder.
func New(cfg Config) *Store {
	s := &Store{cfg: cfg, denied: newIgnoreRules(cfg.Denied), pulls: make(chan struct{}, maxPulls)}
	if cfg.Folder != "" {
		s.volume = &diskVolume{folder: cfg.Folder}
	} else {
		s.volume = new(memoryVolume)
	}
	return s
}

// What Wings says of files.
var (
	ErrDiskFull      = &protocol.Error{Status: http.StatusBadRequest, Message: "There is not enough disk space available to perform that action."}
	errDenied        = &protocol.Error{Status: http.StatusForbidden, Message: "This file cannot be modified: present in egg denylist."}
	errNotFolder     = &protocol.Error{Status: http.StatusBadRequest, Message: "Part of the path being created is not a directory (ENOTDIR)."}
	errTargetExists  = &protocol.Error{Status: http.StatusBadRequest, Message: "Cannot move or rename file, destination already exists."}
	errFileMode      = &protocol.Error{Status: http.StatusBadRequest, Message: "Invalid file mode."}
	errNothingPacked = &protocol.Error{Status: http.StatusUnprocessableEntity, Message: "No files were passed through the request body."}
	errArchive       = &protocol.Error{Status: http.StatusBadRequest, Message: "The archive provided is in a format Wings does not understand."}
	errManyPulls     = &protocol.Error{Status: http.StatusBadRequest, Message: "This server has reached its limit of 3 simultaneous remote file downloads at once, please wait for one to complete before trying again."}

	// errFolderContents is what the Panel makes of an answer that breaks off.
	errFolderContents = &protocol.Error{Status: http.StatusBadGateway, Message: protocol.ErrUnexpected.Message, Sent: http.StatusOK}
)

// cleanName returns the name that a volume knows something by.
func cleanName(elements ...string) string {
	if name := path.Join("/", path.Join(elements...)); name != "/" {
		return name[1:]
	}
	return "."
}

// answered returns the error that Wings answers with.
func answered(err error) error {
	var known *protocol.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return known
	}
	return protocol.ErrUnexpected
}

func (s *Store) entry(folder string, info fs.FileInfo) protocol.File {
	entry := protocol.File{
		Name: info.Name(), Mode: info.Mode().String(), ModeBits: strconv.FormatUint(uint64(info.Mode().Perm()), 8),
		Size: info.Size(), IsFile: !info.IsDir(), MIMEType: "inode/directory",
		Created: info.ModTime(), Modified: info.ModTime(),
	}
	if entry.IsFile {
		entry.MIMEType = s.mimeType(cleanName(folder, info.Name()))
	}
	return entry
}

// mimeType looks into a file.
func (s *Store) mimeType(name string) string {
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
	switch found := http.DetectContentType(head[:n]); {
	case n == 0:
		return "text/plain"
	case found == "application/x-gzip":
		return "application/gzip"
	default:
		return found
	}
}

// List returns what is in a folder, by name and folders first, or in the order of
// Wings 1.11.
func (s *Store) List(dir string) ([]protocol.File, error) {
	dir = cleanName(dir)
	infos, err := s.volume.readDir(dir)
	if err != nil {
		return nil, answered(err)
	}
	entries := make([]protocol.File, len(infos))
	for i, info := range infos {
		entries[i] = s.entry(dir, info)
	}
	slices.SortFunc(entries, func(a, b protocol.File) int { return strings.Compare(a.Name, b.Name) })
	order := foldersFirst
	if s.cfg.OrderOf111 {
		order = orderOf111
	}
	slices.SortStableFunc(entries, order)
	return entries, nil
}

func foldersFirst(a, b protocol.File) int {
	switch {
	case a.IsFile == b.IsFile:
		return 0
	case a.IsFile:
		return 1
	}
	return -1
}

// orderOf111 takes a file for less than anything, another file too. So the
// sorting puts files before folders, and up to twenty of them backwards. What it
// makes of more depends on how it goes about them, which is the same in Wings.
func orderOf111(a, b protocol.File) int {
	switch {
	case a.IsFile:
		return -1
	case b.IsFile:
		return 1
	}
	return 0
}

// Open opens a file, and tells of it. A folder is described and not opened.
func (s *Store) Open(name string) (File, fs.FileInfo, error) {
	name = cleanName(name)
	info, err := s.volume.stat(name)
	if err != nil || info.IsDir() {
		return nil, info, err
	}
	f, err := s.volume.open(name)
	return f, info, err
}

// Read returns the contents of a file.
func (s *Store) Read(name string) ([]byte, error) {
	info, err := s.volume.stat(cleanName(name))
	if err == nil && info.IsDir() {
		return nil, errFolderContents
	}
	if err != nil {
		return nil, answered(err)
	}
	f, err := s.volume.open(cleanName(name))
	if err != nil {
		return nil, answered(err)
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(f)
	return content, answered(err)
}

// Write makes or replaces a file, and the folders that it is in.
func (s *Store) Write(name string, content []byte) error {
	return s.writeFrom(name, bytes.NewReader(content), int64(len(content)))
}

// writeFrom is write for a reader with a known number of bytes.
func (s *Store) writeFrom(name string, r io.Reader, size int64) error {
	name = cleanName(name)
	if s.denied.match(name, false) {
		return errDenied
	}
	if info, err := s.volume.stat(name); err == nil {
		if info.IsDir() {
			return protocol.ErrIsFolder
		}
		size -= info.Size()
	}
	if size > 0 && !s.HasRoom(size) {
		return ErrDiskFull
	}
	if err := s.volume.mkdirAll(path.Dir(name)); err != nil {
		return answered(err)
	}
	w, err := s.volume.create(name)
	if err != nil {
		return answered(err)
	}
	if _, err := io.Copy(w, r); err != nil {
		_ = w.Close() // the first error is the reason
		return answered(err)
	}
	return answered(w.Close())
}

// Rename moves files and folders. It passes over those that do not exist.
func (s *Store) Rename(root string, files []protocol.Rename) error {
	for _, file := range files {
		from, to := cleanName(root, file.From), cleanName(root, file.To)
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
			return answered(err)
		}
		if err := s.volume.rename(from, to); err != nil {
			return answered(err)
		}
	}
	return nil
}

// maxCopies is how many names a copy may have.
const maxCopies = 50

// Copy makes "name copy.ext" of a file, or "name copy 1.ext" and so on.
func (s *Store) Copy(location string) error {
	location = cleanName(location)
	info, err := s.volume.stat(location)
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return answered(err)
	}
	f, err := s.volume.open(location)
	if err != nil {
		return answered(err)
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

// Delete removes files and folders. It passes over those that do not exist.
func (s *Store) Delete(root string, names []string) error {
	for _, name := range names {
		name = cleanName(root, name)
		if name == "." {
			return protocol.ErrUnexpected
		}
		if s.denied.match(name, false) {
			return errDenied
		}
		if err := s.volume.removeAll(name); err != nil {
			return answered(err)
		}
	}
	return nil
}

// Clear removes everything.
func (s *Store) Clear() {
	infos, err := s.volume.readDir(".")
	if err != nil {
		return // there is nothing
	}
	for _, info := range infos {
		_ = s.volume.removeAll(info.Name()) // what is in use stays
	}
}

// Mkdir makes a folder, and those that it is in. It may exist.
func (s *Store) Mkdir(root, name string) error {
	err := s.volume.mkdirAll(cleanName(root, name))
	if errors.Is(err, syscall.ENOTDIR) {
		return errNotFolder
	}
	return answered(err)
}

// Chmod gives files modes. It passes over those that do not exist.
func (s *Store) Chmod(root string, modes []protocol.Mode) error {
	parsed := make([]fs.FileMode, len(modes))
	for i, mode := range modes {
		bits, err := strconv.ParseUint(mode.Mode, 8, 32)
		if err != nil {
			return errFileMode
		}
		parsed[i] = fs.FileMode(bits)
	}
	for i, mode := range modes {
		if err := s.volume.chmod(cleanName(root, mode.File), parsed[i]); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return answered(err)
		}
	}
	return nil
}

// Compress makes an archive of files and folders, in the folder that they are
// in. Its name has the time in whole seconds, unless it is given one. It passes
// over what does not exist. All kinds but zip are compressed by gzip, also those
// whose name promises something else: nothing here could write that.
func (s *Store) Compress(root string, names []string, as protocol.ArchiveName) (protocol.File, error) {
	root = cleanName(root)
	if len(names) == 0 {
		return protocol.File{}, errNothingPacked
	}
	name := cmp.Or(as.Name, "archive-"+strings.ReplaceAll(time.Now().UTC().Format(time.RFC3339), ":", ""))
	target := cleanName(root, name+"."+cmp.Or(as.Extension, "tar.gz"))
	pack := s.packNamed
	if as.Extension == "zip" {
		pack = s.packZip
	}
	var archive bytes.Buffer
	if err := pack(&archive, root, names, nil); err != nil {
		return protocol.File{}, answered(err)
	}
	if err := s.Write(target, archive.Bytes()); err != nil {
		return protocol.File{}, err
	}
	info, err := s.volume.stat(target)
	if err != nil {
		return protocol.File{}, answered(err)
	}
	entry := s.entry(root, info)
	if !s.cfg.PelicanTypes {
		entry.MIMEType = "application/tar+gzip"
	}
	return entry, nil
}

// Decompress unpacks an archive into a folder.
func (s *Store) Decompress(root, file string) error {
	name := cleanName(root, file)
	f, err := s.volume.open(name)
	if err != nil {
		return answered(err)
	}
	defer func() { _ = f.Close() }()
	return answered(s.unpackInto(cleanName(root), f, path.Base(name), nil))
}

// Usage returns the bytes of all files.
func (s *Store) Usage() int64 { return s.volume.used() }

// HasRoom reports whether some bytes more are within the limit.
func (s *Store) HasRoom(more int64) bool {
	return s.cfg.Limit <= 0 || s.Usage()+more <= s.cfg.Limit
}

// IgnoreFile returns the lines of the file that says what backups leave out.
func (s *Store) IgnoreFile() []string {
	content, err := s.Read(".pteroignore")
	if err != nil {
		return nil // mostly there is none
	}
	return strings.Split(string(content), "\n")
}
