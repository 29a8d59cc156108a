package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ptero-go/ptero/internal/calls"
	"github.com/ptero-go/ptero/internal/document"
)

// sampler writes code samples: how an operation is called in Go, by curl, and in
// JavaScript. The values in them are the contract's examples.
type sampler struct {
	root  *yaml.Node
	calls map[string]*calls.Call

	// structs are the models by the package that wraps theirs, and their name.
	structs map[string]map[string]*ast.StructType
}

func newSampler(root *yaml.Node, out string) (*sampler, error) {
	s := &sampler{root: root, structs: make(map[string]map[string]*ast.StructType)}
	var err error
	if s.calls, err = calls.Read("."); err != nil {
		return nil, err
	}
	for compiled, wrapper := range wrappers {
		decls, err := declarations(filepath.Join(out, filepath.FromSlash(compiled), path.Base(compiled)+".gen.go"))
		if err != nil {
			return nil, err
		}
		s.structs[wrapper] = make(map[string]*ast.StructType)
		for spec := range types(decls) {
			if fields, ok := spec.Type.(*ast.StructType); ok {
				s.structs[wrapper][spec.Name.Name] = fields
			}
		}
	}
	return s, nil
}

// of returns the samples of an operation.
func (s *sampler) of(op document.Operation) (*yaml.Node, error) {
	r, err := s.request(op)
	if err != nil {
		return nil, err
	}
	code, err := s.golang(op, r)
	if err != nil {
		return nil, err
	}
	sample := func(lang, label, source string) *yaml.Node {
		return document.Mapping(document.Scalar("lang"), document.Scalar(lang), document.Scalar("label"), document.Scalar(label), document.Scalar("source"), document.Scalar(source))
	}
	return document.Sequence(
		sample("Go", "Go (ptero)", code),
		sample("Shell", "curl", r.curl()),
		sample("JavaScript", "JavaScript (fetch)", r.fetch()),
	), nil
}

// request is a request with the values of the examples.
type request struct {
	api, method string
	address     string // path and query
	params      map[string]string
	media       string     // of the body, empty for none
	body        *yaml.Node // nil for one that is no JSON
	answer      string     // media type of the answer, empty for none
}

func (s *sampler) request(op document.Operation) (*request, error) {
	r := &request{api: op.API(), method: strings.ToUpper(op.Method), address: op.Path, params: make(map[string]string)}
	query := make(url.Values)
	if parameters := document.Get(op.Node, "parameters"); parameters != nil {
		for _, parameter := range parameters.Content {
			parameter = s.resolve(parameter)
			name, example := document.Text(parameter, "name"), document.Text(parameter, "example")
			if document.Text(parameter, "required") != "true" {
				continue
			}
			if example == "" && document.Text(parameter, "schema", "type") == "integer" {
				example = "1024" // an amount of memory or disk space in MiB
			}
			if example == "" {
				return nil, fmt.Errorf("the parameter %s has no example", name)
			}
			r.params[name] = example
			if document.Text(parameter, "in") == "path" {
				r.address = strings.ReplaceAll(r.address, "{"+name+"}", url.PathEscape(example))
			} else {
				query.Set(name, example)
			}
		}
	}
	if len(query) > 0 {
		r.address += "?" + query.Encode()
	}
	for media, content := range document.Entries(document.Get(op.Node, "requestBody", "content")) {
		r.media, r.body = media, document.Get(content, "example")
		break // the first one will do
	}
	if r.media == "application/json" && r.body == nil {
		return nil, errors.New("the body has no example")
	}
	for status, response := range document.Entries(document.Get(op.Node, "responses")) {
		if !strings.HasPrefix(status, "2") {
			continue
		}
		for media := range document.Entries(document.Get(s.resolve(response), "content")) {
			r.answer = media
		}
	}
	return r, nil
}

// resolve follows a reference to a component.
func (s *sampler) resolve(node *yaml.Node) *yaml.Node {
	if ref := document.Text(node, "$ref"); ref != "" {
		return document.Get(s.root, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
	}
	return node
}

// json is the body, in one line if that is not too long.
func (r *request) json() string {
	var line, indented bytes.Buffer
	if err := writeJSON(&line, r.body); err != nil || json.Indent(&indented, line.Bytes(), "", "  ") != nil {
		return line.String()
	}
	if line.Len() <= 80 {
		return line.String()
	}
	return indented.String()
}

func (r *request) curl() string {
	if r.api == "wings" {
		if r.method == "GET" {
			return `curl -o file "$SIGNED_URL"`
		}
		return `curl -F files=@file "$SIGNED_URL&directory=/dir1"`
	}
	parts := []string{"curl"}
	if r.method != "GET" {
		parts[0] += " -X " + r.method
	}
	parts[0] += ` "$PANEL` + r.address + `"`
	parts = append(parts, `-H "Authorization: Bearer $KEY"`, `-H "Accept: application/json"`)
	switch {
	case r.media == "application/json":
		parts = append(parts, `-H "Content-Type: application/json"`, "-d '"+strings.ReplaceAll(r.json(), "'", `'\''`)+"'")
	case r.media != "":
		parts = append(parts, `-H "Content-Type: `+r.media+`"`, "--data-binary @file")
	}
	return strings.Join(parts, " \\\n  ")
}

func (r *request) fetch() string {
	if r.api == "wings" {
		if r.method == "GET" {
			return "const response = await fetch(signedURL);\nconst content = await response.blob();"
		}
		return "const form = new FormData();\nform.append(\"files\", file);\n" +
			"const response = await fetch(`${signedURL}&directory=/dir1`, { method: \"POST\", body: form });"
	}
	lines := []string{
		"const response = await fetch(`${panel}" + r.address + "`, {",
		"  method: \"" + r.method + "\",",
		"  headers: {",
		"    Authorization: `Bearer ${key}`,",
		"    Accept: \"application/json\",",
	}
	if r.media != "" {
		lines = append(lines, "    \"Content-Type\": \""+r.media+"\",")
	}
	lines = append(lines, "  },")
	switch {
	case r.media == "application/json":
		lines = append(lines, "  body: JSON.stringify("+strings.ReplaceAll(r.json(), "\n", "\n  ")+"),")
	case r.media != "":
		lines = append(lines, "  body: content,")
	}
	lines = append(lines, "});")
	switch r.answer {
	case "application/json":
		lines = append(lines, "const answer = await response.json();")
	case "text/plain":
		lines = append(lines, "const content = await response.text();")
	}
	return strings.Join(lines, "\n")
}

// constructors make the clients.
var constructors = map[string]string{
	"c":     `c, err := client.New("https://panel.example.org", key)`,
	"admin": `admin, err := application.New("https://panel.example.org", key)`,
}

// golang is the call by the SDK. What has no example is a variable that is
// declared before.
func (s *sampler) golang(op document.Operation, r *request) (string, error) {
	endpoint := strings.ToUpper(op.Method) + " " + op.Path
	if op.API() == "wings" {
		endpoint = strings.ToUpper(op.Method) + " {wings}" + op.Path
	}
	call := s.calls[endpoint]
	if call == nil {
		return "", fmt.Errorf("the SDK has no call for %s", endpoint)
	}
	g := &goSample{sampler: s, call: call, request: r}
	arguments := []string{"ctx"}
	for _, parameter := range call.Parameters {
		if argument := g.argument(parameter); argument != "" {
			arguments = append(arguments, argument)
		}
	}
	assign := " = "
	if call.Result() != "" {
		assign = " := "
	}
	g.lines = append(g.lines, constructors[call.Client()], "if err != nil {", "\treturn err", "}", call.Left()+assign+call.With(arguments...))
	return formatted(strings.Join(g.lines, "\n"))
}

// formatted is the code of a function's body as gofmt has it.
func formatted(code string) (string, error) {
	const head, tail = "package p\n\nfunc f() {\n", "\n}\n"
	source, err := format.Source([]byte(head + code + tail))
	if err != nil {
		return "", fmt.Errorf("%w in\n%s", err, code)
	}
	body := strings.TrimSuffix(strings.TrimPrefix(string(source), head), tail)
	return strings.ReplaceAll(strings.TrimPrefix(body, "\t"), "\n\t", "\n"), nil
}

// goSample is a sample in Go.
type goSample struct {
	*sampler
	call    *calls.Call
	request *request
	lines   []string // declarations, then the call
}

// otherNames are those of the API for parameters that the SDK calls otherwise.
var otherNames = map[string][]string{
	"location": {"location"}, "variable": {"key"}, "image": {"docker_image"}, "newPassword": {"password"}, "note": {"notes"},
	"root": {"root", "directory"}, "directory": {"directory", "root"}, "file": {"file", "location"}, "path": {"file", "location", "directory"},
	"fingerprint": {"fingerprint", "identifier"},
}

// argument is what is handed over for a parameter, "" for nothing.
func (g *goSample) argument(p calls.Parameter) string {
	kind := p.Type
	if p.Variadic && strings.HasSuffix(kind, "Include") || strings.HasSuffix(kind, "Option") {
		return ""
	}
	if strings.HasSuffix(kind, "Options") {
		return g.qualified(kind) + "{}"
	}
	if kind == "os.FileMode" {
		return "0o644"
	}
	if g.structure(kind) != nil {
		value := g.request.body
		if p.Variadic && value != nil {
			value = first(document.Get(value, snake(p.Name)))
		}
		if value != nil && value.Kind == yaml.MappingNode {
			return g.literal(kind, value, "")
		}
	}
	if value := g.example(p.Name, p.Variadic); value != "" {
		switch kind {
		case "int":
			if _, err := strconv.Atoi(value); err == nil {
				return value
			}
		case "string", "Permission", "PowerSignal":
			return strconv.Quote(value)
		}
	}
	declared := g.qualified(kind)
	if p.Variadic {
		g.lines = append(g.lines, "var "+p.Name+" []"+declared)
		return p.Name + "..."
	}
	g.lines = append(g.lines, "var "+p.Name+" "+declared)
	return p.Name
}

// example is the example of a parameter of the SDK.
func (g *goSample) example(name string, variadic bool) string {
	for _, name := range append([]string{snake(name)}, otherNames[name]...) {
		if value := g.request.params[name]; value != "" {
			return value
		}
		found := document.Get(g.request.body, name)
		if variadic {
			found = first(found)
		}
		if found != nil && found.Kind == yaml.ScalarNode && found.Value != "" {
			return found.Value
		}
	}
	if name == "directory" || name == "root" {
		return "/"
	}
	return ""
}

// first is the first item of a sequence.
func first(node *yaml.Node) *yaml.Node {
	if node == nil || node.Kind != yaml.SequenceNode || len(node.Content) == 0 {
		return nil
	}
	return node.Content[0]
}

var humps = regexp.MustCompile(`([a-z0-9])([A-Z])`)

// snake writes a name as the API does: externalID is external_id.
func snake(name string) string { return strings.ToLower(humps.ReplaceAllString(name, "${1}_$2")) }

// qualified is a type with the name of the package that has it.
func (g *goSample) qualified(kind string) string {
	prefix := ""
	for _, mark := range []string{"[]", "*"} {
		if rest, found := strings.CutPrefix(kind, mark); found {
			prefix, kind = prefix+mark, rest
		}
	}
	if strings.Contains(kind, ".") || strings.ToLower(kind[:1]) == kind[:1] {
		return prefix + kind
	}
	return prefix + path.Base(g.call.Package) + "." + kind
}

func (g *goSample) structure(kind string) *ast.StructType {
	return g.structs[g.call.Package][kind]
}

// literal is a struct with the values of an example. Fields that are pointers to
// plain values, which would take a variable each, are left out.
func (g *goSample) literal(kind string, value *yaml.Node, indent string) string {
	var lines []string
	for _, field := range g.structure(kind).Fields.List {
		tag := tagName(field)
		example := document.Get(value, tag)
		if example == nil || example.ShortTag() == "!!null" {
			continue
		}
		if text := g.value(source(field.Type), example, indent+"\t"); text != "" {
			lines = append(lines, indent+"\t"+field.Names[0].Name+": "+text+",")
		}
	}
	slices.Sort(lines)
	if len(lines) == 0 {
		return g.qualified(kind) + "{}"
	}
	return g.qualified(kind) + "{\n" + strings.Join(lines, "\n") + "\n" + indent + "}"
}

// value is a value of a type, "" if it cannot be written in place.
func (g *goSample) value(kind string, example *yaml.Node, indent string) string {
	pointer := strings.HasPrefix(kind, "*")
	kind = strings.TrimPrefix(kind, "*")
	item, isSlice := strings.CutPrefix(kind, "[]")
	if inner, found := strings.CutPrefix(kind, "envelope.Slice["); found {
		item, isSlice = strings.TrimSuffix(inner, "]"), true
	}
	switch {
	case g.structure(kind) != nil && example.Kind == yaml.MappingNode:
		literal := g.literal(kind, example, indent)
		if pointer {
			return "&" + literal
		}
		return literal
	case pointer:
		return ""
	case kind == "envelope.Map[string]" && example.Kind == yaml.MappingNode:
		var pairs []string
		for key, inner := range document.Entries(example) {
			pairs = append(pairs, strconv.Quote(key)+": "+strconv.Quote(inner.Value))
		}
		return "map[string]string{" + strings.Join(pairs, ", ") + "}"
	case isSlice && example.Kind == yaml.SequenceNode:
		var items []string
		for _, inner := range example.Content {
			text := g.value(item, inner, indent)
			if text == "" {
				return ""
			}
			items = append(items, text)
		}
		return "[]" + g.qualified(item) + "{" + strings.Join(items, ", ") + "}"
	case example.Kind != yaml.ScalarNode || strings.Contains(kind, "."):
		return ""
	case example.ShortTag() == "!!str":
		return strconv.Quote(example.Value)
	}
	return example.Value
}
