package recorded

import (
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// ForbidUnknown makes a document allow no property of a body that it does not
// name, but in objects that are maps.
func ForbidUnknown(doc *openapi3.T) {
	seen := make(map[*openapi3.Schema]bool)
	for _, schema := range doc.Components.Schemas {
		forbidUnknown(schema, seen)
	}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			if op.RequestBody != nil {
				forbidUnknownIn(op.RequestBody.Value.Content, seen)
			}
			for _, response := range op.Responses.Map() {
				forbidUnknownIn(response.Value.Content, seen)
			}
		}
	}
}

func forbidUnknownIn(content openapi3.Content, seen map[*openapi3.Schema]bool) {
	for _, media := range content {
		forbidUnknown(media.Schema, seen)
	}
}

func forbidUnknown(ref *openapi3.SchemaRef, seen map[*openapi3.Schema]bool) {
	if ref == nil || seen[ref.Value] {
		return
	}
	schema := ref.Value
	seen[schema] = true
	if len(schema.Properties) > 0 && schema.AdditionalProperties.Has == nil && schema.AdditionalProperties.Schema == nil {
		no := false
		schema.AdditionalProperties.Has = &no
	}
	for _, property := range schema.Properties {
		forbidUnknown(property, seen)
	}
	for _, refs := range []openapi3.SchemaRefs{schema.AllOf, schema.AnyOf, schema.OneOf} {
		for _, ref := range refs {
			forbidUnknown(ref, seen)
		}
	}
	forbidUnknown(schema.Items, seen)
	forbidUnknown(schema.AdditionalProperties.Schema, seen)
}

// AllowOld makes a document take the answers of old Panels: what came later than
// the first of them, as x-panel tells, is not required.
func AllowOld(doc *openapi3.T) {
	for _, schema := range doc.Components.Schemas {
		schema.Value.Required = slices.DeleteFunc(slices.Clone(schema.Value.Required), func(name string) bool {
			property := schema.Value.Properties[name]
			if property == nil {
				return false
			}
			panel, _ := property.Value.Extensions["x-panel"].(map[string]any)
			return panel["since"] != nil
		})
	}
}

// AllowNull makes kin-openapi take null where OpenAPI 3.0 does: for a schema
// without a type, unless one that it refers to forbids it.
func AllowNull(doc *openapi3.T) {
	seen := make(map[*openapi3.Schema]bool)
	for _, schema := range doc.Components.Schemas {
		allowNull(schema, seen)
	}
}

func allowNull(ref *openapi3.SchemaRef, seen map[*openapi3.Schema]bool) {
	if ref == nil || seen[ref.Value] {
		return
	}
	schema := ref.Value
	seen[schema] = true
	for _, property := range schema.Properties {
		allowNull(property, seen)
	}
	allowNull(schema.Items, seen)
	if schema.Type == nil && len(schema.OneOf) == 0 && len(schema.AnyOf) == 0 {
		schema.Nullable = true
		for _, part := range schema.AllOf {
			schema.Nullable = schema.Nullable && part.Value.Nullable
		}
	}
}
