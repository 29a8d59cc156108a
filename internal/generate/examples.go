package main

import (
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ptero-go/ptero/internal/document"
	"github.com/ptero-go/ptero/internal/recorded"
	"github.com/ptero-go/ptero/internal/rest"
	"github.com/ptero-go/ptero/testdata"
)

// exampleItems is how many items of a list an example shows.
const exampleItems = 2

// setPelicanExamples puts recorded answers of Pelican in place of those of
// Pterodactyl, with the requests that led to them. An operation without a
// recording has no example then.
func setPelicanExamples(root *yaml.Node) error {
	recordings, err := recorded.Read(testdata.Pelican())
	if err != nil {
		return err
	}
	byID := make(map[string]document.Operation)
	var known []rest.Operation
	for _, op := range document.Operations(root) {
		byID[op.ID] = op
		known = append(known, rest.Operation{ID: op.ID, Method: strings.ToUpper(op.Method), Path: op.Path})
		eachSuccess(op, func(_ string, media *yaml.Node) { dropExample(media) })
	}
	routes := rest.RoutesOf(known)
	seen := make(map[string]bool)
	for _, recording := range recordings {
		found := routes.Find(recording.Request.Method, recording.Request.Path)
		if found == nil || seen[found.ID] || recording.Response.Status >= 300 {
			continue
		}
		op := byID[found.ID]
		set := false
		eachSuccess(op, func(status string, media *yaml.Node) {
			if status == strconv.Itoa(recording.Response.Status) && recording.Response.Body.IsJSON() {
				err = setExample(media, recording.Response.Body)
				set = true
			}
		})
		if err != nil {
			return fmt.Errorf("%s: %w", recording.Name, err)
		}
		body := document.Get(op.Node, "requestBody", "content", "application/json")
		if body != nil && recording.Request.Body.IsJSON() && strings.HasPrefix(recording.Request.Headers["Content-Type"], "application/json") {
			if err := setExample(body, recording.Request.Body); err != nil {
				return fmt.Errorf("%s: %w", recording.Name, err)
			}
			set = true
		}
		seen[found.ID] = set
	}
	return nil
}

// eachSuccess calls a function for the JSON of each success of an operation.
func eachSuccess(op document.Operation, do func(status string, media *yaml.Node)) {
	for status, response := range document.Entries(document.Get(op.Node, "responses")) {
		if media := document.Get(response, "content", "application/json"); media != nil && strings.HasPrefix(status, "2") {
			do(status, media)
		}
	}
}

func dropExample(media *yaml.Node) {
	document.Drop(media, func(key string, _ *yaml.Node) bool { return key == "example" })
}

// setExample makes JSON the example, with lists cut.
func setExample(media *yaml.Node, text []byte) error {
	var parsed yaml.Node // JSON is YAML
	if err := yaml.Unmarshal(text, &parsed); err != nil {
		return err
	}
	cutLists(&parsed)
	document.Set(media, "example", parsed.Content[0])
	return nil
}

func cutLists(node *yaml.Node) {
	if node.Kind == yaml.SequenceNode && len(node.Content) > exampleItems {
		node.Content = node.Content[:exampleItems]
	}
	for _, child := range node.Content {
		cutLists(child)
	}
}
