package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ptero-go/ptero/internal/document"
)

// The contract of the tests in this file: what is published holds nothing that
// is ours alone, and its samples in Go compile.

const root = "../.."

type published struct {
	Paths map[string]map[string]struct {
		OperationID string                          `json:"operationId"`
		Samples     []struct{ Lang, Source string } `json:"x-codeSamples"`
	}
	Tags []struct{ Name string }
}

func readPublished(t *testing.T, view document.View) (published, []byte) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(publications[view])))
	if err != nil {
		t.Fatal(err)
	}
	var document published
	var tree map[string]any
	if err := json.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	for _, item := range tree["paths"].(map[string]any) {
		delete(item.(map[string]any), "servers")
	}
	again, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(again, &document); err != nil {
		t.Fatal(err)
	}
	return document, text
}

func TestPublishedFormIsForOthers(t *testing.T) {
	t.Parallel()
	for view, want := range map[document.View]int{document.Pterodactyl: 118, document.Pelican: 148} {
		checkPublished(t, view, want)
	}
}

func checkPublished(t *testing.T, view document.View, want int) {
	t.Helper()
	document, text := readPublished(t, view)
	if found := regexp.MustCompile(`"x-(go-|omit|oapi|internal|documented-in|recording)[^"]*"`).Find(text); found != nil {
		t.Errorf("it has %s", found)
	}
	for _, tag := range document.Tags {
		if tag.Name == "Never served" {
			t.Error("it has the tag of what was never served")
		}
	}
	count := 0
	for path, item := range document.Paths {
		for method, op := range item {
			count++
			var langs []string
			for _, sample := range op.Samples {
				langs = append(langs, sample.Lang)
			}
			if got := strings.Join(langs, " "); got != "Go Shell JavaScript" {
				t.Errorf("%s %s has samples in %s", method, path, got)
			}
		}
	}
	if count != want {
		t.Errorf("it has %d operations, want %d", count, want)
	}
}

// Where exactly one of several properties is required, each has a schema that
// requires it and lacks the others.
func TestOneIsRequired(t *testing.T) {
	t.Parallel()
	_, text := readPublished(t, document.Pterodactyl)
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), oneRequired) {
		t.Error("the published form has the extension")
	}
	request := doc.Components.Schemas["ApplicationCreateServerRequest"].Value
	if len(request.OneOf) != 2 {
		t.Fatalf("there are %d forms of the creation of a server, want 2", len(request.OneOf))
	}
	all := map[string]any{
		"name": "a", "user": 1, "egg": 1, "docker_image": "a", "startup": "a", "environment": map[string]any{},
		"limits":         map[string]any{"memory": 1, "swap": 0, "disk": 1, "io": 500, "cpu": 1},
		"feature_limits": map[string]any{"databases": 0, "allocations": 0, "backups": 0},
	}
	allocation := map[string]any{"default": 1}
	deploy := map[string]any{"locations": []any{1}, "dedicated_ip": false, "port_range": []any{}}
	for name, test := range map[string]struct {
		allocation, deploy any
		valid              bool
	}{
		"allocation": {allocation: allocation, valid: true},
		"deploy":     {deploy: deploy, valid: true},
		"neither":    {},
		"both":       {allocation: allocation, deploy: deploy},
	} {
		body := maps.Clone(all)
		if test.allocation != nil {
			body["allocation"] = test.allocation
		}
		if test.deploy != nil {
			body["deploy"] = test.deploy
		}
		plain, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		var value any
		if err := json.Unmarshal(plain, &value); err != nil {
			t.Fatal(err)
		}
		if err := request.VisitJSON(value); (err == nil) != test.valid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

var result = regexp.MustCompile(`(?m)^(\w+), err := \w+\.\w+\.`)

func TestSamplesCompile(t *testing.T) {
	t.Parallel()
	for view := range publications {
		compileSamples(t, view)
	}
}

func compileSamples(t *testing.T, view document.View) {
	t.Helper()
	document, _ := readPublished(t, view)
	var code strings.Builder
	code.WriteString("package samples\n\nimport (\n\"context\"\n\"io\"\n\"os\"\n\n\"github.com/ptero-go/ptero/client\"\n" +
		"\"github.com/ptero-go/ptero/client/application\"\n)\n\nvar _ io.Reader\nvar _ = os.Args\n")
	for _, item := range document.Paths {
		for _, op := range item {
			source := op.Samples[0].Source
			fmt.Fprintf(&code, "\nfunc %s(ctx context.Context, key string) error {\n%s\n", op.OperationID, source)
			if found := result.FindStringSubmatch(source); found != nil {
				fmt.Fprintf(&code, "_ = %s\n", found[1])
			}
			code.WriteString("return err\n}\n")
		}
	}
	folder := t.TempDir()
	file, overlay := filepath.Join(folder, "samples.go"), filepath.Join(folder, "overlay.json")
	if err := os.WriteFile(file, []byte(code.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	absolute, err := filepath.Abs(filepath.Join(root, "internal", "samples", "samples.go")) // which is not there
	if err != nil {
		t.Fatal(err)
	}
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {absolute: file}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(overlay, replace, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "build", "-overlay", overlay, "./internal/samples")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// What nothing refers to is left out.
func TestPublishedComponentsAreUsed(t *testing.T) {
	t.Parallel()
	for view := range publications {
		_, text := readPublished(t, view)
		var document struct {
			Components map[string]map[string]json.RawMessage
		}
		if err := json.Unmarshal(text, &document); err != nil {
			t.Fatal(err)
		}
		for kind, components := range document.Components {
			for name := range components {
				if kind != "securitySchemes" && !strings.Contains(string(text), `"#/components/`+kind+"/"+name+`"`) {
					t.Errorf("%v: nothing refers to %s of %s", view, name, kind)
				}
			}
		}
	}
}

// Paragraphs are one line each, whatever the width at which the contract is
// written: other people's pages show line breaks.
func TestPublishedTextIsUnfolded(t *testing.T) {
	t.Parallel()
	description := regexp.MustCompile(`"description": ("(?:[^"\\]|\\.)*")`)
	for view := range publications {
		_, text := readPublished(t, view)
		for _, found := range description.FindAllSubmatch(text, -1) {
			var described string
			if err := json.Unmarshal(found[1], &described); err != nil {
				t.Fatal(err)
			}
			if unfold(described) != described {
				t.Errorf("%v has a folded description: %q", view, described)
			}
		}
	}
}

func TestUnfold(t *testing.T) {
	t.Parallel()
	text := "A paragraph\nof two lines.\n\nAnother.\n\n1. An item\n   of two lines.\n2. One more.\n\n| a | b |\n|---|---|\n\n```sh\nx\n  y\n```\nEnd\nof it."
	want := "A paragraph of two lines.\n\nAnother.\n\n1. An item of two lines.\n2. One more.\n\n| a | b |\n|---|---|\n\n```sh\nx\n  y\n```\nEnd of it."
	if got := unfold(text); got != want {
		t.Errorf("it is\n%s\nwant\n%s", got, want)
	}
}
