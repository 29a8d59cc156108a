package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ptero-go/ptero/internal/foldersync"
	"github.com/ptero-go/ptero/internal/rest"
)

// do runs the sync. A disk or a function of the caller that hangs does not block
// the caller after ctx has ended.
func (r *syncRun) do(ctx context.Context) (SyncResult, error) {
	run := func() (struct{}, error) { return struct{}{}, r.run(ctx) }
	_, err := rest.Within(ctx, cleanupTime+blockedTime, run, func(struct{}, error) {})
	return r.outcome(err)
}

// run performs the steps of the sync. It returns the error that ended the sync;
// failures of single changes are in r.failures.
func (r *syncRun) run(ctx context.Context) error {
	if err := r.look(ctx); err != nil {
		return err
	}
	defer func() { _ = r.root.Close() }()
	if err := r.decide(); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{
		r.removeStale, r.removeObstacles, r.makeLocalFolders, r.transfer, r.makeRemoteFolders, r.deleteRest,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// outcome returns what is known so far. The run may still be blocked in a
// function of the caller.
func (r *syncRun) outcome(stopped error) (SyncResult, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	result := r.result
	result.LeftOut = slices.Clone(result.LeftOut)
	if stopped == nil && len(r.failures) == 0 {
		return result, nil
	}
	return result, &SyncError{Failures: slices.Clone(r.failures), Stopped: stopped}
}

// look opens the local folder and reads both sides.
func (r *syncRun) look(ctx context.Context) (err error) {
	if r.up {
		if r.root, err = os.OpenRoot(r.localDir); err == nil {
			err = r.readRemote(ctx)
		}
	} else if err = r.readRemote(ctx); err == nil {
		if err = os.MkdirAll(r.localDir, 0o777); err == nil { //nolint:gosec // the umask decides
			r.root, err = os.OpenRoot(r.localDir)
		}
	}
	if err == nil {
		err = r.readLocal(ctx)
	}
	if err != nil && r.root != nil {
		_ = r.root.Close()
	}
	return err
}

func (r *syncRun) readLocal(ctx context.Context) error {
	tree, odd, err := foldersync.Local(ctx, r.root, func(name string, isDir bool) bool {
		if r.excluded.Match(name, isDir) {
			return true
		}
		if !r.up {
			return false
		}
		base := path.Base(name)
		err := refused("SyncFolder", rest.Checks(uploadName(r.server, base), namesInJSON(r.server, "files", base)))
		if err != nil {
			r.unfit(name, err)
		}
		return err != nil
	})
	r.local = tree
	if r.up {
		r.mu.Lock()
		r.result.LeftOut = odd
		r.mu.Unlock()
	}
	return err
}

// unfit records that something cannot be transferred because of its name.
func (r *syncRun) unfit(name string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, SyncFailure{SyncChange{Action: SyncTransfer, Path: name}, err})
}

// readRemote lists the server's folder and all below it, level by level.
func (r *syncRun) readRemote(ctx context.Context) error {
	r.remote = make(foldersync.Tree)
	level := []string{""}
	for depth := 0; len(level) > 0; depth++ {
		var mu sync.Mutex
		var next []string
		err := each(ctx, r.opts.Concurrency, level, func(ctx context.Context, folder string) error {
			entries, bad, err := r.files.entries(ctx, r.server, r.remotePath(folder))
			if err != nil {
				return err
			}
			if !r.up {
				for _, err := range bad {
					r.unfit(folder, err)
				}
			}
			for _, entry := range entries {
				name := path.Join(folder, entry.Name)
				if !r.up && (!filepath.IsLocal(entry.Name) || filepath.Base(entry.Name) != entry.Name) {
					r.unfit(name, fmt.Errorf("%q is not a file name on this system", entry.Name))
					continue
				}
				if r.addRemote(name, entry.File) {
					mu.Lock()
					next = append(next, name)
					mu.Unlock()
				}
			}
			return nil
		})
		if err != nil && depth == 0 {
			if missing, _ := r.files.isMissing(ctx, r.server, r.directory, err); missing {
				if r.up {
					r.makesRoot = true
					return nil
				}
				return noSuchFile(r.directory)
			}
		}
		if err != nil {
			return err
		}
		level = next
	}
	r.mu.Lock()
	slices.Sort(r.result.LeftOut)
	r.mu.Unlock()
	return nil
}

// addRemote adds a file of the server to the tree. It reports whether that is a
// folder to list.
func (r *syncRun) addRemote(name string, file *File) bool {
	odd, entry := isOdd(file), entryOf(file)
	entry.Kept = odd || foldersync.IsTemporary(name) || r.excluded.Match(name, entry.IsDir)
	r.mu.Lock()
	defer r.mu.Unlock()
	if odd && !r.up {
		r.result.LeftOut = append(r.result.LeftOut, name)
	}
	r.remote[name] = entry
	return entry.IsDir && !entry.Kept
}

// entryOf returns the entry of a tree for a file of the server.
func entryOf(file *File) foldersync.Entry {
	mode, err := strconv.ParseInt(file.ModeBits, 8, 64)
	if err != nil {
		mode = 0 // unknown
	}
	return foldersync.Entry{
		IsDir: !file.IsFile && !isOdd(file), Size: file.Size, ModTime: foldersync.Seconds(file.ModifiedAt), Mode: mode,
	}
}

// remotePath returns the full path on the server of one relative to the folder.
func (r *syncRun) remotePath(name string) string { return path.Join(r.directory, name) }

func (r *syncRun) remotePaths(names []string) []string {
	paths := make([]string, len(names))
	for i, name := range names {
		paths[i] = r.remotePath(name)
	}
	return paths
}

// sides returns the tree of the source, and that of the side that changes.
func (r *syncRun) sides() (source, target foldersync.Tree) {
	if r.up {
		return r.local, r.remote
	}
	return r.remote, r.local
}

// decide compares the two sides and asks the caller.
func (r *syncRun) decide() error {
	source, target := r.sides()
	same := foldersync.Entry.Same
	if r.up {
		same = func(local, remote foldersync.Entry) bool { return remote.NotOlder(local) }
	}
	r.plan = foldersync.Compare(source, target, same, r.opts.Delete)
	for _, name := range r.plan.Blocked {
		r.unfit(name, r.obstacle(target[name]))
	}
	skipped, err := r.ask(source)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.Unchanged, r.result.Skipped = r.plan.Unchanged, skipped
	r.progress.TotalFiles = len(r.plan.Files)
	for _, name := range r.plan.Files {
		r.progress.TotalBytes += source[name].Size
	}
	return err
}

// obstacle says what stands in the place of something.
func (r *syncRun) obstacle(there foldersync.Entry) error {
	switch {
	case there.Kept:
		return errors.New("a link, a device or something excluded stands in its place")
	case there.IsDir && r.opts.Delete:
		return errors.New("the folder in its place holds something that is to be left alone")
	case there.IsDir:
		return errors.New("a folder stands in its place; Delete would remove it")
	}
	return errors.New("a file stands in its place; Delete would remove it")
}

// ask calls Before for each change and removes those that it skips from the
// plan. It returns their number.
func (r *syncRun) ask(source foldersync.Tree) (left int, err error) {
	if r.opts.Before == nil {
		return 0, nil
	}
	var changes []SyncChange
	add := func(action SyncAction, names []string) {
		for _, name := range names {
			change := SyncChange{Action: action, Path: name}
			if action == SyncTransfer {
				change.Size = source[name].Size
			}
			changes = append(changes, change)
		}
	}
	add(SyncDelete, slices.Concat(r.plan.Remove, r.plan.Delete))
	add(SyncMakeFolder, r.plan.Folders)
	add(SyncTransfer, r.plan.Files)
	slices.SortStableFunc(changes, func(a, b SyncChange) int { return cmp.Compare(a.Path, b.Path) })

	skipped := make(map[string]bool)
	for _, change := range changes {
		if foldersync.In(skipped, change.Path) {
			left++
			continue
		}
		switch err := r.opts.Before(change); {
		case errors.Is(err, ErrSkip):
			skipped[change.Path] = true
			left++
		case err != nil:
			return left, err
		}
	}
	for _, names := range []*[]string{&r.plan.Remove, &r.plan.Delete, &r.plan.Folders, &r.plan.Files} {
		*names = slices.DeleteFunc(*names, func(name string) bool { return foldersync.In(skipped, name) })
	}
	return left, nil
}

// removeStale removes what a killed sync left behind on the side that changes.
// It is not a failure if that is impossible.
func (r *syncRun) removeStale(ctx context.Context) error {
	_, target := r.sides()
	stale := target.Stale(time.Now())
	if !r.up {
		for _, name := range stale {
			_ = r.root.Remove(name)
		}
	} else if len(stale) > 0 {
		_ = r.files.Delete(ctx, r.server, r.remotePaths(stale)...)
	}
	return nil
}

func (r *syncRun) removeObstacles(ctx context.Context) error { return r.delete(ctx, r.plan.Remove) }

func (r *syncRun) deleteRest(ctx context.Context) error { return r.delete(ctx, r.plan.Delete) }

// deletedAtOnce is the maximum number of paths in a request.
const deletedAtOnce = 200

// delete deletes files and folders of the side that changes.
func (r *syncRun) delete(ctx context.Context, names []string) error {
	if r.up {
		for chunk := range slices.Chunk(names, deletedAtOnce) {
			if err := r.deleteRemote(ctx, chunk); err != nil {
				return err
			}
		}
		return nil
	}
	for _, name := range names {
		if err := r.settle(ctx, SyncChange{Action: SyncDelete, Path: name}, r.root.RemoveAll(name)); err != nil {
			return err
		}
	}
	return nil
}

// deleteRemote deletes in one request, or one by one to find out which of them
// fails.
func (r *syncRun) deleteRemote(ctx context.Context, names []string) error {
	err := r.files.Delete(ctx, r.server, r.remotePaths(names)...)
	if err != nil && len(names) > 1 && ctx.Err() == nil && !endsSync(err) {
		for _, name := range names {
			if err := r.deleteRemote(ctx, []string{name}); err != nil {
				return err
			}
		}
		return nil
	}
	for _, name := range names {
		if err := r.settle(ctx, SyncChange{Action: SyncDelete, Path: name}, err); err != nil {
			return err
		}
	}
	return nil
}

func (r *syncRun) makeLocalFolders(ctx context.Context) error {
	if r.up {
		return nil
	}
	for _, name := range r.plan.Folders {
		if err := r.settle(ctx, SyncChange{Action: SyncMakeFolder, Path: name}, r.root.MkdirAll(name, 0o777)); err != nil {
			return err
		}
	}
	return nil
}

// makeRemoteFolders makes the folders that have not come with their files.
func (r *syncRun) makeRemoteFolders(ctx context.Context) error {
	if !r.up {
		return nil
	}
	folders := foldersync.Leaves(r.plan.Folders, r.plan.Files)
	if r.makesRoot && len(r.plan.Folders)+len(r.plan.Files) == 0 && r.directory != "/" {
		folders = []string{"."}
	}
	return each(ctx, r.opts.Concurrency, folders, func(ctx context.Context, name string) error {
		return r.settle(ctx, SyncChange{Action: SyncMakeFolder, Path: name}, r.files.CreateFolder(ctx, r.server, r.remotePath(name)))
	})
}

// settle records the result of a change. It returns an error if the sync is to
// end.
func (r *syncRun) settle(ctx context.Context, change SyncChange, err error) error {
	r.mu.Lock()
	moved := r.moved[change.Path]
	delete(r.moved, change.Path)
	if err == nil {
		switch change.Action {
		case SyncTransfer:
			r.unheard = 0
			r.result.Files++
			r.result.Bytes += moved
			r.progress.Files++
			r.progress.TotalBytes += moved - change.Size // which it had when it was listed
			r.progress.Path = change.Path
		case SyncMakeFolder:
			r.result.Folders++
		case SyncDelete:
			r.result.Deleted++
		}
		r.mu.Unlock()
		if change.Action == SyncTransfer {
			r.report()
		}
		return nil
	}
	r.progress.Bytes -= moved
	if isUnheard(err) {
		r.unheard++
	}
	ends := endsSync(err) || r.unheard > 2*r.opts.Concurrency
	r.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case ends:
		return fmt.Errorf("%s: %w", change, err)
	}
	if r.opts.OnError != nil {
		r.calls.Lock()
		stop := r.opts.OnError(change, err)
		r.calls.Unlock()
		if stop != nil {
			return stop
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, SyncFailure{change, err})
	return nil
}

// endsSync reports whether every further call would meet the same error: one
// with which the Panel refuses whatever the file is, or a Panel that issues no
// signed URLs. What the node refuses concerns a single file.
func endsSync(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Operation {
	case "clientGetFileDownload", "clientGetFileUpload":
		return true
	}
	isPanel := strings.HasPrefix(e.Operation, "client") && !e.Is(ErrDaemon)
	return isPanel && (e.Is(ErrUnauthorized) || e.Is(ErrForbidden) || e.Is(ErrConflict) || errors.Is(err, ErrRateLimited))
}

// isUnheard reports whether the node did not answer at all.
func isUnheard(err error) bool {
	var e *Error
	return errors.As(err, &e) && strings.HasPrefix(e.Operation, "wings") && e.StatusCode == 0
}

// moving records how many bytes of a file have been transferred so far.
func (r *syncRun) moving(name string, done int64) {
	r.mu.Lock()
	r.progress.Path = name
	r.progress.Bytes += done - r.moved[name]
	r.moved[name] = done
	r.mu.Unlock()
	r.report()
}

// takeBack records that a file has to be sent again.
func (r *syncRun) takeBack(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.progress.Bytes -= r.moved[name]
	delete(r.moved, name)
}

// report calls the caller's Progress.
func (r *syncRun) report() {
	if r.opts.Progress == nil {
		return
	}
	r.calls.Lock()
	defer r.calls.Unlock()
	r.mu.Lock()
	progress := r.progress
	r.mu.Unlock()
	r.opts.Progress(progress)
}

// each calls do for the items, n at a time. The first error ends it and cancels
// the context of the other calls.
func each[T any](ctx context.Context, n int, items []T, do func(context.Context, T) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var mu sync.Mutex
	next := 0
	take := func() (int, bool) {
		mu.Lock()
		defer mu.Unlock()
		if next == len(items) || ctx.Err() != nil {
			return 0, false
		}
		next++
		return next - 1, true
	}
	var workers sync.WaitGroup
	for range min(n, len(items)) {
		workers.Go(func() {
			for i, ok := take(); ok; i, ok = take() {
				if err := do(ctx, items[i]); err != nil {
					cancel(err)
				}
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}
