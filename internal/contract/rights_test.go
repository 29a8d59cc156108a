package contract_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ptero-go/ptero/internal/contract"
	"github.com/ptero-go/ptero/paneltest"
)

// The contract of the tests in this file: the permissions and rights that the
// published form names are those that decide.

var permissionName = regexp.MustCompile(`[a-z]+\.[a-z_-]+`)

func published(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile(contract.Path("api/ptero.openapi.json"))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

var (
	permissionSentence = regexp.MustCompile(`Permission:\s+([^A-Z]*)\.(?:\s|$)`)
	rightSentence      = regexp.MustCompile("An application key needs the right to read (and write )?`([a-z_]+)`\\.")
)

// permission returns what the description says of the permission that a subuser
// needs.
func permission(op contract.Operation) string {
	if found := permissionSentence.FindStringSubmatch(op.Description); found != nil {
		return found[1]
	}
	return ""
}

// right returns what the description says of the right that an application key
// needs, and whether it must allow changes.
func right(t *testing.T, op contract.Operation) (resource string, write bool) {
	t.Helper()
	found := rightSentence.FindStringSubmatch(op.Description)
	if found == nil {
		t.Fatalf("%s names no right", op.OperationID)
	}
	return strings.TrimPrefix(found[2], "server_"), found[1] != ""
}

// address returns the path and query with the examples of the parameters.
func address(t *testing.T, op contract.Operation) string {
	t.Helper()
	path, query := op.Path, url.Values{}
	for _, ref := range op.Parameters {
		p := ref.Value
		switch {
		case !p.Required:
		case p.In == "path" && p.Example != nil:
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(fmt.Sprint(p.Example)))
		case p.Example != nil:
			query.Set(p.Name, fmt.Sprint(p.Example))
		case p.Schema.Value.Type.Is("integer"):
			query.Set(p.Name, "1024") // an amount of memory or disk space in MiB
		default:
			t.Fatalf("%s: %s has no example", op.OperationID, p.Name)
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return path
}

func encode(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// allPermissions are those that a subuser can be given.
func allPermissions(t *testing.T, doc *openapi3.T) []string {
	t.Helper()
	var all []string
	for _, value := range doc.Components.Schemas["ClientPermission"].Value.Enum {
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
func status(t *testing.T, op contract.Operation, panel *paneltest.Panel, key, server string) int {
	t.Helper()
	address := address(t, op)
	if op.API() == "client" {
		address = regexp.MustCompile(`/servers/[^/?]+`).ReplaceAllString(address, "/servers/"+server)
	}
	body := "{}"
	if op.RequestBody != nil {
		if media := op.RequestBody.Value.Content.Get("application/json"); media != nil && media.Example != nil {
			body = encode(t, media.Example)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), op.Method, panel.URL+address, strings.NewReader(body))
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
	doc := published(t)
	// Any subuser may do these.
	free := []string{"clientGetServer", "clientGetServerResources", "clientGetServerUtilizationLegacy"}
	byPermission := make(map[string][]contract.Operation)
	for _, op := range contract.Operations(doc) {
		if op.API() != "client" || !strings.Contains(op.Path, "{server}") {
			continue
		}
		needed := permission(op)
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
			all := allPermissions(t, doc)
			i := slices.Index(all, name)
			if i < 0 {
				t.Fatal("there is no such permission")
			}
			without, server := lacking(t, slices.Delete(slices.Clone(all), i, i+1), nil)
			with, _ := lacking(t, all, nil)
			for _, op := range byPermission[name] {
				if got := status(t, op, without, without.SubuserKey, server); got != http.StatusForbidden {
					t.Errorf("%s without it gives %d", op.OperationID, got)
				}
				if got := status(t, op, with, with.SubuserKey, server); got == http.StatusForbidden {
					t.Errorf("%s with it gives %d", op.OperationID, got)
				}
			}
		})
	}
}

func TestRightsDecide(t *testing.T) {
	t.Parallel()
	doc := published(t)
	byRight := make(map[string][]contract.Operation)
	for _, op := range contract.Operations(doc) {
		if op.API() == "application" && !op.Deprecated {
			right, _ := right(t, op)
			byRight[right] = append(byRight[right], op)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(byRight)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rights := make(map[string]string)
			for _, other := range []string{"users", "nodes", "allocations", "locations", "nests", "eggs", "servers", "databases", "database_hosts"} {
				rights[other] = "write"
			}
			full, _ := lacking(t, nil, maps.Clone(rights))
			rights[name] = "read"
			reader, _ := lacking(t, nil, maps.Clone(rights))
			delete(rights, name)
			none, _ := lacking(t, nil, rights)
			for _, op := range byRight[name] {
				_, write := right(t, op)
				got := []string{"", "", ""}
				for i, panel := range []*paneltest.Panel{none, reader, full} {
					// What is not there is refused as such before the right is looked at.
					got[i] = strconv.FormatBool(status(t, existing(op), panel, applicationKey, "") == http.StatusForbidden)
				}
				want := []string{"true", strconv.FormatBool(write), "false"}
				if !slices.Equal(got, want) {
					t.Errorf("%s is refused without the right, with that to read, with that to change: %v, not %v", op.OperationID, got, want)
				}
			}
		})
	}
}

// existing is the operation on things that the Panel of these tests has: all of
// them have the number 1, but for the user, who must not be that of the key.
func existing(op contract.Operation) contract.Operation {
	named := op
	named.Path = strings.ReplaceAll(op.Path, "{user}", "3")
	named.Path = regexp.MustCompile(`\{(?:node|allocation|location|server|database|nest|egg)\}`).ReplaceAllString(named.Path, "1")
	named.Path = strings.ReplaceAll(named.Path, "{external_id}", "lobby-1")
	return named
}
