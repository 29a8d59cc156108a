// Package contract reads the contract, api/openapi.yaml, for tests.
package contract

import (
	"errors"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ptero-go/ptero/internal/document"
	"github.com/ptero-go/ptero/internal/recorded"
	"github.com/ptero-go/ptero/internal/rest"
)

// Path returns the path of a file of this repository, which is named from its
// root, for a process in any of its folders.
func Path(name string) string {
	root := "."
	for range 10 { // levels of folders
		if _, err := os.Stat(filepath.Join(root, "tools.go")); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		root = filepath.Join(root, "..")
	}
	return filepath.Join(root, filepath.FromSlash(name))
}

// views are the documents of both panels and of each of them.
var views = map[document.View]*struct{ load, strict func() (*openapi3.T, error) }{
	document.Whole:       newView(document.Whole),
	document.Pterodactyl: newView(document.Pterodactyl),
	document.Pelican:     newView(document.Pelican),
}

func newView(view document.View) *struct{ load, strict func() (*openapi3.T, error) } {
	read := func() (*openapi3.T, error) {
		source, err := document.Bytes(Path("."), view)
		if err != nil {
			return nil, err
		}
		doc, err := openapi3.NewLoader().LoadFromData(source)
		if err != nil {
			return nil, err
		}
		recorded.AllowNull(doc)
		return doc, nil
	}
	strict := func() (*openapi3.T, error) {
		doc, err := read()
		if err != nil {
			return nil, err
		}
		recorded.ForbidUnknown(doc)
		return doc, nil
	}
	return &struct{ load, strict func() (*openapi3.T, error) }{sync.OnceValues(read), sync.OnceValues(strict)}
}

// Load returns the document with all that either panel serves. It is read once for
// all callers, who must not change it.
func Load() (*openapi3.T, error) { return LoadOf(document.Whole) }

// LoadOf is Load for a view of the document.
func LoadOf(view document.View) (*openapi3.T, error) { return views[view].load() }

// Strict returns the document with no property allowed that it does not name. It
// is read once for all callers, who must not change it.
func Strict() (*openapi3.T, error) { return StrictOf(document.Whole) }

// StrictOf is Strict for a view of the document.
func StrictOf(view document.View) (*openapi3.T, error) { return views[view].strict() }

// Operation is an operation with its place in the document.
type Operation struct {
	*openapi3.Operation
	Method, Path string
}

// Operations returns all operations of a document in a fixed order.
func Operations(doc *openapi3.T) []Operation {
	var all []Operation
	paths := doc.Paths.Map()
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		methods := paths[path].Operations()
		for _, method := range slices.Sorted(maps.Keys(methods)) {
			all = append(all, Operation{methods[method], method, path})
		}
	}
	return all
}

// API returns the API that the operation belongs to: client, application or
// wings.
func (o Operation) API() string { return document.APIOf(o.Path) }

// Internal reports whether the operation is described for the record only.
func (o Operation) Internal() bool { return o.Extensions["x-internal"] == true }

// Endpoint returns the operation in the form of the Endpoint lines in comments.
// The signed URLs of Wings belong to another host.
func (o Operation) Endpoint() string {
	if o.API() == "wings" {
		return o.Method + " {wings}" + o.Path
	}
	return o.Method + " " + o.Path
}

// Exchange is a recording and the operation that it belongs to, an empty one for
// a request to no operation.
type Exchange struct {
	*recorded.Recording
	Operation Operation
}

// OfWings reports whether it is between Wings and the Panel, which the document
// does not describe.
func (e *Exchange) OfWings() bool { return strings.HasPrefix(e.Request.Path, "/api/remote/") }

// IsPelicans reports whether Pelican alone has the operation.
func (o Operation) IsPelicans() bool {
	mark, _ := o.Extensions["x-pelican"].(map[string]any)
	return mark["only"] == true
}

// Exchanges returns all recordings.
func Exchanges() ([]Exchange, error) {
	all, err := recorded.Load()
	if err != nil {
		return nil, err
	}
	doc, err := Load()
	if err != nil {
		return nil, err
	}
	var known []rest.Operation
	byID := make(map[string]Operation)
	for _, op := range Operations(doc) {
		if op.API() != "wings" {
			known = append(known, rest.Operation{ID: op.OperationID, Method: op.Method, Path: op.Path})
			byID[op.OperationID] = op
		}
	}
	routes := rest.RoutesOf(known)
	exchanges := make([]Exchange, 0, len(all))
	for _, recording := range all {
		e := Exchange{Recording: recording, Operation: Operation{Operation: new(openapi3.Operation)}}
		method := recording.Request.Method
		if method == http.MethodHead {
			method = http.MethodGet // answered alike, without a body
		}
		if found := routes.Find(method, recording.Request.Path); found != nil {
			e.Operation = byID[found.ID]
		}
		exchanges = append(exchanges, e)
	}
	return exchanges, nil
}
