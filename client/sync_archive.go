package client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ptero-go/ptero/internal/foldersync"
)

// downByArchive makes the node pack files, and unpacks them here. It returns the
// files that did not arrive.
func (r *syncRun) downByArchive(ctx context.Context, batch []string) (left []string, err error) {
	archive, err := r.pack(ctx, batch)
	if err != nil {
		return batch, err
	}
	defer r.discard(ctx, archive, false)

	from, err := r.files.Download(ctx, r.server, archive)
	if err != nil {
		return batch, err
	}
	defer func() { _ = from.Close() }()
	pending := make(map[string]bool, len(batch))
	var bytes int64
	for _, name := range batch {
		pending[name] = true
		bytes += r.remote[name].Size
	}
	err = r.unpack(ctx, from, foldersync.UnpackLimit(len(batch), bytes), r.relative(path.Dir(archive)), pending)
	return slices.DeleteFunc(slices.Clone(batch), func(name string) bool { return !pending[name] }), err
}

// relative returns the path within the synced folder of a folder on the server.
func (r *syncRun) relative(folder string) string {
	return strings.TrimPrefix(strings.TrimPrefix(folder, r.directory), "/")
}

// unpack writes those files of an archive that are pending, and removes them
// from pending. The names in the archive are relative to folder. A file whose
// size differs from the list stays pending.
func (r *syncRun) unpack(ctx context.Context, archive io.Reader, limit int64, folder string, pending map[string]bool) error {
	for member, err := range foldersync.Members(archive, limit) {
		if err != nil {
			return err
		}
		name := path.Join(folder, member.Name)
		listed := r.remote[name]
		if !pending[name] || member.Size != listed.Size {
			continue
		}
		modTime := listed.ModTime
		if member.ModTime.Sub(modTime).Abs() > time.Second { // tar rounds where the list cuts off
			modTime = foldersync.Seconds(member.ModTime)
		}
		content := &failingReader{Reader: member.Content}
		err := r.place(name, content, member.Size, modTime)
		if content.err != nil { // the archive broke off
			r.takeBack(name)
			return content.err
		}
		delete(pending, name)
		if err := r.arrived(ctx, name, err); err != nil {
			return err
		}
		if len(pending) == 0 {
			return nil
		}
	}
	return nil
}

// failingReader remembers that it failed.
type failingReader struct {
	io.Reader
	err error
}

func (r *failingReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

// pack makes the node pack files and returns the path of the archive. An archive
// that may exist although the answer did not arrive is deleted.
func (r *syncRun) pack(ctx context.Context, batch []string) (string, error) {
	paths := r.remotePaths(foldersync.Cover(r.remote, batch))
	begun := time.Now()
	archive, err := r.files.Compress(ctx, r.server, paths...)
	if err == nil {
		return archive.Path, nil
	}
	var e *Error
	if errors.As(err, &e) && (e.StatusCode/100 != 4 || e.StatusCode == http.StatusBadRequest) {
		folder, _ := splitPaths(paths)
		r.discardUnknown(ctx, folder, begun)
	}
	return "", err
}

// discardUnknown deletes the archive that the node has packed since begun and
// whose name it did not return. An archive that existed before, or whose name
// contains another time, is not touched.
func (r *syncRun) discardUnknown(ctx context.Context, folder string, begun time.Time) {
	place := path.Join(folder, "archive-*.tar.gz")
	looked := false
	err := cleanUp(ctx, func(ctx context.Context) error {
		files, err := r.files.List(ctx, r.server, folder)
		if err != nil {
			return err
		}
		var found []string
		for _, file := range files {
			_, known := r.remote[path.Join(r.relative(folder), file.Name)]
			if !known && packedSince(file.Name, begun) {
				found = append(found, path.Join(folder, file.Name))
			}
		}
		switch {
		case len(found) > 1:
			place = strings.Join(found, " or ")
			return errors.New("somebody else has made an archive meanwhile")
		case len(found) == 1:
			place = found[0]
			return r.files.Delete(ctx, r.server, found[0])
		case !looked: // it may come yet
			looked = true
			return errors.New("the node did not tell its name")
		}
		return nil
	})
	if err != nil {
		r.leftBehind(place, err)
	}
}

// packedSince reports whether a name is that of an archive that a node has
// packed since begun. Its clock may differ by a minute.
func packedSince(name string, begun time.Time) bool {
	const tolerance = time.Minute
	at, isArchive := strings.CutPrefix(name, "archive-")
	at, isPacked := strings.CutSuffix(at, ".tar.gz")
	packed, err := time.Parse("2006-01-02T150405Z0700", at)
	return isArchive && isPacked && err == nil && packed.After(begun.Add(-tolerance)) && packed.Before(time.Now().Add(tolerance))
}

// upByArchive packs files while they are sent, makes the node unpack them, and
// checks what has arrived. It returns the files that did not.
func (r *syncRun) upByArchive(ctx context.Context, batch []string) (left []string, err error) {
	var broken brokenFiles
	packer := &foldersync.Packer{Root: r.root, Mode: r.modeOf, Progress: r.moving, Unreadable: broken.add}
	name := foldersync.TemporaryName(".tar.gz")
	archive := r.remotePath(name)
	defer func() { r.discard(ctx, archive, isUnheard(err)) }()
	err = r.files.Upload(ctx, r.server, r.directory, UploadFile{Name: name, Size: -1, Open: func() (io.ReadCloser, error) {
		return packing(packer, batch), nil
	}})
	unpacked := false
	if err == nil {
		err = r.files.Decompress(ctx, r.server, archive)
		unpacked = true
	}
	var readable []string
	for _, name := range batch {
		if unreadable := broken.of(name); unreadable != nil {
			if err := r.settle(ctx, r.transferOf(name), unreadable); err != nil {
				return nil, &stopError{err}
			}
			continue
		}
		readable = append(readable, name)
	}
	if unpacked && ctx.Err() == nil {
		var arrivalErr error
		if readable, arrivalErr = r.arrivals(ctx, readable); arrivalErr != nil {
			return readable, arrivalErr
		}
	}
	for _, name := range readable {
		r.takeBack(name)
	}
	return readable, err
}

// modeOf returns the permission bits for a file in an archive: those of the file
// that it replaces.
func (r *syncRun) modeOf(name string) int64 {
	if replaced, ok := r.remote[name]; ok && replaced.Mode != 0 {
		return replaced.Mode
	}
	return 0o644
}

// packing returns the archive of files, which is packed while it is read.
func packing(packer *foldersync.Packer, files []string) io.ReadCloser {
	reader, writer := io.Pipe()
	go func() { _ = writer.CloseWithError(packer.Pack(writer, files)) }() // it returns nil
	return reader
}

// arrivals lists the folders of files that were to be unpacked. It settles the
// files that arrived as they were sent and returns the others: a node silently
// leaves out what its egg forbids.
func (r *syncRun) arrivals(ctx context.Context, files []string) (left []string, err error) {
	var mu sync.Mutex
	now := make(map[string]foldersync.Entry)
	err = each(ctx, r.opts.Concurrency, foldersync.Folders(files), func(ctx context.Context, folder string) error {
		entries, _, err := r.files.entries(ctx, r.server, r.remotePath(folder))
		if err != nil && endsSync(err) {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		for _, entry := range entries {
			now[path.Join(folder, entry.Name)] = entryOf(entry.File)
		}
		return nil
	})
	if err != nil {
		return files, err
	}
	for _, name := range files {
		there := now[name]
		r.mu.Lock()
		sent := r.moved[name]
		r.mu.Unlock()
		before, existed := r.remote[name]
		changed := !existed || !there.ModTime.Equal(before.ModTime) || !there.ModTime.Before(r.local[name].ModTime)
		if _, exists := now[name]; !exists || there.IsDir || there.Size != sent || !changed {
			left = append(left, name)
			continue
		}
		if err := r.arrived(ctx, name, nil); err != nil {
			return nil, err
		}
	}
	return left, nil
}
