package envelope

import (
	"fmt"
	"reflect"
	"strings"
)

// Conceal prints a struct as fmt does, but for the fields with the tag
// `secret:"true"`: those are said to be hidden, or absent where they are empty.
// The generated models that hold a secret print themselves by it.
func Conceal(v any) string {
	value := reflect.ValueOf(v)
	var out strings.Builder
	out.WriteByte('{')
	for i := range value.NumField() {
		if i > 0 {
			out.WriteByte(' ')
		}
		field := value.Type().Field(i)
		out.WriteString(field.Name + ":")
		switch {
		case field.Tag.Get("secret") == "":
			fmt.Fprintf(&out, "%+v", value.Field(i).Interface())
		case !value.Field(i).IsZero():
			out.WriteString("(hidden)")
		}
	}
	out.WriteByte('}')
	return out.String()
}
