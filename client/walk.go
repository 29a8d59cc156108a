package client

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/ptero-go/ptero/internal/rest"
)

// FileEntry is a file or folder of a server and its path.
type FileEntry struct {
	// Path is the full path, which begins with a slash.
	Path string

	*File

	skipped bool
}

// SkipFolder makes [FilesService.Walk] skip what a folder holds. It must be
// called before the next iteration.
func (e *FileEntry) SkipFolder() { e.skipped = true }

// isLink reports whether a file is a symbolic link. Wings never sets the field
// for that, but writes an L into the mode.
func isLink(f *File) bool { return f.IsSymlink || strings.HasPrefix(f.Mode, "L") }

// isOdd reports whether a file is neither a regular file nor a folder.
func isOdd(f *File) bool {
	const permissions = 9 // the last letters of the mode
	kind := f.Mode[:max(0, len(f.Mode)-permissions)]
	return isLink(f) || strings.ContainsAny(kind, "DpSc?")
}

// Stat returns one file or folder. One that does not exist gives [ErrNotFound].
// The root has no entry of its own and is refused.
//
// Stat lists the folder that contains the file, as the Panel has no other way.
func (s *FilesService) Stat(ctx context.Context, server, file string) (*File, error) {
	folder, base := splitPath(file)
	if err := refused("clientListFiles", named("file", file)); err != nil {
		return nil, err
	}
	files, err := s.List(ctx, server, folder)
	if err != nil {
		if missing, existsErr := s.isMissing(ctx, server, folder, err); existsErr != nil || !missing {
			return nil, err
		}
		return nil, noSuchFile(file)
	}
	i := slices.IndexFunc(files, func(f *File) bool { return f.Name == base })
	if i < 0 {
		return nil, noSuchFile(file)
	}
	return files[i], nil
}

// refused returns the error of a check, for a call that sends no request of its
// own.
func refused(operation string, check rest.Editor) error {
	err := check(context.Background(), new(http.Request))
	var argument *ArgumentError
	if errors.As(err, &argument) {
		argument.Operation = operation
	}
	return err
}

// noSuchFile returns the error for a file that is not in the list of its folder.
func noSuchFile(file string) error {
	return &Error{
		Operation: "clientListFiles", Method: http.MethodGet, StatusCode: http.StatusNotFound, Attempts: 1,
		Problem: fmt.Sprintf("the server has no file or folder %q", fullPath(file)),
	}
}

// isMissing reports whether listing a folder failed because it does not exist:
// Wings answers that with a 500, as it does many other failures.
func (s *FilesService) isMissing(ctx context.Context, server, folder string, failure error) (bool, error) {
	var e *Error
	if !errors.As(failure, &e) || e.StatusCode != http.StatusNotFound && e.StatusCode/100 != 5 || fullPath(folder) == "/" {
		return false, nil
	}
	file, err := s.Stat(ctx, server, folder)
	if errors.Is(err, ErrNotFound) {
		return true, nil
	}
	return err == nil && file.IsFile && !isLink(file), err
}

// Walk iterates over all files and folders below a directory. Each folder
// precedes what it holds, and the names of a folder come in order; the directory
// itself is not included. An empty directory means the root. Walk makes one call
// for each folder when it gets there, so [FileEntry.SkipFolder] saves calls.
// Links are yielded, but not followed.
//
// An error ends the walk and is the last value that it yields.
func (s *FilesService) Walk(ctx context.Context, server, directory string) iter.Seq2[*FileEntry, error] {
	return func(yield func(*FileEntry, error) bool) {
		s.walk(ctx, server, fullPath(directory), yield)
	}
}

// walk reports whether the walk is to go on.
func (s *FilesService) walk(ctx context.Context, server, folder string, yield func(*FileEntry, error) bool) bool {
	entries, bad, err := s.entries(ctx, server, folder)
	if err == nil && len(bad) > 0 {
		err = bad[0]
	}
	if err != nil {
		yield(nil, err)
		return false
	}
	for _, entry := range entries {
		if !yield(entry, nil) {
			return false
		}
		if !entry.IsFile && !isLink(entry.File) && !entry.skipped && !s.walk(ctx, server, entry.Path, yield) {
			return false
		}
	}
	return true
}

// maxDepth bounds how deep folders may be nested: a link to a parent looks like
// an endless nesting.
const maxDepth = 64

// entries lists a folder, sorted by name. A name from the node that no file can
// have gives an error of its own in bad.
func (s *FilesService) entries(ctx context.Context, server, folder string) (entries []*FileEntry, bad []error, err error) {
	if strings.Count(folder, "/") > maxDepth {
		return nil, nil, fmt.Errorf("list %s: folders lie in each other more than %d deep; a link may lead back", rest.Printable(folder), maxDepth)
	}
	files, err := s.List(ctx, server, folder)
	if err != nil {
		return nil, nil, fmt.Errorf("list %s: %w", rest.Printable(folder), err)
	}
	for _, file := range files {
		name := file.Name
		if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\x00") {
			bad = append(bad, fmt.Errorf("list %s: the node lists a file called %q, which is not a file name", rest.Printable(folder), name))
			continue
		}
		entries = append(entries, &FileEntry{Path: path.Join(folder, name), File: file})
	}
	slices.SortFunc(entries, func(a, b *FileEntry) int { return strings.Compare(a.Name, b.Name) })
	return entries, bad, nil
}
