package document

import (
	"os"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The documents are trees that keep the order of their keys. A node is a mapping,
// a sequence or a scalar, as package yaml has it.

// Read reads a file and returns its top-level node.
func Read(file string) (*yaml.Node, error) {
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

// Get returns the value under a path of keys, nil if there is none.
func Get(node *yaml.Node, keys ...string) *yaml.Node {
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

// Text returns the scalar under a path of keys, "" if there is none.
func Text(node *yaml.Node, keys ...string) string {
	if found := Get(node, keys...); found != nil {
		return found.Value
	}
	return ""
}

// Set puts a value under a key, in place of the old one or at the end.
func Set(node *yaml.Node, key string, value *yaml.Node) {
	for i := 0; i < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			node.Content[i+1] = value
			return
		}
	}
	node.Content = append(node.Content, Scalar(key), value)
}

// Drop removes the keys for which the function reports true.
func Drop(node *yaml.Node, unwanted func(key string, value *yaml.Node) bool) {
	var kept []*yaml.Node
	for i := 0; i < len(node.Content); i += 2 {
		if !unwanted(node.Content[i].Value, node.Content[i+1]) {
			kept = append(kept, node.Content[i], node.Content[i+1])
		}
	}
	node.Content = kept
}

// Scalar makes a string.
func Scalar(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
}

// Bool makes a boolean.
func Bool(value bool) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(value)}
}

// Mapping makes a mapping of keys and values in turn.
func Mapping(pairs ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.MappingNode, Content: pairs}
}

// Sequence makes a sequence.
func Sequence(items ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Content: items}
}

// Entries yields the keys and values of a mapping in their order.
func Entries(node *yaml.Node) func(yield func(string, *yaml.Node) bool) {
	return func(yield func(string, *yaml.Node) bool) {
		for i := 0; node != nil && i < len(node.Content); i += 2 {
			if !yield(node.Content[i].Value, node.Content[i+1]) {
				return
			}
		}
	}
}

// Walk visits every mapping of the document, outermost first, but for examples,
// whose content is data.
func Walk(node *yaml.Node, visit func(*yaml.Node)) {
	if node == nil {
		return
	}
	if node.Kind == yaml.SequenceNode {
		for _, item := range node.Content {
			Walk(item, visit)
		}
		return
	}
	if node.Kind != yaml.MappingNode {
		return
	}
	visit(node)
	for key, value := range Entries(node) {
		if key != "example" && key != "examples" {
			Walk(value, visit)
		}
	}
}

// Operation is an operation with its place in the document.
type Operation struct {
	Node         *yaml.Node
	ID           string
	Method, Path string // the method in lower case
}

// Methods are those of operations, in lower case.
var Methods = []string{"get", "post", "put", "patch", "delete"}

// Operations returns the operations in the order of the document.
func Operations(root *yaml.Node) []Operation {
	var all []Operation
	for path, item := range Entries(Get(root, "paths")) {
		for method, node := range Entries(item) {
			if slices.Contains(Methods, method) {
				all = append(all, Operation{node, Text(node, "operationId"), method, path})
			}
		}
	}
	return all
}

// API returns the API that the operation belongs to, see [APIOf].
func (o Operation) API() string { return APIOf(o.Path) }

// APIOf returns the API that a path belongs to: client, application or wings.
func APIOf(path string) string {
	switch {
	case strings.HasPrefix(path, "/api/client"):
		return "client"
	case strings.HasPrefix(path, "/api/application"):
		return "application"
	}
	return "wings"
}
