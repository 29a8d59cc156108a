package paneltest_test

import (
	"fmt"
	"net/http"
	"strconv"
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

// Panel 1.12 has limits of its own for what is made, each per server.
func TestLimitsOf112(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		method, path, body string
		limit              int
	}{
		{http.MethodGet, "/websocket", "", 5},
		{http.MethodPost, "/databases", "{}", 2},
		{http.MethodPost, "/schedules", "{}", 2},
		{http.MethodPost, "/network/allocations", "{}", 2},
		{http.MethodPost, "/users", "{}", 10},
		{http.MethodPost, "/files/pull", "{}", 5},
	} {
		t.Run(test.path, func(t *testing.T) {
			t.Parallel()
			for version, limited := range map[string]bool{"1.11": false, "1.12": true} {
				panel := newPanel(t, paneltest.WithVersion(version))
				refused := 0
				for range test.limit + 1 {
					answer := do(t, panel, panel.UserKey, test.method, "/api/client/servers/"+identify(t, panel, "lobby")+test.path, test.body)
					if answer.status == http.StatusTooManyRequests {
						refused++
					}
				}
				if other := do(t, panel, panel.UserKey, test.method, "/api/client/servers/"+identify(t, panel, "survival")+test.path, test.body); other.status == http.StatusTooManyRequests {
					t.Errorf("%s: another server is limited, too", version)
				}
				if limited != (refused == 1) {
					t.Errorf("%s: %d of %d requests are refused", version, refused, test.limit+1)
				}
			}
		})
	}
}
