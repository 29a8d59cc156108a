package envelope_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/ptero-go/ptero/envelope"
)

type server struct {
	Name string `json:"name"`
}

// decode decodes into a T, or fails the test.
func decode[T any](t *testing.T, document string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(document), &v); err != nil {
		t.Fatalf("%s: %v", document, err)
	}
	return v
}

func TestItem(t *testing.T) {
	t.Parallel()
	item := decode[envelope.Item[server]](t, `{"object":"server","attributes":{"name":"lobby"}}`)
	if item.IsNull() || item.Attributes.Name != "lobby" {
		t.Errorf("item = %+v", item)
	}
	null := decode[envelope.Item[server]](t, `{"object":"null_resource","attributes":null}`)
	if !null.IsNull() || null.Object != envelope.NullResource {
		t.Errorf("null resource = %+v", null)
	}
	if missing := (*envelope.Item[server])(nil); !missing.IsNull() {
		t.Error("a missing item is not null")
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	list := decode[envelope.List[server]](t, `{"object":"list","data":[{"attributes":{"name":"a"}},{"object":"null_resource","attributes":null},{"attributes":{"name":"b"}}]}`)
	if all := list.All(); list.IsNull() || len(all) != 2 || all[1].Name != "b" || list.Meta != nil {
		t.Errorf("list = %+v", list)
	}
	if empty := decode[envelope.List[server]](t, `{"object":"list","data":[]}`); empty.IsNull() || len(empty.All()) != 0 {
		t.Errorf("empty list = %+v", empty)
	}
	if null := decode[envelope.List[server]](t, `{"object":"null_resource","attributes":null}`); !null.IsNull() || len(null.All()) != 0 {
		t.Errorf("null resource = %+v", null)
	}
	var missing *envelope.List[server]
	if !missing.IsNull() || missing.All() != nil {
		t.Error("a missing list is not null")
	}
}

func TestPageLinks(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]envelope.PageLinks{
		`{}`:                          {},
		`[]`:                          {},
		`[ ]`:                         {},
		`{"next":"n"}`:                {Next: "n"},
		`{"previous":"p","next":"n"}`: {Previous: "p", Next: "n"},
	} {
		if got := decode[envelope.PageLinks](t, document); got != want {
			t.Errorf("%s: %+v, want %+v", document, got, want)
		}
	}
	var links envelope.PageLinks
	if err := json.Unmarshal([]byte(`["x"]`), &links); err == nil {
		t.Error("a list with an entry was taken for no links")
	}
}

func TestMap(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]map[string]string{
		`{}`:                     {},
		`[]`:                     {},
		`null`:                   nil,
		`{"Java 17":"img"}`:      {"Java 17": "img"},
		` ["img1","img2"]`:       {"0": "img1", "1": "img2"},
		`{"a":"\u003c","b":"/"}`: {"a": "<", "b": "/"},
	} {
		got := decode[envelope.Map[string]](t, document)
		if !maps.Equal(got, want) || (got == nil) != (want == nil) {
			t.Errorf("%s: %#v, want %#v", document, got, want)
		}
	}
	if out, _ := json.Marshal(envelope.Map[int](nil)); string(out) != "{}" {
		t.Errorf("nil is written as %s, want {}", out)
	}
	var m envelope.Map[string]
	for _, bad := range []string{`"x"`, `7`, `{"a":[]}`, `[[]]`} {
		if err := json.Unmarshal([]byte(bad), &m); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

func TestSlice(t *testing.T) {
	t.Parallel()
	for document, want := range map[string][]string{
		`[]`:                         {},
		`null`:                       nil,
		`["a","b"]`:                  {"a", "b"},
		`{"0":"a","2":"b","10":"c"}`: {"a", "b", "c"},
		`{"10":"c","9":"b"}`:         {"b", "c"},
		`{}`:                         {},
	} {
		got := decode[envelope.Slice[string]](t, document)
		if !slices.Equal(got, want) || (got == nil) != (want == nil) {
			t.Errorf("%s: %#v, want %#v", document, got, want)
		}
	}
	if out, _ := json.Marshal(envelope.Slice[int](nil)); string(out) != "[]" {
		t.Errorf("nil is written as %s, want []", out)
	}
	var s envelope.Slice[string]
	for _, bad := range []string{`"x"`, `{"a":"b"}`, `{"0":7}`} {
		if err := json.Unmarshal([]byte(bad), &s); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

func TestBool(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]bool{`true`: true, `1`: true, `"1"`: true, `false`: false, `0`: false, `null`: false} {
		if got := decode[envelope.Bool](t, document); bool(got) != want {
			t.Errorf("%s: %t", document, got)
		}
	}
	var b envelope.Bool
	for _, bad := range []string{`2`, `"yes"`, `[]`} {
		if err := json.Unmarshal([]byte(bad), &b); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

func TestInt(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]int64{`7`: 7, `"4608"`: 4608, `-1`: -1, `null`: 0, `9007199254740993`: 9007199254740993} {
		if got := decode[envelope.Int](t, document); int64(got) != want {
			t.Errorf("%s: %d", document, got)
		}
	}
	var i envelope.Int
	for _, bad := range []string{`1.5`, `"x"`, `""`, `{}`, `99999999999999999999`} {
		if err := json.Unmarshal([]byte(bad), &i); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

func TestScalar(t *testing.T) {
	t.Parallel()
	const document = `{"a":"x\n/","b":4,"c":null,"d":true,"e":"","f":1.50,"g":12345678901234567890}`
	env := decode[envelope.Map[envelope.Scalar]](t, document)
	want := map[string]string{"a": "x\n/", "b": "4", "c": "", "d": "true", "e": "", "f": "1.50", "g": "12345678901234567890"}
	for key, text := range want {
		if got := env[key]; got.String() != text || got.IsNull() != (key == "c") {
			t.Errorf("%s: %q, null %t", key, got, got.IsNull())
		}
	}
	out, err := json.Marshal(env)
	if err != nil || string(out) != document {
		t.Errorf("written back as %s, %v", out, err)
	}
	if got := envelope.ScalarOf("<&>"); got.String() != "<&>" || got.IsNull() {
		t.Errorf("ScalarOf = %q", got)
	}
	var zero envelope.Scalar
	if out, _ := json.Marshal(zero); string(out) != "null" || !zero.IsNull() {
		t.Errorf("the zero Scalar is %s", out)
	}
}

func TestNullable(t *testing.T) {
	t.Parallel()
	type update struct {
		Long envelope.Nullable[string] `json:"long,omitzero"`
	}
	text := "x"
	for want, u := range map[string]update{
		`{}`:            {},
		`{"long":null}`: {Long: envelope.Null[string]()},
		`{"long":""}`:   {Long: envelope.Value("")},
		`{"long":"x"}`:  {Long: envelope.NullableOf(&text)},
	} {
		out, err := json.Marshal(u)
		if err != nil || string(out) != want {
			t.Errorf("%+v is written as %s, %v; want %s", u, out, err, want)
		}
		if back := decode[update](t, want); !reflect.DeepEqual(back, u) {
			t.Errorf("%s: %+v, want %+v", want, back, u)
		}
	}
	if envelope.NullableOf[string](nil) != envelope.Null[string]() {
		t.Error("NullableOf(nil) is not null")
	}
	if v, ok := envelope.Value(3).Get(); v != 3 || !ok {
		t.Errorf("Get = %d, %t", v, ok)
	}
	if _, ok := envelope.Null[int]().Get(); ok || !envelope.Null[int]().IsNull() || envelope.Null[int]().IsZero() {
		t.Error("Null is not null")
	}
}

func TestErrorEntry(t *testing.T) {
	t.Parallel()
	for document, want := range map[string][2]string{
		`{"code":"ValidationException","status":"422","detail":"d","meta":{"source_field":"limits.memory","rule":"required"}}`: {"limits.memory", "required"},
		`{"code":"ValidationException","status":"422","detail":"d","meta":{"source_field":"allowed_ips.0","rule":""}}`:         {"allowed_ips.0", ""},
		`{"code":"required","detail":"d","source":{"field":"name"}}`:                                                           {"name", "required"},
		`{"code":"TypeError","status":"500","detail":"d","source":{"line":7,"file":"a.php"},"meta":{"trace":["x"]}}`:           {"", ""},
		`{"code":"NotFoundHttpException","status":"404","detail":"d"}`:                                                         {"", ""},
	} {
		entry := decode[envelope.ErrorEntry](t, document)
		if got := [2]string{entry.Field(), entry.Rule()}; got != want {
			t.Errorf("%s: %q, want %q", document, got, want)
		}
	}
}

func ExampleNullable() {
	type update struct {
		Name string                    `json:"name"`
		Long envelope.Nullable[string] `json:"long,omitzero"`
	}
	for _, u := range []update{
		{Name: "keep"},
		{Name: "clear", Long: envelope.Null[string]()},
		{Name: "set", Long: envelope.Value("Frankfurt")},
	} {
		body, err := json.Marshal(u)
		fmt.Println(string(body), err)
	}
	// Output:
	// {"name":"keep"} <nil>
	// {"name":"clear","long":null} <nil>
	// {"name":"set","long":"Frankfurt"} <nil>
}

func FuzzPHPTypes(f *testing.F) {
	for _, seed := range []string{`[]`, `{}`, `null`, `{"0":1,"3":"x"}`, `"7"`, `true`, `[["a"]]`, `{"a":{"b":[]}}`, ` [ ]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		for _, v := range []any{
			new(envelope.Map[envelope.Scalar]), new(envelope.Slice[envelope.Scalar]), new(envelope.Bool), new(envelope.Int),
			new(envelope.Scalar), new(envelope.Nullable[string]), new(envelope.PageLinks), new(envelope.ErrorList),
			new(envelope.List[envelope.Map[envelope.Scalar]]),
		} {
			if json.Unmarshal(document, v) != nil {
				continue
			}
			// What was taken can be written, and read again.
			out, err := json.Marshal(v)
			if err != nil {
				t.Fatalf("%T of %s: %v", v, document, err)
			}
			again := reflect.New(reflect.TypeOf(v).Elem()).Interface()
			if err := json.Unmarshal(out, again); err != nil {
				t.Fatalf("%T of %s is written as %s: %v", v, document, out, err)
			}
		}
	})
}
