package application

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

func TestEggsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	e := &model.Egg{
		UUID: "dc9f27e3-493d-4a98-b140-9291f2b47d5c", Name: "A/B: \"quoted\" \\ egg", Author: "a@example.org", Description: model.Nullable("yes"),
		Tags: []string{"no", "1.0"}, Features: []string{"eula"}, Denylist: []string{"*.so"},
		Images:   []model.Image{{Label: "Second", Image: "b/c:2"}, {Label: "First", Image: "b/c:1"}},
		Commands: []model.Command{{Label: "Loud", Command: "./run --loud"}, {Label: "Default", Command: "./run"}}, Command: "./run --loud",
		Files: json.RawMessage(`{"a.properties":{"find":{"x":"1"}}}`), Startup: json.RawMessage(`{"done":"ok"}`), Logs: json.RawMessage(`{}`),
		Stop: model.Nullable("^C"), Install: "#!/bin/sh\necho \"a/b\"\n", Container: "alpine:3", Entry: "sh",
		Game: protocol.Game{Stop: "^C"},
	}
	e.Variables = []*model.Variable{
		{Egg: e, Name: "Z", Env: "LAST", Value: "007", Rules: "required|string", Viewable: true},
		{Egg: e, Name: "A", Env: "FIRST", Value: "true", Rules: "nullable|in:a,b", Editable: true},
	}
	document := exportEgg(e, time.Unix(0, 0))
	inJSON, err := laravel.AppendJSON(nil, document)
	if err != nil {
		t.Fatal(err)
	}
	inYAML, err := eggAsYAML(document)
	if err != nil {
		t.Fatal(err)
	}
	for form, text := range map[string][]byte{"JSON": inJSON, "YAML": inYAML} {
		read, err := readEgg(text)
		if err != nil {
			t.Errorf("%s: %v", form, err)
			continue
		}
		back := &model.Egg{UUID: e.UUID, Variables: e.Variables}
		read.apply(back)
		if !reflect.DeepEqual(back, e) {
			t.Errorf("%s: %+v became\n%+v\n%s", form, e, back, text)
		}
		for _, v := range read.Variables {
			want := e.Variables[v.Sort-1]
			if v.Env != want.Env || string(v.Default) != want.Value || string(v.Rules) != want.Rules || v.Viewable != want.Viewable || v.Editable != want.Editable {
				t.Errorf("%s: %+v became %+v", form, want, v)
			}
		}
	}
}

func TestWhatIsNoEgg(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "null", "[]", "{}", "a: b: c", `{"name":"x"}`, `{"meta":{"version":"PLCN_v3"}}`} {
		if egg, err := readEgg([]byte(text)); err == nil {
			t.Errorf("%q is %+v", text, egg)
		}
	}
}

func TestOlderEggs(t *testing.T) {
	t.Parallel()
	read, err := readEgg([]byte(`{"meta":{"version":"PTDL_v2"},"name":"Old","startup":"./run","config":{"files":"{}","startup":"{\"done\":\"ok\"}","logs":"{}"},
		"variables":[{"name":"A","env_variable":"A","default_value":"1","rules":"required|integer"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	var e model.Egg
	read.apply(&e)
	if len(e.Commands) != 1 || e.Command != "./run" || string(e.Startup) != `{"done":"ok"}` || read.Variables[0].Rules != "required|integer" {
		t.Errorf("the egg is %+v, its variables are %+v", e, read.Variables)
	}
}
