package ui

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Format is how data is written.
type Format string

// The formats.
const (
	Table    Format = "table"
	WideList Format = "wide"
	JSON     Format = "json"
	YAML     Format = "yaml"
	Name     Format = "name"
)

// Formats are all formats.
var Formats = []Format{Table, WideList, JSON, YAML, Name}

// String implements pflag.Value.
func (f *Format) String() string { return string(*f) }

// Set implements pflag.Value.
func (f *Format) Set(text string) error {
	if !slices.Contains(Formats, Format(text)) {
		names := make([]string, len(Formats))
		for i, format := range Formats {
			names[i] = string(format)
		}
		return fmt.Errorf("must be one of %s", strings.Join(names, ", "))
	}
	*f = Format(text)
	return nil
}

// Type implements pflag.Value.
func (*Format) Type() string { return "format" }

// List writes items. id returns what other commands take for an item.
func List[T any](t *Terminal, format Format, columns []Column[T], items []T, id func(T) string) error {
	switch format {
	case JSON, YAML:
		if items == nil {
			items = []T{}
		}
		return t.encode(format, items)
	case Name:
		for _, item := range items {
			t.Printf("%s\n", Clean(id(item)))
		}
	case WideList:
		table(t, columns, Wide, items)
	default:
		table(t, columns, Always, items)
	}
	return nil
}

// Show writes one item with all that is known of it.
func Show[T any](t *Terminal, format Format, columns []Column[T], item T, id func(T) string) error {
	switch format {
	case JSON, YAML:
		return t.encode(format, item)
	case Name:
		t.Printf("%s\n", Clean(id(item)))
	default:
		details(t, columns, item)
	}
	return nil
}

// Value writes a value that has no table: JSON, or YAML if that is asked for.
func Value(t *Terminal, format Format, value any) error {
	if format != YAML {
		format = JSON
	}
	return t.encode(format, value)
}

// encode writes a value as JSON or YAML, without its secrets.
func (t *Terminal) encode(format Format, value any) error {
	text, err := marshal(value)
	if err != nil {
		return err
	}
	if !t.ShowSecrets {
		if text, err = hideSecrets(text); err != nil {
			return err
		}
	}
	if format == YAML {
		if text, err = jsonToYAML(text); err != nil {
			return err
		}
		t.Printf("%s", text)
		return nil
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, text, "", "  "); err != nil {
		return err
	}
	t.Printf("%s\n", indented.Bytes())
	return nil
}

// marshal is [json.Marshal] for people, who read <, > and & as they are.
func marshal(value any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSpace(b.Bytes()), err
}

// jsonToYAML keeps the order of the keys.
func jsonToYAML(text []byte) ([]byte, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	plain(&document)
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	err := encoder.Encode(&document)
	return out.Bytes(), err
}

// oldBool matches texts that older parsers of YAML take for true or false.
var oldBool = regexp.MustCompile(`^(?i:y|yes|on|n|no|off)$`)

// plain drops the braces and quotes of JSON. The encoder quotes what needs it.
func plain(node *yaml.Node) {
	quoted := node.Style&yaml.DoubleQuotedStyle != 0
	switch node.Style = 0; {
	case len(node.Content) == 0 && node.Kind != yaml.ScalarNode:
		node.Style = yaml.FlowStyle // an empty map or list
	case quoted && oldBool.MatchString(node.Value):
		node.Style = yaml.DoubleQuotedStyle
	}
	for _, child := range node.Content {
		plain(child)
	}
}
