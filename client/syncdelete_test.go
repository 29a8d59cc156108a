package client_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/ptero-go/ptero/client"
)

// A file that cannot be deleted does not keep the others of its request.
func TestSyncDeletesWithoutTheOneThatFails(t *testing.T) {
	t.Parallel()
	inSyncWorld(t, func(w *syncWorld) {
		t := w.t
		w.fill("/world", contents{"a": "1", "b": "2", "c": "3"})
		deletions := 0
		w.fault = func(_ int, operation string, send func() (*http.Response, error)) (*http.Response, error) {
			if operation != "clientDeleteFiles" {
				return send()
			}
			if deletions++; deletions <= 2 { // all three, and then a alone
				return answered(operation, 500), nil
			}
			return send()
		}
		result, err := w.up(t.TempDir(), client.SyncOptions{Delete: true})
		if got := failures(t, err); got != "a" || result.Deleted != 2 {
			t.Errorf("%s failed, %d deleted", got, result.Deleted)
		}
		same(t, "the rest", w.there("/world"), contents{"a": "1"})
	})
}

// What the Panel refuses for all files is not asked for each of them.
func TestSyncDeletesNothingWithoutPermission(t *testing.T) {
	t.Parallel()
	inSyncWorld(t, func(w *syncWorld) {
		t := w.t
		w.fill("/world", contents{"a": "1", "b": "2"})
		w.forget()
		w.fault = func(_ int, operation string, send func() (*http.Response, error)) (*http.Response, error) {
			if operation == "clientDeleteFiles" {
				return answered(operation, 403), nil
			}
			return send()
		}
		result, err := w.up(t.TempDir(), client.SyncOptions{Delete: true})
		var e *client.SyncError
		if !errors.Is(err, client.ErrForbidden) || !errors.As(err, &e) || e.Stopped == nil || result.Deleted != 0 {
			t.Errorf("%+v, %v", result, err)
		}
		asked := slices.DeleteFunc(w.called(), func(operation string) bool { return operation != "clientDeleteFiles" })
		if len(asked) != 1 {
			t.Errorf("asked %d times", len(asked))
		}
	})
}
