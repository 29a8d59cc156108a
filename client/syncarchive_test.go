package client_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ptero-go/ptero/client"
)

// member is a part of an archive by a node that means ill.
type member struct {
	tar.Header
	content string
}

func file(name, content string) member {
	return member{tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(content)), Mode: 0o4777, ModTime: time.Unix(1, 0)}, content}
}

func archiveOf(t *testing.T, members ...member) []byte {
	t.Helper()
	var archive bytes.Buffer
	compressed := gzip.NewWriter(&archive)
	w := tar.NewWriter(compressed)
	for _, m := range members {
		if err := w.WriteHeader(&m.Header); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, m.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), compressed.Close()); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

// Whatever an archive holds, nothing but the files that were asked for is written,
// and those only in the size that they were listed with; the rest comes one by
// one.
func TestSyncTrustsNoArchive(t *testing.T) {
	t.Parallel()
	tree := contents{"a": "aaaa", "sub/b": "bbbb", "c": "cccc"}
	bomb := member{tar.Header{Typeflag: tar.TypeReg, Name: "a", Size: 1 << 30}, ""}
	for name, tt := range map[string]struct {
		archive  []byte
		archived int
	}{
		"nothing": {archiveOf(t), 0},
		"garbage": {[]byte("PK\x03\x04 not a tar"), 0},
		"empty":   {nil, 0},
		"names that lead away": {archiveOf(t, file("../evil", "evil"), file("/evil", "evil"), file("sub/../../evil", "evil"), file(`..\evil`, "evil"),
			file("sub", "evil"), file("other", "evil"), file("", "evil"), file(".", "evil"), file("a", "aaaa")), 1},
		"links": {archiveOf(t, member{tar.Header{Typeflag: tar.TypeSymlink, Name: "sub", Linkname: ".."}, ""},
			member{tar.Header{Typeflag: tar.TypeSymlink, Name: "c", Linkname: "/etc/passwd"}, ""},
			member{tar.Header{Typeflag: tar.TypeLink, Name: "a", Linkname: "/etc/passwd"}, ""},
			member{tar.Header{Typeflag: tar.TypeChar, Name: "a", Devmajor: 1, Devminor: 5}, ""}, file("sub/b", "bbbb")), 1},
		"other sizes": {archiveOf(t, file("a", "aaaaaaaa"), file("c", ""), file("sub/b", "bbbb")), 1},
		"twice":       {archiveOf(t, file("a", "aaaa"), file("a", "evil"), file("c", "cccc"), file("c", "evil"), file("sub/b", "bbbb")), 3},
		"a bomb":      {bombOf(t, bomb.Header), 0},
		"a late bomb": {bombOf(t, tar.Header{Typeflag: tar.TypeReg, Name: "other", Size: 1 << 30}, file("a", "aaaa")), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inSyncWorld(t, func(w *syncWorld) {
				t := w.t
				outer := t.TempDir()
				dir := filepath.Join(outer, "world")
				w.fill("/world", tree)
				read := &countedReader{}
				w.replaceArchive(func() (io.Reader, int) {
					read.Reader = bytes.NewReader(tt.archive)
					return read, len(tt.archive)
				})
				result, err := w.files.SyncByArchive(t.Context(), w.server, client.SyncDown, dir, "/world", client.SyncOptions{})
				if err != nil || result.Files != 3 || result.Archived != tt.archived || (result.ArchiveError == nil) != (tt.archived == 3) {
					t.Errorf("%+v, %v", result, err)
				}
				same(t, "here", here(t, dir), tree)
				if left, err := os.ReadDir(outer); err != nil || len(left) != 1 {
					t.Errorf("%v is in the folder above, %v", left, err)
				}
				if info, err := os.Stat(filepath.Join(dir, "a")); err != nil || info.Mode().Perm()&0o111 != 0 || info.Mode()&os.ModeSetuid != 0 {
					t.Errorf("%v, %v", info, err)
				}
				w.clean("afterwards", dir)
				if size := len(tt.archive); size > 1<<17 && read.n > size/2 {
					t.Errorf("%d bytes of %d of the archive were read", read.n, size)
				}
			})
		})
	}
}

type countedReader struct {
	io.Reader
	n int
}

func (r *countedReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.n += n
	return n, err
}

// bombOf is an archive that begins a gigabyte of zeros.
func bombOf(t *testing.T, header tar.Header, before ...member) []byte {
	t.Helper()
	var archive bytes.Buffer
	compressed, err := gzip.NewWriterLevel(&archive, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(compressed)
	for _, m := range before {
		if err := w.WriteHeader(&m.Header); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, m.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.WriteHeader(&header); err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range 40 { // more than is read of it
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := compressed.Close(); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

// An archive that the user has made meanwhile is not mistaken for one of the sync's.
func TestSyncDeletesNobodyElsesArchive(t *testing.T) {
	t.Parallel()
	for name, theirs := range map[string]time.Duration{"long ago": -time.Hour, "in the same minute": 30 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inSyncWorld(t, func(w *syncWorld) {
				t := w.t
				dir := t.TempDir()
				w.fill("/world", contents{"a": "A", "b": "B"})
				archive := "archive-" + time.Now().UTC().Add(theirs).Format("2006-01-02T150405Z") + ".tar.gz"
				w.fault = func(_ int, operation string, send func() (*http.Response, error)) (*http.Response, error) {
					if operation != "clientCompressFiles" {
						return send()
					}
					w.fill("/world", contents{archive: "theirs"})
					return nil, drop(send)
				}
				result, err := w.files.SyncByArchive(t.Context(), w.server, client.SyncDown, dir, "/world", client.SyncOptions{})
				same(t, "here", here(t, dir), contents{"a": "A", "b": "B"})
				left := slices.Collect(func(yield func(string) bool) {
					for name := range w.there("/world") {
						if isTemporary(name) && !yield(name) {
							return
						}
					}
				})
				if !slices.Contains(left, archive) {
					t.Errorf("the archive of the user is gone: %q, %+v, %v", left, result, err)
				}
				// If both could be the sync's, none is deleted, and that is said.
				if theirs < 0 && (err != nil || len(left) != 1) || theirs > 0 && (err == nil || len(left) != 2 || !strings.Contains(err.Error(), "may be left on the server as")) {
					t.Errorf("%q is left, %+v, %v", left, result, err)
				}
			})
		})
	}
}

// An archive that cannot be deleted is named, one that is not there is not.
func TestSyncNamesTheArchiveThatItLeaves(t *testing.T) {
	t.Parallel()
	for name, stored := range map[string]bool{"stored": true, "refused": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inSyncWorld(t, func(w *syncWorld) {
				t := w.t
				dir, tree := t.TempDir(), contents{"a": "1", "b": "2"}
				tree.put(t, dir)
				deletions, uploads := 0, 0
				w.fault = func(_ int, operation string, send func() (*http.Response, error)) (*http.Response, error) {
					switch operation {
					case "clientDeleteFiles":
						if deletions++; deletions > 1 { // the first finds out whether it may
							return answered(operation, 500), nil
						}
					case "wingsUploadFiles":
						if uploads++; uploads == 1 && !stored {
							return answered(operation, 400), nil
						}
					}
					return send()
				}
				result, err := w.files.SyncByArchive(t.Context(), w.server, client.SyncUp, dir, "/world", client.SyncOptions{})
				there := w.there("/world")
				left := ""
				for name := range there {
					if isTemporary(name) {
						left = name
						delete(there, name)
					}
				}
				same(t, "there", there, tree)
				if result.Files != 2 || (err != nil) != stored || (left != "") != stored || stored && !strings.Contains(err.Error(), "/world/"+left) {
					t.Errorf("%q is left, %+v, %v", left, result, err)
				}
			})
		})
	}
}

// The node may store an archive after the connection broke, and even after the
// archive was deleted for the first time.
func TestSyncDeletesALostArchiveTwice(t *testing.T) {
	t.Parallel()
	inSyncWorld(t, func(w *syncWorld) {
		t := w.t
		dir := t.TempDir()
		contents{"a": "1", "b": "2"}.put(t, dir)
		w.forget()
		w.fault = func(_ int, operation string, send func() (*http.Response, error)) (*http.Response, error) {
			if operation == "wingsUploadFiles" {
				return nil, drop(send)
			}
			return send()
		}
		_, _ = w.files.SyncByArchive(t.Context(), w.server, client.SyncUp, dir, "/world", client.SyncOptions{})
		calls := w.called()
		deletions := 0
		for _, operation := range calls[slices.Index(calls, "wingsUploadFiles"):] {
			if operation == "clientDeleteFiles" {
				deletions++
			}
		}
		if deletions < 2 {
			t.Errorf("deleted %d times in %v", deletions, calls)
		}
	})
}

// A large file travels on its own beside the archive of the small ones.
func TestSyncArchivesNoLargeFile(t *testing.T) {
	t.Parallel()
	for _, direction := range []client.SyncDirection{client.SyncUp, client.SyncDown} {
		t.Run(direction.String(), func(t *testing.T) {
			t.Parallel()
			inSyncWorld(t, func(w *syncWorld) {
				t := w.t
				dir, tree := t.TempDir(), manyFiles(100, 8, 100)
				tree["large.dat"] = strings.Repeat("0123456789abcdef", 9<<16)
				if direction == client.SyncUp {
					tree.put(t, dir)
				} else {
					w.fill("/world", tree)
				}
				result, err := w.files.SyncFolder(t.Context(), w.server, direction, dir, "/world", client.SyncOptions{})
				if err != nil || result.Files != 101 || direction == client.SyncDown && result.Archived != 100 {
					t.Errorf("%+v, %v", result, err)
				}
				same(t, "in the end", w.either(direction, dir), tree)
			})
		})
	}
}

// Files in many folders go up one by one, as each folder would have to be listed
// to see what arrived.
func TestSyncUpOfManyFoldersTakesNoArchive(t *testing.T) {
	t.Parallel()
	inSyncWorld(t, func(w *syncWorld) {
		t := w.t
		dir := t.TempDir()
		manyFiles(33, 8, 1).put(t, dir)
		result, err := w.up(dir, client.SyncOptions{})
		if err != nil || result.Files != 33 || result.Archived != 0 {
			t.Errorf("%+v, %v", result, err)
		}
	})
}

// An archive that was there before the sync is not the one whose name the node
// did not tell, however young it is.
func TestSyncDeletesNoArchiveFromBefore(t *testing.T) {
	t.Parallel()
	inSyncWorld(t, func(w *syncWorld) {
		t := w.t
		w.fill("/world", contents{"a": "1", "b": "2"})
		before, err := w.look.Compress(t.Context(), w.server, "/world/a", "/world/b")
		if err != nil {
			t.Fatal(err)
		}
		w.fault = func(_ int, operation string, send func() (*http.Response, error)) (*http.Response, error) {
			if operation == "clientCompressFiles" {
				return nil, errors.New("connection refused")
			}
			return send()
		}
		_, _ = w.files.SyncByArchive(t.Context(), w.server, client.SyncDown, t.TempDir(), "/world", client.SyncOptions{})
		if _, err := w.look.Stat(t.Context(), w.server, before.Path); err != nil {
			t.Error(err)
		}
	})
}

// The node may make the archive after the connection broke.
func TestSyncDeletesALateArchive(t *testing.T) {
	t.Parallel()
	inSyncWorld(t, func(w *syncWorld) {
		t := w.t
		dir := t.TempDir()
		w.fill("/world", contents{"a": "1", "b": "2"})
		w.fault = func(_ int, operation string, send func() (*http.Response, error)) (*http.Response, error) {
			if operation == "clientCompressFiles" {
				time.AfterFunc(500*time.Millisecond, func() {
					if _, err := w.look.Compress(context.Background(), w.server, "/world/a", "/world/b"); err != nil {
						t.Error(err)
					}
				})
				return nil, errors.New("connection reset")
			}
			return send()
		}
		if _, err := w.files.SyncByArchive(t.Context(), w.server, client.SyncDown, dir, "/world", client.SyncOptions{}); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Minute)
		w.clean("in the end", dir)
	})
}
