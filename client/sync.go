package client

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/ptero-go/ptero/internal/foldersync"
	"github.com/ptero-go/ptero/internal/rest"
)

// SyncDirection says which side [FilesService.SyncFolder] changes.
type SyncDirection int

const (
	// SyncUp makes the server's folder match the local one.
	SyncUp SyncDirection = iota + 1

	// SyncDown makes the local folder match the server's.
	SyncDown
)

// String returns "up" or "down".
func (d SyncDirection) String() string {
	switch d {
	case SyncUp:
		return "up"
	case SyncDown:
		return "down"
	}
	return fmt.Sprintf("SyncDirection(%d)", int(d))
}

// SyncAction is the kind of a [SyncChange].
type SyncAction string

// Values of [SyncAction].
const (
	// SyncTransfer transfers a file, replacing an existing one.
	SyncTransfer SyncAction = "transfer"

	// SyncMakeFolder creates a folder.
	SyncMakeFolder SyncAction = "make folder"

	// SyncDelete deletes a file, or a folder and all that it holds.
	SyncDelete SyncAction = "delete"
)

// SyncChange is one change that a sync makes to the side that is not the source.
type SyncChange struct {
	Action SyncAction

	// Path is relative to the folder, with slashes.
	Path string

	// Size is the size in bytes of a file to transfer.
	Size int64
}

// String returns the change as text, such as "transfer plugins/chat.jar".
func (c SyncChange) String() string { return rest.Printable(string(c.Action) + " " + c.Path) }

// ErrSkip is returned by [SyncOptions.Before] to skip a change. No method
// returns it.
var ErrSkip = errors.New("skip this change")

// SyncOptions configures [FilesService.SyncFolder]. The zero value transfers new
// and changed files and deletes nothing.
//
// The functions are called one at a time, on goroutines of the sync.
type SyncOptions struct {
	// Delete also deletes what the source does not have, which is everything if
	// the source is empty, and anything of another kind in the place of a file
	// or folder, such as a folder where a file is to be.
	Delete bool

	// Exclude lists patterns of names to leave alone on both sides, in the
	// syntax of [path.Match]. A pattern with a slash is matched against the path
	// relative to the folder, one without against each name. With a trailing
	// slash it matches folders only. Everything below an excluded folder is
	// excluded.
	Exclude []string

	// Concurrency is the number of requests in flight at a time; 0 means 4.
	Concurrency int

	// NoArchive transfers files one by one even where an archive would save
	// calls.
	NoArchive bool

	// Before is called with each change before the first of them is made, in the
	// order of the paths. It returns nil to accept the change, [ErrSkip] to skip
	// it, or another error to end the sync, which returns that error without
	// having changed anything. Skipping a folder skips everything below it, and
	// skipping a deletion skips what was to take its place. A nil Before accepts
	// all changes.
	Before func(SyncChange) error

	// OnError is called when a change has failed. It returns nil to continue
	// with the other changes, or an error to end the sync. A nil OnError
	// continues. It is not called for errors that end the sync anyway, such as a
	// key that is refused.
	OnError func(SyncChange, error) error

	// Progress is called while contents are transferred, and after each file.
	Progress func(SyncProgress)
}

// SyncProgress is the progress of a sync.
type SyncProgress struct {
	// Path is the path of the file that made progress last, relative to the
	// folder.
	Path string

	// Files is the number of files that are done, out of TotalFiles.
	Files, TotalFiles int

	// Bytes is the number of bytes transferred, out of TotalBytes, including
	// files in progress. It goes down when a file has to be sent again.
	Bytes, TotalBytes int64
}

// SyncResult is what a sync did.
type SyncResult struct {
	// Files and Bytes count the files that were transferred, and their sizes.
	Files int
	Bytes int64

	// Folders counts the folders that were created explicitly. On an upload,
	// folders that were created together with their files are not counted.
	Folders int

	// Deleted counts deletions; a folder counts once.
	Deleted int

	// Unchanged counts the files that needed no transfer.
	Unchanged int

	// Skipped counts the changes that Before skipped.
	Skipped int

	// LeftOut lists the paths of links, sockets and devices in the source, which
	// are not synced.
	LeftOut []string

	// Archived counts those of Files that were transferred in an archive.
	Archived int

	// ArchiveError is the reason why files that were to be transferred in an
	// archive were transferred one by one. It is nil if there were none.
	ArchiveError error
}

// SyncFailure is a change that failed.
type SyncFailure struct {
	Change SyncChange
	Err    error
}

// SyncError is the error of a sync that could not do everything.
type SyncError struct {
	// Failures are the changes that failed while the sync continued.
	Failures []SyncFailure

	// Stopped is the error that ended the sync early; nil if it ran to its end.
	Stopped error
}

// Error implements error. It is one line, and names the first failure.
func (e *SyncError) Error() string {
	var b strings.Builder
	b.WriteString("sync: ")
	if e.Stopped != nil {
		fmt.Fprintf(&b, "stopped: %v", e.Stopped)
	}
	if len(e.Failures) == 0 {
		return rest.Printable(b.String())
	}
	if e.Stopped != nil {
		b.WriteString("; ")
	}
	if n := len(e.Failures); n > 1 {
		fmt.Fprintf(&b, "%d changes failed, the first: ", n)
	}
	fmt.Fprintf(&b, "%s: %v", e.Failures[0].Change, e.Failures[0].Err)
	return rest.Printable(b.String())
}

// Unwrap returns what stopped the sync and the errors of the failures, for
// errors.Is and errors.As.
func (e *SyncError) Unwrap() []error {
	var errs []error
	if e.Stopped != nil {
		errs = append(errs, e.Stopped)
	}
	for _, failure := range e.Failures {
		errs = append(errs, failure.Err)
	}
	return errs
}

// SyncFolder makes a folder of the server match a local one, with [SyncUp], or
// the local one match the server's, with [SyncDown]. The folder that is changed
// is created if it does not exist.
//
// A file is transferred unless it is unchanged. On the way up, a file is
// unchanged if the server's copy has the same size and is not older. On the way
// down, it is unchanged if both have the same size and time; the time is set
// after the download. The Panel provides no checksums, and times in whole
// seconds only: a change that keeps the size and happens within the second of
// the last sync goes unnoticed. So does one on the way up while the node's clock
// is ahead of the local one.
//
// A failure concerns one file: the sync continues with the others, and a
// [*SyncError] holds all failures. A later run makes up for what this one did
// not do. An error that all further calls would meet too, such as a key that is
// refused, ends the sync. The result counts what was done, even if there is an
// error.
//
// Where that takes fewer calls, small files are transferred in an archive:
// packed on the node and unpacked here on the way down, the reverse on the way
// up. Such an archive exists in the folder for a while, named .ptero-*.tar.gz on
// the way up and, by the node, archive-*.tar.gz on the way down. It needs disk
// space there, and the permissions file.archive (down), file.create (up) and
// file.delete; if something is missing, the files are transferred one by one.
// The archive is deleted in the end, even after ctx has ended, which can take
// another 10 seconds; if that fails, the error names the archive. What a killed
// program left behind is deleted by a sync of the folder an hour later, except
// archive-*.tar.gz, which may be the user's own.
//
// Local files are written under a temporary name, .ptero-*.part, and renamed
// when they are complete. Temporary files are never synced. No name that the
// node gives leads out of the local folder. Symbolic links are not followed on
// either side, except localDir itself; links, sockets and devices are not synced
// and stay as they are. Permission bits are not synced either: a local file that
// is replaced keeps its own.
//
// A file that the server is writing to may arrive half changed: stop the server
// first where that matters.
func (s *FilesService) SyncFolder(ctx context.Context, server string, direction SyncDirection, localDir, directory string, opts SyncOptions) (SyncResult, error) {
	run, err := s.newSync(server, direction, localDir, directory, opts)
	if err != nil {
		return SyncResult{}, err
	}
	return run.do(ctx)
}

// newSync checks the arguments of a sync and sets defaults.
func (s *FilesService) newSync(server string, direction SyncDirection, localDir, directory string, opts SyncOptions) (*syncRun, error) {
	excluded, err := checkSync(server, direction, localDir, directory, &opts)
	if err != nil {
		return nil, err
	}
	return &syncRun{
		files: s, server: server, up: direction == SyncUp, localDir: localDir, directory: fullPath(directory),
		opts: opts, excluded: excluded, callsToSave: callsToSave, moved: make(map[string]int64),
	}, nil
}

// checkSync checks the arguments of a sync and sets the defaults of the options.
func checkSync(server string, direction SyncDirection, localDir, directory string, opts *SyncOptions) (foldersync.Patterns, error) {
	problem := func(argument, problem string) error {
		return &ArgumentError{Operation: "SyncFolder", Argument: argument, Problem: problem}
	}
	if direction != SyncUp && direction != SyncDown {
		return nil, problem("direction", "is neither SyncUp nor SyncDown")
	}
	if localDir == "" {
		return nil, problem("localDir", "is empty")
	}
	if opts.Concurrency < 0 {
		return nil, problem("opts.Concurrency", "is negative")
	}
	if opts.Concurrency == 0 {
		opts.Concurrency = 4
	}
	excluded, err := foldersync.ParsePatterns(opts.Exclude)
	if err != nil {
		return nil, problem("opts.Exclude", err.Error())
	}
	return excluded, refused("SyncFolder", rest.Checks(rest.ID("server", server), namesInJSON(server, "directory", directory)))
}

// cleanupTime is how long the deletion of an archive may take once the context has
// ended.
const cleanupTime = 10 * time.Second

// syncRun is one sync.
type syncRun struct {
	files     *FilesService
	server    string
	up        bool
	localDir  string
	directory string // on the server, cleaned
	opts      SyncOptions
	excluded  foldersync.Patterns

	callsToSave int // by archives, for them to be used

	// These are set before the transfers begin.
	root          *os.Root
	local, remote foldersync.Tree
	makesRoot     bool // the folder on the server does not exist
	plan          foldersync.Plan

	calls sync.Mutex // held while a function of the caller runs

	mu       sync.Mutex // guards the rest, and the trees while they are read; no function of the caller runs under it
	result   SyncResult
	failures []SyncFailure
	progress SyncProgress
	moved    map[string]int64 // of the files under way
	unheard  int              // transfers in a row that the node did not answer
}
