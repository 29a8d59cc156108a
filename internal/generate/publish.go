package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ptero-go/ptero/internal/document"
)

// publications are the contract as others get it, below the output folder.
var publications = map[document.View]string{
	document.Pterodactyl: "api/ptero.openapi.json",
	document.Pelican:     "api/pelican.openapi.json",
}

// publish writes the published form of the contract of a panel: in JSON, without
// the operations that nobody serves, without what concerns Go or the tests, and
// with code samples.
func publish(out string, view document.View) error {
	root, err := document.Load(".", view)
	if err != nil {
		return err
	}
	if view == document.Pelican {
		if err := setPelicanExamples(root); err != nil {
			return err
		}
	}
	samples, err := newSampler(root, out)
	if err != nil {
		return err
	}
	for _, op := range document.Operations(root) {
		if document.Text(op.Node, "x-internal") == "true" {
			continue
		}
		code, err := samples.of(op)
		if err != nil {
			return fmt.Errorf("%s: %w", op.ID, err)
		}
		document.Set(op.Node, "x-codeSamples", code)
		nameRight(op)
	}
	dropInternal(root)
	document.Walk(root, func(node *yaml.Node) {
		document.Drop(node, func(key string, _ *yaml.Node) bool { return isPrivate(key) })
		for _, example := range document.Entries(document.Get(node, "examples")) {
			document.Drop(example, func(key string, _ *yaml.Node) bool { return isPrivate(key) })
		}
		if description := document.Get(node, "description"); description != nil && description.Kind == yaml.ScalarNode {
			description.Value = unfold(description.Value)
		}
	})
	addVariants(document.Get(root, "components", "schemas"))
	prune(root)
	var compact bytes.Buffer
	if err := writeJSON(&compact, root); err != nil {
		return err
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, compact.Bytes(), "", "  "); err != nil {
		return err
	}
	indented.WriteByte('\n')
	file := filepath.Join(out, filepath.FromSlash(publications[view]))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { //nolint:gosec // the contract is for all to read
		return err
	}
	return os.WriteFile(file, indented.Bytes(), 0o644) //nolint:gosec // the contract is for all to read
}

// nameRight says in the description which right an application key needs, which
// follows from the tag and the method.
func nameRight(op document.Operation) {
	api, area, _ := strings.Cut(document.Get(op.Node, "tags").Content[0].Value, ": ")
	if api != "Application" {
		return
	}
	resource := strings.ToLower(area)
	switch {
	case resource == "databases":
		resource = "server_databases"
	case resource == "database hosts":
		resource = "database_hosts"
	case strings.Contains(op.Path, "/eggs") && resource != "mounts":
		resource = "eggs"
	}
	needed := "read"
	// Pelican asks for no more where an egg is deleted.
	if op.Method != "get" && (resource != "eggs" || op.Method != "delete") {
		needed = "read and write"
	}
	description := document.Get(op.Node, "description")
	description.Value += "\n\nAn application key needs the right to " + needed + " `" + resource + "`."
}

// dropInternal removes the operations and parameters that are marked as internal,
// and the tags that then no operation has.
func dropInternal(root *yaml.Node) {
	paths := document.Get(root, "paths")
	for _, item := range document.Entries(paths) {
		document.Drop(item, func(_ string, op *yaml.Node) bool {
			return document.Text(op, "x-internal") == "true"
		})
	}
	used := make(map[string]bool) // tags
	for _, op := range document.Operations(root) {
		for _, tag := range document.Get(op.Node, "tags").Content {
			used[tag.Value] = true
		}
		if parameters := document.Get(op.Node, "parameters"); parameters != nil {
			parameters.Content = slices.DeleteFunc(parameters.Content, func(p *yaml.Node) bool { return document.Text(p, "x-internal") == "true" })
		}
	}
	document.Drop(paths, func(_ string, item *yaml.Node) bool {
		return !slices.ContainsFunc(document.Methods, func(method string) bool { return document.Get(item, method) != nil })
	})
	tags := document.Get(root, "tags")
	tags.Content = slices.DeleteFunc(tags.Content, func(tag *yaml.Node) bool { return !used[document.Text(tag, "name")] })
	groups := document.Get(root, "x-tagGroups")
	groups.Content = slices.DeleteFunc(groups.Content, func(group *yaml.Node) bool {
		names := document.Get(group, "tags")
		names.Content = slices.DeleteFunc(names.Content, func(name *yaml.Node) bool { return !used[name.Value] })
		return len(names.Content) == 0
	})
}

// isPrivate reports whether an extension concerns Go or the tests.
func isPrivate(key string) bool {
	for _, prefix := range []string{"x-go-", "x-omit", "x-oapi-codegen-"} {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return slices.Contains([]string{"x-enum-varnames", "x-documented-in", "x-recording", "x-internal"}, key)
}

// unfold joins the lines of each paragraph of a text, which the contract breaks
// to fit a screen. Lists, tables and code keep theirs.
func unfold(text string) string {
	var out strings.Builder
	code := false
	var last string
	for i, line := range strings.Split(text, "\n") {
		fence := strings.HasPrefix(strings.TrimSpace(line), "```")
		switch {
		case i == 0:
		case code || fence || line == "" || last == "" || isBlock(line) || isBlock(last) && !continues(line):
			out.WriteByte('\n')
		default:
			out.WriteByte(' ')
			line = strings.TrimSpace(line)
		}
		out.WriteString(line)
		last = line
		if fence {
			code = !code
		}
	}
	return out.String()
}

// isBlock reports whether a line begins something other than a paragraph.
func isBlock(line string) bool {
	digits := strings.TrimLeft(line, "0123456789")
	return strings.HasPrefix(line, "|") || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "- ") || strings.HasPrefix(line, "```") ||
		digits != line && strings.HasPrefix(digits, ". ")
}

// continues reports whether a line goes on with the item of a list.
func continues(line string) bool { return strings.HasPrefix(line, "  ") }

// prune removes the components that nothing refers to.
func prune(root *yaml.Node) {
	components := document.Get(root, "components")
	for {
		used := make(map[string]bool)
		collectReferences(root, used)
		dropped := false
		for kind, named := range document.Entries(components) {
			if kind == "securitySchemes" {
				continue // referred to by their names
			}
			document.Drop(named, func(name string, _ *yaml.Node) bool {
				unused := !used["#/components/"+kind+"/"+name]
				dropped = dropped || unused
				return unused
			})
		}
		if !dropped {
			return
		}
	}
}

func collectReferences(node *yaml.Node, used map[string]bool) {
	if node.Kind == yaml.MappingNode {
		if ref := document.Text(node, "$ref"); ref != "" {
			used[ref] = true
		}
	}
	for _, child := range node.Content {
		collectReferences(child, used)
	}
}

// writeJSON writes a node in the order of its keys.
func writeJSON(out *bytes.Buffer, node *yaml.Node) error {
	switch node.Kind {
	case yaml.MappingNode:
		out.WriteByte('{')
		for i := 0; i < len(node.Content); i += 2 {
			if i > 0 {
				out.WriteByte(',')
			}
			writeString(out, node.Content[i].Value)
			out.WriteByte(':')
			if err := writeJSON(out, node.Content[i+1]); err != nil {
				return err
			}
		}
		out.WriteByte('}')
	case yaml.SequenceNode:
		out.WriteByte('[')
		for i, item := range node.Content {
			if i > 0 {
				out.WriteByte(',')
			}
			if err := writeJSON(out, item); err != nil {
				return err
			}
		}
		out.WriteByte(']')
	case yaml.ScalarNode:
		switch node.ShortTag() {
		case "!!null":
			out.WriteString("null")
		case "!!bool":
			out.WriteString(strings.ToLower(node.Value))
		case "!!int", "!!float":
			if _, err := strconv.ParseFloat(node.Value, 64); err != nil {
				return fmt.Errorf("line %d: %q is no number in JSON", node.Line, node.Value)
			}
			out.WriteString(node.Value)
		default:
			writeString(out, node.Value)
		}
	default:
		return fmt.Errorf("line %d: a node of kind %d", node.Line, node.Kind)
	}
	return nil
}

// writeString writes a string with <, > and & as they are.
func writeString(out *bytes.Buffer, value string) {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err) // a string can always be encoded
	}
	out.Truncate(out.Len() - 1)
}
