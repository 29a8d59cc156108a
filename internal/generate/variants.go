package main

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// oneRequired is the extension of a schema that lists properties of which exactly
// one must be there. Go has one struct for it, whose wrapper checks that.
const oneRequired = "x-one-required"

// addVariants replaces each schema with that extension by a choice of schemas,
// one for each of the properties. Each is written out, because generators do not
// agree on "required" beside a choice, nor on a choice of schemas that extend a
// common one.
func addVariants(schemas *yaml.Node) {
	for name, schema := range entries(schemas) {
		alternatives := get(schema, oneRequired)
		if alternatives == nil {
			continue
		}
		choice := sequence()
		for _, own := range alternatives.Content {
			variant := name + "With" + strings.ToUpper(own.Value[:1]) + own.Value[1:]
			set(schemas, variant, withOne(schema, own.Value, alternatives.Content))
			choice.Content = append(choice.Content, mapping(scalar("$ref"), scalar("#/components/schemas/"+variant)))
		}
		*schema = *mapping(scalar("description"), get(schema, "description"), scalar("oneOf"), choice)
	}
}

// withOne returns a schema that requires one of the alternatives and lacks the
// others.
func withOne(schema *yaml.Node, own string, alternatives []*yaml.Node) *yaml.Node {
	variant := mapping()
	for key, value := range entries(schema) {
		switch key {
		case oneRequired:
			continue
		case "description":
			value = scalar(value.Value + " This form is the one with `" + own + "`.")
		case "required":
			value = sequence(append(append([]*yaml.Node{}, value.Content...), scalar(own))...)
		case "properties":
			value = mapping(append([]*yaml.Node{}, value.Content...)...)
			drop(value, func(property string, _ *yaml.Node) bool {
				for _, other := range alternatives {
					if other.Value == property && property != own {
						return true
					}
				}
				return false
			})
		}
		set(variant, key, value)
	}
	return variant
}
