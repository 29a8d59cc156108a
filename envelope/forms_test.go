package envelope_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/envelope"
)

// twoForms is a model with a field of each form.
type twoForms struct {
	ID     string           `json:"id" forms:"text"`
	Rules  *string          `json:"rules,omitempty" forms:"rules"`
	Groups map[string]group `json:"groups" forms:"groups"`
	Other  int              `json:"other"`
}

type group struct {
	Description string            `json:"description"`
	Keys        map[string]string `json:"keys"`
}

func TestDecodeForms(t *testing.T) {
	t.Parallel()
	rules, none := "required|max:20", ""
	groups := map[string]group{"file": {Keys: map[string]string{"read": "", "read-content": ""}}, "user": {Keys: map[string]string{"read": ""}}}
	for document, want := range map[string]twoForms{
		// Of Pterodactyl.
		`{"id":"abc","rules":"required|max:20","other":1}`: {ID: "abc", Rules: &rules, Other: 1},
		`{"id":"7","rules":null}`:                          {ID: "7"},
		`{"groups":{"file":{"description":"d","keys":{"read":"r"}}}}`: {
			Groups: map[string]group{"file": {Description: "d", Keys: map[string]string{"read": "r"}}},
		},
		// Of Pelican.
		`{"id":7,"rules":["required","max:20"],"other":1}`:                  {ID: "7", Rules: &rules, Other: 1},
		`{"id": 7 , "rules": [ ] }`:                                         {ID: "7", Rules: &none},
		`{"id":12345678901234567890}`:                                       {ID: "12345678901234567890"},
		`{"id":7,"rules":null}`:                                             {ID: "7"},
		`{"id":"7","groups":["file.read","user.read","file.read-content"]}`: {ID: "7", Groups: groups},
	} {
		var got twoForms
		if err := envelope.DecodeForms([]byte(document), &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v, want %+v", document, got, err, want)
		}
	}
}

// What is of neither form gives the error of encoding/json, which names the field.
func TestDecodeFormsOfNeither(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]string{
		`{"id":true}`:            "id",
		`{"id":-7}`:              "id",
		`{"rules":[1]}`:          "rules",
		`{"groups":[1]}`:         "groups",
		`{"groups":7}`:           "groups",
		`{"id":7,"other":"one"}`: "other",
		`[]`:                     "array",
		`{"id":`:                 "unexpected end",
	} {
		var got twoForms
		if err := envelope.DecodeForms([]byte(document), &got); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: err = %v, want one about %s", document, err, want)
		}
	}
}

func FuzzDecodeForms(f *testing.F) {
	f.Add(`{"id":7,"rules":["a"],"groups":["a.b"]}`)
	f.Add(`{"id":"7","rules":"a","groups":{"a":{"keys":{}}}}`)
	f.Fuzz(func(t *testing.T, document string) {
		var got, plain twoForms
		err := envelope.DecodeForms([]byte(document), &got)
		// What encoding/json takes comes out as it says.
		if json.Unmarshal([]byte(document), &plain) == nil && (err != nil || !reflect.DeepEqual(got, plain)) {
			t.Errorf("%q: got %+v, %v, by encoding/json %+v", document, got, err, plain)
		}
	})
}
