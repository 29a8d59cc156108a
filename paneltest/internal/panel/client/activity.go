package client

import (
	"crypto/sha1" //nolint:gosec // the Panel numbers its lines by it, nothing is secured
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// note writes a line about a server.
func (c *serverCall) note(event string, properties ...model.Property) {
	c.Note(c.Call, event, c.server, nil, properties...)
}

// ClientListServerActivity implements the operation.
func (a API) ClientListServerActivity(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "activity.read", func(c *serverCall) (*laravel.Answer, error) {
		return c.listActivity(func(line *model.Activity) bool { return line.Server == c.server })
	})
}

// listActivity answers with the lines that fit.
func (c *call) listActivity(fits func(*model.Activity) bool) (*laravel.Answer, error) {
	var lines []*model.Activity
	for _, line := range c.State.Activity {
		if fits(line) {
			lines = append(lines, line)
		}
	}
	lines, err := laravel.FilterBy(c.Input, lines, laravel.Partial("event", func(a *model.Activity) string { return a.Event }))
	if err != nil {
		return nil, err
	}
	if lines, err = laravel.SortBy(c.Input, lines, laravel.SortOn("timestamp", func(a, b *model.Activity) int {
		if c.Traits.ClientShapes {
			return a.At.Truncate(time.Second).Compare(b.At.Truncate(time.Second))
		}
		if order := a.At.Compare(b.At); order != 0 {
			return order
		}
		return a.ID - b.ID
	})); err != nil {
		return nil, err
	}
	included := c.Input.Includes()
	return panel.Paginated(c.Call, lines, activityPages, func(a *model.Activity) laravel.Object { return c.showActivity(a, included) })
}

func (c *call) showActivity(a *model.Activity, included laravel.Relations) laravel.Object {
	sum := sha1.Sum([]byte(strconv.Itoa(a.ID))) //nolint:gosec // see above
	attributes := laravel.Object{
		"id": hex.EncodeToString(sum[:]), "batch": nil, "event": a.Event, "is_api": a.IsAPI,
		"ip": nil, "description": nil, "properties": c.shownProperties(a), "has_additional_metadata": hasMore(a),
		"timestamp": laravel.Stamp(a.At),
	}
	if c.Traits.ClientShapes {
		delete(attributes, "batch")
	}
	if c.User.Admin || a.Actor == c.User {
		attributes["ip"] = a.IP
	}
	if _, asked := included["actor"]; asked {
		actor := laravel.NullResource
		if a.Actor != nil {
			actor = laravel.Item("user", c.actorAttributes(a.Actor))
		}
		attributes["relationships"] = laravel.Object{"actor": actor}
	}
	return laravel.Item("activity_log", attributes)
}

// shownProperties are the properties with the number of entries of each list
// beside it; a single such number is just called count.
func (c *call) shownProperties(a *model.Activity) any {
	if c.Traits.ClientShapes && len(a.Properties) == 0 {
		return []any{} // an empty map of PHP
	}
	shown := make(laravel.Object)
	var counts []string
	for _, p := range a.Properties {
		length := -1
		switch value := p.Value.(type) {
		case []string:
			length = len(value)
		case []any:
			length = len(value)
		case string:
			if p.Key == "directory" {
				p.Value = strings.ReplaceAll("/"+strings.Trim(value, "/")+"/", "//", "/")
			}
		case bool:
			if c.Traits.ClientShapes {
				p.Value = map[bool]string{true: "1"}[value] // as PHP writes it
			}
		}
		shown[p.Key] = p.Value
		if length >= 0 {
			shown[p.Key+"_count"] = length
			counts = append(counts, p.Key+"_count")
		}
	}
	if len(counts) == 1 {
		shown["count"] = shown[counts[0]]
		delete(shown, counts[0])
	}
	return shown
}

// hasMore reports whether there are properties which the sentence for the event does
// not name.
func hasMore(a *model.Activity) bool {
	named := strings.Fields(namedProperties[a.Event])
	return slices.ContainsFunc(a.Properties, func(p model.Property) bool {
		return p.Key != "ip" && p.Key != "useragent" && p.Key != "using_sftp" && !slices.Contains(named, p.Key)
	})
}

// namedProperties are those that the Panel's sentences hold, by event.
var namedProperties = map[string]string{
	"auth:ip-blocked":                 "identifier",
	"user:account.email-changed":      "old new",
	"user:account.username-changed":   "old new",
	"user:api-key.create":             "identifier",
	"user:api-key.delete":             "identifier",
	"user:ssh-key.create":             "fingerprint",
	"user:ssh-key.delete":             "fingerprint",
	"server:console.command":          "command",
	"server:backup.start":             "name",
	"server:backup.complete":          "name",
	"server:backup.fail":              "name",
	"server:backup.rename":            "old_name new_name",
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
