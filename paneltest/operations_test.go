package paneltest_test

import (
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/ptero-go/ptero/paneltest"
)

// notServed are the operations of the document that Panel 1.11 has not, and why.
var notServed = map[string]string{
	"clientListNetworkLegacy":           "the path ends in /network/allocations",
	"clientListAllocationsLegacy":       "the path ends in /network/allocations",
	"clientSetPrimaryAllocationLegacy":  "the path has /network in it",
	"clientUpdateAllocationLegacy":      "the path has /network in it",
	"clientUpdateSubuserLegacy":         "the method is POST",
	"clientUpdateStartupVariableLegacy": "the method is PUT",
	"clientRenameFilesLegacy":           "the method is PUT",
	"clientWriteFileLegacy":             "the method is POST",
	"clientUpdateScheduleLegacy":        "the method is POST",
	"clientDisableTwoFactorLegacy":      "1.11.8 put a POST in its place",
	"clientRemoveSshKeyLegacy":          "1.11 has a POST in its place",
	"clientGetServerUtilizationLegacy":  "of Panel 0.7",
	"applicationRebuildServerLegacy":    "of Panel 0.7",
	"wingsDownloadFile":                 "of Wings, which every node has",
	"wingsDownloadBackup":               "of Wings, which every node has",
	"wingsUploadFiles":                  "of Wings, which every node has",
	"wingsUploadFilesLegacy":            "Wings takes POST",
}

func TestEveryOperationIsServed(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1.12.3", "pelican"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			holdServed(t, version)
		})
	}
}

// holdServed holds the operations that a version serves against its document.
func holdServed(t *testing.T, version string) {
	t.Helper()
	doc := contractOf(t, version)
	served := make(map[string]bool)
	for _, id := range newPanel(t, paneltest.WithVersion(version)).Served() {
		if served[id] {
			t.Errorf("%s is served twice", id)
		}
		served[id] = true
	}
	described := make(map[string]bool)
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			if op.OperationID == "clientDeleteSshKey" {
				op.OperationID = "clientRemoveSshKeyLegacy" // what it is called beside Pterodactyl's
			}
			reason, left := notServed[op.OperationID]
			left = left && (version != "pelican" || !served[op.OperationID])
			switch {
			case served[op.OperationID] && left:
				t.Errorf("%s is served, but listed as not: %s", op.OperationID, reason)
			case !served[op.OperationID] && !left:
				t.Errorf("%s is not served: %s %s", op.OperationID, method, path)
			}
			delete(served, op.OperationID)
			described[op.OperationID] = true
		}
	}
	for id := range notServed {
		if !described[id] && version != "pelican" {
			t.Errorf("%s is no operation", id)
		}
	}
	if len(served) > 0 {
		t.Errorf("these are in no document: %q", slices.Sorted(maps.Keys(served)))
	}
}

func TestOperationsThatAreGoneAreRefused(t *testing.T) {
	t.Parallel()
	panel := newPanel(t)
	for _, test := range []struct {
		method, path string
		status       int
	}{
		{http.MethodGet, "/api/client/servers/x/network", http.StatusNotFound},
		{http.MethodPut, "/api/client/servers/x/users/y", http.StatusMethodNotAllowed},
		{http.MethodPost, "/api/client/servers/x/files/rename", http.StatusMethodNotAllowed},
		{http.MethodGet, "/api/client/nothing", http.StatusNotFound},
		{http.MethodGet, "/api/application/users/none", http.StatusNotFound},
	} {
		answer := do(t, panel, panel.AdminKey, test.method, test.path, "")
		if answer.status != test.status {
			t.Errorf("%s %s: %d %s", test.method, test.path, answer.status, answer.body)
		}
		if allow := answer.header.Get("Allow"); (allow != "") != (test.status == http.StatusMethodNotAllowed) {
			t.Errorf("%s %s: Allow is %q", test.method, test.path, allow)
		}
	}
}

// identify returns the identifier of a server, which it finds by its name.
func identify(t *testing.T, panel *paneltest.Panel, name string) string {
	t.Helper()
	for _, server := range must(t, panel, panel.AdminKey, http.MethodGet, "/api/application/servers", "").items() {
		if identifier, isText := server["identifier"].(string); isText && server["name"] == name {
			return identifier
		}
	}
	t.Fatalf("there is no server called %s", name)
	return ""
}
