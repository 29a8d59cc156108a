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

// SyncDirection says which folder of [FilesService.SyncFolder] is made like the
// other.
type SyncDirection int

const (
	// SyncUp makes the server's folder like the local one.
	SyncUp SyncDirection = iota + 1

	// SyncDown makes the local folder like the server's.
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

// SyncAction is what a [SyncChange] does.
type SyncAction string

// Values of [SyncAction].
const (
	// SyncTransfer transfers a file, in place of one that exists.
	SyncTransfer SyncAction = "transfer"

	// SyncMakeFolder makes a folder.
	SyncMakeFolder SyncAction = "make folder"

	// SyncDelete deletes a file, or a folder with all that it holds.
	SyncDelete SyncAction = "delete"
)

// SyncChange is one change that a sync makes to the folder that is not the
// source.
type SyncChange struct {
	Action SyncAction

	// Path is relative to the folder, with slashes.
	Path string

	// Size is that of a file to transfer, in bytes.
	Size int64
}

// String returns the change as text, such as "transfer plugins/chat.jar".
func (c SyncChange) String() string { return string(c.Action) + " " + c.Path }

// ErrSkip is returned by [SyncOptions.Before] to leave a change out. It is never
// returned by a method.
var ErrSkip = errors.New("skip this change")

// SyncOptions changes how [FilesService.SyncFolder] works. The zero value
// transfers what is new or changed and deletes nothing.
//
// The functions are called one at a time, from goroutines of the sync.
type SyncOptions struct {
	// Delete also deletes what the source does not have, all of it if the source is
	// empty, and what stands in the place of something of the other kind, such as a
	// folder in that of a file.
	Delete bool

	// Exclude names what to leave alone on both sides, in the form of
	// [path.Match]. A pattern with a slash in it is matched against the path from
	// the top of the folder, one without against each name. A slash at the end
	// makes it match folders alone. What lies below an excluded folder is
	// excluded.
	Exclude []string

	// Concurrency is how many requests are under way at a time; 0 means 4.
	Concurrency int

	// NoArchive transfers files one by one even where an archive takes less work.
	NoArchive bool

	// Before is called with each change before the first of them is made, in the
	// order of the paths. It returns nil to have it made, [ErrSkip] to leave it
	// out, or another error to end the sync, which returns that error; nothing
	// was changed then. Leaving out a folder leaves out what is below it, and
	// leaving out a deletion what was to come in its place. A nil Before has all
	// changes made.
	Before func(SyncChange) error

	// OnError is called when a change has failed. It returns nil to go on without
	// it, or an error to end the sync. A nil OnError goes on. What ends the sync
	// by itself, such as a key that is refused, does not pass here.
	OnError func(SyncChange, error) error

	// Progress is called while the contents move, and after each file.
	Progress func(SyncProgress)
}

// SyncProgress is how far a sync has come.
type SyncProgress struct {
	// Path is that of the file that moved last, relative to the folder.
	Path string

	// Files is the number of files that are done, of TotalFiles.
	Files, TotalFiles int

	// Bytes is how much of the contents has moved, of TotalBytes, files that are
	// under way included. It goes down where a file has to be sent again.
	Bytes, TotalBytes int64
}

// SyncResult is what a sync did.
type SyncResult struct {
	// Files and Bytes count the files that were transferred, and their sizes.
	Files int
	Bytes int64

	// Folders counts the folders that were made on purpose. Those that came with
	// their files are not counted on an upload.
	Folders int

	// Deleted counts what was deleted; a folder counts once.
	Deleted int

	// Unchanged counts the files that needed no transfer.
	Unchanged int

	// Skipped counts the changes that Before left out.
	Skipped int

	// LeftOut are the paths of links, sockets and devices in the source, which are
	// not synced.
	LeftOut []string

	// Archived counts those of the Files that travelled in an archive.
	Archived int

	// ArchiveError is why files that should have travelled in an archive went one
	// by one. It is nil if none had to.
	ArchiveError error
}

// SyncFailure is a change that failed.
type SyncFailure struct {
	Change SyncChange
	Err    error
}

// SyncError is the error of a sync that did not do all it had to.
type SyncError struct {
	// Failures are the changes that failed while the sync went on.
	Failures []SyncFailure

	// Stopped is what ended the sync early, nil if it went through.
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
		return b.String()
	}
	if e.Stopped != nil {
		b.WriteString("; ")
	}
	if n := len(e.Failures); n > 1 {
		fmt.Fprintf(&b, "%d changes failed, the first: ", n)
	}
	fmt.Fprintf(&b, "%s: %v", e.Failures[0].Change, e.Failures[0].Err)
	return b.String()
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

// SyncFolder makes a folder of the server like a local one, with [SyncUp], or the
// local one like the server's, with [SyncDown]. The folder that is changed is made
// if need be.
//
// A file is transferred unless it is unchanged. On the way up that is one of the
// same size whose copy on the server is not older. On the way down it is one of
// the same size and time; the time is set after the download. The Panel gives no
// checksums, and times in whole seconds: a change that keeps the size and falls
// within the second of the last sync goes unnoticed, and so does one that a clock
// hides, if that of the node is ahead of the local one.
//
// A failure is that of one file: the others go on, and a [*SyncError] holds all
// failures. A later run makes up for what this one did not do. What makes every
// further call fail too, such as a key that is refused, ends the sync. The result
// counts what was done, even beside an error.
//
// Where it takes fewer calls, small files travel in an archive: packed on the
// node on the way down, unpacked there on the way up. Such an archive stands in
// the folder for a while, on the way up as .ptero-sync-*.tar.gz, on the way down
// as archive-*.tar.gz, as the node names it. It needs room there, and the
// permissions file.archive (down), file.create (up) and file.delete; where
// something is lacking the files go one by one. The archive is deleted in the end,
// after ctx has ended too, which can take another 10 seconds; if that fails, the
// error names it. The leftovers of a program that was killed are deleted by a sync
// of the folder an hour later, but for archive-*.tar.gz, which may be the user's
// own.
//
// Local files are written under a temporary name, .ptero-sync-*.part, and renamed
// when they are complete. Names that begin with .ptero-sync- are never synced. No
// name that the node gives leads out of the local folder. Symbolic links are not
// followed on either side, but for localDir itself; links, sockets and devices are
// not synced and stay as they are. Permission bits are not synced either: a file
// that is replaced here keeps its own.
//
// A file that the server is writing may arrive half changed: stop the server first
// where that matters.
func (s *FilesService) SyncFolder(ctx context.Context, server string, direction SyncDirection, localDir, directory string, opts SyncOptions) (SyncResult, error) {
	run, err := s.newSync(server, direction, localDir, directory, opts)
	if err != nil {
		return SyncResult{}, err
	}
	return run.do(ctx)
}

// newSync checks the arguments of a sync, and fills in what was left out.
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

// checkSync checks the arguments of a sync, and fills in the options.
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
