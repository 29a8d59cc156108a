package laravel_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

// read reads a request with a JSON body.
func read(t *testing.T, query, body string) laravel.Input {
	t.Helper()
	req := httptest.NewRequest(http.MethodPost, "/?"+query, http.NoBody)
	req.Header.Set("Content-Type", "application/json")
	in, err := laravel.ReadInput(req, []byte(body), false)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// The details are the Panel's, see lang/en/validation.php.
func TestRules(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ rules, body, want string }{
		{"required", `{}`, "required: The my field field is required."},
		{"required", `{"my_field":"  "}`, "required: The my field field is required."},
		{"required", `{"my_field":[]}`, "required: The my field field is required."},
		{"required|string", `{"my_field":0}`, "string: The my field must be a string."},
		{"sometimes|required", `{}`, ""},
		{"nullable|integer", `{"my_field":null}`, ""},
		{"integer", `{"my_field":null}`, "integer: The my field must be an integer."},
		{"integer", `{"my_field":"12"}`, ""},
		{"integer", `{"my_field":1.5}`, "integer: The my field must be an integer."},
		{"numeric|min:3", `{"my_field":"2.5"}`, "min: The my field must be at least 3."},
		{"string|min:3", `{"my_field":"äö"}`, "min: The my field must be at least 3 characters."},
		{"array|max:1", `{"my_field":[1,2]}`, "max: The my field may not have more than 1 items."},
		{"between:2,4", `{"my_field":"12345"}`, "between: The my field must be between 2 and 4 characters."},
		{"size:6", `{"my_field":"12345"}`, "size: The my field must be 6 characters."},
		{"boolean", `{"my_field":"yes"}`, "boolean: The my field field must be true or false."},
		{"boolean", `{"my_field":"1"}`, ""},
		{"in:a,b", `{"my_field":"c"}`, "in: The selected my field is invalid."},
		{"email", `{"my_field":"Bob <bob@example.org>"}`, "email: The my field must be a valid email address."},
		{"url", `{"my_field":"example.org"}`, "url: The my field format is invalid."},
		{"ip", `{"my_field":"::1"}`, ""},
		{"alpha_dash", `{"my_field":"a-b_1"}`, ""},
		{"alpha_dash", `{"my_field":"a b"}`, "alpha_dash: The my field may only contain letters, numbers, and dashes."},
		{`regex:/^a|b$/i`, `{"my_field":"A"}`, ""},
		{`regex:/^a\/b$/`, `{"my_field":"a-b"}`, "regex: The my field format is invalid."},
		{"confirmed", `{"my_field":"a","my_field_confirmation":"b"}`, "confirmed: The my field confirmation does not match."},
		{"required_with:other", `{"other":1}`, "required_with: The my field field is required when other is present."},
		{"required_without:other", `{}`, "required_without: The my field field is required when other is not present."},
		{"required_unless:other,x", `{"other":"y"}`, "required_unless: The my field field is required unless other is in x."},
		{"required_unless:other,x", `{"other":"x"}`, ""},
		{"present", `{"my_field":null}`, ""},
		{"present", `{}`, "present: The my field field must be present."},
		{"bail|integer|min:5", `{"my_field":"x"}`, "integer: The my field must be an integer."},
		{"integer|min:5", `{"my_field":"x"}`, "integer: The my field must be an integer.; min: The my field must be at least 5."},
	} {
		err := read(t, "", tt.body).Validate(laravel.Field{Name: "my_field", Rules: tt.rules})
		if got := details(err); got != tt.want {
			t.Errorf("%s of %s: %q, want %q", tt.rules, tt.body, got, tt.want)
		}
	}
}

// details are the rules and the details of a refusal.
func details(err error) string {
	var refusal *laravel.Error
	if !errors.As(err, &refusal) {
		return ""
	}
	var all []string
	for _, v := range refusal.Violations {
		all = append(all, v.Rule+": "+v.Detail)
	}
	return strings.Join(all, "; ")
}

func TestRulesOfEntries(t *testing.T) {
	t.Parallel()
	err := read(t, "", `{"files":[{"to":"a"},{"to":""}],"user":7}`).Validate(
		laravel.Field{Name: "files.*.to", Rules: "required|string"},
		laravel.Field{
			Name: "user", Rules: "integer|exists", Label: "User ID",
			Checks: map[string]func(any) bool{"exists": func(value any) bool { n, _ := laravel.IntegerOf(value); return n != 7 }},
		},
	)
	var refusal *laravel.Error
	if !errors.As(err, &refusal) || refusal.Status != http.StatusUnprocessableEntity || len(refusal.Violations) != 2 {
		t.Fatalf("%+v", err)
	}
	if v := refusal.Violations[0]; v.Field != "files.1.to" || v.Rule != "required" {
		t.Errorf("%+v", v)
	}
	if v := refusal.Violations[1]; v.Detail != "The selected User ID is invalid." {
		t.Errorf("%+v", v)
	}
	entries := refusal.Entries()
	if meta := entries[0]["meta"].(laravel.Object); entries[0]["status"] != "422" || meta["source_field"] != "files.1.to" {
		t.Errorf("%v", entries)
	}
}

func TestInput(t *testing.T) {
	t.Parallel()
	in := read(t, "a[b]=1&c[]=x&c[]=y&name=query", `{"name":"  body ","empty":" ","deep":{"list":["1",2,"x"]},"on":"yes","big":1234567890}`)
	if in.Text("a.b") != "1" || !slices.Equal(in.Texts("c"), []string{"x", "y"}) || in.Text("name") != "body" {
		t.Errorf("%v", in)
	}
	if !in.Has("empty") || in.Optional("empty") != nil || in.Has("none") || in.OptionalInteger("none") != nil {
		t.Errorf("%v", in)
	}
	if !slices.Equal(in.Integers("deep.list"), []int{1, 2}) || in.Text("deep.list.2") != "x" || !in.Boolean("on") || in.Integer("big") != 1234567890 {
		t.Errorf("%v", in)
	}
	req := httptest.NewRequest(http.MethodPost, "/", http.NoBody)
	req.Header.Set("Content-Type", "application/json")
	if _, err := laravel.ReadInput(req, []byte(`{"a":}`), false); err == nil {
		t.Error("malformed JSON is taken")
	}
	if in, err := laravel.ReadInput(req, []byte(`{"a":" x "}`), true); err != nil || in.Text("a") != " x " {
		t.Errorf("%v, %v", in, err)
	}
}
