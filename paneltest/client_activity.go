package paneltest

import (
	"crypto/sha1" //nolint:gosec // the Panel numbers its lines by it, nothing is secured
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

// note writes a line about a server.
func (c *serverCall) note(event string, properties ...property) {
	c.core.note(c.call, event, c.server, nil, properties...)
}

// ClientListServerActivity implements the operation.
func (a clientAPI) ClientListServerActivity(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "activity.read", func(c *serverCall) (*laravel.Answer, error) {
		return c.listActivity(func(line *activity) bool { return line.server == c.server })
	})
}

// listActivity answers with the lines that fit.
func (c *clientCall) listActivity(fits func(*activity) bool) (*laravel.Answer, error) {
	var lines []*activity
	for _, line := range c.state.activity {
		if fits(line) {
			lines = append(lines, line)
		}
	}
	lines, err := laravel.FilterBy(c.in, lines, laravel.Partial("event", func(a *activity) string { return a.event }))
	if err != nil {
		return nil, err
	}
	if lines, err = laravel.SortBy(c.in, lines, laravel.SortOn("timestamp", func(a, b *activity) int {
		if order := a.at.Compare(b.at); order != 0 {
			return order
		}
		return a.id - b.id
	})); err != nil {
		return nil, err
	}
	included := c.in.Includes()
	return paginated(c.call, lines, activityPages, func(a *activity) laravel.Object { return c.showActivity(a, included) })
}

func (c *clientCall) showActivity(a *activity, included laravel.Relations) laravel.Object {
	sum := sha1.Sum([]byte(strconv.Itoa(a.id))) //nolint:gosec // see above
	attributes := laravel.Object{
		"id": hex.EncodeToString(sum[:]), "batch": nil, "event": a.event, "is_api": a.isAPI,
		"ip": nil, "description": nil, "properties": shownProperties(a), "has_additional_metadata": hasMore(a),
		"timestamp": laravel.Stamp(a.at),
	}
	if c.user.admin || a.actor == c.user {
		attributes["ip"] = a.ip
	}
	if _, asked := included["actor"]; asked {
		actor := laravel.NullResource
		if a.actor != nil {
			actor = laravel.Item("user", actorAttributes(a.actor))
		}
		attributes["relationships"] = laravel.Object{"actor": actor}
	}
	return laravel.Item("activity_log", attributes)
}

// shownProperties are the properties with the number of entries of each list
// beside it; a single such number is just called count.
func shownProperties(a *activity) laravel.Object {
	shown := make(laravel.Object)
	var counts []string
	for _, p := range a.properties {
		length := -1
		switch value := p.value.(type) {
		case []string:
			length = len(value)
		case []any:
			length = len(value)
		case string:
			if p.key == "directory" {
				p.value = strings.ReplaceAll("/"+strings.Trim(value, "/")+"/", "//", "/")
			}
		}
		shown[p.key] = p.value
		if length >= 0 {
			shown[p.key+"_count"] = length
			counts = append(counts, p.key+"_count")
		}
	}
	if len(counts) == 1 {
		shown["count"] = shown[counts[0]]
		delete(shown, counts[0])
	}
	return shown
}

// hasMore tells that there are properties which the sentence for the event does
// not name.
func hasMore(a *activity) bool {
	named := strings.Fields(namedProperties[a.event])
	return slices.ContainsFunc(a.properties, func(p property) bool {
		return p.key != "ip" && p.key != "useragent" && p.key != "using_sftp" && !slices.Contains(named, p.key)
	})
}

// namedProperties are those that the Panel's sentences hold, by event.
var namedProperties = map[string]string{
	"auth:ip-blocked":                 "identifier",
	"user:account.email-changed":      "old new",
	"user:api-key.create":             "identifier",
	"user:api-key.delete":             "identifier",
	"user:ssh-key.create":             "fingerprint",
	"user:ssh-key.delete":             "fingerprint",
	"server:console.command":          "command",
	"server:backup.start":             "name",
	"server:backup.complete":          "name",
	"server:backup.fail":              "name",
	"server:backup.delete":            "name",
	"server:backup.download":          "name",
	"server:backup.lock":              "name",
	"server:backup.unlock":            "name",
	"server:backup.restore":           "name truncate",
	"server:backup.restore-complete":  "name",
	"server:database.create":          "name",
	"server:database.rotate-password": "name",
	"server:database.delete":          "name",
	"server:file.read":                "file",
	"server:file.copy":                "file",
	"server:file.create-directory":    "directory name",
	"server:file.decompress":          "files directory",
	"server:file.download":            "file",
	"server:file.pull":                "url directory",
	"server:file.write":               "file",
	"server:file.uploaded":            "directory file",
	"server:allocation.create":        "allocation",
	"server:allocation.notes":         "allocation old new",
	"server:allocation.primary":       "allocation",
	"server:allocation.delete":        "allocation",
	"server:schedule.create":          "name",
	"server:schedule.update":          "name",
	"server:schedule.execute":         "name",
	"server:schedule.delete":          "name",
	"server:task.create":              "action name",
	"server:task.update":              "action name",
	"server:task.delete":              "name",
	"server:settings.rename":          "old new",
	"server:settings.description":     "old new",
	"server:startup.edit":             "variable old new",
	"server:startup.image":            "old new",
	"server:subuser.create":           "email",
	"server:subuser.update":           "email",
	"server:subuser.delete":           "email",
}

// activityPages is how the activity is cut.
var activityPages = laravel.Paging{Size: 25, Most: 100, KeepsQuery: true}
