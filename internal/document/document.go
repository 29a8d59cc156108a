// Package document reads api/openapi.yaml with its overlays for Pelican, and
// makes of them what each of the two panels serves. The generators and the tests
// use it.
//
// What both panels have stands in api/openapi.yaml. The extension x-pelican marks
// where they differ within it:
//
//   - only: Pelican alone has this property, parameter or alternative.
//   - absent: Pelican does not have it.
//   - optional, required: in Pelican the property is, unlike in Pterodactyl.
//   - form: the schema that stands in Pelican in place of this one; Go takes both, by
//     the form of package envelope that as names.
//   - also: a schema that is possible in Pelican beside this one.
//   - current: what is deprecated in Pterodactyl is in use in Pelican.
//   - enum: the values that an enum has in Pelican alone, with their varnames.
//   - note: a sentence about Pelican, for the description.
//
// The operations of Pelican alone are in api/pelican.add.yaml, those that it lacks
// and the texts of its own document in api/pelican.remove.yaml.
package document

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/speakeasy-api/openapi/overlay"
	"go.yaml.in/yaml/v3"
	overlayyaml "gopkg.in/yaml.v3"
)

// View is a selection of the contract.
type View int

// The views.
const (
	// Whole is the contract with all that either panel serves, from which Go and
	// the reference are made. An operation that one of them lacks keeps its
	// x-pelican: only or absent, and in instead what to use.
	Whole View = iota

	// Pterodactyl and Pelican are what one of them serves, without x-pelican.
	Pterodactyl
	Pelican
)

const mark = "x-pelican"

// goRequired marks what one of the panels does not send or demand, in the view
// Whole. In Go it is no less a plain field, which is then zero.
const goRequired = "x-go-required"

// RequireForGo makes such properties of a schema required.
func RequireForGo(node *yaml.Node) {
	for name, property := range Entries(Get(node, "properties")) {
		if Text(property, goRequired) != "true" {
			continue
		}
		required := Get(node, "required")
		if required == nil {
			required = Sequence()
			Set(node, "required", required)
		}
		required.Content = append(required.Content, Scalar(name))
	}
}

// Load reads the contract in the module at root.
func Load(root string, view View) (*yaml.Node, error) {
	document, err := os.ReadFile(filepath.Join(root, "api", "openapi.yaml")) //nolint:gosec // a file of this repository
	if err != nil {
		return nil, err
	}
	add, err := readOverlay(root, "pelican.add.yaml")
	if err != nil {
		return nil, err
	}
	remove, err := readOverlay(root, "pelican.remove.yaml")
	if err != nil {
		return nil, err
	}
	var overlays []*overlay.Overlay
	if view != Pterodactyl {
		overlays = append(overlays, add)
	}
	if view == Pelican {
		overlays = append(overlays, remove)
	}
	tree, err := apply(document, overlays)
	if err != nil {
		return nil, err
	}
	if view == Whole {
		if err := markLacking(tree, remove); err != nil {
			return nil, err
		}
		tagRequests(tree)
	}
	Walk(tree, func(node *yaml.Node) { settle(node, view) })
	return tree, nil
}

// Bytes returns the contract in the module at root as a YAML document.
func Bytes(root string, view View) ([]byte, error) {
	tree, err := Load(root, view)
	if err != nil {
		return nil, err
	}
	return yaml.Marshal(tree)
}

func readOverlay(root, name string) (*overlay.Overlay, error) {
	source, err := os.ReadFile(filepath.Join(root, "api", name)) //nolint:gosec // a file of this repository
	if err != nil {
		return nil, err
	}
	var o overlay.Overlay
	decoder := overlayyaml.NewDecoder(bytes.NewReader(source))
	if err := decoder.Decode(&o); err != nil {
		return nil, fmt.Errorf("api/%s: %w", name, err)
	}
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("api/%s: %w", name, err)
	}
	return &o, nil
}

// apply changes a document by overlays. An action whose target is not there is an
// error.
func apply(document []byte, overlays []*overlay.Overlay) (*yaml.Node, error) {
	var tree overlayyaml.Node
	if err := overlayyaml.Unmarshal(document, &tree); err != nil {
		return nil, err
	}
	for _, o := range overlays {
		if warnings, err := o.ApplyToStrict(&tree); err != nil {
			return nil, fmt.Errorf("overlay %q: %w\n%s", o.Info.Title, err, strings.Join(warnings, "\n"))
		}
	}
	changed, err := overlayyaml.Marshal(&tree)
	if err != nil {
		return nil, err
	}
	var parsed yaml.Node // of the other package
	if err := yaml.Unmarshal(changed, &parsed); err != nil {
		return nil, err
	}
	return parsed.Content[0], nil
}

// markLacking marks the operations that Pelican lacks. What to use instead is the
// description of the action that removes them.
func markLacking(tree *yaml.Node, remove *overlay.Overlay) error {
	targets := make(map[string]Operation)
	for _, op := range Operations(tree) {
		targets[fmt.Sprintf("$.paths['%s'].%s", op.Path, op.Method)] = op
	}
	for _, action := range remove.Actions {
		op, isOperation := targets[action.Target]
		switch {
		case !action.Remove || strings.HasSuffix(action.Target, ".deprecated"):
		case !isOperation || action.Description == "":
			return fmt.Errorf("api/pelican.remove.yaml: %s is no operation, or its action has no description", action.Target)
		default:
			Set(op.Node, mark, Mapping(
				Scalar("absent"), Bool(true),
				Scalar("instead"), Scalar(action.Description)))
		}
	}
	return nil
}

// tagRequests tags what Pelican alone takes in a request, so that the SDK can
// refuse it elsewhere.
func tagRequests(tree *yaml.Node) {
	for name, schema := range Entries(Get(tree, "components", "schemas")) {
		if !strings.HasSuffix(name, "Request") {
			continue
		}
		for _, property := range Entries(Get(schema, "properties")) {
			if isMarked(property, "only") || isMarked(property, "current") {
				Set(property, "x-oapi-codegen-extra-tags", Mapping(Scalar("panel"), Scalar("pelican")))
			}
		}
	}
}

// settle makes one mapping, and the lists in it, what they are in a view.
func settle(node *yaml.Node, view View) {
	settleProperties(node, view)
	for _, key := range []string{"properties", "parameters"} {
		if named := Get(node, key); named != nil && named.Kind == yaml.MappingNode {
			Drop(named, func(_ string, value *yaml.Node) bool { return isForeign(value, view) })
		}
	}
	for i := 0; i < len(node.Content); i += 2 {
		list := node.Content[i+1]
		if list.Kind != yaml.SequenceNode || !slices.Contains([]string{"oneOf", "anyOf", "parameters"}, node.Content[i].Value) {
			continue
		}
		before := len(list.Content)
		list.Content = slices.DeleteFunc(list.Content, func(item *yaml.Node) bool { return isForeign(item, view) })
		if len(list.Content) == 1 && before > 1 && node.Content[i].Value != "parameters" {
			// No alternatives are left: the one stands in their place.
			only := list.Content[0]
			Drop(only, func(key string, _ *yaml.Node) bool { return key == mark })
			node.Content = slices.Replace(node.Content, i, i+2, only.Content...)
		}
	}
	settleText(node, view)
}

// settleProperties decides which properties are required.
func settleProperties(node *yaml.Node, view View) {
	properties, required := Get(node, "properties"), Get(node, "required")
	if properties == nil || properties.Kind != yaml.MappingNode || view == Pterodactyl {
		return
	}
	if required != nil && required.Kind == yaml.SequenceNode {
		required.Content = slices.DeleteFunc(required.Content, func(name *yaml.Node) bool {
			property := Get(properties, name.Value)
			dropped := isMarked(property, "absent") || isMarked(property, "optional")
			if dropped && view == Whole {
				Set(property, goRequired, Bool(true))
			}
			return dropped
		})
		if len(required.Content) == 0 {
			Drop(node, func(key string, _ *yaml.Node) bool { return key == "required" })
			required = nil
		}
	}
	if view == Whole {
		return
	}
	for name, property := range Entries(properties) {
		if !isMarked(property, "required") {
			continue
		}
		if required == nil {
			required = Sequence()
			Set(node, "required", required)
		}
		required.Content = append(required.Content, Scalar(name))
	}
}

// settleText writes what the mark says into the description and the values, and
// removes the mark.
func settleText(node *yaml.Node, view View) {
	marked := Get(node, mark)
	if marked == nil {
		return
	}
	isOperation := Get(node, "operationId") != nil
	if values := Get(marked, "enum"); values != nil && view != Pterodactyl {
		enum := Get(node, "enum")
		enum.Content = append(enum.Content, values.Content...)
		if names := Get(node, "x-enum-varnames"); names != nil {
			names.Content = append(names.Content, Get(marked, "varnames").Content...)
		}
	}
	isCurrent := !isOperation && isMarked(node, "current") && view != Pterodactyl
	if isCurrent {
		Drop(node, func(key string, _ *yaml.Node) bool { return key == "deprecated" || key == "x-panel" })
		description := Get(node, "description")
		description.Value, _, _ = strings.Cut(description.Value, " Deprecated: ")
	}
	if form := Get(marked, "form"); form != nil && view != Pterodactyl {
		settleForm(node, form, Text(marked, "as"), view)
	}
	if also := Get(marked, "also"); also != nil && view != Pterodactyl {
		Set(node, "oneOf", Sequence(takeForm(node), also))
	}
	var sentences []string
	if note := Text(marked, "note"); note != "" && view != Pterodactyl {
		sentences = append(sentences, note)
	}
	if view == Whole && isOperation {
		switch instead := Text(marked, "instead"); {
		case isMarked(node, "only"):
			sentences = append(sentences, "Pelican only. "+instead)
		case isMarked(node, "absent"):
			sentences = append(sentences, "Pterodactyl only. "+instead)
		}
	}
	if view == Whole && !isOperation {
		switch {
		case isMarked(node, "only"), isCurrent:
			sentences = append(sentences, "Pelican only.")
		case isMarked(node, "absent"):
			sentences = append(sentences, "Pelican does not have it.")
		}
	}
	if description := Get(node, "description"); description != nil && len(sentences) > 0 {
		description.Value = strings.TrimSpace(description.Value + " " + strings.Join(sentences, " "))
		description.Style = 0
	}
	if view != Whole || !isOperation {
		Drop(node, func(key string, _ *yaml.Node) bool { return key == mark })
	}
}

// settleForm puts Pelican's form of a schema in its place, or beside it.
func settleForm(node, form *yaml.Node, as string, view View) {
	base := takeForm(node)
	if view == Pelican {
		node.Content = append(node.Content, form.Content...)
		return
	}
	if Get(node, "x-go-type") == nil {
		Set(node, "x-go-type", Scalar(Text(base, "type")))
	}
	if nullable := Get(base, "nullable"); nullable != nil {
		Set(node, "nullable", nullable)
	}
	Set(node, "oneOf", Sequence(base, form))
	Set(node, "x-oapi-codegen-extra-tags", Mapping(Scalar("forms"), Scalar(as)))
}

// takeForm takes what validates out of a schema, which keeps its description and
// extensions.
func takeForm(node *yaml.Node) *yaml.Node {
	form := Mapping()
	Drop(node, func(key string, value *yaml.Node) bool {
		isForm := key != "description" && !strings.HasPrefix(key, "x-")
		if isForm {
			form.Content = append(form.Content, Scalar(key), value)
		}
		return isForm
	})
	return form
}

// isForeign reports whether something is not part of a view.
func isForeign(node *yaml.Node, view View) bool {
	return view == Pterodactyl && isMarked(node, "only") || view == Pelican && isMarked(node, "absent")
}

func isMarked(node *yaml.Node, as string) bool { return Text(node, mark, as) == "true" }
