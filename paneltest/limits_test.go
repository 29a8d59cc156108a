package paneltest_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptero-go/ptero/paneltest"
)

func TestRateLimitsAreOfAUserAndAnAPI(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		panel := newPanel(t, paneltest.InMemory(), paneltest.WithRateLimits(3, 2, time.Minute))
		for remaining := 2; remaining >= 0; remaining-- {
			answer := do(t, panel, panel.UserKey, http.MethodGet, accountPath, "")
			if answer.header.Get("X-RateLimit-Limit") != "3" || answer.header.Get("X-RateLimit-Remaining") != strconv.Itoa(remaining) {
				t.Errorf("%v, want %d remaining", answer.header, remaining)
			}
		}
		time.Sleep(10 * time.Second)
		answer := do(t, panel, panel.UserKey, http.MethodGet, accountPath, "")
		if answer.first() != "ThrottleRequestsException" || answer.header.Get("Retry-After") != "50" ||
			answer.header.Get("X-RateLimit-Reset") != strconv.FormatInt(time.Now().Add(50*time.Second).Unix(), 10) {
			t.Errorf("%d %v %s", answer.status, answer.header, answer.body)
		}
		for range 2 { // other users and the other API have their own
			must(t, panel, panel.AdminKey, http.MethodGet, accountPath, "")
			must(t, panel, panel.ApplicationKey, http.MethodGet, "/api/application/nodes", "")
		}
		if answer := do(t, panel, panel.ApplicationKey, http.MethodGet, "/api/application/nodes", ""); answer.status != http.StatusTooManyRequests {
			t.Errorf("the third request got %d", answer.status)
		}
		time.Sleep(50 * time.Second)
		must(t, panel, panel.UserKey, http.MethodGet, accountPath, "")
	})
}

func TestNoRateLimits(t *testing.T) {
	t.Parallel()
	panel := newPanel(t, paneltest.WithoutRateLimits())
	for range 800 {
		if answer := must(t, panel, panel.UserKey, http.MethodGet, accountPath, ""); answer.header.Get("X-RateLimit-Limit") != "" {
			t.Fatal(answer.header)
		}
	}
}

func TestBackupsAreThrottled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		panel := newPanel(t, paneltest.InMemory())
		backups := "/api/client/servers/" + identify(t, panel, "lobby") + "/backups"
		for range 2 {
			must(t, panel, panel.UserKey, http.MethodPost, backups, "{}")
		}
		time.Sleep(time.Minute)
		answer := do(t, panel, panel.UserKey, http.MethodPost, backups, "{}")
		if answer.first() != "TooManyRequestsHttpException" || answer.header.Get("Retry-After") != "540" {
			t.Errorf("%d %v %s", answer.status, answer.header, answer.body)
		}
		uuid, _ := must(t, panel, panel.UserKey, http.MethodGet, backups, "").items()[0]["uuid"].(string)
		must(t, panel, panel.UserKey, http.MethodDelete, backups+"/"+uuid, "")
		if answer := do(t, panel, panel.UserKey, http.MethodPost, backups, "{}"); answer.status != http.StatusTooManyRequests {
			t.Errorf("one that is deleted counts: %d %s", answer.status, answer.body)
		}
		time.Sleep(9 * time.Minute)
		for range 2 {
			must(t, panel, panel.UserKey, http.MethodPost, backups, "{}")
			time.Sleep(10 * time.Minute)
		}
		if answer := do(t, panel, panel.UserKey, http.MethodPost, backups, "{}"); answer.first() != "TooManyBackupsException" {
			t.Errorf("over the limit of the server: %d %s", answer.status, answer.body)
		}
	})
}

func TestPullsAreThrottled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		panel := newPanel(t, paneltest.InMemory(), paneltest.WithVersion("1.11"))
		pull := "/api/client/servers/" + identify(t, panel, "lobby") + "/files/pull"
		body := fmt.Sprintf(`{"url":"%s/robots.txt","foreground":true}`, panel.URL)
		for range 10 {
			if answer := do(t, panel, panel.UserKey, http.MethodPost, pull, body); answer.header.Get("X-RateLimit-Limit") != "10" {
				t.Errorf("%d %v", answer.status, answer.header)
			}
		}
		if answer := do(t, panel, panel.UserKey, http.MethodPost, pull, body); answer.status != http.StatusTooManyRequests || answer.header.Get("Retry-After") != "300" {
			t.Errorf("%d %v", answer.status, answer.header)
		}
		must(t, panel, panel.UserKey, http.MethodGet, accountPath, "")
		time.Sleep(5 * time.Minute)
		if answer := do(t, panel, panel.UserKey, http.MethodPost, pull, body); answer.status == http.StatusTooManyRequests {
			t.Errorf("%d %v", answer.status, answer.header)
		}
	})
}

func TestRateLimitsOfVersions(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]struct{ client, application string }{
		"0.7": {"60", "120"}, "1.11": {"720", "240"}, "1.12.0": {"128", "240"}, "1.12.3": {"256", "256"}, "1.12": {"256", "256"}, "": {"256", "256"},
	} {
		var options []paneltest.Option
		if version != "" { // else it is the default
			options = append(options, paneltest.WithVersion(version))
		}
		panel := newPanel(t, options...)
		client := must(t, panel, panel.UserKey, http.MethodGet, "/api/client", "").header.Get("X-RateLimit-Limit")
		application := must(t, panel, panel.ApplicationKey, http.MethodGet, "/api/application/locations", "").header.Get("X-RateLimit-Limit")
		if client != want.client || application != want.application {
			t.Errorf("%q: the limits are %s and %s, want %v", version, client, application, want)
		}
	}
}

// Panel 1.12 has limits of their own for what is made, each by server whoever
// asks. The answers tell of these limits alone.
func TestOwnLimits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		method, path, body string
		limit, seconds     int
		of111              string // the limit of Panel 1.11
	}{
		{http.MethodGet, "/websocket", "", 5, 60, "720"},
		{http.MethodPost, "/databases", "{}", 2, 60, "720"},
		{http.MethodPost, "/schedules", "{}", 2, 60, "720"},
		{http.MethodPost, "/network/allocations", "{}", 2, 60, "720"},
		{http.MethodPost, "/users", "{}", 10, 900, "720"},
		{http.MethodPost, "/backups/BACKUP/restore", "{}", 3, 900, "720"},
		{http.MethodPost, "/files/pull", "{}", 5, 600, "10"},
	} {
		t.Run(test.path, func(t *testing.T) {
			t.Parallel()
			for _, version := range []string{"1.11", "1.12.0", "1.12.3"} {
				synctest.Test(t, func(t *testing.T) {
					panel := newPanel(t, paneltest.InMemory(), paneltest.WithVersion(version))
					server := "/api/client/servers/" + identify(t, panel, "lobby")
					backup, _ := must(t, panel, panel.UserKey, http.MethodPost, server+"/backups", "{}").attributes()["uuid"].(string)
					path := strings.ReplaceAll(test.path, "BACKUP", backup)
					limit, remaining, keys := strconv.Itoa(test.limit), test.limit, []string{panel.UserKey, panel.AdminKey}
					if version == "1.11" {
						limit, remaining = test.of111, 0 // which is not looked at
					}
					for i := range test.limit {
						answer := do(t, panel, keys[i%2], test.method, server+path, test.body)
						if answer.status == http.StatusTooManyRequests || answer.header.Get("X-RateLimit-Limit") != limit ||
							remaining > 0 && answer.header.Get("X-RateLimit-Remaining") != strconv.Itoa(remaining-1-i) {
							t.Fatalf("%s, request %d: %d %v", version, i+1, answer.status, answer.header)
						}
					}
					answer := do(t, panel, panel.UserKey, test.method, server+path, test.body)
					if version == "1.11" {
						if answer.status == http.StatusTooManyRequests {
							t.Errorf("%s: %v", version, answer.header)
						}
						return
					}
					if answer.first() != "ThrottleRequestsException" || answer.header.Get("Retry-After") != strconv.Itoa(test.seconds) {
						t.Errorf("%s: %d %v %s", version, answer.status, answer.header, answer.body)
					}
					if backup == "" || !strings.Contains(path, backup) { // which the other server does not have
						other := do(t, panel, panel.UserKey, test.method, "/api/client/servers/"+identify(t, panel, "survival")+path, test.body)
						if other.status == http.StatusTooManyRequests {
							t.Errorf("%s: another server is limited, too", version)
						}
					}
					time.Sleep(time.Duration(test.seconds) * time.Second)
					if again := do(t, panel, panel.UserKey, test.method, server+path, test.body); again.status == http.StatusTooManyRequests {
						t.Errorf("%s: later %v", version, again.header)
					}
				})
			}
		})
	}
}

func TestEmailsChangeThreeTimesADay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		panel := newPanel(t, paneltest.InMemory())
		change := func(to string) reply {
			return do(t, panel, panel.UserKey, http.MethodPut, accountPath+"/email", `{"email":"`+to+`@example.org","password":"password"}`)
		}
		for _, to := range []string{"a", "a", "b", "c"} { // the second changes nothing
			if answer := change(to); answer.status != http.StatusNoContent || answer.header.Get("X-RateLimit-Limit") != "60" {
				t.Errorf("%s: %d %v %s", to, answer.status, answer.header, answer.body)
			}
		}
		if answer := change("d"); answer.first() != "TooManyRequestsHttpException" || answer.header.Get("Retry-After") != "" {
			t.Errorf("%d %v %s", answer.status, answer.header, answer.body)
		}
		time.Sleep(24 * time.Hour)
		if answer := change("e"); answer.status != http.StatusNoContent {
			t.Errorf("a day later: %d %s", answer.status, answer.body)
		}
		older := newPanel(t, paneltest.InMemory(), paneltest.WithVersion("1.11"))
		for i := range 4 {
			must(t, older, older.UserKey, http.MethodPut, accountPath+"/email", fmt.Sprintf(`{"email":"a%d@example.org","password":"password"}`, i))
		}
	})
}

// Panel 1.12.3 finds out that something does not exist, or that a key is of the
// wrong kind, before it counts a request. Older ones count first.
func TestSomeRequestsAreNotCounted(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		application  bool // it goes to the Application API
		path         string
		other        bool // with a key of the other API
		countedByNew bool
	}{
		{path: "/servers/00000000"},
		{path: "/servers/LOBBY/schedules/99"},
		{path: "/servers/LOBBY/backups/00000000-0000-0000-0000-000000000000"},
		{path: "/servers/LOBBY/users/00000000-0000-0000-0000-000000000000"},
		{path: "/servers/PROXY", countedByNew: true},             // it is another's
		{path: "/servers/LOBBY/users/ADMIN", countedByNew: true}, // who is no subuser
		{path: "/account", other: true},
		{application: true, path: "/users/99"},
		{application: true, path: "/users/none"},
		{application: true, path: "/users/external/none", countedByNew: true}, // which is no key of a row
		{application: true, path: "/users", other: true},
	} {
		for _, version := range []string{"1.11", "1.12.3"} {
			panel := newPanel(t, paneltest.WithVersion(version))
			admin, _ := must(t, panel, panel.ApplicationKey, http.MethodGet, "/api/application/users/1", "").attributes()["uuid"].(string)
			path := strings.NewReplacer("LOBBY", identify(t, panel, "lobby"), "ADMIN", admin,
				"PROXY", fmt.Sprint(must(t, panel, panel.ApplicationKey, http.MethodGet, "/api/application/servers/5", "").attributes()["identifier"]),
			).Replace(test.path)
			api, key, witness := "/api/client", panel.UserKey, "/api/client/account"
			if test.application {
				api, key, witness = "/api/application", panel.ApplicationKey, "/api/application/locations"
			}
			used := key
			if test.other && test.application {
				used = panel.UserKey
			} else if test.other {
				used = panel.ApplicationKey
			}
			before, _ := strconv.Atoi(must(t, panel, key, http.MethodGet, witness, "").header.Get("X-RateLimit-Remaining"))
			answer := do(t, panel, used, http.MethodGet, api+path, "")
			after, _ := strconv.Atoi(must(t, panel, key, http.MethodGet, witness, "").header.Get("X-RateLimit-Remaining"))
			counted := version == "1.11" || test.countedByNew
			if told := answer.header.Get("X-RateLimit-Limit") != ""; answer.status < 400 || told != counted {
				t.Errorf("%s: %s is answered %d %v", version, test.path, answer.status, answer.header)
			}
			if !test.other && (before-after == 2) != counted {
				t.Errorf("%s: %s: %d remained, then %d", version, test.path, before, after)
			}
		}
	}
}
