package main

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ptero-go/ptero/internal/calls"
)

// The contract of the tests in this file: docs/reference is what the document
// and the wrappers give, complete, and fit for GitHub.

// readBook reads it once for all tests, which must not change it.
var readBook = sync.OnceValues(func() (*book, error) { return newBook(root) })

func openBook(t *testing.T) *book {
	t.Helper()
	b, err := readBook()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestReferenceIsCurrent(t *testing.T) {
	t.Parallel()
	pages, err := generate(root)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(root, reference, "*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(pages) {
		t.Errorf("%s holds %d files, not %d: run make docs", reference, len(files), len(pages))
	}
	for name, page := range pages {
		if written, err := os.ReadFile(filepath.Join(root, reference, name)); err != nil || !bytes.Equal(written, page) {
			t.Errorf("%s/%s is not current (%v): run make docs", reference, name, err)
		}
	}
	again, err := generate(root)
	if err != nil {
		t.Fatal(err)
	}
	if !maps.EqualFunc(pages, again, bytes.Equal) {
		t.Error("a second run writes other pages")
	}
}

func TestWriteTakesOldPagesAway(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "reference")
	if err := write(folder, map[string][]byte{"a.md": []byte("a"), "b.md": []byte("b")}); err != nil {
		t.Fatal(err)
	}
	if err := write(folder, map[string][]byte{"b.md": []byte("new")}); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(left) != 1 || read(t, left[0]) != "new" {
		t.Errorf("left are %q, %v", left, err)
	}
}

func TestEveryOperationIsDescribed(t *testing.T) {
	t.Parallel()
	b := openBook(t)
	count := 0
	for _, p := range b.pages {
		text := string(b.page(p))
		for _, op := range p.operations {
			count++
			_, section, found := strings.Cut(text, "\n## "+op.title()+"\n")
			section, _, _ = strings.Cut(section, "\n## ")
			if !found || !strings.Contains(section, quote(op.endpoint())) {
				t.Errorf("%s lacks %s", p.file, op.OperationID)
				continue
			}
			for _, part := range []string{"**Answer**, status 20", "```go\n", "```sh\ncurl"} {
				if !strings.Contains(section, part) {
					t.Errorf("%s lacks %q", op.OperationID, part)
				}
			}
			if op.Deprecated && !strings.Contains(section, "**Deprecated:**") {
				t.Errorf("%s does not say that it is deprecated", op.OperationID)
			}
		}
	}
	if count != 118 {
		t.Errorf("%d operations are described, want those 118 that some Panel serves", count)
	}
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
			// An empty cell leaves two bars side by side but for blanks, which the expression counts once each.
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
	if tables < 200 {
		t.Errorf("only %d tables were found", tables)
	}
}

func TestEventsHaveTheirNamesInGo(t *testing.T) {
	t.Parallel()
	files, err := calls.Parse(filepath.Join(root, "console"))
	if err != nil {
		t.Fatal(err)
	}
	known := exported(t, "console")
	_, functions := calls.Declarations(files)
	for _, f := range functions {
		known[calls.Receiver(f)+"."+f.Name.Name] = true
	}
	b := openBook(t)
	left := maps.Clone(inGo)
	for _, e := range b.socket.Components.Messages {
		if name := inGo[e.Name]; name != "" && !known[name] {
			t.Errorf("%s: package console has no %s", e.Name, name)
		}
		delete(left, e.Name)
	}
	for name := range left {
		t.Errorf("%s is no event of the document", name)
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

func TestWords(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"APIKey":            {"API", "key"},
		"ListApiKeys":       {"list", "API", "keys"},
		"SFTPDetails":       {"SFTP", "details"},
		"WebsocketData":     {"WebSocket", "data"},
		"NodeConfiguration": {"node", "configuration"},
	} {
		if got := words(name); !slices.Equal(got, want) {
			t.Errorf("%s is %q, not %q", name, got, want)
		}
	}
}

func TestProse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a_b and _c_":          `a_b and \_c\_`,
		"have *, or <b> [x]":   `have \*, or \<b\> \[x\]`,
		"in `code_ *` nothing": "in `code_ *` nothing",
	} {
		if got := prose(text); got != want {
			t.Errorf("%q became %q, not %q", text, got, want)
		}
	}
	if got := cell("a|b\n`c|d`"); got != "a\\|b `c\\|d`" {
		t.Errorf("the cell is %q", got)
	}
	if got := meaning("The UUID of\nit."); got != "The UUID of it." {
		t.Errorf("the meaning is %q", got)
	}
}
