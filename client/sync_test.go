package client_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/paneltest"
)

// syncFunc is SyncFolder, or SyncByArchive.
type syncFunc func(ctx context.Context, server string, direction client.SyncDirection, localDir, directory string, opts client.SyncOptions) (client.SyncResult, error)

// Any tree comes back from the server as it was, byte for byte, whichever way it
// travels; a second sync finds nothing to do; and a changed tree is made the same
// again, with what is gone deleted.
func TestSyncThereAndBack(t *testing.T) {
	t.Parallel()
	for name, by := range map[string]func(*client.FilesService) (syncFunc, bool){
		"directly":   func(f *client.FilesService) (syncFunc, bool) { return f.SyncFolder, false },
		"by archive": func(f *client.FilesService) (syncFunc, bool) { return f.SyncByArchive, true },
	} {
		seeds := uint64(8)
		if testing.Short() {
			seeds = 2
		}
		for seed := range seeds {
			t.Run(fmt.Sprintf("%s %d", name, seed), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := newSyncWorld(t, paneltest.WithoutRateLimits())
					sync, archived := by(w.files)
					testThereAndBack(t, w, sync, archived, rand.New(rand.NewPCG(seed, 0)))
				})
			})
		}
	}
}

func testThereAndBack(t *testing.T, w *syncWorld, sync syncFunc, archived bool, random *rand.Rand) {
	t.Helper()
	ctx := t.Context()
	tree := randomTree(random, 12)
	local, back := t.TempDir(), filepath.Join(t.TempDir(), "new", "folder")
	opts := client.SyncOptions{Delete: true, NoArchive: !archived}
	w.fill("/", contents{"outside.txt": "stays"})
	run := func(what string, direction client.SyncDirection, dir string) client.SyncResult {
		t.Helper()
		result, err := sync(ctx, w.server, direction, dir, "/world", opts)
		if err != nil || result.ArchiveError != nil {
			t.Fatalf("%s: %+v, %v", what, result, err)
		}
		if archived != (result.Archived > 0) && result.Files > 0 {
			t.Errorf("%s: %d of %d files came in an archive", what, result.Archived, result.Files)
		}
		return result
	}
	unchanged := func(what string, direction client.SyncDirection, dir string, tree contents) {
		t.Helper()
		_, files := tree.sum()
		if again := run(what, direction, dir); again.Files+again.Folders+again.Deleted > 0 || again.Unchanged != files {
			t.Errorf("%s, again: %+v, want %d files unchanged", what, again, files)
		}
	}
	for round := range 3 {
		tree.put(t, local)
		what := fmt.Sprint("up ", round)
		result := run(what, client.SyncUp, local)
		same(t, what, w.there("/world"), tree)
		unchanged(what, client.SyncUp, local, tree)
		if bytes, files := tree.sum(); round == 0 && (result.Files != files || result.Bytes != bytes) {
			t.Errorf("%s: %+v, want %d files with %d bytes", what, result, files, bytes)
		}

		what = fmt.Sprint("down ", round)
		run(what, client.SyncDown, back)
		same(t, what, here(t, back), tree)
		unchanged(what, client.SyncDown, back, tree)

		time.Sleep(time.Minute)
		tree = changed(random, tree)
	}
	if got := w.there("/")["outside.txt"]; got != "stays" {
		t.Errorf("a file outside of the folder holds %q", got)
	}
	w.clean("in the end", back)
}

// Two thousand small files, under the limits of Panel 1.12.3.
func TestSyncOfManySmallFilesTakesFewCalls(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("moves 8000 files")
	}
	const files, size, most = 2000, 4096, 10
	tree := manyFiles(files, size, 1000)
	measure := func(w *syncWorld, direction client.SyncDirection, dir string, opts client.SyncOptions) (int, time.Duration) {
		w.t.Helper()
		w.forget()
		time.Sleep(time.Minute) // so that a new window begins
		begun := time.Now()
		result, err := w.files.SyncFolder(w.t.Context(), w.server, direction, dir, "/world", opts)
		if err != nil || result.Files != files || (result.Archived == files) == opts.NoArchive {
			w.t.Fatalf("%v: %+v, %v", direction, result, err)
		}
		took, calls := time.Since(begun), len(w.called())
		w.t.Logf("%v, without an archive %t: %d calls, %v", direction, opts.NoArchive, calls, took)
		return calls, took
	}
	for _, direction := range []client.SyncDirection{client.SyncUp, client.SyncDown} {
		t.Run(direction.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newSyncWorld(t, paneltest.WithVersion("1.12.3"))
				local := t.TempDir()
				if direction == client.SyncUp {
					tree.put(t, local)
				} else {
					w.fillByArchive("/world", tree)
				}
				clear := func() {
					if direction == client.SyncDown {
						contents{}.put(t, local)
					} else if err := w.look.Delete(t.Context(), w.server, "/world"); err != nil {
						t.Fatal(err)
					}
				}
				direct, slow := measure(w, direction, local, client.SyncOptions{NoArchive: true})
				same(t, "without an archive", w.either(direction, local), tree)
				clear()
				calls, took := measure(w, direction, local, client.SyncOptions{})
				same(t, "with an archive", w.either(direction, local), tree)
				if calls > most || direct < 40 {
					t.Errorf("%d calls with an archive and %d without, want at most %d", calls, direct, most)
				}
				if direction == client.SyncDown && took > slow/10 || took > slow {
					t.Errorf("it took %v with an archive and %v without", took, slow)
				}
			})
		})
	}
}

// either reads the folder that a sync changes.
func (w *syncWorld) either(direction client.SyncDirection, local string) contents {
	w.t.Helper()
	if direction == client.SyncUp {
		return w.there("/world")
	}
	return here(w.t, local)
}
