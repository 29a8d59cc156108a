package paneltest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptero-go/ptero/paneltest"
)

// spoiled is a Panel for tests of faults, whose answers follow no document.
func spoiled(t *testing.T, opts ...paneltest.Option) *paneltest.Panel {
	t.Helper()
	panel, err := paneltest.New(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(panel.Close)
	return panel
}

const accountPath = "/api/client/account"

// faultCases are all faults, with what a client sees of them.
var faultCases = []struct {
	fault paneltest.Fault
	name  string // for the control method
	seen  func(reply, error) bool
}{
	{paneltest.FaultStatus(http.StatusBadGateway), "502", func(r reply, err error) bool {
		return err == nil && r.status == http.StatusBadGateway && r.first() == "DaemonConnectionException"
	}},
	{paneltest.FaultStatus(http.StatusInternalServerError), "500", func(r reply, err error) bool {
		return err == nil && r.status == http.StatusInternalServerError && r.first() == "HttpException"
	}},
	{paneltest.FaultRateLimited(7 * time.Second), "429 7s", func(r reply, err error) bool {
		return err == nil && r.status == http.StatusTooManyRequests && r.first() == "ThrottleRequestsException" &&
			r.header.Get("Retry-After") == "7" && r.header.Get("X-RateLimit-Reset") != ""
	}},
	{paneltest.FaultHTML, "html", func(r reply, err error) bool {
		return err == nil && r.status == http.StatusOK && strings.HasPrefix(r.header.Get("Content-Type"), "text/html")
	}},
	{paneltest.FaultGarbage, "garbage", func(r reply, err error) bool {
		return err == nil && r.status == http.StatusOK && !json.Valid(r.body) && r.header.Get("Content-Type") == "application/json"
	}},
	{paneltest.FaultTruncated, "truncated", func(r reply, err error) bool {
		return errors.Is(err, io.ErrUnexpectedEOF) && len(r.body) > 0 && !json.Valid(r.body)
	}},
	{paneltest.FaultReset, "reset", func(r reply, err error) bool { return err != nil && r.status == 0 }},
	{paneltest.FaultLost, "lost", func(r reply, err error) bool { return err != nil && r.status == 0 }},
	{paneltest.FaultDelay(time.Millisecond), "delay 1ms", func(r reply, err error) bool { return err == nil && r.status == http.StatusOK }},
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, test := range faultCases {
		causes := map[string]func(*paneltest.Panel) error{
			"by the method": func(panel *paneltest.Panel) error { return panel.Fail("clientGetAccount", 2, test.fault) },
			"by the control method": func(panel *paneltest.Panel) error {
				return control(t, panel, "fail", fmt.Sprintf(`{"operation":"clientGetAccount","times":2,"faults":[%q]}`, test.name))
			},
		}
		for how, cause := range causes {
			t.Run(test.name+" "+how, func(t *testing.T) {
				t.Parallel()
				panel := spoiled(t, paneltest.WithControl())
				ask := func() (reply, error) {
					return try(panel, newRequest(t, panel, panel.UserKey, http.MethodGet, accountPath, ""))
				}
				if _, err := ask(); err != nil { // so that there is a connection to be used again
					t.Fatal(err)
				}
				if err := cause(panel); err != nil {
					t.Fatal(err)
				}
				must(t, panel, panel.UserKey, http.MethodGet, "/api/client", "") // another operation
				for i := range 2 {
					if answer, err := ask(); !test.seen(answer, err) {
						t.Errorf("request %d: %d %v %s, %v", i+1, answer.status, answer.header, answer.body, err)
					}
				}
				if answer, err := ask(); err != nil || answer.status != http.StatusOK {
					t.Errorf("after it: %d, %v", answer.status, err)
				}
			})
		}
	}
}

// control sends a request to the control method.
func control(t *testing.T, panel *paneltest.Panel, path, body string) error {
	t.Helper()
	answer, err := try(panel, newRequest(t, panel, "", http.MethodPost, "/control/"+path, body))
	if err == nil && answer.status != http.StatusNoContent {
		err = fmt.Errorf("status %d: %s", answer.status, answer.body)
	}
	return err
}

func TestFaultsAddUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		panel := spoiled(t, paneltest.InMemory())
		for _, err := range []error{
			panel.Fail("", 1, paneltest.FaultDelay(time.Minute), paneltest.FaultStatus(503)),
			panel.Fail("clientGetAccount", 1, paneltest.FaultStatus(500)),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		begin := time.Now()
		for _, want := range []int{503, 500, 200} {
			if answer := do(t, panel, panel.UserKey, http.MethodGet, accountPath, ""); answer.status != want {
				t.Errorf("status %d, want %d", answer.status, want)
			}
		}
		if took := time.Since(begin); took != time.Minute {
			t.Errorf("it took %v", took)
		}
	})
}

func TestWhatIsLostIsDone(t *testing.T) {
	t.Parallel()
	panel := spoiled(t)
	keys := "/api/client/account/api-keys"
	for _, test := range []struct {
		fault paneltest.Fault
		made  int
	}{{paneltest.FaultReset, 0}, {paneltest.FaultLost, 1}, {paneltest.FaultTruncated, 2}} {
		if err := panel.Fail("clientCreateApiKey", 1, test.fault); err != nil {
			t.Fatal(err)
		}
		if answer, err := try(panel, newRequest(t, panel, panel.UserKey, http.MethodPost, keys, `{"description":"new"}`)); err == nil {
			t.Errorf("%s: %d %s", test.fault, answer.status, answer.body)
		}
		if n := len(must(t, panel, panel.UserKey, http.MethodGet, keys, "").items()); n != 1+test.made {
			t.Errorf("%s: there are %d keys, want %d", test.fault, n, 1+test.made)
		}
	}
}

func TestFaultsThatDoNotExist(t *testing.T) {
	t.Parallel()
	panel := spoiled(t, paneltest.WithControl())
	for _, fault := range []paneltest.Fault{"", "flood", "200", "600", "delay", "delay long", "html 1s", "429 soon"} {
		if err := panel.Fail("", 1, fault); err == nil {
			t.Errorf("there is a fault %q", fault)
		}
	}
	for name, err := range map[string]error{
		"operation": panel.Fail("clientFly", 1, paneltest.FaultHTML), "times": panel.Fail("", 0, paneltest.FaultHTML),
		"none": panel.Fail("", 1), "node": panel.StopNode(99), "server": panel.Suspend("none"), "limit": panel.SetRateLimits(0, 1),
		"control": control(t, panel, "fail", `{"faults":["flood"]}`), "nonsense": control(t, panel, "fail", `{`),
		"what is not there": control(t, panel, "fly", ""), "a machine": panel.Crash("none"), "lines": panel.Print("none", "x"),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if answer := do(t, spoiled(t), "", http.MethodPost, "/control/drop-sockets", ""); answer.status != http.StatusNotFound {
		t.Errorf("without the option: %d %s", answer.status, answer.body)
	}
}

// Each event is caused by its method and by the control method, and must change
// what a client sees.
func TestEvents(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		cause  func(panel *paneltest.Panel, server string) error
		order  string // with the server in place of SERVER
		undo   string
		before func(*testing.T, *paneltest.Panel, string) bool // what must hold before, and no longer after
	}{
		{
			"stop-node", func(panel *paneltest.Panel, _ string) error { return panel.StopNode(1) }, `{"node":1}`, "start-node",
			func(t *testing.T, panel *paneltest.Panel, server string) bool {
				t.Helper()
				return do(t, panel, panel.UserKey, http.MethodGet, server+"/files/list", "").status == http.StatusOK
			},
		},
		{
			"suspend", func(panel *paneltest.Panel, id string) error { return panel.Suspend(id) }, `{"server":"SERVER"}`, "unsuspend",
			func(t *testing.T, panel *paneltest.Panel, server string) bool {
				t.Helper()
				return do(t, panel, panel.UserKey, http.MethodGet, server+"/files/list", "").status == http.StatusOK
			},
		},
		{
			"rate-limits", func(panel *paneltest.Panel, _ string) error { return panel.SetRateLimits(10, 10) }, `{"client":10,"application":10}`, "",
			func(t *testing.T, panel *paneltest.Panel, _ string) bool {
				t.Helper()
				return do(t, panel, panel.UserKey, http.MethodGet, accountPath, "").header.Get("X-RateLimit-Limit") == "256"
			},
		},
	} {
		for _, controlled := range []bool{false, true} {
			t.Run(test.name+" "+strconv.FormatBool(controlled), func(t *testing.T) {
				t.Parallel()
				panel := newPanel(t, paneltest.WithControl())
				id := identify(t, panel, "lobby")
				server := "/api/client/servers/" + id
				if !test.before(t, panel, server) {
					t.Fatal("it is so before")
				}
				order := strings.ReplaceAll(test.order, "SERVER", id)
				var err error
				if controlled {
					err = control(t, panel, test.name, order)
				} else {
					err = test.cause(panel, id)
				}
				if err != nil || test.before(t, panel, server) {
					t.Errorf("nothing has changed: %v", err)
				}
				if test.undo == "" {
					return
				}
				if err := control(t, panel, test.undo, order); err != nil || !test.before(t, panel, server) {
					t.Errorf("it is not undone: %v", err)
				}
			})
		}
	}
}

func TestControlListsItself(t *testing.T) {
	t.Parallel()
	panel := newPanel(t, paneltest.WithControl())
	list := string(do(t, panel, "", http.MethodGet, "/control/", "").body)
	names := []string{
		"POST fail", "POST clear-faults", "POST rate-limits", "POST expire-tokens", "POST revoke-tokens", "POST drop-sockets", "POST restart-wings",
		"POST stop-node", "POST start-node", "POST suspend", "POST unsuspend", "POST crash", "POST transfer", "POST print",
		"POST black-hole", "POST freeze", "POST refuse-dials", "POST cut-sockets",
		"GET requests", "GET commands", "GET lines", "GET server", "GET faults",
	}
	for _, name := range names {
		method, path, _ := strings.Cut(name, " ")
		if !strings.Contains(list, method+" /control/"+path) {
			t.Errorf("%s is not in the list:\n%s", name, list)
		}
	}
	if lines := strings.Count(list, "\n"); lines != len(names) {
		t.Errorf("there are %d controls, %d are tested", lines, len(names))
	}
}
