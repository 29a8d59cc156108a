package client_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/client"
)

// A node that answers now and then is not gone.
func TestSyncGoesOnWhileTheNodeAnswers(t *testing.T) {
	t.Parallel()
	inSyncWorld(t, func(w *syncWorld) {
		t := w.t
		w.fill("/world", manyFiles(20, 8, 20))
		n := 0
		w.fault = func(_ int, operation string, send func() (*http.Response, error)) (*http.Response, error) {
			if operation == "wingsDownloadFile" {
				if n++; n%3 != 0 { // each file has two tries
					return nil, io.ErrUnexpectedEOF
				}
			}
			return send()
		}
		result, err := w.down(t.TempDir(), client.SyncOptions{NoArchive: true, Concurrency: 1})
		if failed := strings.Fields(failures(t, err)); len(failed) != 10 || result.Files != 10 {
			t.Errorf("%d files failed, %d came", len(failed), result.Files)
		}
	})
}

// What the node refuses is about one file, whatever the status.
func TestSyncGoesOnAfterTheNodeRefused(t *testing.T) {
	t.Parallel()
	inSyncWorld(t, func(w *syncWorld) {
		t := w.t
		dir, refusals := t.TempDir(), 0
		contents{"a/": "", "b/": ""}.put(t, dir)
		w.fault = func(_ int, operation string, send func() (*http.Response, error)) (*http.Response, error) {
			if operation != "clientCreateFolder" || refusals > 0 {
				return send()
			}
			refusals++
			resp := answered(operation, 409)
			resp.Body = io.NopCloser(strings.NewReader(`{"errors":[{"code":"DaemonConnectionException","status":"409","detail":"no"}]}`))
			return resp, nil
		}
		result, err := w.up(dir, client.SyncOptions{Concurrency: 1})
		if got := failures(t, err); got != "a" || result.Folders != 1 {
			t.Errorf("%s failed, %d folders were made", got, result.Folders)
		}
	})
}

// A file that has grown since it was listed counts in its new size.
func TestSyncProgressOfAFileThatGrows(t *testing.T) {
	t.Parallel()
	inSyncWorld(t, func(w *syncWorld) {
		t := w.t
		w.fill("/world", contents{"a": "1234"})
		w.fault = func(_ int, operation string, send func() (*http.Response, error)) (*http.Response, error) {
			if operation == "clientGetFileDownload" {
				w.fill("/world", contents{"a": "123456789"})
			}
			return send()
		}
		var last client.SyncProgress
		result, err := w.down(t.TempDir(), client.SyncOptions{Progress: func(p client.SyncProgress) { last = p }})
		if err != nil || result.Bytes != 9 || last.Bytes != 9 || last.TotalBytes != 9 {
			t.Errorf("%+v, %v, %+v", result, err, last)
		}
	})
}
