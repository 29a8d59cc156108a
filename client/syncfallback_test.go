package client_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/ptero-go/ptero/client"
)

// An archive that is cut short gives the files before the cut; the others come one
// by one.
func TestSyncDownOfABrokenArchive(t *testing.T) {
	t.Parallel()
	inSyncWorld(t, func(w *syncWorld) {
		t := w.t
		tree, dir := contents{"a": noise(1, 100_000), "b": noise(2, 100_000), "c": noise(3, 100_000)}, t.TempDir()
		w.fill("/world", tree)
		broken := false
		w.fault = func(_ int, operation string, send func() (*http.Response, error)) (*http.Response, error) {
			if operation == "wingsDownloadFile" && !broken {
				broken = true
				return half(send())
			}
			return send()
		}
		result, err := w.files.SyncByArchive(t.Context(), w.server, client.SyncDown, dir, "/world", client.SyncOptions{})
		if err != nil || result.Files != 3 || result.Archived != 1 || result.ArchiveError == nil || result.Bytes != 300_000 {
			t.Errorf("%+v, %v", result, err)
		}
		same(t, "here", here(t, dir), tree)
		w.clean("in the end", dir)
	})
}

// A Panel that refuses all calls about the server is not asked for each file.
func TestSyncEndsWithAnArchiveThatIsRefused(t *testing.T) {
	t.Parallel()
	inSyncWorld(t, func(w *syncWorld) {
		t := w.t
		w.fill("/world", contents{"a": "1", "b": "2"})
		w.forget()
		w.fault = func(_ int, operation string, send func() (*http.Response, error)) (*http.Response, error) {
			if operation == "clientCompressFiles" {
				return answered(operation, 409), nil
			}
			return send()
		}
		_, err := w.files.SyncByArchive(t.Context(), w.server, client.SyncDown, t.TempDir(), "/world", client.SyncOptions{})
		var e *client.SyncError
		if !errors.As(err, &e) || e.Stopped == nil || !errors.Is(err, client.ErrConflict) {
			t.Errorf("err = %v", err)
		}
		if calls := w.called(); slices.Contains(calls, "clientGetFileDownload") {
			t.Errorf("went on: %v", calls)
		}
	})
}

// A file that comes in an archive keeps the permission bits of the one that it
// replaces.
func TestSyncUpByArchiveKeepsModes(t *testing.T) {
	t.Parallel()
	inSyncWorld(t, func(w *syncWorld) {
		t := w.t
		dir := t.TempDir()
		w.fill("/world", contents{"run.sh": "old"})
		if err := w.look.Chmod(t.Context(), w.server, 0o755, "/world/run.sh"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		contents{"run.sh": "new one"}.put(t, dir)
		result, err := w.files.SyncByArchive(t.Context(), w.server, client.SyncUp, dir, "/world", client.SyncOptions{})
		if err != nil || result.Archived != 1 {
			t.Fatalf("%+v, %v", result, err)
		}
		file, err := w.look.Stat(t.Context(), w.server, "/world/run.sh")
		if err != nil || file.ModeBits != "755" || file.Size != 7 {
			t.Errorf("%+v, %v", file, err)
		}
	})
}

// A node that says that it has unpacked an archive, and has not, or not all of it,
// gets the files one by one.
func TestSyncUpChecksWhatWasUnpacked(t *testing.T) {
	t.Parallel()
	for name, unpacked := range map[string]contents{"nothing": {}, "half a file": {"new.txt": "ne"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inSyncWorld(t, func(w *syncWorld) {
				t := w.t
				dir, tree := t.TempDir(), contents{"changed.txt": "new!", "new.txt": "new"}
				w.fill("/world", contents{"changed.txt": "old!"})
				time.Sleep(time.Minute)
				tree.put(t, dir)
				w.fault = func(_ int, operation string, send func() (*http.Response, error)) (*http.Response, error) {
					if operation != "clientDecompressFile" {
						return send()
					}
					w.fill("/world", unpacked)
					resp := answered(operation, http.StatusNoContent)
					resp.Body = http.NoBody
					return resp, nil
				}
				result, err := w.files.SyncByArchive(t.Context(), w.server, client.SyncUp, dir, "/world", client.SyncOptions{})
				if err != nil || result.Files != 2 || result.Archived != 0 || result.ArchiveError == nil {
					t.Errorf("%+v, %v", result, err)
				}
				same(t, "there", w.there("/world"), tree)
			})
		})
	}
}

// Where the Panel refuses the look at what has arrived, the sync ends.
func TestSyncUpEndsWhereItMayNotLook(t *testing.T) {
	t.Parallel()
	inSyncWorld(t, func(w *syncWorld) {
		t := w.t
		dir := t.TempDir()
		contents{"a": "1"}.put(t, dir)
		w.forget()
		unpacked := false
		w.fault = func(_ int, operation string, send func() (*http.Response, error)) (*http.Response, error) {
			switch {
			case operation == "clientDecompressFile":
				unpacked = true
			case unpacked && operation == "clientListFiles":
				return answered(operation, 409), nil
			}
			return send()
		}
		_, err := w.files.SyncByArchive(t.Context(), w.server, client.SyncUp, dir, "/world", client.SyncOptions{})
		var e *client.SyncError
		if !errors.As(err, &e) || e.Stopped == nil || !errors.Is(err, client.ErrConflict) {
			t.Errorf("err = %v", err)
		}
		calls := w.called()
		if rest := calls[slices.Index(calls, "clientDecompressFile"):]; slices.Contains(rest, "clientGetFileUpload") {
			t.Errorf("went on: %v", rest)
		}
	})
}
