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

	"github.com/ptero-go/ptero/internal/recorded"
	"github.com/ptero-go/ptero/internal/rest"
	"github.com/ptero-go/ptero/paneltest"
)

// contract is the document with no property allowed that it does not name.
var contract = sync.OnceValues(func() (*openapi3.T, error) {
	openapi3.DefineStringFormatValidator("uuid", openapi3.NewRegexpFormatValidator(openapi3.FormatOfStringForUUIDOfRFC4122))
	doc, err := openapi3.NewLoader().LoadFromFile("../api/openapi.yaml")
	if err != nil {
		return nil, err
	}
	recorded.AllowNull(doc)
	recorded.ForbidUnknown(doc)
	recorded.AllowOld(doc) // some of the Panels are of version 0.7
	return doc, nil
})

// described finds the operations of the document.
var described = sync.OnceValue(func() *rest.Routes {
	doc, err := contract()
	if err != nil {
		return nil
	}
	var operations []rest.Operation
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			operations = append(operations, rest.Operation{ID: op.OperationID, Method: method, Path: path})
		}
	}
	return rest.RoutesOf(operations)
})

// validated holds every answer of a Panel against the document. Those that a
// fault spoils are left out.
func validated(t *testing.T) paneltest.Option {
	t.Helper()
	doc, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	return paneltest.WithMiddleware(func(panel *paneltest.Panel) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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

func checkAnswer(doc *openapi3.T, r *http.Request, answer *copyingWriter) error {
	body := answer.body.Bytes()
	contentType, _, _ := strings.Cut(answer.Header().Get("Content-Type"), ";")
	if strings.HasPrefix(r.URL.Path, "/control/") || strings.HasPrefix(contentType, "text/html") {
		return nil
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	found := described().Find(method, r.URL.EscapedPath())
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
