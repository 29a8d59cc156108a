package yaml_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/paneltest/internal/yaml"
)

func TestToJSON(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, yaml, json string }{
		{"map", "b: 1\na: two # not three\nc:\n", `{"b":1,"a":"two","c":null}`},
		{"nested", "a:\n  b:\n    c: true\n  d: ~\ne: 'x'", `{"a":{"b":{"c":true},"d":null},"e":"x"}`},
		{"lists", "a:\n  - x\n  - 2\nb:\n- y\n-\n  c: 1\n  d: 2\n- e: 1\n  f: 2\n- - z", `{"a":["x",2],"b":["y",{"c":1,"d":2},{"e":1,"f":2},["z"]]}`},
		{"quotes", `a: 'it''s: #1'` + "\n" + `"b: c": "x\ty\n\"z\" \\e \e" # more`, `{"a":"it's: #1","b: c":"x\ty\n\"z\" \\e \u001b"}`},
		{"literal", "a: |\n  one\n    two\n\n  three\nb: |-\n  x\nc: >\n  f\n  g\nd: |+\n  k\n\ne: 1", `{"a":"one\n  two\n\nthree\n","b":"x","c":"f g\n","d":"k\n","e":1}`},
		{"a literal that begins with spaces", "a: |2\n    x\n  y\n", `{"a":"  x\ny\n"}`},
		{"flow", "a: {  }\nb: []\nc: [x, 'y, z', {d: 1, \"e\": [2]}]\n", `{"a":{},"b":[],"c":["x","y, z",{"d":1,"e":[2]}]}`},
		{"texts that look like more", "a: 1.2.3\nb: http://x/y\nc: -\nd: 00\ne: '007'\nf: a:b\n", `{"a":"1.2.3","b":"http://x/y","c":"-","d":"00","e":"007","f":"a:b"}`},
		{"comments and a beginning", "---\n# first\n\na: 1\n  # in between\nb: 2\n", `{"a":1,"b":2}`},
		{"lines of Windows", "a: 1\r\nb: |\r\n  x\r\n", `{"a":1,"b":"x\n"}`},
		{"a value alone", "'x'", `"x"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := yaml.ToJSON([]byte(tt.yaml))
			if err != nil || string(got) != tt.json {
				t.Errorf("%s\n%v\nwant\n%s", got, err, tt.json)
			}
		})
	}
}

func TestWhatIsNotRead(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "# nothing", "a: &b 1", "a: *b", "a: !!str 1", "a: 'x", `a: "x`, "a: [1", strings.Repeat("- ", 1000), strings.Repeat("[", 1000), "a: {b}", "a: 1\n   b: 2", "- a\nb: 1", "a: 'x' y", `a: "\q"`} {
		if got, err := yaml.ToJSON([]byte(text)); err == nil {
			t.Errorf("%q is %s", text, got)
		} else if !strings.HasPrefix(err.Error(), "yaml: line ") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzToJSON(f *testing.F) {
	for _, text := range []string{"a: 1", "- a\n- b: |\n    c", "a: [x, {y: 'z'}]", "a: \"\\", "'", "- - -", "a: >\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := yaml.ToJSON([]byte(text)); err == nil && !json.Valid(got) {
			t.Errorf("%q became %q, which is no JSON", text, got)
		}
	})
}
