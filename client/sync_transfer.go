package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"sync"
	"time"

	"github.com/ptero-go/ptero/internal/foldersync"
)

// Bounds of what travels in one archive.
const (
	archivedUpTo     = 8 << 20   // bytes of a file; the transfer of a larger one outweighs its calls
	filesPerArchive  = 2000      // the node may have to be told the name of each
	bytesUpArchive   = 64 << 20  // below the usual upload limit of a node, 100 MiB
	bytesDownArchive = 256 << 20 // room that the node needs for a while
)

// Calls, those to the node included, that an archive costs, and that archives have
// to save.
const (
	callsPerArchive = 4 // pack, sign, fetch, delete; or sign, send, unpack, delete
	callsToSave     = 30
)

// transfer transfers the files, small ones by archive where that saves calls.
func (r *syncRun) transfer(ctx context.Context) error {
	source, _ := r.sides()
	var small, large []string
	for _, name := range r.plan.Files {
		if source[name].Size > archivedUpTo {
			large = append(large, name)
		} else {
			small = append(small, name)
		}
	}
	limit := int64(bytesDownArchive)
	if r.up {
		limit = bytesUpArchive
	}
	batches := foldersync.Batches(small, func(name string) int64 { return source[name].Size }, filesPerArchive, limit)
	if r.savesCalls(small, len(batches)) {
		left, err := r.byArchive(ctx, batches)
		if err != nil {
			return err
		}
		small = left
	}
	files := slices.Concat(small, large)
	slices.Sort(files)
	return r.directly(ctx, files)
}

// savesCalls reports whether so many archives take far fewer calls than transfers
// without any.
func (r *syncRun) savesCalls(files []string, archives int) bool {
	if r.opts.NoArchive || archives == 0 {
		return false
	}
	calls, direct := 1+callsPerArchive*archives, 2*len(files)
	if r.up {
		direct = 2 * len(r.uploads(files))
		calls += len(foldersync.Folders(files)) // are listed to see what arrived
	}
	return direct-calls >= r.callsToSave
}

// byArchive transfers batches of files, each in an archive. It returns the files
// that still have to be transferred directly, whatever the reason.
func (r *syncRun) byArchive(ctx context.Context, batches [][]string) (left []string, err error) {
	// Who may not delete would leave the archives behind: find out with the name of
	// a file that does not exist, in a folder that does.
	err = r.files.Delete(ctx, r.server, "/"+foldersync.TemporaryName(".tar.gz"))
	for i, batch := range batches {
		if err != nil {
			return slices.Concat(append([][]string{left}, batches[i:]...)...), r.goesOn(ctx, err)
		}
		var remaining []string
		if r.up {
			remaining, err = r.upByArchive(ctx, batch)
		} else {
			remaining, err = r.downByArchive(ctx, batch)
		}
		left = append(left, remaining...)
		if len(remaining) > 0 && err == nil {
			r.blame(fmt.Errorf("%d files were not in the archive as they were listed, or did not arrive", len(remaining)))
		}
	}
	return left, r.goesOn(ctx, err)
}

// goesOn returns an error if a failed archive ends the sync; otherwise it
// records why the archive failed.
func (r *syncRun) goesOn(ctx context.Context, err error) error {
	var stop *stopError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &stop):
		return stop.error
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case endsSync(err) && !errors.Is(err, ErrForbidden): // it may have been the archive alone that is forbidden
		return err
	}
	r.blame(err)
	return nil
}

// stopError is the answer of a function of the caller: the sync is to end.
type stopError struct{ error }

// blame records why files were not transferred in an archive. The first reason
// counts.
func (r *syncRun) blame(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.result.ArchiveError == nil {
		r.result.ArchiveError = err
	}
}

// arrived records that a file arrived in an archive.
func (r *syncRun) arrived(ctx context.Context, name string, err error) error {
	if err == nil {
		r.mu.Lock()
		r.result.Archived++
		r.mu.Unlock()
	}
	if err = r.settle(ctx, r.transferOf(name), err); err != nil {
		return &stopError{err}
	}
	return nil
}

func (r *syncRun) transferOf(name string) SyncChange {
	source, _ := r.sides()
	return SyncChange{SyncTransfer, name, source[name].Size}
}

// discard deletes an archive on the server, even after ctx has ended. If its
// upload got no answer, it may be stored a moment later, so it is deleted twice.
func (r *syncRun) discard(ctx context.Context, archive string, twice bool) {
	err := cleanUp(ctx, func(ctx context.Context) error {
		err := r.files.Delete(ctx, r.server, archive)
		if err != nil {
			if _, statErr := r.files.Stat(ctx, r.server, archive); errors.Is(statErr, ErrNotFound) {
				err = nil
			}
		}
		if err == nil && twice {
			twice, err = false, errors.New("the node may still be storing it")
		}
		return err
	})
	if err != nil {
		r.leftBehind(archive, err)
	}
}

// leftBehind records that an archive could not be deleted.
func (r *syncRun) leftBehind(archive string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, SyncFailure{
		SyncChange{Action: SyncDelete, Path: r.relative(archive)},
		fmt.Errorf("an archive of the sync may be left on the server as %s: %w", archive, err),
	})
}

// cleanUp calls do a few times until it succeeds. After ctx has ended, it
// continues with a context of its own.
func cleanUp(ctx context.Context, do func(context.Context) error) error {
	err := ctx.Err()
	for range cleanupTries {
		if ctx.Err() != nil {
			break
		}
		if err = do(ctx); err == nil {
			return nil
		}
		_ = pause(ctx, cleanupPause)
	}
	if ctx.Err() == nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	for range cleanupTries {
		if err = do(ctx); err == nil || pause(ctx, cleanupPause) != nil {
			return err
		}
	}
	return err
}

const (
	cleanupTries = 3
	cleanupPause = time.Second
)

// pause waits, and returns an error if ctx ends first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// directly transfers files one by one, or several in a request on the way up.
func (r *syncRun) directly(ctx context.Context, files []string) error {
	if r.up {
		return each(ctx, r.opts.Concurrency, r.uploads(files), r.upload)
	}
	return each(ctx, r.opts.Concurrency, files, r.download)
}

// download gets one file, at the second try if its content breaks off.
func (r *syncRun) download(ctx context.Context, name string) error {
	err := r.downloadOnce(ctx, name)
	if errors.Is(err, ErrBadAnswer) && !endsSync(err) {
		r.takeBack(name)
		err = r.downloadOnce(ctx, name)
	}
	return r.settle(ctx, r.transferOf(name), err)
}

func (r *syncRun) downloadOnce(ctx context.Context, name string) error {
	from, err := r.files.Download(ctx, r.server, r.remotePath(name))
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }()
	return r.place(name, from, from.Size, r.remote[name].ModTime)
}

// place writes a file here. One that has come since the folder was read is not
// replaced: it may even be another file of the server, where the local file system
// takes two names for the same.
func (r *syncRun) place(name string, content io.Reader, size int64, modTime time.Time) error {
	counted := &foldersync.CountingReader{Reader: content, Count: func(done int64) { r.moving(name, done) }}
	_, replaces := r.local[name]
	return foldersync.Place(r.root, name, counted, foldersync.Placing{Size: size, Overwrite: replaces, ModTime: modTime})
}

// Bounds of one request of an upload.
const (
	filesPerUpload = 50
	bytesPerUpload = 64 << 20
)

// uploads splits files into those that go in one request: they are of one folder.
func (r *syncRun) uploads(files []string) [][]string {
	byFolder := make(map[string][]string)
	for _, name := range files {
		byFolder[path.Dir(name)] = append(byFolder[path.Dir(name)], name)
	}
	var all [][]string
	for _, folder := range foldersync.Folders(files) {
		all = append(all, foldersync.Batches(byFolder[folder], func(name string) int64 { return r.local[name].Size }, filesPerUpload, bytesPerUpload)...)
	}
	return all
}

// upload sends files of one folder in one request. If it fails for one of them,
// the others are sent without that one.
func (r *syncRun) upload(ctx context.Context, names []string) error {
	if len(names) == 0 {
		return nil
	}
	var broken brokenFiles
	files := make([]UploadFile, len(names))
	for i, name := range names {
		files[i] = r.localFile(name, &broken)
	}
	err := r.files.Upload(ctx, r.server, r.remotePath(path.Dir(names[0])), files...)
	if err == nil || ctx.Err() != nil || endsSync(err) {
		return r.settleAll(ctx, names, func(string) error { return err })
	}
	whole := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return broken.of(name) != nil })
	if len(whole) < len(names) {
		unreadable := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return broken.of(name) == nil })
		if err := r.settleAll(ctx, unreadable, broken.of); err != nil {
			return err
		}
	} else if len(names) == 1 {
		return r.settle(ctx, r.transferOf(names[0]), err)
	}
	for _, name := range whole {
		r.takeBack(name)
	}
	if len(whole) < len(names) {
		return r.upload(ctx, whole)
	}
	// The node refuses one of them and does not always say which.
	for _, name := range names {
		if err := r.upload(ctx, []string{name}); err != nil {
			return err
		}
	}
	return nil
}

// settleAll settles the transfers of files, each with its error.
func (r *syncRun) settleAll(ctx context.Context, names []string, errOf func(name string) error) error {
	for _, name := range names {
		if err := r.settle(ctx, r.transferOf(name), errOf(name)); err != nil {
			return err
		}
	}
	return nil
}

// brokenFiles holds which local files could not be read.
type brokenFiles struct {
	mu   sync.Mutex
	errs map[string]error
}

func (b *brokenFiles) add(name string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.errs == nil {
		b.errs = make(map[string]error)
	}
	b.errs[name] = err
}

func (b *brokenFiles) of(name string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.errs[name]
}

// localFile returns a file of the local folder, to upload in the size that it has
// now: what is appended meanwhile is left for the next run.
func (r *syncRun) localFile(name string, broken *brokenFiles) UploadFile {
	file := UploadFile{Name: path.Base(name), Progress: func(done int64) { r.moving(name, done) }}
	if info, err := r.root.Lstat(name); err == nil { // else Open fails too
		file.Size = info.Size()
	}
	file.Open = func() (io.ReadCloser, error) {
		f, _, _, err := foldersync.OpenRegular(r.root, name)
		if err != nil {
			broken.add(name, err)
			return nil, err
		}
		return &localContent{io.LimitReader(f, file.Size), f, file.Size, func(err error) { broken.add(name, err) }}, nil
	}
	return file
}

// localContent is the content of a local file on its way.
type localContent struct {
	io.Reader
	io.Closer
	left   int64
	failed func(error)
}

func (c *localContent) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.left -= int64(n)
	switch {
	case err == io.EOF && c.left > 0:
		err = io.ErrUnexpectedEOF
		c.failed(fmt.Errorf("the file has become shorter: %w", err))
	case err != nil && err != io.EOF:
		c.failed(err)
	}
	return n, err
}
