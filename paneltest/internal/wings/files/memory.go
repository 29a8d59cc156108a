package files

import (
	"bytes"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// memoryVolume keeps files in memory.
type memoryVolume struct {
	mu    sync.RWMutex
	root  *memoryItem // nil while there is nothing
	bytes int64
}

// memoryItem is a file or a folder.
type memoryItem struct {
	mode     fs.FileMode
	modified time.Time
	data     []byte                 // is replaced, never changed
	children map[string]*memoryItem // of a folder
}

// memoryInfo describes a node as it was.
type memoryInfo struct {
	name     string
	size     int64
	mode     fs.FileMode
	modified time.Time
}

func (i memoryInfo) Name() string       { return i.name }
func (i memoryInfo) Size() int64        { return i.size }
func (i memoryInfo) Mode() fs.FileMode  { return i.mode }
func (i memoryInfo) ModTime() time.Time { return i.modified }
func (i memoryInfo) IsDir() bool        { return i.mode.IsDir() }
func (i memoryInfo) Sys() any           { return nil }

func newMemoryFolder() *memoryItem {
	return &memoryItem{mode: fs.ModeDir | newFolderMode, modified: time.Now(), children: make(map[string]*memoryItem)}
}

// folderSize is what a folder itself is said to have.
const folderSize = 4096

func (n *memoryItem) info(name string) memoryInfo {
	info := memoryInfo{name: path.Base(name), size: int64(len(n.data)), mode: n.mode, modified: n.modified}
	if n.mode.IsDir() {
		info.size = folderSize
	}
	return info
}

// find returns a node. The caller holds mu.
func (v *memoryVolume) find(name string) (*memoryItem, error) {
	node := v.root
	if node == nil {
		if name != "." {
			return nil, fs.ErrNotExist
		}
		return newMemoryFolder(), nil
	}
	if name == "." {
		return node, nil
	}
	for part := range strings.SplitSeq(name, "/") {
		if !node.mode.IsDir() {
			return nil, syscall.ENOTDIR
		}
		if node = node.children[part]; node == nil {
			return nil, fs.ErrNotExist
		}
	}
	return node, nil
}

// findFolder returns the folder that a name is in, and what it is there. The
// caller holds mu.
func (v *memoryVolume) findFolder(name string) (folder *memoryItem, base string, err error) {
	if folder, err = v.find(path.Dir(name)); err == nil && !folder.mode.IsDir() {
		err = syscall.ENOTDIR
	}
	return folder, path.Base(name), err
}

func (v *memoryVolume) stat(name string) (fs.FileInfo, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	node, err := v.find(name)
	if err != nil {
		return nil, err
	}
	return node.info(name), nil
}

func (v *memoryVolume) readDir(name string) ([]fs.FileInfo, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	node, err := v.find(name)
	if err == nil && !node.mode.IsDir() {
		err = syscall.ENOTDIR
	}
	if err != nil {
		return nil, err
	}
	infos := make([]fs.FileInfo, 0, len(node.children))
	for _, base := range slices.Sorted(maps.Keys(node.children)) {
		infos = append(infos, node.children[base].info(base))
	}
	return infos, nil
}

// memoryReader reads a file as it was when it was opened.
type memoryReader struct{ *bytes.Reader }

// Close implements [io.Closer].
func (memoryReader) Close() error { return nil }

// NewReader returns a file that is not in any volume.
func NewReader(content []byte) File { return memoryReader{bytes.NewReader(content)} }

func (v *memoryVolume) open(name string) (File, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	node, err := v.find(name)
	if err == nil && node.mode.IsDir() {
		err = syscall.EISDIR
	}
	if err != nil {
		return nil, err
	}
	return memoryReader{bytes.NewReader(node.data)}, nil
}

// memoryWriter collects a file, which appears when it is closed.
type memoryWriter struct {
	bytes.Buffer
	volume *memoryVolume
	name   string
}

// Close implements [io.Closer].
func (w *memoryWriter) Close() error {
	w.volume.mu.Lock()
	defer w.volume.mu.Unlock()
	folder, base, err := w.volume.findFolder(w.name)
	if err != nil {
		return err
	}
	node := folder.children[base]
	switch {
	case node == nil:
		node = &memoryItem{mode: newFileMode}
		folder.children[base] = node
	case node.mode.IsDir():
		return syscall.EISDIR
	}
	w.volume.bytes += int64(w.Len()) - int64(len(node.data))
	node.data, node.modified = w.Bytes(), time.Now()
	return nil
}

func (v *memoryVolume) create(name string) (io.WriteCloser, error) {
	return &memoryWriter{volume: v, name: name}, nil
}

func (v *memoryVolume) mkdirAll(name string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.root == nil {
		v.root = newMemoryFolder()
	}
	node := v.root
	if name == "." {
		return nil
	}
	for part := range strings.SplitSeq(name, "/") {
		child := node.children[part]
		if child == nil {
			child = newMemoryFolder()
			node.children[part] = child
		}
		if !child.mode.IsDir() {
			return syscall.ENOTDIR
		}
		node = child
	}
	return nil
}

func (v *memoryVolume) rename(from, to string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	source, sourceBase, err := v.findFolder(from)
	if err != nil {
		return err
	}
	node := source.children[sourceBase]
	if node == nil {
		return fs.ErrNotExist
	}
	if strings.HasPrefix(to+"/", from+"/") {
		return syscall.EINVAL // a folder cannot go into itself
	}
	target, targetBase, err := v.findFolder(to)
	if err != nil {
		return err
	}
	if replaced := target.children[targetBase]; replaced != nil {
		v.bytes -= replaced.total()
	}
	delete(source.children, sourceBase)
	target.children[targetBase] = node
	return nil
}

// total returns the bytes of all files in a node.
func (n *memoryItem) total() int64 {
	total := int64(len(n.data))
	for _, child := range n.children {
		total += child.total()
	}
	return total
}

func (v *memoryVolume) removeAll(name string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	folder, base, err := v.findFolder(name)
	if err != nil || folder.children[base] == nil {
		return nil // what does not exist is removed
	}
	v.bytes -= folder.children[base].total()
	delete(folder.children, base)
	return nil
}

func (v *memoryVolume) chmod(name string, mode fs.FileMode) error {
	return v.change(name, func(node *memoryItem) { node.mode = node.mode&^fs.ModePerm | mode&fs.ModePerm })
}

func (v *memoryVolume) chtime(name string, modified time.Time) error {
	return v.change(name, func(node *memoryItem) { node.modified = modified })
}

func (v *memoryVolume) change(name string, f func(*memoryItem)) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	node, err := v.find(name)
	if err != nil {
		return err
	}
	f(node)
	return nil
}

func (v *memoryVolume) used() int64 {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.bytes
}
