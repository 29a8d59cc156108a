package main

import (
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The contract as a tree that keeps the order of its keys. A node is a mapping,
// a sequence or a scalar, as package yaml has it.

const contract = "api/openapi.yaml"

// readYAML reads a file and returns its top-level node.
func readYAML(file string) (*yaml.Node, error) {
	source, err := os.ReadFile(file) //nolint:gosec // a file of this repository
	if err != nil {
		return nil, err
	}
	var document yaml.Node
	if err := yaml.Unmarshal(source, &document); err != nil {
		return nil, err
	}
	return document.Content[0], nil
}

// get returns the value under a path of keys, nil if there is none.
func get(node *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		if node == nil || node.Kind != yaml.MappingNode {
			return nil
		}
		var found *yaml.Node
		for i := 0; i < len(node.Content); i += 2 {
			if node.Content[i].Value == key {
				found = node.Content[i+1]
			}
		}
		node = found
	}
	return node
}

// text returns the scalar under a path of keys, "" if there is none.
func text(node *yaml.Node, keys ...string) string {
	if found := get(node, keys...); found != nil {
		return found.Value
	}
	return ""
}

// set puts a value under a key, in place of the old one or at the end.
func set(node *yaml.Node, key string, value *yaml.Node) {
	for i := 0; i < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			node.Content[i+1] = value
			return
		}
	}
	node.Content = append(node.Content, scalar(key), value)
}

// drop removes the keys for which the function reports true.
func drop(node *yaml.Node, unwanted func(key string, value *yaml.Node) bool) {
	var kept []*yaml.Node
	for i := 0; i < len(node.Content); i += 2 {
		if !unwanted(node.Content[i].Value, node.Content[i+1]) {
			kept = append(kept, node.Content[i], node.Content[i+1])
		}
	}
	node.Content = kept
}

func scalar(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
}

func mapping(pairs ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.MappingNode, Content: pairs}
}

func sequence(items ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Content: items}
}

// entries yields the keys and values of a mapping in their order.
func entries(node *yaml.Node) func(yield func(string, *yaml.Node) bool) {
	return func(yield func(string, *yaml.Node) bool) {
		for i := 0; node != nil && i < len(node.Content); i += 2 {
			if !yield(node.Content[i].Value, node.Content[i+1]) {
				return
			}
		}
	}
}

// walk visits every mapping of the document, outermost first, but for examples,
// whose content is data.
func walk(node *yaml.Node, visit func(*yaml.Node)) {
	if node == nil {
		return
	}
	if node.Kind == yaml.SequenceNode {
		for _, item := range node.Content {
			walk(item, visit)
		}
		return
	}
	if node.Kind != yaml.MappingNode {
		return
	}
	visit(node)
	for key, value := range entries(node) {
		if key != "example" && key != "examples" {
			walk(value, visit)
		}
	}
}

// operation is an operation with its place in the document.
type operation struct {
	node         *yaml.Node
	id           string
	method, path string // the method in lower case
}

var methods = []string{"get", "post", "put", "patch", "delete"}

// operations returns the operations in the order of the document.
func operations(root *yaml.Node) []operation {
	var all []operation
	for path, item := range entries(get(root, "paths")) {
		for method, node := range entries(item) {
			if slices.Contains(methods, method) {
				all = append(all, operation{node, text(node, "operationId"), method, path})
			}
		}
	}
	return all
}

// api is the API that an operation belongs to, which its path tells.
func (o operation) api() string {
	switch {
	case strings.HasPrefix(o.path, "/api/client"):
		return "client"
	case strings.HasPrefix(o.path, "/api/application"):
		return "application"
	}
	return "wings"
}
