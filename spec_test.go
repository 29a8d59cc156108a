package ptero_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"

	"github.com/ptero-go/ptero/internal/asyncapi"
	"github.com/ptero-go/ptero/internal/contract"
	"github.com/ptero-go/ptero/internal/document"
	"github.com/ptero-go/ptero/internal/rest"
)

// The contract of the tests in this file: api/openapi.yaml is valid, holds
// every row of api/endpoints.tsv and nothing else, is complete in what it says
// of each operation, and is what gen/ was compiled from.

const (
	endpointsFile = "api/endpoints.tsv"

	// The one row that is no HTTP operation; api/asyncapi.yaml describes it.
	websocketOperation = "wingsServerWebsocket"
)

func spec(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// operations returns all operations of the document in a fixed order.
func operations(t *testing.T) []contract.Operation {
	t.Helper()
	return contract.Operations(spec(t))
}

func recordings(t *testing.T) []contract.Exchange {
	t.Helper()
	all, err := contract.Exchanges()
	if err != nil {
		t.Fatal(err)
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

func TestVersion(t *testing.T) {
	t.Parallel()
	version, err := os.ReadFile("api/VERSION")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(string(version)); got != spec(t).Info.Version || got != rest.Contract {
		t.Errorf("api/VERSION is %s, the document is of %s, the User-Agent names %s", got, spec(t).Info.Version, rest.Contract)
	}
}

func TestSpecHoldsEveryEndpoint(t *testing.T) {
	t.Parallel()
	byEndpoint := make(map[string]contract.Operation)
	for _, op := range operations(t) {
		byEndpoint[op.Endpoint()] = op
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
	if len(rows) != 175 {
		t.Errorf("%s has %d rows, want 175", endpointsFile, len(rows))
	}
}

// checkWebsocket holds the console's document against its row.
func checkWebsocket(t *testing.T, row row) {
	t.Helper()
	console, err := asyncapi.Load("api/asyncapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.ReplaceAll(row["path"], "{server_uuid}", "{server}"); "{wings}"+console.Address != want {
		t.Errorf("the channel is at %s, want %s", console.Address, want)
	}
	if n := len(console.Messages()); n != 24 {
		t.Errorf("api/asyncapi.yaml describes %d messages, want 24", n)
	}
	if console.Version != spec(t).Info.Version {
		t.Errorf("api/asyncapi.yaml has the version %s, api/openapi.yaml %s", console.Version, spec(t).Info.Version)
	}
}

var successStatus = regexp.MustCompile(`2\d\d`)

// firstSuccess takes the status out of a text such as "204 (<=1.11.7); 405 at
// HEAD" or, for a variant that no Panel serves, "405 (seed: 204)".
func firstSuccess(text string) string { return successStatus.FindString(text) }

var inParentheses = regexp.MustCompile(`\([^()]*\)`)

// checkQueryParameters holds the parameters against a column such as
// "page:int; per_page:int (default 50); filter[ip] exact".
func checkQueryParameters(t *testing.T, op contract.Operation, column string) {
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
	served := 0
	for _, op := range operations(t) {
		id := op.OperationID
		if len(op.Tags) != 1 || spec(t).Tags.Get(op.Tags[0]) == nil {
			t.Errorf("%s: tags %v, want one that the document describes", id, op.Tags)
			continue
		}
		if op.Summary == "" || op.Description == "" {
			t.Errorf("%s: no summary or no description", id)
		}
		panel, _ := op.Extensions["x-panel"].(map[string]any)
		if op.Deprecated && panel == nil {
			t.Errorf("%s: deprecated without x-panel", id)
		}
		if never := panel["never"] == true; never != op.Internal() || never != (op.Tags[0] == "Never served") {
			t.Errorf("%s: never served is %t, x-internal is %t, the tag is %s", id, never, op.Internal(), op.Tags[0])
		}
		for _, parameter := range op.Parameters {
			if p := parameter.Value; p.Description == "" || p.Schema == nil {
				t.Errorf("%s: parameter %s has no description or schema", id, p.Name)
			}
		}
		if op.Internal() {
			continue
		}
		served++
		if area, _, _ := strings.Cut(op.Tags[0], ": "); !strings.EqualFold(area, op.API()) {
			t.Errorf("%s: the tag %q is of another API than the path %s", id, op.Tags[0], op.Path)
		}
		if op.API() == "wings" {
			continue
		}
		for _, status := range errorsOf(op) {
			if op.Responses.Value(status) == nil {
				t.Errorf("%s: no response %s", id, status)
			}
		}
		for status, response := range op.Responses.Map() {
			for _, header := range []string{"X-RateLimit-Limit", "X-RateLimit-Remaining"} {
				if status[0] == '2' && response.Value.Headers[header] == nil {
					t.Errorf("%s: response %s has no header %s", id, status, header)
				}
			}
		}
	}
	if served != 164 {
		t.Errorf("%d operations are served, want 164", served)
	}
}

// errorsOf returns the statuses of errors that an operation must name.
func errorsOf(o contract.Operation) []string {
	all := []string{"400", "401", "403", "429", "5XX"}
	if strings.Contains(o.Path, "{") {
		all = append(all, "404")
	}
	if strings.HasPrefix(o.Path, "/api/client/servers/{server}/") {
		all = append(all, "409")
	}
	if o.RequestBody != nil && o.RequestBody.Value.Content.Get("application/json") != nil {
		all = append(all, "422")
	}
	return all
}

// texts calls a function for each object of the document, but for examples. The
// place is told by the keys that lead to it.
func texts(node any, place string, visit func(place string, object map[string]any)) {
	switch node := node.(type) {
	case map[string]any:
		visit(place, node)
		for _, key := range slices.Sorted(maps.Keys(node)) {
			if key != "example" && key != "examples" {
				texts(node[key], place+"/"+key, visit)
			}
		}
	case []any:
		for i, item := range node {
			texts(item, fmt.Sprintf("%s/%d", place, i), visit)
		}
	}
}

var (
	// A name in the manner of Go, which other languages do not have.
	goName = regexp.MustCompile(`\b[A-Z][a-z]+[A-Z][A-Za-z]*\b`)

	// Names in that manner that are none.
	noGoName = regexp.MustCompile(`\b(MiB|OpenSSH|WebSocket)s?\b`)

	// What stands in backticks is code.
	code = regexp.MustCompile("`[^`]*`")

	// Words that read as translated.
	clumsy = regexp.MustCompile(`(?i)\b(tells (whether|that)|shall|blanks|be it|whereto|pretend|e-mail)\b`)

	title    = regexp.MustCompile(`^[A-Z][a-z]+ .*[^.]$`)
	sentence = regexp.MustCompile(`(?s)^[A-Z].*\.$`)
)

// The document is everybody's: titles are imperative, descriptions are
// sentences, and both use the names of the API. What x-panel says is said in
// words too, as is what to use instead of what is deprecated.
func TestTextsAreForEveryLanguage(t *testing.T) {
	t.Parallel()
	source, err := document.Bytes(".", document.Whole)
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := yaml.Unmarshal(source, &tree); err != nil {
		t.Fatal(err)
	}
	count := 0
	texts(tree, "", func(place string, object map[string]any) {
		if summary, ok := object["summary"].(string); ok && !title.MatchString(summary) {
			t.Errorf("%s: %q is not a title", place, summary)
		}
		description, ok := object["description"].(string)
		if !ok {
			return
		}
		count++
		if !sentence.MatchString(description) {
			t.Errorf("%s: %q is not a sentence", place, description)
		}
		words := noGoName.ReplaceAllString(code.ReplaceAllString(description, ""), "")
		if name := goName.FindString(words); name != "" {
			t.Errorf("%s: %s is no name of the API", place, name)
		}
		if word := clumsy.FindString(words); word != "" {
			t.Errorf("%s: %q in %q", place, word, description)
		}
		if deprecated := object["deprecated"] == true; deprecated != strings.Contains(description, "Deprecated: ") {
			t.Errorf("%s: deprecated is %t, the description is %q", place, deprecated, description)
		}
		panel, _ := object["x-panel"].(map[string]any)
		for _, key := range []string{"since", "until"} {
			version, ok := panel[key].(string)
			short := strings.TrimSuffix(strings.TrimSuffix(version, ".19"), ".0") // 1.3 for 1.3.0, 0.7 for its last
			if ok && !strings.Contains(description, "Panel "+short) && !strings.Contains(description, short) {
				t.Errorf("%s: x-panel has %s %s, the description does not: %q", place, key, version, description)
			}
		}
	})
	if count < 1000 {
		t.Errorf("looked at %d descriptions, want at least 1000", count)
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
			if slices.ContainsFunc(recordings(t), func(r contract.Exchange) bool { return r.Operation.OperationID == id && r.Response.Status < 300 }) {
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
		if op.RequestBody != nil {
			for _, media := range op.RequestBody.Value.Content { // a form of the body that another recording has
				other, _ := media.Extensions["x-recording"].(string)
				if j, ok := recorded[other]; ok {
					own := &openapi3.MediaType{Schema: media.Schema, Example: media.Example}
					checkExample(t, id, openapi3.Content{other: own}, recordings(t)[j].Request.Body.Bytes())
				}
			}
		}
		if recording.Operation.OperationID != id || recording.Response.Status >= 300 {
			t.Errorf("%s: %s is a recording of %s with status %d", id, name, recording.Operation.OperationID, recording.Response.Status)
		}
		if op.RequestBody != nil {
			checkExample(t, id, op.RequestBody.Value.Content, recording.Request.Body.Bytes())
		}
		if response := op.Responses.Status(recording.Response.Status); response != nil {
			checkExample(t, id, response.Value.Content, recording.Response.Body.Bytes())
		}
	}
}

// Examples of errors are recorded ones of the same operation, or of any for the
// shared responses.
func TestErrorExamplesAreRecorded(t *testing.T) {
	t.Parallel()
	byName := make(map[string]contract.Exchange)
	for _, recording := range recordings(t) {
		byName[recording.Name] = recording
	}
	count := 0
	check := func(place, id, status string, response *openapi3.Response) {
		for mediaType, media := range response.Content {
			if mediaType == "text/html" {
				continue
			}
			if len(media.Examples) == 0 {
				t.Errorf("%s: no example", place)
			}
			for name, example := range media.Examples {
				count++
				source, _ := example.Value.Extensions["x-recording"].(string)
				recording, ok := byName[source]
				if !ok || id != "" && recording.Operation.OperationID != id || !isStatus(status, recording.Response.Status) {
					t.Errorf("%s: the example %s is no recording of it: %q", place, name, source)
					continue
				}
				media := &openapi3.MediaType{Schema: media.Schema, Example: example.Value.Value}
				checkExample(t, place, openapi3.Content{mediaType: media}, recording.Response.Body.Bytes())
			}
		}
	}
	statuses := map[string]string{
		"BadRequest": "400", "Unauthorized": "401", "Forbidden": "403", "NotFound": "404", "MethodNotAllowed": "405", "Conflict": "409",
		"ValidationFailed": "422", "TooManyRequests": "429", "ServerError": "5XX",
	}
	for name, status := range statuses {
		check(name, "", status, spec(t).Components.Responses[name].Value)
	}
	for _, op := range operations(t) {
		for status, response := range op.Responses.Map() {
			if response.Ref == "" && status[0] >= '4' && op.API() != "wings" {
				check(op.OperationID+" "+status, op.OperationID, status, response.Value)
			}
		}
	}
	if count < 90 {
		t.Errorf("looked at %d examples, want at least 90", count)
	}
}

// isStatus reports whether a status is one that a key such as 404 or 5XX stands
// for.
func isStatus(key string, status int) bool {
	return key == strconv.Itoa(status) || key == fmt.Sprintf("%dXX", status/100)
}

// checkExample finds the example in the recorded body. Lists may be cut.
func checkExample(t *testing.T, id string, content openapi3.Content, body []byte) {
	t.Helper()
	for mediaType, media := range content {
		if media.Extensions["x-recording"] != nil {
			continue
		}
		if media.Example == nil {
			if mediaType != "application/octet-stream" {
				t.Errorf("%s: no example for %s", id, mediaType)
			}
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

// contained reports whether an example is a recorded value, lists perhaps cut.
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
	fresh := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "go", "run", "./internal/generate", fresh).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	files := 0
	err := filepath.WalkDir(fresh, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files++
		current, err := filepath.Rel(fresh, path)
		if err == nil {
			sameFile(t, current, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 10 {
		t.Errorf("make generate wrote %d files, want at least 10", files)
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

// An import only ever points down.
func TestFloors(t *testing.T) {
	t.Parallel()
	const module = "github.com/ptero-go/ptero/"
	floors := [][]string{ // lowest first
		{"envelope", "internal/jsontext", "internal/foldersync"},
		{"gen/clientapi", "gen/applicationapi", "internal/quickjson"},
		{
			"internal/rest", "internal/panelapi/clientserver", "internal/panelapi/applicationserver",
			"internal/panelapi/pelicanclientserver", "internal/panelapi/pelicanapplicationserver",
		},
		{"client"},
		{"client/application", "console"},
		{"paneltest/internal/random", "paneltest/internal/jwt", "paneltest/internal/network", "paneltest/internal/protocol", "paneltest/internal/laravel", "paneltest/internal/yaml"},
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
		"paneltest/internal/yaml":        {},
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
