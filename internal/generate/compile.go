package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ptero-go/ptero/internal/document"
)

// configs are the configurations of oapi-codegen. Each has an output.
var configs = []string{
	"client", "application", "client.server", "application.server", "client.pelican.server", "application.pelican.server",
}

var outputLine = regexp.MustCompile(`(?m)^output: (.*)$`)

// compile runs oapi-codegen on the contract, once for each configuration. The
// code goes below the folder out, and the names of its files are returned.
func compile(out string) ([]string, error) {
	scratch, err := os.MkdirTemp("", "generate")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch) //nolint:errcheck // a temporary folder
	program := filepath.Join(scratch, "oapi-codegen")
	if err := run("go", "build", "-o", program, "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen"); err != nil {
		return nil, err
	}
	document := filepath.Join(scratch, "openapi.yaml")
	if err := writeForGo(document); err != nil {
		return nil, err
	}
	var files []string
	for _, name := range configs {
		config, err := os.ReadFile(filepath.Join("api", name+".yaml")) //nolint:gosec // a file of this repository
		if err != nil {
			return nil, err
		}
		output := outputLine.FindSubmatch(config)
		if output == nil {
			return nil, fmt.Errorf("api/%s.yaml has no output", name)
		}
		file := filepath.Join(out, filepath.FromSlash(string(output[1])))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { //nolint:gosec // source code is for all to read
			return nil, err
		}
		scratchConfig := filepath.Join(scratch, name+".yaml")
		config = bytes.Replace(config, output[0], []byte("output: "+filepath.ToSlash(file)), 1)
		if err := os.WriteFile(scratchConfig, config, 0o600); err != nil { //nolint:gosec // in the temporary folder
			return nil, err
		}
		if err := run(program, "-config", scratchConfig, document); err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

func run(program string, args ...string) error {
	cmd := exec.Command(program, args...) //nolint:gosec,noctx // the Go tool, and what it has built
	if message, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", program, strings.Join(args, " "), err, message)
	}
	return nil
}

// writeForGo writes the contract as oapi-codegen takes it.
func writeForGo(file string) error {
	root, err := document.Load(".", document.Whole)
	if err != nil {
		return err
	}
	for _, op := range document.Operations(root) {
		// The configurations choose operations by the tag.
		tags := document.Sequence(document.Scalar(op.API()))
		if document.Text(op.Node, "x-pelican", "only") == "true" || document.Text(op.Node, "x-pelican", "current") == "true" {
			tags.Content = append(tags.Content, document.Scalar("pelican"), document.Scalar("pelican-"+op.API()))
		}
		document.Set(op.Node, "tags", tags)
		skipParameters(op.Node)
	}
	document.Walk(root, func(node *yaml.Node) {
		document.RequireForGo(node)
		extractReason(node)
		relax(root, node)
		spreadNull(root, node)
	})
	document.Walk(root, namesOfNull)
	encoded, err := yaml.Marshal(root)
	if err != nil {
		return err
	}
	return os.WriteFile(file, encoded, 0o600)
}

// skipParameters leaves out the parameters that the SDK has no use for.
func skipParameters(op *yaml.Node) {
	parameters := document.Get(op, "parameters")
	if parameters == nil {
		return
	}
	parameters.Content = slices.DeleteFunc(parameters.Content, func(parameter *yaml.Node) bool {
		return document.Text(parameter, "x-go-skip") == "true"
	})
}

// extractReason makes an extension of what a description says of a deprecation.
func extractReason(node *yaml.Node) {
	description := document.Get(node, "description")
	if document.Text(node, "deprecated") != "true" || description == nil {
		return
	}
	if rest, reason, found := strings.Cut(description.Value, deprecation); found {
		reason = strings.TrimSpace(reason)
		document.Set(node, "x-deprecated-reason", document.Scalar(strings.ToUpper(reason[:1])+reason[1:]))
		document.Set(node, "description", document.Scalar(strings.TrimSpace(rest)))
	}
}

// relax makes properties optional that an old Panel does not send, and
// relations, so that their absence can be told in Go.
func relax(root, node *yaml.Node) {
	required, properties := document.Get(node, "required"), document.Get(node, "properties")
	if required == nil || properties == nil || required.Kind != yaml.SequenceNode {
		return
	}
	name := schemaName(root, node)
	if strings.HasSuffix(name, "Request") {
		return
	}
	relations := strings.HasSuffix(name, "Relationships")
	required.Content = slices.DeleteFunc(required.Content, func(name *yaml.Node) bool {
		return relations || name.Value == "relationships" || document.Get(properties, name.Value, "x-panel", "since") != nil
	})
	if len(required.Content) == 0 {
		document.Drop(node, func(key string, _ *yaml.Node) bool { return key == "required" })
	}
}

// schemaName is the name of a component, "" for another schema.
func schemaName(root, node *yaml.Node) string {
	for name, schema := range document.Entries(document.Get(root, "components", "schemas")) {
		if schema == node {
			return name
		}
	}
	return ""
}

// spreadNull makes a property nullable that refers to a schema which is. For
// OpenAPI it is so anyway.
func spreadNull(root, node *yaml.Node) {
	all := document.Get(node, "allOf")
	if all == nil || len(all.Content) != 1 {
		return
	}
	if ref := document.Text(all.Content[0], "$ref"); document.Text(document.Get(root, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...), "nullable") == "true" {
		document.Set(node, "nullable", document.Bool(true))
	}
}

// namesOfNull takes null from the values of an enum, which is no constant in Go.
func namesOfNull(node *yaml.Node) {
	if values := document.Get(node, "enum"); values != nil && values.Kind == yaml.SequenceNode {
		values.Content = slices.DeleteFunc(values.Content, func(value *yaml.Node) bool { return value.Tag == "!!null" })
	}
}

// deprecation begins the last sentences of a description, which say why the
// thing is deprecated and what to use in its place.
const deprecation = "Deprecated: "
