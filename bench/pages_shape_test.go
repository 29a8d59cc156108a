package bench

import (
	"encoding/json"
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/ptero-go/ptero/testdata"
)

// The pages that are decoded have the shape of a recording: the same members with
// values of the same kinds, but for the variables of an egg.
func TestPageIsLikeTheRecording(t *testing.T) {
	t.Parallel()
	file, err := fs.ReadFile(testdata.Panel(), "071-app-servers-list.json")
	if err != nil {
		t.Fatal(err)
	}
	var recording struct {
		Response struct {
			Body any `json:"body"`
		} `json:"response"`
	}
	if err := json.Unmarshal(file, &recording); err != nil {
		t.Fatal(err)
	}
	var ours any
	if err := json.Unmarshal(applicationPage(1, 1), &ours); err != nil {
		t.Fatal(err)
	}
	if got, want := shape(ours), shape(recording.Response.Body); !reflect.DeepEqual(got, want) {
		t.Errorf("the page has the shape\n%v\nand the recording\n%v", got, want)
	}
}

// shape returns what kind of value stands where, of a list its first entry.
func shape(document any) any {
	switch v := document.(type) {
	case map[string]any:
		members := make(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if name == "environment" || name == "links" {
				continue
			}
			members[name] = shape(v[name])
		}
		return members
	case []any:
		return []any{shape(v[0])}
	}
	return reflect.TypeOf(document)
}
