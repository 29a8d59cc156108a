package paneltest_test

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptero-go/ptero/internal/recorded"
	"github.com/ptero-go/ptero/paneltest"
)

// The contract of this file: each recorded request gets from a Panel with the
// recorded state an answer of the same status, headers, shape and, where it is
// not left to chance, content. What differs on purpose stands in a file.

const (
	differencesFile = "../testdata/differences.tsv"

	// At most one in so many recordings may differ.
	maxDifferences = 20
)

func TestRecordedRequestsAreAnsweredAlike(t *testing.T) {
	t.Parallel()
	all, err := recorded.Load()
	if err != nil {
		t.Fatal(err)
	}
	all = slices.SortedStableFunc(slices.Values(all), func(a, b *paneltest.Recording) int { return strings.Compare(a.Name, b.Name) })
	known := readDifferences(t)
	option := validated(t)
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(recordedStart)) // so that ages are those of the recordings
		d := newDifferential(t, all, option)
		for _, recording := range all {
			d.prepare(recording.Name)
			found := d.replay(recording)
			reason, listed := known[recording.Name]
			switch {
			case len(found) > 0 && !listed:
				t.Errorf("%s: %s %s differs:\n\t%s", recording.Name, recording.Request.Method, recording.Request.Path, strings.Join(found, "\n\t"))
			case len(found) == 0 && listed:
				t.Errorf("%s does not differ, but is listed: %s", recording.Name, reason)
			}
			delete(known, recording.Name)
		}
	})
	for name := range known {
		if os.Getenv("PTERO_RECORDINGS") != "" || slices.ContainsFunc(all, func(r *paneltest.Recording) bool { return r.Name == name }) {
			t.Errorf("%s: %s is no recording", differencesFile, name)
		}
	}
	if listed := len(readDifferences(t)); listed*maxDifferences >= len(all) {
		t.Errorf("%d of %d recordings differ, which is one in %d or more", listed, len(all), maxDifferences)
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
	panel    *paneltest.Panel
	all      []*paneltest.Recording
	learned  map[string]string // recorded texts that were made up, and those in their place
	secret   string            // of the second factor
	previous string            // number of the last recording
}

func newDifferential(t *testing.T, all []*paneltest.Recording, option paneltest.Option) *differential {
	t.Helper()
	answers := make(recordedAnswers)
	for _, recording := range all {
		number, _, _ := strings.Cut(recording.Name, "-")
		answers[number] = recording
	}
	panel, err := paneltest.New(paneltest.InMemory(), paneltest.WithSeed(seedRecorded(t, answers)), option)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(panel.Close)
	seedRecordedActivity(t, panel, answers)
	panel.AddDeletedBackup(recordedServer, recordedStart.Add(-3*time.Minute-11*time.Second))
	panel.NextIDs(4, 2, 3, 5, 14)
	return &differential{t: t, panel: panel, all: all, learned: make(map[string]string), previous: "000"}
}

// send sends a request with a recorded key, and returns the answer with its
// body.
func (d *differential) send(key, method, target, contentType, body string, header map[string]string) (*http.Response, []byte) {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), method, d.panel.URL+target, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	for name, value := range header {
		req.Header.Set(name, value)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if secret := recordedKeys[key]; secret != "" {
		req.Header.Set("Authorization", "Bearer "+secret)
	}
	resp, err := d.panel.HTTPClient().Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return resp, answer
}

// do sends a request that is in no recording.
func (d *differential) do(key, method, target, body string) (int, map[string]any) {
	d.t.Helper()
	resp, answer := d.send(key, method, target, "application/json", body, nil)
	var document map[string]any
	_ = json.Unmarshal(answer, &document)
	return resp.StatusCode, document
}

// must is do for what has to succeed.
func (d *differential) must(key, method, target, body string) map[string]any {
	d.t.Helper()
	status, document := d.do(key, method, target, body)
	if status >= 300 {
		d.t.Fatalf("%s %s: %d %v", method, target, status, document)
	}
	return document
}

// items returns the attributes of the items of a list.
func (d *differential) items(key, target string) []map[string]any {
	d.t.Helper()
	var all []map[string]any
	data, _ := d.must(key, "GET", target, "")["data"].([]any)
	for _, item := range data {
		all = append(all, item.(map[string]any)["attributes"].(map[string]any))
	}
	return all
}

const recordedServerPath = "/api/client/servers/" + recordedServer

// steps are what happened between the recordings: before the one with the
// number, or the next one that there is.
var steps = []struct {
	before string
	do     func(*differential)
}{
	{"088", (*differential).deleteDeployed},
	{"184", (*differential).haveSecondDatabase},
	{"190", (*differential).dropDatabases},
	{"197", (*differential).haveSecondTask},
	{"296", func(d *differential) { d.haveKeys(25) }},
	{"297", func(d *differential) { d.haveKeys(1) }},
	{"301", (*differential).pullOften},
	{"314", (*differential).reconfigure},
	{"318", func(d *differential) { d.haveAllocations(4) }},
	{"319", func(d *differential) { d.haveAllocations(1) }},
	{"342", (*differential).deleteBackups},
	{"355", (*differential).haveActivity},
	{"356", (*differential).useUpLimits},
	{"360", (*differential).startAnew},
	{"366", func(d *differential) { d.panel.NextIDs(0, 0, 0, 0, 18) }},
	{"368", func(*differential) { time.Sleep(5 * time.Second) }},
	{"370", func(*differential) { time.Sleep(5 * time.Second) }},
	{"372", func(*differential) { time.Sleep(2 * time.Second) }},
	{"375", func(*differential) { time.Sleep(time.Second) }},
}

// prepare does what happened before a recording.
func (d *differential) prepare(name string) {
	d.t.Helper()
	time.Sleep(50 * time.Millisecond)
	number, _, _ := strings.Cut(name, "-")
	for _, step := range steps {
		if step.before > d.previous && step.before <= number {
			step.do(d)
		}
	}
	d.previous = number
}

// deleteDeployed deletes the server that was deployed to some node.
func (d *differential) deleteDeployed() {
	for _, server := range d.items("application", "/api/application/servers") {
		if id, _ := server["external_id"].(string); strings.HasPrefix(id, "d1") {
			d.must("application", "DELETE", fmt.Sprintf("/api/application/servers/%v/force", server["id"]), "")
		}
	}
}

func (d *differential) haveSecondDatabase() {
	if len(d.items("client_user", recordedServerPath+"/databases")) < 2 {
		d.must("client_user", "POST", recordedServerPath+"/databases", `{"database":"c2_15562b0","remote":"127.0.0.%"}`)
	}
}

func (d *differential) dropDatabases() {
	for _, database := range d.items("client_user", recordedServerPath+"/databases") {
		d.must("client_user", "DELETE", fmt.Sprintf("%s/databases/%v", recordedServerPath, database["id"]), "")
	}
}

func (d *differential) haveSecondTask() {
	schedule := d.items("client_user", recordedServerPath+"/schedules")[0]
	tasks := schedule["relationships"].(map[string]any)["tasks"].(map[string]any)["data"].([]any)
	if len(tasks) < 2 {
		d.must("client_user", "POST", fmt.Sprintf("%s/schedules/%v/tasks", recordedServerPath, schedule["id"]),
			`{"action":"power","payload":"restart","time_offset":5,"sequence_id":1}`)
	}
}

func (d *differential) haveKeys(n int) {
	const path = "/api/client/account/api-keys"
	keys := d.items("client_sub", path)
	for i := len(keys); i < n; i++ {
		d.must("client_sub", "POST", path, `{"description":"many"}`)
	}
	for _, key := range keys[min(n, len(keys)):] {
		d.must("client_sub", "DELETE", fmt.Sprintf("%s/%v", path, key["identifier"]), "")
	}
}

// pullOften pulls files until the limit is reached.
func (d *differential) pullOften() {
	for range 20 {
		status, _ := d.do("client_user", "POST", recordedServerPath+"/files/pull", `{"url":"`+d.panel.URL+`/favicon.ico","directory":"/"}`)
		if status == http.StatusTooManyRequests {
			return
		}
		time.Sleep(time.Second) // no more than a few may be under way
	}
}

// reconfigure makes the Panel the other one with the same database that was
// recorded from then on.
func (d *differential) reconfigure() {
	if err := d.panel.SetRateLimits(1_000_000, 1_000_000); err != nil {
		d.t.Fatal(err)
	}
	d.panel.Settings(true, 25507, 25519, 0)
	time.Sleep(5 * time.Minute) // after which files may be pulled again
}

func (d *differential) haveAllocations(n int) {
	const path = recordedServerPath + "/network/allocations"
	allocations := d.items("client_user", path)
	for i := len(allocations); i < n; i++ {
		d.must("client_user", "POST", path, "")
	}
	for _, a := range allocations {
		if n == 1 && a["is_default"] == false {
			d.must("client_user", "DELETE", fmt.Sprintf("%s/%v", path, a["id"]), "")
		}
	}
}

func (d *differential) deleteBackups() {
	for _, backup := range d.items("client_user", recordedServerPath+"/backups") {
		d.must("client_user", "DELETE", fmt.Sprintf("%s/backups/%v", recordedServerPath, backup["uuid"]), "")
	}
}

// haveActivity adds what happened in recordings that are not there.
func (d *differential) haveActivity() {
	const recordedActivity = 122
	for n := d.panel.CountActivity(recordedServer); n < recordedActivity; n++ {
		d.panel.AddActivity("server:power.start", 2, recordedServer, nil, nil, time.Now())
	}
}

// useUpLimits makes the next requests of two accounts too many.
func (d *differential) useUpLimits() {
	d.panel.Settings(false, 0, 0, 2)
	if err := d.panel.SetRateLimits(720, 240); err != nil {
		d.t.Fatal(err)
	}
	time.Sleep(time.Minute)
	for range 240 {
		d.must("application", "GET", "/api/application/locations", "")
	}
	for range 720 {
		d.must("client_user", "GET", "/api/client/account", "")
	}
}

// startAnew passes the time, and deletes the server that was deleted meanwhile.
func (d *differential) startAnew() {
	time.Sleep(time.Minute)
	d.must("application", "DELETE", "/api/application/servers/8", "")
}

// replay sends a recorded request, and tells how the answers differ.
func (d *differential) replay(recording *paneltest.Recording) []string {
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
	resp, answer := d.send(request.Key, request.Method, target, contentType, d.body(recording), header)
	var found differences
	recordedHeader := make(http.Header)
	for name, value := range recording.Response.Headers {
		recordedHeader.Set(name, value)
	}
	found.compareHeads(recording.Response.Status, recordedHeader, resp)
	if recording.Response.Body.IsJSON() {
		found.compareBodies(d, recording.Response.Body, answer)
	} else if text := recording.Response.Body.Bytes(); !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") && !bytes.Equal(text, answer) {
		found.add("the body is %.200q, recorded is %.200q", answer, text)
	}
	if len(found) > 0 && resp.StatusCode >= 400 {
		found.add("the body is %.500s", answer)
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
func (d *differential) body(recording *paneltest.Recording) string {
	var document map[string]any
	if !recording.Request.Body.IsJSON() || json.Unmarshal(recording.Request.Body, &document) != nil {
		return d.translate(string(recording.Request.Body.Bytes()))
	}
	if password, isText := document["password"].(string); isText {
		confirmation, _ := document["password_confirmation"].(string)
		switch {
		case len(confirmation) == len(password) && strings.Trim(password, "p") == "":
			document["password"] = confirmation
		case recording.Request.Key == "client_user" && len(password) == len(recordedUserPassword):
			document["password"] = recordedUserPassword
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
		document["url"] = strings.ReplaceAll(url, "http://127.0.0.1:8081", d.panel.URL)
	}
	body, err := json.Marshal(document)
	if err != nil {
		d.t.Fatal(err)
	}
	return d.translate(string(body))
}

// differences are those between two answers.
type differences []string

func (f *differences) add(format string, args ...any) { *f = append(*f, fmt.Sprintf(format, args...)) }

// sentHeaders are those that must be there, or not, as they were.
var sentHeaders = []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After", "Location"}

func (f *differences) compareHeads(status int, header http.Header, resp *http.Response) {
	if resp.StatusCode != status {
		f.add("the status is %d, recorded is %d", resp.StatusCode, status)
	}
	for _, name := range sentHeaders {
		if (header.Get(name) == "") != (resp.Header.Get(name) == "") {
			f.add("header %s is %q, recorded is %q", name, resp.Header.Get(name), header.Get(name))
		}
	}
	if ours, theirs := resp.Header.Get("Content-Type"), header.Get("Content-Type"); !strings.EqualFold(ours, theirs) {
		f.add("header Content-Type is %q, recorded is %q", ours, theirs)
	}
	if ours, theirs := resp.Header.Get("X-RateLimit-Limit"), header.Get("X-RateLimit-Limit"); ours != theirs {
		f.add("the limit is %q, recorded is %q", ours, theirs)
	}
}

func (f *differences) compareBodies(d *differential, recorded, ours []byte) {
	var a, b any
	if err := json.Unmarshal(recorded, &a); err != nil {
		f.add("%v", err)
		return
	}
	if err := json.Unmarshal(ours, &b); err != nil {
		f.add("the body is no JSON: %.200q", ours)
		return
	}
	f.compare(d, "", a, b)
}

func (f *differences) compare(d *differential, at string, recorded, ours any) {
	switch recorded := recorded.(type) {
	case map[string]any:
		ours, same := ours.(map[string]any)
		if !same {
			break
		}
		for _, key := range slices.Sorted(maps.Keys(recorded)) {
			if _, there := ours[key]; !there {
				f.add("%s.%s is missing", at, key)
				continue
			}
			f.compare(d, at+"."+key, recorded[key], ours[key])
		}
		for _, key := range slices.Sorted(maps.Keys(ours)) {
			if _, there := recorded[key]; !there {
				f.add("%s.%s is not recorded: %v", at, key, ours[key])
			}
		}
		return
	case []any:
		ours, same := ours.([]any)
		if !same {
			break
		}
		if len(ours) != len(recorded) {
			f.add("%s has %d entries, recorded are %d", at, len(ours), len(recorded))
			return
		}
		for i := range recorded {
			f.compare(d, at+"["+strconv.Itoa(i)+"]", recorded[i], ours[i])
		}
		return
	case string:
		if ours, same := ours.(string); same {
			f.compareTexts(d, at, recorded, ours)
			return
		}
	case float64:
		if ours, same := ours.(float64); same {
			if ours != recorded && !madeUpNumbers.MatchString(at) {
				f.add("%s is %v, recorded is %v", at, ours, recorded)
			}
			return
		}
	case bool:
		if ours, same := ours.(bool); same {
			if ours != recorded {
				f.add("%s is %v, recorded is %v", at, ours, recorded)
			}
			return
		}
	case nil:
		if ours == nil {
			return
		}
	}
	f.add("%s is %v, recorded is %v", at, ours, recorded)
}

var (
	// madeUpNumbers measure something, or name a port of this machine.
	madeUpNumbers = regexp.MustCompile(`\.(memory_bytes|disk_bytes|cpu_absolute|uptime|network_[rt]x_bytes|bytes|size|daemon_listen|daemon_sftp|sftp_details\.port)$|^\.api\.port$|` +
		`^\.attributes\.allocation$`)

	// madeUpTexts are left to chance.
	madeUpTexts = regexp.MustCompile(`\.(token|token_id|secret|secret_token|identifier|password|tokens\[\d+\]|checksum|fqdn)$|^\.data\.socket$|^\.remote$|sftp_details\.ip$|image_url_data$|attributes\.url$|` +
		`\.attributes\.id$|^\.api\.ssl\.(cert|key)$|\.properties\.fingerprint$`)

	// madeUpNames are those of accounts and databases that the Panel chose.
	madeUpNames = regexp.MustCompile(`^(u\d+_|sub\d+)`)

	// scrubbed texts were replaced in the recordings.
	scrubbed = []string{"A description.", "A permission."}

	uuids     = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	times     = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:?\d\d:?\d\d`)
	addresses = regexp.MustCompile(`(http|ws)://[a-z0-9.:]+`)
	hashes    = regexp.MustCompile(`[0-9a-f]{40}|avatar/[0-9a-f]{32}`)
	slugs     = regexp.MustCompile(`^[a-z0-9]+$`)
)

// plain takes out of a text what is made up.
func plain(text string) string {
	text = uuids.ReplaceAllString(text, "<uuid>")
	text = times.ReplaceAllString(text, "<time>")
	text = addresses.ReplaceAllString(text, "<address>")
	return hashes.ReplaceAllString(text, "<hash>")
}

func (f *differences) compareTexts(d *differential, at, recorded, ours string) {
	if recorded == ours || slices.Contains(scrubbed, recorded) {
		return
	}
	if strings.HasSuffix(at, ".data.secret") {
		d.secret = ours
	}
	chance := madeUpTexts.MatchString(at) || madeUpNames.MatchString(recorded) && madeUpNames.FindString(recorded) == madeUpNames.FindString(ours)
	switch same := plain(recorded) == plain(ours); {
	case d.learned[recorded] == ours:
	case same, chance:
		d.learn(recorded, ours)
	default:
		f.add("%s is %q, recorded is %q", at, ours, recorded)
	}
}

// learn remembers what stands for something that a Panel made up.
func (d *differential) learn(recorded, ours string) {
	switch {
	case uuids.FindString(recorded) == recorded && uuids.FindString(ours) == ours:
		d.learned[recorded] = ours
		d.learned[recorded[:8]] = ours[:8]
	case strings.HasPrefix(recorded, "ptlc_"), strings.HasPrefix(recorded, "archive-"):
		d.learned[recorded] = ours
	case len(recorded) == 8 && len(ours) == 8 && !slugs.MatchString(recorded): // a hash id
		d.learned[recorded] = ours
	}
}
