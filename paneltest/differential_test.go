package paneltest_test

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptero-go/ptero/internal/recorded"
	"github.com/ptero-go/ptero/paneltest"
)

// The contract of this file: each recorded request gets from a Panel of the same
// version and with the recorded state an answer of the same status, headers,
// shape and, where it is not left to chance, content. What differs on purpose
// stands in a file.

const (
	differencesFile = "../testdata/differences.tsv"

	// maxDifferences is how many may differ.
	maxDifferences = 10
)

// recordedWorld is a Panel that was recorded.
type recordedWorld struct {
	set       recorded.Set
	further   recorded.Set // those that PTERO_RECORDINGS adds
	version   string
	start     time.Time                                        // of the recordings
	keys      map[string]string                                // by their names in the recordings
	passwords map[string]string                                // that recordings with a key do not show
	seed      func(*testing.T, recordedAnswers) paneltest.Seed // what it holds in the beginning
	begin     func(*differential, recordedAnswers)             // what else it needs then
	steps     []step

	// serve answers requests that the Panel itself makes of others.
	serve []func(http.ResponseWriter, *http.Request) bool
}

// step is something that happened between two recordings.
type step struct {
	before string // the recording with this number, or the next one that there is
	absent bool   // and only if there is none with the number: it does what that did
	do     func(*differential)
}

// pause is a step in which time passes.
func pause(length time.Duration) func(*differential) {
	return func(*differential) { time.Sleep(length) }
}

func TestRecordedRequestsAreAnsweredAlike(t *testing.T) {
	t.Parallel()
	for _, world := range []*recordedWorld{&world111, &world112, &worldPelican} {
		t.Run(world.version, func(t *testing.T) {
			t.Parallel()
			world.hold(t)
		})
	}
}

// hold sends the recorded requests to a Panel, and compares the answers.
func (world *recordedWorld) hold(t *testing.T) {
	t.Helper()
	all, err := recorded.Load(world.set, world.further)
	if err != nil {
		t.Fatal(err)
	}
	all = slices.SortedStableFunc(slices.Values(all), func(a, b *recorded.Recording) int { return strings.Compare(plainName(a), plainName(b)) })
	all = slices.CompactFunc(all, func(a, b *recorded.Recording) bool { return plainName(a) == plainName(b) }) // a further one that is here too
	known := readDifferences(t)
	option := validated(t, world.serve...)
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(world.start)) // so that ages are those of the recordings
		d := newDifferential(t, world, all, option)
		for _, recording := range all {
			d.prepare(numberOf(recording))
			found := d.replay(recording)
			reason, listed := known[recording.Name]
			switch {
			case len(found) > 0 && !listed:
				t.Errorf("%s: %s %s differs:\n\t%s", recording.Name, recording.Request.Method, recording.Request.Path, strings.Join(found, "\n\t"))
			case len(found) == 0 && listed:
				t.Errorf("%s does not differ, but is listed: %s", recording.Name, reason)
			}
		}
	})
}

// plainName is the name that a recording has in a folder of its Panel alone. It
// begins with the number of the recording.
func plainName(r *recorded.Recording) string { return strings.TrimPrefix(r.Name, "pelican-") }

// numberOf returns the number of a recording.
func numberOf(r *recorded.Recording) string {
	number, _, _ := strings.Cut(plainName(r), "-")
	return number
}

func TestDifferencesAreFewAndExplained(t *testing.T) {
	t.Parallel()
	all, err := recorded.Load()
	if err != nil {
		t.Fatal(err)
	}
	known := readDifferences(t)
	if len(known) > maxDifferences {
		t.Errorf("%d recordings differ, more than %d", len(known), maxDifferences)
	}
	for name, reason := range known {
		if !slices.ContainsFunc(all, func(r *recorded.Recording) bool { return r.Name == name }) {
			t.Errorf("%s: %s is no recording", differencesFile, name)
		}
		if len(reason) < 20 {
			t.Errorf("%s: %s differs for the reason %q", differencesFile, name, reason)
		}
	}
}

// readDifferences reads which recordings differ on purpose, and why.
func readDifferences(t *testing.T) map[string]string {
	t.Helper()
	file, err := os.Open(differencesFile)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader := csv.NewReader(file)
	reader.Comma, reader.LazyQuotes = '\t', true
	rows, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	reasons := make(map[string]string)
	for _, row := range rows[1:] {
		reasons[row[0]] = row[1]
	}
	return reasons
}

// differential replays recordings to a Panel.
type differential struct {
	t        *testing.T
	world    *recordedWorld
	panel    *paneltest.Panel
	answers  recordedAnswers
	keys     map[string]string // by their names in the recordings
	learned  map[string]string // recorded texts that were made up, and those in their place
	secret   string            // of the second factor
	newKey   string            // the API key that was made last
	previous string            // number of the last recording
}

func newDifferential(t *testing.T, world *recordedWorld, all []*recorded.Recording, option paneltest.Option) *differential {
	t.Helper()
	answers := make(recordedAnswers)
	for _, recording := range all {
		answers[numberOf(recording)] = recording
	}
	panel, err := paneltest.New(paneltest.InMemory(), paneltest.WithVersion(world.version), paneltest.WithSeed(world.seed(t, answers)), option)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(panel.Close)
	d := &differential{t: t, world: world, panel: panel, answers: answers, keys: maps.Clone(world.keys), learned: make(map[string]string)}
	world.begin(d, answers)
	return d
}

// prepare does what happened before a recording.
func (d *differential) prepare(number string) {
	d.t.Helper()
	time.Sleep(50 * time.Millisecond)
	for _, step := range d.world.steps {
		if step.before > d.previous && step.before <= number && (!step.absent || d.answers[step.before] == nil) {
			step.do(d)
		}
	}
	d.previous = number
}

// send sends a request with a key.
func (d *differential) send(key, method, target, contentType, body string, header map[string]string) reply {
	d.t.Helper()
	req := newRequest(d.t, d.panel, key, method, target, body)
	req.Header.Del("Content-Type")
	for name, value := range header {
		req.Header.Set(name, value)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	return send(d.t, d.panel, req)
}

// do sends a request that is in no recording.
func (d *differential) do(key, method, target, body string) reply {
	d.t.Helper()
	return d.send(d.keys[key], method, d.translate(target), "application/json", body, nil)
}

// must is do for what has to succeed.
func (d *differential) must(key, method, target, body string) reply {
	d.t.Helper()
	answer := d.do(key, method, target, body)
	if answer.status >= http.StatusMultipleChoices {
		d.t.Fatalf("%s %s: %d %.500s", method, target, answer.status, answer.body)
	}
	return answer
}

// items returns the attributes of the items of a list.
func (d *differential) items(key, target string) []map[string]any {
	d.t.Helper()
	return d.must(key, "GET", target, "").items()
}

// replay sends a recorded request, and tells how the answers differ.
func (d *differential) replay(recording *recorded.Recording) []string {
	d.t.Helper()
	request := recording.Request
	target := d.translate(request.Path)
	if request.Query != "" {
		target += "?" + d.translate(request.Query)
	}
	header := maps.Clone(request.Headers)
	contentType := header["Content-Type"]
	if header["Accept"] == "" {
		header["Accept"] = "*/*"
	}
	key := d.keys[request.Key]
	if request.Key == "" && recording.Response.Status < http.StatusMultipleChoices {
		key = d.newKey // which was made just before
	}
	answer := d.send(key, request.Method, target, contentType, d.body(recording), header)
	var found differences
	recordedHeader := make(http.Header)
	for name, value := range recording.Response.Headers {
		recordedHeader.Set(name, value)
	}
	found.compareHeads(recording.Response.Status, recordedHeader, answer)
	if recording.Response.Body.IsJSON() {
		found.compareBodies(d, recording.Response.Body, answer.body)
	} else if text := recording.Response.Body.Bytes(); !strings.HasPrefix(answer.header.Get("Content-Type"), "text/html") && !bytes.Equal(text, answer.body) {
		found.add("the body is %.200q, recorded is %.200q", answer.body, text)
	}
	if meta, _ := answer.document()["meta"].(map[string]any); meta["secret_token"] != nil {
		d.newKey = fmt.Sprint(answer.attributes()["identifier"], meta["secret_token"])
	}
	if len(found) > 0 && answer.status >= http.StatusBadRequest {
		found.add("the body is %.500s", answer.body)
	}
	return found
}

// translate replaces what a Panel made up by what this one did.
func (d *differential) translate(text string) string {
	// The longest first: an identifier is the beginning of a UUID.
	longest := slices.SortedFunc(maps.Keys(d.learned), func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	for _, recorded := range longest {
		text = strings.ReplaceAll(text, recorded, d.learned[recorded])
	}
	return text
}

// body returns the body of a request, with the passwords and the code that are
// not in the recording.
func (d *differential) body(recording *recorded.Recording) string {
	var document map[string]any
	if !recording.Request.Body.IsJSON() || json.Unmarshal(recording.Request.Body, &document) != nil {
		return d.translate(string(recording.Request.Body.Bytes()))
	}
	if password, isText := document["password"].(string); isText {
		confirmation, _ := document["password_confirmation"].(string)
		switch {
		case len(confirmation) == len(password) && strings.Trim(password, "p") == "":
			document["password"] = confirmation
		case len(password) == len(d.world.passwords[recording.Request.Key]):
			document["password"] = d.world.passwords[recording.Request.Key]
		}
	}
	if _, hasCode := document["code"]; hasCode && recording.Response.Status < 300 {
		code, err := paneltest.TOTP(d.secret, time.Now())
		if err != nil {
			d.t.Fatal(err)
		}
		document["code"] = code
	}
	if url, isText := document["url"].(string); isText {
		document["url"] = strings.NewReplacer("http://127.0.0.1:8081", d.panel.URL, "http://127.0.0.1:8298", d.panel.URL).Replace(url)
	}
	body, err := json.Marshal(document)
	if err != nil {
		d.t.Fatal(err)
	}
	return d.translate(string(body))
}
