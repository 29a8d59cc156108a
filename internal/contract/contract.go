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

// Load returns the document. It is read once for all callers, who must not
// change it.
var Load = sync.OnceValues(read)

// Strict returns the document with no property allowed that it does not name. It
// is read once for all callers, who must not change it.
var Strict = sync.OnceValues(func() (*openapi3.T, error) {
	doc, err := read()
	if err != nil {
		return nil, err
	}
	recorded.ForbidUnknown(doc)
	return doc, nil
})

func read() (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromFile(Path("api/openapi.yaml"))
	if err != nil {
		return nil, err
	}
	recorded.AllowNull(doc)
	return doc, nil
}

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
func (o Operation) API() string {
	switch {
	case strings.HasPrefix(o.Path, "/api/client"):
		return "client"
	case strings.HasPrefix(o.Path, "/api/application"):
		return "application"
	}
	return "wings"
}

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
	routes := rest.NewRoutes(known)
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
