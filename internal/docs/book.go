package main

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ptero-go/ptero/internal/calls"
)

// book is the whole reference: the document, laid out on pages.
type book struct {
	doc    *openapi3.T
	socket *socket
	pages  []*page

	operations []*operation           // in the order of the document
	calls      map[string]*calls.Call // the Go calls by endpoint

	// homes tells on which page a component is described.
	homes map[string]*page

	err error // the first thing that the document does not give
}

// page holds the operations of one area of an API.
type page struct {
	file, api, area string
	about           string // what the tag is described as
	operations      []*operation
	components      []string // that are described here, in this order
}

// operation is an operation with its place in the document.
type operation struct {
	*openapi3.Operation
	method, path string
	page         *page
}

// apis are the first parts of tags, in the order of their pages.
var apis = []string{"client", "application", "wings"}

// apiNames are what people call them.
var apiNames = map[string]string{"client": "Client API", "application": "Application API", "wings": "Wings"}

func newBook(root string) (*book, error) {
	loader := openapi3.NewLoader()
	loader.IncludeOrigin = true // for the order of things
	doc, err := loader.LoadFromFile(filepath.Join(root, "api", "openapi.yaml"))
	if err != nil {
		return nil, err
	}
	b := &book{doc: doc, homes: make(map[string]*page)}
	if b.socket, err = readSocket(root); err != nil {
		return nil, err
	}
	if b.calls, err = calls.Read(root); err != nil {
		return nil, err
	}
	b.layOut()
	b.findHomes()
	return b, nil
}

// fail notes that something is wrong with the document, which ends the run.
func (b *book) fail(format string, args ...any) {
	if b.err == nil {
		b.err = fmt.Errorf(format, args...)
	}
}

// layOut puts each operation on the page of its API and area. Pages come in the
// order of the document's tags, operations in that of its paths.
func (b *book) layOut() {
	for path, item := range b.doc.Paths.Map() {
		for method, op := range item.Operations() {
			if op.Extensions["x-internal"] == true {
				continue // nobody serves it
			}
			b.operations = append(b.operations, &operation{Operation: op, method: method, path: path})
		}
	}
	slices.SortFunc(b.operations, func(x, y *operation) int { return compareOrigins(x.Origin, y.Origin) })
	for _, api := range apis {
		for _, tag := range b.doc.Tags {
			of, area, _ := strings.Cut(tag.Name, ": ")
			if !strings.EqualFold(of, api) {
				continue
			}
			area = strings.ToLower(strings.ReplaceAll(area, " ", "-"))
			p := &page{file: api + "-" + area + ".md", api: api, area: area, about: tag.Description}
			for _, op := range b.operations {
				if op.Tags[0] == tag.Name {
					op.page = p
					p.operations = append(p.operations, op)
				}
			}
			b.pages = append(b.pages, p)
		}
	}
}

// compareOrigins orders by place in the document.
func compareOrigins(x, y *openapi3.Origin) int {
	if x == nil || x.Key == nil || y == nil || y.Key == nil {
		return 0
	}
	return cmp.Or(cmp.Compare(x.Key.Line, y.Key.Line), cmp.Compare(x.Key.Column, y.Key.Column))
}

// endpoint is the form of the Endpoint lines in the comments of wrappers.
func (o *operation) endpoint() string {
	if o.page.api == "wings" {
		return o.method + " {wings}" + o.path
	}
	return o.method + " " + o.path
}

// title is the heading of the operation.
func (o *operation) title() string { return o.Summary }

// link is the address of the operation, seen from another page.
func (o *operation) link(from string) string {
	return link(from, o.page.file, slug(o.title()))
}

// link is the address of a heading, seen from a page.
func link(from, file, anchor string) string {
	if from == file {
		return "#" + anchor
	}
	return file + "#" + anchor
}

// findHomes decides on which page each component is described: on the first
// page where an operation answers with it, else where something refers to it.
func (b *book) findHomes() {
	for _, p := range b.pages {
		for _, op := range p.operations {
			if ref := b.answerOf(op).subject; ref != nil {
				b.settle(p, ref)
			}
		}
	}
	for _, p := range b.pages {
		for i := 0; i < len(p.components); i++ { // it grows
			b.settleReferences(p, b.doc.Components.Schemas[p.components[i]])
		}
		for _, op := range p.operations {
			for _, parameter := range op.Parameters {
				b.settleReferences(p, parameter.Value.Schema)
			}
			if op.RequestBody != nil {
				for _, media := range op.RequestBody.Value.Content {
					b.settleReferences(p, media.Schema)
				}
			}
		}
	}
}

// settle makes a page the home of a component that has none.
func (b *book) settle(p *page, ref *openapi3.SchemaRef) {
	name := componentOf(ref)
	if name != "" && b.homes[name] == nil {
		b.homes[name] = p
		p.components = append(p.components, name)
	}
}

// settleReferences does so with all that the fields of a schema refer to.
func (b *book) settleReferences(p *page, schema *openapi3.SchemaRef) {
	f := fielder{book: b, page: p, mention: func(ref *openapi3.SchemaRef) { b.settle(p, ref) }}
	f.fields("", schema)
	f.describe(schema)
}
