package document_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/ptero-go/ptero/internal/document"
)

const base = `
paths:
  /api/client/old:
    get: {operationId: old, description: It is old.}
  /api/client/both:
    get:
      operationId: both
      description: Both have it.
      parameters:
        - {name: a, in: query, schema: {type: string}}
        - {name: b, in: query, x-pelican: {only: true}, schema: {type: string}}
        - {name: c, in: query, x-pelican: {absent: true}, schema: {type: string}}
components:
  schemas:
    Thing:
      required: [id, name, rest]
      properties:
        id: {type: string, description: The ID., x-pelican: {form: {type: integer}, as: text, note: Pelican sends a number.}}
        name: {type: string, description: The name., x-pelican: {absent: true}}
        rest: {type: string, description: The rest., x-pelican: {optional: true}}
        more: {type: string, description: More., x-pelican: {only: true, required: true}}
        was: {type: string, deprecated: true, description: 'What was. Deprecated: ignored.', x-pelican: {current: true}}
        also: {type: string, x-pelican: {also: {type: number}}}
        pick: {description: Pick., oneOf: [{type: string}, {type: integer, x-pelican: {only: true}}]}
    ThingRequest:
      properties:
        more: {type: string, description: More., x-pelican: {only: true}}
    Kind: {type: string, enum: [a], x-enum-varnames: [A], x-pelican: {enum: [b], varnames: [B]}}
`

const add = `
overlay: 1.0.0
info: {title: Add, version: 1.0.0}
actions:
  - target: $.paths
    update:
      /api/client/new:
        get: {operationId: new, description: It is new., x-pelican: {only: true, instead: Use the old one.}}
`

const remove = `
overlay: 1.0.0
info: {title: Remove, version: 1.0.0}
actions:
  - {target: "$.paths['/api/client/old'].get", description: Use the new one., remove: true}
`

// module writes the documents into a folder as a module has them.
func module(t *testing.T, base, add, remove string) string {
	t.Helper()
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "api"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"openapi.yaml": base, "pelican.add.yaml": add, "pelican.remove.yaml": remove} {
		if err := os.WriteFile(filepath.Join(root, "api", name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func load(t *testing.T, view document.View) *yaml.Node {
	t.Helper()
	tree, err := document.Load(module(t, base, add, remove), view)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// flow writes a node in one line.
func flow(t *testing.T, node *yaml.Node) string {
	t.Helper()
	var value any
	if node == nil {
		return ""
	}
	if err := node.Decode(&value); err != nil {
		t.Fatal(err)
	}
	encoded, err := yaml.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(encoded)), " ")
}

func TestViews(t *testing.T) {
	t.Parallel()
	thing := []string{"components", "schemas", "Thing"}
	for _, tt := range []struct {
		path                        []string
		pterodactyl, pelican, whole string // as YAML with its lines joined
	}{
		{[]string{"paths", "/api/client/old", "get", "operationId"}, "old", "", "old"},
		{[]string{"paths", "/api/client/new", "get", "operationId"}, "", "new", "new"},
		{
			[]string{"paths", "/api/client/old", "get", "x-pelican"},
			"", "", "absent: true instead: Use the new one.",
		},
		{
			[]string{"paths", "/api/client/old", "get", "description"},
			"It is old.", "", "It is old. Pterodactyl only. Use the new one.",
		},
		{
			[]string{"paths", "/api/client/new", "get", "description"},
			"", "It is new.", "It is new. Pelican only. Use the old one.",
		},
		{append(thing, "required"), "- id - name - rest", "- id - more", "- id"},
		{
			append(thing, "properties", "id"), "description: The ID. type: string",
			"description: The ID. Pelican sends a number. type: integer",
			"description: The ID. Pelican sends a number. oneOf: - type: string - type: integer x-go-type: string x-oapi-codegen-extra-tags: forms: text",
		},
		{
			append(thing, "properties", "name"), "description: The name. type: string", "",
			"description: The name. Pelican does not have it. type: string x-go-required: true",
		},
		{
			append(thing, "properties", "rest"), "description: The rest. type: string", "description: The rest. type: string",
			"description: The rest. type: string x-go-required: true",
		},
		{append(thing, "properties", "more"), "", "description: More. type: string", "description: More. Pelican only. type: string"},
		{
			append(thing, "properties", "was"), "deprecated: true description: 'What was. Deprecated: ignored.' type: string",
			"description: What was. type: string", "description: What was. Pelican only. type: string",
		},
		{append(thing, "properties", "also"), "type: string", "oneOf: - type: string - type: number", "oneOf: - type: string - type: number"},
		{
			append(thing, "properties", "pick"), "description: Pick. type: string",
			"description: Pick. oneOf: - type: string - type: integer", "description: Pick. oneOf: - type: string - type: integer",
		},
		{
			[]string{"components", "schemas", "ThingRequest", "properties", "more"},
			"", "description: More. type: string",
			"description: More. Pelican only. type: string x-oapi-codegen-extra-tags: panel: pelican",
		},
		{[]string{"components", "schemas", "Kind", "enum"}, "- a", "- a - b", "- a - b"},
		{[]string{"components", "schemas", "Kind", "x-enum-varnames"}, "- A", "- A - B", "- A - B"},
	} {
		for view, want := range map[document.View]string{document.Pterodactyl: tt.pterodactyl, document.Pelican: tt.pelican, document.Whole: tt.whole} {
			if got := flow(t, document.Get(load(t, view), tt.path...)); got != want {
				t.Errorf("%v in view %d:\n got %s\nwant %s", tt.path, view, got, want)
			}
		}
	}
	for view, want := range map[document.View]string{document.Pterodactyl: "a c", document.Pelican: "a b", document.Whole: "a b c"} {
		var names []string
		for _, parameter := range document.Get(load(t, view), "paths", "/api/client/both", "get", "parameters").Content {
			names = append(names, document.Text(parameter, "name"))
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("view %d has the parameters %s, want %s", view, got, want)
		}
	}
}

// What one of the panels does not send is no less a plain field in Go.
func TestRequireForGo(t *testing.T) {
	t.Parallel()
	thing := document.Get(load(t, document.Whole), "components", "schemas", "Thing")
	document.RequireForGo(thing)
	if got := flow(t, document.Get(thing, "required")); got != "- id - name - rest" {
		t.Errorf("required are %s", got)
	}
}

// An overlay that says nothing any more fails.
func TestOverlaysThatMiss(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ add, remove, want string }{
		"an operation that is not there": {add, strings.Replace(remove, "/old", "/older", 1), "older"},
		"no reason":                      {add, strings.Replace(remove, "description: Use the new one., ", "", 1), "no description"},
		"no overlay":                     {"actions: 7", remove, "pelican.add.yaml"},
		"a target that is not there":     {strings.Replace(add, "$.paths", "$.pathes", 1), remove, "pathes"},
	} {
		if _, err := document.Load(module(t, base, tt.add, tt.remove), document.Whole); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: err = %v, want one about %s", name, err, tt.want)
		}
	}
}
