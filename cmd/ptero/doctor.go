package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

// check is what the doctor found out about one thing.
type check struct {
	Name   string   `json:"check"`
	Result ui.State `json:"result"` // ok, warning, failed or skipped
	Detail string   `json:"detail"`
	Advice string   `json:"advice,omitempty"`
}

const (
	checkOK      ui.State = "ok"
	checkWarning ui.State = "warning"
	checkFailed  ui.State = "failed"
	checkSkipped ui.State = "skipped"
)

// doctorTimeout bounds each request: somebody waits.
const doctorTimeout = 15 * time.Second

func doctorCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "doctor [SERVER]", Short: "Find out what is wrong: address, keys, limits, console",
		Long: `Find out what is wrong: the address of the Panel, the kind and the rights of the
keys, what is left of the rate limits, and whether the console of a server opens,
which needs a token of the Panel, an Origin that Wings accepts, and a Panel and a
Wings that fit each other. Nothing is changed.`,
		Args: args("[SERVER]"), ValidArgsFunction: completeArgs(a, 1),
		RunE: runE(func(ctx context.Context, args []string) error {
			d := &doctor{app: a}
			name := ""
			if len(args) > 0 {
				name = args[0]
			}
			if err := d.examine(ctx, name); err != nil {
				return err
			}
			return d.report()
		}),
	}
}

// doctor collects what it found out.
type doctor struct {
	app    *app
	checks []check

	mu     sync.Mutex
	header http.Header // of the last answer
	took   time.Duration
}

func (d *doctor) add(name string, result ui.State, detail, advice string) {
	d.checks = append(d.checks, check{name, result, detail, advice})
}

// fail adds a check that an error ended.
func (d *doctor) fail(name string, err error) {
	text, hint := explain(err)
	if strings.Contains(hint, "ptero doctor") {
		hint = "Open the address in a browser of this machine: the Panel must come up there."
	}
	d.add(name, checkFailed, ui.Clean(text), hint)
}

// options make a client that gives up soon and shows its answers to the doctor.
func (d *doctor) options() []client.Option {
	return []client.Option{client.WithRetries(0), client.WithTimeout(doctorTimeout), client.WithMiddleware(func(next client.Sender) client.Sender {
		return func(req *http.Request, call client.Call) (*http.Response, error) {
			begun := time.Now()
			resp, err := next(req, call)
			if err == nil {
				d.mu.Lock()
				d.header, d.took = resp.Header, time.Since(begun)
				d.mu.Unlock()
			}
			return resp, err
		}
	})}
}

func (d *doctor) examine(ctx context.Context, name string) error {
	s, err := d.app.open()
	if err != nil {
		return err
	}
	d.add("Login", checkOK, s.url+", from "+s.source, "")
	d.address(s.url)
	reached := true
	if s.client != "" {
		reached = d.clientKey(ctx, name)
	} else {
		d.add("Client key", checkSkipped, "none", "A client key (ptlc_) is needed for servers, consoles and files. Store one with: ptero auth login")
	}
	if s.application != "" && reached {
		d.applicationKey(ctx)
	}
	return ctx.Err()
}

// address looks at the address itself.
func (d *doctor) address(text string) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" {
		return
	}
	if ip, err := netip.ParseAddr(u.Hostname()); u.Hostname() == "localhost" || err == nil && ip.IsLoopback() {
		return
	}
	d.add("Encryption", checkWarning, "the address begins with http://, so that the key can be read on the way", "Use https://, if the Panel has it: ptero auth login "+strings.Replace(text, "http://", "https://", 1))
}

// clientKey tries a client key, and reports whether the Panel was reached.
func (d *doctor) clientKey(ctx context.Context, name string) bool {
	c, err := d.app.client(d.options()...)
	if err != nil {
		d.fail("Client key", err)
		return true
	}
	account, err := c.Account.Get(ctx)
	if err != nil {
		if d.header == nil {
			d.fail("Panel", err)
			return false
		}
		d.fail("Client key", err)
		return true
	}
	d.reached()
	rights := "the Client API only"
	if account.Admin {
		rights = "an administrator: both APIs, all rights"
	}
	d.add("Client key", checkOK, fmt.Sprintf("of %s <%s>, %s", account.Username, account.Email, rights), "")
	d.limits("Client API")
	d.servers(ctx, c, name)
	return true
}

// reached records that the Panel answered, and how fast.
func (d *doctor) reached() {
	d.add("Panel", checkOK, "answers in "+d.took.Round(time.Millisecond).String(), "")
	const tolerance = 2 * time.Minute
	if date, err := http.ParseTime(d.header.Get("Date")); err == nil {
		if skew := time.Since(date); skew.Abs() > tolerance {
			d.add("Clock", checkWarning, "this machine and the Panel differ by "+ui.Duration(skew.Abs()), "Tokens live ten minutes only. Set the clock of whichever is wrong.")
		}
	}
}

// limits records what the last answer said about the rate limit.
func (d *doctor) limits(api string) {
	limit, err := strconv.Atoi(d.header.Get("X-RateLimit-Limit"))
	left, err2 := strconv.Atoi(d.header.Get("X-RateLimit-Remaining"))
	if err != nil || err2 != nil {
		return
	}
	result, advice := checkOK, ""
	if left < limit/10 {
		result, advice = checkWarning, "Other programs use this account too. ptero waits when the limit is reached."
	}
	d.add("Rate limit", result, fmt.Sprintf("%s: %d of %d requests left in this minute", api, left, limit), advice)
}

// servers looks at the servers of the account, and at the console of one.
func (d *doctor) servers(ctx context.Context, c *client.Client, name string) {
	all, err := collect(c.Servers.All(ctx, client.ServerListOptions{}))
	if err != nil {
		d.fail("Servers", err)
		return
	}
	ready := 0
	var chosen *client.Server
	for _, s := range all {
		if serverStatus(s) == "ready" {
			if ready++; chosen == nil {
				chosen = s
			}
		}
	}
	d.add("Servers", checkOK, fmt.Sprintf("%s, %d of them ready", ui.Count(len(all), "server"), ready), "")
	if name != "" {
		if _, chosen, err = d.app.server(ctx, name); err != nil {
			d.fail("Console", err)
			return
		}
	}
	if chosen == nil {
		d.add("Console", checkSkipped, "there is no server to try it with", "")
		return
	}
	d.console(ctx, c, chosen)
}

// console tries the console of a server.
func (d *doctor) console(ctx context.Context, c *client.Client, s *client.Server) {
	access, err := c.Servers.Get(ctx, s.UUID)
	if err != nil {
		d.fail("Console", err)
		return
	}
	d.add("Permissions", checkOK, "on "+s.Name+": "+permissions(access), "")
	if !may(access, client.PermissionWebsocketConnect) {
		d.add("Console", checkSkipped, "of "+s.Name+": the account may not open it", "The owner of the server can grant the permission "+string(client.PermissionWebsocketConnect)+".")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, doctorTimeout)
	defer cancel()
	switch advice, problem := tryConsole(ctx, c, s); {
	case problem != nil:
		text, hint := explain(problem)
		if advice != "" {
			hint = advice
		}
		d.add("Console", checkFailed, "of "+s.Name+": "+ui.Clean(text), hint)
	default:
		d.add("Console", checkOK, "of "+s.Name+" opens; Panel and Wings fit", "")
	}
}

func may(access *client.ServerAccess, permission client.Permission) bool {
	if access.IsServerOwner {
		return true
	}
	for _, p := range access.UserPermissions {
		if p == permission || p == client.PermissionAll {
			return true
		}
	}
	return false
}

func permissions(access *client.ServerAccess) string {
	if may(access, client.PermissionAll) {
		return "all"
	}
	names := make([]string, len(access.UserPermissions))
	for i, p := range access.UserPermissions {
		names[i] = string(p)
	}
	return strings.Join(names, ", ")
}

// applicationKey tries which things an application key may read.
func (d *doctor) applicationKey(ctx context.Context) {
	c, err := d.app.admin(d.options()...)
	if err != nil {
		d.fail("Application key", err)
		return
	}
	var granted, denied []string
	for _, right := range []struct {
		name string
		try  func() error
	}{
		{"users", func() error { _, err := c.Users.List(ctx, application.UserListOptions{PerPage: 1}); return err }},
		{"nodes", func() error { _, err := c.Nodes.List(ctx, application.NodeListOptions{PerPage: 1}); return err }},
		{"locations", func() error {
			_, err := c.Locations.List(ctx, application.LocationListOptions{PerPage: 1})
			return err
		}},
		{"nests", func() error { _, err := c.Nests.List(ctx, application.NestListOptions{PerPage: 1}); return err }},
		{"servers", func() error { _, err := c.Servers.List(ctx, application.ServerListOptions{PerPage: 1}); return err }},
	} {
		switch err := right.try(); {
		case err == nil:
			granted = append(granted, right.name)
		case errors.Is(err, client.ErrUnsupported): // Pelican has no nests and no locations
		case errors.Is(err, client.ErrForbidden):
			denied = append(denied, right.name)
		default:
			d.fail("Application key", err)
			return
		}
	}
	result, advice, detail := checkOK, "", "may read "+strings.Join(granted, ", ")
	if len(granted) == 0 {
		detail = "may read nothing"
	}
	if len(denied) > 0 {
		result, detail = checkWarning, detail+"; not "+strings.Join(denied, ", ")
		advice = "The rights of a key are chosen when it is made, under Admin, Application API."
	}
	d.add("Application key", result, detail, advice)
	d.limits("Application API")
}

// report writes what was found, and fails if something is broken.
func (d *doctor) report() error {
	failed := 0
	for _, c := range d.checks {
		if c.Result == checkFailed {
			failed++
		}
	}
	a := d.app
	switch a.format {
	case ui.JSON, ui.YAML:
		if err := ui.Value(a.Terminal, a.format, d.checks); err != nil {
			return err
		}
	default:
		signs := map[ui.State]string{checkOK: "✓", checkWarning: "!", checkFailed: "✗", checkSkipped: "-"}
		for _, c := range d.checks {
			a.Printf("%s %-15s %s\n", a.Paint(c.Result.Style(), signs[c.Result]), c.Name, ui.Clean(c.Detail))
			for line := range strings.Lines(c.Advice) {
				a.Printf("%18s%s\n", "", strings.TrimSpace(line))
			}
		}
	}
	if failed > 0 {
		return fmt.Errorf("%s failed", ui.Count(failed, "check"))
	}
	return nil
}
