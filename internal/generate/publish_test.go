package main

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
)

// A reference shows each tag as a chapter: one without operations is empty.
func TestPublishedTagsHaveOperations(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"../../api/ptero.openapi.json", "../../api/pelican.openapi.json"} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var published struct {
			Tags   []struct{ Name string }
			Groups []struct{ Tags []string }             `json:"x-tagGroups"`
			Paths  map[string]map[string]json.RawMessage `json:"paths"`
		}
		if err := json.Unmarshal(data, &published); err != nil {
			t.Fatal(err)
		}
		used := make(map[string]bool)
		for _, item := range published.Paths {
			for _, raw := range item {
				var op struct{ Tags []string }
				if json.Unmarshal(raw, &op) == nil { // what else is in a path is a list
					for _, tag := range op.Tags {
						used[tag] = true
					}
				}
			}
		}
		var named, grouped []string
		for _, tag := range published.Tags {
			named = append(named, tag.Name)
			if !used[tag.Name] {
				t.Errorf("%s: no operation has the tag %q", file, tag.Name)
			}
		}
		for _, group := range published.Groups {
			grouped = append(grouped, group.Tags...)
		}
		slices.Sort(named)
		slices.Sort(grouped)
		if len(named) == 0 || !slices.Equal(named, grouped) || len(named) != len(used) {
			t.Errorf("%s: the tags are %q, the groups hold %q", file, named, grouped)
		}
	}
}
