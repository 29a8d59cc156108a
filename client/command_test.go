package client_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/internal/recorded"
)

// A text with a line break would be two commands: nothing of it is sent.
func TestCommandIsOneLine(t *testing.T) {
	t.Parallel()
	sent := 0
	c := newClient(t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
		sent++
		w.WriteHeader(http.StatusNoContent)
	}))
	for _, command := range []string{
		"say a\nstop", "say a\rstop", "say a\r\n", "", "say \x03", "say \xff", "say " + strings.Repeat("x", 4092),
	} {
		var e *client.ArgumentError
		if err := c.Servers.Command(t.Context(), testServer, command); !errors.As(err, &e) || e.Argument != "command" {
			t.Errorf("%.20q: err = %v, want an *ArgumentError", command, err)
		}
	}
	if sent > 0 {
		t.Errorf("%d commands were sent", sent)
	}
	if err := c.Servers.Command(t.Context(), testServer, "say "+strings.Repeat("x", 4091)); err != nil || sent != 1 {
		t.Errorf("the longest command: %v, sent %d", err, sent)
	}
}

// The command of a task may have several lines, as in the Panel's own form; each
// is a command.
func TestCommandsOfATask(t *testing.T) {
	t.Parallel()
	c := newClient(t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"object":"schedule_task","attributes":{"id":1}}`)
	}))
	for payload, ok := range map[string]bool{
		"say a":                               true,
		"say a\nsay b\r\n\nsay c\n":           true,
		"":                                    false,
		"say a\nsay \x03":                     false,
		"say a\rstop":                         false,
		"say a\n" + strings.Repeat("x", 4096): false,
	} {
		_, err := c.Schedules.CreateTask(t.Context(), testServer, 1, client.CreateScheduleTaskRequest{Action: client.TaskActionCommand, Payload: payload})
		if (err == nil) != ok || err != nil && !errors.Is(err, client.ErrArgument) {
			t.Errorf("%.20q: err = %v", payload, err)
		}
	}
}

// A password that is no UTF-8 would become another one on its way.
func TestPasswordsAreUTF8(t *testing.T) {
	t.Parallel()
	c := newClient(t, serve(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s was sent", r.URL) }))
	for name, err := range map[string]error{
		"password":         c.Account.UpdatePassword(t.Context(), "old", "n\xe9w"),
		"current_password": c.Account.UpdatePassword(t.Context(), "\xff", "new password"),
	} {
		var e *client.ArgumentError
		if !errors.As(err, &e) || !strings.HasPrefix(e.Argument, name) && e.Argument != "password_confirmation" || e.Problem != "is not valid UTF-8" {
			t.Errorf("%s: err = %v", name, err)
		}
	}
}

// Whoever sends a command to a server that does not run can tell.
func TestCommandToAnOfflineServer(t *testing.T) {
	t.Parallel()
	all, err := recorded.Load()
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, e := range all {
		if !strings.HasSuffix(e.Request.Path, "/command") || e.Response.Status < 400 {
			continue
		}
		c := newClient(t, serve(t, answerWith(e.Response.Status, "application/json", string(e.Response.Body.Bytes()))))
		err := c.Servers.Command(t.Context(), testServer, "say hi")
		offline := strings.Contains(e.Name, "offline")
		if errors.Is(err, client.ErrOffline) != offline || offline && !strings.HasSuffix(err.Error(), "(start it first)") {
			t.Errorf("%s: err = %v, offline %t", e.Name, err, offline)
		}
		if offline {
			tried++
		}
	}
	if tried == 0 {
		t.Error("no such answer was recorded")
	}
	// A proxy's 502 says nothing about the server.
	c := newClient(t, serve(t, answerWith(502, "text/html", "<title>Bad gateway</title>")))
	if err := c.Servers.Command(t.Context(), testServer, "say hi"); errors.Is(err, client.ErrOffline) || !errors.Is(err, client.ErrServer) {
		t.Errorf("err = %v", err)
	}
	// Neither does the same of another call.
	c = newClient(t, serve(t, answerWith(502, "application/json", `{"errors":[{"code":"HttpException","status":"502","detail":"x"}]}`)), client.WithRetries(0))
	if _, err := c.Account.Get(t.Context()); errors.Is(err, client.ErrOffline) {
		t.Errorf("err = %v", err)
	}
}
