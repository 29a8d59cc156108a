package main

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ptero-go/ptero/internal/document"
)

// oneRequired is the extension of a schema that lists properties of which exactly
// one must be there. Go has one struct for it, whose wrapper checks that.
const oneRequired = "x-one-required"

// addVariants replaces each schema with that extension by a choice of schemas,
// one for each of the properties. Each is written out, because generators do not
// agree on "required" beside a choice, nor on a choice of schemas that extend a
// common one.
func addVariants(schemas *yaml.Node) {
	for name, schema := range document.Entries(schemas) {
		alternatives := document.Get(schema, oneRequired)
		if alternatives == nil {
			continue
		}
		choice := document.Sequence()
		for _, own := range alternatives.Content {
			variant := name + "With" + strings.ToUpper(own.Value[:1]) + own.Value[1:]
			document.Set(schemas, variant, withOne(schema, own.Value, alternatives.Content))
			choice.Content = append(choice.Content, document.Mapping(document.Scalar("$ref"), document.Scalar("#/components/schemas/"+variant)))
		}
		*schema = *document.Mapping(document.Scalar("description"), document.Get(schema, "description"), document.Scalar("oneOf"), choice)
	}
}

// withOne returns a schema that requires one of the alternatives and lacks the
// others.
func withOne(schema *yaml.Node, own string, alternatives []*yaml.Node) *yaml.Node {
	variant := document.Mapping()
	for key, value := range document.Entries(schema) {
		switch key {
		case oneRequired:
			continue
		case "description":
			value = document.Scalar(value.Value + " This form is the one with `" + own + "`.")
		case "required":
			value = document.Sequence(append(append([]*yaml.Node{}, value.Content...), document.Scalar(own))...)
		case "properties":
			value = document.Mapping(append([]*yaml.Node{}, value.Content...)...)
			document.Drop(value, func(property string, _ *yaml.Node) bool {
				for _, other := range alternatives {
					if other.Value == property && property != own {
						return true
					}
				}
				return false
			})
		}
		document.Set(variant, key, value)
	}
	return variant
}
