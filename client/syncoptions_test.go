package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/paneltest"
)

// inSyncWorld runs a test in a bubble with a Panel without limits.
func inSyncWorld(t *testing.T, test func(w *syncWorld), opts ...paneltest.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(newSyncWorld(t, append(opts, paneltest.WithoutRateLimits())...)) })
}

// up and down sync a local folder and /world.
func (w *syncWorld) up(dir string, opts client.SyncOptions) (client.SyncResult, error) {
	return w.files.SyncFolder(w.t.Context(), w.server, client.SyncUp, dir, "/world", opts)
}

func (w *syncWorld) down(dir string, opts client.SyncOptions) (client.SyncResult, error) {
	return w.files.SyncFolder(w.t.Context(), w.server, client.SyncDown, dir, "/world", opts)
}

// failures returns the paths of a sync's failures, and fails the test unless the
// sync went through otherwise.
func failures(t *testing.T, err error) string {
	t.Helper()
	var e *client.SyncError
	if !errors.As(err, &e) || e.Stopped != nil {
		t.Fatalf("err = %v, want a SyncError of a sync that went through", err)
	}
	var paths []string
	for _, failure := range e.Failures {
		paths = append(paths, failure.Change.Path)
	}
	slices.Sort(paths)
	return strings.Join(paths, " ")
}

func TestSyncDeletesOnlyIfAskedAndNothingExcluded(t *testing.T) {
	t.Parallel()
	for _, direction := range []client.SyncDirection{client.SyncUp, client.SyncDown} {
		t.Run(direction.String(), func(t *testing.T) {
			t.Parallel()
			inSyncWorld(t, func(w *syncWorld) {
				t := w.t
				source := contents{"a.txt": "new", "debug.log": "not this", "cache/x": "not this", "plugins/a.jar": "A", "sub/cache": "a file"}
				target := contents{
					"a.txt": "old!", "old.txt": "o", "old.log": "stays", "cache/y": "stays", "gone/b/c.txt": "c", "partly/keep.log": "stays",
					"partly/gone.txt": "g", "empty/": "",
				}
				local, remote := source, target
				if direction == client.SyncDown {
					local, remote = remote, local
				}
				dir := t.TempDir()
				w.fill("/world", remote)
				time.Sleep(time.Minute)
				local.put(t, dir)
				opts := client.SyncOptions{Exclude: []string{"*.log", "/cache", "cache/"}}

				merged := maps.Clone(target)
				merged["a.txt"], merged["plugins/a.jar"], merged["sub/cache"] = "new", "A", "a file"
				result, err := w.files.SyncFolder(t.Context(), w.server, direction, dir, "/world", opts)
				if err != nil || result.Deleted != 0 || result.Files != 3 {
					t.Errorf("%+v, %v", result, err)
				}
				same(t, "without Delete", w.either(direction, dir), merged)

				opts.Delete = true
				for _, gone := range []string{"old.txt", "gone/b/c.txt", "partly/gone.txt", "empty/"} {
					delete(merged, gone)
				}
				result, err = w.files.SyncFolder(t.Context(), w.server, direction, dir, "/world", opts)
				if err != nil || result.Deleted != 4 || result.Files != 0 || result.Unchanged != 3 {
					t.Errorf("%+v, %v", result, err)
				}
				same(t, "with Delete", w.either(direction, dir), merged)
			})
		})
	}
}

func TestSyncAsksBefore(t *testing.T) {
	t.Parallel()
	for _, direction := range []client.SyncDirection{client.SyncUp, client.SyncDown} {
		t.Run(direction.String(), func(t *testing.T) {
			t.Parallel()
			inSyncWorld(t, func(w *syncWorld) {
				t := w.t
				source := contents{"a": "1", "b": "22", "kind/x": "333", "new/sub/y": "4444", "new/z": "5"}
				target := contents{"b": "old", "kind": "a file", "gone/q": "6", "gone2": "7"}
				local, remote := source, target
				if direction == client.SyncDown {
					local, remote = remote, local
				}
				dir := t.TempDir()
				w.fill("/world", remote)
				time.Sleep(time.Minute)
				local.put(t, dir)
				run := func(before func(client.SyncChange) error) (client.SyncResult, error) {
					return w.files.SyncFolder(t.Context(), w.server, direction, dir, "/world", client.SyncOptions{Delete: true, Before: before})
				}

				// An error ends the sync before anything was changed.
				enough := errors.New("enough")
				asked := 0
				w.forget()
				_, err := run(func(client.SyncChange) error {
					if asked++; asked == 4 {
						return enough
					}
					return nil
				})
				if !errors.Is(err, enough) || asked != 4 {
					t.Errorf("asked %d times, err = %v", asked, err)
				}
				same(t, "after the error", w.either(direction, dir), target)
				for _, call := range w.called() {
					if call != "clientListFiles" {
						t.Errorf("%s was called", call)
					}
				}

				// All changes, in the order of their paths, and what is left out.
				var changes []string
				result, err := run(func(change client.SyncChange) error {
					changes = append(changes, fmt.Sprint(change, " ", change.Size))
					switch change.Path {
					case "b", "kind", "new/sub", "gone2":
						return client.ErrSkip
					}
					return nil
				})
				want := "transfer a 1, transfer b 2, delete gone 0, delete gone2 0, delete kind 0, make folder new 0, make folder new/sub 0, transfer new/z 1"
				if got := strings.Join(changes, ", "); err != nil || got != want {
					t.Errorf("asked: %s\nwant:  %s\n%v", got, want, err)
				}
				if result.Skipped != 7 || result.Files != 2 || result.Deleted != 1 {
					t.Errorf("%+v", result)
				}
				same(t, "with some left out", w.either(direction, dir), contents{
					"a": "1", "b": "old", "kind": "a file", "new/z": "5", "gone2": "7",
				})
			})
		})
	}
}

func TestSyncWithoutDeleteReplacesNothingOfAnotherKind(t *testing.T) {
	t.Parallel()
	for _, direction := range []client.SyncDirection{client.SyncUp, client.SyncDown} {
		t.Run(direction.String(), func(t *testing.T) {
			t.Parallel()
			inSyncWorld(t, func(w *syncWorld) {
				t := w.t
				source := contents{"file": "f", "folder/a/b": "x", "good": "g"}
				target := contents{"file/in": "stays", "folder/a": "stays"}
				local, remote := source, target
				if direction == client.SyncDown {
					local, remote = remote, local
				}
				dir := t.TempDir()
				local.put(t, dir)
				w.fill("/world", remote)
				_, err := w.files.SyncFolder(t.Context(), w.server, direction, dir, "/world", client.SyncOptions{})
				if got := failures(t, err); got != "file folder/a" || !strings.Contains(err.Error(), "Delete would remove it") {
					t.Errorf("failures: %s, %v", got, err)
				}
				want := maps.Clone(target)
				want["good"] = "g"
				same(t, "afterwards", w.either(direction, dir), want)
			})
		})
	}
}

func TestSyncLeavesLinksAlone(t *testing.T) {
	t.Parallel()
	t.Run("up", func(t *testing.T) {
		t.Parallel()
		inSyncWorld(t, func(w *syncWorld) {
			t := w.t
			outer := t.TempDir()
			dir := filepath.Join(outer, "world")
			contents{"a.txt": "A"}.put(t, dir)
			contents{"secret.txt": "secret"}.put(t, filepath.Join(outer, "secret"))
			for name, target := range map[string]string{"to-file": "a.txt", "to-secret": "../secret/secret.txt", "to-folder": "../secret", "loop": "."} {
				if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
					t.Fatal(err)
				}
			}
			w.fill("/world", contents{"to-file": "theirs", "to-folder/x": "theirs"})
			result, err := w.up(dir, client.SyncOptions{Delete: true})
			if err != nil || strings.Join(result.LeftOut, " ") != "loop to-file to-folder to-secret" {
				t.Errorf("%+v, %v", result, err)
			}
			same(t, "there", w.there("/world"), contents{"a.txt": "A", "to-file": "theirs", "to-folder/x": "theirs"})
		})
	})
	t.Run("down", func(t *testing.T) {
		t.Parallel()
		inSyncWorld(t, func(w *syncWorld) {
			t := w.t
			outer := t.TempDir()
			dir, secret := filepath.Join(outer, "world"), filepath.Join(outer, "secret")
			contents{"other/": ""}.put(t, dir)
			contents{"a.txt": "secret"}.put(t, secret)
			for name, target := range map[string]string{"file": "../secret/a.txt", "folder": "../secret", "inside": "other", "extra": "nowhere"} {
				if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
					t.Fatal(err)
				}
			}
			w.fill("/world", contents{"file": "evil", "folder/a.txt": "evil", "inside/a.txt": "evil", "good": "G"})
			for _, sync := range []syncFunc{w.files.SyncFolder, w.files.SyncByArchive} {
				_, err := sync(t.Context(), w.server, client.SyncDown, dir, "/world", client.SyncOptions{Delete: true})
				if got := failures(t, err); got != "file folder inside" {
					t.Errorf("failures: %s", got)
				}
				same(t, "outside", here(t, secret), contents{"a.txt": "secret"})
				if target, err := os.Readlink(filepath.Join(dir, "extra")); err != nil || target != "nowhere" {
					t.Errorf("a link became %q, %v", target, err)
				}
				if got, err := os.ReadFile(filepath.Join(dir, "good")); err != nil || string(got) != "G" {
					t.Errorf("good holds %q, %v", got, err)
				}
			}
		})
	})
}

// Who may not pack or delete gets the files one by one, and no archive is left.
func TestSyncFallsBackWithoutPermission(t *testing.T) {
	t.Parallel()
	for permissions, wants := range map[string]string{
		"file.read file.read-content":              "",
		"file.read file.read-content file.delete":  "clientCompressFiles",
		"file.read file.read-content file.archive": "", // the archive could not be deleted
	} {
		t.Run(permissions, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				seed := paneltest.DefaultSeed()
				seed.Servers[0].Subusers[0].Permissions = strings.Fields(permissions)
				w := newSyncWorld(t, paneltest.WithSeed(seed), paneltest.WithoutRateLimits())
				tree, dir := manyFiles(40, 64, 10), t.TempDir()
				w.fill("/world", tree)
				w.files = w.newClient(w.panel.SubuserKey, client.WithMiddleware(w.watch)).Files
				result, err := w.down(dir, client.SyncOptions{})
				if err != nil || result.Archived != 0 || result.Files != 40 || !errors.Is(result.ArchiveError, client.ErrForbidden) {
					t.Errorf("%+v, %v", result, err)
				}
				if slices.Contains(w.called(), "clientCompressFiles") != (wants != "") {
					t.Errorf("calls: %v", w.called())
				}
				same(t, "here", here(t, dir), tree)
				w.clean("afterwards", dir)
			})
		})
	}
}

func TestSyncFallsBackWithoutRoom(t *testing.T) {
	t.Parallel()
	seed := paneltest.DefaultSeed()
	seed.Servers[0].Disk = 1 // MiB
	for _, direction := range []client.SyncDirection{client.SyncUp, client.SyncDown} {
		t.Run(direction.String(), func(t *testing.T) {
			t.Parallel()
			inSyncWorld(t, func(w *syncWorld) {
				t := w.t
				tree, dir := make(contents), t.TempDir()
				for i := range 60 {
					tree[fmt.Sprintf("d%d/f", i)] = noise(i, 16<<10) // 960 KiB that do not shrink
				}
				local, remote := tree, contents{}
				if direction == client.SyncDown {
					local, remote = remote, local
				}
				local.put(t, dir)
				w.fill("/world", remote)
				result, err := w.files.SyncFolder(t.Context(), w.server, direction, dir, "/world", client.SyncOptions{})
				if err != nil || result.Files != 60 || result.ArchiveError == nil || !strings.Contains(result.ArchiveError.Error(), "disk space") {
					t.Errorf("%+v, %v", result, err)
				}
				same(t, "afterwards", w.either(direction, dir), tree)
				w.clean("afterwards", dir)
			}, paneltest.WithSeed(seed))
		})
	}
}

// A node leaves out of an archive what the egg forbids, and does not say so.
func TestSyncFindsOutWhatTheNodeLeavesOut(t *testing.T) {
	t.Parallel()
	seed := paneltest.DefaultSeed()
	for i := range seed.Nests[0].Eggs {
		seed.Nests[0].Eggs[i].FileDenylist = []string{"*.exe"}
	}
	inSyncWorld(t, func(w *syncWorld) {
		t := w.t
		dir := t.TempDir()
		tree := manyFiles(60, 64, 1)
		tree["r3/bad.exe"], tree["r4/bad.exe"] = "MZ", ""
		tree.put(t, dir)
		result, err := w.up(dir, client.SyncOptions{})
		if got := failures(t, err); got != "r3/bad.exe r4/bad.exe" || !errors.Is(err, client.ErrForbidden) {
			t.Errorf("failures: %s, %v", got, err)
		}
		if result.Archived != 60 || result.Files != 60 || result.ArchiveError == nil {
			t.Errorf("%+v", result)
		}
		delete(tree, "r3/bad.exe")
		delete(tree, "r4/bad.exe")
		same(t, "there", w.there("/world"), tree)
	}, paneltest.WithSeed(seed))
}

// One of the files of a request does not keep the others back.
func TestSyncUpWithoutWhatTheNodeRefuses(t *testing.T) {
	t.Parallel()
	seed := paneltest.DefaultSeed()
	for i := range seed.Nests[0].Eggs {
		seed.Nests[0].Eggs[i].FileDenylist = []string{"*.exe"}
	}
	inSyncWorld(t, func(w *syncWorld) {
		t := w.t
		dir := t.TempDir()
		contents{"a": "1", "b.exe": "MZ", "c": "3", "sub/d": "4"}.put(t, dir)
		result, err := w.up(dir, client.SyncOptions{})
		if got := failures(t, err); got != "b.exe" || result.Files != 3 || result.Bytes != 3 {
			t.Errorf("failures: %s, %+v, %v", got, result, err)
		}
		same(t, "there", w.there("/world"), contents{"a": "1", "c": "3", "sub/d": "4"})
	}, paneltest.WithSeed(seed))
}

func TestSyncUpOfAFileThatShrinks(t *testing.T) {
	t.Parallel()
	for _, archived := range []bool{false, true} {
		t.Run(fmt.Sprint("archived ", archived), func(t *testing.T) {
			t.Parallel()
			inSyncWorld(t, func(w *syncWorld) {
				t := w.t
				dir := t.TempDir()
				contents{"a": "1", "b": noise(1, 1<<20), "c": "3"}.put(t, dir)
				sync := w.files.SyncFolder
				if archived {
					sync = w.files.SyncByArchive
				}
				result, err := sync(t.Context(), w.server, client.SyncUp, dir, "/world", client.SyncOptions{Progress: func(p client.SyncProgress) {
					if p.Path == "b" && p.Files < 2 {
						_ = os.WriteFile(filepath.Join(dir, "b"), []byte("short"), 0o600)
					}
				}})
				// What went by archive is sent again, in the size that the file has now.
				if !archived {
					if got := failures(t, err); got != "b" || !errors.Is(err, io.ErrUnexpectedEOF) || result.Files != 2 || len(w.called()) > 6 {
						t.Errorf("failures: %s, %+v, %v, with %v", got, result, err, w.called())
					}
					same(t, "there", w.there("/world"), contents{"a": "1", "c": "3"})
				} else if same(t, "there", w.there("/world"), contents{"a": "1", "b": "short", "c": "3"}); err != nil {
					t.Errorf("%+v, %v", result, err)
				}
			})
		})
	}
}

// A download that breaks off is begun again, once.
func TestSyncDownTriesABrokenDownloadAgain(t *testing.T) {
	t.Parallel()
	inSyncWorld(t, func(w *syncWorld) {
		t := w.t
		tree := contents{"a": "aaaa", "b": "bbbb"}
		w.fill("/world", tree)
		breaks := 1
		w.fault = func(_ int, operation string, send func() (*http.Response, error)) (*http.Response, error) {
			if operation == "wingsDownloadFile" && breaks > 0 {
				breaks--
				return half(send())
			}
			return send()
		}
		dir := t.TempDir()
		var last client.SyncProgress
		opts := client.SyncOptions{Concurrency: 1, Progress: func(p client.SyncProgress) { last = p }}
		if result, err := w.down(dir, opts); err != nil || result.Bytes != 8 || last.Bytes != 8 {
			t.Errorf("%+v, %v, %+v", result, err, last)
		}
		same(t, "here", here(t, dir), tree)
		breaks = 2
		dir = t.TempDir()
		if _, err := w.down(dir, opts); failures(t, err) != "a" || last.Bytes != 4 {
			t.Errorf("err = %v, %+v", err, last)
		}
		same(t, "here", here(t, dir), contents{"b": "bbbb"})
	})
}

// noise is content that does not compress.
func noise(seed, size int) string {
	content, state := make([]byte, size), uint32(seed)*2654435761+1
	for i := range content {
		state = state*1664525 + 1013904223
		content[i] = byte(state >> 24)
	}
	return string(content)
}

func TestSyncGoesOnWithoutWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, archived := range []bool{false, true} {
		t.Run(fmt.Sprint("archived ", archived), func(t *testing.T) {
			t.Parallel()
			inSyncWorld(t, func(w *syncWorld) {
				t := w.t
				dir := t.TempDir()
				tree := contents{"a": "1", "b": "2", "c": "3", "sub/d": "4", "line\nbreak": "5", `back\slash`: "6"}
				tree.put(t, dir)
				w.fill("/world", contents{`back\slash`: "theirs"})
				sync := w.files.SyncFolder
				if archived {
					sync = w.files.SyncByArchive
				}
				result, err := sync(t.Context(), w.server, client.SyncUp, dir, "/world", client.SyncOptions{
					Delete: true,
					Before: func(change client.SyncChange) error {
						if change.Path == "b" {
							return os.Remove(filepath.Join(dir, "b"))
						}
						return nil
					},
				})
				if got := failures(t, err); got != "b back\\slash line\nbreak" || !errors.Is(err, os.ErrNotExist) || result.Files != 3 {
					t.Errorf("failures: %q, %+v, %v", got, result, err)
				}
				if strings.Contains(err.Error(), "\n") {
					t.Errorf("the error has several lines: %q", err)
				}
				same(t, "there", w.there("/world"), contents{"a": "1", "c": "3", "sub/d": "4", `back\slash`: "theirs"})
			})
		})
	}
}

func TestSyncEndsAtOnceWhereAllWouldFail(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault func(n int, operation string, send func() (*http.Response, error)) (*http.Response, error)
		want  error
		most  int // calls
	}{
		"key refused": {func(_ int, operation string, _ func() (*http.Response, error)) (*http.Response, error) {
			return answered(operation, 401), nil
		}, client.ErrUnauthorized, 1},
		"may not read": {func(_ int, operation string, send func() (*http.Response, error)) (*http.Response, error) {
			if operation == "clientGetFileDownload" {
				return answered(operation, 403), nil
			}
			return send()
		}, client.ErrForbidden, 5 + 2},
		"node is gone": {func(_ int, operation string, send func() (*http.Response, error)) (*http.Response, error) {
			if strings.HasPrefix(operation, "wings") {
				return nil, errors.New("no route")
			}
			return send()
		}, nil, 5 + 4*14},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inSyncWorld(t, func(w *syncWorld) {
				t := w.t
				w.fill("/world", manyFiles(100, 8, 25))
				w.forget()
				w.fault = tt.fault
				_, err := w.down(t.TempDir(), client.SyncOptions{NoArchive: true, Concurrency: 2})
				var e *client.SyncError
				if !errors.As(err, &e) || e.Stopped == nil || tt.want != nil && !errors.Is(err, tt.want) {
					t.Errorf("err = %v", err)
				}
				if n := len(w.called()); n > tt.most {
					t.Errorf("%d calls were made, want at most %d", n, tt.most)
				}
			})
		})
	}
}

func TestSyncOnError(t *testing.T) {
	t.Parallel()
	inSyncWorld(t, func(w *syncWorld) {
		t := w.t
		w.fill("/world", contents{"a": "1", "b": "2", "c": "3"})
		fails := func(_ int, operation string, send func() (*http.Response, error)) (*http.Response, error) {
			if operation == "wingsDownloadFile" {
				return answered(operation, 400), nil
			}
			return send()
		}
		w.fault = fails
		enough := errors.New("enough")
		var seen []string
		_, err := w.down(t.TempDir(), client.SyncOptions{Concurrency: 1, OnError: func(change client.SyncChange, err error) error {
			if seen = append(seen, change.Path); err == nil {
				t.Error("there is no error")
			}
			if len(seen) == 2 {
				return enough
			}
			return nil
		}})
		if !errors.Is(err, enough) || strings.Join(seen, " ") != "a b" {
			t.Errorf("%v, %v", seen, err)
		}
		w.fault = fails
		if _, err := w.down(t.TempDir(), client.SyncOptions{}); failures(t, err) != "a b c" {
			t.Errorf("err = %v", err)
		}
	})
}

func TestSyncProgress(t *testing.T) {
	t.Parallel()
	for _, direction := range []client.SyncDirection{client.SyncUp, client.SyncDown} {
		for _, archived := range []bool{false, true} {
			t.Run(fmt.Sprint(direction, " archived ", archived), func(t *testing.T) {
				t.Parallel()
				inSyncWorld(t, func(w *syncWorld) {
					t := w.t
					tree, dir := contents{"a": noise(1, 300_000), "b/c": "x", "b/empty": "", "d": "yy", "same": "s"}, t.TempDir()
					if direction == client.SyncUp {
						tree.put(t, dir)
					} else {
						w.fill("/world", tree)
					}
					sync := w.files.SyncFolder
					if archived {
						sync = w.files.SyncByArchive
					}
					var last client.SyncProgress
					calls, under := 0, 0
					_, err := sync(t.Context(), w.server, direction, dir, "/world", client.SyncOptions{Progress: func(p client.SyncProgress) {
						if p.Bytes < last.Bytes || p.Files < last.Files || p.TotalFiles != 5 || p.TotalBytes != 300_004 || p.Bytes > p.TotalBytes || p.Path == "" {
							t.Errorf("%+v after %+v", p, last)
						}
						if p.Path == "a" && p.Bytes > 0 && p.Files < 5 {
							under++
						}
						last = p
						calls++
					}})
					if err != nil || last.Bytes != 300_004 || last.Files != 5 || under < 2 {
						t.Errorf("%v after %d calls, %d within a file: %+v", err, calls, under, last)
					}
				})
			})
		}
	}
}

// A function of the caller that blocks does not hold a sync whose context has
// ended.
func TestSyncEndsWithItsContext(t *testing.T) {
	t.Parallel()
	for _, direction := range []client.SyncDirection{client.SyncUp, client.SyncDown} {
		t.Run(direction.String(), func(t *testing.T) {
			t.Parallel()
			inSyncWorld(t, func(w *syncWorld) {
				t := w.t
				tree, dir := manyFiles(60, 64, 1), t.TempDir()
				tree.put(t, dir)
				w.fillByArchive("/world", tree)
				if direction == client.SyncUp {
					dir = t.TempDir()
					time.Sleep(time.Minute)
					tree.put(t, dir)
				} else {
					contents{}.put(t, dir)
				}
				release := make(chan struct{})
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				begun := time.Now()
				_, err := w.files.SyncFolder(ctx, w.server, direction, dir, "/world", client.SyncOptions{
					Progress: func(client.SyncProgress) { <-release },
				})
				if took := time.Since(begun); !errors.Is(err, context.DeadlineExceeded) || took > time.Minute+12*time.Second {
					t.Errorf("after %v: %v", took, err)
				}
				close(release)
				synctest.Wait()
				time.Sleep(time.Minute) // the rest of the sync clears up
				w.clean("afterwards", dir)
			})
		})
	}
}

func TestSyncArguments(t *testing.T) {
	t.Parallel()
	inSyncWorld(t, func(w *syncWorld) {
		t := w.t
		w.forget()
		ctx, dir, f := t.Context(), t.TempDir(), w.files
		for name, err := range map[string]error{
			"no direction":         second(f.SyncFolder(ctx, w.server, 0, dir, "/a", client.SyncOptions{})),
			"no local folder":      second(f.SyncFolder(ctx, w.server, client.SyncUp, "", "/a", client.SyncOptions{})),
			"no server":            second(f.SyncFolder(ctx, "", client.SyncUp, dir, "/a", client.SyncOptions{})),
			"bad pattern":          second(f.SyncFolder(ctx, w.server, client.SyncUp, dir, "/a", client.SyncOptions{Exclude: []string{"["}})),
			"negative concurrency": second(f.SyncFolder(ctx, w.server, client.SyncUp, dir, "/a", client.SyncOptions{Concurrency: -1})),
			"not UTF-8":            second(f.SyncFolder(ctx, w.server, client.SyncUp, dir, "/a\xff", client.SyncOptions{})),
		} {
			if !errors.Is(err, client.ErrArgument) || !strings.HasPrefix(err.Error(), "SyncFolder: ") {
				t.Errorf("%s: err = %v", name, err)
			}
		}
		if calls := w.called(); len(calls) > 0 {
			t.Errorf("sent: %v", calls)
		}
		// What does not exist.
		missing := filepath.Join(dir, "missing")
		if _, err := w.up(missing, client.SyncOptions{}); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("up from a missing folder: %v", err)
		}
		if _, err := w.down(missing, client.SyncOptions{}); !errors.Is(err, client.ErrNotFound) {
			t.Errorf("down from a missing folder: %v", err)
		}
		if _, err := os.Stat(missing); err == nil {
			t.Error("the local folder was made for nothing")
		}
		// An empty folder arrives too.
		if result, err := w.up(dir, client.SyncOptions{}); err != nil || result.Folders != 1 {
			t.Errorf("%+v, %v", result, err)
		}
		same(t, "there", w.there("/"), contents{"world/": ""})
	})
}

// What a sync has left that was killed goes an hour later.
func TestSyncRemovesWhatAKilledOneLeft(t *testing.T) {
	t.Parallel()
	inSyncWorld(t, func(w *syncWorld) {
		t := w.t
		dir := t.TempDir()
		const stale = ".ptero-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		contents{"sub/" + stale + ".part": "half", "a": "A"}.put(t, dir)
		w.fill("/world", contents{"sub/" + stale + ".tar.gz": "half", "a": "A"})
		for _, wait := range []time.Duration{time.Minute, time.Hour} {
			time.Sleep(wait)
			ok(t, client.SyncResult{}, second(w.down(dir, client.SyncOptions{Delete: true})))
			ok(t, client.SyncResult{}, second(w.up(dir, client.SyncOptions{Delete: true})))
			left := 0
			for name := range here(t, dir) {
				left += strings.Count(name, stale+".part")
			}
			for name := range w.there("/world") {
				left += strings.Count(name, stale+".tar.gz")
				if strings.HasSuffix(name, ".part") {
					t.Errorf("%s was synced", name)
				}
			}
			if want := map[time.Duration]int{time.Minute: 2, time.Hour: 0}[wait]; left != want {
				t.Errorf("after %v %d are left, want %d", wait, left, want)
			}
		}
	})
}

func TestStatAndWalk(t *testing.T) {
	t.Parallel()
	inSyncWorld(t, func(w *syncWorld) {
		t := w.t
		w.fill("/world", contents{"b/c.txt": "C", "a.txt": "AA", "b-d": "D", "e/": "", "b/f/g": "G"})
		ctx := t.Context()
		file, err := w.files.Stat(ctx, w.server, "/world/b/c.txt")
		if err != nil || file.Name != "c.txt" || file.Size != 1 || !file.IsFile {
			t.Errorf("%+v, %v", file, err)
		}
		if folder, err := w.files.Stat(ctx, w.server, "/world/b/"); err != nil || folder.Name != "b" || folder.IsFile {
			t.Errorf("%+v, %v", folder, err)
		}
		for _, missing := range []string{"/world/x", "/world/x/y/z", "/world/a.txt/b"} {
			if file, err := w.files.Stat(ctx, w.server, missing); !errors.Is(err, client.ErrNotFound) || !strings.Contains(err.Error(), missing) {
				t.Errorf("%s: %+v, %v", missing, file, err)
			}
		}
		w.fault = func(_ int, operation string, _ func() (*http.Response, error)) (*http.Response, error) {
			return answered(operation, 500), nil
		}
		if _, err := w.files.Stat(ctx, w.server, "/world/b/c.txt"); !errors.Is(err, client.ErrServer) || errors.Is(err, client.ErrNotFound) {
			t.Errorf("err = %v", err)
		}
		w.forget()

		walk := func(see func(*client.FileEntry) bool) (string, error) {
			var paths []string
			for entry, err := range w.files.Walk(ctx, w.server, "world") {
				if err != nil {
					return strings.Join(paths, " "), err
				}
				paths = append(paths, entry.Path)
				if !see(entry) {
					break
				}
			}
			return strings.Join(paths, " "), nil
		}
		const all = "/world/a.txt /world/b /world/b/c.txt /world/b/f /world/b/f/g /world/b-d /world/e"
		if got, err := walk(func(*client.FileEntry) bool { return true }); err != nil || got != all {
			t.Errorf("walked %s, %v", got, err)
		}
		w.forget()
		got, err := walk(func(entry *client.FileEntry) bool {
			if entry.Name == "b" {
				entry.SkipFolder()
			}
			return entry.Name != "b-d"
		})
		if err != nil || got != "/world/a.txt /world/b /world/b-d" || len(w.called()) != 1 {
			t.Errorf("walked %s, %v, with %v", got, err, w.called())
		}
		w.fault = func(n int, operation string, send func() (*http.Response, error)) (*http.Response, error) {
			if n == 3 {
				return answered(operation, 500), nil
			}
			return send()
		}
		if got, err = walk(func(*client.FileEntry) bool { return true }); !errors.Is(err, client.ErrServer) || got != "/world/a.txt /world/b" {
			t.Errorf("walked %s, %v", got, err)
		}
	})
}

// A folder that contains itself, by a link on the node, comes to an end.
func TestSyncOfALoop(t *testing.T) {
	t.Parallel()
	c := offline(t, func(req *http.Request) (*http.Response, error) {
		return reply(req, nil, `{"object":"list","data":[{"object":"file_object","attributes":{"name":"loop","mode":"drwxr-xr-x","is_file":false,`+
			`"created_at":"2026-11-21T22:44:15+00:00","modified_at":"2026-11-21T22:44:15+00:00"}}]}`)
	})
	_, err := c.Files.SyncFolder(t.Context(), testServer, client.SyncDown, t.TempDir(), "/", client.SyncOptions{})
	if err == nil || !strings.Contains(err.Error(), "a link may lead back") {
		t.Errorf("err = %v", err)
	}
	for _, err = range c.Files.Walk(t.Context(), testServer, "/") {
	}
	if err == nil || !strings.Contains(err.Error(), "a link may lead back") {
		t.Errorf("err = %v", err)
	}
}

// A name on the server may hold what a terminal acts on; an error does not.
func TestWalkErrorsArePrintable(t *testing.T) {
	t.Parallel()
	for _, second := range []string{`{"errors":[]}`, `{"object":"list","data":[{"object":"file_object","attributes":{"name":"..","is_file":true}}]}`} {
		first := true
		c := offline(t, func(req *http.Request) (*http.Response, error) {
			if !first {
				return reply(req, nil, second)
			}
			first = false
			return reply(req, nil, `{"object":"list","data":[{"object":"file_object","attributes":{"name":"a\u001b[2J\nb","mode":"drwxr-xr-x","is_file":false}}]}`)
		})
		var err error
		for _, err = range c.Files.Walk(t.Context(), testServer, "/") {
		}
		if err == nil || strings.ContainsAny(err.Error(), "\x1b\n") {
			t.Errorf("err = %q", err)
		}
	}
}

// A file that comes between the look and the download is not replaced.
func TestSyncDownReplacesNothingItDidNotSee(t *testing.T) {
	t.Parallel()
	inSyncWorld(t, func(w *syncWorld) {
		t := w.t
		w.fill("/world", contents{"a": "theirs", "b": "B"})
		for name, sync := range map[string]syncFunc{"directly": w.files.SyncFolder, "by archive": w.files.SyncByArchive} {
			dir := t.TempDir()
			_, err := sync(t.Context(), w.server, client.SyncDown, dir, "/world", client.SyncOptions{Before: func(change client.SyncChange) error {
				if change.Path == "a" {
					putFile(t, filepath.Join(dir, "a"), "mine", false)
				}
				return nil
			}})
			if got := failures(t, err); got != "a" || !errors.Is(err, os.ErrExist) {
				t.Errorf("%s: failures %s, %v", name, got, err)
			}
			same(t, name, here(t, dir), contents{"a": "mine", "b": "B"})
		}
	})
}

// Links on the node are told by their mode.
func TestSyncDoesNotFetchLinks(t *testing.T) {
	t.Parallel()
	item := func(name, mode string, isFile bool) string {
		return fmt.Sprintf(`{"object":"file_object","attributes":{"name":%q,"mode":%q,"mode_bits":"777","size":4,"is_file":%t,`+
			`"created_at":"2026-11-21T22:44:15+00:00","modified_at":"2026-11-21T22:44:15+00:00"}}`, name, mode, isFile)
	}
	c := offline(t, func(req *http.Request) (*http.Response, error) {
		switch {
		case strings.HasSuffix(req.URL.Path, "/files/list"):
			return reply(req, nil, `{"object":"list","data":[`+strings.Join([]string{
				item("link", "Lrwxrwxrwx", true), item("to-folder", "Lrwxrwxrwx", false), item("pipe", "prw-r--r--", true),
				item("tty", "Dcrw-r--r--", true), item("file", "-rwxrwxrwx", true), item("program", "urwxr-xr-x", true),
			}, ",")+`]}`)
		case req.URL.Host == "panel.example.org":
			return reply(req, nil, signedURL)
		}
		return reply(req, nil, "1234")
	})
	dir := t.TempDir()
	result, err := c.Files.SyncFolder(t.Context(), testServer, client.SyncDown, dir, "/", client.SyncOptions{})
	if err != nil || strings.Join(result.LeftOut, " ") != "link pipe to-folder tty" || result.Files != 2 {
		t.Errorf("%+v, %v", result, err)
	}
	same(t, "here", here(t, dir), contents{"file": "1234", "program": "1234"})
}

// replaceArchive gives the tested client another content for an archive.
func (w *syncWorld) replaceArchive(content func() (io.Reader, int)) {
	w.fault = func(_ int, operation string, send func() (*http.Response, error)) (*http.Response, error) {
		resp, err := send()
		if err == nil && operation == "wingsDownloadFile" && strings.Contains(resp.Header.Get("Content-Disposition"), "archive-") {
			_ = resp.Body.Close()
			content, size := content()
			resp.Body, resp.ContentLength = io.NopCloser(content), int64(size)
		}
		return resp, err
	}
}
