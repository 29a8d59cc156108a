package main

import (
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/paneltest"
)

// The contract of the tests in this file: the permissions and rights that the
// reference names are those that decide.

var permissionName = regexp.MustCompile(`[a-z]+\.[a-z_-]+`)

// allPermissions are those that a subuser can be given.
func allPermissions(t *testing.T, b *book) []string {
	t.Helper()
	var all []string
	for _, value := range b.doc.Components.Schemas["ClientPermission"].Value.Enum {
		if name, ok := value.(string); ok && name != "*" && !strings.HasPrefix(name, "admin.") {
			all = append(all, name)
		}
	}
	return all
}

const applicationKey = "ptla_0123456789a0123456789abcdef0123456789abcdef"

// lacking is a Panel whose only server has a subuser with some permissions, and
// whose application key has some rights.
func lacking(t *testing.T, permissions []string, rights map[string]string) (*paneltest.Panel, string) {
	t.Helper()
	const server = "1a7c00d1-0000-4000-8000-000000000000"
	seed := paneltest.DefaultSeed()
	seed.Servers = seed.Servers[:1]
	seed.Servers[0].UUID = server
	seed.Servers[0].Subusers[0].Permissions = permissions
	seed.Servers[0].Databases = []paneltest.SeedDatabase{{Name: "shop"}}
	seed.Users[2].ExternalID = seed.Servers[0].ExternalID
	seed.Users[0].Keys[1] = paneltest.SeedKey{Key: applicationKey, Rights: rights}
	panel, err := paneltest.New(paneltest.WithSeed(seed), paneltest.WithoutRateLimits())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(panel.Close)
	return panel, server
}

// status sends a request of an operation and returns the answer's status.
func status(t *testing.T, b *book, op *operation, panel *paneltest.Panel, key, server string) int {
	t.Helper()
	address := b.address(op)
	if op.page.api == "client" {
		address = regexp.MustCompile(`/servers/[^/?]+`).ReplaceAllString(address, "/servers/"+server)
	}
	body := "{}"
	if op.RequestBody != nil {
		if media := op.RequestBody.Value.Content.Get("application/json"); media != nil && media.Example != nil {
			body = encode(media.Example, media.Schema)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), op.method, panel.URL+address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")
	resp, err := panel.HTTPClient().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

func TestPermissionsDecide(t *testing.T) {
	t.Parallel()
	b := openBook(t)
	// Any subuser may do these.
	free := []string{"clientGetServer", "clientGetServerResources", "clientGetServerUtilizationLegacy"}
	byPermission := make(map[string][]*operation)
	for _, op := range b.operations {
		if op.page.api != "client" || !strings.Contains(op.path, "{server}") {
			continue
		}
		_, needed := op.permission()
		if (needed == "") != slices.Contains(free, op.OperationID) {
			t.Errorf("%s needs the permission %q", op.OperationID, needed)
		}
		if needed != "" {
			first := permissionName.FindString(needed)
			if op.OperationID == "clientSetPowerState" {
				first = "control.start"
				if op.RequestBody.Value.Content.Get("application/json").Example.(map[string]any)["signal"] != "start" {
					t.Error("the example of clientSetPowerState does not start the server any more")
				}
			}
			byPermission[first] = append(byPermission[first], op)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(byPermission)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := allPermissions(t, b)
			i := slices.Index(all, name)
			if i < 0 {
				t.Fatal("there is no such permission")
			}
			without, server := lacking(t, slices.Delete(slices.Clone(all), i, i+1), nil)
			with, _ := lacking(t, all, nil)
			for _, op := range byPermission[name] {
				if got := status(t, b, op, without, without.SubuserKey, server); got != http.StatusForbidden {
					t.Errorf("%s without it gives %d", op.OperationID, got)
				}
				if got := status(t, b, op, with, with.SubuserKey, server); got == http.StatusForbidden {
					t.Errorf("%s with it gives %d", op.OperationID, got)
				}
			}
		})
	}
}

func TestRightsDecide(t *testing.T) {
	t.Parallel()
	b := openBook(t)
	byRight := make(map[string][]*operation)
	for _, op := range b.operations {
		if op.page.api == "application" && !op.Deprecated {
			byRight[op.right()] = append(byRight[op.right()], op)
		}
	}
	for _, right := range slices.Sorted(maps.Keys(byRight)) {
		t.Run(right, func(t *testing.T) {
			t.Parallel()
			name := right[strings.LastIndex(right, " ")+1:]
			rights := make(map[string]string)
			for _, other := range []string{"users", "nodes", "allocations", "locations", "nests", "eggs", "servers", "databases", "database_hosts"} {
				rights[other] = "write"
			}
			full, _ := lacking(t, nil, maps.Clone(rights))
			rights[name] = "read"
			reader, _ := lacking(t, nil, maps.Clone(rights))
			delete(rights, name)
			none, _ := lacking(t, nil, rights)
			for _, op := range byRight[right] {
				got := []string{"", "", ""}
				for i, panel := range []*paneltest.Panel{none, reader, full} {
					// What is not there is refused as such before the right is looked at.
					got[i] = strconv.FormatBool(status(t, b, existing(op), panel, applicationKey, "") == http.StatusForbidden)
				}
				want := []string{"true", strconv.FormatBool(access(op.method) == "change"), "false"}
				if !slices.Equal(got, want) {
					t.Errorf("%s is refused without the right, with that to read, with that to change: %v, not %v", op.OperationID, got, want)
				}
			}
		})
	}
}

// existing is the operation on things that the Panel of these tests has: all of
// them have the number 1, but for the user, who shall not be that of the key.
func existing(op *operation) *operation {
	named := *op
	named.path = strings.ReplaceAll(op.path, "{user}", "3")
	named.path = regexp.MustCompile(`\{(?:node|allocation|location|server|database|nest|egg)\}`).ReplaceAllString(named.path, "1")
	named.path = strings.ReplaceAll(named.path, "{external_id}", "lobby-1")
	return &named
}
