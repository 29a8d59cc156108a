package application

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
	"github.com/ptero-go/ptero/paneltest/internal/yaml"
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

// eggAsYAML writes an exported egg in YAML, which JSON is too, but for escaped
// slashes.
func eggAsYAML(document laravel.Ordered) ([]byte, error) {
	text, err := laravel.AppendJSON(nil, document)
	return append(plainSlashes(text), '\n'), err
}

// plainSlashes takes the backslashes from before the slashes of a JSON document.
func plainSlashes(text []byte) []byte {
	plain := make([]byte, 0, len(text)+1)
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
		Version string `json:"version"`
	} `json:"meta"`
	UUID        string   `json:"uuid"`
	Name        string   `json:"name"`
	Author      string   `json:"author"`
	Description *string  `json:"description"`
	Icon        *string  `json:"icon"`
	Tags        []string `json:"tags"`
	Features    []string `json:"features"`
	Images      pairs    `json:"docker_images"`
	Denylist    []string `json:"file_denylist"`
	Startup     string   `json:"startup"` // of older versions
	Startups    pairs    `json:"startup_commands"`
	Config      struct {
		Files   json.RawMessage `json:"files"`
		Startup json.RawMessage `json:"startup"`
		Logs    json.RawMessage `json:"logs"`
		Stop    *string         `json:"stop"`
	} `json:"config"`
	Scripts struct {
		Installation struct {
			Script     string `json:"script"`
			Container  string `json:"container"`
			Entrypoint string `json:"entrypoint"`
		} `json:"installation"`
	} `json:"scripts"`
	Variables []eggVariable `json:"variables"`
}

type eggVariable struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Env         string `json:"env_variable"`
	Default     scalar `json:"default_value"`
	Viewable    bool   `json:"user_viewable"`
	Editable    bool   `json:"user_editable"`
	Rules       rules  `json:"rules"`
	Sort        int    `json:"sort"`
}

// scalar is a text that may have come as a number or a truth, as YAML has them.
type scalar string

// UnmarshalJSON implements [json.Unmarshaler].
func (s *scalar) UnmarshalJSON(data []byte) error {
	var text string
	switch {
	case string(data) == "null":
	case json.Unmarshal(data, &text) != nil:
		text = string(data)
	}
	*s = scalar(text)
	return nil
}

// rules are the rules of a variable, which older versions have as one text.
type rules string

// UnmarshalJSON implements [json.Unmarshaler].
func (r *rules) UnmarshalJSON(data []byte) error {
	var list []scalar
	if json.Unmarshal(data, &list) != nil {
		return (*scalar)(r).UnmarshalJSON(data)
	}
	texts := make([]string, len(list))
	for i, rule := range list {
		texts[i] = string(rule)
	}
	*r = rules(strings.Join(texts, "|"))
	return nil
}

// pairs are the members of a map of texts in their order. PHP has a list for one
// without any.
type pairs []laravel.Member

// UnmarshalJSON implements [json.Unmarshaler].
func (p *pairs) UnmarshalJSON(data []byte) error {
	for label, value := range laravel.Members(data) {
		var text scalar
		if err := json.Unmarshal(value, &text); err != nil {
			return err
		}
		*p = append(*p, laravel.Member{Name: label, Value: string(text)})
	}
	return nil
}

func readEgg(text []byte) (*eggDocument, error) {
	if !json.Valid(text) {
		var err error
		if text, err = yaml.ToJSON(text); err != nil {
			return nil, err
		}
	}
	var document eggDocument
	if err := json.Unmarshal(text, &document); err != nil {
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
	for _, image := range d.Images {
		e.Images = append(e.Images, model.Image{Label: image.Name, Image: laravel.TextOf(image.Value)})
	}
	for _, command := range d.Startups {
		e.Commands = append(e.Commands, model.Command{Label: command.Name, Command: laravel.TextOf(command.Value)})
	}
	if len(e.Commands) == 0 {
		e.Commands = []model.Command{{Label: "Default", Command: d.Startup}}
	}
	e.Command = e.Commands[0].Command
	e.Files, e.Startup, e.Logs, e.Stop = documentOf(d.Config.Files), documentOf(d.Config.Startup), documentOf(d.Config.Logs), d.Config.Stop
	script := d.Scripts.Installation
	e.Install, e.Container, e.Entry = script.Script, script.Container, script.Entrypoint
	if e.Game.Stop == "" {
		e.Game.Stop = model.Deref(e.Stop)
	}
}

// documentOf is a JSON document that may stand in a text.
func documentOf(document json.RawMessage) json.RawMessage {
	var text string
	if json.Unmarshal(document, &text) != nil {
		return document
	}
	if !json.Valid([]byte(text)) {
		return nil
	}
	return json.RawMessage(text)
}
