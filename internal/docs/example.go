package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// encode writes an example as JSON, its members in the order of the schema.
func encode(value any, ref *openapi3.SchemaRef) string {
	var b bytes.Buffer
	put(&b, value, ref)
	var indented bytes.Buffer
	if err := json.Indent(&indented, b.Bytes(), "", "  "); err != nil {
		return b.String()
	}
	return indented.String()
}

func put(b *bytes.Buffer, value any, ref *openapi3.SchemaRef) {
	switch value := value.(type) {
	case map[string]any:
		b.WriteString("{")
		for i, name := range inOrder(value, ref) {
			if i > 0 {
				b.WriteString(",")
			}
			scalar(b, name)
			b.WriteString(":")
			put(b, value[name], propertyOf(ref, name))
		}
		b.WriteString("}")
	case []any:
		b.WriteString("[")
		for i, item := range value {
			if i > 0 {
				b.WriteString(",")
			}
			put(b, item, itemsOf(ref))
		}
		b.WriteString("]")
	default:
		scalar(b, value)
	}
}

// scalar writes a plain value, with <, > and & as they are.
func scalar(b *bytes.Buffer, value any) {
	encoder := json.NewEncoder(b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		fmt.Fprintf(b, "%q", err)
	}
	b.Truncate(b.Len() - 1)
}

// inOrder returns the names of members: first those that the schema knows.
func inOrder(value map[string]any, ref *openapi3.SchemaRef) []string {
	var known []string
	for _, s := range choices(ref) {
		for _, name := range propertyNames(s) {
			if _, ok := value[name]; ok && !slices.Contains(known, name) {
				known = append(known, name)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(value)) {
		if !slices.Contains(known, name) {
			known = append(known, name)
		}
	}
	return known
}

// choices are all schemas that a reference may mean.
func choices(ref *openapi3.SchemaRef) []*openapi3.Schema {
	if ref == nil {
		return nil
	}
	all := []*openapi3.Schema{ref.Value}
	for _, refs := range []openapi3.SchemaRefs{ref.Value.AllOf, ref.Value.OneOf, ref.Value.AnyOf} {
		for _, choice := range refs {
			all = append(all, choices(choice)...)
		}
	}
	return all
}

func propertyOf(ref *openapi3.SchemaRef, name string) *openapi3.SchemaRef {
	var other *openapi3.SchemaRef
	for _, s := range choices(ref) {
		// A null resource has members of the same names as an item.
		if p := s.Properties[name]; p != nil && (other == nil || len(p.Value.Properties) > 0) {
			other = p
		} else if s.AdditionalProperties.Schema != nil && other == nil {
			other = s.AdditionalProperties.Schema
		}
	}
	return other
}

func itemsOf(ref *openapi3.SchemaRef) *openapi3.SchemaRef {
	for _, s := range choices(ref) {
		if s.Items != nil {
			return s.Items
		}
	}
	return nil
}

// maxLine is how long a line of a command may become.
const maxLine = 100

// curl is the command that makes a request.
func (b *book) curl(op *operation) string {
	if op.page.api == "wings" {
		return curlWings(op)
	}
	parts := []string{"curl"}
	if op.method != http.MethodGet {
		parts[0] += " -X " + op.method
	}
	parts[0] += fmt.Sprintf(" \"$PANEL%s\"", b.address(op))
	parts = append(parts, `-H "Authorization: Bearer $KEY"`, `-H 'Accept: application/json'`)
	if op.RequestBody != nil {
		content := op.RequestBody.Value.Content
		kinds := slices.Sorted(maps.Keys(content))
		for _, kind := range kinds[len(kinds)-1:] { // text before octets
			media := content[kind]
			parts = append(parts, fmt.Sprintf("-H 'Content-Type: %s'", kind))
			if kind != "application/json" {
				parts = append(parts, "--data-binary @local-file")
				continue
			}
			if media.Example == nil {
				b.fail("%s has no example of its body", op.OperationID)
			}
			parts = append(parts, "-d '"+strings.ReplaceAll(short(media.Example, media.Schema), "'", `'\''`)+"'")
		}
	}
	return strings.Join(parts, " \\\n  ")
}

// short is JSON in one line if that is not too long.
func short(example any, schema *openapi3.SchemaRef) string {
	var line bytes.Buffer
	put(&line, example, schema)
	if line.Len() <= maxLine {
		return line.String()
	}
	return encode(example, schema)
}

// address is the path and query with the examples of the parameters.
func (b *book) address(op *operation) string {
	path, query := op.path, url.Values{}
	for _, ref := range op.Parameters {
		p := ref.Value
		switch example := p.Example; {
		case p.In == "path" && example == nil:
			b.fail("%s: %s has no example", op.OperationID, p.Name)
		case p.In == "path":
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(fmt.Sprint(example)))
		case p.Required && example == nil && p.Schema.Value.Type.Is("integer"):
			query.Set(p.Name, "1024")
		case p.Required && example == nil:
			b.fail("%s: %s has no example", op.OperationID, p.Name)
		case p.Required:
			query.Set(p.Name, fmt.Sprint(example))
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return path
}

// curlWings uses a signed URL, which the Panel has given.
func curlWings(op *operation) string {
	if op.method == http.MethodGet {
		return `curl -o local-file "$SIGNED_URL"`
	}
	return `curl -F files=@local-file "$SIGNED_URL&directory=/dir1"`
}
