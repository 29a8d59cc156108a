package ptero_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/gen/clientapi"
	"github.com/ptero-go/ptero/internal/contract"
	"github.com/ptero-go/ptero/internal/document"
	"github.com/ptero-go/ptero/internal/rest"
)

// The contract of the tests in this file: which panel has which operation is the
// same in the two documents, in api/endpoints.tsv and in the SDK, and nothing of
// Pelican is in the document of Pterodactyl.

// endpointsOf returns the endpoints of a view, with their operations.
func endpointsOf(t *testing.T, view document.View) map[string]contract.Operation {
	t.Helper()
	doc, err := contract.LoadOf(view)
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]contract.Operation)
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			o := contract.Operation{Operation: op, Method: method, Path: path}
			if !o.Internal() {
				all[o.Endpoint()] = o
			}
		}
	}
	return all
}

func TestPanelsOfEachEndpoint(t *testing.T) {
	t.Parallel()
	pterodactyl, pelican := endpointsOf(t, document.Pterodactyl), endpointsOf(t, document.Pelican)
	counts := make(map[string]int)
	for _, row := range endpointRows(t) {
		endpoint := row["method"] + " " + row["path"]
		if row["operationId"] == websocketOperation {
			continue // no HTTP operation
		}
		_, inPterodactyl := pterodactyl[endpoint]
		_, inPelican := pelican[endpoint]
		panels := map[[2]bool]string{{true, true}: "both", {true, false}: "pterodactyl", {false, true}: "pelican"}[[2]bool{inPterodactyl, inPelican}]
		if panels == "" {
			panels = "none"
		}
		counts[panels]++
		if row["panels"] != panels {
			t.Errorf("%s: served by %s, the list says %s", endpoint, panels, row["panels"])
		}
	}
	// 65 and 33 are the same, and 3 signed URLs, and the removal of an SSH key that old Pterodactyl has too.
	if want := map[string]int{"both": 102, "pterodactyl": 16, "pelican": 46, "none": 10}; !maps.Equal(counts, want) {
		t.Errorf("counted %v, want %v", counts, want)
	}
}

// What the SDK refuses on a panel is what its document lacks, and the error says
// what to use instead.
func TestFlavorsOfEachOperation(t *testing.T) {
	t.Parallel()
	documents := map[rest.Flavor]map[string]contract.Operation{
		rest.Pterodactyl: endpointsOf(t, document.Pterodactyl), rest.Pelican: endpointsOf(t, document.Pelican),
	}
	check := func(id, method, path, only, instead string) {
		served := make(map[rest.Flavor]bool)
		for flavor, endpoints := range documents {
			_, served[flavor] = endpoints[method+" "+path]
		}
		want := ""
		switch {
		case !served[rest.Pelican]:
			want = string(rest.Pterodactyl)
		case !served[rest.Pterodactyl]:
			want = string(rest.Pelican)
		}
		if !served[rest.Pelican] && !served[rest.Pterodactyl] {
			return // nobody has it
		}
		if only != want || (instead != "") != (want != "") || want != "" && !sentence.MatchString(instead) {
			t.Errorf("%s: only %q, want %q; instead %q", id, only, want, instead)
		}
	}
	for _, op := range clientapi.Operations() {
		check(op.ID, op.Method, op.Path, op.Only, op.Instead)
	}
	for _, op := range applicationapi.Operations() {
		check(op.ID, op.Method, op.Path, op.Only, op.Instead)
	}
}

func TestPublishedDocuments(t *testing.T) {
	t.Parallel()
	for file, operations := range map[string]int{"api/ptero.openapi.json": 118, "api/pelican.openapi.json": 148} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := openapi3.NewLoader().LoadFromData(source)
		if err != nil {
			t.Fatal(err)
		}
		if err := doc.Validate(t.Context()); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		count := 0
		for _, item := range doc.Paths.Map() {
			count += len(item.Operations())
		}
		if count != operations {
			t.Errorf("%s has %d operations, want %d", file, count, operations)
		}
		if strings.Contains(string(source), "x-pelican") {
			t.Errorf("%s holds x-pelican", file)
		}
	}
	source, err := os.ReadFile("api/ptero.openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if i := strings.Index(strings.ToLower(string(source)), "pelican"); i >= 0 {
		t.Errorf("the document of Pterodactyl names Pelican: %s", source[max(0, i-80):min(len(source), i+80)])
	}
}

// Each field that Pelican alone takes in a request is tagged for the SDK, which
// refuses it elsewhere.
func TestForeignFieldsAreTagged(t *testing.T) {
	t.Parallel()
	doc := make(map[document.View]map[string]*openapi3.SchemaRef)
	for _, view := range []document.View{document.Pterodactyl, document.Pelican} {
		read, err := contract.LoadOf(view)
		if err != nil {
			t.Fatal(err)
		}
		doc[view] = read.Components.Schemas
	}
	count := 0
	for name, schema := range doc[document.Pelican] {
		shared := doc[document.Pterodactyl][name]
		if !strings.HasSuffix(name, "Request") || shared == nil {
			continue
		}
		pkg := "clientapi"
		if strings.HasPrefix(name, "Application") {
			pkg = "applicationapi"
		}
		code, err := os.ReadFile("gen/" + pkg + "/" + pkg + ".gen.go")
		if err != nil {
			t.Fatal(err)
		}
		_, body, _ := strings.Cut(string(code), "\ntype "+schema.Value.Extensions["x-go-name"].(string)+" struct {\n")
		body, _, _ = strings.Cut(body, "\n}\n")
		for _, property := range slices.Sorted(maps.Keys(schema.Value.Properties)) {
			other := shared.Value.Properties[property]
			if other != nil && !other.Value.Deprecated || schema.Value.Properties[property].Value.Deprecated {
				continue
			}
			count++
			if !strings.Contains(body, `json:"`+property+`,`) {
				t.Errorf("%s has no %s", name, property)
			}
			for line := range strings.Lines(body) {
				if strings.Contains(line, `json:"`+property+`,`) && !strings.Contains(line, `panel:"pelican"`) {
					t.Errorf("%s.%s is not tagged", name, property)
				}
			}
		}
	}
	if count < 15 {
		t.Errorf("looked at %d fields, want at least 15", count)
	}
}

// Of every example that an operation of Pelican has, it is recorded.
func TestPelicanExamplesAreOfPelican(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("api/pelican.openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(source)
	if err != nil {
		t.Fatal(err)
	}
	bodies := make(map[string][]any)
	for _, e := range recordings(t) {
		if e.Set.IsPelican() && e.Response.Body.IsJSON() && e.Response.Status < 300 {
			var body any
			if err := json.Unmarshal(e.Response.Body, &body); err != nil {
				t.Fatal(err)
			}
			key := e.Operation.Method + " " + e.Operation.Path
			bodies[key] = append(bodies[key], body)
		}
	}
	count := 0
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			for status, response := range op.Responses.Map() {
				media := response.Value.Content.Get("application/json")
				if status[0] != '2' || response.Ref != "" || media == nil || media.Example == nil {
					continue
				}
				count++
				text, err := json.Marshal(media.Example)
				if err != nil {
					t.Fatal(err)
				}
				var example any
				if err := json.Unmarshal(text, &example); err != nil {
					t.Fatal(err)
				}
				if !slices.ContainsFunc(bodies[method+" "+path], func(body any) bool { _, ok := contained("", example, body); return ok }) {
					t.Errorf("%s %s: the example was not recorded", method, path)
				}
			}
		}
	}
	if count < 60 {
		t.Errorf("looked at %d examples, want at least 60", count)
	}
}
