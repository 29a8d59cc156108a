package paneltest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	spec "github.com/ptero-go/ptero/internal/document"
	"github.com/ptero-go/ptero/internal/recorded"
	"github.com/ptero-go/ptero/internal/rest"
	"github.com/ptero-go/ptero/paneltest"
)

// document is a document with no property allowed that it does not name.
type document struct {
	*openapi3.T

	routes *rest.Routes // its operations
}

// Of each of the two panels.
var (
	contractOfPterodactyl = sync.OnceValues(func() (*document, error) { return readContract(spec.Pterodactyl) })
	contractOfPelican     = sync.OnceValues(func() (*document, error) { return readContract(spec.Pelican) })
)

func readContract(of spec.View) (*document, error) {
	openapi3.DefineStringFormatValidator("uuid", openapi3.NewRegexpFormatValidator(openapi3.FormatOfStringForUUIDOfRFC4122))
	text, err := spec.Bytes("..", of)
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, err
	}
	recorded.AllowNull(doc)
	recorded.ForbidUnknown(doc)
	recorded.AllowOld(doc) // some of the Panels are of version 0.7
	var operations []rest.Operation
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			operations = append(operations, rest.Operation{ID: op.OperationID, Method: method, Path: path})
		}
	}
	return &document{doc, rest.RoutesOf(operations)}, nil
}

// contractOf returns the document of a version.
func contractOf(t *testing.T, version string) *document {
	t.Helper()
	read := contractOfPterodactyl
	if version == "pelican" {
		read = contractOfPelican
	}
	doc, err := read()
	check(t, err)
	return doc
}

// validated holds every answer of a Panel against the document. Those that a
// fault spoils are left out, and those of handlers that come before the Panel.
func validated(t *testing.T, before ...func(http.ResponseWriter, *http.Request) bool) paneltest.Option {
	t.Helper()
	return paneltest.WithMiddleware(func(panel *paneltest.Panel) http.Handler {
		doc := contractOf(t, panel.Version())
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for _, serve := range before {
				if serve(w, r) {
					return
				}
			}
			copied := &copyingWriter{ResponseWriter: w, status: http.StatusOK}
			panel.ServeHTTP(copied, r)
			if err := checkAnswer(doc, r, copied); err != nil && !copied.hijacked {
				t.Errorf("%s %s answered %d: %v\n%.2000s", r.Method, r.URL, copied.status, err, copied.body.Bytes())
			}
		})
	})
}

// copyingWriter keeps a copy of an answer.
type copyingWriter struct {
	http.ResponseWriter
	status   int
	body     bytes.Buffer
	hijacked bool
}

func (w *copyingWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *copyingWriter) Write(data []byte) (int, error) {
	w.body.Write(data)
	return w.ResponseWriter.Write(data)
}

func (w *copyingWriter) Unwrap() http.ResponseWriter {
	w.hijacked = true // or about to be
	return w.ResponseWriter
}

func checkAnswer(doc *document, r *http.Request, answer *copyingWriter) error {
	body := answer.body.Bytes()
	contentType, _, _ := strings.Cut(answer.Header().Get("Content-Type"), ";")
	if strings.HasPrefix(r.URL.Path, "/control/") || strings.HasPrefix(r.URL.Path, "/api/remote/") || r.Method == http.MethodOptions || strings.HasPrefix(contentType, "text/html") {
		return nil
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	found := doc.routes.Find(method, r.URL.EscapedPath())
	content := doc.Components.Responses["NotFound"].Value.Content
	if found != nil {
		op := doc.Paths.Value(found.Path).GetOperation(found.Method)
		response := op.Responses.Status(answer.status)
		if response == nil {
			response = op.Responses.Value(fmt.Sprintf("%dXX", answer.status/100))
		}
		if response == nil && answer.status == http.StatusNotFound {
			response = doc.Components.Responses["NotFound"] // a route that Panel 0.7 lacks
		}
		if response == nil {
			return fmt.Errorf("%s has no such response", found.ID)
		}
		content = response.Value.Content
	} else if answer.status < 400 {
		return errors.New("it is no operation")
	}
	if (len(content) == 0) != (len(body) == 0) && r.Method != http.MethodHead {
		return fmt.Errorf("there is a body of %d bytes, %d kinds are described", len(body), len(content))
	}
	if len(body) == 0 {
		return nil
	}
	media := content.Get(contentType)
	if media == nil {
		return fmt.Errorf("content type %q is not described", contentType)
	}
	var value any = string(body)
	if strings.Contains(contentType, "json") {
		if err := json.Unmarshal(body, &value); err != nil {
			return err
		}
	}
	return media.Schema.Value.VisitJSON(value, openapi3.MultiErrors(), openapi3.EnableFormatValidation())
}
