package ptero_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// The contract of the tests in this file: api/openapi.yaml is valid, holds
// every row of api/endpoints.tsv and nothing else, is complete in what it says
// of each operation, and is what gen/ was compiled from.

const (
	specFile      = "api/openapi.yaml"
	endpointsFile = "api/endpoints.tsv"

	// The one row that is no HTTP operation; it stands under x-websocket.
	websocketOperation = "wingsServerWebsocket"
)

// loadSpec reads the document once for all tests. They must not change it.
var loadSpec = sync.OnceValues(readSpec)

func readSpec() (*openapi3.T, error) {
	return openapi3.NewLoader().LoadFromFile(specFile)
}

func spec(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := loadSpec()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// operation is an operation with its place in the document.
type operation struct {
	*openapi3.Operation
	method, path string
}

// endpoint is the form of the Endpoint lines in comments. The signed URLs of
// Wings belong to another host.
func (o operation) endpoint() string {
	if slices.Contains(o.Tags, "wings") {
		return o.method + " {wings}" + o.path
	}
	return o.method + " " + o.path
}

// operations returns all operations of the document in a fixed order.
func operations(t *testing.T) []operation {
	t.Helper()
	var all []operation
	paths := spec(t).Paths.Map()
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		methods := paths[path].Operations()
		for _, method := range slices.Sorted(maps.Keys(methods)) {
			all = append(all, operation{methods[method], method, path})
		}
	}
	return all
}

// row is a row of api/endpoints.tsv by column.
type row map[string]string

func endpointRows(t *testing.T) []row {
	t.Helper()
	file, err := os.Open(endpointsFile)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader := csv.NewReader(file)
	reader.Comma, reader.LazyQuotes = '\t', true
	records, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	for _, record := range records[1:] {
		r := make(row)
		for i, column := range records[0] {
			r[column] = record[i]
		}
		rows = append(rows, r)
	}
	return rows
}

func TestSpecIsValid(t *testing.T) {
	t.Parallel()
	if err := spec(t).Validate(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestSpecHoldsEveryEndpoint(t *testing.T) {
	t.Parallel()
	byEndpoint := make(map[string]operation)
	for _, op := range operations(t) {
		byEndpoint[op.endpoint()] = op
	}
	rows := endpointRows(t)
	for _, row := range rows {
		id, endpoint := row["operationId"], row["method"]+" "+row["path"]
		if id == websocketOperation {
			checkWebsocket(t, row)
			continue
		}
		op, ok := byEndpoint[endpoint]
		if !ok || op.OperationID != id {
			t.Errorf("%s (%s) is missing", endpoint, id)
			continue
		}
		delete(byEndpoint, endpoint)
		if want := firstSuccess(row["success_status"]); op.Responses.Value(want) == nil {
			t.Errorf("%s: no response %s", id, want)
		}
		checkQueryParameters(t, op, row["query_params"])
		checkDocuments(t, id, op.Extensions, row["seed_documents"])
		if legacy := strings.HasSuffix(id, "Legacy"); op.Deprecated != legacy {
			t.Errorf("%s: deprecated is %t", id, op.Deprecated)
		}
	}
	for endpoint := range byEndpoint {
		t.Errorf("%s is not in %s", endpoint, endpointsFile)
	}
	if len(rows) != 129 {
		t.Errorf("%s has %d rows, want 129", endpointsFile, len(rows))
	}
}

// checkWebsocket holds the extension against its row.
func checkWebsocket(t *testing.T, row row) {
	t.Helper()
	websocket, ok := spec(t).Extensions["x-websocket"].(map[string]any)
	if !ok || websocket["operationId"] != websocketOperation {
		t.Fatalf("x-websocket = %v", spec(t).Extensions["x-websocket"])
	}
	url, _ := websocket["url"].(map[string]any)
	if url["method"] != row["method"] || url["template"] != row["path"] {
		t.Errorf("x-websocket has the URL %v, want %s %s", url, row["method"], row["path"])
	}
	checkDocuments(t, websocketOperation, websocket, row["seed_documents"])
	events, _ := websocket["events"].([]any)
	for _, event := range events {
		event, _ := event.(map[string]any)
		for _, key := range []string{"event", "direction", "args", "description"} {
			if event[key] == nil {
				t.Errorf("x-websocket: event %v has no %s", event["event"], key)
			}
		}
	}
	if len(events) != 23 {
		t.Errorf("x-websocket describes %d events, want 23", len(events))
	}
}

var successStatus = regexp.MustCompile(`2\d\d`)

// firstSuccess takes the status out of a text such as "204 (<=1.11.7); 405 at
// HEAD" or, for a variant that no Panel serves, "405 (seed: 204)".
func firstSuccess(text string) string { return successStatus.FindString(text) }

var inParentheses = regexp.MustCompile(`\([^()]*\)`)

// checkQueryParameters holds the parameters against a column such as
// "page:int; per_page:int (default 50); filter[ip] exact".
func checkQueryParameters(t *testing.T, op operation, column string) {
	t.Helper()
	column = strings.TrimSpace(inParentheses.ReplaceAllString(column, ""))
	if column == "none" {
		return
	}
	for entry := range strings.SplitSeq(column, "; ") {
		name, _, _ := strings.Cut(entry, ":")
		name, _, _ = strings.Cut(name, " ")
		if op.Parameters.GetByInAndName("query", name) == nil {
			t.Errorf("%s: no query parameter %s", op.OperationID, name)
		}
	}
}

var documentRange = regexp.MustCompile(`^\d{3}:\d+(-\d+)?$`)

// checkDocuments holds x-documented-in against a column such as
// "001:407-483; 003:95-148 (also 150-191)".
func checkDocuments(t *testing.T, id string, extensions map[string]any, column string) {
	t.Helper()
	listed, ok := extensions["x-documented-in"].([]any)
	if !ok {
		t.Errorf("%s: no x-documented-in", id)
		return
	}
	if (len(listed) == 0) != (column == "none") {
		t.Errorf("%s: x-documented-in is %v, the list says %q", id, listed, column)
	}
	for _, entry := range listed {
		entry, _ := entry.(string)
		_, lines, _ := strings.Cut(entry, ":")
		if !documentRange.MatchString(entry) || !strings.Contains(column, lines) {
			t.Errorf("%s: x-documented-in has %q, the list says %q", id, entry, column)
		}
	}
}

func TestOperationsAreComplete(t *testing.T) {
	t.Parallel()
	apis := []string{"client", "application", "wings"}
	for _, op := range operations(t) {
		id := op.OperationID
		if len(op.Tags) != 2 || !slices.Contains(apis, op.Tags[0]) || slices.Contains(apis, op.Tags[1]) {
			t.Errorf("%s: tags %v, want an API and an area", id, op.Tags)
		}
		if !strings.HasSuffix(op.Summary, ".") || strings.ToLower(op.Summary[:1]) != op.Summary[:1] {
			t.Errorf("%s: the summary %q does not continue a Go name", id, op.Summary)
		}
		if op.Deprecated && (op.Extensions["x-deprecated-reason"] == nil || op.Extensions["x-panel"] == nil) {
			t.Errorf("%s: deprecated without x-deprecated-reason and x-panel", id)
		}
		for _, parameter := range op.Parameters {
			if p := parameter.Value; p.Description == "" || p.Schema == nil {
				t.Errorf("%s: parameter %s has no description or schema", id, p.Name)
			}
		}
		for _, status := range []string{"4XX", "5XX"} {
			if op.Responses.Value(status) == nil {
				t.Errorf("%s: no response %s", id, status)
			}
		}
		if op.Tags[0] == "wings" {
			continue
		}
		for status, response := range op.Responses.Map() {
			for _, header := range []string{"X-RateLimit-Limit", "X-RateLimit-Remaining"} {
				if status[0] == '2' && response.Value.Headers[header] == nil {
					t.Errorf("%s: response %s has no header %s", id, status, header)
				}
			}
		}
	}
}

func TestSchemasAreDescribed(t *testing.T) {
	t.Parallel()
	for name, schema := range spec(t).Components.Schemas {
		if schema.Value.Description == "" {
			t.Errorf("schema %s has no description", name)
		}
		for property, schema := range schema.Value.Properties {
			// In an envelope the description would say the same each time.
			inEnvelope := property == "object" || property == "attributes" || property == "data" || property == "meta"
			if schema.Value.Description == "" && !inEnvelope {
				t.Errorf("schema %s: property %s has no description", name, property)
			}
		}
	}
}

// Examples come from the recording that the operation names.
func TestExamplesAreRecorded(t *testing.T) {
	t.Parallel()
	recorded := make(map[string]int)
	for i, recording := range recordings(t) {
		recorded[recording.Name] = i
	}
	for _, op := range operations(t) {
		id := op.OperationID
		name, named := op.Extensions["x-recording"].(string)
		if !named {
			if slices.ContainsFunc(recordings(t), func(r exchange) bool { return r.op.OperationID == id && r.Response.Status < 300 }) {
				t.Errorf("%s: no x-recording, although there are recordings", id)
			}
			continue
		}
		i, ok := recorded[name]
		if !ok {
			t.Errorf("%s: there is no recording %q", id, name)
			continue
		}
		recording := recordings(t)[i]
		if recording.op.OperationID != id || recording.Response.Status >= 300 {
			t.Errorf("%s: %s is a recording of %s with status %d", id, name, recording.op.OperationID, recording.Response.Status)
		}
		if op.RequestBody != nil {
			checkExample(t, id, op.RequestBody.Value.Content, recording.Request.Body.Bytes())
		}
		if response := op.Responses.Status(recording.Response.Status); response != nil {
			checkExample(t, id, response.Value.Content, recording.Response.Body.Bytes())
		}
	}
}

// checkExample finds the example in the recorded body. Lists may be cut.
func checkExample(t *testing.T, id string, content openapi3.Content, body []byte) {
	t.Helper()
	for mediaType, media := range content {
		if media.Example == nil {
			t.Errorf("%s: no example for %s", id, mediaType)
			continue
		}
		if err := media.Schema.Value.VisitJSON(media.Example, openapi3.EnableFormatValidation()); err != nil {
			t.Errorf("%s: the example for %s is not valid: %v", id, mediaType, err)
		}
		var recorded any = string(body)
		if strings.Contains(mediaType, "json") {
			if err := json.Unmarshal(body, &recorded); err != nil {
				t.Fatalf("%s: %v", id, err)
			}
		}
		example, _ := json.Marshal(media.Example)
		var plain any
		_ = json.Unmarshal(example, &plain) // so that numbers are alike
		if path, ok := contained("", plain, recorded); !ok {
			t.Errorf("%s: the example for %s is not what was recorded, at %s", id, mediaType, path)
		}
	}
}

// contained tells whether an example is a recorded value, lists perhaps cut.
func contained(path string, example, recorded any) (string, bool) {
	switch example := example.(type) {
	case map[string]any:
		recorded, ok := recorded.(map[string]any)
		if !ok || len(recorded) != len(example) {
			return path, false
		}
		for key, value := range example {
			if path, ok := contained(path+"."+key, value, recorded[key]); !ok {
				return path, false
			}
		}
		return path, true
	case []any:
		recorded, ok := recorded.([]any)
		if !ok || len(recorded) < len(example) {
			return path, false
		}
		for i, value := range example {
			if path, ok := contained(path+"[]", value, recorded[i]); !ok {
				return path, false
			}
		}
		return path, true
	}
	return path, example == recorded
}

// What make generate would write is what is there.
func TestGeneratedCodeIsCurrent(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "generate")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./internal/generate").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for api, wrapper := range map[string]string{"client": "client", "application": "client/application"} {
		config, err := os.ReadFile("api/" + api + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		compiled := "gen/" + api + "api"
		file := compiled + "/" + api + "api.gen.go"
		if !bytes.Contains(config, []byte("output: "+file)) {
			t.Fatalf("api/%s.yaml does not write %s", api, file)
		}
		fresh := t.TempDir() // the generator reads and writes below one folder
		for _, dir := range []string{compiled, wrapper} {
			if err := os.MkdirAll(filepath.Join(fresh, dir), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		freshConfig := filepath.Join(fresh, "config.yaml")
		if err := os.WriteFile(freshConfig, bytes.Replace(config, []byte(file), []byte(filepath.Join(fresh, file)), 1), 0o600); err != nil {
			t.Fatal(err)
		}
		run(t, "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen", "-config", freshConfig, specFile)
		cmd := exec.CommandContext(t.Context(), program, compiled, wrapper)
		cmd.Dir = fresh
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		for _, file := range []string{file, compiled + "/relations.gen.go", compiled + "/secrets.gen.go", wrapper + "/models.gen.go"} {
			sameFile(t, file, filepath.Join(fresh, file))
		}
	}
}

func run(t *testing.T, program string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"run", program}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go run %s: %v\n%s", program, err, out)
	}
}

func sameFile(t *testing.T, current, fresh string) {
	t.Helper()
	a, err := os.ReadFile(current)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(fresh)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Errorf("%s is not current: run make generate", current)
	}
}

// allowed are the third-party packages that an importer may have to build.
var allowed = regexp.MustCompile(`^github\.com/(oapi-codegen/runtime|google/uuid|apapsch/go-jsonmerge/v2|coder/websocket)(/|$)`)

// Tools and test libraries never reach a program that uses the SDK.
func TestImportersDependencies(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}",
		"./client/...", "./console/...", "./envelope/...", "./gen/...", "./paneltest/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for path := range strings.FieldsSeq(string(out)) {
		if !strings.HasPrefix(path, "github.com/ptero-go/ptero/") && !allowed.MatchString(path) {
			t.Errorf("an importer would build %s", path)
		}
	}
}

// An import only ever points down.
func TestFloors(t *testing.T) {
	t.Parallel()
	const module = "github.com/ptero-go/ptero/"
	floors := [][]string{ // lowest first
		{"envelope", "internal/jsontext", "internal/foldersync"},
		{"gen/clientapi", "gen/applicationapi", "internal/quickjson"},
		{"internal/rest", "internal/panelapi/clientserver", "internal/panelapi/applicationserver"},
		{"client"},
		{"client/application", "console"},
		{"paneltest/internal/random", "paneltest/internal/jwt", "paneltest/internal/network", "paneltest/internal/protocol", "paneltest/internal/laravel"},
		{"paneltest/internal/wings/files", "paneltest/internal/panel/model"},
		{"paneltest/internal/wings", "paneltest/internal/panel"},
		{"paneltest/internal/panel/client", "paneltest/internal/panel/application"},
		{"paneltest"},
	}
	// What a package may import of ours beyond that, if it may not have all that
	// is below it.
	only := map[string][]string{
		"paneltest/internal/random":      {},
		"paneltest/internal/jwt":         {},
		"paneltest/internal/network":     {},
		"paneltest/internal/protocol":    {},
		"paneltest/internal/laravel":     {},
		"paneltest/internal/wings/files": {"protocol"},
		"paneltest/internal/wings":       {"protocol", "wings/files", "jwt", "random"},
		"paneltest/internal/panel/model": {"protocol", "laravel", "random"},
	}
	level := make(map[string]int)
	for i, floor := range floors {
		for _, name := range floor {
			level[module+name] = i
		}
	}
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{$path := .ImportPath}}{{range .Imports}}{{$path}} {{.}}{{"\n"}}{{end}}`, "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		importer, imported, _ := strings.Cut(strings.TrimSpace(line), " ")
		name := strings.TrimPrefix(importer, module)
		i, placed := level[importer]
		if !placed && strings.HasPrefix(name, "paneltest/") {
			t.Errorf("%s stands on no floor", name)
		}
		if j, ours := level[imported]; placed && ours && j >= i {
			t.Errorf("%s imports %s, which is not below it", name, imported)
		}
		const wings = module + "paneltest/internal/wings"
		if strings.HasPrefix(imported, wings) && name != "paneltest" && !strings.HasPrefix(importer, wings) {
			t.Errorf("%s imports %s, which it knows by the package protocol alone", name, imported)
		}
		allowed, limited := only[name]
		if limited && strings.HasPrefix(imported, module) && !slices.Contains(allowed, strings.TrimPrefix(imported, module+"paneltest/internal/")) {
			t.Errorf("%s imports %s, of which it must know nothing", name, imported)
		}
	}
}

// What today's Panels ignore in a request stays in the document, but is not
// offered in Go: setting it would change nothing, and nobody would be told.
func TestRequestsHoldNothingIgnored(t *testing.T) {
	t.Parallel()
	ignored := 0
	for name, schema := range spec(t).Components.Schemas {
		if !strings.HasSuffix(name, "Request") {
			continue
		}
		pkg, goName := "clientapi", name
		if strings.HasPrefix(name, "Application") {
			pkg = "applicationapi"
		}
		if renamed, ok := schema.Value.Extensions["x-go-name"].(string); ok {
			goName = renamed
		}
		var fields []string
		for property, value := range schema.Value.Properties {
			if value.Value.Deprecated {
				fields = append(fields, property)
			}
		}
		if len(fields) == 0 {
			continue
		}
		code, err := os.ReadFile(filepath.Join("gen", pkg, pkg+".gen.go"))
		if err != nil {
			t.Fatal(err)
		}
		_, body, found := strings.Cut(string(code), "\ntype "+goName+" struct {\n")
		if !found {
			t.Errorf("%s has no type %s", pkg, goName)
			continue
		}
		body, _, _ = strings.Cut(body, "\n}\n")
		for _, field := range fields {
			ignored++
			if strings.Contains(body, `json:"`+field+`"`) || strings.Contains(body, `json:"`+field+`,`) {
				t.Errorf("%s.%s has the deprecated field %s; api/application.overlay.yaml takes it out", pkg, goName, field)
			}
		}
	}
	if ignored == 0 {
		t.Error("the document has no deprecated field in a request, so this test shows nothing")
	}
}

// A folder says what its files have in common, so that their names need not: no
// two of them begin with the same word, and none with that of the folder.
func TestFileNamesRepeatNothing(t *testing.T) {
	t.Parallel()
	err := filepath.WalkDir("paneltest", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		files, err := filepath.Glob(filepath.Join(path, "*.go"))
		first := make(map[string]string) // by the word that it begins with
		for _, file := range files {
			name := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(file), ".go"), "_test")
			word, _, several := strings.Cut(name, "_")
			if other := first[word]; several && (other != "" || word == filepath.Base(path)) || other != "" && other != name {
				t.Errorf("%s begins with %q, as its folder or as %s", file, word, other)
			}
			first[word] = name
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
