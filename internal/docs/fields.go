package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// field is a field of an object, or a parameter.
type field struct {
	name     string // dotted, from the outermost object
	required bool
	kind     kind
	panel    string // the versions that have it
	text     string
}

// kind is what a value can be.
type kind struct {
	name  string   // such as "array of string"
	null  string   // "yes", or what stands in place of nothing
	rules []string // that a request must keep to
	value string   // the values that there are, for an answer
}

// fielder describes fields on a page.
type fielder struct {
	book    *book
	page    *page
	mention func(*openapi3.SchemaRef) // is told of each component that is linked
	open    []string                  // the components whose fields are being listed
}

// fields lists the fields of an object and of the plain objects in it, in the
// order of the document.
func (f *fielder) fields(prefix string, ref *openapi3.SchemaRef) []field {
	if ref == nil {
		return nil
	}
	if name := componentOf(ref); name != "" {
		if slices.Contains(f.open, name) {
			return nil
		}
		f.open = append(f.open, name)
		defer func() { f.open = f.open[:len(f.open)-1] }()
	}
	var all []field
	for _, name := range propertyNames(ref.Value) {
		property := ref.Value.Properties[name]
		all = append(all, field{
			name:     prefix + name,
			required: slices.Contains(ref.Value.Required, name),
			kind:     f.describe(property),
			panel:    versions(property.Value.Extensions),
			text:     f.text(property.Value),
		})
		inner, way := within(property)
		if inner != nil && !isEnvelope(inner.Value) {
			all = append(all, f.fields(prefix+name+way, inner)...)
		}
	}
	return all
}

// text is the meaning of a field, with what to know before it is used.
func (f *fielder) text(schema *openapi3.Schema) string {
	return meaning(f.book.linked(f.page, schema.Description))
}

// within finds the object whose fields belong to a field, and what comes between
// their names.
func within(ref *openapi3.SchemaRef) (inner *openapi3.SchemaRef, way string) {
	schema := ref.Value
	switch {
	case len(schema.AllOf) == 1:
		return within(schema.AllOf[0])
	case schema.Type.Is("array") && schema.Items != nil:
		if inner, way = within(schema.Items); inner != nil {
			return inner, "[]" + way
		}
	case schema.Type.Is("object") && len(schema.Properties) > 0:
		return ref, "."
	case schema.AdditionalProperties.Schema != nil:
		if inner, way = within(schema.AdditionalProperties.Schema); inner != nil {
			return inner, ".*" + way
		}
	}
	return nil, ""
}

// propertyNames returns the names in the order of the document.
func propertyNames(schema *openapi3.Schema) []string {
	names := slices.Sorted(maps.Keys(schema.Properties))
	slices.SortStableFunc(names, func(x, y string) int {
		return compareOrigins(originOf(schema.Properties[x]), originOf(schema.Properties[y]))
	})
	return names
}

// originOf is the place of a property, not that of the component it refers to.
func originOf(ref *openapi3.SchemaRef) *openapi3.Origin {
	if ref.Ref != "" {
		return ref.Origin
	}
	return ref.Value.Origin
}

// describe says what a value can be.
func (f *fielder) describe(ref *openapi3.SchemaRef) kind {
	schema := ref.Value
	var k kind
	switch {
	case len(schema.AllOf) == 1:
		k = f.describe(schema.AllOf[0])
	case len(schema.OneOf) > 0:
		k = f.either(schema.OneOf)
	case len(schema.AnyOf) > 0:
		k = f.either(schema.AnyOf)
	case isEnvelope(schema):
		k.name = f.envelope(schema)
	case schema.Type.Is("array"):
		item := f.describe(schema.Items)
		k = kind{name: "array of " + item.name, value: item.value}
		if len(item.rules) > 0 {
			k.rules = []string{"each " + strings.Join(item.rules, "; ")}
		}
		k.rules = append(k.rules, count(schema.MinItems, schema.MaxItems, "item")...)
	case schema.AdditionalProperties.Schema != nil:
		k.name = "map of " + f.describe(schema.AdditionalProperties.Schema).name
	case schema.Type.Is("object"):
		k.name = "object"
	default:
		k = f.scalar(ref)
	}
	if schema.Nullable {
		k.null = "yes"
	}
	if schema.Default != nil {
		k.rules = append(k.rules, "default "+quote(fmt.Sprint(schema.Default)))
	}
	return k
}

// anything is the number of types from which on a choice leaves nothing out.
const anything = 4

// relationOfRelation is the pattern of an include with a dot.
const relationOfRelation = `^[a-z]+\.[a-z]+$`

// either describes a choice.
func (f *fielder) either(choices openapi3.SchemaRefs) kind {
	var k kind
	var names []string
	var rules []string
	open := false // any string besides those that are listed
	for _, choice := range choices {
		schema := choice.Value
		switch {
		case componentOf(choice) == "NullResource":
			k.null = "null resource"
			continue
		case componentOf(choice) == "EmptyList":
			names = append(names, "`[]` when empty")
			continue
		case len(schema.Enum) == 1 && schema.Enum[0] == nil:
			k.null = "yes"
			continue
		}
		one := f.describe(choice)
		if one.null != "" {
			k.null = one.null
		}
		k.value += one.value
		other := one.name == "string" && len(schema.Enum) == 0
		switch {
		case other && len(one.rules) == 0:
			one.rules = []string{"another"}
		case schema.Pattern == relationOfRelation:
			one.rules = []string{"a relation of such a relation, after a dot"}
		}
		rules = append(rules, strings.Join(one.rules, "; "))
		open = open || other
		if !slices.Contains(names, one.name) {
			names = append(names, one.name)
		}
	}
	if open && k.value != "" {
		k.value += " Others may come."
	}
	if k.value != "" {
		k.rules = []string{strings.Join(rules, " or ")}
	}
	k.name = strings.Join(names, " or ")
	if len(names) >= anything {
		k.name = "any JSON"
	}
	return k
}

// scalar describes a plain value.
func (f *fielder) scalar(ref *openapi3.SchemaRef) kind {
	schema := ref.Value
	k := kind{name: "any"}
	if types := schema.Type.Slice(); len(types) == 1 {
		k.name = types[0]
	}
	if schema.Format != "" {
		k.name += " (" + schema.Format + ")"
	}
	switch {
	case isLongEnum(schema) && componentOf(ref) != "":
		f.mention(ref)
		k.value = "One of the " + f.link(ref, plural(nameOf(ref))) + "."
		k.rules = []string{"one of the " + f.link(ref, plural(nameOf(ref)))}
	case len(schema.Enum) > 0:
		var values []string
		for _, value := range schema.Enum {
			values = append(values, quote(fmt.Sprint(value)))
		}
		list := "one of " + strings.Join(values, ", ")
		if len(values) == 1 {
			list = "always " + values[0]
		}
		k.value, k.rules = sentence(list)+".", []string{list}
	}
	if schema.Type.Is("string") {
		k.rules = append(k.rules, count(schema.MinLength, schema.MaxLength, "character")...)
	}
	switch low, high := schema.Min, schema.Max; {
	case low != nil && high != nil:
		k.rules = append(k.rules, number(*low)+" to "+number(*high))
	case low != nil:
		k.rules = append(k.rules, "at least "+number(*low))
	case high != nil:
		k.rules = append(k.rules, "at most "+number(*high))
	}
	if schema.Pattern != "" {
		k.rules = append(k.rules, "matches "+quote(schema.Pattern))
	}
	return k
}

// longEnum is the number of values from which on they are listed by themselves.
const longEnum = 10

func isLongEnum(schema *openapi3.Schema) bool { return len(schema.Enum) >= longEnum }

// count words the bounds of a length.
func count(low uint64, high *uint64, unit string) []string {
	switch {
	case high == nil && low == 0:
		return nil
	case high == nil && low == 1 && unit == "character":
		return []string{"not empty"}
	case high == nil:
		return []string{fmt.Sprintf("at least %d %s", low, numbered(low, unit))}
	case low == *high:
		return []string{fmt.Sprintf("%d %s", low, numbered(low, unit))}
	case low == 0:
		return []string{fmt.Sprintf("at most %d %s", *high, numbered(*high, unit))}
	}
	return []string{fmt.Sprintf("%d to %d %s", low, *high, numbered(*high, unit))}
}

func numbered(n uint64, unit string) string {
	if n == 1 {
		return unit
	}
	return unit + "s"
}

func number(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

func plural(name string) string { return name + "s" }

// isEnvelope tells that a schema is what the Panel wraps things in.
func isEnvelope(schema *openapi3.Schema) bool {
	p := schema.Properties
	return p["object"] != nil && (p["attributes"] != nil || p["data"] != nil)
}

// envelope names what an envelope holds.
func (f *fielder) envelope(schema *openapi3.Schema) string {
	if data := schema.Properties["data"]; data != nil {
		return "list of " + f.envelope(data.Value.Items.Value)
	}
	subject := schema.Properties["attributes"]
	f.mention(subject)
	return f.link(subject, nameOf(subject))
}

// link is a link to the description of a component, or its name if that is
// described nowhere.
func (f *fielder) link(ref *openapi3.SchemaRef, text string) string {
	home := f.book.homes[componentOf(ref)]
	if home == nil {
		return text
	}
	return fmt.Sprintf("[%s](%s)", text, link(f.page.file, home.file, slug(heading(ref))))
}

// componentOf is the name of the component that a reference leads to.
func componentOf(ref *openapi3.SchemaRef) string {
	return strings.TrimPrefix(ref.Ref, "#/components/schemas/")
}

// nameOf is what a component is called in a sentence.
func nameOf(ref *openapi3.SchemaRef) string {
	name, _ := ref.Value.Extensions["x-go-name"].(string)
	if name == "" {
		name = componentOf(ref)
	}
	return strings.Join(words(name), " ")
}

// heading is that over the description of a component. The words after its name
// keep it apart from headings of operations.
func heading(ref *openapi3.SchemaRef) string {
	if len(ref.Value.Enum) > 0 {
		return sentence(plural(nameOf(ref)))
	}
	return sentence(nameOf(ref)) + " object"
}

// versions says which versions of the Panel have something.
func versions(extensions map[string]any) string {
	panel, _ := extensions["x-panel"].(map[string]any)
	since, _ := panel["since"].(string)
	until, _ := panel["until"].(string)
	text := ""
	switch {
	case panel["never"] == true:
		text = "none"
	case since != "" && until != "":
		text = since + " to " + until
	case since != "":
		text = "since " + since
	case until != "":
		text = "up to " + until
	}
	if note, _ := panel["note"].(string); note != "" {
		text = strings.TrimSpace(text + ". " + prose(note))
	}
	return strings.TrimPrefix(text, ". ")
}
