package quickjson

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/ptero-go/ptero/envelope"
	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/gen/clientapi"
	"github.com/ptero-go/ptero/testdata"
)

// everything has a field of each kind.
type everything struct {
	Bool     bool                          `json:"bool"`
	Int      int                           `json:"int,omitempty"`
	Small    int8                          `json:"small"`
	Uint     uint16                        `json:"uint"`
	Float    float32                       `json:"float"`
	Text     string                        `json:"text"`
	Number   json.Number                   `json:"number"`
	Bytes    []byte                        `json:"bytes"`
	Pair     [2]int                        `json:"pair"`
	Any      any                           `json:"any"`
	Raw      json.RawMessage               `json:"raw"`
	Self     *everything                   `json:"self"`
	List     []everything                  `json:"list"`
	Texts    []*string                     `json:"texts"`
	Map      map[string]*everything        `json:"map"`
	ByNumber map[int]string                `json:"by_number"`
	UUID     uuid.UUID                     `json:"uuid"`
	Time     time.Time                     `json:"time"`
	Maybe    *time.Time                    `json:"maybe"`
	Flag     envelope.Bool                 `json:"flag"`
	Whole    *envelope.Int                 `json:"whole"`
	Scalar   envelope.Scalar               `json:"scalar"`
	Scalars  envelope.Map[envelope.Scalar] `json:"scalars"`
	Images   envelope.Map[string]          `json:"images"`
	Slice    envelope.Slice[int]           `json:"slice"`
	Nullable envelope.Nullable[string]     `json:"nullable"`
	Links    envelope.PageLinks            `json:"links"`
	Item     *envelope.Item[embedding]     `json:"item"`
	Quoted   quoted                        `json:"quoted"`
	NoTag    int
	Hidden   int `json:"-"`
	hidden   int //nolint:unused // no field of the document
}

// embedding and quoted are structs that are left to encoding/json.
type embedding struct {
	envelope.ListMeta
	Name string `json:"name"`
}

type quoted struct {
	Int int `json:"int,string"`
}

// check holds the decoder against encoding/json, and reports whether it managed
// without it.
func check[T any](t *testing.T, document []byte) (alone bool) {
	t.Helper()
	var want, got, partly T
	wantErr := json.Unmarshal(document, &want)
	gotErr := Unmarshal(document, &got)
	if fmt.Sprintf("%T %[1]v", gotErr) != fmt.Sprintf("%T %[1]v", wantErr) {
		t.Fatalf("%T of %s: err = %v, want %v", got, document, gotErr, wantErr)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%T of %s:\ngot  %+v\nwant %+v", got, document, got, want)
	}
	return decode(document, reflect.ValueOf(&partly).Elem())
}

// documents that the decoder manages alone, and such that it leaves to
// encoding/json, right or wrong.
var (
	usual = []string{
		`{}`, ` { } `, `{"bool":true,"int":-7,"small":127,"uint":65535,"float":-1.5e3}`,
		`{"bool":null,"int":null,"float":null,"text":null,"self":null,"list":null,"map":null,"time":null,"links":null,"scalars":null}`,
		`{"text":"a\/b\u003c\u00e9\ud83d\ude00\n\t\"\\ é😀"}`, `{"text":""}`, `{"number":1.50,"bytes":"YQ==","pair":[1,2],"any":{"a":[null]},"raw": [1, 2]}`,
		`{"self":{"self":{"int":1}},"list":[{},{"int":2},{}],"texts":["a",null,"a"],"map":{"a":{"int":1},"b":null,"a":{}}}`,
		`{"by_number":{"1":"x"},"uuid":"9ff7ebe1-7da0-4d7c-8d8b-1c1f5a1b7a11","time":"2026-11-21T22:43:05+00:00","maybe":"2026-11-21T22:43:05Z"}`,
		`{"flag":1,"whole":"7","scalar":true,"scalars":{"a":"x","b":4,"a":null},"images":{"a":"b"},"slice":[1,2],"nullable":null,"links":{"next":"n"}}`,
		`{"scalars":[],"images":[ ],"slice":{"1":2},"links":[],"list":[],"nullable":"x"}`,
		`{"item":{"object":"x","attributes":{"name":"n","pagination":{"total":1}}},"quoted":{"int":"7"},"NoTag":1}`,
		`{"unknown":[{"a":1.0e+5},"\u0041",-0.5,true,false,null],"int":0}`,
	}
	unusual = []string{
		``, ` `, `{`, `[`, `nul`, `{"int":1,}`, `{"int" 1}`, `{int:1}`, `{"int":1}x`, `{"int":01}`, `{"int":-}`, `{"int":1.0}`, `{"int":1e2}`,
		`{"small":128}`, `{"uint":-1}`, `{"float":1e99}`, `{"int":9223372036854775807}`, `{"int":9223372036854775808}`, `{"int":"1"}`,
		`{"INT":1}`, `{"int":1,"int":2}`, `{"list":[{"int":1}],"list":[{}]}`, `{"self":{"int":1},"self":{"bool":true}}`, `{"ſmall":1}`,
		"{\"text\":\"\xff\"}", "{\"text\":\"\x01\"}", `{"text":"\ud83d"}`, `{"text":"\ud83dx"}`, `{"text":"\ud83d\u0041"}`, `{"text":"\x"}`, `{"text":"\u00g0"}`, `{"text":"`, `{"text":"\`, `{"text":"\u00`,
		`{"text":7}`, `{"bool":1}`, `{"bool":tru}`, `{"list":{}}`, `{"map":[]}`, `{"self":[]}`, `{"self":"x"}`, `{"time":"x"}`, `{"flag":2}`, `{"whole":1.5}`,
		`{"links":["x"]}`, `{"images":[1]}`, `{"slice":{"a":1}}`, `{"uuid":"x"}`, `{"quoted":{"int":7}}`, `{"unknown":01}`, `{"unknown":1.}`, `{"unknown":1e}`, `{"unknown":[1}`, `{"unknown":+1}`,
		`{"by_number":{"x":"y"}}`, `7`, `"x"`, `[]`, "{\"int\":1}\x00", "\x00", strings.Repeat(`{"self":`, maxDepth) + "null" + strings.Repeat("}", maxDepth),
	}
)

func TestUnmarshal(t *testing.T) {
	t.Parallel()
	for _, document := range usual {
		if !check[everything](t, []byte(document)) {
			t.Errorf("%s was left to encoding/json", document)
		}
	}
	for _, document := range unusual {
		if check[everything](t, []byte(document)) {
			t.Errorf("%.80s was not left to encoding/json", document)
		}
	}
	if !check[struct{}](t, []byte(`{"a":{}}`)) || !check[struct{ hidden int }](t, []byte(`{"":1,"hidden":2}`)) {
		t.Error("a struct without fields was left to encoding/json")
	}
	if !check[*everything](t, []byte(`null`)) || !check[[]string](t, []byte(`["a"]`)) || !check[map[string]int](t, []byte(`{"a":1}`)) {
		t.Error("a type that is no struct was left to encoding/json")
	}
}

// Unmarshal forgets what was there before, also where it gives up.
func TestUnmarshalReplaces(t *testing.T) {
	t.Parallel()
	for _, document := range []string{`{"bool":true}`, `{"BOOL":true}`} {
		got := everything{Int: 7}
		if err := Unmarshal([]byte(document), &got); err != nil || !got.Bool || got.Int != 0 {
			t.Errorf("%s: %+v, %v", document, got, err)
		}
	}
}

// recorded calls test with the body of each recorded answer of the Panel.
func recorded(tb testing.TB, test func(name string, body []byte)) {
	tb.Helper()
	for _, set := range []fs.FS{testdata.Panel(), testdata.Panel112(), testdata.Pelican()} {
		names, err := fs.Glob(set, "*.json")
		if err != nil || len(names) < 300 {
			tb.Fatalf("%d recordings, %v", len(names), err)
		}
		for _, name := range names {
			file, err := fs.ReadFile(set, name)
			if err != nil {
				tb.Fatal(err)
			}
			var exchange struct {
				Response struct {
					Body json.RawMessage `json:"body"`
				} `json:"response"`
			}
			if err := json.Unmarshal(file, &exchange); err != nil {
				tb.Fatal(err)
			}
			test(name, exchange.Response.Body)
		}
	}
}

// What a real Panel sent is decoded as encoding/json does, into types that fit and
// such that do not.
func TestRecordings(t *testing.T) {
	t.Parallel()
	lists, alone := 0, 0
	recorded(t, func(name string, body []byte) {
		checks := map[string]bool{
			"application list":       check[envelope.List[applicationapi.Server]](t, body),
			"application item":       check[envelope.Item[applicationapi.Server]](t, body),
			"client list":            check[envelope.List[clientapi.Server]](t, body),
			"client item":            check[envelope.ItemWith[clientapi.Server, clientapi.ServerMeta]](t, body),
			"user":                   check[envelope.Item[applicationapi.User]](t, body),
			"egg":                    check[envelope.List[applicationapi.Egg]](t, body),
			"errors":                 check[envelope.ErrorList](t, body),
			"everything":             check[map[string]any](t, body),
			"everything as it comes": check[envelope.Map[json.RawMessage]](t, body),
		}
		if name == "pelican-471-app-servers-list-include.json" {
			return // its variables have their rules in the form of Pelican
		}
		if strings.Contains(name, "app-servers-list") || strings.HasSuffix(name, "-get-application-servers-200.json") {
			lists++
			if checks["application list"] {
				alone++
			}
		}
	})
	if lists < 5 || alone != lists {
		t.Errorf("%d of %d lists of servers were decoded without encoding/json", alone, lists)
	}
}

// Plans are made while others make the same.
// A model that takes two forms of a value is decoded here in the first one, so that
// Pterodactyl's answers take no detour; the second one is left to its own method.
func TestFormsTakeNoDetour(t *testing.T) {
	t.Parallel()
	if kind := planOf(reflect.TypeFor[clientapi.Database]()).kind; kind != isStruct {
		t.Errorf("the plan is %d", kind)
	}
	for document, here := range map[string]bool{`{"id":"abc","name":"n"}`: true, `{"id":7,"name":"n"}`: false} {
		var database clientapi.Database
		if decode([]byte(document), reflect.ValueOf(&database).Elem()) != here {
			t.Errorf("%s is decoded here: %t", document, !here)
		}
		if err := Unmarshal([]byte(document), &database); err != nil || database.ID == "" || database.Name != "n" {
			t.Errorf("%s: %+v, %v", document, database, err)
		}
	}
}

func TestConcurrently(t *testing.T) {
	t.Parallel()
	type fresh struct {
		Everything *everything `json:"everything"`
	}
	type list struct {
		Self []list           `json:"self"`
		Egg  *clientapi.Egg   `json:"egg"`
		All  []everything     `json:"all"`
		More map[string]fresh `json:"more"`
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			var got list
			if err := Unmarshal([]byte(`{"self":[{"self":[]}],"all":[{"int":1}]}`), &got); err != nil || len(got.Self) != 1 || got.All[0].Int != 1 {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	group.Wait()
}

// The pool keeps nothing of a document.
func TestForget(t *testing.T) {
	t.Parallel()
	d := new(decoder)
	d.data = []byte(`{"a":"secret"}`)
	var got map[string]string
	if !d.value(planOf(reflect.TypeOf(got)), reflect.ValueOf(&got).Elem()) || got["a"] != "secret" {
		t.Fatalf("got %v", got)
	}
	d.forget()
	if !reflect.DeepEqual(d, new(decoder)) {
		t.Error("the decoder remembers")
	}
}

func FuzzUnmarshal(f *testing.F) {
	for _, document := range append(usual, unusual...) {
		f.Add([]byte(document))
	}
	recorded(f, func(_ string, body []byte) {
		if len(body) < 2000 {
			f.Add(body)
		}
	})
	f.Fuzz(func(t *testing.T, document []byte) {
		check[everything](t, document)
		check[envelope.List[applicationapi.Server]](t, document)
		check[envelope.ItemWith[clientapi.Server, clientapi.ServerMeta]](t, document)
		check[envelope.Map[[]envelope.Scalar]](t, document)
	})
}
