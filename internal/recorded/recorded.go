// Package recorded holds code against recorded exchanges with a real Panel. It
// is for tests alone.
package recorded

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/ptero-go/ptero/internal/rest"
	"github.com/ptero-go/ptero/testdata"
)

// Exchange is a recording with the operation that it belongs to.
type Exchange struct {
	*Recording

	// Operation is the operationId, empty for a request to no operation.
	Operation string

	// Params are the values of the parameters in the path, by name.
	Params map[string]string

	// inexpressible tells that the request cannot be made with our types, such
	// as one that lacks what they require.
	inexpressible bool
}

// Set names recordings that were made of one Panel.
type Set string

// The sets.
const (
	Panel111 Set = "panel-1.11"
	Panel112 Set = "panel-1.12"
	Pelican  Set = "pelican"

	// Further is the folder panel in the one that PTERO_RECORDINGS names,
	// Further112 the folder panel-1.12 and FurtherPelican the folder pelican. If
	// it names a folder of recordings itself, that is the one of the three that
	// has its name, else Further. All are empty without PTERO_RECORDINGS.
	Further        Set = "further"
	Further112     Set = "further-1.12"
	FurtherPelican Set = "further-pelican"
)

// IsPelican reports whether the recordings are of Pelican, not of Pterodactyl.
func (s Set) IsPelican() bool { return s == Pelican || s == FurtherPelican }

var sets = []struct {
	name Set
	load func() ([]*Recording, error)
}{
	{Panel111, sync.OnceValues(func() ([]*Recording, error) { return Read(testdata.Panel()) })},
	{Panel112, sync.OnceValues(func() ([]*Recording, error) { return Read(testdata.Panel112()) })},
	{Pelican, sync.OnceValues(func() ([]*Recording, error) { return Read(testdata.Pelican()) })},
	{Further, sync.OnceValues(func() ([]*Recording, error) { return readFurther("panel") })},
	{Further112, sync.OnceValues(func() ([]*Recording, error) { return readFurther("panel-1.12") })},
	{FurtherPelican, sync.OnceValues(func() ([]*Recording, error) { return readFurther("pelican") })},
}

// furtherFolders are those that PTERO_RECORDINGS can hold or be.
var furtherFolders = []string{"panel", "panel-1.12", "pelican"}

// readFurther reads a folder in the one that PTERO_RECORDINGS names. If none of
// them is in there, that folder is one of them itself, the first unless its name
// says otherwise.
func readFurther(name string) ([]*Recording, error) {
	dir := os.Getenv("PTERO_RECORDINGS")
	if dir == "" {
		return nil, nil
	}
	if sub := filepath.Join(dir, name); isFolder(sub) {
		return Read(os.DirFS(sub))
	}
	itself := furtherFolders[0]
	for _, folder := range furtherFolders {
		if isFolder(filepath.Join(dir, folder)) {
			return nil, nil
		}
		if filepath.Base(dir) == folder {
			itself = folder
		}
	}
	if name != itself {
		return nil, nil
	}
	return Read(os.DirFS(dir))
}

// Load reads some sets of recordings, without any named all. The caller owns the
// recordings, but shares their bodies.
func Load(of ...Set) ([]*Recording, error) {
	var all []*Recording
	for _, set := range sets {
		if len(of) > 0 && !slices.Contains(of, set.name) {
			continue
		}
		some, err := set.load()
		if err != nil {
			return nil, err
		}
		for _, recording := range some {
			recording := *recording
			recording.Set = set.name
			all = append(all, &recording)
		}
	}
	return all, nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path) //nolint:gosec // it is for whoever runs the tests to choose
	return err == nil && info.IsDir()
}

// Exchanges returns the recordings with their operations, those without one
// included.
func Exchanges[O rest.Generated](t *testing.T, operations []O) []*Exchange {
	t.Helper()
	all, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	routes := rest.NewRoutes(operations)
	exchanges := make([]*Exchange, 0, len(all))
	for _, recording := range all {
		e := &Exchange{Recording: recording}
		if operation := routes.Find(recording.Request.Method, recording.Request.Path); operation != nil {
			e.Operation = operation.ID
			e.Params = params(operation.Path, recording.Request.Path)
		}
		exchanges = append(exchanges, e)
	}
	return exchanges
}

func params(template, path string) map[string]string {
	values := make(map[string]string)
	segments := strings.Split(path, "/")
	for i, segment := range strings.Split(template, "/") {
		if name, isParam := strings.CutPrefix(segment, "{"); isParam {
			values[strings.TrimSuffix(name, "}")], _ = url.PathUnescape(segments[i])
		}
	}
	return values
}

// Int returns a parameter of the path that is a number, 0 if it is none.
func (e *Exchange) Int(param string) int {
	n, _ := strconv.Atoi(e.Params[param])
	return n
}

// Query returns a parameter of the query, "" where there is none.
func (e *Exchange) Query(name string) string {
	values, _ := url.ParseQuery(e.Request.Query)
	return values.Get(name)
}

// QueryAll returns all values of a parameter of the query.
func (e *Exchange) QueryAll(name string) []string {
	values, _ := url.ParseQuery(e.Request.Query)
	return values[name]
}

// QueryInt returns a parameter of the query that is a number, 0 for none.
func (e *Exchange) QueryInt(name string) int {
	n, _ := strconv.Atoi(e.Query(name))
	return n
}

// Includes returns the relations that the request asks for.
func Includes[I ~string](e *Exchange) []I {
	var all []I
	for name := range strings.SplitSeq(e.Query("include"), ",") {
		if name != "" {
			all = append(all, I(name))
		}
	}
	return all
}

// APIKey returns a key like the one that was used, with the prefix that keys of the
// Panel and of an API have.
func (e *Exchange) APIKey(api string) string {
	prefix := map[string]string{"client": "ptlc_", "application": "ptla_"}[api]
	if e.Set.IsPelican() {
		prefix = map[string]string{"client": "pacc_", "application": "papp_"}[api]
	}
	return prefix + e.Request.Key
}

// Text returns the recorded body as it is.
func (e *Exchange) Text() string { return string(e.Request.Body.Bytes()) }

// Body decodes the recorded body into the type of a request.
func Body[T any](e *Exchange) T {
	var request T
	body := e.Request.Body.Bytes()
	if len(body) == 0 {
		body = []byte("{}")
	}
	if err := json.Unmarshal(body, &request); err != nil {
		e.inexpressible = true
		return request
	}
	if back, err := json.Marshal(request); err != nil || !Payload(body).Same(back) {
		e.inexpressible = true
	}
	return request
}

// SameJSON reports whether two documents have the same value.
func SameJSON(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

// Unsent says why our clients never send such a request as the recorded one; ""
// means that they can.
func (e *Exchange) Unsent() string {
	body := e.Request.Body.Bytes()
	isJSON := strings.HasPrefix(e.Request.Headers["Content-Type"], "application/json")
	switch {
	case e.Operation == "":
		return "it is no operation"
	case !strings.Contains(e.Request.Headers["Accept"], "json"):
		return "it does not ask for JSON"
	case strings.HasPrefix(e.Request.Headers["Content-Type"], "application/x-www-form-urlencoded"):
		return "it sends a form"
	case isJSON && len(body) > 0 && !json.Valid(body):
		return "its JSON is broken"
	}
	for _, name := range []string{"page", "per_page"} {
		if text := e.Query(name); text != "" && e.QueryInt(name) < 1 {
			return name + "=" + text + " is refused before it is sent"
		}
	}
	return ""
}

// Check drives a wrapper: it serves the exchange, calls the wrapper by use with
// the address of that Panel, and holds the request that arrives against the
// recorded one, and the outcome against the recorded answer. A value of an
// answer may be the models or anything that holds them.
func (e *Exchange) Check(t *testing.T, use func(panelURL string) (any, error)) {
	t.Helper()
	arrived := false
	panel := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if arrived {
			t.Errorf("a second request came: %s %s", r.Method, r.URL)
		}
		arrived = true
		e.checkRequest(t, r)
		for name, value := range e.Response.Headers {
			w.Header().Set(name, value)
		}
		w.WriteHeader(e.Response.Status)
		_, _ = w.Write(e.Response.Body.Bytes())
	}))
	defer panel.Close()
	value, err := use(panel.URL)
	if refused := errors.Is(err, rest.ErrArgument) || errors.Is(err, rest.ErrUnsupported); refused && !arrived {
		// We refuse what the Panel refuses, or what it ignores in silence.
		if e.Response.Status < 400 && !errors.Is(err, rest.ErrUnsupported) && !strings.Contains(err.Error(), "which the API does not know") {
			t.Errorf("err = %v, the Panel answered %d", err, e.Response.Status)
		}
		return
	}
	if !arrived {
		t.Fatalf("no request came, the outcome is %v, %v", value, err)
	}
	if e.Response.Status < 300 {
		if err != nil {
			t.Fatalf("err = %v, the Panel answered %d", err, e.Response.Status)
		}
		e.checkValue(t, value)
		return
	}
	e.checkError(t, err)
}

func (e *Exchange) checkRequest(t *testing.T, r *http.Request) {
	t.Helper()
	if path, err := url.PathUnescape(e.Request.Path); err != nil || r.Method != e.Request.Method || r.URL.Path != path {
		t.Errorf("sent %s %s, recorded is %s %s", r.Method, r.URL.EscapedPath(), e.Request.Method, e.Request.Path)
	}
	recorded, err := url.ParseQuery(e.Request.Query)
	if err != nil {
		t.Fatal(err)
	}
	if sent := r.URL.Query(); !reflect.DeepEqual(sent, recorded) && e.Response.Status < 400 {
		t.Errorf("sent the query %v, recorded is %v", sent, recorded)
	}
	if accept := r.Header.Get("Accept"); accept != "application/json" {
		t.Errorf("Accept = %q", accept)
	}
	sent, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	if e.inexpressible {
		if e.Response.Status < 300 {
			t.Logf("our types cannot express the request %s", e.Request.Body)
		}
		return
	}
	body, ours := e.Request.Body, sent
	switch empty := []byte("{}"); {
	case len(body.Bytes()) == 0 && len(sent) > 0:
		body = Payload(empty) // we send one where the Panel can do without
	case len(sent) == 0 && body.Same(empty):
		ours = empty // or the other way round
	}
	if !body.Same(ours) {
		t.Errorf("sent %s, recorded is %s", sent, body)
	}
	if want := e.Request.Headers["Content-Type"]; len(sent) > 0 && want != "" && r.Header.Get("Content-Type") != want {
		t.Errorf("Content-Type = %q, recorded is %q", r.Header.Get("Content-Type"), want)
	}
}

// checkError holds an error against the recorded refusal.
func (e *Exchange) checkError(t *testing.T, err error) {
	t.Helper()
	var failure *rest.Error
	if !errors.As(err, &failure) {
		t.Fatalf("err = %v (%T), want an *Error", err, err)
	}
	if failure.StatusCode != e.Response.Status || failure.Operation != e.Operation {
		t.Errorf("err = %+v, recorded is status %d of %s", failure, e.Response.Status, e.Operation)
	}
	kinds := map[int]error{
		302: rest.ErrRedirect, 401: rest.ErrUnauthorized, 403: rest.ErrForbidden, 404: rest.ErrNotFound, 409: rest.ErrConflict,
		422: rest.ErrValidation, 429: rest.ErrRateLimited, 500: rest.ErrServer, 502: rest.ErrServer, 504: rest.ErrServer,
	}
	if kind := kinds[e.Response.Status]; kind != nil && !errors.Is(err, kind) {
		t.Errorf("err = %v does not match %v", err, kind)
	}
	var recorded struct{ Errors []any }
	if e.Response.Body.IsJSON() && string(e.Response.Body) != "[]" { // which refuses without words
		if err := json.Unmarshal(e.Response.Body, &recorded); err != nil {
			t.Fatal(err)
		}
		back, err := json.Marshal(map[string]any{"errors": failure.Entries})
		if err != nil || !SameJSON(e.Response.Body, back) {
			t.Errorf("entries = %s, recorded is %s", back, e.Response.Body)
		}
	}
	for _, secret := range []string{cmp.Or(e.Request.Key, "-") + "_", "Bearer"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error names a key: %v", err)
		}
	}
}

// checkValue finds all that the Panel sent in what the wrapper returned.
func (e *Exchange) checkValue(t *testing.T, value any) {
	t.Helper()
	if !e.Response.Body.IsJSON() {
		if text := string(e.Response.Body.Bytes()); text != "" && value != any(text) {
			if bytes, ok := value.([]byte); !ok || string(bytes) != text {
				t.Errorf("got %v, recorded is %q", value, text)
			}
		}
		return
	}
	var recorded any
	if err := decode(e.Response.Body, &recorded); err != nil {
		t.Fatal(err)
	}
	back, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var ours any
	if err := decode(back, &ours); err != nil {
		t.Fatal(err)
	}
	for _, loss := range Losses("", content(recorded), content(ours)) {
		t.Error(loss)
	}
}

// content takes the envelope off a whole answer; metadata joins the attributes.
func content(answer any) any {
	object, ok := answer.(map[string]any)
	if !ok {
		return answer
	}
	if items, isPage := object["Items"].([]any); isPage {
		return items // a Page of ours
	}
	if data, isList := object["data"].([]any); isList {
		items := make([]any, len(data))
		for i, item := range data {
			items[i] = content(item)
		}
		return items
	}
	if data, isData := object["data"]; isData && len(object) == 1 {
		return data
	}
	attributes, isItem := object["attributes"].(map[string]any)
	if !isItem {
		return answer
	}
	merged := maps.Clone(attributes)
	if meta, hasMeta := object["meta"].(map[string]any); hasMeta {
		maps.Copy(merged, meta)
		delete(merged, "resource") // the address of what was created, which its number tells
	}
	return merged
}
