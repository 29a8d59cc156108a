package docs

import (
	"regexp"
	"strings"
	"testing"
)

// The contract of the tests in this file: pages are fit for GitHub.

const module = "github.com/ptero-go/ptero"

var notInSlug = regexp.MustCompile(`[^\p{L}\p{N} _-]`)

// slug returns the anchor that GitHub gives to a heading.
func slug(heading string) string {
	return strings.ReplaceAll(notInSlug.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}

// Two headings of one name would share an anchor.
func TestHeadingsAreUnique(t *testing.T) {
	t.Parallel()
	for _, page := range pages(t) {
		if strings.HasSuffix(page, "CHANGELOG.md") {
			continue // each version has the same ones
		}
		seen := make(map[string]bool)
		for _, heading := range title.FindAllStringSubmatch(anyFence.ReplaceAllString(read(t, page), ""), -1) {
			if anchor := slug(heading[1]); seen[anchor] {
				t.Errorf("%s has two headings %q", page, heading[1])
			} else {
				seen[anchor] = true
			}
		}
	}
}

// bar is a bar that ends a cell.
var bar = regexp.MustCompile(`(?:^|[^\\])\|`)

func TestTablesHaveAsManyCellsInEachRow(t *testing.T) {
	t.Parallel()
	tables := 0
	for _, page := range pages(t) {
		cells := 0 // of the table's head
		for line := range strings.Lines(anyFence.ReplaceAllString(read(t, page), "")) {
			if !strings.HasPrefix(line, "|") {
				cells = 0
				continue
			}
			// An empty cell leaves two bars side by side but for spaces, which the expression counts once each.
			n := len(bar.FindAllString(strings.ReplaceAll(strings.TrimSpace(line), "||", "| |"), -1))
			if cells == 0 {
				tables++
				cells = n
			}
			if n != cells {
				t.Errorf("%s: %d cells where the head has %d: %s", page, n, cells, line)
			}
		}
	}
	if tables < 25 {
		t.Errorf("only %d tables were found", tables)
	}
}

func TestSlug(t *testing.T) {
	t.Parallel()
	for heading, want := range map[string]string{
		"List API keys":               "list-api-keys",
		"Get server, legacy":          "get-server-legacy",
		"GET `/api/client`":           "get-apiclient",
		"What documents say (or not)": "what-documents-say-or-not",
	} {
		if got := slug(heading); got != want {
			t.Errorf("the anchor of %q is %q, not %q", heading, got, want)
		}
	}
}
