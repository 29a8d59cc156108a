package application

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// The form in which eggs are exchanged between Panels, in JSON and in YAML.

// eggFormat is the version of the form.
const eggFormat = "PLCN_v3"

// exportEgg writes an egg in that form.
func exportEgg(e *model.Egg, now time.Time) laravel.Ordered {
	member := func(name string, value any) laravel.Member { return laravel.Member{Name: name, Value: value} }
	variables := []laravel.Object{}
	for i, v := range model.NamedVariables(e.Variables) {
		variables = append(variables, laravel.Object{
			"name": v.Name, "description": v.Description, "env_variable": v.Env, "default_value": v.Value,
			"user_viewable": v.Viewable, "user_editable": v.Editable, "rules": strings.Split(v.Rules, "|"), "sort": i + 1,
		})
		for place, other := range e.Variables {
			if other == v {
				variables[i]["sort"] = place + 1
			}
		}
	}
	return laravel.Ordered{
		member("_comment", "DO NOT EDIT: FILE GENERATED AUTOMATICALLY BY PANEL"),
		member("meta", laravel.Object{"version": eggFormat, "update_url": nil}),
		member("exported_at", laravel.Stamp(now)),
		member("name", e.Name), member("author", e.Author), member("uuid", e.UUID), member("description", e.Description), member("icon", e.Icon),
		member("tags", texts(e.Tags)), member("features", texts(e.Features)), member("docker_images", panel.ShowImages(e)),
		member("file_denylist", texts(e.Denylist)), member("startup_commands", showCommands(e)),
		member("config", laravel.Object{
			"files": documentText(e.Files), "startup": documentText(e.Startup), "logs": documentText(e.Logs), "stop": e.Stop,
		}),
		member("scripts", laravel.Object{"installation": laravel.Object{"script": e.Install, "container": e.Container, "entrypoint": e.Entry}}),
		member("variables", variables),
	}
}

// documentText is a stored JSON document as a text.
func documentText(document json.RawMessage) string {
	var compact bytes.Buffer
	if len(document) == 0 || string(document) == "[]" || json.Compact(&compact, document) != nil {
		return "{}"
	}
	return compact.String()
}

// eggAsYAML writes an exported egg in YAML.
func eggAsYAML(document laravel.Ordered) ([]byte, error) {
	text, err := laravel.AppendJSON(nil, document)
	if err != nil {
		return nil, err
	}
	var node yaml.Node // which keeps the order; JSON is YAML, but for escaped slashes
	if err := yaml.Unmarshal(plainSlashes(text), &node); err != nil {
		return nil, err
	}
	var plain func(*yaml.Node)
	plain = func(n *yaml.Node) {
		n.Style = 0
		for _, inner := range n.Content {
			plain(inner)
		}
	}
	plain(&node)
	return yaml.Marshal(&node)
}

// plainSlashes takes the backslashes from before the slashes of a JSON document.
func plainSlashes(text []byte) []byte {
	plain := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) {
			if i++; text[i] != '/' {
				plain = append(plain, '\\')
			}
		}
		plain = append(plain, text[i])
	}
	return plain
}

// eggDocument is an egg in that form.
type eggDocument struct {
	Meta struct {
		Version string `yaml:"version"`
	} `yaml:"meta"`
	UUID        string    `yaml:"uuid"`
	Name        string    `yaml:"name"`
	Author      string    `yaml:"author"`
	Description *string   `yaml:"description"`
	Icon        *string   `yaml:"icon"`
	Tags        []string  `yaml:"tags"`
	Features    []string  `yaml:"features"`
	Images      yaml.Node `yaml:"docker_images"`
	Denylist    []string  `yaml:"file_denylist"`
	Startup     string    `yaml:"startup"` // of older versions
	Startups    yaml.Node `yaml:"startup_commands"`
	Config      struct {
		Files   yaml.Node `yaml:"files"`
		Startup yaml.Node `yaml:"startup"`
		Logs    yaml.Node `yaml:"logs"`
		Stop    *string   `yaml:"stop"`
	} `yaml:"config"`
	Scripts struct {
		Installation struct {
			Script     string `yaml:"script"`
			Container  string `yaml:"container"`
			Entrypoint string `yaml:"entrypoint"`
		} `yaml:"installation"`
	} `yaml:"scripts"`
	Variables []eggVariable `yaml:"variables"`
}

type eggVariable struct {
	Name        string    `yaml:"name"`
	Description string    `yaml:"description"`
	Env         string    `yaml:"env_variable"`
	Default     string    `yaml:"default_value"`
	Viewable    bool      `yaml:"user_viewable"`
	Editable    bool      `yaml:"user_editable"`
	Rules       yaml.Node `yaml:"rules"`
	Sort        int       `yaml:"sort"`
}

// rules are the rules of a variable, which older versions have as one text.
func (v *eggVariable) rules() string {
	if v.Rules.Kind == yaml.ScalarNode {
		return v.Rules.Value
	}
	rules := make([]string, len(v.Rules.Content))
	for i, rule := range v.Rules.Content {
		rules[i] = rule.Value
	}
	return strings.Join(rules, "|")
}

func readEgg(text []byte) (*eggDocument, error) {
	if json.Valid(text) {
		text = plainSlashes(text)
	}
	var document eggDocument
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	if document.Meta.Version == "" || document.Name == "" {
		return nil, errors.New("it is no egg")
	}
	return &document, nil
}

// apply makes an egg what the document says, but for its variables.
func (d *eggDocument) apply(e *model.Egg) {
	e.Name, e.Author, e.Description, e.Icon, e.Tags, e.Features, e.Denylist = d.Name, d.Author, d.Description, d.Icon, d.Tags, d.Features, d.Denylist
	e.Images, e.Commands = nil, nil
	for label, image := range pairs(&d.Images) {
		e.Images = append(e.Images, model.Image{Label: label, Image: image})
	}
	for label, command := range pairs(&d.Startups) {
		e.Commands = append(e.Commands, model.Command{Label: label, Command: command})
	}
	if len(e.Commands) == 0 {
		e.Commands = []model.Command{{Label: "Default", Command: d.Startup}}
	}
	e.Command = e.Commands[0].Command
	e.Files, e.Startup, e.Logs, e.Stop = documentOf(&d.Config.Files), documentOf(&d.Config.Startup), documentOf(&d.Config.Logs), d.Config.Stop
	script := d.Scripts.Installation
	e.Install, e.Container, e.Entry = script.Script, script.Container, script.Entrypoint
	if e.Game.Stop == "" {
		e.Game.Stop = model.Deref(e.Stop)
	}
}

// pairs are the members of a map in their order.
func pairs(node *yaml.Node) func(func(string, string) bool) {
	return func(yield func(string, string) bool) {
		if node.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(node.Content); i += 2 {
			if !yield(node.Content[i].Value, node.Content[i+1].Value) {
				return
			}
		}
	}
}

// documentOf is a JSON document that stands there as a text, or in the form of
// the whole.
func documentOf(node *yaml.Node) json.RawMessage {
	if node.Kind == yaml.ScalarNode {
		if json.Valid([]byte(node.Value)) {
			return json.RawMessage(node.Value)
		}
		return nil
	}
	var value any
	if node.IsZero() || node.Decode(&value) != nil {
		return nil
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	return text
}
